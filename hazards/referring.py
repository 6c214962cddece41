"""移送: what is handed over and to whom, its receipt, and what the receiving authority did."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.actions import meet_clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards.issuing import settle_referral_clocks
from hazards.locking import close_if_ended
from hazards.models import (
    DECISIONS,
    Disposition,
    Hazard,
    HazardState,
    Order,
    Outcome,
    Referral,
    ReferralResult,
    ReferralState,
    Reinspection,
    Service,
    Target,
)
from hazards.paperwork import issue_letter
from hazards.people import receivers_of
from stations.messages import send
from stations.models import Organisation, User
from trail.record import record


@transaction.atomic
def refer(
    hazards: Sequence[Hazard],
    actor: User,
    *,
    target: Target,
    basis: str,
    facts: str,
    sent_on: date,
    today: date,
    authority: str = "",
    receiver: str = "",
) -> Referral:
    """移送: hand over hazards of one unit by a letter to ``authority``, the full name of ``target``.

    The letter bears ``today``, the day it is made, and ends the duties to refer in writing; ``sent_on``, told beside
    it, makes none punctual. Raises RuleError for a hazard an order still gives time to correct, Refusal for an
    authority without its name and a day before the last fact of the letter.
    """
    locked = _locked_for_referral(hazards)
    refuse([*_days(locked, sent_on, today)])
    if target != Target.FIRE_BRIGADE and any(hazard.order_id for hazard in locked):
        raise RuleError("复查仍未改正的，移送消防救援大队", basis="消防法第60条", remedy="其他部门管辖的隐患另行移送。")
    first = locked[0]
    referral = Referral.objects.create(
        **first.scope_columns(),
        unit=first.unit,
        target=target,
        authority=_addressee(target, first.station, authority),
        basis=basis,
        facts=facts,
        sent_on=sent_on,
        receiver=receiver,
        recorded_by=actor,
    )
    referral.hazards.set(locked)
    _move(locked, HazardState.REFERRED)
    _settle_after_referral(locked, today)
    issue_letter(referral, actor, today)
    words = f"移送{target.label}：{first.unit.name}，{len(locked)} 处隐患"
    record(actor, "hazards.refer", referral, words, after={"on": sent_on})
    if target == Target.FIRE_BRIGADE:
        words = f"{first.station.name}移送 {len(locked)} 处隐患，请登记接收。"
        _tell(receivers_of(first.station), referral, "sent", f"移送待接收：{first.unit.name}", words)
    return referral


def _days(hazards: Sequence[Hazard], sent_on: date, today: date) -> Iterator[Fault]:
    """Nothing is handed over before what the letter tells has happened."""
    last, what = max(_facts(hazards))
    if sent_on > today:
        yield Fault("sent_on", "移送日期在以后，不能登记", remedy="核对移送日期。")
    elif sent_on < last:
        yield Fault("sent_on", f"移送日期不能早于 {last:%Y-%m-%d} 的{what}", remedy="核对移送日期。")


def _facts(hazards: Sequence[Hazard]) -> Iterator[tuple[date, str]]:
    yield from ((hazard.found_on, "检查") for hazard in hazards)
    orders = [hazard.order for hazard in hazards if hazard.order is not None]
    yield from ((order.issued_on, "责令改正") for order in orders)
    for service in Service.objects.filter(order__in=orders):
        yield localdate(service.served_at), "送达"
    failed = Reinspection.objects.filter(outcomes__hazard__in=hazards, outcomes__passed=False)
    yield from ((visit.done_on, "复查") for visit in failed if visit.done_on is not None)


def _addressee(target: Target, station: Organisation, typed: str) -> str:
    """Whom the letter addresses; the station's brigade has its name here, whatever was typed."""
    if target == Target.FIRE_BRIGADE:
        return station.brigade.name if station.brigade else target.label
    if target == Target.OTHER and not typed.strip():
        refuse([Fault("authority", "请写明接收单位的全称", remedy="移送函要写明主送机关。")])
    return typed.strip() or target.label


def _locked_for_referral(hazards: Sequence[Hazard]) -> list[Hazard]:
    orders = {hazard.order_id for hazard in hazards if hazard.order_id}
    list(Order.objects.select_for_update(of=("self",)).filter(pk__in=orders).order_by("pk"))
    chosen = Hazard.objects.select_for_update(of=("self",)).filter(pk__in=[hazard.pk for hazard in hazards])
    locked = list(chosen.select_related("unit", "order", "inspection", "station__brigade").order_by("pk"))
    if not locked or len({hazard.unit_id for hazard in locked}) != 1:
        raise RuleError("一次移送的隐患应属于同一个单位", remedy="返回重新选择。")
    for hazard in locked:
        if hazard.state in (HazardState.REFERRED, HazardState.ACCEPTED):
            raise RuleError(f"“{hazard.wording}”已经移送，没有重复登记")
        urged = hazard.state == HazardState.OPEN and hazard.disposition == Disposition.URGE
        if hazard.state != HazardState.TO_REFER and not urged:
            raise RuleError(
                f"“{hazard.wording}”{hazard.get_state_display()}，不能移送",
                basis="消防监督检查规定第20条",
                remedy="期限届满后复查，仍未改正的再移送。",
            )
    return locked


def _settle_after_referral(hazards: Sequence[Hazard], on: date) -> None:
    for inspection in {hazard.inspection for hazard in hazards if hazard.order_id is None and hazard.inspection}:
        settle_referral_clocks(inspection, on)
    for order in {hazard.order for hazard in hazards if hazard.order is not None}:
        waiting = Outcome.objects.filter(reinspection=OuterRef("pk"), passed=False, hazard__state=HazardState.TO_REFER)
        done = order.reinspections.filter(~Exists(waiting), done_on__isnull=False)
        for number, since in done.values_list("number", "done_on"):
            # What a later re-inspection left may have been handed over before; its duty waited for nothing then.
            meet_clock(f"refer_failed:{order.pk}:{number}", max(on, since or on))
        close_if_ended(order)


@transaction.atomic
def receive_referral(referral: Referral, actor: User, *, on: date, receiver: str, today: date) -> Referral:
    """登记接收: the authority has it since ``on``. The brigade records its own, the station what others wrote back."""
    locked = _locked(referral, actor)
    if locked.state != ReferralState.SENT:
        raise RuleError(f"这次移送{locked.get_state_display()}，没有重复登记接收")
    if on > today or on < locked.sent_on:
        raise RuleError(f"接收日期应在移送日期 {locked.sent_on:%Y-%m-%d} 以后、今天以前")
    if not receiver:
        raise RuleError("登记接收须写明接收人")
    locked.move_to(ReferralState.RECEIVED)
    locked.received_on, locked.received_by, locked.receiver = on, actor, receiver
    locked.save(update_fields=["state", "received_on", "received_by", "receiver"])
    _move(_hazards_of(locked), HazardState.ACCEPTED)
    target = locked.get_target_display()
    record(actor, "hazards.receive_referral", locked, f"{target}接收移送：{locked.unit.name}", after={"on": on})
    words = f"{on:%Y-%m-%d} {receiver}接收，等待处理结果。"
    _tell(_awaiting(locked, actor), locked, "received", f"{target}已接收移送：{locked.unit.name}", words)
    return locked


@transaction.atomic
def answer_referral(
    referral: Referral,
    actor: User,
    *,
    result: ReferralResult,
    on: date,
    today: date,
    result_no: str = "",
    fine: Decimal | None = None,
    note: str = "",
) -> Referral:
    """登记处理结果: what the authority did with it ends the hazards; ``fine`` is in yuan.

    Raises RuleError before the receipt, for a decision without its number, a fine without its amount, and for
    nothing done without its reason.
    """
    locked = _locked(referral, actor)
    if locked.state == ReferralState.SENT:
        raise RuleError("这次移送还没有登记接收", remedy="先登记接收，再登记处理结果。")
    if locked.state != ReferralState.RECEIVED or locked.received_on is None:
        raise RuleError(f"这次移送{locked.get_state_display()}，没有重复登记处理结果")
    if on > today or on < locked.received_on:
        raise RuleError(f"处理日期应在接收日期 {locked.received_on:%Y-%m-%d} 以后、今天以前")
    _check_result(result, result_no, fine, note)
    locked.move_to(ReferralState.ANSWERED)
    locked.result, locked.result_on, locked.result_no = result, on, result_no
    locked.fine, locked.result_note, locked.answered_by = fine, note, actor
    locked.save(update_fields=["state", "result", "result_on", "result_no", "fine", "result_note", "answered_by"])
    target = locked.get_target_display()
    _move(_hazards_of(locked), HazardState.CLOSED, on=on, how=f"{target}：{result.label}")
    done = {"result": result, "on": on, "number": result_no, "fine": fine}
    record(actor, "hazards.answer_referral", locked, f"{target}{result.label}：{locked.unit.name}", after=done)
    words = "，".join(filter(None, [f"{on:%Y-%m-%d} {locked.result_words}", note]))
    _tell(_awaiting(locked, actor), locked, "answered", f"移送已有处理结果：{locked.unit.name}", words)
    return locked


def _check_result(result: ReferralResult, number: str, fine: Decimal | None, note: str) -> None:
    if result in DECISIONS and not number:
        raise RuleError(f"{result.label}须填写决定书文号", basis="行政处罚法第59条、行政强制法第24条")
    if result == ReferralResult.FINE and not (fine and fine > 0):
        raise RuleError("罚款须填写金额")
    if result != ReferralResult.FINE and fine is not None:
        raise RuleError(f"{result.label}没有罚款金额", remedy="处以罚款的选“罚款”。")
    if result not in DECISIONS and not note:
        raise RuleError(f"{result.label}须写明处理情况")


def check_recorder(referral: Referral, actor: User) -> None:
    """Raise RuleError unless receipt and result of ``referral`` are ``actor``'s to record."""
    if actor.can(referral.recorded_with):
        return
    if referral.target == Target.FIRE_BRIGADE:
        raise RuleError("移送消防救援大队的，由大队登记接收和处理结果", remedy="请大队的消防监督员登录后办理。")
    raise RuleError(f"移送{referral.get_target_display()}的，由派出所按书面反馈登记")


def _locked(referral: Referral, actor: User) -> Referral:
    check_recorder(referral, actor)
    rows = Referral.objects.select_for_update(of=("self",))
    return rows.select_related("unit__officer", "recorded_by").get(pk=referral.pk)


def _hazards_of(referral: Referral) -> list[Hazard]:
    return list(referral.hazards.select_for_update(of=("self",)).order_by("pk"))


def _move(hazards: Iterable[Hazard], state: HazardState, *, on: date | None = None, how: str = "") -> None:
    for hazard in hazards:
        hazard.move_to(state, on=on, how=how)
        hazard.save(update_fields=["state", "closed_on", "closed_how"])


def _awaiting(referral: Referral, actor: User) -> list[User]:
    """Whoever handed it over and whoever answers for the unit; nobody is told of what he recorded himself."""
    people = {referral.recorded_by, referral.unit.officer} - {actor, None}
    return [person for person in people if person is not None]


def _tell(people: Iterable[User], referral: Referral, step: str, title: str, body: str) -> None:
    for person in people:
        url = reverse("hazards:referral", args=[referral.pk])
        key = f"referral:{referral.pk}:{step}"
        send(person, about=referral, else_chiefs=True, key=key, title=title, body=body, url=url)
