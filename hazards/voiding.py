"""作废重出: papers fall with the chief's reason. A wrong visit comes back as a draft; a late order falls alone."""

import uuid
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from deadlines.actions import meet_clock
from fire_supervision.lib.errors import RuleError
from hazards.extending import fell_extensions_of
from hazards.issuing import cancel_clocks, case_papers_of
from hazards.lateness import has_failed, has_late, is_handed_over, is_used, late_hazards, late_key, must_stand
from hazards.locking import close_if_ended, locked_order
from hazards.models import Hazard, HazardState, Order, OrderState, Reissue, Withdrawal
from hazards.paperwork import after
from inspections.models import Answer, Finding, Inspection, Photo, State
from records.actions import void
from records.models import Document
from records.models import State as PaperState
from stations.messages import send
from stations.models import User
from stations.permissions import Can
from trail.record import record
from units.actions import set_visits


@transaction.atomic
def void_papers(inspection: Inspection, actor: User, reason: str, on: date) -> Inspection:
    """Void every paper of a concluded visit and return a fresh draft of it, without signatures, to be issued again.

    Raises RuleError for anybody but the chief, without a reason, for papers that were voided before, and for
    hazards another authority already has in hand or has to get.
    """
    if not actor.can(Can.VOID_PAPERS):
        raise RuleError("作废文书须由所长决定", remedy="请所长登录后办理。")
    if not reason.strip():
        raise RuleError("作废文书须写明理由")
    locked = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    if locked.state != State.SUBMITTED:
        raise RuleError(f"这次检查{locked.get_state_display()}，没有可以作废的文书")
    orders = list(Order.objects.select_for_update(of=("self",)).filter(inspection=locked).order_by("pk"))
    # Orders, then hazards, as a referral locks them: what is urged or referred outright has no order to meet at.
    list(locked.hazards.select_for_update(of=("self",)).order_by("pk"))
    if is_handed_over(locked.pk):
        raise RuleError("隐患已经移送，文书不能作废", remedy="与接收单位联系，用书面说明更正。")
    if has_failed(locked.pk):
        words = "有隐患逾期未改正，须移送消防救援大队，文书不能作废"
        raise RuleError(words, basis="消防法第60条", remedy="先移送；文书确有错误的，写明情况一并移送。")
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
        _fall_order(order, on)
    _fall_hazards(inspection.hazards.all())
    subjects = [(Order._meta.label_lower, order.pk) for order in orders]
    cancel_clocks([*subjects, (Inspection._meta.label_lower, inspection.pk)], f"文书作废：{reason}")
    inspection.move_to(State.VOID)
    inspection.save(update_fields=["state"])
    set_visits(inspection.unit_id, _standing_visits(inspection.unit_id))
    return numbers


def _fall_order(order: Order, on: date) -> None:
    order.move_to(OrderState.VOID)
    order.save(update_fields=["state"])
    fell_extensions_of(order, "文书已作废")
    meet_clock(late_key(order), on)


def _fall_hazards(hazards: QuerySet[Hazard]) -> None:
    for hazard in hazards.exclude(state=HazardState.VOID):
        hazard.move_to(HazardState.VOID)
        hazard.save(update_fields=["state"])


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


# ---------- one order, of a visit that stands ----------


@transaction.atomic
def void_order(order: Order, actor: User, reason: str, on: date) -> Order:
    """作废一份通知书: an order that was served after its period falls with its papers, hazards and duties.

    The visit and its record stand; what is not corrected is ordered anew by another visit. Where something was
    established under the order it stands for that, and only the hazards that were served late fall. Raises RuleError
    without a reason and for what `check_void_order` says.
    """
    locked = locked_order(order)
    check_void_order(locked, actor)
    if not reason.strip():
        raise RuleError("作废文书须写明理由")
    if is_used(locked):
        what, before = _fall_late(locked, on)
    else:
        what, before = _fall_alone(locked, actor, reason, on)
    Withdrawal.objects.create(order=locked, reason=reason, decided_by=actor, decided_on=on)
    record(actor, "hazards.void_order", locked, f"作废 {what}：{locked.unit.name}", before=before, reason=reason)
    _ask_visit(locked, what, actor, reason)
    return locked


def _fall_alone(order: Order, actor: User, reason: str, on: date) -> tuple[str, dict[str, Any]]:
    """The whole order; returns what fell, in words and as values."""
    papers = papers_of_order(order)
    for paper in papers:
        void(paper, actor, reason, on)
    _fall_order(order, on)
    _fall_hazards(order.hazards.all())
    cancel_clocks([(Order._meta.label_lower, order.pk)], f"文书作废：{reason}")
    return order.number, {"papers": [paper.number for paper in papers]}


def _fall_late(order: Order, on: date) -> tuple[str, dict[str, Any]]:
    """The hazards that were served late, and nothing else of ``order``; returns as `_fall_alone` does."""
    hazards = late_hazards(order).order_by("position")
    positions = list(hazards.values_list("position", flat=True))
    _fall_hazards(hazards)
    meet_clock(late_key(order), on)
    close_if_ended(order)
    return f"{order.number}第{'、'.join(map(str, positions))}项", {"hazards": positions}


def check_void_order(order: Order, actor: User) -> None:
    """Raise RuleError for what speaks against voiding ``order`` alone; each case has one way and is told which."""
    if not actor.can(Can.VOID_PAPERS) or actor.station_id != order.station_id:
        raise RuleError("作废文书须由本所所长决定", remedy="请所长登录后办理。")
    if order.state in (OrderState.VOID, OrderState.CLOSED):
        raise RuleError(f"{order.number}{order.get_state_display()}，不能作废")
    if order.inspection_id is None and not is_used(order):
        raise RuleError(f"{order.number}是存量文书，不能作废", remedy="录错或者送达晚于期限的，撤回存量文书。")
    if not has_late(order):
        words = f"{order.number}没有送达时已经届满的改正期限，不能单独作废"
        raise RuleError(words, remedy="文书有误的，作废重出这次检查的全部文书。")
    if order.inspection_id is not None and not must_stand(order.inspection_id):
        raise RuleError(f"{order.number}不用单独作废", remedy="作废重出这次检查的全部文书，更正后重新签发。")


def papers_of_order(order: Order) -> list[Document]:
    """What falls with ``order``: its notice, then receipts, decisions and re-inspections."""
    own = Q(subject_type=Order._meta.label_lower, subject_id=order.pk)
    return list(Document.objects.valid().filter(own | after(Order.objects.filter(pk=order.pk))).order_by("pk"))


def _ask_visit(order: Order, what: str, actor: User, reason: str) -> None:
    """Whose unit it is hears that it has to be visited again."""
    officer = order.unit.officer or order.issued_by
    if officer != actor:
        send(
            officer,
            about=order,
            else_chiefs=True,
            key=f"voided:{order.pk}",
            title=f"请重新检查：{order.unit.name}"[:120],
            body=f"{what}，{actor.name}作废。{reason}。没有改正的隐患重新责令改正。",
            url=reverse("hazards:order", args=[order.pk]),
        )
