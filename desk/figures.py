"""The figures beside the workbench: one's own quarter, the people of a station, the stations one guides."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.timezone import localdate

from assessments.quarters import Quarter
from deadlines.models import ON_TIME, Clock, ClockState, Doer
from desk.year import Load, YearPlan, year_plan
from hazards.models import Hazard, HazardState
from inspections.models import Inspection
from records.models import Document, ReviewState
from stations.models import Organisation, User
from stations.permissions import ENFORCERS, Role


@dataclass(frozen=True)
class Line:
    """One figure with its denominator; ``due`` 0 is a figure without one."""

    label: str
    note: str
    done: int
    due: int


@dataclass(frozen=True)
class OwnQuarter:
    """一季度的自己: the days of the quarter that have passed, its lines, the inspections of the year."""

    quarter: Quarter
    passed: int
    days: int
    lines: list[Line]
    year: YearPlan


def own_quarter(user: User, today: date) -> OwnQuarter:
    """The quarter of an officer, or of the whole station for its chief."""
    quarter = Quarter.of(today)
    first, last = quarter.start, quarter.end
    whole = user.role == Role.CHIEF
    clocks = Clock.objects.for_user(user).filter(rule_code="RECHECK", due_on__range=(first, last), opens_on__lte=today)
    hazards = Hazard.objects.for_user(user).filter(deadline__range=(first, today)).exclude(state=HazardState.VOID)
    visits = Inspection.objects.for_user(user).done().filter(visited_on__range=(first, last))
    if not whole:
        clocks, visits = clocks.filter(owner=user), visits.filter(Q(lead=user) | Q(second=user))
        hazards = hazards.filter(unit__officer=user)
    rechecks = clocks.exclude(state=ClockState.CANCELLED).aggregate(
        total=Count("pk"), on_time=Count("pk", filter=Q(ON_TIME, state=ClockState.MET))
    )
    gone = hazards.aggregate(total=Count("pk"), closed=Count("pk", filter=Q(state=HazardState.CLOSED)))
    return OwnQuarter(
        quarter=quarter,
        passed=(today - first).days + 1,
        days=(last - first).days + 1,
        lines=[
            Line("按期复查", "本季到期的复查", rechecks["on_time"], rechecks["total"]),
            Line("隐患销号", "本季到改正期限的隐患", gone["closed"], gone["total"]),
            Line("检查", "本季完成的检查，次", visits.count(), 0),
        ],
        year=year_plan(user, today, whole=whole),
    )


@dataclass(frozen=True)
class PersonLine:
    """A person of the station: units visited of assigned, running and overdue duties."""

    person: User
    units: int
    visited: int
    running: int
    overdue: int


def station_people(chief: User, clocks: list[Clock], own: OwnQuarter, now: datetime) -> list[PersonLine]:
    """Who carries what in the chief's station; ``clocks`` and ``own`` are what his page has loaded already."""
    running = Counter(clock.owner_id for clock in clocks)
    overdue = Counter(clock.owner_id for clock in clocks if clock.is_overdue(now))
    people = User.objects.working().of_station(chief.home_station.pk).filter(role__in=ENFORCERS).order_by("number")
    lines = []
    for person in people:
        load = own.year.loads.get(person.pk, Load(0, 0))
        lines.append(PersonLine(person, load.total, load.visited, running[person.pk], overdue[person.pk]))
    return lines


@dataclass(frozen=True)
class StationLine:
    """A station as its guide sees it."""

    station: Organisation
    pending: int
    oldest: date | None
    returned: int
    passed: int
    overdue: int


def supervised(user: User, now: datetime) -> list[StationLine]:
    """The guided stations with what waits for review there, the oldest first."""
    papers = (
        Document.objects.for_user(user)
        .valid()
        .values("station")
        .annotate(
            pending=Count("pk", filter=Q(review_state__in=[ReviewState.PENDING, ReviewState.REFILED])),
            oldest=Min("issued_on", filter=Q(review_state__in=[ReviewState.PENDING, ReviewState.REFILED])),
            returned=Count("pk", filter=Q(review_state=ReviewState.RETURNED)),
            passed=Count("pk", filter=Q(review_state=ReviewState.PASSED)),
        )
        .order_by()
    )
    by_station: dict[int, dict[str, Any]] = {row["station"]: dict(row) for row in papers}
    late = Clock.objects.for_user(user).overdue(now).filter(doer=Doer.STATION)
    overdue = dict(late.values_list("station").annotate(Count("pk")).order_by())
    lines = [
        StationLine(
            station,
            by_station.get(station.pk, {}).get("pending", 0),
            by_station.get(station.pk, {}).get("oldest"),
            by_station.get(station.pk, {}).get("returned", 0),
            by_station.get(station.pk, {}).get("passed", 0),
            overdue.get(station.pk, 0),
        )
        for station in Organisation.objects.for_user(user).stations()
    ]
    return sorted(lines, key=lambda line: (line.oldest is None, line.oldest or localdate(now), line.station.name))
