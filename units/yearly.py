"""The yearly inspection of each unit as a clock (监督检查规定第30条第1款: 每年至少一次).

A unit has one clock a calendar year. The first visit that stands from 1 January on meets it: within the year in time,
later as late, for a unit seen at last is no arrears any more and the year still counts as missed. While no such visit
stands the clock runs if the unit is open and is cancelled if it is closed; a year it was closed in is not made up for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.actions import Start, cancel_clocks, meet_clocks, reopen_clocks, start_clocks
from deadlines.models import Clock, ClockQuerySet, ClockState, Doer
from units.models import State, Unit, UnitQuerySet

CODE = "INSPECT_MIN"
HANDFUL = 500


def key(unit_id: int, year: int) -> str:
    return f"annual:{unit_id}:{year}"


def clocks_of(unit_id: int) -> ClockQuerySet:
    """The yearly clocks of a unit, one a year."""
    return Clock.objects.of(Unit._meta.label_lower, unit_id).filter(rule_code=CODE)


def begin(units: Iterable[Unit], on: date, *, since: date | None = None) -> int:
    """Start the clock of the year of ``on`` for each of the open ``units`` that has none; how many were new.

    It runs from 1 January, for a unit entered during the year from that day, or from ``since``. A unit that was
    visited in the year already gets its clock met. Three queries for the units of one bureau and first day.
    """
    together: dict[tuple[int, date], list[Start]] = defaultdict(list)
    for unit in units:
        if unit.state == State.OPEN:
            start = _start(unit, on, since or _first_day(unit, on))
            together[unit.bureau_id, start.started_on].append(start)
    return sum(start_clocks(CODE, starts) for starts in together.values())


def _first_day(unit: Unit, on: date) -> date:
    return min(max(date(on.year, 1, 1), localdate(unit.created_at)), on)


def _start(unit: Unit, on: date, first: date) -> Start:
    visited = unit.last_visited_on
    page = reverse("unit_page", args=[unit.pk])
    return Start(
        key=key(unit.pk, on.year),
        subject=unit,
        label=f"年度检查：{unit.name}",
        detail=_detail(on.year),
        url=page,
        look_url=page,
        scope=unit,
        unit_id=unit.pk,
        owner=unit.officer,
        started_on=first,
        met_on=visited if visited is not None and visited.year >= on.year else None,
    )


def _detail(year: int) -> str:
    return f"{year} 年内至少检查一次"


def open_year(today: date) -> int:
    """Start what is missing of this year's clocks, a handful of units a transaction; how many were new.

    On 1 January that is every open unit, on any other day none: then it costs one query. It can be killed between
    two handfuls and run twice at once.
    """
    started = 0
    while handful := _open_handful(today):
        started += handful
    return started


@transaction.atomic
def _open_handful(today: date) -> int:
    # Locked, so that nobody closes a unit while its clock starts; who holds one now leaves it to the next sweep.
    units = without_clock(today.year).select_for_update(of=("self",), skip_locked=True)
    return begin(units.select_related("officer").order_by("pk")[:HANDFUL], today)


def without_clock(year: int) -> UnitQuerySet:
    """The open units that have no clock of ``year``; the key is looked up in its unique index."""
    named = Concat(Value("annual:"), Cast(OuterRef("pk"), CharField()), Value(f":{year}"))
    return Unit.objects.open().filter(~Exists(Clock.objects.filter(key=named)))


def meet(unit_id: int, on: date) -> int:
    """A visit of ``on`` stands: it meets the clock of its year and the arrears of earlier ones; how many it met.

    One entered late, after a later one, was the first after all. A unit seen and closed in one year was seen.
    """
    due_by_then = clocks_of(unit_id).filter(started_on__lte=date(on.year, 12, 31))
    owed = Q(state=ClockState.RUNNING) | Q(state=ClockState.MET, met_on__gt=on)
    return meet_clocks(due_by_then.filter(owed | Q(state=ClockState.CANCELLED, key=key(unit_id, on.year))), on)


def settle(unit: Unit, days: Collection[date]) -> None:
    """A visit was voided and those of ``days`` are left: each clock is met by the first that can, or by none."""
    for clock in clocks_of(unit.pk).filter(state=ClockState.MET):
        this, year = Clock.objects.filter(pk=clock.pk), clock.started_on.year
        left = min((day for day in days if day.year >= year), default=None)
        if left is None:
            reopen_clocks(this, unit.officer, _detail(year))
        elif left != clock.met_on:
            meet_clocks(this, left)
    if unit.state == State.CLOSED:
        cancel(unit)


def cancel(unit: Unit) -> int:
    """The unit is closed: nothing is owed there any more."""
    return cancel_clocks(clocks_of(unit.pk), f"单位关闭：{unit.closed_reason}")


def resume(unit: Unit, on: date, closed_on: date | None) -> None:
    """The unit is open again on ``on``: so is the clock of this year, and what was overdue when it closed."""
    cancelled = clocks_of(unit.pk).filter(state=ClockState.CANCELLED)
    again = Q(key=key(unit.pk, on.year))
    if closed_on is not None:
        again |= Q(due_on__lt=closed_on)
    for clock in cancelled.filter(again):
        reopen_clocks(Clock.objects.filter(pk=clock.pk), unit.officer, _detail(clock.started_on.year))
    begin([unit], on, since=on)


def duties_at(unit_ids: Collection[int], former_ids: Collection[int]) -> ClockQuerySet:
    """The running duties at the units that are of their former officers or nobody, and are handed on with the units.

    A duty there that somebody else took over stays with him.
    """
    theirs = Q(owner_id__in=former_ids) | Q(owner__isnull=True)
    return Clock.objects.running().filter(theirs, unit_id__in=unit_ids, doer=Doer.STATION)
