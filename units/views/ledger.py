"""The list of units, its export and bulk assignment."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from stations import exports, personal
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can
from stations.personal import Personal
from units import actions
from units.forms import AssignForm, UnitFilter
from units.models import Unit, UnitQuerySet

SORTS = {"name": "name_key", "visited": "last_visited_on", "claimed": "ledger_visit", "area": "area"}
EXPORT_HEADER = (
    "单位",
    "地址",
    "类别",
    "社区（村）",
    "派出所",
    "面积（㎡）",
    "责任人",
    "电话",
    "最近检查",
    "台账所载检查",
    "责任民警",
    "状态",
)


@requires(Can.VIEW_UNITS)
def unit_list(request: OfficerRequest) -> HttpResponse:
    """The units in reach, filtered, sorted, a page at a time; ``?export=xlsx`` is the same list as a workbook."""
    form = UnitFilter(request.GET, user=request.user)
    everything = Unit.objects.for_user(request.user)
    related = ("category", "committee", "station", "officer", "twin_of")
    units = form.narrow(everything, localdate()).select_related(*related)
    order = _order(request)
    if request.GET.get("export"):
        return _export(request, units.order_by(*order, "pk"))
    page = page_of(units, order, request.GET.get("cursor", ""))
    context = {
        "nav_key": "units",
        "form": form,
        "page": page,
        "of": everything.open().count(),
        "wide": "station" in form.fields,
        "may_export": request.user.can(Can.EXPORT),
        "may_edit": request.user.can(Can.EDIT_UNITS),
        "may_import": request.user.can(Can.IMPORT_UNITS),
        "may_hand_over": request.user.can(Can.HAND_OVER),
        "officers": form.officers if request.user.can(Can.ASSIGN_UNITS) else [],
    }
    return render(request, "units/unit_list.html", context)


def _order(request: HttpRequest) -> tuple[str, ...]:
    asked = request.GET.get("sort", "")
    column = SORTS.get(asked.removeprefix("-"))
    if column is None:
        return ("name_key",)
    return (f"-{column}" if asked.startswith("-") else column,)


def _export(request: OfficerRequest, units: UnitQuerySet) -> HttpResponse:
    """The filtered list with the columns of the page."""
    rows = (_exported(unit, request.user) for unit in units.iterator(chunk_size=500))
    return exports.table(request, "单位台账.xlsx", "单位", EXPORT_HEADER, rows)


def _exported(unit: Unit, user: User) -> list[Any]:
    return [
        unit.name,
        unit.address,
        str(unit.category or unit.get_kind_display()),
        unit.committee.name if unit.committee else "",
        unit.station.name,
        None if unit.area is None else float(unit.area),
        unit.person,
        personal.shown(user, Personal.UNIT_PHONE, unit.phone),
        unit.last_visited_on,
        unit.ledger_visit,
        unit.officer.name if unit.officer else "",
        unit.get_state_display(),
    ]


@requires(Can.ASSIGN_UNITS)
@require_POST
def assign(request: OfficerRequest) -> HttpResponse:
    """Give the ticked units, or all that the filter in the URL finds, to one officer."""
    back = HttpResponseRedirect(f"{reverse('units:list')}?{request.GET.urlencode()}")
    form = AssignForm(request.POST, user=request.user)
    if not form.is_valid():
        messages.error(request, "没有分配：请选择民警，并勾选单位。")
        return back
    ids = form.cleaned_data["ids"]
    if form.cleaned_data["which"] == "all":
        found = UnitFilter(request.GET, user=request.user).narrow(Unit.objects.for_user(request.user), localdate())
        ids = list(found.values_list("pk", flat=True))
    officer = form.cleaned_data["officer"]
    moved = actions.assign(ids, officer, by=request.user)
    messages.success(request, f"已将 {moved} 户分给{officer.name}，其余 {len(ids) - moved} 户原来就是或已关闭。")
    return back
