"""The visits that were made, and one of them to read."""

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render

from fire_supervision.lib.paging import page_of
from inspections.forms import InspectionFilter
from inspections.models import Inspection, InspectionQuerySet
from inspections.rules import sheet_of, urged
from inspections.views.reach import reachable, writable
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can

HEADER = (
    "检查日期",
    "单位",
    "类型",
    "地址",
    "派出所",
    "检查人",
    "第二检查人",
    "状态",
    "隐患",
    "当场改正",
    "随同人员",
)


@requires(Can.VIEW_INSPECTIONS)
def visits(request: OfficerRequest) -> HttpResponse:
    everything = Inspection.objects.for_user(request.user)
    form = InspectionFilter(request.GET, user=request.user)
    found = form.narrow(everything)
    if request.GET.get("export"):
        return _export(request, found)
    shown = found.select_related("unit", "station", "lead", "second").annotate(found=Count("findings"))
    page = page_of(shown, ["-visited_on"], request.GET.get("cursor", ""))
    context = {
        "nav_key": "inspections",
        "form": form,
        "page": page,
        "of": everything.count(),
        "may_inspect": request.user.can(Can.INSPECT),
        "may_export": request.user.can(Can.EXPORT),
        "several_stations": "station" in form.fields,
    }
    return render(request, "inspections/inspection_list.html", context)


def _export(request: OfficerRequest, found: InspectionQuerySet) -> HttpResponse:
    rows = found.select_related("unit", "station", "lead", "second").prefetch_related("findings")
    table = (
        (
            visit.visited_on, visit.unit.name, visit.unit.get_kind_display(), visit.unit.address, visit.station.name,
            visit.lead.name, visit.second.name if visit.second else "", visit.get_state_display(),
            len(visit.findings.all()), sum(finding.fixed_on_spot for finding in visit.findings.all()), visit.companion,
        )
        for visit in rows.order_by("-visited_on", "-pk")
    )  # fmt: skip
    return exports.table(request, "检查.xlsx", "检查", HEADER, table)


@requires(Can.VIEW_INSPECTIONS)
def detail(request: OfficerRequest, pk: int) -> HttpResponse:
    """A visit to read: what was seen, found, photographed, and by whom."""
    inspection = reachable(request, pk)
    sheet = sheet_of(inspection)
    context = {
        "nav_key": "inspections",
        "inspection": inspection,
        "sheet": sheet,
        "urged": urged(inspection, sheet),
        "may_fill": writable(request, inspection) and request.user.can(Can.INSPECT),
    }
    return render(request, "inspections/inspection_detail.html", context)
