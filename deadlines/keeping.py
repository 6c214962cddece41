"""Keeping the calendar the clocks count by: a day, a year, a whole list of days, and what moves with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from deadlines import seed
from deadlines.models import CalendarDay, CalendarYear, DayKind
from deadlines.recounting import Moved, recount, tell_owners
from deadlines.seed import SeedDay
from fire_supervision.lib.errors import RuleError
from stations.models import User
from stations.shared import check_keeps
from trail.models import AuditEntry
from trail.record import record


@transaction.atomic
def seed_year(year: int) -> tuple[int, bool]:
    """Write what the package knows of ``year``: how many days were written, and whether the year is confirmed.

    A day somebody edited stays. A year somebody confirmed or imported is left alone; a forecast is replaced by the
    notice.
    """
    published = seed.published(year)
    row, created = CalendarYear.objects.get_or_create(year=year, defaults={"confirmed": published})
    if not created and (row.confirmed or row.imported):
        return 0, row.confirmed
    written = _write_days(year, seed.days_of(year))
    CalendarYear.objects.filter(pk=row.pk).update(confirmed=published)
    cause = f"{year} 年放假通知已公布" if published else f"{year} 年放假日预测有变"
    moved = recount(None, *_span(year), cause)
    if moved.recounted:
        entry = record(None, "deadlines.seed_year", row, f"{cause}，{moved}", after={"confirmed": published})
        _tell(moved, entry, cause)
    return written, published


def _write_days(year: int, wanted: list[SeedDay]) -> int:
    """Make the days nobody edited those of ``wanted``; how many were written."""
    known = CalendarDay.objects.filter(day__year=year)
    edited = set(known.filter(edited=True).values_list("day", flat=True))
    known.filter(edited=False).exclude(day__in=[day.day for day in wanted]).delete()
    present = set(known.values_list("day", "kind", "name"))
    fresh = [day for day in wanted if day.day not in edited and (day.day, day.kind, day.name) not in present]
    _list(fresh, edited=False)
    return len(fresh)


def _list(days: Sequence[SeedDay], *, edited: bool) -> None:
    rows = [CalendarDay(day=day.day, kind=day.kind, name=day.name, edited=edited) for day in days]
    CalendarDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day"], update_fields=["kind", "name", "edited"]
    )


def _open_year(year: int) -> CalendarYear:
    """The locked row of ``year``; a year not entered yet begins with the days the package knows.

    With one day alone in the table its holidays would count as working days.
    """
    row, created = CalendarYear.objects.select_for_update().get_or_create(
        year=year, defaults={"confirmed": seed.published(year)}
    )
    if created:
        _write_days(year, seed.days_of(year))
    return row


def _span(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _tell(moved: Moved, entry: AuditEntry, cause: str) -> None:
    tell_owners(moved, f"deadlines.recount:{entry.pk}", cause)


@transaction.atomic
def edit_day(actor: User, day: date, kind: DayKind, name: str) -> CalendarDay:
    """Say what ``day`` is; from now on the seed leaves it alone. Running duties that count it are counted anew."""
    check_keeps(actor, "工作日历")
    _open_year(day.year)
    known = CalendarDay.objects.filter(day=day).first()
    if known and (known.kind, known.name, known.edited) == (kind, name, True):
        return known
    before = {"kind": known.kind, "name": known.name} if known else {}
    row, _ = CalendarDay.objects.update_or_create(day=day, defaults={"kind": kind, "name": name, "edited": True})
    cause = f"工作日历 {day} 改为{kind.label}（{name}）"
    moved = recount(actor, day, day, cause)
    after = {"kind": kind, "name": name}
    entry = record(actor, "deadlines.edit_day", row, f"{cause}，{moved}", before=before, after=after)
    _tell(moved, entry, cause)
    return row


@transaction.atomic
def confirm_year(actor: User, year: int) -> CalendarYear:
    """The year's days agree with the State Council's notice; provisional duties that reach it become firm."""
    check_keeps(actor, "工作日历")
    row = CalendarYear.objects.select_for_update().filter(year=year).first()
    if row is None:
        raise RuleError(f"工作日历没有 {year} 年", remedy="先导入或者录入该年的放假和调休日。")
    if row.confirmed:
        raise RuleError(f"{year} 年的工作日历已经核定")
    row.confirmed = True
    row.save(update_fields=["confirmed"])
    cause = f"核定 {year} 年工作日历"
    moved = recount(actor, *_span(year), cause)
    entry = record(actor, "deadlines.confirm_year", row, f"{cause}，{moved}", after={"confirmed": True})
    _tell(moved, entry, cause)
    return row


@dataclass(frozen=True)
class Changes:
    """What a list of days changes: each as (the day it becomes, what it was)."""

    added: list[SeedDay] = field(default_factory=list)
    changed: list[tuple[SeedDay, SeedDay]] = field(default_factory=list)
    removed: list[SeedDay] = field(default_factory=list)
    unchanged: int = 0

    @property
    def days(self) -> Mapping[date, SeedDay | None]:
        """Each day that changes, with what it becomes."""
        listed: dict[date, SeedDay | None] = {day.day: day for day in [*self.added, *(now for now, _ in self.changed)]}
        return listed | {day.day: None for day in self.removed}

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        return f"新增 {len(self.added)} 天、改动 {len(self.changed)} 天、删去 {len(self.removed)} 天"


def changes_of(days: Sequence[SeedDay], *, whole: bool) -> Changes:
    """What ``days`` would change. ``whole``: their years hold nothing else, so what they leave out is removed."""
    known = _known({day.day.year for day in days})
    named = {day.day for day in days}
    return Changes(
        added=[day for day in days if day.day not in known],
        changed=[(day, known[day.day]) for day in days if day.day in known and known[day.day] != day],
        removed=[day for day in known.values() if day.day not in named] if whole else [],
        unchanged=sum(known.get(day.day) == day for day in days),
    )


def _known(years: set[int]) -> dict[date, SeedDay]:
    """The listed days of ``years``; of a year not entered yet those it would begin with."""
    rows = CalendarDay.objects.filter(day__year__in=years).values_list("day", "kind", "name")
    entered = set(CalendarYear.objects.filter(year__in=years).values_list("year", flat=True))
    packaged = [day for year in years - entered for day in seed.days_of(year)]
    listed = [*packaged, *(SeedDay(day, DayKind(kind), name) for day, kind, name in rows)]
    return {day.day: day for day in sorted(listed, key=lambda day: day.day)}


@transaction.atomic
def import_days(actor: User, days: Sequence[SeedDay], *, whole: bool) -> Changes:
    """List ``days`` in one act; with ``whole`` they are all there is of their years, and the seed keeps off these.

    Refused when nothing changes, so that a second submit is no second act.
    """
    check_keeps(actor, "工作日历")
    years = sorted({day.day.year for day in days})
    rows = [_open_year(year) for year in years]
    changes = changes_of(days, whole=whole)
    if not changes:
        raise RuleError("工作日历已经是这样，没有要改的")
    CalendarDay.objects.filter(day__in=[day.day for day in changes.removed]).delete()
    _list([*changes.added, *(now for now, _ in changes.changed)], edited=True)
    if whole:
        CalendarYear.objects.filter(year__in=years).update(imported=True)
    cause = f"导入{'、'.join(str(year) for year in years)} 年工作日历"
    moved = recount(actor, min(changes.days), max(changes.days), cause)
    before = {str(day.day): _words(day) for day in [*changes.removed, *(was for _, was in changes.changed)]}
    after = {str(day): _words(said) if said else "" for day, said in changes.days.items()}
    summary = f"{cause}，{changes}，{moved}"
    entry = record(actor, "deadlines.import_days", rows[0], summary, before=before, after=after)
    _tell(moved, entry, cause)
    return changes


def _words(day: SeedDay) -> str:
    return f"{DayKind(day.kind).label} {day.name}"
