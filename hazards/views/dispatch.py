"""电子送达 on the officer's side: the consent, the link to send, what became of it."""

import re
from functools import partial
from io import BytesIO
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_POST

from fire_supervision.lib.devices import device_words
from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.dispatch_forms import CHANNELS, DispatchForm
from hazards.dispatching import blocks
from hazards.lateness import last_period
from hazards.link_ends import REISSUE, ended, last_day, period_over
from hazards.link_papers import consent_shown
from hazards.models import Dispatch, DispatchState, OrderState
from hazards.views.service import NAV, already, order_of
from hazards.ways import CONSENT
from records import drafts
from records.papers import ink_of
from stations.http import OfficerRequest, requires
from stations.permissions import Can

MOBILE = re.compile(r"1\d{10}")
TONES = {
    DispatchState.SENT: "amber",
    DispatchState.OPENED: "amber",
    DispatchState.ACKNOWLEDGED: "green",
    DispatchState.CLOSED: "line",
}


@requires(Can.SERVE)
def dispatch(request: OfficerRequest, pk: int) -> HttpResponse:
    """Record the consent and make the link; a notice that has one shows it."""
    order = order_of(request, pk)
    if order.state != OrderState.ISSUED:
        return already(request, order, f"这份通知书{order.get_state_display()}，不用再发送链接")
    if (running := order.dispatches.running().first()) is not None:
        return redirect("hazards:dispatched", running.pk)
    if (last := last_period(order)) is not None and last < localdate():
        return already(request, order, f"{period_over(last)}，不能再电子送达。{REISSUE}")
    form = DispatchForm(order, request.user, localdate(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = partial(actions.dispatch, order, request.user, at=now())
        try:
            if drafts.is_asked(request):
                return drafts.answer(partial(act, **form.to_read()))
            made = act(**form.link())
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, "链接已生成，请发送给对方")
            return redirect("hazards:dispatched", made.pk)
    seen = consent_shown(order)
    form.drop_outdated(seen, "consent")
    context = NAV | {"order": order, "form": form, "channels": CHANNELS, "consent": CONSENT, "seen": seen}
    return render(request, "hazards/dispatch_form.html", context, status=422 if form.errors else 200)


@requires(Can.VIEW_HAZARDS)
@require_GET
def dispatched(request: OfficerRequest, pk: int) -> HttpResponse:
    """One link: how to send it while it runs, and what is known of it."""
    row, at = _visible(request, pk), now()
    address = settings.PUBLIC_URL + reverse("receipt", args=[row.token])
    order = row.order
    paper = order.document.title if order.document else "通知书"
    words = (
        f"{order.unit.name}：{order.station.name}向你单位送达{paper}（{order.number}）。"
        f"请打开 {address} ，输入{row.last_four_words}，阅读并签名确认。"
    )
    context = {
        "row": row,
        "order": order,
        "tone": TONES[DispatchState(row.state)],
        "words": words,
        "message": _message_to(row, words),
        "blocks": blocks(row, at) if row.is_running else [],
        # Also of one that was closed: what is left to do is the same.
        "over": ended(row, localdate(at)) if order.state == OrderState.ISSUED else None,
        "until": last_day(row) if row.is_running else None,
        "device": device_words(row.opened_from),
        "ink": ink_of(row.consent),
        "code": _code(address) if row.is_running else "",
        "may_close": row.is_running and request.user.can(Can.SERVE),
    }
    return render(request, "hazards/dispatch_detail.html", NAV | context)


@requires(Can.SERVE)
@require_POST
def close(request: OfficerRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    actions.close_dispatch(row, request.user, request.POST.get("why", ""))
    if "again" in request.POST:
        messages.success(request, "原链接已停用，请重新发送")
        return redirect("hazards:dispatch", row.order_id)
    messages.success(request, "链接已停用，可以改用其他方式送达")
    return redirect("hazards:order", row.order_id)


def _visible(request: OfficerRequest, pk: int) -> Dispatch:
    rows = Dispatch.objects.for_user(request.user).select_related(
        "order__unit", "order__station", "order__document", "document", "sent_by", "second", "assistant"
    )
    return get_object_or_404(rows, pk=pk)


def _message_to(row: Dispatch, words: str) -> str:
    """The words as a text message to the number that was consented to; empty where that is no telephone."""
    # With both marks: telephones of one make read the text behind ?, those of the other behind &.
    return f"sms:{row.account}?&body={quote(words)}" if MOBILE.fullmatch(row.account) else ""


def _code(address: str) -> SafeString:
    """The link as a QR to be photographed from the officer's phone."""
    import segno  # noqa: PLC0415 - tables of the standard, of use on this page alone

    buffer = BytesIO()
    segno.make(address, error="m").save(buffer, kind="svg", border=2, omitsize=True, xmldecl=False, svgns=True)
    return mark_safe(buffer.getvalue().decode())
