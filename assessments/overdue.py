"""The duties of stations past their last day, with the words of their clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from deadlines.calendar import Calendar
from deadlines.models import CalendarDay, Clock, ClockQuerySet
from deadlines.rules import words
from hazards.duties import BRIGADE_RULES, look_at
from hazards.models import Escalation


@dataclass(frozen=True)
class Late:
    """One overdue duty: what may be opened by anybody who sees it, and whether it was reported upwards."""

    clock: Clock
    words: str
    tone: str
    url: str
    escalated: Escalation | None


def overdue_duties(today: date) -> ClockQuerySet:
    """Without the review of the brigade: the station can do nothing about it."""
    return station_duties().overdue(today)


def station_duties() -> ClockQuerySet:
    return Clock.objects.exclude(rule_code__in=BRIGADE_RULES)


def told(rows: Sequence[Clock], today: date) -> list[Late]:
    """``rows`` with their words; one query for the calendar."""
    first = min((row.due_on for row in rows), default=today)
    days = CalendarDay.objects.filter(day__range=(first, today)).values_list("day", "kind")
    calendar = Calendar(dict(days) if rows else {})
    return [
        Late(
            row,
            *words(row.due_on, row.state, today, row.rule.unit, calendar),
            url=look_at(row, row.url),
            escalated=getattr(row, "escalation", None),
        )
        for row in rows
    ]
