"""The versions of a rule: which one holds for a bureau, which come after it, and where its value is from."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet, TextChoices

from deadlines.models import Binding, DeadlineRule, Unit
from deadlines.rules import MAY_COUNT_FIRST
from stations.models import Organisation, User

WORDS = {Unit.HOURS: "{} 小时", Unit.DAY_OF_MONTH: "次月 {} 日前", Unit.CALENDAR_DAYS: "{} 日"}


class Origin(TextChoices):
    """Where a value came from."""

    NATION = "NATION", "全国默认"
    REGION = "REGION", "取自地区规定"
    PRODUCT = "PRODUCT", "系统默认"
    BUREAU = "BUREAU", "本局核定"


def amount_of(rule: DeadlineRule) -> str:
    """3 个工作日, 24 小时, 当场."""
    unit = Unit(rule.unit)
    if unit == Unit.WORKING_DAYS:
        return f"{rule.amount} {unit.label}"
    return WORDS.get(unit, unit.label).format(rule.amount)


@dataclass(frozen=True)
class Version:
    """One version of a rule in the words of the pages."""

    rule: DeadlineRule

    @property
    def amount(self) -> str:
        return amount_of(self.rule)

    @property
    def reminders(self) -> str:
        """提前 1 个工作日提醒，逾期 3 个工作日上报."""
        unit = "小时" if self.rule.unit == Unit.HOURS else "个工作日"
        before = f"提前 {self.rule.remind_before} {unit}提醒" if self.rule.remind_before else "到期当天提醒"
        return f"{before}，逾期 {self.rule.escalate_after} {unit}上报"

    @property
    def first_day(self) -> str:
        """Whether the first day counts; empty for a rule in which the question does not arise."""
        if self.rule.unit not in MAY_COUNT_FIRST:
            return ""
        return "首日计入" if self.rule.counts_first else "首日不计入"

    @property
    def origin(self) -> Origin:
        if self.rule.bureau_id is not None:
            return Origin.BUREAU
        if self.rule.region:
            return Origin.REGION
        return Origin.PRODUCT if self.rule.binding == Binding.LOCAL else Origin.NATION

    @property
    def region(self) -> str:
        if self.rule.region:
            return self.rule.region
        return "没有全国规定" if self.rule.binding == Binding.LOCAL else "全国"

    @property
    def origin_words(self) -> str:
        """全国默认, 取自河南的规定, 本局核定（吴明哲 2026-10-09）."""
        if self.origin == Origin.BUREAU and self.rule.confirmed_by:
            return f"本局核定（{self.rule.confirmed_by.name} {self.rule.confirmed_on}）"
        return f"取自{self.rule.region}的规定" if self.origin == Origin.REGION else self.origin.label


def bureau_read_by(user: User) -> int | None:
    """Whose versions are shown: of the own bureau or, for a brigade, of the one bureau whose stations it guides."""
    if user.organisation.bureau_id is not None:
        return user.organisation.bureau_id
    guided = Organisation.objects.stations().filter(brigade=user.organisation_id)
    bureaus = list(guided.order_by().values_list("bureau_id", flat=True).distinct()[:2])
    return bureaus[0] if len(bureaus) == 1 else None


def versions_of(bureau_id: int | None) -> QuerySet[DeadlineRule]:
    """What a bureau reads: the shipped versions and its own, with whoever settled them."""
    whose = Q(bureau__isnull=True) | Q(bureau=bureau_id) if bureau_id else Q(bureau__isnull=True)
    return DeadlineRule.objects.filter(whose).select_related("confirmed_by").order_by("code", "since")


def version_for(code: str, on: date, bureau_id: int | None) -> DeadlineRule | None:
    """The version `rule_on` would take; for a day before the first one, the first one. One query."""
    found = list(versions_of(bureau_id).filter(code=code))
    return holding(found, on) or (min(found, key=lambda rule: rule.since) if found else None)


def holding(versions: list[DeadlineRule], on: date) -> DeadlineRule | None:
    """The version in force on ``on``, the bureau's own first; the Python side of `rules.rule_on`."""
    found = [rule for rule in versions if rule.holds_on(on)]
    return max(found, key=lambda rule: (rule.bureau_id is not None, rule.since), default=None)


@dataclass(frozen=True)
class RuleRow:
    """One rule as a bureau reads it: the version that holds, the one that is to come, and those it replaced."""

    present: Version
    coming: Version | None = None
    former: list[Version] = field(default_factory=list)

    @property
    def rule(self) -> DeadlineRule:
        return self.present.rule

    def law(self, on: date) -> Version | None:
        """What the law itself sets for a station on ``on``; a bureau may only be stricter."""
        versions = [*([self.coming] if self.coming else []), self.present, *self.former]
        return next((each for each in versions if each.rule.is_law and each.rule.holds_on(on)), None)


def rows_of(bureau_id: int | None, on: date, code: str = "") -> list[RuleRow]:
    """Every rule of a bureau on ``on``, or the one of ``code``; those the law sets first. One query."""
    by_code: dict[str, list[DeadlineRule]] = {}
    for rule in versions_of(bureau_id).filter(**({"code": code} if code else {})):
        by_code.setdefault(rule.code, []).append(rule)
    rows = [row for versions in by_code.values() if (row := _row(versions, on))]
    return sorted(rows, key=lambda row: (not row.rule.confirmed, -ORDER.index(row.rule.binding), row.rule.code))


ORDER = (Binding.LOCAL, Binding.BRIGADE, Binding.STATION)


def _row(versions: list[DeadlineRule], on: date) -> RuleRow | None:
    present = holding(versions, on)
    coming = next((Version(rule) for rule in versions if rule.since > on), None)
    if present is None:
        return RuleRow(coming) if coming else None
    former = [Version(rule) for rule in reversed(versions) if rule.since <= on and rule != present]
    return RuleRow(Version(present), coming, former)
