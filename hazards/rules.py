"""What a station may do with a hazard: pure rules over the tables of the law."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.timezone import localtime

from hazards.models import Disposition, Order, Service, Target
from inspections.bases import basis_of
from inspections.models import ItemKind, Mode, OrderItemRule

# 级别 3 of the catalogue: may gravely threaten public safety.
SEVERE = 3
INSTEAD = {
    ItemKind.URGE: Disposition.URGE,
    ItemKind.REFER: Disposition.REFER,
    ItemKind.NONE: Disposition.URGE,
}
ORDERS = frozenset({Disposition.ORDER_NOW, Disposition.ORDER_LIMIT})
# The catalogue names the receiving authorities by their first word; see `HazardType.refer_to`.
TARGET_WORDS = {"HOUS": Target.HOUSING, "GAS": Target.GAS, "FIRE": Target.FIRE_BRIGADE}


@dataclass(frozen=True)
class Proposal:
    """What the law proposes for one hazard, why, whether a jurist still has to look, and what else it allows."""

    disposition: Disposition
    basis: str
    text: str
    pending: bool
    offers: frozenset[Disposition]
    item: str

    @property
    def needs_choice(self) -> bool:
        """Whether the officer has something to decide."""
        return len(self.offers) > 1


def disposition(
    order_item: str, mode: str, local_basis: str, rules: Mapping[str, OrderItemRule], *, confirmed: bool = False
) -> Proposal:
    """The proposal for an item of 规定第31–33条; arguments as for `inspections.bases.basis_of`."""
    basis = basis_of(order_item, rules, local_basis, confirmed=confirmed)
    order = Disposition.ORDER_NOW if mode == Mode.NOW else Disposition.ORDER_LIMIT
    proposed = order if basis.orders else INSTEAD[basis.kind]
    milder = {Disposition.URGE, Disposition.REFER} if basis.open else set()
    return Proposal(proposed, basis.words, basis.text, basis.pending, frozenset({proposed} | milder), basis.item)


def target_of(refer_to: str) -> Target:
    """The authority the catalogue names first; what it names otherwise goes to the brigade."""
    return next((target for word, target in TARGET_WORDS.items() if refer_to.startswith(word)), Target.FIRE_BRIGADE)


def asks_grave(report_gov: str, severity: int) -> bool:
    """Whether the officer must say if a hazard gravely threatens public safety (规定第34条)."""
    return report_gov == "Y" or (report_gov == "C" and severity >= SEVERE)


def binds_from(service: Service) -> date:
    """The first day an order binds the unit: what was published counts from the morning after its last day."""
    day = localtime(service.served_at).date()
    return day + timedelta(days=1) if service.is_published else day


def was_served_late(order: Order, deadline: date) -> bool:
    """Whether a period had ended before the order arrived: nobody can have missed it. 立即 begins with the service."""
    return order.mode == Mode.LIMIT and deadline < binds_from(order.service)
