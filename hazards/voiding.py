"""作废重出: wrong papers fall with the chief's reason, and the visit comes back as a draft to be corrected."""

import uuid
from datetime import date

from django.db import transaction

from deadlines.actions import meet_clock
from fire_supervision.lib.errors import RuleError
from hazards.extending import fell_extensions_of
from hazards.issuing import cancel_clocks, case_papers_of
from hazards.lateness import late_key
from hazards.models import HazardState, Order, OrderState, Reissue
from inspections.models import Answer, Finding, Inspection, Photo, State
from records.actions import void
from records.models import State as PaperState
from stations.models import User
from stations.permissions import Can
from trail.record import record
from units.actions import set_visits


@transaction.atomic
def void_papers(inspection: Inspection, actor: User, reason: str, on: date) -> Inspection:
    """Void every paper of a concluded visit and return a fresh draft of it, without signatures, to be issued again.

    Raises RuleError for anybody but the chief, without a reason, for papers that were voided before, and for
    hazards another authority already has in hand.
    """
    if not actor.can(Can.VOID_PAPERS):
        raise RuleError("作废文书须由所长决定", remedy="请所长登录后办理。")
    if not reason.strip():
        raise RuleError("作废文书须写明理由")
    locked = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    if locked.state != State.SUBMITTED:
        raise RuleError(f"这次检查{locked.get_state_display()}，没有可以作废的文书")
    orders = list(Order.objects.select_for_update(of=("self",)).filter(inspection=locked).order_by("pk"))
    if locked.hazards.filter(referrals__isnull=False).exists():
        raise RuleError("隐患已经移送，文书不能作废", remedy="与接收单位联系，用书面说明更正。")
    if Inspection.objects.filter(unit_id=locked.unit_id, lead_id=locked.lead_id, state=State.DRAFT).exists():
        raise RuleError("检查人对这家单位还有一次没有完成的检查", remedy="先完成或放弃那次检查，再作废重出。")
    numbers = _fall(locked, orders, actor, reason, on)
    draft = _copy(locked)
    Reissue.objects.create(old=locked, new=draft, reason=reason, decided_by=actor)
    record(
        actor,
        "hazards.void_papers",
        locked,
        f"作废 {len(numbers)} 份文书：{locked.unit.name}",
        before={"papers": numbers},
        after={"draft": draft.pk},
        reason=reason,
    )
    return draft


def _fall(inspection: Inspection, orders: list[Order], actor: User, reason: str, on: date) -> list[str]:
    """Void papers, orders, hazards and the visit, and stop their clocks; returns the numbers of the papers."""
    numbers = []
    for paper in case_papers_of(inspection):
        if paper.state == PaperState.ISSUED:
            void(paper, actor, reason, on)
            numbers.append(paper.number)
    for order in orders:
        order.move_to(OrderState.VOID)
        order.save(update_fields=["state"])
        fell_extensions_of(order, "文书已作废")
        meet_clock(late_key(order), on)
    for hazard in inspection.hazards.exclude(state=HazardState.VOID):
        hazard.move_to(HazardState.VOID)
        hazard.save(update_fields=["state"])
    subjects = [(Order._meta.label_lower, order.pk) for order in orders]
    cancel_clocks([*subjects, (Inspection._meta.label_lower, inspection.pk)], f"文书作废：{reason}")
    inspection.move_to(State.VOID)
    inspection.save(update_fields=["state"])
    set_visits(inspection.unit_id, _standing_visits(inspection.unit_id))
    return numbers


def _standing_visits(unit_id: int) -> list[date]:
    """The days of the concluded visits that still stand."""
    return list(Inspection.objects.done().filter(unit_id=unit_id).values_list("visited_on", flat=True))


def _copy(old: Inspection) -> Inspection:
    """A draft of the same visit: day, people, answers, findings, photographs. Signatures bind to what was signed."""
    draft = Inspection.objects.get(pk=old.pk)
    draft.pk, draft.state, draft.finished_at, draft.submit_key = None, State.DRAFT, None, uuid.uuid4()
    draft._state.adding = True
    draft.save(force_insert=True)
    answers, findings = list(old.answers.order_by("pk")), list(old.findings.order_by("pk"))
    photos = list(old.photos.order_by("pk"))
    rows: list[Answer | Finding | Photo] = [*answers, *findings, *photos]
    for row in rows:
        row.pk, row.inspection = None, draft
    Answer.objects.bulk_create(answers)
    Finding.objects.bulk_create(findings)
    Photo.objects.bulk_create(photos)
    return draft
