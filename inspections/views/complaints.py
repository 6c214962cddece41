"""The register of complaints, one complaint to read, and who made it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate, now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from inspections import complaining
from inspections.complaint_forms import ComplaintFilter
from inspections.complaint_pages import STATE_TONE, next_act, rows, shown_clocks, steps, timeline
from inspections.models import UNANSWERED, UNTOUCHED, Complaint, ComplaintQuerySet, ComplaintState
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can

NAV: dict[str, Any] = {"nav_key": "complaints"}
# Read by `show_complainant` alone.
SECRET = ("complainant", "contact")
# The words of a complainant can give him away: they stay on the page.
HEADER = (
    "编号", "接到时间", "来源", "类别", "管辖", "被举报单位", "地址", "派出所", "受理人", "承办人", "状态", "核查时间",
    "核查结论", "移送单位", "告知时间", "告知方式", "无法告知的原因",
)  # fmt: skip


@requires(Can.VIEW_COMPLAINTS)
def listing(request: OfficerRequest) -> HttpResponse:
    visible = Complaint.objects.for_user(request.user).defer(*SECRET)
    form = ComplaintFilter(request.GET, user=request.user)
    at = now()
    found = form.narrow(visible, at).select_related("station", "handler")
    if request.GET.get("export"):
        return _export(request, found)
    page = page_of(found, ["-received_at"], request.GET.get("cursor", ""))
    context = NAV | {
        "form": form,
        "page": page,
        "rows": rows(page.rows, at),
        "of": visible.count(),
        "open": visible.unanswered().count(),
        "late": visible.overdue(at).count(),
        "several_stations": "station" in form.fields,
        "may_handle": request.user.can(Can.HANDLE_COMPLAINTS),
        "may_export": request.user.can(Can.EXPORT),
    }
    return render(request, "inspections/complaint_list.html", context)


def _export(request: OfficerRequest, found: ComplaintQuerySet) -> HttpResponse:
    listed = found.select_related("received_by").order_by("-received_at", "-pk")
    return exports.table(request, "举报登记.xlsx", "举报登记", HEADER, _exported(listed))


def _exported(found: ComplaintQuerySet) -> Iterator[tuple[Any, ...]]:
    for one in found.iterator(chunk_size=500):
        yield (
            one.number, one.received_at, one.get_source_display(), one.get_category_display(),
            one.get_jurisdiction_display(), one.premises, one.address, one.station.name, one.received_by.name,
            one.handler.name, one.get_state_display(), one.checked_at, one.get_truth_display(), one.transferred_to,
            one.told_at, one.get_manner_display(), one.untold,
        )  # fmt: skip


@requires(Can.VIEW_COMPLAINTS)
def detail(request: OfficerRequest, pk: int) -> HttpResponse:
    """A complaint to read: what was reported, what was done, which clocks run; not who reported it."""
    complaint = reachable(request, pk)
    return render(request, "inspections/complaint_detail.html", page_context(request, complaint, now()))


def reachable(request: OfficerRequest, pk: int) -> Complaint:
    """The complaint with what its page prints; 404 outside the officer's scope."""
    complaints = Complaint.objects.for_user(request.user).select_related(
        "station", "unit__officer", "received_by", "handler", "first", "second", "told_by", "inspection",
        "document", "reply",
    )  # fmt: skip
    return get_object_or_404(complaints, pk=pk)


def page_context(request: OfficerRequest, complaint: Complaint, at: datetime) -> dict[str, Any]:
    clocks = shown_clocks([complaint], at).get(complaint.pk, [])
    act = next_act(complaint, clocks)
    handles = request.user.can(Can.HANDLE_COMPLAINTS)
    on_case = handles and complaint.is_on_case(request.user)
    untouched = complaint.state in UNTOUCHED
    return NAV | {
        "complaint": complaint,
        "tone": STATE_TONE[ComplaintState(complaint.state)],
        "act": act,
        "may_act": handles,
        "steps": steps(complaint),
        "clocks": clocks,
        "entries": timeline(complaint, act),
        "today": localdate(at),
        "on_case": on_case,
        "may_transfer": handles and complaint.state == ComplaintState.RECEIVED,
        "may_assign": on_case and complaint.state in UNANSWERED,
        "may_correct": on_case and complaint.state in UNANSWERED,
        "may_recategorise": handles and untouched,
        "may_withdraw": request.user.can(Can.VOID_PAPERS) and untouched,
        "may_visit": complaint.unit_id and complaint.state == ComplaintState.RECEIVED and request.user.can(Can.INSPECT),
    }


@never_cache
@requires(Can.HANDLE_COMPLAINTS)
@require_POST
def complainant(request: OfficerRequest, pk: int) -> HttpResponse:
    """显示举报人: a deliberate look, which leaves an entry each time; no address, cache or history keeps the answer."""
    seen = reachable(request, pk)
    named = complaining.show_complainant(seen, request.user, request.POST.get("reason", ""))
    if request.htmx:
        return render(request, "inspections/_complainant.html", {"complaint": seen, "named": named})
    context = page_context(request, seen, now()) | {"named": named}
    return render(request, "inspections/complaint_detail.html", context)
