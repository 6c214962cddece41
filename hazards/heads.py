"""How the papers after a notice begin, and how they name the notice."""

from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from hazards.models import Order, Referral, Report
from hazards.plan import ORDER_KIND, ORDER_MODE
from inspections.models import Mode

Context = dict[str, Any]
NOTICE = {ORDER_MODE[disposition]: kind for disposition, kind in ORDER_KIND.items()}


def head(case: Order | Referral | Report, on: date) -> Context:
    return {
        "heading": case.station.heading,
        "unit_name": case.unit.name,
        "issued_on": on.isoformat(),
        "signatures": {},
    }


def notice(order: Order) -> Context:
    return {"title": NOTICE[Mode(order.mode)].label, "number": order.number}


def iso(moment: datetime | date | None) -> str:
    if isinstance(moment, datetime):
        return localtime(moment).isoformat(timespec="minutes")
    return moment.isoformat() if moment else ""
