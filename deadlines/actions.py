"""Starting and stopping clocks, and keeping the calendar they count by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from deadlines import seed
from deadlines.calendar import Calendar
from deadlines.ground import Ground, read_ground
from deadlines.ladder import ladder
from deadlines.models import CalendarDay, CalendarYear, Clock, ClockState, DayKind
from deadlines.rules import compute
from fire_supervision.lib.errors import RuleError
from stations.models import User
from stations.scope import Scoped
from trail.record import record


@dataclass(frozen=True)
class Start:
    """What a duty is, whose, and from when it runs.

    The scope columns are copied from ``scope``. ``url`` is where it is done, ``look_url`` where it is looked at by
    whoever cannot do it; ``opens_on`` is the day it shows up, the start unless given; ``started_at`` is needed by a
    rule in hours.
    """

    key: str
    subject: models.Model
    label: str
    url: str
    scope: Scoped
    started_on: date
    detail: str = ""
    look_url: str = ""
    unit_id: int | None = None
    owner: User | None = None
    opens_on: date | None = None
    started_at: datetime | None = None


def start_clock(code: str, **what: Any) -> Clock:
    """Start the duty ``what``, the fields of `Start`, by the rule in force on its first day; two queries.

    A second call with the same key returns the first clock. Call it in the transaction of the act that makes the
    duty; that act writes the audit entry. Raises DeadlineRule.DoesNotExist when no version of ``code`` is in force.
    """
    start = Start(**what)
    ground = read_ground(code, start.scope.bureau_id, start.started_on, start.key)
    if ground.clock_id is not None:
        return Clock.objects.get(pk=ground.clock_id)
    return _insert([_clock(start, code, ground)])[0]


def start_clocks(code: str, starts: Sequence[Start]) -> int:
    """Start many duties of one rule and one first day in three queries; how many were new."""
    if not starts:
        return 0
    if len({(start.scope.bureau_id, start.started_on) for start in starts}) > 1:
        raise ValueError("the duties started together share their bureau and their first day")
    known = set(Clock.objects.filter(key__in=[start.key for start in starts]).values_list("key", flat=True))
    fresh = [start for start in starts if start.key not in known]
    if fresh:
        ground = read_ground(code, fresh[0].scope.bureau_id, fresh[0].started_on)
        _insert([_clock(start, code, ground) for start in fresh])
    return len(fresh)


def _insert(clocks: list[Clock]) -> list[Clock]:
    # When somebody else started the same duty since the look, his row stays and ours takes its id.
    return Clock.objects.bulk_create(clocks, update_conflicts=True, unique_fields=["key"], update_fields=["key"])


def _clock(start: Start, code: str, ground: Ground) -> Clock:
    rule, calendar = ground.rule, ground.calendar
    explained = compute(rule, start.started_on, calendar, at=start.started_at)
    opens_on = start.opens_on or start.started_on
    return Clock(
        **start.scope.scope_columns(),
        key=start.key,
        rule_code=code,
        rule=rule,
        subject_type=start.subject._meta.label_lower,
        subject_id=start.subject.pk,
        label=start.label[:200],
        detail=start.detail[:200],
        url=start.url,
        look_url=start.look_url,
        unit_id=start.unit_id,
        owner=start.owner,
        doer=rule.doer,
        started_on=start.started_on,
        opens_on=opens_on,
        due_on=explained.due_on,
        due_at=explained.due_at,
        next_at=ladder(rule, opens_on, explained.due_on, explained.due_at, calendar)[0][1],
        provisional=explained.provisional,
        explanation=explained.days,
    )


def meet_clock(key: str, on: date, at: datetime | None = None) -> bool:
    """The duty ``key`` was done on ``on``. False when no such clock runs: the second of two stops is a no-op.

    ``at`` is the instant, which a duty in hours is judged by.
    """
    return _running(key).update(state=ClockState.MET, met_on=on, met_at=at) == 1


def cancel_clock(key: str, reason: str) -> bool:
    """The duty ``key`` fell away; ``reason`` stays on it. False when there is no such running clock."""
    return _running(key).update(state=ClockState.CANCELLED, detail=reason[:200]) == 1


def reopen_clock(key: str) -> bool:
    """What met the duty ``key`` has fallen away, so it runs again. False when it was not met."""
    met = Clock.objects.filter(key=key, state=ClockState.MET)
    return met.update(state=ClockState.RUNNING, met_on=None, met_at=None) == 1


def _running(key: str) -> models.QuerySet[Clock]:
    return Clock.objects.running().filter(key=key)


def reassign(unit_id: int, owner: User | None) -> int:
    """Hand the running duties of a unit to ``owner``; how many there were."""
    return Clock.objects.running().filter(unit_id=unit_id).update(owner=owner)


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
