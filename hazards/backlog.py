"""存量: an order from before the system, entered by the chief so that its open duties run here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils.timezone import make_aware

from fire_supervision.lib.errors import RuleError
from hazards.issuing import DISPOSITION, start_order_clocks, start_rechecks
from hazards.models import Hazard, Method, Order, OrderState, Service
from hazards.rules import ORDERS, disposition
from inspections.models import HazardType, Mode, OrderItemRule
from stations.models import User
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

    It takes no number of ours and has no paper here. Raises RuleError for a number that is entered already.
    """
    _check(unit, number, issued_on, hazards, service, today)
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


def _check(
    unit: Unit, number: str, issued_on: date, hazards: Sequence[OpenHazard], service: OldService | None, today: date
) -> None:
    if not hazards:
        raise RuleError("存量文书至少要有一处未销号的隐患")
    if Order.objects.filter(station_id=unit.station_id, number=number).exists():
        raise RuleError(f"{number} 已经录入，没有重复录入")
    if issued_on > today or any(row.deadline < issued_on for row in hazards):
        raise RuleError("签发日期应在今天以前，改正期限应在签发以后", remedy="核对原通知书。")
    if service is not None and not issued_on <= service.on <= today:
        raise RuleError("送达日期应在签发以后、今天以前", remedy="核对送达回证。")


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
