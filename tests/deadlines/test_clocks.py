"""A duty has one clock, is met once, and follows the calendar when a day of it changes."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deadlines import actions
from deadlines.models import Clock, ClockState
from fire_supervision.lib.errors import RuleError
from stations.models import User
from units.models import Unit

pytestmark = pytest.mark.django_db
DEADLINE = date(2026, 9, 30)
Start = Callable[..., Clock]


def local(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def start(unit: Unit, officer: User) -> Start:
    def do(
        key: str = "recheck:1:2026-09-30", started_on: date = DEADLINE, code: str = "RECHECK", **fields: Any
    ) -> Clock:
        fields = {"label": "复查", "url": unit.get_absolute_url(), "owner": officer, "unit_id": unit.pk} | fields
        return actions.start_clock(code, key=key, subject=unit, scope=unit, started_on=started_on, **fields)

    return do


def test_a_clock_takes_its_last_day_its_reason_and_its_place_from_what_started_it(start: Start, unit: Unit) -> None:
    clock = start()
    assert (clock.due_on, clock.opens_on, clock.state) == (date(2026, 10, 10), DEADLINE, ClockState.RUNNING)
    assert (clock.subject_type, clock.subject_id, clock.scope_columns()) == (
        "units.unit",
        unit.pk,
        unit.scope_columns(),
    )
    assert clock.rule.basis == "消防监督检查规定第20条"


def test_the_stored_explanation_is_drawn_with_real_dates(start: Start) -> None:
    clock = Clock.objects.get(pk=start().pk)
    assert [day["date"] for day in clock.days] == [date(2026, 9, 30), *(date(2026, 10, day) for day in range(1, 11))]
    assert [day["kind"] for day in clock.days] == ["start", *["skip"] * 7, "count", "count", "due"]


def test_starting_the_same_duty_twice_gives_the_first_clock(start: Start) -> None:
    assert start(started_on=DEADLINE) == start(started_on=date(2026, 11, 2))
    assert Clock.objects.count() == 1


def test_a_duty_is_met_once(start: Start) -> None:
    clock = start()
    assert actions.meet_clock(clock.key, date(2026, 10, 9)) is True
    assert actions.meet_clock(clock.key, date(2026, 10, 12)) is False
    assert actions.cancel_clock(clock.key, "作废") is False
    assert actions.meet_clock("recheck:0:none", date(2026, 10, 9)) is False
    clock.refresh_from_db()
    assert (clock.state, clock.met_on, clock.was_late) == (ClockState.MET, date(2026, 10, 9), False)


def test_a_duty_is_not_met_before_it_began(start: Start) -> None:
    clock = start()
    with pytest.raises(RuleError, match="“复查”自 2026-09-30 起算，不能在 2026-09-29 办结"):
        actions.meet_clock(clock.key, DEADLINE - timedelta(days=1))
    clock.refresh_from_db()
    assert (clock.state, clock.met_on) == (ClockState.RUNNING, None)
    assert actions.meet_clock(clock.key, DEADLINE) is True


def test_a_cancelled_duty_says_why_and_cannot_be_met(start: Start) -> None:
    clock = start()
    assert actions.cancel_clock(clock.key, "文书已作废") is True
    assert actions.meet_clock(clock.key, date(2026, 10, 9)) is False
    clock.refresh_from_db()
    assert (clock.state, clock.detail, clock.met_on) == (ClockState.CANCELLED, "文书已作废", None)


def test_running_duties_go_to_the_new_officer_and_done_ones_stay(
    start: Start, unit: Unit, officer: User, partner: User
) -> None:
    running, met = start("a"), start("b")
    actions.meet_clock(met.key, DEADLINE)
    assert actions.reassign(Clock.objects.filter(unit_id=unit.pk), partner) == 1
    owners = dict(Clock.objects.values_list("key", "owner"))
    assert owners == {running.key: partner.pk, met.key: officer.pk}


def test_overdue_in_sql_agrees_with_overdue_in_python(start: Start) -> None:
    start("late"), start("met"), start("later", date(2026, 10, 20))
    actions.meet_clock("met", date(2026, 10, 9))
    start("hours", SATURDAY, "COMPLAINT_EXIT", started_at=local(SATURDAY, 17))
    for now in (local(date(2026, 10, 10), 23), local(date(2026, 10, 11), 0), local(date(2026, 10, 31), 8)):
        overdue = set(Clock.objects.overdue(now).values_list("key", flat=True))
        assert overdue == {clock.key for clock in Clock.objects.all() if clock.is_overdue(now)}


SATURDAY = date(2026, 10, 3)  # in the middle of the national holiday


def test_a_duty_in_hours_is_over_to_the_minute_at_night_and_over_a_weekend(start: Start) -> None:
    clock = start("hours", SATURDAY, "COMPLAINT_EXIT", started_at=local(SATURDAY, 2))
    assert clock.due_at == local(date(2026, 10, 4), 2)
    for now, late in ((clock.due_at, False), (clock.due_at + timedelta(minutes=1), True)):
        assert (clock.is_overdue(now), Clock.objects.overdue(now).exists()) == (late, late)


@pytest.mark.parametrize(("hour", "late"), [(16, False), (18, True)])
def test_a_duty_in_hours_is_judged_by_the_instant_it_was_met(start: Start, hour: int, late: bool) -> None:
    clock = start("hours", SATURDAY, "COMPLAINT_EXIT", started_at=local(SATURDAY, 17))
    at = local(date(2026, 10, 4), hour)
    actions.meet_clock(clock.key, at.date(), at)
    clock.refresh_from_db()
    assert (clock.was_late, Clock.objects.on_time().exists()) == (late, not late)


@pytest.mark.parametrize(("met_on", "late"), [(date(2026, 10, 10), False), (date(2026, 10, 11), True)])
def test_a_duty_in_days_is_judged_by_the_day(start: Start, met_on: date, late: bool) -> None:
    clock = start()
    actions.meet_clock(clock.key, met_on, local(met_on, 23))
    clock.refresh_from_db()
    assert (clock.was_late, Clock.objects.on_time().exists()) == (late, not late)
