"""将要产生: what a finished visit leads to, worked out before anything is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from deadlines.calendar import Calendar
from deadlines.models import DeadlineRule
from deadlines.rules import Explained, compute
from deadlines.versions import holding, versions_of
from fire_supervision.lib.errors import RuleError
from hazards.models import Disposition, Target
from hazards.rules import ORDERS, Proposal, asks_grave, disposition, target_of
from inspections.models import Finding, Inspection, Mode, OrderBasis, OrderItemRule
from inspections.periods import deadline
from records.models import Kind

ORDER_KIND = {Disposition.ORDER_NOW: Kind.ORDER_NOW, Disposition.ORDER_LIMIT: Kind.ORDER_LIMIT}
ORDER_MODE = {Disposition.ORDER_NOW: Mode.NOW, Disposition.ORDER_LIMIT: Mode.LIMIT}
SERVE_RULE = {Disposition.ORDER_NOW: "ORDER_NOW_SERVE", Disposition.ORDER_LIMIT: "ORDER_LIMIT_SERVE"}
# 检查记录, 移送…处理的内容: 1 and 2 concern acceptance, 3 the inspection before opening.
REFERRAL_ITEM = {Target.HOUSING: 1, Target.FIRE_BRIGADE: 3}
REFERRAL_ITEMS = frozenset({1, 2, 3})
STATUTORY_REFERRAL = "33(2)"


@dataclass(frozen=True)
class Decision:
    """What the officer says about one finding; ``referral_item`` is the item of the record that is handed over."""

    disposition: Disposition
    grave: bool = False
    referral_item: int | None = None


@dataclass(frozen=True)
class Judged:
    """A finding beside what the law proposes for it."""

    finding: Finding
    proposal: Proposal

    @property
    def target(self) -> Target:
        return target_of(self.finding.hazard_type.refer_to)

    @property
    def asks_grave(self) -> bool:
        return asks_grave(self.finding.hazard_type.report_gov, self.finding.hazard_type.severity)

    @property
    def asks_referral_item(self) -> bool:
        """Whether the record must be told which of the two lacks is meant: acceptance or its filing."""
        return self.proposal.item == STATUTORY_REFERRAL and self.target == Target.HOUSING

    @property
    def asks(self) -> bool:
        return self.proposal.needs_choice or self.asks_grave or self.asks_referral_item

    def default(self) -> Decision:
        return Decision(self.proposal.disposition, self.finding.grave)


@dataclass(frozen=True)
class PlannedHazard:
    judged: Judged
    decision: Decision
    deadline: date | None

    @property
    def fixed(self) -> bool:
        """Corrected before the officers left: it ends at once and still stands on the notice."""
        return self.judged.finding.fixed_on_spot and self.decision.disposition != Disposition.REFER

    @property
    def statutory_referral(self) -> bool:
        return self.decision.disposition == Disposition.REFER and self.judged.proposal.item == STATUTORY_REFERRAL

    @property
    def referral_item(self) -> int | None:
        """Which item of the record hands this over; None for what the record does not print."""
        if not self.statutory_referral:
            return None
        return self.decision.referral_item or REFERRAL_ITEM.get(self.judged.target)


@dataclass(frozen=True)
class PlannedClock:
    rule: DeadlineRule
    label: str
    started_on: date
    explained: Explained


@dataclass(frozen=True)
class Plan:
    """Hazards with their dispositions and dates; the papers and clocks that follow from them."""

    hazards: list[PlannedHazard]
    clocks: list[PlannedClock]

    def of(self, disposition: Disposition) -> list[PlannedHazard]:
        return [hazard for hazard in self.hazards if hazard.decision.disposition == disposition]

    @property
    def orders(self) -> list[Disposition]:
        """The notices to issue, in the order they take their numbers."""
        return [disposition for disposition in ORDER_KIND if self.of(disposition)]

    @property
    def kinds(self) -> list[Kind]:
        """Every paper: the notices, the record, which cites them, and the report of what is grave."""
        report = [Kind.HAZARD_REPORT] if self.graves else []
        return [*(ORDER_KIND[disposition] for disposition in self.orders), Kind.INSPECTION_RECORD, *report]

    @property
    def graves(self) -> list[PlannedHazard]:
        return [hazard for hazard in self.hazards if hazard.decision.grave]

    @property
    def statutory_referrals(self) -> list[PlannedHazard]:
        return [hazard for hazard in self.hazards if hazard.statutory_referral]

    @property
    def other_referrals(self) -> list[PlannedHazard]:
        return [hazard for hazard in self.of(Disposition.REFER) if not hazard.statutory_referral]

    @property
    def referral_items(self) -> list[int]:
        return sorted({hazard.referral_item for hazard in self.hazards if hazard.referral_item})

    def deadlines(self, disposition: Disposition) -> Counter[date]:
        """The days periods of a notice end, with how much was not corrected on the spot."""
        return Counter(hazard.deadline for hazard in self.of(disposition) if hazard.deadline and not hazard.fixed)


def findings_of(inspection: Inspection) -> list[Finding]:
    """The findings in the order of the form, each with its entry of the catalogue."""
    return list(inspection.findings.select_related("hazard_type").order_by("item__order", "id"))


def judge(inspection: Inspection, findings: Sequence[Finding]) -> list[Judged]:
    """Each of ``findings`` beside the proposal of the rules in force on the day of the visit."""
    rules = OrderItemRule.objects.by_item(inspection.visited_on)
    local = OrderBasis.objects.filter(bureau_id=inspection.bureau_id)
    bases = dict(local.values_list("hazard_type_id", "basis"))
    return [Judged(finding, _proposal(finding, bases, rules)) for finding in findings]


def _proposal(finding: Finding, bases: Mapping[int, str], rules: Mapping[str, OrderItemRule]) -> Proposal:
    kind = finding.hazard_type
    # 规定第19条: what was corrected on the spot was ordered at once, whatever the catalogue suggests.
    mode = Mode.NOW if finding.fixed_on_spot else finding.mode
    return disposition(kind.order_item, mode, bases.get(kind.pk, ""), rules, confirmed=kind.confirmed)


def plan(inspection: Inspection, judged: list[Judged], decisions: Mapping[int, Decision], calendar: Calendar) -> Plan:
    """What follows when ``decisions`` (by finding id) are taken; a finding without one takes the proposal.

    Raises RuleError for a decision the law does not offer.
    """
    hazards = [_planned(row, decisions.get(row.finding.pk) or row.default(), inspection, calendar) for row in judged]
    drawn = Plan(hazards, [])
    return Plan(hazards, _clocks(drawn, inspection.visited_on, inspection.bureau_id, calendar))


def _planned(judged: Judged, decision: Decision, inspection: Inspection, calendar: Calendar) -> PlannedHazard:
    if decision.disposition not in judged.proposal.offers:
        raise RuleError(
            f"“{judged.finding.wording}”不能{decision.disposition.label}",
            basis=judged.proposal.basis,
            remedy="可以" + "、".join(sorted(offer.label for offer in judged.proposal.offers)) + "。",
        )
    if decision.referral_item is not None and decision.referral_item not in REFERRAL_ITEMS:
        raise RuleError("检查记录没有这一移送事项", remedy="返回重新选择。")
    due = None
    if decision.disposition in ORDERS:
        days = judged.finding.days if decision.disposition == Disposition.ORDER_LIMIT else 0
        due = deadline(inspection.visited_on, days, calendar)
    return PlannedHazard(judged, decision, due)


def _clocks(drawn: Plan, visited_on: date, bureau_id: int, calendar: Calendar) -> list[PlannedClock]:
    wanted: list[tuple[str, str, date]] = []
    for order in drawn.orders:
        wanted.append((SERVE_RULE[order], f"送达{ORDER_KIND[order].label}", visited_on))
        wanted += [("RECHECK", f"复查 {count} 处隐患", day) for day, count in sorted(drawn.deadlines(order).items())]
    if drawn.statutory_referrals:
        wanted.append(("REFER_5WD", "书面移送", visited_on))
    if drawn.other_referrals:
        wanted.append(("REFER_OTHER", "移送主管部门", visited_on))
    if drawn.graves:
        wanted.append(("REPORT_GOV", "书面报告送交乡镇、街道", visited_on))
    return [
        PlannedClock(rule, label, start, compute(rule, start, calendar))
        for (_, label, start), rule in zip(wanted, _rules(wanted, bureau_id), strict=True)
    ]


def _rules(wanted: Sequence[tuple[str, str, date]], bureau_id: int) -> list[DeadlineRule]:
    """The version each duty of ``wanted`` will be started by: the bureau's own before the shipped one. One query."""
    versions = list(versions_of(bureau_id).filter(code__in={code for code, _, _ in wanted}))
    found = [holding([row for row in versions if row.code == code], start) for code, _, start in wanted]
    return [rule for rule in found if rule is not None]
