"""Papers of one visit as they arrive at the brigade: a record and a 限期 order with two hazards."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hazards.models import Disposition, Hazard, Order
from inspections.models import Checklist, Finding, HazardType, Inspection, State
from records.actions import issue
from records.models import Document, Kind
from records.samples.visit import ORDER_LIMIT, RECORD
from stations.models import User
from units.models import Unit

VISITED = date(2026, 9, 22)  # a Tuesday
SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(day: int, hour: int = 10, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def visit(unit: Unit, officer: User, partner: User) -> Inspection:
    return Inspection.objects.create(
        **unit.scope_columns(), unit=unit, checklist=Checklist.objects.get(subject="UNIT"), state=State.SUBMITTED,
        visited_on=VISITED, started_at=moment(22, 9), finished_at=moment(22, 10), lead=officer, second=partner,
        showed_id=True, companion="李秀兰",
    )  # fmt: skip


@pytest.fixture
def record_paper(visit: Inspection, officer: User) -> Document:
    return issue(
        kind=Kind.INSPECTION_RECORD, station=visit.station, scope=visit, context=RECORD, unit_id=visit.unit_id,
        unit_name=visit.unit.name, subject=visit, actor=officer, on=VISITED,
    )  # fmt: skip


@pytest.fixture
def order(visit: Inspection, officer: User) -> Order:
    return Order.objects.create(
        **visit.scope_columns(), unit=visit.unit, inspection=visit, mode="LIMIT", number="待编",
        issued_on=VISITED, issued_by=officer,
    )  # fmt: skip


@pytest.fixture
def make_hazard(visit: Inspection, order: Order) -> Callable[..., Hazard]:
    """A hazard of the order, as the catalogue words it unless told otherwise."""

    def make(code: str = "EQ02", **fields: Any) -> Hazard:
        kind = HazardType.objects.get(code=code)
        days = fields.pop("asked", kind.days)
        finding = Finding.objects.create(
            inspection=visit, item=visit.checklist.items.order_by("order")[order.hazards.count()], hazard_type=kind,
            place=fields.get("place", "三层走道"), quantity=fields.pop("quantity", ""), wording="三层走道2具灭火器失效",
            mode="LIMIT", days=days,
        )  # fmt: skip
        values: dict[str, Any] = {
            "unit": visit.unit, "inspection": visit, "finding": finding, "order": order, "hazard_type": kind,
            "position": order.hazards.count() + 1, "wording": "三层走道2具灭火器压力不足", "place": "三层走道",
            "violates": kind.violates, "order_basis": "规定第33条第1款第5项", "measure": kind.measure,
            "disposition": Disposition.ORDER_LIMIT, "found_on": VISITED, "deadline": date(2026, 9, 25),
        }  # fmt: skip
        return Hazard.objects.create(**visit.scope_columns(), **values | fields)

    return make


@pytest.fixture
def paper(order: Order, officer: User) -> Document:
    """The 责令限期改正通知书 of the visit."""
    document = issue(
        kind=Kind.ORDER_LIMIT, station=order.station, scope=order, context=ORDER_LIMIT, unit_id=order.unit_id,
        unit_name=order.unit.name, subject=order, actor=officer, on=VISITED,
    )  # fmt: skip
    order.document = document
    order.save(update_fields=["document"])
    return document


@pytest.fixture
def make_paper(visit: Inspection, officer: User) -> Callable[..., Document]:
    """One more paper of the station, of a visit nobody looks at here."""

    def make(on: date = VISITED, **fields: Any) -> Document:
        values: dict[str, Any] = {
            "kind": Kind.INSPECTION_RECORD, "station": visit.station, "scope": visit, "context": RECORD,
            "unit_id": visit.unit_id, "unit_name": visit.unit.name, "subject": visit, "actor": officer, "on": on,
        }  # fmt: skip
        return issue(**values | fields)

    return make
