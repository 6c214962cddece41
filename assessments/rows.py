"""The rows behind a figure as the records page and its export show them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.timezone import localtime

from assessments.figures import ARCHIVE_FIELDS, MEASURES
from assessments.models import Score
from assessments.quarters import Quarter
from deadlines.models import Clock
from hazards.models import Hazard
from inspections.models import Inspection
from records.models import Document
from stations.models import User
from units.models import Kind, Unit

DONE, MISSED = "done", "missed"


@dataclass(frozen=True)
class Shown:
    """One row: what it is, what is to know of it, the day it is counted by, its page."""

    title: str
    detail: str
    on: date | None
    url: str
    done: bool
    station: str


def counted(code: str, place: Q, quarter: Quarter, today: date, frozen: Sequence[Score]) -> QuerySet[Any] | None:
    """The rows of ``place`` behind the figure, each with ``is_done``; where published, those of that day.

    None for an indicator whose room is not built yet.
    """
    measure = MEASURES[code]
    if measure.rows is None:
        return None
    rows = measure.rows(quarter, today)
    if not frozen:
        return rows.filter(place)
    done, missed = ([pk for score in frozen for pk in score.detail.get(part, [])] for part in (DONE, MISSED))
    was_done = Case(When(pk__in=done, then=Value(True)), default=Value(False), output_field=BooleanField())
    model: Any = rows.model
    found: QuerySet[Any] = model.objects.filter(pk__in=[*done, *missed]).annotate(is_done=was_done)
    return found


def narrowed(rows: QuerySet[Any], user: User, only: str) -> QuerySet[Any]:
    """What ``user`` may see of the rows: all, the done or the missed ones."""
    visible: QuerySet[Any] = rows.for_user(user).select_related("station", *JOINED.get(rows.model, ()))  # type: ignore[attr-defined] # figures.py counts scoped models only
    if only in (DONE, MISSED):
        visible = visible.filter(Q(is_done=only == DONE))
    return visible


def shown(row: Any) -> Shown:
    """How a row reads; every model a measure counts has its words here."""
    return SHOW[type(row)](row)


def _unit(row: Unit) -> Shown:
    lacking = [name for field, name in ARCHIVE_FIELDS if not getattr(row, field)]
    lacking += ["类别"] if row.kind == Kind.PREMISES and not row.category_id else []
    lacking += ["责任民警"] if not row.officer_id else []
    detail = f"{row.address}，缺{'、'.join(lacking)}" if lacking else row.address
    url = reverse("unit_page", args=[row.pk])
    return Shown(row.name, detail, row.last_visited_on, url, row.is_done, row.station.name)  # type: ignore[attr-defined] # figures.py annotates is_done


def _document(row: Document) -> Shown:
    detail = f"{row.unit_name}，{row.get_review_state_display()}"
    url = reverse("filings:review", args=[row.pk])
    return Shown(row.number, detail, row.reviewed_on, url, row.is_done, row.station.name)  # type: ignore[attr-defined] # figures.py annotates is_done


def _inspection(row: Inspection) -> Shown:
    url = reverse("inspections:detail", args=[row.pk])
    return Shown(row.unit.name, f"检查人 {row.lead.name}", row.visited_on, url, row.is_done, row.station.name)  # type: ignore[attr-defined] # figures.py annotates is_done


def _hazard(row: Hazard) -> Shown:
    url = reverse("hazards:hazard", args=[row.pk])
    detail = f"{row.unit.name}，{row.get_state_display()}"
    return Shown(row.wording, detail, row.deadline, url, row.is_done, row.station.name)  # type: ignore[attr-defined] # figures.py annotates is_done


def _clock(row: Clock) -> Shown:
    end = f"，限 {_minute(row.due_at)}" if row.due_at else ""
    done = _minute(row.met_at) if row.met_at and row.due_at else row.met_on
    detail = f"{row.detail}{end}{f'，{done} 办理' if done else '，没有办理'}"
    url = row.look_url or row.url
    return Shown(row.label, detail, row.due_on, url, row.is_done, row.station.name)  # type: ignore[attr-defined] # figures.py annotates is_done


def _minute(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}"


JOINED: dict[type, tuple[str, ...]] = {Inspection: ("unit", "lead"), Hazard: ("unit",)}
SHOW: dict[type, Callable[[Any], Shown]] = {
    Unit: _unit,
    Document: _document,
    Inspection: _inspection,
    Hazard: _hazard,
    Clock: _clock,
}
DAY_NAMES = {
    "COVERAGE": "最近检查", "ARCHIVE": "最近检查", "QUALITY": "审查", "FINDING": "检查", "RECTIFY": "改正期限",
    "RECHECK": "期限", "REFER": "期限", "COMPLAINT": "期限", "REPORTING": "期限", "SERVE": "期限", "FIX": "期限",
}  # fmt: skip
