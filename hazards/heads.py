"""How the papers after a notice begin, and how they name the notice."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from hazards.models import ExtensionState, Order, OrderState, Referral, Report, Service
from hazards.plan import ORDER_KIND, ORDER_MODE
from inspections.models import Mode
from inspections.papers import FIRE_BRIGADE

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


def served_on(order: Order) -> str:
    """The day the order was served; while a notice hangs out there is none yet."""
    service: Service | None = getattr(order, "service", None)
    if service is None or order.state == OrderState.NOTICED:
        return ""
    return localtime(service.served_at).date().isoformat()


def extensions(order: Order, numbers: Mapping[int, int]) -> list[Context]:
    """What was granted for the hazards of ``order`` in ``numbers`` (their number on the paper by id), as it came about.

    ``since`` is the day that moved to ``until``; ``items`` their numbers, [] where it is about all of them. One from
    before its paper was made here has no ``number``.
    """
    rows = order.extensions.filter(state=ExtensionState.APPROVED, hazards__in=numbers).distinct()
    found = []
    for row in rows.select_related("document").prefetch_related("hazards").order_by("deadline", "pk"):
        about = sorted(numbers[hazard.pk] for hazard in row.hazards.all() if hazard.pk in numbers)
        found.append(
            {
                "on": localtime(row.decided_at).date().isoformat(),
                "items": about if len(about) < len(numbers) else [],
                "since": row.deadline.isoformat(),
                "until": row.until.isoformat(),
                "number": row.document.number if row.document else "",
            }
        )
    return found


def brigade_of(case: Order | Report) -> str:
    brigade = case.station.brigade
    return brigade.name if brigade else FIRE_BRIGADE
