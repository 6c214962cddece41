"""A unit by hand: registered, changed, closed, reopened, compared with its look-alike."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from fire_supervision.lib.errors import RuleError
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from trail.models import AuditEntry
from units import actions
from units.models import Category, Kind, State, Unit

CODE = "92140781BJ1XG612DG"
TODAY = date(2026, 11, 2)
Browse = Callable[[User], Client]
MakeUnit = Callable[..., Unit]


def written(**changes: Any) -> dict[str, Any]:
    """What an officer types for a shop."""
    return {
        "kind": Kind.PREMISES,
        "category": Category.objects.get(code="SHOP").pk,
        "name": "好又多超市",
        "address": "南街1号",
        "person": "王五", "phone": "199-0000-0002", "credit_code": "", "residents": "no", "gas": "无",
    } | changes  # fmt: skip


def test_an_officer_registers_a_unit_of_his_station(browse: Browse, officer: User, station: Organisation) -> None:
    answer = browse(officer).post(reverse("units:create"), written(name=" 江城市 好又多超市"))
    unit = Unit.objects.get()
    assert answer["Location"] == reverse("unit_page", args=[unit.pk])
    assert (unit.station, unit.name_key, unit.phone, unit.residents) == (station, "好又多超市", "19900000002", False)
    assert AuditEntry.objects.get().summary == "登记单位：江城市好又多超市"


def test_an_officer_of_a_police_office_registers_into_his_office(
    browse: Browse, person: Callable[..., User], station: Organisation
) -> None:
    office = Organisation.objects.create(
        kind=OrganisationKind.OFFICE, name="北大街警务室", parent=station, bureau=station.bureau
    )
    local = person(Role.OFFICER, office, "何小军")
    browse(local).post(reverse("units:create"), written())
    unit = Unit.objects.get()
    assert (unit.office, unit.station) == (office, station)


def test_the_bureau_officer_says_which_station(
    browse: Browse, bureau_officer: User, sibling: Organisation, station: Organisation
) -> None:
    client = browse(bureau_officer)
    assert client.post(reverse("units:create"), written()).context["form"].errors.keys() == {"station"}
    client.post(reverse("units:create"), written(station=sibling.pk))
    assert Unit.objects.get().station == sibling


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"category": ""}, "category"),
        ({"phone": "1990000"}, "phone"),
        ({"name": "南街超市😀"}, "name"),
        ({"person": "孙大海🌹"}, "person"),
        ({"credit_code": "92140781BJ1XG612DX"}, "credit_code"),
        ({"credit_code": CODE}, "credit_code"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(
    browse: Browse, officer: User, make_unit: MakeUnit, changes: dict[str, str], field: str
) -> None:
    make_unit("先登记的", credit_code=CODE)
    answer = browse(officer).post(reverse("units:create"), written(**changes))
    assert answer.context["form"].errors.keys() == {field}
    assert "南街1号" in answer.content.decode()
    assert Unit.objects.count() == 1


def test_a_unit_at_the_same_name_and_address_is_noted_as_look_alike(
    browse: Browse, officer: User, make_unit: MakeUnit
) -> None:
    first = make_unit("好又多超市", address="南街1号")
    browse(officer).post(reverse("units:create"), written())
    assert Unit.objects.latest("pk").twin_of == first


def test_a_change_is_kept_with_what_stood_there_before(browse: Browse, officer: User, unit: Unit) -> None:
    url = reverse("units:edit", args=[unit.pk])
    form = written(name=unit.name, address="北大街62号", person="李四", phone=unit.phone, gas="", residents="")
    browse(officer).post(url, form)
    browse(officer).post(url, form)
    entry = AuditEntry.objects.get(action="units.change")
    assert (entry.before, entry.after) == ({"person": "刘桂香"}, {"person": "李四"})


@pytest.mark.slow
def test_a_strangers_unit_is_as_absent_as_a_missing_one(
    browse: Browse, stranger: User, supervisor: User, unit: Unit
) -> None:
    for name in ("units:edit", "units:close", "units:reopen", "units:decide_twin"):
        for pk in (unit.pk, 999_999):
            assert browse(stranger).post(reverse(name, args=[pk]), {"reason": "x"}).status_code == 404
        assert browse(supervisor).post(reverse(name, args=[unit.pk])).status_code == 403


def test_closing_needs_a_reason_and_reopening_too(browse: Browse, officer: User, unit: Unit) -> None:
    client, close, reopen = browse(officer), *(reverse(f"units:{name}", args=[unit.pk]) for name in ("close", "reopen"))
    assert client.post(close, {"reason": " "}).status_code == 409
    assert client.post(close, {"reason": "搬走"}).status_code == 302
    unit.refresh_from_db()
    assert (unit.state, unit.closed_reason) == (State.CLOSED, "搬走")

    assert client.post(close, {"reason": "再关一次"}).status_code == 409
    assert client.post(reopen, {"reason": ""}).status_code == 409
    assert client.post(reopen, {"reason": "又开了"}).status_code == 302
    unit.refresh_from_db()
    assert (unit.state, unit.closed_on, unit.closed_reason) == (State.OPEN, None, "")
    entries = list(AuditEntry.objects.order_by("pk").values_list("action", "reason"))
    done = [entry for entry in entries if entry[0] != "units.refused"]
    assert done == [("units.close", "搬走"), ("units.reopen", "又开了")]
    assert entries.count(("units.refused", "")) == 2  # at each of the two addresses, once a minute


@pytest.mark.slow
def test_an_assistant_keeps_the_entry_and_decides_neither_its_end_nor_which_of_two_stays(
    browse: Browse, officer: User, assistant: User, make_unit: MakeUnit
) -> None:
    first = make_unit("甲店")
    second = make_unit("甲店", twin_of=first)
    acts = [reverse(f"units:{name}", args=[second.pk]) for name in ("close", "reopen", "decide_twin")]
    pages = [reverse("units:edit", args=[second.pk]), second.get_absolute_url(), reverse("units:twins")]
    offered = ("登记关闭", "登记关闭", "是同一家")
    for user, may in ((assistant, False), (officer, True)):
        client = browse(user)
        shown = [client.get(page) for page in pages]
        assert [each.status_code for each in shown] == [200] * 3
        assert [words in each.content.decode() for words, each in zip(offered, shown, strict=True)] == [may] * 3
    assert [browse(assistant).post(act, {"reason": "搬走"}).status_code for act in acts] == [403] * 3
    second.refresh_from_db()
    assert (second.state, second.twin_of) == (State.OPEN, first)


def test_a_closed_unit_whose_code_lives_on_elsewhere_is_not_reopened(officer: User, make_unit: MakeUnit) -> None:
    closed = make_unit("旧店", credit_code=CODE, state=State.CLOSED, closed_on=TODAY, closed_reason="换人")
    make_unit("新店", credit_code=CODE)
    with pytest.raises(RuleError, match="本所已有这个信用代码的单位：新店"):
        actions.reopen(closed.pk, "又开了", TODAY, by=officer)


def test_look_alikes_stand_side_by_side_and_can_both_stay_or_the_later_one_goes(
    browse: Browse, officer: User, make_unit: MakeUnit
) -> None:
    first = make_unit("甲店")
    second, third = make_unit("甲店", twin_of=first), make_unit("甲店", twin_of=first)
    client = browse(officer)
    assert [unit.pk for unit in client.get(reverse("units:twins")).context["page"].rows] == [second.pk, third.pk]

    client.post(reverse("units:decide_twin", args=[second.pk]), {"decision": "keep"})
    client.post(reverse("units:decide_twin", args=[third.pk]), {"decision": "close"})
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.twin_of, second.state) == (None, State.OPEN)
    assert (third.state, third.closed_reason) == (State.CLOSED, f"与“甲店”（编号 {first.pk}）重复登记")
    assert client.get(reverse("units:twins")).context["page"].rows == []
    assert client.post(reverse("units:decide_twin", args=[second.pk]), {"decision": "keep"}).status_code == 409


def test_the_latest_visit_is_remembered_and_an_earlier_one_changes_nothing(unit: Unit) -> None:
    for on in (date(2026, 3, 1), date(2026, 5, 1), date(2026, 4, 1)):
        actions.note_visit(unit.pk, on)
    unit.refresh_from_db()
    assert unit.last_visited_on == date(2026, 5, 1)


@pytest.mark.parametrize(("left", "latest"), [([date(2026, 3, 1), date(2026, 4, 1)], date(2026, 4, 1)), ([], None)])
def test_the_latest_visit_falls_back_to_what_is_left(unit: Unit, left: list[date], latest: date | None) -> None:
    actions.note_visit(unit.pk, date(2026, 5, 1))
    actions.set_visits(unit.pk, left)
    unit.refresh_from_db()
    assert unit.last_visited_on == latest


def test_the_facts_of_an_entry_count_towards_its_completeness(make_unit: MakeUnit) -> None:
    bare, full = make_unit("甲店", person="", phone=""), make_unit("乙店", area=40, staff=3)
    assert (bare.filled_facts, full.filled_facts, full.wanted_facts) == (4, 8, 14)


def test_look_alikes_can_be_exported_in_pairs(browse: Browse, chief: User, make_unit: MakeUnit) -> None:
    make_unit("甲店", twin_of=make_unit("甲店", credit_code=CODE))
    answer = browse(chief).get(reverse("units:twins"), {"export": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = [row[:5] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert rows == [("先", "甲店", "北大街62号", "小商店", CODE), ("后", "甲店", "北大街62号", "小商店", None)]
