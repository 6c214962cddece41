"""From a plan to rows: notices with their numbers, hazards, papers and clocks. Called inside the act's transaction."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from deadlines.actions import cancel_clock, meet_clock, start_clock
from deadlines.models import Clock
from hazards.models import Disposition, Hazard, HazardState, Order, Report
from hazards.papers import order_limit_context, order_now_context, remark_of
from hazards.paperwork import after
from hazards.plan import ORDER_KIND, ORDER_MODE, SERVE_RULE, STATUTORY_REFERRAL, Plan, PlannedHazard
from inspections.models import Inspection, Mode
from inspections.papers import record_context
from inspections.rules import Sheet
from records.actions import issue, replace
from records.models import Document, Kind
from records.numbers import format_number, take
from stations.models import User

FIXED_ON_THE_SPOT = "当场改正"
CONTEXT_OF = {Disposition.ORDER_NOW: order_now_context, Disposition.ORDER_LIMIT: order_limit_context}
DISPOSITION = {mode: disposition for disposition, mode in ORDER_MODE.items()}


def issue_papers(inspection: Inspection, sheet: Sheet, drawn: Plan, actor: User, on: date) -> list[Document]:
    """Everything ``drawn`` promises: orders and hazards first, the record last, because it cites their numbers."""
    papers = [_issue_order(inspection, sheet, kind, drawn.of(kind), actor, on) for kind in drawn.orders]
    for disposition in (Disposition.URGE, Disposition.REFER):
        _write_hazards(inspection, drawn.of(disposition), None)
    papers.append(_issue_record(inspection, sheet, papers, drawn, actor, on))
    _start_other_clocks(inspection, drawn)
    return papers


def _issue_order(
    inspection: Inspection, sheet: Sheet, disposition: Disposition, rows: list[PlannedHazard], actor: User, on: date
) -> Document:
    kind, station = ORDER_KIND[disposition], inspection.station
    number = take(station, kind, on.year)
    text = format_number(station, kind, on.year, number)
    order = new_order(inspection, disposition, actor, on)
    order.number = text
    order.save()
    hazards = _write_hazards(inspection, rows, order)
    order.document = issue(
        kind=kind,
        station=station,
        scope=inspection,
        context=CONTEXT_OF[disposition](order, hazards, sheet),
        unit_id=inspection.unit_id,
        unit_name=inspection.unit.name,
        subject=order,
        actor=actor,
        on=on,
        number=(number, text),
    )
    order.save(update_fields=["document"])
    start_order_clocks(order, hazards, inspection.visited_on, inspection.lead)
    return order.document


def _issue_record(
    inspection: Inspection, sheet: Sheet, notices: list[Document], drawn: Plan, actor: User, on: date
) -> Document:
    cited = [{"title": notice.title, "number": notice.number} for notice in notices]
    return issue(
        kind=Kind.INSPECTION_RECORD,
        station=inspection.station,
        scope=inspection,
        context=record_of(inspection, drawn, cited, sheet),
        unit_id=inspection.unit_id,
        unit_name=inspection.unit.name,
        subject=inspection,
        actor=actor,
        on=on,
        number=None,
    )


def record_of(inspection: Inspection, drawn: Plan, cited: list[dict[str, str]], sheet: Sheet) -> dict[str, Any]:
    """What the 检查记录 says once the notices ``cited`` (title, number) are known."""
    context = record_context(inspection, orders=cited, referral_items=drawn.referral_items, sheet=sheet)
    return context | {"remark": remark_of(context["remark"], drawn)}


def new_order(inspection: Inspection, disposition: Disposition, actor: User, on: date) -> Order:
    """A notice that is not written yet and has no number."""
    order = Order(**inspection.scope_columns(), unit=inspection.unit, inspection=inspection, issued_on=on)
    order.station, order.mode, order.issued_by = inspection.station, ORDER_MODE[disposition], actor
    return order


def _write_hazards(inspection: Inspection, rows: list[PlannedHazard], order: Order | None) -> list[Hazard]:
    return Hazard.objects.bulk_create(
        [new_hazard(inspection, row, order, position) for position, row in enumerate(rows, start=1)]
    )


def new_hazard(inspection: Inspection, row: PlannedHazard, order: Order | None, position: int) -> Hazard:
    """A hazard that is not written yet, at its place on its notice."""
    finding, kind = row.judged.finding, row.judged.finding.hazard_type
    hazard = Hazard(
        **inspection.scope_columns(),
        unit=inspection.unit,
        inspection=inspection,
        finding=finding,
        order=order,
        hazard_type=kind,
        position=position,
        wording=finding.wording,
        place=finding.place,
        violates=kind.violates,
        order_basis=row.judged.proposal.basis,
        measure=kind.measure,
        severity=kind.severity,
        grave=row.decision.grave,
        disposition=row.decision.disposition,
        found_on=inspection.visited_on,
        deadline=row.deadline,
    )
    if row.fixed:
        hazard.move_to(HazardState.CLOSED, on=inspection.visited_on, how=FIXED_ON_THE_SPOT)
    elif row.decision.disposition == Disposition.REFER:
        hazard.move_to(HazardState.TO_REFER)
    return hazard


def start_order_clocks(order: Order, hazards: list[Hazard], served_from: date, owner: User) -> None:
    """Service counted from ``served_from``, and the re-inspections."""
    disposition = DISPOSITION[Mode(order.mode)]
    start_clock(
        SERVE_RULE[disposition],
        key=serve_key(order),
        subject=order,
        label=f"送达{ORDER_KIND[disposition].label}：{order.unit.name}",
        detail=order.number,
        url=reverse("hazards:serve", args=[order.pk]),
        look_url=reverse("hazards:order", args=[order.pk]),
        scope=order,
        unit_id=order.unit_id,
        owner=owner,
        started_on=served_from,
    )
    start_rechecks(order, hazards, owner)


def start_rechecks(order: Order, hazards: list[Hazard], owner: User) -> None:
    """One re-inspection for each day a period ends of what still stands."""
    days = Counter(hazard.deadline for hazard in hazards if hazard.deadline and hazard.state != HazardState.CLOSED)
    for day in sorted(days):
        start_recheck(order, day, days[day], owner)


def start_recheck(order: Order, day: date, count: int, owner: User | None) -> Clock:
    """The re-inspection of what must be corrected by ``day``: it opens on the morning the period ends (规定第20条)."""
    return start_clock(
        "RECHECK",
        key=recheck_key(order, day),
        subject=order,
        label=f"复查：{order.unit.name}",
        detail=recheck_detail(order, day, count),
        url=reverse("hazards:next", args=[order.pk]),
        look_url=reverse("hazards:order", args=[order.pk]),
        scope=order,
        unit_id=order.unit_id,
        owner=owner,
        started_on=day,
        opens_on=day,
    )


def _start_other_clocks(inspection: Inspection, drawn: Plan) -> None:
    for code, key, rows, act, url in (
        ("REFER_5WD", refer_key(inspection), drawn.statutory_referrals, "书面移送", "hazards:refer_visit"),
        ("REFER_OTHER", refer_other_key(inspection), drawn.other_referrals, "移送", "hazards:refer_visit"),
        ("REPORT_GOV", report_key(inspection), drawn.graves, "送交书面报告", "hazards:report"),
    ):
        if rows:
            start_clock(
                code,
                key=key,
                subject=inspection,
                label=f"{act}：{inspection.unit.name}",
                detail="；".join(row.judged.finding.wording for row in rows),
                url=reverse(url, args=[inspection.pk]),
                look_url=reverse("inspections:detail", args=[inspection.pk]),
                scope=inspection,
                unit_id=inspection.unit_id,
                owner=inspection.lead,
                started_on=inspection.visited_on,
            )


def replace_voided(inspection: Inspection, papers: list[Document]) -> None:
    """When this visit corrects a voided one, the new papers take the place of the old ones of their kind."""
    origin = getattr(inspection, "reissue_of", None)
    if origin is None:
        return
    old = {paper.kind: paper for paper in papers_of(origin.old) if paper.replaced_by_id is None}
    for paper in papers:
        if paper.kind in old:
            replace(old[paper.kind], paper)


def papers_of(inspection: Inspection) -> list[Document]:
    """What 签发 issued, void papers too: the notices, the record, the report, as they took their numbers."""
    return list(Document.objects.filter(_issued_with(inspection)).order_by("pk"))


def _issued_with(inspection: Inspection) -> Q:
    orders = Order.objects.filter(inspection=inspection).values("pk")
    of_order = Q(subject_type=Order._meta.label_lower, subject_id__in=orders)
    of_visit = Q(subject_type=inspection._meta.label_lower, subject_id=inspection.pk)
    reports = Report.objects.filter(inspection=inspection).values("pk")
    return of_order | of_visit | Q(subject_type=Report._meta.label_lower, subject_id__in=reports)


def case_papers_of(inspection: Inspection) -> list[Document]:
    """Every paper of a visit, void ones too: what 签发 issued, then receipts, decisions, re-inspections."""
    orders = Order.objects.filter(inspection=inspection)
    return list(Document.objects.filter(_issued_with(inspection) | after(orders)).order_by("pk"))


def settle_referral_clocks(inspection: Inspection, on: date) -> None:
    """Meet the referral duties of a visit once nothing of their kind waits to be handed over."""
    waiting = Hazard.objects.filter(inspection=inspection, order__isnull=True, state=HazardState.TO_REFER)
    items = set(waiting.values_list("hazard_type__order_item", flat=True))
    if STATUTORY_REFERRAL not in items:
        meet_clock(refer_key(inspection), on)
    if not items - {STATUTORY_REFERRAL}:
        meet_clock(refer_other_key(inspection), on)


def cancel_clocks(subjects: list[tuple[str, int]], reason: str) -> None:
    """Cancel what still runs for the subjects (type, id) of a voided visit."""
    for subject_type, subject_id in subjects:
        for key in Clock.objects.running().of(subject_type, subject_id).values_list("key", flat=True):
            cancel_clock(key, reason)


def serve_key(order: Order) -> str:
    return f"serve:{order.pk}"


def recheck_key(order: Order, day: date) -> str:
    return f"recheck:{order.pk}:{day.isoformat()}"


def recheck_detail(order: Order, day: date, count: int) -> str:
    return f"{order.number}，{day.month}月{day.day}日届满，{count} 处隐患"


def refer_key(inspection: Inspection) -> str:
    return f"refer:{inspection.pk}"


def refer_other_key(inspection: Inspection) -> str:
    return f"refer_other:{inspection.pk}"


def report_key(inspection: Inspection) -> str:
    return f"report:{inspection.pk}"
