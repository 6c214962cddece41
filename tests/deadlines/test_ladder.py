"""When each step of the reminders is due: working days before and after, hours to the minute."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadlines.ladder import ladder, midnight
from deadlines.models import Clock, DeadlineRule, Step
from tests.deadlines.test_rules import local, seeded


def rule(before: int = 1, after: int = 3) -> DeadlineRule:
    return DeadlineRule(remind_before=before, escalate_after=after)


def days(opens_on: date, due_on: date, before: int = 1, after: int = 3) -> list[tuple[Step, date]]:
    found = ladder(rule(before, after), opens_on, due_on, None, seeded())
    assert [at for _, at in found] == [midnight(at.date()) for _, at in found]
    return [(step, at.date()) for step, at in found]


def test_around_the_national_holiday_the_steps_lie_on_working_days() -> None:
    # 2026-10-10 is a make-up Saturday; the Sunday after it is a rest day.
    assert days(date(2026, 9, 30), date(2026, 10, 10), before=3) == [
        (Step.SOON, date(2026, 9, 30)), (Step.TODAY, date(2026, 10, 10)), (Step.OVERDUE, date(2026, 10, 11)),
        (Step.ABOVE, date(2026, 10, 14)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("opens_on", "before"), [(date(2026, 9, 24), 1), (date(2026, 9, 22), 0), (date(2026, 9, 24), 5)]
)
def test_nobody_is_reminded_of_a_duty_before_it_shows_up(opens_on: date, before: int) -> None:
    steps = [step for step, _ in days(opens_on, date(2026, 9, 24), before=before)]
    assert steps == [Step.TODAY, Step.OVERDUE, Step.ABOVE]


def test_those_above_hear_of_nothing_before_it_is_overdue() -> None:
    assert days(date(2026, 9, 22), date(2026, 9, 24), after=0)[-2:] == [
        (Step.OVERDUE, date(2026, 9, 25)), (Step.ABOVE, date(2026, 9, 25)),
    ]  # fmt: skip


def test_a_duty_in_hours_is_watched_at_night_and_over_a_weekend() -> None:
    due_at = local(date(2026, 10, 4), 2)  # a Sunday of the holiday
    assert ladder(rule(4, 12), date(2026, 10, 3), date(2026, 10, 4), due_at, seeded()) == [
        (Step.SOON, local(date(2026, 10, 3), 22)),
        (Step.OVERDUE, due_at + timedelta.resolution),
        (Step.ABOVE, local(date(2026, 10, 4), 14) + timedelta.resolution),
    ]


STARTS = st.dates(date(2019, 1, 1), date(2026, 6, 30))


@given(STARTS, st.integers(0, 40), st.integers(0, 30), st.integers(0, 20), st.booleans(), st.integers(-3, 60))
def test_the_steps_follow_each_other_and_overdue_means_overdue(
    start: date, length: int, before: int, after: int, hours: bool, later: int
) -> None:
    due_on = start + timedelta(days=length)
    due_at = local(due_on, 17) if hours else None
    rungs = ladder(rule(before, after), start, due_on, due_at, seeded())
    assert [at for _, at in rungs] == sorted(at for _, at in rungs)
    assert [step for step, _ in rungs][-2:] == [Step.OVERDUE, Step.ABOVE]
    overdue_from = dict(rungs)[Step.OVERDUE]
    clock = Clock(due_on=due_on, due_at=due_at)
    now: datetime = local(due_on, 17) + timedelta(hours=later)
    assert clock.is_overdue(now) is (overdue_from <= now)
