"""The working calendar: statutory holidays and make-up working days, loaded once and asked many times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Self

from django.db.models import DateField, Value

from deadlines.models import CalendarDay, CalendarYear, DayKind

DAY = timedelta(days=1)
SATURDAY = 5
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Calendar:
    """The listed days; a day that is not listed is what its weekday says."""

    kinds: dict[date, str] = field(default_factory=dict)
    names: dict[date, str] = field(default_factory=dict)
    confirmed_years: frozenset[int] = frozenset()

    @classmethod
    def load(cls, start: date | None = None, end: date | None = None) -> Self:
        """The calendar of ``start`` to ``end``, both included, or all of it: one query.

        Outside these days it counts by weekday, so narrow it only where the last day is known.
        """
        days = CalendarDay.objects.all()
        if start is not None:
            days = days.filter(day__gte=start)
        if end is not None:
            days = days.filter(day__lte=end)
        listed = days.order_by().values_list("day", "kind", "name", Value(0))
        no_day, no_word = Value(None, DateField()), Value("")
        years = CalendarYear.objects.filter(confirmed=True).order_by()
        rows = list(listed.union(years.values_list(no_day, no_word, no_word, "year"), all=True))
        return cls.of([row[:3] for row in rows if row[0] is not None], [year for *_, year in rows if year])

    @classmethod
    def of(cls, listed: Iterable[tuple[date, str, str]], confirmed_years: Iterable[int]) -> Self:
        """The calendar of the listed days (day, kind, name)."""
        days = list(listed)
        return cls(
            {day: kind for day, kind, _ in days}, {day: name for day, _, name in days}, frozenset(confirmed_years)
        )

    def is_working(self, day: date) -> bool:
        kind = self.kinds.get(day)
        return day.weekday() < SATURDAY if kind is None else kind == DayKind.WORK

    def is_make_up(self, day: date) -> bool:
        """A Saturday or Sunday that is worked (调休上班)."""
        return day.weekday() >= SATURDAY and self.is_working(day)

    def name_of(self, day: date) -> str:
        """Why a day is off or worked: the holiday's name, `周末`, `周六补班`; empty for a plain working day."""
        if self.is_make_up(day):
            return f"周{WEEKDAYS[day.weekday()]}补班"
        return self.names.get(day, "") or ("" if self.is_working(day) else "周末")

    def next_working(self, day: date) -> date:
        """The first working day after ``day``."""
        day += DAY
        while not self.is_working(day):
            day += DAY
        return day

    def working_between(self, after: date, until: date) -> int:
        """How many working days lie after ``after`` up to and including ``until``."""
        return sum(self.is_working(after + DAY * step) for step in range(1, (until - after).days + 1))

    def confirmed(self, year: int) -> bool:
        """Whether the year's days were published by the State Council and entered."""
        return year in self.confirmed_years


def rest_runs(holidays: Iterable[date], worked: frozenset[date]) -> list[list[date]]:
    """The unbroken runs of rest days around ``holidays``: a notice's holiday takes in the weekends it touches."""

    def rests(day: date) -> bool:
        return day in listed or (day.weekday() >= SATURDAY and day not in worked)

    listed = frozenset(holidays)
    resting = set(listed)
    for day in listed:
        for step in (-DAY, DAY):
            neighbour = day + step
            while rests(neighbour):
                resting.add(neighbour)
                neighbour += step
    return runs_of(sorted(resting))


def runs_of(days: list[date]) -> list[list[date]]:
    """``days``, sorted, cut where a day is missing."""
    runs = [days[:1]] if days else []
    for before, day in pairwise(days):
        if day - before == DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
