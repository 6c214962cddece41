"""The working calendar: statutory holidays and make-up working days, loaded once and asked many times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from django.db.models import DateField, IntegerField, Value
from django.db.models.functions import Cast

from deadlines.models import CalendarDay, CalendarYear, DayKind
from deadlines.seed import DAY as DAY  # the rest of the room takes it from here
from deadlines.seed import SATURDAY, SeedDay, packaged

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Calendar:
    """The listed days; a day that is not listed is what its weekday says.

    ``years`` are those the table holds. The days of any other year are taken from the package, as a forecast unless
    it holds the State Council's notice: a year nobody entered is never counted as if it had no holiday. None means
    that the listed days are all there is.
    """

    kinds: dict[date, str] = field(default_factory=dict)
    names: dict[date, str] = field(default_factory=dict)
    confirmed_years: frozenset[int] = frozenset()
    years: frozenset[int] | None = None

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
        listed = days.order_by().values_list("day", "kind", "name", Value(0), Value(0))
        no_day, no_word = Value(None, DateField()), Value("")
        settled = Cast("confirmed", IntegerField())
        years = CalendarYear.objects.order_by().values_list(no_day, no_word, no_word, "year", settled)
        rows = list(listed.union(years, all=True))
        known = {year: bool(confirmed) for *_, year, confirmed in rows if year}
        return cls.of([row[:3] for row in rows if row[0] is not None], known)

    @classmethod
    def of(cls, listed: Iterable[tuple[date, str, str]], years: Mapping[int, bool]) -> Self:
        """The calendar of the listed days (day, kind, name) and the table's years with whether each is confirmed."""
        days = list(listed)
        return cls(
            {day: kind for day, kind, _ in days},
            {day: name for day, _, name in days},
            frozenset(year for year, confirmed in years.items() if confirmed),
            frozenset(years),
        )

    def changed(self, days: Mapping[date, SeedDay | None]) -> Self:
        """This calendar with ``days`` listed as said, None for a day that is not listed any more."""
        kinds = {day: kind for day, kind in self.kinds.items() if day not in days}
        names = {day: name for day, name in self.names.items() if day not in days}
        kinds |= {day: said.kind for day, said in days.items() if said}
        names |= {day: said.name for day, said in days.items() if said}
        years = None if self.years is None else self.years | {day.year for day in days}
        return replace(self, kinds=kinds, names=names, years=years)

    def is_working(self, day: date) -> bool:
        kind = self._listed(day)[0]
        return day.weekday() < SATURDAY if kind is None else kind == DayKind.WORK

    def is_make_up(self, day: date) -> bool:
        """A Saturday or Sunday that is worked (调休上班)."""
        return day.weekday() >= SATURDAY and self.is_working(day)

    def listed_name(self, day: date) -> str:
        """The name ``day`` is listed by; empty for a day that is what its weekday says."""
        return self._listed(day)[1]

    def name_of(self, day: date) -> str:
        """Why a day is off or worked: the holiday's name, `周末`, `周六补班`; empty for a plain working day."""
        if self.is_make_up(day):
            return f"周{WEEKDAYS[day.weekday()]}补班"
        return self._listed(day)[1] or ("" if self.is_working(day) else "周末")

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
        """Whether the year's days were published by the State Council and entered, or came with the package."""
        return year in self.confirmed_years or (self._is_packaged(year) and packaged(year).published)

    def _listed(self, day: date) -> tuple[str | None, str]:
        """Kind and name of a listed day."""
        if day not in self.kinds and self._is_packaged(day.year):
            found = packaged(day.year).days.get(day)
            return (found.kind, found.name) if found else (None, "")
        return self.kinds.get(day), self.names.get(day, "")

    def _is_packaged(self, year: int) -> bool:
        return self.years is not None and year not in self.years
