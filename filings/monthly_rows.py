"""The rows behind a figure of the monthly report, as the page that lists them shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Model, QuerySet, Value, When
from django.urls import reverse

from filings.models import MonthlyReport
from filings.month import Month
from filings.monthly_figures import DONE, MISSED, Measure, marked
from hazards.models import Hazard, Order, Referral, Reinspection, Report
from inspections.models import Complaint, Inspection
from stations.models import User
from units.models import Pledge, Unit


@dataclass(frozen=True)
class Shown:
    """One row: what it is, what is to know of it, the day it is counted by, its page."""

    title: str
    detail: str
    on: date | None
    url: str
    counts: bool


def rows_behind(measure: Measure, station_id: int, month: Month, report: MonthlyReport | None) -> QuerySet[Any]:
    """The rows each with ``counted``: those of the day a report was handed in, else those of now."""
    if report is None:
        return marked(measure, month).filter(station_id=station_id)
    ids = report.counted.get(measure.code, {})
    done = ids.get(DONE, [])
    counted = Case(When(pk__in=done, then=Value(True)), default=Value(False), output_field=BooleanField())
    model: Any = measure.rows(month).model
    found: QuerySet[Any] = model.objects.filter(pk__in=[*done, *ids.get(MISSED, [])]).annotate(counted=counted)
    return found


def visible(rows: QuerySet[Any], user: User) -> QuerySet[Any]:
    """What ``user`` reaches of the rows, with what they are told by."""
    reached: QuerySet[Any] = rows.for_user(user).select_related(*JOINED[rows.model])  # type: ignore[attr-defined] # every measure counts scoped rows
    return reached


def shown(row: Any, day: str) -> Shown:
    """How a row reads; ``day`` is the column it is counted by, if there is one."""
    title, detail, url = SHOW[type(row)](row)
    return Shown(title, detail, getattr(row, day) if day else None, url, row.counted)


Told = tuple[str, str, str]


def _unit(row: Unit) -> Told:
    return row.name, row.address, reverse("unit_page", args=[row.pk])


def _inspection(row: Inspection) -> Told:
    return row.unit.name, f"检查人 {row.lead.name}", reverse("inspections:detail", args=[row.pk])


def _hazard(row: Hazard) -> Told:
    return row.wording, f"{row.unit.name}，{row.get_state_display()}", reverse("hazards:hazard", args=[row.pk])


def _order(row: Order) -> Told:
    return row.number, f"{row.unit.name}，{row.get_state_display()}", reverse("hazards:order", args=[row.pk])


def _reinspection(row: Reinspection) -> Told:
    told = f"{row.order.number} 第 {row.number} 次复查"
    return row.unit.name, told, reverse("hazards:order", args=[row.order_id])


def _referral(row: Referral) -> Told:
    result = row.get_result_display() if row.result else row.get_state_display()
    fine = f" {row.fine} 元" if row.fine else ""
    detail = f"移送{row.get_target_display()}，{result}{fine}"
    return row.unit.name, detail, reverse("hazards:referral", args=[row.pk])


def _report(row: Report) -> Told:
    return row.unit.name, f"报告{row.township}", reverse("hazards:visit", args=[row.inspection_id])


def _complaint(row: Complaint) -> Told:
    # The complainant is confidential: the register itself says who may see him.
    told = f"{row.premises}，{row.get_category_display()}，{row.get_state_display()}"
    return row.number, told, row.get_absolute_url()


def _pledge(row: Pledge) -> Told:
    number = row.document.number if row.document else ""
    return row.unit.name, f"{number}，责任期限 {row.since} 至 {row.until}", row.get_absolute_url()


SHOW: dict[type[Model], Callable[[Any], Told]] = {
    Unit: _unit,
    Inspection: _inspection,
    Hazard: _hazard,
    Order: _order,
    Reinspection: _reinspection,
    Referral: _referral,
    Report: _report,
    Complaint: _complaint,
    Pledge: _pledge,
}
JOINED: dict[type[Model], tuple[str, ...]] = {
    Unit: ("station",),
    Inspection: ("unit", "lead"),
    Hazard: ("unit",),
    Order: ("unit",),
    Reinspection: ("unit", "order"),
    Referral: ("unit",),
    Report: ("unit",),
    Complaint: ("unit",),
    Pledge: ("unit", "document"),
}
