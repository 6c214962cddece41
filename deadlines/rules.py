"""How a deadline is counted (程序规定第35条), and how it reads today."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.timezone import localdate, localtime

from deadlines.calendar import DAY, Calendar
from deadlines.ground import in_force
from deadlines.models import Clock, ClockState, DeadlineRule, Unit

Days = list[dict[str, Any]]
SOON_WORKING_DAYS, SOON_DAYS = 3, 7
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Explained:
    """A last day with the reason of every day from the start to it.

    ``days`` holds dicts ``date``, ``kind`` (`start` not counted, `skip` a rest day, `count` a counted day, `due` the
    last one), ``label`` and, on a make-up working day, ``work``. ``due_at`` is set for a rule in hours only.
    ``provisional``: it reaches a year whose holidays are not published, and may move.
    """

    due_on: date
    due_at: datetime | None = None
    provisional: bool = False
    days: Days = field(default_factory=list)


def rule_on(code: str, on: date, bureau_id: int | None = None) -> DeadlineRule:
    """The version of rule ``code`` in force on ``on``, the bureau's own before the shipped one.

    Raises DeadlineRule.DoesNotExist when there is none.
    """
    rule = in_force(code, bureau_id, on).order_by(F("bureau").desc(nulls_last=True), "-since").first()
    if rule is None:
        raise DeadlineRule.DoesNotExist(f"no version of {code} is in force on {on}")
    return rule


def roll_forward(day: date, calendar: Calendar) -> date:
    """A last day on a rest day moves to the next working day (程序规定第35条)."""
    return day if calendar.is_working(day) else calendar.next_working(day)


def compute(rule: DeadlineRule, start: date, calendar: Calendar, *, at: datetime | None = None) -> Explained:
    """The last day of ``rule`` counted from ``start``, which itself counts only where the rule says so.

    A rule in hours counts from ``at`` and raises ValueError without it.
    """
    if rule.unit == Unit.HOURS:
        if at is None:
            raise ValueError(f"{rule.code} counts hours and needs an instant")
        due_at = at + timedelta(hours=rule.amount)
        due_on = localtime(due_at).date()
        return Explained(due_on, due_at, days=_every_day(start, due_on, calendar))
    count = COUNTS[Unit(rule.unit)]
    days = count(start, rule.amount, calendar, rule.counts_first)
    due_on = days[-1]["date"]
    settled = all(calendar.confirmed(year) for year in range(start.year, due_on.year + 1))
    return Explained(due_on, provisional=rule.unit in USES_CALENDAR and not settled, days=days)


def _day(day: date, kind: str, calendar: Calendar, label: str | None = None) -> dict[str, Any]:
    found = {"date": day, "kind": kind, "label": calendar.name_of(day) if label is None else label}
    return found | {"work": True} if calendar.is_make_up(day) else found


def _start(day: date, calendar: Calendar) -> Days:
    return [_day(day, "start", calendar, "")]


def _working_days(start: date, amount: int, calendar: Calendar, counts_first: bool) -> Days:
    first = counts_first and amount > 0 and calendar.is_working(start)
    days = [_day(start, "count", calendar)] if first else _start(start, calendar)
    day, counted = start, int(first)
    while counted < amount:
        day += DAY
        counts = calendar.is_working(day)
        counted += counts
        days.append(_day(day, "count" if counts else "skip", calendar))
    days[-1]["kind"] = "due"
    return days


def _calendar_days(start: date, amount: int, calendar: Calendar, counts_first: bool) -> Days:
    first = counts_first and amount > 0
    return _until(start, start + DAY * (amount - first), calendar, first)


def _day_of_next_month(start: date, amount: int, calendar: Calendar, _counts_first: bool) -> Days:
    """The day ``amount`` of the month after ``start``, its last one when it is shorter."""
    first = (start.replace(day=1) + DAY * 31).replace(day=1)
    last = (first + DAY * 31).replace(day=1) - DAY
    return _until(start, min(first + DAY * (amount - 1), last), calendar)


def _until(start: date, end: date, calendar: Calendar, counts_first: bool = False) -> Days:
    """Every day counts; when ``end`` is a rest day, it and the rest days behind it are passed over."""
    due_on = roll_forward(end, calendar)
    days = [] if counts_first else _start(start, calendar)
    after = start if counts_first else start + DAY
    days += [_day(after + DAY * step, "count", calendar) for step in range((end - after).days)]
    days += [_day(end + DAY * step, "skip", calendar) for step in range((due_on - end).days)]
    days += [_day(due_on, "due", calendar)]
    return days


def _same_day(start: date, _amount: int, calendar: Calendar, _counts_first: bool) -> Days:
    return [_day(start, "due", calendar)]


def _year_end(start: date, _amount: int, calendar: Calendar, _counts_first: bool) -> Days:
    """`每年至少一次` ends with the calendar year, whatever day that is: its 365 days explain nothing."""
    return [*_start(start, calendar), _day(date(start.year, 12, 31), "due", calendar)]


def _every_day(start: date, end: date, calendar: Calendar) -> Days:
    days = [_day(start + DAY * step, "count", calendar) for step in range((end - start).days + 1)]
    days[-1]["kind"] = "due"
    return days


COUNTS: dict[Unit, Callable[[date, int, Calendar, bool], Days]] = {
    Unit.WORKING_DAYS: _working_days,
    Unit.CALENDAR_DAYS: _calendar_days,
    Unit.ON_THE_SPOT: _same_day,
    Unit.SAME_DAY: _same_day,
    Unit.YEAR_END: _year_end,
    Unit.DAY_OF_MONTH: _day_of_next_month,
}
# Which counts a holiday can move, and which can take in their first day.
USES_CALENDAR = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.DAY_OF_MONTH)
MAY_COUNT_FIRST = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)


def words(clock: Clock, now: datetime, calendar: Calendar) -> tuple[str, str]:
    """How a clock (its rule is read) reads at ``now``, in the rule's own unit, and the tone of its chip."""
    if clock.state != ClockState.RUNNING:
        return ClockState(clock.state).label, "done" if clock.state == ClockState.MET else ""
    if clock.due_at is not None:
        return _words_in_hours(clock.due_at, now)
    return _words_in_days(clock.due_on, localdate(now), clock.rule.unit, calendar)


def _words_in_hours(due_at: datetime, now: datetime) -> tuple[str, str]:
    """Full hours, and minutes within the last or the first one: 还剩 5 小时, 逾期 20 分钟."""
    minutes = int(abs(due_at - now) // MINUTE)
    spoken = f"{minutes // 60} 小时" if minutes >= 60 else f"{minutes} 分钟"
    if due_at < now:
        return (f"逾期 {spoken}" if minutes else "已逾期"), "over"
    said, days = f"还剩 {spoken}" if minutes else "还剩不到 1 分钟", (localdate(due_at) - localdate(now)).days
    return said, "later" if days > SOON_DAYS else "soon" if days else "today"


def _words_in_days(due_on: date, today: date, unit: str, calendar: Calendar) -> tuple[str, str]:
    if due_on == today:
        return "今天到期", "today"
    earlier, later = sorted((today, due_on))
    working = unit == Unit.WORKING_DAYS
    amount = calendar.working_between(earlier, later) if working else (later - earlier).days
    spoken = f"{amount} {'个工作日' if working else '天'}"
    if due_on < today:
        # Late on Saturday for a Friday: over, though no working day has passed.
        return (f"逾期 {spoken}" if amount else "已逾期"), "over"
    return f"还剩 {spoken}", "soon" if amount <= (SOON_WORKING_DAYS if working else SOON_DAYS) else "later"
