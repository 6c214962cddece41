"""Starting and stopping clocks; the acts on the calendar and the rules stand in `keeping` and are offered here too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models

from deadlines.bulk import cancel_clocks, meet_clocks, reassign, reopen_clocks
from deadlines.ground import Ground, read_ground
from deadlines.keeping import confirm_year, edit_day, import_days, seed_year
from deadlines.ladder import ladder
from deadlines.models import Clock, ClockState
from deadlines.rules import compute
from deadlines.settling import change_rule, confirm_rule, withdraw_rule
from deadlines.sweeps import remind
from fire_supervision.lib.errors import RuleError
from stations.models import Organisation, User
from stations.scope import Scoped

__all__ = [
    "Start",
    "cancel_clock",
    "cancel_clocks",
    "change_rule",
    "confirm_rule",
    "confirm_year",
    "describe_clock",
    "edit_day",
    "import_days",
    "meet_clock",
    "meet_clocks",
    "reassign",
    "remind",
    "reopen_clock",
    "reopen_clocks",
    "seed_year",
    "start_clock",
    "start_clocks",
    "withdraw_rule",
]


@dataclass(frozen=True)
class Start:
    """What a duty is, whose, and from when it runs.

    The scope columns are copied from ``scope``. ``url`` is where it is done, ``look_url`` where it is looked at by
    whoever cannot do it; ``opens_on`` is the day it shows up, the start unless given; ``started_at`` is needed by a
    rule in hours; ``met_on`` is given for what was done before its clock was started; ``quiet`` is a period that runs
    out by itself, of which nobody is reminded.
    """

    key: str
    subject: models.Model
    label: str
    url: str
    scope: Scoped | Organisation
    started_on: date
    detail: str = ""
    look_url: str = ""
    unit_id: int | None = None
    owner: User | None = None
    opens_on: date | None = None
    started_at: datetime | None = None
    met_on: date | None = None
    quiet: bool = False


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
        met_on=start.met_on,
        state=ClockState.RUNNING if start.met_on is None else ClockState.MET,
        next_at=None if start.quiet else ladder(rule, opens_on, explained.due_on, explained.due_at, calendar)[0][1],
        provisional=explained.provisional,
        explanation=explained.days,
    )


def meet_clock(key: str, on: date, at: datetime | None = None) -> bool:
    """The duty ``key`` was done on ``on``. False when no such clock runs: the second of two stops is a no-op.

    ``at`` is the instant, which a duty in hours is judged by. Raises RuleError for a day before the duty began: that
    would hide that it is late.
    """
    running = _running(key)
    if running.filter(started_on__lte=on).update(state=ClockState.MET, met_on=on, met_at=at):
        return True
    early = running.first()
    if early is not None:
        message = f"“{early.label}”自 {early.started_on:%Y-%m-%d} 起算，不能在 {on:%Y-%m-%d} 办结"
        raise RuleError(message, remedy="核对日期。")
    return False


def cancel_clock(key: str, reason: str) -> bool:
    """The duty ``key`` fell away; ``reason`` stays on it. False when there is no such running clock."""
    return _running(key).update(state=ClockState.CANCELLED, detail=reason[:200]) == 1


def describe_clock(key: str, detail: str) -> bool:
    """What the running duty ``key`` covers has changed. False when no such clock runs."""
    return _running(key).update(detail=detail[:200]) == 1


def reopen_clock(key: str) -> bool:
    """What met the duty ``key`` has fallen away, so it runs again. False when it was not met."""
    met = Clock.objects.filter(key=key, state=ClockState.MET)
    return met.update(state=ClockState.RUNNING, met_on=None, met_at=None) == 1


def _running(key: str) -> models.QuerySet[Clock]:
    return Clock.objects.running().filter(key=key)
