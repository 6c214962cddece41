"""The ladder of reminders of one duty: who hears of it first, and when those above do."""

from datetime import date, datetime, time, timedelta

from django.utils.timezone import make_aware

from deadlines.calendar import DAY, Calendar
from deadlines.models import DeadlineRule, Step

Rung = tuple[Step, datetime]


def ladder(rule: DeadlineRule, opens_on: date, due_on: date, due_at: datetime | None, calendar: Calendar) -> list[Rung]:
    """The steps of a duty under ``rule`` in their order, each with the instant from which it is due.

    A rule in hours counts to the minute, at night and over a weekend; every other one from midnight of the day.
    A reminder that would come before the duty shows up is left out.
    """
    if due_at is not None:
        soon = [(Step.SOON, due_at - timedelta(hours=rule.remind_before))] if rule.remind_before else []
        # The hour itself is still in time: the duty is over the moment after.
        over = due_at + timedelta.resolution
        return [*soon, (Step.OVERDUE, over), (Step.ABOVE, over + timedelta(hours=rule.escalate_after))]
    soon_on = _working_days_off(due_on, -rule.remind_before, calendar)
    soon = [(Step.SOON, midnight(soon_on))] if opens_on <= soon_on < due_on else []
    above_on = max(_working_days_off(due_on, rule.escalate_after, calendar), due_on + DAY)
    return [
        *soon,
        (Step.TODAY, midnight(due_on)),
        (Step.OVERDUE, midnight(due_on + DAY)),
        (Step.ABOVE, midnight(above_on)),
    ]


def midnight(day: date) -> datetime:
    """The instant ``day`` begins in the time zone of the law, Asia/Shanghai."""
    return make_aware(datetime.combine(day, time.min))


def _working_days_off(day: date, amount: int, calendar: Calendar) -> date:
    """The working day ``amount`` working days after ``day``, or before it when negative."""
    step = DAY if amount > 0 else -DAY
    for _ in range(abs(amount)):
        day += step
        while not calendar.is_working(day):
            day += step
    return day
