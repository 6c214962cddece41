"""Every act on an order locks the order first, and ends it with the last of its hazards."""

from hazards.models import Order, OrderState


def locked_order(order: Order) -> Order:
    """The row of ``order``, locked, with what the acts read."""
    rows = Order.objects.select_for_update(of=("self",))
    return rows.select_related("unit__officer", "issued_by", "station").get(pk=order.pk)


def close_if_ended(order: Order) -> None:
    """The order ends with the last of its hazards; before its service it cannot end."""
    if order.state == OrderState.SERVED and not order.hazards.unsolved().exists():
        order.move_to(OrderState.CLOSED)
        order.save(update_fields=["state"])
