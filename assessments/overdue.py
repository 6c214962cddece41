"""The duties of stations past their last day, with the words of their clocks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from deadlines.calendar import Calendar
from deadlines.models import Clock, ClockQuerySet, Doer, Notice, Step
from deadlines.rules import words


@dataclass(frozen=True)
class Late:
    """One overdue duty: what may be opened by anybody who sees it, and whether it was reported upwards."""

    clock: Clock
    words: str
    tone: str
    url: str
    reported_at: datetime | None
    sent: list[Notice] = field(default_factory=list)


def overdue_duties(now: datetime) -> ClockQuerySet:
    """Without the review of the brigade: the station can do nothing about it."""
    return station_duties().overdue(now)


def station_duties() -> ClockQuerySet:
    return Clock.objects.filter(doer=Doer.STATION)


def told(rows: Sequence[Any], now: datetime) -> list[Late]:
    """``rows`` (`ClockQuerySet.with_reported`) with their words; one query for the calendar."""
    today = localdate(now)
    first = min((row.due_on for row in rows), default=today)
    calendar = Calendar.load(first, today) if rows else Calendar()
    return [
        Late(
            row,
            *words(row, now, calendar),
            url=row.look_url or row.url,
            reported_at=row.reported_at,
        )
        for row in rows
    ]


def with_reminders(rows: Sequence[Late]) -> list[Late]:
    """``rows`` with what was sent about each before it was reported upwards; one query."""
    sent: dict[int, list[Notice]] = {}
    for notice in Notice.objects.filter(clock__in=[row.clock.pk for row in rows]).exclude(step=Step.ABOVE):
        sent.setdefault(notice.clock_id, []).append(notice)
    return [replace(row, sent=sent.get(row.clock.pk, [])) for row in rows]
