"""What starting a clock stands on, read in one query: the calendar, the rule in force, what runs already."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import DateField, Q, QuerySet

from deadlines.calendar import Calendar
from deadlines.models import DeadlineRule

# What a start reads of a rule, in the order of the model; everything else is fetched when it is asked for.
RULE_FIELDS = ["id", "amount", "unit", "counts_first", "doer", "remind_before", "escalate_after", "since"]
DAY, YEAR, RULE, CLOCK = range(4)
# Every legal act starts clocks, and the ORM takes ten times as long to write this union as a database to answer it.
# The rules of it are those of `in_force`.
GROUND = """
SELECT 0, day, kind, name, 0, 0, 0, 0, 0, 0
  FROM deadlines_calendarday WHERE day >= %(on)s
UNION ALL
SELECT 1, CAST(NULL AS date), '', '', year, CAST(confirmed AS integer), 0, 0, 0, 0
  FROM deadlines_calendaryear
UNION ALL
SELECT 2, since, unit, doer, id, amount, remind_before, escalate_after, CAST(counts_first AS integer),
       COALESCE(bureau_id, 0)
  FROM deadlines_deadlinerule
 WHERE code = %(code)s AND since <= %(on)s AND (until IS NULL OR until >= %(on)s)
   AND (bureau_id IS NULL OR bureau_id = %(bureau)s)
UNION ALL
SELECT 3, CAST(NULL AS date), '', '', id, 0, 0, 0, 0, 0
  FROM deadlines_clock WHERE key = %(key)s
"""
_as_date = DateField().to_python


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
    found: dict[int, list[tuple[Any, ...]]] = {DAY: [], YEAR: [], RULE: [], CLOCK: []}
    with connection.cursor() as cursor:
        cursor.execute(GROUND, {"on": on.isoformat(), "code": code, "bureau": bureau_id, "key": key})
        for what, day, *values in cursor.fetchall():
            found[what].append((_as_date(day), *values))
    if not found[RULE]:
        raise DeadlineRule.DoesNotExist(f"no version of {code} is in force on {on}")
    # The bureau's own version goes before the shipped one, the later before the earlier.
    since, unit, doer, pk, amount, before, after, counts_first, _ = max(found[RULE], key=lambda row: (row[-1], row[0]))
    values = [pk, amount, unit, bool(counts_first), doer, before, after, since]
    rule = DeadlineRule.from_db(connection.alias, RULE_FIELDS, values)
    listed = [row[:3] for row in found[DAY]]
    entered = {number: bool(settled) for _, _, _, number, settled, *_ in found[YEAR]}
    return Ground(rule, Calendar.of(listed, entered), found[CLOCK][0][3] if found[CLOCK] else None)


def in_force(code: str, bureau_id: int | None, on: date) -> QuerySet[DeadlineRule]:
    """The versions of ``code`` that hold on ``on``: the shipped one and, where there is one, the bureau's own."""
    whose = Q(bureau__isnull=True) | Q(bureau=bureau_id) if bureau_id else Q(bureau__isnull=True)
    return DeadlineRule.objects.filter(whose, Q(until__isnull=True) | Q(until__gte=on), code=code, since__lte=on)
