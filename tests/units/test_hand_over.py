"""Handing a caseload over and taking it back: what moves, what keeps its name, what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from deadlines.actions import meet_clock, start_clock
from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from stations.models import Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from trail.models import AuditEntry
from units import actions, handover, yearly
from units.handover import CaseloadChanged, Load, Terms
from units.models import Handover, HandoverState, Reason, Unit

MakeUnit = Callable[..., Unit]
TODAY = date(2026, 10, 9)
AT = datetime(2026, 10, 9, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
BACK = datetime(2026, 10, 20, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def duty() -> Callable[..., Clock]:
    """A re-inspection that runs at a unit."""

    def make(unit: Unit, owner: User | None, key: str) -> Clock:
        return start_clock(
            "RECHECK", key=key, subject=unit, label=f"复查：{unit.name}", url="/", scope=unit, unit_id=unit.pk,
            owner=owner, started_on=TODAY,
        )  # fmt: skip

    return make


@pytest.fixture
def give(officer: User, partner: User, chief: User) -> Callable[..., Handover]:
    """The chief hands over what `officer` has at the moment, whole unless told otherwise."""

    def act(person: User | None = officer, load: Load | None = None, **terms: Any) -> Handover:
        given = Terms(partner, Reason.LEFT if person else Reason.NOBODY, uuid4())
        return handover.give(person, load or whole(person, chief), replace(given, **terms), counts={}, by=chief, at=AT)

    return act


def whole(person: User | None, by: User) -> Load:
    units = list(handover.units_of(person, by).order_by("pk").values_list("pk", flat=True))
    clocks = list(handover.duties_of(person, by, units).order_by("pk").values_list("pk", flat=True))
    return Load(units, clocks, [])


def officers() -> dict[str, str]:
    return {unit.name: unit.officer.name if unit.officer else "" for unit in Unit.objects.select_related("officer")}


def owners() -> dict[str, str]:
    return {clock.key: clock.owner.name if clock.owner else "" for clock in Clock.objects.select_related("owner")}


def test_units_and_running_duties_move_and_what_was_done_keeps_its_name(
    give: Callable[..., Handover], duty: Callable[..., Clock], make_unit: MakeUnit, officer: User, partner: User,
    chief: User,
) -> None:  # fmt: skip
    shop, inn = make_unit("甲店"), make_unit("乙旅馆", officer=chief)
    closed = make_unit("关店")
    actions.close(closed.pk, "搬走", TODAY, by=officer)
    duty(shop, officer, "mine")
    duty(inn, officer, "mine at another's unit")
    duty(shop, chief, "another's at my unit")
    duty(shop, officer, "done")
    meet_clock("done", TODAY)

    row = give(note="调市局")

    assert officers() == {"甲店": "张海涛", "乙旅馆": "王志远", "关店": "李建平"}
    assert owners() == {
        "mine": "张海涛", "mine at another's unit": "张海涛", "another's at my unit": "王志远", "done": "李建平"
    }  # fmt: skip
    assert (row.state, row.unit_ids, len(row.clock_ids)) == (HandoverState.DONE, [shop.pk], 2)
    entry = AuditEntry.objects.get(action="units.hand_over")
    assert entry.summary == "李建平 的 1 户、2 项在办期限移交给 张海涛（调离）"
    assert (entry.before["officer_id"], entry.after["officer_id"]) == (officer.pk, partner.pk)
    assert (entry.after["units"], entry.after["clocks"], entry.reason) == ([shop.pk], row.clock_ids, "调市局")
    told = Message.objects.filter(key=f"handover:{row.pk}:given").values_list("user__name", "title").order_by("user")
    assert list(told) == [("李建平", entry.summary), ("张海涛", entry.summary)]


def test_a_caseload_costs_the_same_queries_with_one_and_with_three_units(
    give: Callable[..., Handover], duty: Callable[..., Clock], make_unit: MakeUnit, officer: User, chief: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    counts = []
    for names in (["甲"], ["乙", "丙", "丁"]):
        for name in names:
            duty(make_unit(name), officer, name)
        load = whole(officer, chief)
        with django_assert_max_num_queries(40) as asked:
            give(load=load)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_is_no_longer_his_moves_nothing(
    give: Callable[..., Handover], duty: Callable[..., Clock], make_unit: MakeUnit, officer: User, chief: User
) -> None:
    first, second = make_unit("甲店"), make_unit("乙店")
    duty(first, officer, "mine")
    seen = whole(officer, chief)
    actions.assign([second.pk], chief, by=chief)
    with pytest.raises(CaseloadChanged, match="刚才有变化，没有移交"):
        give(load=seen)
    assert (officers(), owners()) == ({"甲店": "李建平", "乙店": "王志远"}, {"mine": "李建平"})

    give()
    assert (officers(), owners()) == ({"甲店": "张海涛", "乙店": "王志远"}, {"mine": "张海涛"})


def test_an_absence_ends_with_exactly_what_the_receiver_still_has(
    give: Callable[..., Handover], duty: Callable[..., Clock], make_unit: MakeUnit, officer: User, partner: User,
    chief: User,
) -> None:  # fmt: skip
    kept, passed_on, his_own = make_unit("甲店"), make_unit("乙店"), make_unit("丙店", officer=partner)
    for unit, owner, key in ((kept, officer, "moved"), (passed_on, officer, "passed on"), (his_own, partner, "own")):
        duty(unit, owner, key)
    row = give(reason=Reason.AWAY, until=date(2026, 10, 19))
    assert row.state == HandoverState.HELD
    duty(kept, partner, "begun meanwhile")
    duty(kept, partner, "done meanwhile")
    meet_clock("done meanwhile", TODAY)
    actions.assign([passed_on.pk], chief, by=chief)

    row, back = handover.take_back(row.pk, by=chief, at=BACK)

    assert (row.state, row.returned_by, row.returned_at, back) == (HandoverState.RETURNED, chief, BACK, 1)
    assert officers() == {"甲店": "李建平", "乙店": "王志远", "丙店": "张海涛"}
    assert owners() == {
        "moved": "李建平", "passed on": "王志远", "own": "张海涛", "begun meanwhile": "李建平",
        "done meanwhile": "张海涛",
    }  # fmt: skip
    assert AuditEntry.objects.get(action="units.take_back").summary == "张海涛 代管的 1 户、2 项在办期限交回 李建平"
    with pytest.raises(RuleError, match="已交回，不能交回"):
        handover.take_back(row.pk, by=chief, at=BACK)


def test_who_has_left_meanwhile_gets_nothing_back(
    give: Callable[..., Handover], unit: Unit, officer: User, chief: User
) -> None:
    row = give(reason=Reason.AWAY, until=date(2026, 10, 19))
    User.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(RuleError, match="李建平 已不在本所，不能交回"):
        handover.take_back(row.pk, by=chief, at=BACK)
    row.refresh_from_db()
    assert (row.state, officers()) == (HandoverState.HELD, {"万家福便利超市": "张海涛"})


def test_a_handover_for_good_never_comes_back(give: Callable[..., Handover], unit: Unit, chief: User) -> None:
    with pytest.raises(RuleError, match="已移交，不能交回"):
        handover.take_back(give().pk, by=chief, at=BACK)


def test_units_and_duties_of_nobody_are_taken_the_same_way(
    give: Callable[..., Handover], duty: Callable[..., Clock], make_unit: MakeUnit, officer: User
) -> None:
    orphan, owned = make_unit("甲店", officer=None), make_unit("乙店")
    duty(orphan, None, "nobody's")
    duty(owned, None, "nobody's elsewhere")
    row = give(None)
    assert (row.from_officer, row.giver, row.reason) == (None, "未分配", Reason.NOBODY)
    assert officers() == {"甲店": "张海涛", "乙店": "李建平"}
    assert owners() == {"nobody's": "张海涛", "nobody's elsewhere": ""}


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"reason": Reason.AWAY}, "暂时离岗要写明今天或以后的返岗日期"),
        ({"reason": Reason.AWAY, "until": date(2026, 10, 8)}, "暂时离岗要写明今天或以后的返岗日期"),
        ({"until": date(2026, 10, 20)}, "调离的移交没有返岗日期"),
        ({"reason": Reason.NOBODY}, "移交原因与移交人不符"),
    ],
)
def test_terms_that_do_not_fit_are_refused(
    give: Callable[..., Handover], unit: Unit, terms: dict[str, Any], words: str
) -> None:
    with pytest.raises(RuleError, match=words):
        give(**terms)
    assert (officers(), Handover.objects.count()) == ({"万家福便利超市": "李建平"}, 0)


def test_only_an_officer_at_work_in_the_station_takes_over_and_not_from_himself(
    give: Callable[..., Handover], unit: Unit, officer: User, stranger: User, assistant: User
) -> None:
    for receiver in (officer, stranger, assistant):
        with pytest.raises(RuleError, match="不能接收"):
            give(receiver=receiver)
    assert officers() == {"万家福便利超市": "李建平"}


def test_who_is_gone_already_is_not_away_for_a_time(
    give: Callable[..., Handover], unit: Unit, officer: User, sibling: Organisation
) -> None:
    User.objects.filter(pk=officer.pk).update(organisation=sibling)
    gone = User.objects.get(pk=officer.pk)
    with pytest.raises(RuleError, match="移交人已不在岗"):
        give(gone, reason=Reason.AWAY, until=date(2026, 10, 19))
    give(gone)
    assert officers() == {"万家福便利超市": "张海涛"}


def test_nothing_is_no_caseload(give: Callable[..., Handover]) -> None:
    with pytest.raises(RuleError, match="没有可以移交的单位和期限"):
        give()


def test_the_yearly_clocks_go_along(give: Callable[..., Handover], unit: Unit) -> None:
    yearly.open_year(TODAY)
    give()
    assert owners() == {yearly.key(unit.pk, 2026): "张海涛"}


def test_a_police_office_takes_over_its_own_rows_only(
    officer: User, partner: User, chief: User, station: Organisation, person: Callable[..., User]
) -> None:
    office = Organisation.objects.create(
        kind=OrganisationKind.OFFICE, name="东街警务室", parent=station, bureau_id=station.bureau_id
    )
    clerk = person(Role.OFFICER, office, "吴室")

    def names(*offices: int | None) -> set[str]:
        return {one.name for one in handover.receivers(officer, chief, offices)}

    assert names(office.pk) == names(office.pk, office.pk) == {partner.name, chief.name, clerk.name}
    assert names(None) == names(None, office.pk) == {partner.name, chief.name}


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "LEFT", "until": TODAY},
        {"reason": "AWAY", "until": None, "state": "HELD"},
        {"reason": "AWAY", "until": TODAY, "state": "DONE"},
        {"reason": "NOBODY"},
        {"reason": "AWAY", "until": TODAY, "state": "RETURNED"},
        {"to_officer": "officer"},
    ],
)
def test_the_table_refuses_what_the_act_would_never_write(
    officer: User, partner: User, chief: User, station: Organisation, wrong: dict[str, Any]
) -> None:
    fields = {"reason": "LEFT", "state": "DONE", "to_officer": partner} | wrong
    fields["to_officer"] = officer if wrong.get("to_officer") else partner
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.create(
            **station.scope_columns(), from_officer=officer, handed_by=chief, handed_at=AT, **fields
        )
