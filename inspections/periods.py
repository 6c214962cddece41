"""When a period that is noted for a hazard ends: counted from the visit, known when the visit is signed."""

from collections.abc import Iterable
from datetime import date, timedelta

from deadlines.calendar import Calendar
from deadlines.rules import roll_forward
from inspections.models import Finding, Mode


def deadline(visited_on: date, days: int, calendar: Calendar) -> date:
    """The last day of a period of ``days`` calendar days from the visit; 0 is the day of the visit itself.

    The day of the visit is not counted and an end on a rest day moves to the next working day (程序规定第35条).
    """
    if days == 0:
        return visited_on
    return roll_forward(visited_on + timedelta(days=days), calendar)


def ends_of(visited_on: date, findings: Iterable[Finding], calendar: Calendar | None) -> dict[int, date]:
    """By primary key the last day of each finding that is to be corrected within days.

    One query where there is one and no ``calendar`` was loaded.
    """
    limited = [row for row in findings if row.mode == Mode.LIMIT and not row.fixed_on_spot]
    if limited and calendar is None:
        calendar = Calendar.load(visited_on)
    return {row.pk: deadline(visited_on, row.days, calendar) for row in limited if calendar is not None}
