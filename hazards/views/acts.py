"""The forms of the acts: end what was urged, void, enter an old order."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate

from fire_supervision.lib.refusals import Refusal, show_faults
from fire_supervision.lib.sought import opened
from hazards import actions
from hazards.backlog import check_withdrawal
from hazards.forms import FixedForm, OpenHazards, OpenOrderForm, VoidForm, WithdrawForm
from hazards.issuing import case_papers_of
from hazards.lateness import has_late, is_used, late_hazards, must_stand
from hazards.models import Hazard, HazardState, Order, OrderState
from hazards.views.service import NAV, already, order_of
from hazards.voiding import check_void_order, papers_of_order
from inspections.models import Inspection, Mode, State
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from units.models import Unit


@requires(Can.REINSPECT)
def fixed(request: OfficerRequest, pk: int) -> HttpResponse:
    """An urged hazard is gone."""
    hazard = get_object_or_404(Hazard.objects.for_user(request.user).select_related("unit"), pk=pk)
    if hazard.state == HazardState.CLOSED:
        messages.info(request, "这处隐患已经销号，没有重复登记")
        return redirect("hazards:hazard", hazard.pk)
    form = FixedForm(request.POST or None, initial={"on": localdate(), "how": "回访查看"})
    if request.method == "POST" and form.is_valid():
        actions.confirm_fixed(hazard, request.user, today=localdate(), **form.cleaned_data)
        messages.success(request, "已登记改正，隐患销号")
        return redirect("hazards:hazard", hazard.pk)
    return render(request, "hazards/fixed_form.html", NAV | {"hazard": hazard, "form": form})


@requires(Can.VOID_PAPERS)
def void(request: OfficerRequest, pk: int) -> HttpResponse:
    """作废重出: every paper of the visit, with the chief's reason."""
    rows = Inspection.objects.for_user(request.user).select_related("unit", "lead", "reissued_as")
    visit = get_object_or_404(rows, pk=pk)
    if visit.state == State.VOID:
        messages.info(request, "这次检查的文书已经作废，没有重复作废")
        return redirect("hazards:visit", visit.pk)
    alone = _falls_alone(visit)
    if alone is not None:
        return redirect("hazards:void_order", alone.pk)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.void_papers(visit, request.user, form.cleaned_data["reason"], localdate())
        messages.success(request, f"文书已作废，检查退回 {visit.lead.name} 更正后重新签发")
        return redirect("hazards:visit", visit.pk)
    papers = [paper for paper in case_papers_of(visit) if not paper.is_void]
    context = NAV | {"inspection": visit, "form": form, "papers": papers}
    return render(request, "hazards/void_form.html", context)


def _falls_alone(visit: Inspection) -> Order | None:
    """What is left to void of a visit since another authority has something of it in hand, or has to get it."""
    if not must_stand(visit.pk):
        return None
    return next((order for order in visit.orders.select_related("service") if has_late(order)), None)


@requires(Can.VOID_PAPERS)
def void_order(request: OfficerRequest, pk: int) -> HttpResponse:
    """作废通知书: one order that was served after its period, or what was served late of one that stands."""
    order = order_of(request, pk)
    if order.state == OrderState.VOID or hasattr(order, "withdrawal"):
        return already(request, order, f"{order.number}已经作废过，没有重复作废")
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.void_order(order, request.user, form.cleaned_data["reason"], localdate())
        messages.success(request, "已作废，请安排重新检查")
        return redirect("hazards:order", order.pk)
    check_void_order(order, request.user)
    stands = is_used(order)
    hazards = late_hazards(order) if stands else order.hazards.all()
    context = {"order": order, "form": form, "stands": stands, "hazards": hazards.order_by("position")}
    context["papers"] = [] if stands else papers_of_order(order)
    return render(request, "hazards/void_order_form.html", NAV | context)


@requires(Can.ENTER_OPEN_ORDERS)
def choose_unit(request: OfficerRequest) -> HttpResponse:
    """录入存量文书 begins with the unit."""
    words = opened(request.GET.get("q", ""), request.user.pk).strip()
    units = Unit.objects.for_user(request.user).open()
    found = units.filter(name__icontains=words).select_related("officer").order_by("name_key")[:20] if words else []
    return render(request, "hazards/open_order_unit.html", NAV | {"words": words, "units": found})


@requires(Can.ENTER_OPEN_ORDERS)
def enter_order(request: OfficerRequest, pk: int) -> HttpResponse:
    """存量: an open order from before the system."""
    unit = get_object_or_404(Unit.objects.for_user(request.user).select_related("station", "officer"), pk=pk)
    form = OpenOrderForm(unit.station_id, request.POST or None)
    rows = OpenHazards(request.POST or None, prefix="hazard")
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            order = _enter(request, unit, form, rows)
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, f"已录入 {order.number}")
            return redirect("hazards:order", order.pk)
    context = {"unit": unit, "form": form, "rows": rows, "broken": [row for row in rows.forms if row.errors]}
    return render(request, "hazards/open_order_form.html", NAV | context)


@requires(Can.VOID_PAPERS)
def withdraw(request: OfficerRequest, pk: int) -> HttpResponse:
    """撤回: an order from before the system that should not have been entered."""
    order = order_of(request, pk)
    if order.state == OrderState.VOID:
        return already(request, order, f"{order.number}{order.get_state_display()}，没有重复撤回")
    if order.inspection_id is None and has_late(order) and is_used(order):
        return redirect("hazards:void_order", order.pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw(order, request.user, form.cleaned_data["reason"], localdate())
        messages.success(request, f"已撤回 {order.number}")
        return redirect("hazards:order", order.pk)
    check_withdrawal(order, request.user)
    context = {"order": order, "form": form, "hazards": order.hazards.order_by("position")}
    return render(request, "hazards/withdraw_form.html", NAV | context)


def _enter(request: OfficerRequest, unit: Unit, form: OpenOrderForm, rows: Any) -> Order:
    values = form.cleaned_data
    return actions.enter_open_order(
        unit,
        request.user,
        mode=Mode(values["mode"]),
        number=values["number"],
        issued_on=values["issued_on"],
        issued_by=values["issued_by"],
        hazards=rows.hazards(),
        service=form.service(),
        today=localdate(),
    )
