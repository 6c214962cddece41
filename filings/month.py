"""A month of the calendar, as the monthly report counts it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Month:
    """``number`` is 1 to 12."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def next(self) -> Month:
        return Month.of(self.last + DAY)

    @property
    def previous(self) -> Month:
        return Month.of(self.first - DAY)

    @property
    def word(self) -> str:
        """2026-10, as keys and file names have it."""
        return f"{self.year}-{self.number:02d}"

    def __str__(self) -> str:
        return f"{self.year}年{self.number}月"
