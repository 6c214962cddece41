"""The versions of a rule: which one holds for a bureau, which come after it, and where its value is from."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from deadlines.models import DeadlineRule, Unit

WORDS = {Unit.HOURS: "{} 小时", Unit.DAY_OF_MONTH: "次月 {} 日前", Unit.CALENDAR_DAYS: "{} 日"}


def amount_of(rule: DeadlineRule) -> str:
    """3 个工作日, 24 小时, 当场."""
    unit = Unit(rule.unit)
    if unit == Unit.WORKING_DAYS:
        return f"{rule.amount} {unit.label}"
    return WORDS.get(unit, unit.label).format(rule.amount)


def versions_of(bureau_id: int | None) -> QuerySet[DeadlineRule]:
    """What a bureau reads: the shipped versions and its own, with whoever settled them."""
    whose = Q(bureau__isnull=True) | Q(bureau=bureau_id) if bureau_id else Q(bureau__isnull=True)
    return DeadlineRule.objects.filter(whose).select_related("confirmed_by").order_by("code", "since")


def version_for(code: str, on: date, bureau_id: int | None) -> DeadlineRule | None:
    """The version `rule_on` would take; for a day before the first one, the first one. One query."""
    found = list(versions_of(bureau_id).filter(code=code))
    return _holding(found, on) or (min(found, key=lambda rule: rule.since) if found else None)


def _holding(versions: list[DeadlineRule], on: date) -> DeadlineRule | None:
    """The Python side of `rules.rule_on`."""
    holding = [rule for rule in versions if rule.holds_on(on)]
    return max(holding, key=lambda rule: (rule.bureau_id is not None, rule.since), default=None)


@dataclass(frozen=True)
class RuleRow:
    """One rule as a bureau reads it: the version that holds, the one that is to come, and those it replaced."""

    rule: DeadlineRule
    coming: DeadlineRule | None = None
    former: list[DeadlineRule] = field(default_factory=list)


def rows_of(bureau_id: int | None, on: date) -> list[RuleRow]:
    """Every rule of a bureau on ``on``, those that bind a station first. One query."""
    by_code: dict[str, list[DeadlineRule]] = {}
    for rule in versions_of(bureau_id):
        by_code.setdefault(rule.code, []).append(rule)
    rows = [row for versions in by_code.values() if (row := _row(versions, on))]
    return sorted(rows, key=lambda row: (not row.rule.confirmed, -ORDER.index(row.rule.binding), row.rule.code))


ORDER = ("LOCAL", "BRIGADE", "STATION")


def _row(versions: list[DeadlineRule], on: date) -> RuleRow | None:
    holding = _holding(versions, on)
    coming = next((rule for rule in versions if rule.since > on), None)
    if holding is None:
        return RuleRow(coming) if coming else None
    former = [rule for rule in reversed(versions) if rule.since <= on and rule != holding]
    return RuleRow(holding, coming, former)
