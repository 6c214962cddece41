"""延期: asked for by the unit, decided by the chief with a reason, fallen when nobody decided in time."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions, tasks
from hazards.models import Extension, Hazard, Order, Reinspection
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import Message, Organisation, User
from stations.permissions import Role
from tests.hazards.conftest import EVE, VISITED, moment
from trail.models import AuditEntry

TODAY = date(2026, 9, 25)
UNTIL = date(2026, 10, 15)  # a Thursday
Ask = Callable[..., Extension]


@pytest.fixture
def ask(officer: User) -> Ask:
    """The unit asks for every hazard of its period, unless told otherwise."""

    def act(order: Order, **fields: Any) -> Extension:
        deadline = fields.setdefault("deadline", EVE)
        hazards = fields.pop("hazards", None) or list(order.hazards.filter(deadline=deadline))
        by = fields.pop("by", officer)
        values = {"until": UNTIL, "requested_on": TODAY, "reason": "灯具订货需两周", "today": TODAY} | fields
        return actions.request_extension(order, by, hazards=hazards, **values)

    return act


@pytest.fixture
def asked(served: Order, ask: Ask, chief: User) -> Extension:
    return ask(served)


def approve(extension: Extension, by: User, *, until: date = UNTIL, on: date = TODAY) -> Extension:
    return actions.approve_extension(extension, by, until=until, decision="情况属实", at=moment(on))


def clocks(order: Order) -> dict[str, tuple[str, str]]:
    """The re-inspection duties of an order: state and what they cover, by day."""
    rows = Clock.objects.filter(key__startswith=f"recheck:{order.pk}:")
    return {row.key.rpartition(":")[2]: (row.state, row.detail.partition("，")[2] or row.detail) for row in rows}


def days(order: Order) -> list[date | None]:
    return list(order.hazards.order_by("position").values_list("deadline", flat=True))


# ---------- asking ----------


def test_a_request_waits_for_the_chief_and_changes_nothing_yet(asked: Extension, chief: User, officer: User) -> None:
    assert (asked.state, asked.deadline, asked.until, asked.requested_by) == ("REQUESTED", EVE, UNTIL, officer)
    assert (days(asked.order), clocks(asked.order)) == (
        [EVE, EVE],
        {"2026-09-30": ("RUNNING", "9月30日届满，2 处隐患")},
    )
    told = Message.objects.get(key=f"extension:{asked.pk}")
    assert (told.user, told.url) == (chief, f"/hazards/extensions/{asked.pk}/")
    assert AuditEntry.objects.get(action="hazards.request_extension").reason == "灯具订货需两周"


def test_an_end_on_a_rest_day_moves_to_the_next_working_day(served: Order, ask: Ask) -> None:
    assert ask(served, until=date(2026, 10, 3)).until == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("until", EVE, "应在原改正期限 2026-09-30 以后"),
        ("requested_on", TODAY + timedelta(days=1), "申请日期在以后"),
        ("requested_on", VISITED - timedelta(days=1), "申请日期早于签发日期 2026-09-22"),
        ("reason", " ", "请写明延期的理由"),
    ],
)
def test_what_was_typed_wrongly_is_said_at_its_field(
    served: Order, ask: Ask, field: str, value: Any, words: str
) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        ask(served, **{field: value})
    assert [fault.field for fault in refused.value.faults] == [field]
    assert not Extension.objects.exists()


def test_a_period_that_has_ended_is_not_extended(served: Order, ask: Ask) -> None:
    with pytest.raises(RuleError, match="改正期限 2026-09-30 已经届满"):
        ask(served, today=EVE)


def test_what_was_not_served_is_not_extended(order: Order, ask: Ask) -> None:
    with pytest.raises(RuleError, match="待送达，不能登记延期申请") as refused:
        ask(order)
    assert refused.value.remedy == "送达以后再登记。"


def test_what_was_ordered_at_once_has_no_period_to_extend(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]],
    serve: Callable[..., Order], ask: Ask,
) -> None:  # fmt: skip
    find(visit, "EV01")
    conclude(visit)
    order = serve(Order.objects.get(), VISITED)
    with pytest.raises(RuleError, match="责令立即改正的，没有期限可以延长"):
        ask(order, deadline=VISITED, today=VISITED)


def test_a_period_has_one_request_at_a_time(asked: Extension, ask: Ask) -> None:
    with pytest.raises(RuleError, match="已有一份延期申请待审批"):
        ask(asked.order)
    assert Extension.objects.count() == 1


def test_while_an_early_visit_is_open_nothing_is_extended(served: Order, ask: Ask, officer: User) -> None:
    actions.request_early(served, officer, deadline=EVE, requested_on=TODAY, today=TODAY)
    with pytest.raises(RuleError, match="已申请提前复查，不能同时延期"):
        ask(served)


def test_hazards_of_two_periods_are_asked_for_apart(served: Order, ask: Ask) -> None:
    hazards = list(served.hazards.order_by("position"))
    Hazard.objects.filter(pk=hazards[1].pk).update(deadline=UNTIL)
    with pytest.raises(Refusal, match="只能选改正期限相同的隐患"):
        ask(served, hazards=hazards)
    assert ask(served, hazards=hazards[:1]).hazards.get() == hazards[0]


def test_a_hazard_that_is_gone_is_not_extended(served: Order, ask: Ask) -> None:
    Hazard.objects.filter(position=1).update(state="CLOSED", closed_on=TODAY)
    with pytest.raises(Refusal, match="已销号，不能延期"):
        ask(served, hazards=list(served.hazards.all()))


# ---------- deciding ----------


def test_approval_moves_the_deadline_and_its_re_inspection(asked: Extension, chief: User, officer: User) -> None:
    decided = approve(asked, chief)
    assert (decided.state, decided.decided_by, decided.decision) == ("APPROVED", chief, "情况属实")
    assert days(asked.order) == [UNTIL, UNTIL]
    assert clocks(asked.order) == {
        "2026-09-30": ("CANCELLED", "延期至 2026-10-15"),
        "2026-10-15": ("RUNNING", "10月15日届满，2 处隐患"),
    }
    assert (actions.open_due(EVE), actions.open_due(UNTIL)) == (0, 1)
    told = Message.objects.get(user=officer, key=f"extension:{asked.pk}:APPROVED")
    assert told.title == "同意延期至 2026-10-15：万家福便利超市"
    entry = AuditEntry.objects.get(action="hazards.approve_extension")
    assert (entry.before["deadline"], entry.after["until"], entry.reason) == ("2026-09-30", "2026-10-15", "情况属实")


def test_what_stays_at_the_old_day_keeps_its_re_inspection(served: Order, ask: Ask, chief: User) -> None:
    one = served.hazards.get(position=1)
    approve(ask(served, hazards=[one]), chief)
    assert clocks(served) == {
        "2026-09-30": ("RUNNING", "9月30日届满，1 处隐患"),
        "2026-10-15": ("RUNNING", "10月15日届满，1 处隐患"),
    }
    assert (actions.open_due(EVE), list(served.hazards.order_by("position").values_list("state", flat=True))) == (
        1, ["OPEN", "DUE"],
    )  # fmt: skip


def test_what_comes_to_a_day_that_has_a_re_inspection_joins_it(served: Order, ask: Ask, chief: User) -> None:
    for hazard in served.hazards.order_by("position"):
        approve(ask(served, hazards=[hazard]), chief)
    assert clocks(served)["2026-10-15"] == ("RUNNING", "10月15日届满，2 处隐患")


def test_a_day_left_and_come_back_to_has_its_re_inspection_again(served: Order, ask: Ask, chief: User) -> None:
    first, second = served.hazards.order_by("position")
    approve(ask(served, hazards=[first]), chief)
    approve(ask(served, hazards=[first], deadline=UNTIL, until=date(2026, 10, 22)), chief, until=date(2026, 10, 22))
    assert clocks(served)["2026-10-15"][0] == "CANCELLED"
    approve(ask(served, hazards=[second]), chief)
    assert clocks(served)["2026-10-15"] == ("RUNNING", "10月15日届满，1 处隐患")
    assert [actions.open_due(day) for day in (EVE, UNTIL, date(2026, 10, 22))] == [0, 1, 1]


def test_the_chief_may_grant_less_and_not_more(asked: Extension, chief: User) -> None:
    with pytest.raises(Refusal, match="不能超过申请的 2026-10-15"):
        approve(asked, chief, until=date(2026, 10, 16))
    with pytest.raises(Refusal, match="应在原改正期限 2026-09-30 以后"):
        approve(asked, chief, until=EVE)
    assert approve(asked, chief, until=date(2026, 10, 4)).until == date(2026, 10, 8)
    assert days(asked.order) == [date(2026, 10, 8)] * 2


def test_a_refused_request_leaves_everything_as_it_was(asked: Extension, chief: User, officer: User) -> None:
    decided = actions.refuse_extension(asked, chief, decision="现场可以当天换灯", at=moment(TODAY))
    assert (decided.state, days(asked.order)) == ("REFUSED", [EVE, EVE])
    assert clocks(asked.order) == {"2026-09-30": ("RUNNING", "9月30日届满，2 处隐患")}
    assert Message.objects.get(user=officer, key=f"extension:{asked.pk}:REFUSED").body.endswith("现场可以当天换灯")


def test_a_decision_needs_a_reason(asked: Extension, chief: User) -> None:
    with pytest.raises(Refusal, match="请写明审批意见"):
        actions.approve_extension(asked, chief, until=UNTIL, decision=" ", at=moment(TODAY))
    with pytest.raises(Refusal, match="请写明审批意见"):
        actions.refuse_extension(asked, chief, decision="", at=moment(TODAY))
    assert Extension.objects.get().state == "REQUESTED"


def test_the_second_of_two_decisions_changes_nothing(
    asked: Extension, chief: User, person: Callable[..., User], station: Organisation
) -> None:
    other = person(Role.CHIEF, station, "韩副所长")
    approve(asked, chief)
    with pytest.raises(RuleError, match="同意延期，王志远审批，没有再次审批"):
        actions.refuse_extension(asked, other, decision="不同意", at=moment(TODAY))
    assert (Extension.objects.get().state, days(asked.order)) == ("APPROVED", [UNTIL, UNTIL])


def test_only_a_chief_of_the_station_decides(asked: Extension, officer: User, stranger: User) -> None:
    for user in (officer, stranger):
        with pytest.raises(RuleError, match="由本所所长审批"):
            approve(asked, user)


def test_who_asked_does_not_grant_it_himself_while_there_is_another_chief(
    served: Order, ask: Ask, chief: User, person: Callable[..., User], station: Organisation
) -> None:
    other = person(Role.CHIEF, station, "韩副所长")
    asked = ask(served, by=chief)
    assert list(Message.objects.filter(key=f"extension:{asked.pk}").values_list("user__name", flat=True)) == [
        "韩副所长"
    ]
    with pytest.raises(RuleError, match="由另一位所领导审批"):
        approve(asked, chief)
    assert approve(asked, other).state == "APPROVED"


def test_the_only_chief_decides_what_he_wrote_down_himself(served: Order, ask: Ask, chief: User) -> None:
    assert approve(ask(served, by=chief), chief).state == "APPROVED"


def test_an_early_visit_opened_meanwhile_stops_the_approval(asked: Extension, chief: User, officer: User) -> None:
    actions.request_early(asked.order, officer, deadline=EVE, requested_on=TODAY, today=TODAY)
    with pytest.raises(RuleError, match="已申请提前复查"):
        approve(asked, chief)
    assert days(asked.order) == [EVE, EVE]


def test_what_passed_meanwhile_is_not_moved(asked: Extension, chief: User) -> None:
    gone = asked.order.hazards.get(position=1)
    Hazard.objects.filter(pk=gone.pk).update(state="CLOSED", closed_on=TODAY)
    approve(asked, chief)
    assert days(asked.order) == [EVE, UNTIL]
    assert clocks(asked.order)["2026-10-15"] == ("RUNNING", "10月15日届满，1 处隐患")


def test_nothing_is_granted_when_everything_has_passed(asked: Extension, chief: User) -> None:
    Hazard.objects.update(state="CLOSED", closed_on=TODAY)
    with pytest.raises(RuleError, match="都已销号，不用延期"):
        approve(asked, chief)


# ---------- falling ----------


def test_a_request_nobody_decided_falls_when_the_period_ends(asked: Extension, chief: User, officer: User) -> None:
    with pytest.raises(RuleError, match="已经届满"):
        approve(asked, chief, on=EVE)
    actions.open_due(EVE)
    asked.refresh_from_db()
    assert (asked.state, asked.decision) == ("FELL", "改正期限届满时没有审批")
    assert AuditEntry.objects.get(action="hazards.fell_extension").actor_id is None
    assert Message.objects.get(user=officer, key=f"extension:{asked.pk}:FELL").title == "延期申请失效：万家福便利超市"
    assert set(asked.order.hazards.values_list("state", flat=True)) == {"DUE"}


def test_it_falls_as_well_when_an_early_visit_stands_for_the_period(asked: Extension, officer: User) -> None:
    actions.request_early(asked.order, officer, deadline=EVE, requested_on=TODAY, today=TODAY)
    assert (actions.open_due(EVE), actions.fell_extensions(TODAY), actions.fell_extensions(EVE)) == (0, 0, 1)
    assert (actions.fell_extensions(EVE), Extension.objects.get().state) == (0, "FELL")


def test_it_falls_when_the_early_visit_has_ended_the_period(
    asked: Extension, officer: User, reinspect: Callable[..., Reinspection]
) -> None:
    early = actions.request_early(asked.order, officer, deadline=EVE, requested_on=TODAY, today=TODAY)
    reinspect(early, TODAY)
    assert (Extension.objects.get().state, Extension.objects.get().decision) == ("FELL", "已经复查")


def test_it_stays_when_the_early_visit_has_left_something_open(
    asked: Extension, officer: User, chief: User, reinspect: Callable[..., Reinspection]
) -> None:
    early = actions.request_early(asked.order, officer, deadline=EVE, requested_on=TODAY, today=TODAY)
    reinspect(early, TODAY, failed=(asked.order.hazards.get(position=2),))
    approve(asked, chief)
    assert days(asked.order) == [EVE, UNTIL]
    assert clocks(asked.order)["2026-09-30"][0] == "CANCELLED"


def test_voided_papers_take_the_request_with_them(asked: Extension, chief: User) -> None:
    assert asked.order.inspection is not None
    actions.void_papers(asked.order.inspection, chief, "单位名称写错", TODAY)
    with pytest.raises(RuleError, match="已失效，没有再次审批"):
        approve(asked, chief)
    assert (Extension.objects.get().state, Extension.objects.get().decision) == ("FELL", "文书已作废")


def test_the_task_fells_on_the_day_it_runs(asked: Extension, time_machine: Any) -> None:
    time_machine.move_to("2026-09-30T00:01:00+08:00")
    tasks.fell_extensions()
    assert Extension.objects.get().state == "FELL"
