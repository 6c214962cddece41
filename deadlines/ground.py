"""What starting a clock stands on, read in one query: the calendar, the rule in force, what runs already."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import DateField, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from deadlines.calendar import Calendar
from deadlines.models import CalendarDay, CalendarYear, Clock, DeadlineRule

DAY, YEAR, RULE, CLOCK = range(4)
NO_DAY, NO_WORD = Value(None, DateField()), Value("")
# What a start reads of a rule, in the order of the model; everything else is fetched when it is asked for.
RULE_FIELDS = ["id", "amount", "unit", "counts_first", "doer", "remind_before", "escalate_after", "since"]


@dataclass(frozen=True)
class Ground:
    """``clock_id`` is the clock the key has already; None for a new duty."""

    rule: DeadlineRule
    calendar: Calendar
    clock_id: int | None


def read_ground(code: str, bureau_id: int | None, on: date, key: str = "") -> Ground:
    """The rule ``code`` of the bureau on ``on``, and the calendar from ``on``.

    Raises DeadlineRule.DoesNotExist when no version is in force.
    """
    days = _rows(CalendarDay.objects.filter(day__gte=on), DAY, F("day"), F("kind"), F("name"))
    years = _rows(CalendarYear.objects.all(), YEAR, NO_DAY, NO_WORD, NO_WORD, F("year"), _int("confirmed"))
    clocks = _rows(Clock.objects.filter(key=key), CLOCK, NO_DAY, NO_WORD, NO_WORD, F("id"))
    own = Coalesce(F("bureau_id"), Value(0))
    rules = _rows(
        in_force(code, bureau_id, on), RULE, F("since"), F("unit"), F("doer"), F("id"), F("amount"),
        F("remind_before"), F("escalate_after"), _int("counts_first"), own,
    )  # fmt: skip
    found: dict[int, list[tuple[Any, ...]]] = {DAY: [], YEAR: [], RULE: [], CLOCK: []}
    for what, *values in days.union(years, clocks, rules, all=True):
        found[what].append(tuple(values))
    if not found[RULE]:
        raise DeadlineRule.DoesNotExist(f"no version of {code} is in force on {on}")
    # The bureau's own version goes before the shipped one, the later before the earlier.
    since, unit, doer, pk, amount, before, after, counts_first, _ = max(found[RULE], key=lambda row: (row[-1], row[0]))
    values = [pk, amount, unit, bool(counts_first), doer, before, after, since]
    rule = DeadlineRule.from_db(days.db, RULE_FIELDS, values)
    listed = [row[:3] for row in found[DAY]]
    entered = {number: bool(settled) for _, _, _, number, settled, *_ in found[YEAR]}
    return Ground(rule, Calendar.of(listed, entered), found[CLOCK][0][3] if found[CLOCK] else None)


def in_force(code: str, bureau_id: int | None, on: date) -> QuerySet[DeadlineRule]:
    """The versions of ``code`` that hold on ``on``: the shipped one and, where there is one, the bureau's own."""
    whose = Q(bureau__isnull=True) | Q(bureau=bureau_id) if bureau_id else Q(bureau__isnull=True)
    return DeadlineRule.objects.filter(whose, Q(until__isnull=True) | Q(until__gte=on), code=code, since__lte=on)


def _rows(rows: QuerySet[Any], what: int, *values: Any) -> QuerySet[Any]:
    """``rows`` in the columns of the union: what it is, a day, two words, six numbers."""
    numbers = [*values[3:], *[Value(0)] * (9 - len(values))]
    return rows.order_by().values_list(Value(what), *values[:3], *numbers)


def _int(field: str) -> Cast:
    return Cast(field, IntegerField())
