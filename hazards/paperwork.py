"""The papers that follow a notice, issued inside the act they witness and linked from its row."""

from collections.abc import Callable, Collection, Sequence
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from fire_supervision.lib.errors import RuleError
from hazards.case_papers import (
    Context,
    extension_context,
    receipt_context,
    referral_context,
    report_context,
)
from hazards.link_papers import consent_context
from hazards.models import Dispatch, Extension, Hazard, Order, Outcome, Referral, Reinspection, Report, Service
from hazards.recheck_papers import Drawn, recheck_context, signed_by
from records.actions import issue, replace, void
from records.models import Document, Kind
from records.signatures import Place
from stations.models import User

Row = Service | Dispatch | Extension | Reinspection | Referral | Report
# What hangs on an order and falls with it.
OF_ORDER: tuple[type[Service | Dispatch | Extension | Reinspection], ...] = (Service, Dispatch, Extension, Reinspection)


def _issue(kind: Kind, row: Row, case: Order | Referral | Report, context: Context, actor: User, on: date) -> Document:
    row.document = issue(
        kind=kind,
        station=case.station,
        scope=case,
        context=context,
        unit_id=case.unit_id,
        unit_name=case.unit.name,
        subject=row,
        actor=actor,
        on=on,
    )
    row.save(update_fields=["document"])
    return row.document


def issue_receipt(service: Service, actor: User, on: date) -> Document:
    """送达回证 of a service that was registered ``on``.

    Where the notice took the place of one that was served and voided, so does the receipt.
    """
    receipt = _receipt(service, actor, on)
    former = _former_receipt(service.order)
    if former is not None:
        replace(former, receipt)
    return receipt


def _receipt(service: Service, actor: User, on: date) -> Document:
    return _issue(Kind.SERVICE_RECEIPT, service, service.order, receipt_context(service, on), actor, on)


def reissue_receipt(service: Service, actor: User, reason: str, on: date) -> Document:
    """The 送达回证 falls; one of ``on`` that says what stands on the row now takes its place."""
    return _in_place_of(service.document, actor, reason, on, lambda: _receipt(service, actor, on))


def reissue_letter(referral: Referral, actor: User, reason: str, on: date) -> Document:
    """The same for a 移送函."""
    return _in_place_of(referral.document, actor, reason, on, lambda: issue_letter(referral, actor, on))


def _in_place_of(
    old: Document | None, actor: User, reason: str, on: date, issue_new: Callable[[], Document]
) -> Document:
    if old is None:
        raise RuleError("这份文书的原件在纸质案卷，系统里没有可以作废的文书")
    void(old, actor, reason, on)
    new = issue_new()
    replace(old, new)
    return new


def _former_receipt(order: Order) -> Document | None:
    """The receipt of the latest notice before ``order``'s that it took the place of and that was served."""
    notice: Document | None = getattr(order.document, "replaces", None)
    while notice is not None:
        served = Service.objects.filter(order__document=notice, document__replaced_by__isnull=True)
        found = served.select_related("document").first()
        if found is not None and found.document is not None:
            return found.document if found.document.is_void else None
        notice = getattr(notice, "replaces", None)
    return None


def issue_consent(link: Dispatch, actor: User, on: date, place: Place) -> Document:
    """电子送达确认书, signed on ``actor``'s screen at ``place`` as the link was made."""
    return _issue(Kind.SERVICE_CONSENT, link, link.order, consent_context(link, on, place), actor, on)


def issue_decision(
    extension: Extension, asked_until: date, hazards: Sequence[Hazard], actor: User, on: date
) -> Document:
    """延期改正审批表 of a request that asked for ``asked_until`` and was decided ``on``."""
    context = extension_context(extension, asked_until, hazards, on)
    return _issue(Kind.EXTENSION, extension, extension.order, context, actor, on)


def issue_recheck(
    reinspection: Reinspection,
    actor: User,
    on: date,
    *,
    final: bool,
    photographed: Collection[int],
    drawn: Drawn | None,
) -> Document:
    """The record of a re-inspection; ``final`` and ``photographed`` as `recheck_context` has them.

    Without ``drawn`` it is signed by hand once it is printed.
    """
    outcomes = list(reinspection.outcomes.select_related("hazard").order_by("hazard__position"))
    context = recheck_context(reinspection, outcomes, final=final, photographed=photographed, on=on)
    if drawn is not None:
        context = signed_by(context, drawn, actor)
    return _issue(Kind.RECHECK_RECORD, reinspection, reinspection.order, context, actor, on)


def issue_letter(referral: Referral, actor: User, on: date) -> Document:
    """移送函; its number is the referral's."""
    outcomes = Outcome.objects.select_related("reinspection__order", "reinspection__document").order_by("pk")
    rows = referral.hazards.select_related("order__service__document", "inspection", "finding").order_by("pk")
    hazards = list(rows.prefetch_related(Prefetch("outcomes", outcomes)))
    # Whoever issues it anew, the officer who handles the matter is the one who handed it over.
    context = referral_context(referral, hazards, referral.recorded_by, on)
    letter = _issue(Kind.REFERRAL, referral, referral, context, actor, on)
    referral.letter_no = letter.number
    referral.save(update_fields=["letter_no"])
    return letter


def issue_report(report: Report, actor: User, on: date) -> Document:
    """火灾隐患报告 of the grave hazards of its visit; its number is the report's."""
    rows = report.inspection.hazards.filter(grave=True).select_related("order__service")
    hazards = list(rows.prefetch_related("outcomes__reinspection").order_by("pk"))
    paper = _issue(Kind.HAZARD_REPORT, report, report, report_context(report, hazards, actor, on), actor, on)
    report.letter_no = paper.number
    report.save(update_fields=["letter_no"])
    return paper


def after(orders: QuerySet[Order]) -> Q:
    """The papers that hang on ``orders``: receipts, consents, decided extensions, re-inspections."""
    found = Q()
    for model in OF_ORDER:
        rows = model._default_manager.filter(order__in=orders)
        found |= Q(subject_type=model._meta.label_lower, subject_id__in=rows.values("pk"))
    return found


def void_after(order: Order, actor: User, reason: str, on: date) -> None:
    """Void what hangs on an ``order`` that falls without papers of its own."""
    papers = Document.objects.valid().filter(after(Order.objects.filter(pk=order.pk)))
    for paper in papers.order_by("pk"):
        void(paper, actor, reason, on)
