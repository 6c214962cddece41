"""延期: the request from an order's page, the chief's decision, the list of both."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now

from fire_supervision.lib.paging import page_of
from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.extension_forms import APPROVE, DecideForm, ExtendForm, ExtensionFilter
from hazards.models import Extension, ExtensionState, Hazard, HazardState, Order, OrderState
from hazards.views.service import NAV, already, order_of
from inspections.models import Mode, Photo
from records import drafts
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can

TONES = {
    ExtensionState.REQUESTED: "amber",
    ExtensionState.APPROVED: "green",
    ExtensionState.REFUSED: "red",
    ExtensionState.FELL: "line",
}
ORDER = ("-waits", "-requested_on")
HEADER = (
    "单位", "派出所", "文书号", "原改正期限", "延期至", "隐患", "申请日期", "申请理由", "登记人",
    "状态", "审批人", "审批时间", "审批意见",
)  # fmt: skip
EXPORT_MOST = 20_000


@requires(Can.REINSPECT)
def extend(request: OfficerRequest, pk: int) -> HttpResponse:
    """The unit asks for more time."""
    order, today = order_of(request, pk), localdate()
    hazards = order.hazards.filter(state=HazardState.OPEN, deadline__gt=today).order_by("deadline", "position")
    form = ExtendForm(hazards, today, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = _request(request, form, today)
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, _asked_words(asked, form))
            return redirect("hazards:order", order.pk)
    return render(request, "hazards/extension_form.html", NAV | {"order": order, "form": form, "hazards": hazards})


def _request(request: OfficerRequest, form: ExtendForm, today: date) -> Extension:
    hazards = form.cleaned_data["hazards"]
    order, deadline = hazards[0].order, hazards[0].deadline
    return actions.request_extension(order, request.user, deadline=deadline, today=today, **form.cleaned_data)


def _asked_words(asked: Extension, form: ExtendForm) -> str:
    typed = form.cleaned_data["until"]
    moved = f"（{typed:%Y-%m-%d} 是休息日，顺延）" if asked.until != typed else ""
    return f"已登记延期申请，延期至 {asked.until:%Y-%m-%d}{moved}，等待所长审批"


@requires(Can.APPROVE_EXTENSIONS)
def decide(request: OfficerRequest, pk: int) -> HttpResponse:
    """The chief's page: everything he needs, and one form."""
    rows = _visible(request).select_related("order__unit", "order__service", "requested_by", "decided_by", "station")
    extension = get_object_or_404(rows, pk=pk)
    if extension.state != ExtensionState.REQUESTED:
        return already(request, extension.order, f"这份延期申请已有结果：{extension.get_state_display()}，没有再次审批")
    form = DecideForm(extension, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if drafts.is_asked(request):
                return drafts.answer(partial(_decide, request, extension, form))
            decided = _decide(request, extension, form)
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, _decided_words(decided))
            return redirect("hazards:order", extension.order_id)
    return render(request, "hazards/extension_decide.html", NAV | _ground(extension) | {"form": form})


def _decide(request: OfficerRequest, extension: Extension, form: DecideForm) -> Extension:
    values = form.cleaned_data
    if values["verdict"] == APPROVE:
        return actions.approve_extension(
            extension, request.user, until=values["until"], decision=values["decision"], at=now()
        )
    return actions.refuse_extension(extension, request.user, decision=values["decision"], at=now())


def _decided_words(extension: Extension) -> str:
    if extension.state == ExtensionState.APPROVED:
        return f"已同意延期至 {extension.until:%Y-%m-%d}，复查期限随之改变"
    return "已登记不同意延期"


def _ground(extension: Extension) -> dict[str, Any]:
    """What the decision rests on: the hazards and what is known of each, and what was granted before."""
    hazards = list(
        extension.hazards.select_related("finding").annotate(after=Count("after_photos")).order_by("position")
    )
    return {
        "extension": extension,
        "order": extension.order,
        "hazards": _with_photos(hazards),
        "earlier": extension.order.extensions.exclude(pk=extension.pk).select_related("decided_by", "requested_by"),
        "first_days": (extension.deadline - extension.order.issued_on).days,
        "asked_days": (extension.until - extension.deadline).days,
    }


def _with_photos(hazards: list[Any]) -> list[dict[str, Any]]:
    """Each hazard with how many photographs there are of it, before and after; one query."""
    visits = {row.finding.inspection_id for row in hazards if row.finding}
    taken = Photo.objects.filter(inspection__in=visits).values_list("inspection", "item").annotate(count=Count("pk"))
    before = {(visit, item): count for visit, item, count in taken}
    places = [(row.finding.inspection_id, row.finding.item_id) if row.finding else (0, 0) for row in hazards]
    return [
        {"hazard": row, "photos": row.after + before.get(place, 0)} for row, place in zip(hazards, places, strict=True)
    ]


@requires(Can.VIEW_HAZARDS)
def listing(request: OfficerRequest) -> HttpResponse:
    """What waits for a decision first, then what was decided."""
    form = ExtensionFilter(request.GET, user=request.user)
    visible = _visible(request)
    waits = Case(When(state=ExtensionState.REQUESTED, then=Value(1)), default=Value(0), output_field=IntegerField())
    found = form.narrow(visible).annotate(waits=waits, count=Count("hazards"))
    found = found.select_related("order__unit", "station", "requested_by", "decided_by")
    if request.GET.get("export"):
        return _export(request, found.order_by(*ORDER, "-pk")[:EXPORT_MOST])
    page = page_of(found, ORDER, request.GET.get("cursor", ""))
    context = {
        "form": form,
        "page": page,
        "rows": _rows(page.rows),
        "several_stations": "station" in form.fields,
        "may_decide": request.user.can(Can.APPROVE_EXTENSIONS),
        "may_export": request.user.can(Can.EXPORT),
    }
    return render(request, "hazards/extension_list.html", NAV | context)


def may_extend(
    order: Order, hazards: Iterable[Hazard], extensions: Iterable[Extension], user: User, today: date
) -> bool:
    """Whether some period of ``order`` still runs that nobody has asked to extend."""
    if not user.can(Can.REINSPECT) or order.state != OrderState.SERVED or order.mode != Mode.LIMIT:
        return False
    asked = {row.deadline for row in extensions if row.state == ExtensionState.REQUESTED}
    running = {row.deadline for row in hazards if row.state == HazardState.OPEN and row.deadline}
    return any(day > today for day in running - asked)


def _visible(request: OfficerRequest) -> QuerySet[Extension]:
    return Extension.objects.for_user(request.user)


def _rows(extensions: Iterable[Extension]) -> list[dict[str, Any]]:
    return [{"extension": row, "tone": TONES[ExtensionState(row.state)]} for row in extensions]


def _export(request: OfficerRequest, extensions: QuerySet[Extension]) -> HttpResponse:
    rows = [_line(row) for row in extensions]
    return exports.table(request, f"延期-{localdate():%Y%m%d}.xlsx", "延期", HEADER, rows)


def _line(row: Any) -> list[object]:
    return [
        row.order.unit.name,
        row.station.name,
        row.order.number,
        row.deadline,
        row.until,
        row.count,
        row.requested_on,
        row.reason,
        row.requested_by.name,
        row.get_state_display(),
        row.decided_by.name if row.decided_by else "",
        row.decided_at,
        row.decision,
    ]
