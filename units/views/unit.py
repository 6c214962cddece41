"""One unit by hand: registered, changed, closed, taken up again; look-alikes decided on."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from stations import exports, personal
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can
from stations.personal import Personal
from units import actions
from units.forms import UnitForm
from units.models import State, Unit

COMPARED = ("登记", "名称", "地址", "类别", "信用代码", "责任人", "电话", "责任民警", "派出所")


@requires(Can.EDIT_UNITS)
def create(request: OfficerRequest) -> HttpResponse:
    form = UnitForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            unit = actions.register(form.placed(), localdate(), by=request.user)
        except ObjectDoesNotExist as error:
            raise Http404 from error
        messages.success(request, f"已登记：{unit.name}。")
        if unit.twin_of:
            messages.warning(request, f"与“{unit.twin_of.name}”名称、地址相同，请到疑似重复里核对。")
        return redirect(unit)
    return render(request, "units/unit_form.html", {"nav_key": "units", "form": form})


@requires(Can.EDIT_UNITS)
def edit(request: OfficerRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Unit.objects.for_user(request.user).select_related("station", "committee"), pk=pk)
    form = UnitForm(request.POST or None, instance=unit, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.change(pk, form.cleaned_data, by=request.user)
        messages.success(request, "已保存。")
        return redirect(unit)
    context = {"nav_key": "units", "form": form, "unit": unit, "may_close": request.user.can(Can.CLOSE_UNITS)}
    return render(request, "units/unit_form.html", context)


@never_cache
@requires(Can.VIEW_UNITS)
@require_POST
def phone(request: OfficerRequest, pk: int) -> HttpResponse:
    """显示电话: a deliberate look at one number."""
    seen = get_object_or_404(Unit.objects.for_user(request.user), pk=pk)
    unit = actions.reveal_phone(seen.pk, by=request.user)
    return personal.reveal(request, unit.phone, unit.name, pk, unit.get_absolute_url())


@requires(Can.CLOSE_UNITS)
@require_POST
def close(request: OfficerRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Unit.objects.for_user(request.user), pk=pk)
    actions.close(unit.pk, request.POST.get("reason", ""), localdate(), by=request.user)
    messages.success(request, f"已关闭：{unit.name}。")
    return redirect(unit)


@requires(Can.CLOSE_UNITS)
@require_POST
def reopen(request: OfficerRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Unit.objects.for_user(request.user), pk=pk)
    actions.reopen(unit.pk, request.POST.get("reason", ""), localdate(), by=request.user)
    messages.success(request, f"已恢复：{unit.name}。")
    return redirect(unit)


@requires(Can.VIEW_UNITS)
def twins(request: OfficerRequest) -> HttpResponse:
    """Units that look like another one, side by side, for somebody to decide."""
    pairs = Unit.objects.for_user(request.user).open().filter(twin_of__state=State.OPEN)
    related = ("category", "officer", "station", "twin_of__category", "twin_of__officer", "twin_of__station")
    pairs = pairs.select_related(*related)
    if request.GET.get("export"):
        rows = (line for unit in pairs.order_by("name_key", "pk") for line in _compared(unit, request.user))
        return exports.table(request, "疑似重复.xlsx", "疑似重复", COMPARED, rows)
    page = page_of(pairs, ("name_key",), request.GET.get("cursor", ""), size=20)
    context = {
        "nav_key": "units",
        "page": page,
        "may_close": request.user.can(Can.CLOSE_UNITS),
        "may_export": request.user.can(Can.EXPORT),
    }
    return render(request, "units/twin_list.html", context)


def _compared(unit: Unit, user: User) -> Iterator[list[Any]]:
    """The earlier entry and the later one, as two lines of the export."""
    for words, twin in (("先", unit.twin_of), ("后", unit)):
        if twin is not None:
            officer = twin.officer.name if twin.officer else ""
            kind = str(twin.category or twin.get_kind_display())
            who = [twin.person, personal.shown(user, Personal.UNIT_PHONE, twin.phone), officer, twin.station.name]
            yield [words, twin.name, twin.address, kind, twin.credit_code, *who]


@requires(Can.CLOSE_UNITS)
@require_POST
def decide_twin(request: OfficerRequest, pk: int) -> HttpResponse:
    """``decision``: keep (they are two) or close (the later entry goes)."""
    unit = get_object_or_404(Unit.objects.for_user(request.user), pk=pk)
    if request.POST.get("decision") == "close":
        actions.close_twin(unit.pk, localdate(), by=request.user)
        messages.success(request, f"已关闭重复登记的“{unit.name}”。")
    else:
        actions.keep_twin(unit.pk, by=request.user)
        messages.success(request, f"“{unit.name}”两户都保留。")
    return redirect("units:twins")
