"""What 规定第31–33条 let a station do with a hazard, by the table of the law, and what follows from it. No writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from deadlines.calendar import Calendar
from deadlines.rules import compute, roll_forward, rule_on
from inspections.models import HazardType, ItemKind, Mode, OrderBasis, OrderItemRule

# How the catalogue marks an item whose reading is not settled, and what no item lists.
DOUBTFUL, OUTSIDE = "?", "-"


@dataclass(frozen=True)
class Basis:
    """What a station may do with a hazard: ``words`` cite the article, ``text`` is what it says.

    ``pending``: the reading or the words are not confirmed. ``open``: the officer may choose something milder.
    """

    item: str
    kind: ItemKind
    words: str
    text: str
    pending: bool = False
    open: bool = False

    @property
    def orders(self) -> bool:
        return self.kind == ItemKind.ORDER

    @property
    def urges(self) -> bool:
        return self.kind in (ItemKind.URGE, ItemKind.NONE)

    @property
    def outcome(self) -> str:
        """What happens instead of an order; empty where it is ordered."""
        if self.orders:
            return ""
        return "督促整改，可以移送" if self.kind == ItemKind.NONE else self.kind.label


def basis_of(order_item: str, rules: Mapping[str, OrderItemRule], local: str = "", *, confirmed: bool = False) -> Basis:
    """The rule for an item as the catalogue writes it (`3`, `5?`, `31(3)`, `32(n)`, `33(2)`, `-`).

    ``local`` is the bureau's own basis for what the articles do not list, empty when it names none; ``confirmed``
    says that the bureau has settled a `?`. An item the table does not know counts as outside a station's list.
    """
    item = order_item.removesuffix(DOUBTFUL)
    rule = rules.get(item) or rules[OUTSIDE]
    kind = ItemKind(rule.kind)
    if kind == ItemKind.NONE and local:
        return Basis(item, ItemKind.ORDER, local, "本地依据", open=True)
    doubtful = item != order_item and not confirmed
    return Basis(item, kind, rule.basis, rule.text, not rule.confirmed or doubtful, doubtful or kind == ItemKind.NONE)


def bases_of(types: Iterable[HazardType], bureau_id: int | None, on: date) -> dict[int, Basis]:
    """The basis of each of ``types`` for the stations of a bureau on ``on``, by primary key: two queries."""
    rules = OrderItemRule.objects.by_item(on)
    local = dict(OrderBasis.objects.filter(bureau_id=bureau_id).values_list("hazard_type_id", "basis"))
    return {
        kind.pk: basis_of(kind.order_item, rules, local.get(kind.pk, ""), confirmed=kind.confirmed) for kind in types
    }


def only_referred(order_item: str) -> bool:
    """规定第33条第2款: handed over in writing, without a period to correct it in."""
    return order_item == "33(2)"


@dataclass(frozen=True)
class FollowUp:
    """What a hazard leads to: the last day of a period to correct it in, and the acts after it as (words, when)."""

    ends_on: date | None
    steps: list[tuple[str, str]]


def follow_up(
    basis: Basis, mode: str, days: int, visited_on: date, calendar: Calendar, bureau_id: int | None = None
) -> FollowUp:
    """The acts after the visit as far as this one hazard decides them; days count from the visit (程序规定第35条).

    ``bureau_id``: the bureau whose own versions of the rules go before the shipped ones.
    """
    if not basis.orders:
        return FollowUp(None, [("记入检查记录", basis.outcome)])
    if mode == Mode.NOW:
        return FollowUp(None, [("责令立即改正通知书", "当场制作、当场送达"), ("当场没有改正的，进入复查", "")])
    if days < 1:
        return FollowUp(None, [])
    ends_on = roll_forward(visited_on + timedelta(days=days), calendar)
    served = compute(rule_on("ORDER_LIMIT_SERVE", visited_on, bureau_id), visited_on, calendar).due_on
    recheck = compute(rule_on("RECHECK", ends_on, bureau_id), ends_on, calendar).due_on
    return FollowUp(
        ends_on,
        [
            ("责令限期改正通知书", f"{served.month}月{served.day}日前送达"),
            ("复查", f"期限届满后，{recheck.month}月{recheck.day}日前"),
            ("逾期不改正，移送消防救援大队", ""),
        ],
    )
