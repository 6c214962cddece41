"""The yearly inspections (规定30) as their clocks have them: how many of how many, and which unit next."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Max, Q

from deadlines.models import Clock, ClockQuerySet, ClockState
from stations.models import User
from units.models import Unit
from units.yearly import CODE

NEXT = 5


@dataclass(frozen=True)
class Load:
    """Units somebody has to see this year, and how many of them he has seen."""

    total: int
    visited: int


@dataclass(frozen=True)
class YearPlan:
    """本年检查. ``loads`` by officer, None for units nobody has; ``arrears``: years that ended without a visit.

    ``due_on`` is the last day of this year's duties, None where there is none.
    """

    loads: dict[int | None, Load] = field(default_factory=dict)
    arrears: int = 0
    unvisited: list[Unit] = field(default_factory=list)
    pace: float = 0
    due_on: date | None = None

    @property
    def units(self) -> int:
        return sum(load.total for load in self.loads.values())

    @property
    def visited(self) -> int:
        return sum(load.visited for load in self.loads.values())

    @property
    def left(self) -> int:
        return self.units - self.visited

    @property
    def unassigned(self) -> int:
        return self.loads[None].total if None in self.loads else 0


def year_plan(user: User, today: date, *, whole: bool) -> YearPlan:
    """Of a person or of the ``whole`` station; two queries, one without the list of those still to be seen."""
    clocks = Clock.objects.for_user(user).filter(rule_code=CODE)
    clocks = clocks if whole else clocks.filter(owner=user)
    of_year = Q(started_on__year=today.year) & ~Q(state=ClockState.CANCELLED)
    rows = clocks.order_by().values_list("owner").annotate(
        total=Count("pk", filter=of_year),
        visited=Count("pk", filter=of_year & Q(state=ClockState.MET)),
        arrears=Count("pk", filter=Q(state=ClockState.RUNNING, due_on__lt=today)),
        ends=Max("due_on", filter=of_year),
    )  # fmt: skip
    loads, arrears, due_on = {}, 0, None
    for owner, total, visited, missed, ends in rows:
        loads[owner] = Load(total, visited)
        arrears += missed
        due_on = ends or due_on
    waiting = clocks.filter(of_year, state=ClockState.RUNNING)
    pace = today.timetuple().tm_yday / date(today.year, 12, 31).timetuple().tm_yday
    return YearPlan(loads, arrears, [] if whole else _longest_unvisited(user, waiting), pace, due_on)


def _longest_unvisited(user: User, waiting: ClockQuerySet) -> list[Unit]:
    units = Unit.objects.for_user(user).filter(pk__in=waiting.values("unit_id")).select_related("category")
    return list(units.order_by(F("last_visited_on").asc(nulls_first=True), "name_key")[:NEXT])
