"""A quarter of a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

WORDS = "一二三四"


@dataclass(frozen=True, order=True)
class Quarter:
    """``number`` is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, (day.month - 1) // 3 + 1)

    @property
    def start(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """The last day."""
        return self.next.start - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def previous(self) -> Quarter:
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    @property
    def short(self) -> str:
        return f"第{WORDS[self.number - 1]}季度"

    def __str__(self) -> str:
        return f"{self.year}年{self.short}"
