"""What may become of a hazard and of an order: states, and the legal moves between them."""

from __future__ import annotations

from django.db import models


class Disposition(models.TextChoices):
    """What the law lets a station do with a hazard (domain §1.3, column ord33)."""

    ORDER_NOW = "ORDER_NOW", "责令立即改正"
    ORDER_LIMIT = "ORDER_LIMIT", "责令限期改正"
    URGE = "URGE", "督促整改"
    REFER = "REFER", "书面移送"


def dispositions() -> list[tuple[str, str]]:
    return Disposition.choices


class HazardState(models.TextChoices):
    OPEN = "OPEN", "整改中"
    DUE = "DUE", "待复查"
    TO_REFER = "TO_REFER", "待移送"
    REFERRED = "REFERRED", "已移送"
    ACCEPTED = "ACCEPTED", "已接收"
    CLOSED = "CLOSED", "已销号"
    VOID = "VOID", "已作废"


def hazard_states() -> list[tuple[str, str]]:
    return HazardState.choices


HAZARD_NEXT: dict[HazardState, frozenset[HazardState]] = {
    HazardState.OPEN: frozenset(
        {HazardState.DUE, HazardState.CLOSED, HazardState.TO_REFER, HazardState.REFERRED, HazardState.VOID}
    ),
    HazardState.DUE: frozenset({HazardState.CLOSED, HazardState.TO_REFER, HazardState.VOID}),
    # 消防法60(1)⑦ does not punish ignoring a station: a failed re-inspection leads to the brigade and nowhere else.
    HazardState.TO_REFER: frozenset({HazardState.REFERRED, HazardState.VOID}),
    HazardState.REFERRED: frozenset({HazardState.ACCEPTED}),
    HazardState.ACCEPTED: frozenset({HazardState.CLOSED}),
    HazardState.CLOSED: frozenset({HazardState.VOID}),
    HazardState.VOID: frozenset(),
}


class OrderState(models.TextChoices):
    ISSUED = "ISSUED", "待送达"
    NOTICED = "NOTICED", "公告中"
    SERVED = "SERVED", "已送达"
    CLOSED = "CLOSED", "已办结"
    VOID = "VOID", "已作废"


def order_states() -> list[tuple[str, str]]:
    return OrderState.choices


ORDER_NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ISSUED: frozenset({OrderState.SERVED, OrderState.NOTICED, OrderState.VOID}),
    # 公告送达 takes effect when its period has ended.
    OrderState.NOTICED: frozenset({OrderState.SERVED, OrderState.VOID}),
    OrderState.SERVED: frozenset({OrderState.CLOSED, OrderState.VOID}),
    OrderState.CLOSED: frozenset({OrderState.VOID}),
    OrderState.VOID: frozenset(),
}
