"""The basis the sheet shows, before 将要产生 says the same from the table of the law."""

import pytest

from hazards.models import Disposition, OrderItemRule
from hazards.rules import ORDERS, disposition
from inspections.models import HazardType, Mode
from inspections.rules import basis_of
from tests.hazards.conftest import VISITED


@pytest.mark.parametrize("local", ["", "江城市消防条例第30条"])
def test_the_sheet_orders_exactly_what_the_plan_proposes_to_order(local: str, db: None) -> None:
    rules = OrderItemRule.objects.by_item(VISITED)
    items = set(HazardType.objects.values_list("order_item", flat=True))
    shown = {item: basis_of(item, local).orders for item in items}
    assert shown == {item: disposition(item, Mode.LIMIT, local, rules).disposition in ORDERS for item in items}


def test_what_must_be_handed_over_is_not_ordered_by_a_local_rule() -> None:
    assert basis_of("33(2)", "江城市消防条例第30条").orders is False
    assert basis_of("-", "江城市消防条例第30条").words == "江城市消防条例第30条"


def test_urging_stays_urging(db: None) -> None:
    rules = OrderItemRule.objects.by_item(VISITED)
    assert disposition("32(1)", Mode.LIMIT, "江城市消防条例第30条", rules).disposition == Disposition.URGE
    assert basis_of("32(1)", "江城市消防条例第30条").orders is False
