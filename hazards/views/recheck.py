"""登记复查结果: one page, signed where it is registered."""

from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate, now

from fire_supervision.lib.refusals import Refusal, show_faults
from fire_supervision.lib.upload_limits import takes_files
from hazards import actions
from hazards.models import Hazard, OrderState, Reinspection
from hazards.recheck_forms import CALLED, ReinspectForm
from hazards.recheck_papers import SIGNERS, shown_digest
from hazards.rechecks import WAITING
from hazards.rules import was_served_late
from hazards.views.service import NAV, already
from records import drafts
from stations.http import OfficerRequest, requires
from stations.permissions import Can


@requires(Can.REINSPECT)
@takes_files("UPLOAD_PHOTO_MAX_MB", several=True)
def reinspect(request: OfficerRequest, pk: int) -> HttpResponse:
    visit = _reached(request, pk)
    if visit.done_on is not None:
        words = f"第 {visit.number} 次复查已于 {visit.done_on} 登记，没有再次改变"
        return already(request, visit.order, words)
    hazards = list(visit.order.hazards.filter(deadline=visit.deadline, state__in=WAITING).order_by("position"))
    form = ReinspectForm(visit, hazards, request.user, localdate(), request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        act = partial(actions.reinspect, visit, request.user, today=localdate())
        try:
            if drafts.is_asked(request):
                return drafts.answer(partial(act, **form.to_read(now())))
            done = act(**form.visit(now()))
        except Refusal as refusal:
            show_faults(form, refusal, CALLED)
        else:
            messages.success(request, _words(done, by_hand=form.cleaned_data["ink"] == "1"))
            return redirect("hazards:order", visit.order_id)
    return _page(request, visit, hazards, form)


def _reached(request: OfficerRequest, pk: int) -> Reinspection:
    rows = Reinspection.objects.for_user(request.user).select_related(
        "order__unit__category", "order__inspection", "order__service", "order__station", "unit", "clock__rule"
    )
    return get_object_or_404(rows, pk=pk)


def _page(request: OfficerRequest, visit: Reinspection, hazards: Sequence[Hazard], form: ReinspectForm) -> HttpResponse:
    order, seen = visit.order, shown_digest(visit, hazards)
    form.drop_outdated(seen, *(f"sign_{signer}" for signer in SIGNERS))
    form.show_as_needed()
    late = order.state == OrderState.SERVED and was_served_late(order, visit.deadline)
    context = NAV | {"visit": visit, "order": order, "form": form, "seen": seen, "served_late": late}
    return render(request, "hazards/reinspection_form.html", context)


def _words(visit: Reinspection, *, by_hand: bool) -> str:
    """Said once; what is signed by hand, with the door to where the signed record is kept."""
    said = f"已登记第 {visit.number} 次复查"
    if not by_hand or visit.document_id is None:
        return said
    paper = reverse("records:document", args=[visit.document_id])
    return format_html('{}。<a href="{}">打印签名后附上复查记录</a>', said, paper)
