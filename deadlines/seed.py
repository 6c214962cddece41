"""What the `holidays` package knows of a year, in the words of our calendar."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from deadlines.models import DayKind

if TYPE_CHECKING:
    from holidays import HolidayBase

DAY = timedelta(days=1)
SATURDAY = 5

# "休息日（由 2026-10-10 调休）": a day off that is paid for by working on the day named.
BRIDGE = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")
EVE = "除夕"
NAMES = {"农历除夕": EVE}


@dataclass(frozen=True)
class SeedDay:
    day: date
    kind: DayKind
    name: str


@dataclass(frozen=True)
class PackagedYear:
    """``published``: the State Council's notice for the year is in the package; otherwise its days are a forecast."""

    published: bool
    days: Mapping[date, SeedDay]


@lru_cache(maxsize=64)
def packaged(year: int) -> PackagedYear:
    """What stands in for a year the table does not hold; kept, since one count asks for each of its days."""
    return PackagedYear(published(year), {day.day: day for day in days_of(year)})


def published(year: int) -> bool:
    """Whether the package holds the State Council's notice for ``year``; without one it knows no make-up day."""
    return any(day.year == year for day in _china(year).weekend_workdays)


def days_of(year: int) -> list[SeedDay]:
    """Every day of ``year`` that is not what its weekday says, with the name of its holiday."""
    listed = {day: name for day, name in _china(year).items() if day.year == year}
    worked = frozenset(day for day in _china(year).weekend_workdays if day.year == year)
    days, paid_for = [], {}
    for run in rest_runs(listed, worked):
        name = _first_name(run, listed)
        for day in run:
            own = listed.get(day, "")
            if bridge := BRIDGE.search(own):
                paid_for[date.fromisoformat(bridge[1])] = name
            elif own:
                name = _plain(own)
            days.append(SeedDay(day, DayKind.OFF, name))
    days += [SeedDay(day, DayKind.WORK, f"{paid_for.get(day, '')}调休上班") for day in worked]
    return sorted((day for day in days if day.day.year == year), key=lambda day: day.day)


def _china(year: int) -> "HolidayBase":
    import holidays  # noqa: PLC0415 - 3 MB for what is asked once a year

    return holidays.country_holidays("CN", years=year, language="zh_CN")


def _first_name(run: list[date], listed: dict[date, str]) -> str:
    """What the rest days before the first named one are called; the eve names itself alone."""
    names = [_plain(listed[day]) for day in run if day in listed and not BRIDGE.search(listed[day])]
    return next((name for name in names if name != EVE), EVE if names else "放假")


def _plain(name: str) -> str:
    """国庆节（补假） → 国庆节."""
    name = name.split("（")[0].split(";")[0].strip()
    return NAMES.get(name, name)


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
