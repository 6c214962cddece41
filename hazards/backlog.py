"""存量: an order from before the system, entered by the chief so that its open duties run here, and its withdrawal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import make_aware

from deadlines.actions import meet_clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards.extending import fell_extensions_of
from hazards.issuing import DISPOSITION, cancel_clocks, start_order_clocks, start_rechecks
from hazards.lateness import late_key
from hazards.locking import locked_order
from hazards.models import Hazard, HazardState, Method, Order, OrderState, Service, Withdrawal
from hazards.paperwork import void_after
from hazards.rules import ORDERS, disposition
from inspections.models import HazardType, Mode, OrderItemRule
from stations.messages import send
from stations.models import User
from stations.permissions import Can
from trail.record import record
from units.models import Unit

OLD_PAPER = "原责令改正通知书（存量）"


@dataclass(frozen=True)
class OpenHazard:
    """One hazard of an old order that has not ended."""

    hazard_type: HazardType
    place: str
    wording: str
    deadline: date


@dataclass(frozen=True)
class OldService:
    """When and to whom the old order was handed over."""

    on: date
    recipient: str
    server: User


@transaction.atomic
def enter_open_order(
    unit: Unit,
    actor: User,
    *,
    mode: Mode,
    number: str,
    issued_on: date,
    issued_by: User,
    hazards: Sequence[OpenHazard],
    service: OldService | None,
    today: date,
) -> Order:
    """Enter an open order under its own number; only the clocks of what is still to be done start.

    It takes no number of ours and has no paper here. Raises Refusal for a number that is entered already, for days
    that cannot be, and for a 限期 that had ended when it was served.
    """
    refuse(list(_faults(unit, mode, number, issued_on, hazards, service, today)))
    order = Order.objects.create(
        **unit.scope_columns(), unit=unit, mode=mode, number=number, issued_on=issued_on, issued_by=issued_by
    )
    rules = OrderItemRule.objects.by_item(issued_on)
    rows = Hazard.objects.bulk_create(
        [_hazard(order, row, position, rules) for position, row in enumerate(hazards, start=1)]
    )
    owner = unit.officer or issued_by
    if service is None:
        start_order_clocks(order, rows, issued_on, owner)
    else:
        _served(order, service, actor)
        start_rechecks(order, rows, owner)
    record(actor, "hazards.enter_open_order", order, f"录入存量文书 {number}：{unit.name}，{len(rows)} 处隐患")
    return order


def _faults(
    unit: Unit,
    mode: Mode,
    number: str,
    issued_on: date,
    hazards: Sequence[OpenHazard],
    service: OldService | None,
    today: date,
) -> Iterator[Fault]:
    if not hazards:
        yield Fault("hazards", "存量文书至少要有一处未销号的隐患")
    withdrawn = Withdrawal.objects.filter(order__station_id=unit.station_id, order__state=OrderState.VOID).values(
        "order"
    )
    if Order.objects.filter(station_id=unit.station_id, number=number).exclude(pk__in=withdrawn).exists():
        yield Fault("number", f"{number} 已经录入，没有重复录入")
    if issued_on > today:
        yield Fault("issued_on", "签发日期应在今天以前", remedy="核对原通知书。")
    if any(row.deadline < issued_on for row in hazards):
        yield Fault("issued_on", "改正期限应在签发以后", remedy="核对原通知书。")
    if service is not None:
        yield from _service_faults(mode, issued_on, hazards, service.on, today)


def _service_faults(
    mode: Mode, issued_on: date, hazards: Sequence[OpenHazard], served_on: date, today: date
) -> Iterator[Fault]:
    if not issued_on <= served_on <= today:
        yield Fault("served_on", "送达日期应在签发以后、今天以前", remedy="核对送达回证。")
    first = min((row.deadline for row in hazards), default=served_on)
    if mode == Mode.LIMIT and first < served_on:
        yield Fault(
            "served_on",
            f"送达日期晚于改正期限 {first:%Y-%m-%d}，送达时期限已经届满，不能认定逾期未改正",
            "消防监督检查规定第19条、第20条",
            "核对送达回证；确实晚于期限的不用录入，重新检查，另行责令改正。",
        )


def _hazard(order: Order, row: OpenHazard, position: int, rules: dict[str, OrderItemRule]) -> Hazard:
    kind = row.hazard_type
    proposal = disposition(kind.order_item, order.mode, "", rules, confirmed=kind.confirmed)
    return Hazard(
        **order.scope_columns(),
        unit=order.unit,
        order=order,
        hazard_type=kind,
        position=position,
        wording=row.wording,
        place=row.place,
        violates=kind.violates,
        order_basis=proposal.basis if proposal.disposition in ORDERS else OLD_PAPER,
        measure=kind.measure,
        severity=kind.severity,
        disposition=DISPOSITION[Mode(order.mode)],
        found_on=order.issued_on,
        deadline=row.deadline,
    )


def _served(order: Order, service: OldService, actor: User) -> None:
    # The old paper names a day, not an hour: the day's first instant stands for it.
    served_at: datetime = make_aware(datetime.combine(service.on, time.min))
    Service.objects.create(
        order=order,
        method=Method.DIRECT,
        served_at=served_at,
        place=order.unit.address[:120],
        recipient=service.recipient,
        relation="见原送达回证",
        server=service.server,
        note="存量录入，以纸质送达回证为准",
        registered_by=actor,
    )
    order.move_to(OrderState.SERVED)
    order.save(update_fields=["state"])


# ---------- entered wrongly ----------


@transaction.atomic
def withdraw(order: Order, actor: User, reason: str, on: date) -> Order:
    """撤回存量文书: an order from before the system falls with its hazards and duties; its number may be entered again.

    Raises RuleError for anybody but the chief, for a paper of this system, for one that was withdrawn before, and
    once somebody acted on it: a re-inspection that was made, a hazard another authority has in hand.
    """
    locked = locked_order(order)
    check_withdrawal(locked, actor)
    if not reason.strip():
        refuse([Fault("reason", "撤回存量文书须写明理由")])
    locked.move_to(OrderState.VOID)
    locked.save(update_fields=["state"])
    void_after(locked, actor, reason, on)
    for hazard in locked.hazards.order_by("position"):
        hazard.move_to(HazardState.VOID)
        hazard.save(update_fields=["state"])
    fell_extensions_of(locked, "存量文书已撤回")
    meet_clock(late_key(locked), on)
    cancel_clocks([(Order._meta.label_lower, locked.pk)], f"存量文书撤回：{reason}")
    Withdrawal.objects.create(order=locked, reason=reason, decided_by=actor, decided_on=on)
    record(
        actor, "hazards.withdraw_backlog", locked, f"撤回存量文书 {locked.number}：{locked.unit.name}", reason=reason
    )
    _tell(locked, actor, reason)
    return locked


def check_withdrawal(order: Order, actor: User) -> None:
    """Raise RuleError for what speaks against a withdrawal by ``actor``."""
    if not actor.can(Can.VOID_PAPERS) or actor.station_id != order.station_id:
        raise RuleError("存量文书由本所所长撤回", remedy="请所长登录后办理。")
    if order.document_id is not None or order.inspection_id is not None:
        raise RuleError(f"{order.number}由本系统签发，不能撤回", remedy="文书有误的，作废重出。")
    if order.state == OrderState.VOID:
        raise RuleError(f"{order.number}{order.get_state_display()}，没有重复撤回")
    if order.hazards.filter(referrals__isnull=False).exists():
        raise RuleError("隐患已经移送，存量文书不能撤回", remedy="与接收单位联系，用书面说明更正。")
    if order.reinspections.filter(done_on__isnull=False).exists():
        raise RuleError("已经登记复查结果，存量文书不能撤回", remedy="按复查结果继续办理。")


def _tell(order: Order, actor: User, reason: str) -> None:
    """Whose duty it was hears that there is nothing left to do."""
    officer = order.unit.officer
    if officer is not None and officer != actor:
        send(
            officer,
            about=order,
            key=f"withdrawn:{order.pk}",
            title=f"存量文书已撤回：{order.unit.name}"[:120],
            body=f"{order.number}，{actor.name}撤回。{reason}",
            url=reverse("hazards:order", args=[order.pk]),
        )
