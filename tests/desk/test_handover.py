"""移交, the pages: who has what, the preview bound to what was seen, the act in one go, the return."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from deadlines.actions import start_clock
from deadlines.models import Clock
from desk.handover import holders, orphaned
from hazards.models import Order
from inspections.actions import start
from inspections.models import Inspection
from stations.models import Organisation, User
from stations.permissions import Role
from tests.hazards.conftest import conclude, find, moment, open_visit, order, serve, served, visit  # noqa: F401 - fixtures
from tests.inspections.complaints import received
from units import yearly
from units.models import Handover, HandoverState, Unit

Browse = Callable[[User], Client]
MakeUnit = Callable[..., Unit]
TODAY = date(2026, 10, 9)
LIST = reverse("handover")


@pytest.fixture(autouse=True)
def _on_a_friday() -> Iterator[None]:
    with time_machine.travel(moment(TODAY, 9), tick=False):
        yield


def page_of(person: User | None) -> str:
    return reverse("desk:hand_over", args=[person.pk]) if person else reverse("desk:hand_over_unassigned")


def filled(client: Client, url: str, receiver: User, **changes: Any) -> dict[str, Any]:
    """The form of the preview as it is shown, every unit ticked."""
    context = client.get(url).context
    load, form = context["load"], context["form"]
    return {
        "receiver": receiver.pk, "reason": "LEFT", "note": "", "until": "", "key": form.initial["key"],
        "seen": form.initial["seen"], "ids": [unit.pk for unit in load.units],
    } | changes  # fmt: skip


def names_of_officers() -> dict[str, str]:
    units = Unit.objects.select_related("officer").order_by("pk")
    return {unit.name: unit.officer.name if unit.officer else "" for unit in units}


def test_the_preview_says_what_moves_and_what_stays(
    browse: Browse, chief: User, officer: User, served: Order, make_unit: MakeUnit  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    inn = make_unit("鑫源旅馆", address="北大街65号")
    start(officer, inn, TODAY, now())
    received(officer, premises="某处")
    yearly.open_year(TODAY)
    page = browse(chief).get(page_of(officer))
    load = page.context["load"]
    assert [unit.name for unit in load.units] == ["万家福便利超市", "鑫源旅馆"]
    assert [hazard.deadline for hazard in load.hazards] == [date(2026, 9, 30)] * 2
    assert [(clock.rule_code, said, tone) for clock, said, tone in page.context["duties"]] == [
        ("COMPLAINT_EXIT", "逾期 347 小时", "over"),
        ("RECHECK", "还剩 1 个工作日", "soon"),
        ("COMPLAINT_FEEDBACK", "还剩 4 天", "soon"),
    ]
    assert len(load.yearly) == 1, "the served unit was seen this year"
    assert [complaint.premises for complaint in load.complaints] == ["某处"]
    assert [draft.unit.name for draft in load.drafts] == ["鑫源旅馆"]
    assert [number for _, number in load.categories] == [2]


def test_the_whole_caseload_moves_in_one_act_and_history_keeps_the_old_name(
    browse: Browse, chief: User, officer: User, partner: User, served: Order, visit: Inspection  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    complaint = received(officer, premises="某处")
    client, url = browse(chief), page_of(officer)
    answer = client.post(url, filled(client, url, partner, note="调市局"), follow=True)

    assert "已移交给张海涛：1 户" in answer.content.decode()
    assert names_of_officers() == {"万家福便利超市": "张海涛"}
    owners = {clock.key.partition(":")[0]: (clock.state, clock.owner) for clock in Clock.objects.filter(doer="STATION")}
    assert owners == {
        "serve": ("MET", officer), "recheck": ("RUNNING", partner), "complaint_check": ("RUNNING", partner),
        "complaint_answer": ("RUNNING", partner),
    }  # fmt: skip
    for row in (served, visit, complaint):
        row.refresh_from_db()
    assert (served.issued_by, served.service.server, visit.lead) == (officer, officer, officer)
    assert served.document is not None
    assert served.document.issued_by == officer
    assert (complaint.handler, complaint.received_by) == (partner, officer)
    row = Handover.objects.get()
    assert (row.unit_ids, row.complaint_ids, row.handed_by) == ([served.unit_id], [complaint.pk], chief)
    assert row.counts == {"units": 1, "clocks": 3, "hazards": 2, "complaints": 1, "drafts": 0}


def test_an_unticked_unit_stays_with_its_duties(
    browse: Browse, chief: User, officer: User, partner: User, make_unit: MakeUnit
) -> None:
    first, second = make_unit("甲店"), make_unit("乙店")
    yearly.open_year(TODAY)
    client, url = browse(chief), page_of(officer)
    client.post(url, filled(client, url, partner, ids=[second.pk]))
    assert names_of_officers() == {"甲店": "李建平", "乙店": "张海涛"}
    owners = dict(Clock.objects.values_list("unit_id", "owner"))
    assert owners == {first.pk: officer.pk, second.pk: partner.pk}


@pytest.mark.slow
@pytest.mark.parametrize("change", ["unit", "duty", "complaint"])
def test_what_changed_since_the_preview_is_shown_and_nothing_moves_unseen(
    browse: Browse, chief: User, officer: User, partner: User, make_unit: MakeUnit, change: str
) -> None:
    shop = make_unit("甲店")
    client, url = browse(chief), page_of(officer)
    form = filled(client, url, partner)
    if change == "unit":
        make_unit("乙店")
    elif change == "duty":
        start_clock(
            "RECHECK", key="new", subject=shop, label="复查", url="/", scope=shop, owner=officer, started_on=TODAY
        )
    else:
        received(officer)

    answer = client.post(url, form)

    assert (answer.status_code, answer.context["changed"].message) == (409, "核对期间有变化，没有移交。")
    assert set(names_of_officers().values()) == {"李建平"}
    shown = answer.context["form"]["seen"].value()
    again = form | {"seen": shown, "ids": [unit.pk for unit in answer.context["load"].units]}
    assert client.post(url, again).status_code == 302
    assert set(names_of_officers().values()) == {"张海涛"}


def test_the_same_form_sent_twice_moves_once(
    browse: Browse, chief: User, officer: User, partner: User, unit: Unit
) -> None:
    client, url = browse(chief), page_of(officer)
    form = filled(client, url, partner)
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert Handover.objects.count() == 1

    other_tab = form | {"key": "00000000-0000-4000-8000-000000000000"}
    assert client.post(url, other_tab).status_code == 409
    assert (Handover.objects.count(), names_of_officers()) == (1, {"万家福便利超市": "张海涛"})


@pytest.mark.slow
def test_an_absence_is_held_and_given_back(
    browse: Browse, chief: User, officer: User, partner: User, unit: Unit
) -> None:
    complaint = received(officer)
    client, url = browse(chief), page_of(officer)
    form = filled(client, url, partner, reason="AWAY")
    assert client.post(url, form).context["form"].errors == {"until": ["暂时离岗要填预计返岗的日期"]}
    assert client.post(url, form | {"until": "2026-10-08"}).context["form"].errors == {
        "until": ["返岗日期应为今天或以后"]
    }
    assert client.post(url, form | {"until": "2026-10-19"}).status_code == 302
    row = Handover.objects.get()
    assert [held for held, is_back in client.get(LIST).context["held"] if is_back] == [row]

    answer = client.post(reverse("desk:take_back", args=[row.pk]), follow=True)
    assert "已交回李建平：1 户。" in answer.content.decode()
    complaint.refresh_from_db()
    assert (names_of_officers(), complaint.handler) == ({"万家福便利超市": "李建平"}, officer)
    assert client.get(LIST).context["held"] == []
    assert client.post(reverse("desk:take_back", args=[row.pk])).status_code == 409


def test_without_a_receiver_nothing_moves_and_the_ticks_stay(
    browse: Browse, chief: User, officer: User, partner: User, make_unit: MakeUnit
) -> None:
    first, second = make_unit("甲店"), make_unit("乙店")
    client, url = browse(chief), page_of(officer)
    answer = client.post(url, filled(client, url, partner, ids=[second.pk]) | {"receiver": ""})
    assert (answer.context["form"].errors, answer.context["kept"]) == ({"receiver": ["请选择"]}, {first.pk})
    assert set(names_of_officers().values()) == {"李建平"}


def test_units_of_nobody_are_taken_in_one_act(
    browse: Browse, chief: User, officer: User, partner: User, make_unit: MakeUnit
) -> None:
    make_unit("甲店", officer=None), make_unit("乙店")
    client, url = browse(chief), page_of(None)
    assert client.post(url, filled(client, url, partner)).status_code == 302
    assert names_of_officers() == {"甲店": "张海涛", "乙店": "李建平"}
    assert client.get(url).context["load"].is_empty


def test_who_left_or_was_disabled_or_has_another_post_comes_first_until_his_work_is_handed_over(
    browse: Browse, chief: User, officer: User, partner: User, sibling: Organisation, station: Organisation,
    person: Callable[..., User], make_unit: MakeUnit,
) -> None:  # fmt: skip
    moved, disabled, desk, fit = (person(Role.OFFICER, station, name) for name in ("调", "停", "转", "在"))
    for one in (moved, disabled, desk, fit):
        make_unit(f"{one.name}的店", officer=one)
    make_unit("无人的店", officer=None)
    User.objects.filter(pk=moved.pk).update(organisation=sibling)
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    User.objects.filter(pk=desk.pk).update(role=Role.ASSISTANT)

    def lost() -> list[str]:
        return [one.person.name if one.person else "" for one in orphaned(chief, now())]

    assert lost() == ["调", "停", "转", ""]
    assert [one.person for one in holders(chief, now())[1]] == sorted(
        [chief, fit, officer, partner], key=lambda one: one.number
    )
    client = browse(chief)
    for one in (moved, disabled):
        assert client.post(page_of(one), filled(client, page_of(one), partner)).status_code == 302
    assert lost() == ["转", ""]
    assert names_of_officers()["调的店"] == names_of_officers()["停的店"] == "张海涛"


def test_a_handover_is_the_chiefs_of_the_station(
    browse: Browse, officer: User, stranger: User, supervisor: User, bureau_officer: User, chief: User, unit: Unit
) -> None:
    held = Handover.objects.create(
        **unit.scope_columns(), from_officer=officer, to_officer=chief, reason="AWAY", until=TODAY, unit_ids=[],
        state=HandoverState.HELD, handed_by=chief, handed_at=now(),
    )  # fmt: skip
    urls = [page_of(officer), reverse("desk:take_back", args=[held.pk])]
    for user, status in ((officer, 403), (supervisor, 403), (bureau_officer, 403), (stranger, 404)):
        assert [browse(user).post(url).status_code for url in urls] == [status] * 2
    assert browse(stranger).get(page_of(None)).context["load"].is_empty
    assert browse(stranger).get(LIST).context["held"] == []
    assert browse(chief).get(page_of(officer)).status_code == 200


@pytest.mark.slow
def test_the_pages_cost_the_same_queries_with_one_and_with_three_units(
    browse: Browse, chief: User, officer: User, partner: User, make_unit: MakeUnit,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    counts = []
    client = browse(chief)
    for names in (["甲"], ["乙", "丙"]):
        for name in names:
            shop = make_unit(name)
            start(officer, shop, TODAY, now())
            Handover.objects.create(
                **shop.scope_columns(), from_officer=officer, to_officer=partner, reason="AWAY", until=TODAY,
                unit_ids=[], state=HandoverState.HELD, handed_by=chief, handed_at=now(),
            )  # fmt: skip
        yearly.open_year(TODAY)
        for url in (LIST, page_of(officer)):
            client.get(url)
            with django_assert_max_num_queries(12) as asked:
                client.get(url)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_the_ledger_shows_the_chief_the_way(browse: Browse, chief: User, officer: User, unit: Unit) -> None:
    for user, shown in ((chief, True), (officer, False)):
        assert (f'href="{LIST}"' in browse(user).get(reverse("units:list")).content.decode()) is shown
