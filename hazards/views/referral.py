"""移送 with its receipt and its result, and 书面报告 with its delivery."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.paging import page_of
from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.models import Disposition, Hazard, HazardState, Order, Referral, ReferralState, Report, Target
from hazards.pages import STATE_TONE
from hazards.papers import facts_of, referral_basis
from hazards.paperwork import after
from hazards.referral_forms import AnswerForm, DeliverForm, ReceiveForm, ReferForm, ReferralFilter, authority_of
from hazards.referral_pages import REFERRAL_TONE, act_of_referral, entries_of_referral, steps_of_referral
from hazards.referring import check_recorder
from hazards.reporting import graves_of
from inspections.models import Inspection
from records import drafts
from records.models import Document
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can, Fresh
from units.models import Unit

NAV: dict[str, Any] = {"nav_key": "hazards"}
HEADER = (
    "单位", "派出所", "移送对象", "移送日期", "移送文书号", "隐患", "进度", "接收日期", "接收人",
    "处理结果", "处理日期", "决定书文号", "罚款金额（元）", "处理情况",
)  # fmt: skip
EXPORT_MOST = 20_000
# What the form of a delivery calls the fields of its paper.
CALLED = {"to": "township", "suggestions.chosen": "suggestions"}


@requires(Can.VIEW_HAZARDS)
def referrals(request: OfficerRequest) -> HttpResponse:
    """Every referral the person sees, with where it stands."""
    form = ReferralFilter(request.GET, user=request.user)
    visible = Referral.objects.for_user(request.user)
    wanted = (
        form.narrow(visible)
        .select_related("unit", "station")
        .prefetch_related(Prefetch("hazards", Hazard.objects.order_by("pk")))
    )
    if request.GET.get("export"):
        return _export(request, wanted.order_by("-sent_on", "-pk")[:EXPORT_MOST])
    page = page_of(wanted, ("-sent_on",), request.GET.get("cursor", ""))
    context = {
        "form": form,
        "page": page,
        "rows": [{"referral": row, "tone": REFERRAL_TONE[ReferralState(row.state)]} for row in page.rows],
        "of": visible.count(),
        "several_stations": "station" in form.fields,
        "may_export": request.user.can(Can.EXPORT),
    }
    return render(request, "hazards/referral_list.html", NAV | context)


def _export(request: OfficerRequest, rows: Iterable[Referral]) -> HttpResponse:
    lines = [_line(row) for row in rows]
    return exports.table(request, f"移送-{localdate():%Y%m%d}.xlsx", "移送", HEADER, lines)


def _line(row: Referral) -> list[object]:
    wordings = "；".join(hazard.wording for hazard in row.hazards.all())
    return [
        row.unit.name, row.station.name, row.get_target_display(), row.sent_on, row.letter_no, wordings,
        row.get_state_display(), row.received_on, row.receiver, row.get_result_display(), row.result_on,
        row.result_no, row.fine, row.result_note,
    ]  # fmt: skip


@requires(Can.VIEW_HAZARDS)
def referral(request: OfficerRequest, pk: int) -> HttpResponse:
    row = _referral(request, pk)
    hazards = list(row.hazards.select_related("inspection").order_by("pk"))
    context = {
        "referral": row,
        "tone": REFERRAL_TONE[ReferralState(row.state)],
        "act": act_of_referral(row, request.user),
        "steps": steps_of_referral(row),
        "hazards": [{"hazard": one, "tone": STATE_TONE[HazardState(one.state)]} for one in hazards],
        "papers": _papers_behind(row),
        "visits": {one.inspection for one in hazards if one.inspection is not None},
        "entries": entries_of_referral(row),
    }
    return render(request, "hazards/referral_detail.html", NAV | context)


def _papers_behind(row: Referral) -> QuerySet[Document]:
    """The notices of what was handed over, and what followed them."""
    orders = Order.objects.filter(hazards__referrals=row)
    papers = Document.objects.filter(Q(pk__in=orders.values("document")) | after(orders))
    return papers.valid().defer("context").order_by("pk")


def _referral(request: OfficerRequest, pk: int) -> Referral:
    rows = Referral.objects.for_user(request.user).select_related(
        "unit__officer", "station__brigade", "recorded_by", "received_by", "answered_by", "document"
    )
    return get_object_or_404(rows, pk=pk)


def _to_record(request: OfficerRequest, pk: int) -> Referral:
    """The referral for whose receipt or result the person asks; refused to whoever records none at all."""
    row = _referral(request, pk)
    if not (request.user.can(Can.ANSWER_REFERRALS) or request.user.can(Can.REFER)):
        raise PermissionDenied(row.recorded_with.label)
    check_recorder(row, request.user)
    return row


# Two capabilities share these pages, each for its own referrals; what both are asked, `fresh` says.
@requires(Can.VIEW_HAZARDS, fresh=Fresh.SHIFT)
def receive(request: OfficerRequest, pk: int) -> HttpResponse:
    """接收: recorded by the brigade itself, by the station for every other authority."""
    row = _to_record(request, pk)
    if row.state != ReferralState.SENT:
        return _already(request, row, f"这次移送{row.get_state_display()}，没有重复登记接收")
    form = ReceiveForm(row, request.user, localdate(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.receive_referral(row, request.user, today=localdate(), **form.cleaned_data)
        messages.success(request, "已登记接收")
        return redirect("hazards:referral", row.pk)
    return _form(request, row, form, "登记接收", "接收后由接收单位依法处理，处理结果在这里登记。")


@requires(Can.VIEW_HAZARDS, fresh=Fresh.SHIFT)
def answer(request: OfficerRequest, pk: int) -> HttpResponse:
    """处理结果: ends the hazards of the referral."""
    row = _to_record(request, pk)
    if row.state == ReferralState.SENT:
        messages.info(request, "先登记接收，再登记处理结果")
        return redirect("hazards:receive", row.pk)
    if row.state == ReferralState.ANSWERED:
        return _already(request, row, "这次移送已反馈，没有重复登记处理结果")
    form = AnswerForm(localdate(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.answer_referral(row, request.user, today=localdate(), **form.cleaned_data)
        messages.success(request, "已登记处理结果，隐患办结")
        return redirect("hazards:referral", row.pk)
    return _form(request, row, form, "登记处理结果", "登记后，移送的隐患办结，系统告知移送的派出所。")


def _form(request: OfficerRequest, row: Referral, form: Any, button: str, what_follows: str) -> HttpResponse:
    context = {"referral": row, "form": form, "button": button, "what_follows": what_follows}
    return render(request, "hazards/referral_answer_form.html", NAV | context)


def _already(request: OfficerRequest, row: Referral, words: str) -> HttpResponseRedirect:
    messages.info(request, words)
    return redirect("hazards:referral", row.pk)


@requires(Can.REFER)
def refer(request: OfficerRequest, pk: int) -> HttpResponse:
    """Hand a hazard over, together with others of the unit that wait for the same."""
    hazard = get_object_or_404(Hazard.objects.for_user(request.user).select_related("unit", "hazard_type"), pk=pk)
    if hazard.state in (HazardState.REFERRED, HazardState.ACCEPTED):
        messages.info(request, "这处隐患已经移送，没有重复登记")
        return redirect("hazards:hazard", hazard.pk)
    if not may_be_referred(hazard):
        raise RuleError(f"这处隐患{hazard.get_state_display()}，不能移送")
    waiting = _to_refer(request, hazard.unit)
    form = ReferForm(waiting, request.POST or None, initial=_known(hazard, waiting, localdate()))
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["hazards"])
        act = partial(actions.refer, chosen, request.user, today=localdate(), **form.values())
        try:
            if drafts.is_asked(request):
                return drafts.answer(act)
            sent = act()
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, f"已签发移送函 {sent.letter_no}")
            return redirect("hazards:referral", sent.pk)
    context = {"hazard": hazard, "form": form, "authorities": _known_authorities(request)}
    return render(request, "hazards/referral_form.html", NAV | context)


def _known_authorities(request: OfficerRequest) -> QuerySet[Referral, str]:
    """The names other authorities were addressed by before."""
    rows = Referral.objects.for_user(request.user).exclude(target=Target.FIRE_BRIGADE).exclude(authority="")
    return rows.order_by("authority").values_list("authority", flat=True).distinct()[:20]


def may_be_referred(hazard: Hazard) -> bool:
    """The Python side of `_to_refer`."""
    urged = hazard.state == HazardState.OPEN and hazard.disposition == Disposition.URGE
    return hazard.state == HazardState.TO_REFER or urged


def _to_refer(request: OfficerRequest, unit: Unit) -> QuerySet[Hazard]:
    """What of a unit may be handed over now: what must be, and what was only urged."""
    rows = Hazard.objects.for_user(request.user).filter(unit=unit)
    urged = rows.filter(state=HazardState.OPEN, disposition=Disposition.URGE)
    return (rows.filter(state=HazardState.TO_REFER) | urged).order_by("found_on", "position")


def _known(hazard: Hazard, waiting: QuerySet[Hazard], today: date) -> dict[str, Any]:
    """The form as far as the facts fill it: what must go to the same authority goes together."""
    rows = waiting.select_related("hazard_type", "unit", "station")
    together = [row for row in rows if _goes_with(row, hazard)]
    return {
        "hazards": [row.pk for row in together],
        "target": authority_of(hazard).value,
        "basis": referral_basis(together),
        "facts": facts_of(together),
        "sent_on": today,
    }


def _goes_with(row: Hazard, hazard: Hazard) -> bool:
    if row.pk == hazard.pk:
        return True
    same = (row.order_id, row.inspection_id) == (hazard.order_id, hazard.inspection_id)
    return same and row.state == HazardState.TO_REFER and authority_of(row) == authority_of(hazard)


@requires(Can.REFER)
def refer_visit(request: OfficerRequest, pk: int) -> HttpResponse:
    """Where the referral clock of a visit leads: to what still waits to be handed over."""
    visit = get_object_or_404(Inspection.objects.for_user(request.user), pk=pk)
    waiting = visit.hazards.filter(order__isnull=True, state=HazardState.TO_REFER).order_by("position").first()
    if waiting is not None:
        return redirect("hazards:refer", waiting.pk)
    messages.info(request, "这次检查没有待移送的隐患")
    return redirect("unit_page", visit.unit_id)


@requires(Can.VIEW_HAZARDS)
def report(request: OfficerRequest, pk: int) -> HttpResponse:
    """The written report of what gravely threatens public safety, for the station and for the brigade."""
    visit = _visit(request, pk)
    made = Report.objects.filter(inspection=visit).select_related("recorded_by", "document").first()
    return _report(request, visit, made, DeliverForm(visit, made, localdate()))


@requires(Can.REFER)
def deliver(request: OfficerRequest, pk: int) -> HttpResponse:
    """送交: the township has it; ends the duty of the day."""
    visit = _visit(request, pk)
    made = Report.objects.filter(inspection=visit).select_related("recorded_by", "document").first()
    if made is not None and made.sent_on is not None:
        messages.info(request, "书面报告已经登记送交，没有重复登记")
        return redirect("hazards:report", visit.pk)
    form = DeliverForm(visit, made, localdate(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = partial(actions.deliver_report, visit, request.user, today=localdate(), **form.cleaned_data)
        try:
            if drafts.is_asked(request):
                return drafts.answer(act)
            act()
        except Refusal as refusal:
            show_faults(form, refusal, CALLED)
        else:
            messages.success(request, "已登记送交书面报告")
            return redirect("hazards:report", visit.pk)
    return _report(request, visit, made, form)


def _visit(request: OfficerRequest, pk: int) -> Inspection:
    rows = Inspection.objects.for_user(request.user)
    return get_object_or_404(rows.select_related("unit__committee", "station__brigade", "lead", "second"), pk=pk)


def _report(request: OfficerRequest, visit: Inspection, made: Report | None, form: DeliverForm) -> HttpResponse:
    graves = list(graves_of(visit))
    waits = bool(graves) and (made is None or made.sent_on is None)
    context = {"inspection": visit, "form": form, "report": made, "graves": graves, "waits": waits}
    may = waits and request.user.can(Can.REFER)
    return render(request, "hazards/report_form.html", NAV | context | {"may_deliver": may})
