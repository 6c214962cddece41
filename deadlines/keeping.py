"""Keeping the calendar the clocks count by: a day, a year, and what moves with it."""

from datetime import date
from typing import Any

from django.db import transaction

from deadlines import seed
from deadlines.calendar import Calendar
from deadlines.models import CalendarDay, CalendarYear, Clock, DayKind
from deadlines.rules import compute
from fire_supervision.lib.errors import RuleError
from stations.models import User
from trail.record import record


@transaction.atomic
def seed_year(year: int) -> tuple[int, bool]:
    """Write what the package knows of ``year``: how many days were written, and whether it was published.

    A day somebody edited stays. A year somebody confirmed is left alone; a forecast is replaced by the notice.
    """
    published = seed.published(year)
    row, created = CalendarYear.objects.get_or_create(year=year, defaults={"confirmed": published})
    if row.confirmed and not created:
        return 0, True
    written = _write_days(year, seed.days_of(year))
    CalendarYear.objects.filter(pk=row.pk).update(confirmed=published)
    _recount(date(year, 1, 1), date(year, 12, 31))
    return written, published


def _write_days(year: int, wanted: list[seed.SeedDay]) -> int:
    """Make the days nobody edited those of ``wanted``; how many were written."""
    known = CalendarDay.objects.filter(day__year=year)
    edited = set(known.filter(edited=True).values_list("day", flat=True))
    known.filter(edited=False).exclude(day__in=[day.day for day in wanted]).delete()
    present = set(known.values_list("day", "kind", "name"))
    fresh = [day for day in wanted if day.day not in edited and (day.day, day.kind, day.name) not in present]
    for day in fresh:
        CalendarDay.objects.update_or_create(day=day.day, defaults={"kind": day.kind, "name": day.name})
    return len(fresh)


@transaction.atomic
def edit_day(actor: User, day: date, kind: DayKind, name: str) -> CalendarDay:
    """Say what ``day`` is; from now on the seed leaves it alone. Running duties that count it are counted anew."""
    known = CalendarDay.objects.filter(day=day).first()
    before = {"kind": known.kind, "name": known.name} if known else {}
    row, _ = CalendarDay.objects.update_or_create(day=day, defaults={"kind": kind, "name": name, "edited": True})
    CalendarYear.objects.get_or_create(year=day.year)
    moved = _recount(day, day)
    summary = f"工作日历 {day} 改为{kind.label}（{name}），{moved} 项期限随之重算"
    record(actor, "deadlines.edit_day", row, summary, before=before, after={"kind": kind, "name": name})
    return row


@transaction.atomic
def confirm_year(actor: User, year: int) -> CalendarYear:
    """The year's days agree with the State Council's notice; provisional duties that reach it become firm."""
    row = CalendarYear.objects.select_for_update().filter(year=year).first()
    if row is None:
        raise RuleError(f"工作日历没有 {year} 年", remedy="先录入该年的放假和调休日。")
    if row.confirmed:
        raise RuleError(f"{year} 年的工作日历已经核定")
    row.confirmed = True
    row.save(update_fields=["confirmed"])
    moved = _recount(date(year, 1, 1), date(year, 12, 31))
    summary = f"核定 {year} 年工作日历，{moved} 项期限随之重算"
    record(actor, "deadlines.confirm_year", row, summary, after={"confirmed": True})
    return row


def _recount(first: date, last: date) -> int:
    """Count anew the running duties whose days touch ``first`` to ``last``; how many changed."""
    touched = Clock.objects.running().filter(started_on__lt=last, due_on__gte=first, due_at__isnull=True)
    clocks = list(touched.select_related("rule").select_for_update(of=("self",)))
    if not clocks:
        return 0
    calendar = Calendar.load(min(clock.started_on for clock in clocks))
    changed = [clock for clock in clocks if _counted_anew(clock, calendar)]
    Clock.objects.bulk_update(changed, ["due_on", "provisional", "explanation"], batch_size=500)
    return len(changed)


def _counted_anew(clock: Clock, calendar: Calendar) -> bool:
    """Whether counting ``clock`` by ``calendar`` gives something else; the clock takes it over."""
    explained = compute(clock.rule, clock.started_on, calendar)
    before: tuple[Any, ...] = (clock.due_on, clock.provisional, [day["label"] for day in clock.explanation])
    clock.due_on, clock.provisional = explained.due_on, explained.provisional
    clock.explanation = explained.days
    return before != (explained.due_on, explained.provisional, [day["label"] for day in explained.days])
