"""登记送达 and 登记复查申请: what happens to an order before its period ends."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate, now

from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.forms import EarlyForm
from hazards.models import HazardState, Method, Order, OrderState
from hazards.service_forms import ServeForm
from hazards.serving import notice_end
from inspections.models import Mode
from records import drafts
from stations.http import OfficerRequest, requires
from stations.permissions import Can

NAV: dict[str, Any] = {"nav_key": "hazards"}


@requires(Can.SERVE)
def serve(request: OfficerRequest, pk: int) -> HttpResponse:
    """The way of serving is chosen first; ``choose`` asks for its fields and judges nothing."""
    order = order_of(request, pk)
    if order.state != OrderState.ISSUED:
        return already(request, order, f"这份通知书{order.get_state_display()}，没有重复登记送达")
    sent = request.method == "POST" and "choose" not in request.POST
    data, typed = (request.POST, None) if sent else (None, request.POST.dict())
    form = ServeForm(order, request.user, now(), data, typed)
    if sent and form.is_valid():
        act = partial(actions.serve, order, request.user, at=now(), **form.service())
        try:
            if drafts.is_asked(request):
                return drafts.answer(act)
            act()
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            return _served(request, order)
    context = NAV | {"order": order, "form": form} | _too_late(order, form)
    return render(request, "hazards/_serve_fields.html" if request.htmx else "hazards/serve_form.html", context)


def _too_late(order: Order, form: ServeForm) -> dict[str, Any]:
    """The first period that is over when a service of today takes effect, and with 公告 the day that is."""
    end = notice_end(order, localdate()) if form.way.method == Method.NOTICE else None
    over = Q(deadline__lte=end) if end else Q(deadline__lt=localdate())
    waiting = order.hazards.filter(over, state__in=[HazardState.OPEN, HazardState.DUE], order__mode=Mode.LIMIT)
    return {"notice_end": end, "over_before": waiting.order_by("deadline").values_list("deadline", flat=True).first()}


def _served(request: OfficerRequest, order: Order) -> HttpResponseRedirect:
    """To the next notice of the same visit, which is handed over at the same door; without one, to the order."""
    messages.success(request, _words(order))
    same_visit = Order.objects.filter(inspection=order.inspection, state=OrderState.ISSUED)
    waiting = same_visit.order_by("id").first() if order.inspection_id else None
    if waiting is None:
        return redirect("hazards:order", order.pk)
    messages.info(request, f"这次检查还有一份没有送达：{waiting.number}")
    return redirect("hazards:serve", waiting.pk)


def _words(order: Order) -> str:
    """Said once, with the door to where the signed receipt is kept; an order from before the system has no paper."""
    if order.document is None:
        return f"已登记送达：{order.number}"
    paper = reverse("records:document", args=[order.document.pk])
    return format_html('已登记送达：{}。<a href="{}">附上签名的送达回证</a>', order.number, paper)


@requires(Can.REINSPECT)
def early(request: OfficerRequest, pk: int) -> HttpResponse:
    """The unit asks to be re-inspected before its period ends."""
    order = order_of(request, pk)
    hazards = order.hazards.filter(state=HazardState.OPEN, deadline__gt=localdate())
    days = sorted({day for day in hazards.values_list("deadline", flat=True) if day})
    form = EarlyForm(days, localdate(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.request_early(order, request.user, today=localdate(), **form.cleaned_data)
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, "已登记复查申请")
            return redirect("hazards:reinspect", opened.pk)
    return render(request, "hazards/early_form.html", NAV | {"order": order, "form": form})


def order_of(request: OfficerRequest, pk: int) -> Order:
    rows = Order.objects.for_user(request.user).select_related("unit", "station", "inspection", "document")
    return get_object_or_404(rows, pk=pk)


def already(request: OfficerRequest, order: Order, words: str) -> HttpResponseRedirect:
    """The second press of a button: one clear message, nothing done."""
    messages.info(request, words)
    return redirect("hazards:order", order.pk)
