"""The list of hazards and its export."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate

from deadlines.calendar import Calendar
from deadlines.models import ClockState
from deadlines.story import Shown
from fire_supervision.lib.paging import page_of
from hazards.duties import OF_ORDER, OF_VISIT, concerns
from hazards.filters import HazardFilter
from hazards.models import Hazard, HazardState
from hazards.pages import STATE_TONE, clocks_of, shown
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can

ORDER = ("-found_on",)
HEADER = (
    "单位", "派出所", "责任民警", "隐患", "代码", "处理", "文书号",
    "发现日期", "改正期限", "状态", "办理期限", "到期日", "销号日期",
)  # fmt: skip
EXPORT_MOST = 20_000


@requires(Can.VIEW_HAZARDS)
def listing(request: OfficerRequest) -> HttpResponse:
    now = timezone.now()
    form = HazardFilter(request.GET, user=request.user)
    visible = Hazard.objects.for_user(request.user)
    hazards = form.narrow(visible, now).select_related("unit__officer", "station", "order", "hazard_type")
    if request.GET.get("export"):
        return _export(request, hazards.order_by("-found_on", "-pk")[:EXPORT_MOST], now)
    page = page_of(hazards, ORDER, request.GET.get("cursor", ""))
    context = {
        "nav_key": "hazards",
        "form": form,
        "page": page,
        "rows": _rows(page.rows, now),
        "several_stations": "station" in form.fields,
        "may_enter": request.user.can(Can.ENTER_OPEN_ORDERS),
        "may_export": request.user.can(Can.EXPORT),
    }
    return render(request, "hazards/hazard_list.html", context)


@dataclass(frozen=True)
class Row:
    """A hazard with the colour of its state and the chip of its next duty."""

    hazard: Hazard
    tone: str
    next: Shown | None


def _rows(hazards: list[Hazard], now: datetime) -> list[Row]:
    """The rows of a page: four queries more, however many there are."""
    found = clocks_of((row.order_id for row in hazards), (row.inspection_id for row in hazards))
    running: dict[tuple[str, int], list[Shown]] = {}
    for one in shown(found, now, Calendar.load()):
        if one.clock.state == ClockState.RUNNING:
            running.setdefault((one.clock.subject_type, one.clock.subject_id), []).append(one)
    return [Row(hazard, STATE_TONE[HazardState(hazard.state)], _next(hazard, running)) for hazard in hazards]


def _next(hazard: Hazard, running: dict[tuple[str, int], list[Shown]]) -> Shown | None:
    """The first of the running duties that wait for something about ``hazard``."""
    subjects = ((OF_ORDER, hazard.order_id), (OF_VISIT, hazard.inspection_id))
    found = [one for kind, pk in subjects if pk for one in running.get((kind, pk), []) if concerns(one.clock, hazard)]
    return min(found, key=lambda one: one.clock.due_on, default=None)


def _export(request: OfficerRequest, hazards: Iterable[Hazard], now: datetime) -> HttpResponse:
    rows = [_line(row) for row in _rows(list(hazards), now)]
    return exports.table(request, f"隐患-{localdate(now):%Y%m%d}.xlsx", "隐患", HEADER, rows)


def _line(row: Row) -> list[object]:
    hazard = row.hazard
    return [
        hazard.unit.name,
        hazard.station.name,
        hazard.unit.officer.name if hazard.unit.officer else "",
        hazard.wording,
        hazard.hazard_type.code,
        hazard.get_disposition_display(),
        hazard.order.number if hazard.order else "",
        hazard.found_on,
        hazard.deadline,
        hazard.get_state_display(),
        row.next.words if row.next else "",
        row.next.clock.due_on if row.next else None,
        hazard.closed_on,
    ]
