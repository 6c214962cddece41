"""The forms of the acts on a complaint: receive, check, transfer, answer, hand on, put right, withdraw."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_post_parameters

from fire_supervision.lib.refusals import Refusal, show_faults
from fire_supervision.lib.sought import opened
from fire_supervision.lib.text import is_number
from inspections import complaining
from inspections.complaint_clocks import promises
from inspections.complaint_forms import (
    AnswerForm,
    AssignForm,
    CategoryForm,
    CheckForm,
    CorrectForm,
    ReceiveForm,
    TransferForm,
    WithdrawForm,
    visits_since,
)
from inspections.models import UNANSWERED, Complaint, ComplaintCategory, ComplaintState, Jurisdiction
from inspections.views.complaints import NAV, reachable
from records import drafts
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from units.forms import places_of
from units.models import Unit

OFFERED = 8
# What the forms call the fields of the 举报登记 and the 举报答复 that they fill in.
CALLED = {"unit_name": "premises", "transferred_to": "to", "checkers": "first"}


@sensitive_post_parameters("complainant", "contact", "content")
@requires(Can.HANDLE_COMPLAINTS)
def receive(request: OfficerRequest) -> HttpResponse:
    """受理登记; ``?unit=`` opens it for a unit of the ledger."""
    at = now()
    form = ReceiveForm(request.POST or None, user=request.user, now=at, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            key = form.cleaned_data["form_key"]
            act = partial(complaining.receive_complaint, request.user, form.call(), key=key, at=at)
            if drafts.is_asked(request):
                return drafts.answer(act)
            made = act()
        except Refusal as refusal:
            show_faults(form, refusal, CALLED)
        else:
            messages.success(request, f"已受理：{made.number}")
            return redirect(made)
    form.show_as_needed()
    context = NAV | {"form": form, "units": _units(request, form), "words": _words(request)}
    context["promises"] = _promised(request, form, at)
    return render(request, "inspections/complaint_receive.html", context)


def _asked(request: OfficerRequest) -> dict[str, Any]:
    unit = request.GET.get("unit", "")
    return {"unit": int(unit)} if is_number(unit) else {}


def _words(request: OfficerRequest) -> str:
    return opened(request.GET.get("unit_q", ""), request.user.pk).strip()


def _units(request: OfficerRequest, form: ReceiveForm | None = None) -> list[Unit]:
    """The units found by the words typed, or the one chosen already."""
    reach = Unit.objects.for_user(request.user).open().select_related("officer")
    words = _words(request)
    if words:
        return list(reach.matching(words, places_of(request.user)).order_by("name_key")[:OFFERED])
    chosen = str(form["unit"].value() or "") if form else ""
    return list(reach.filter(pk=chosen)) if is_number(chosen) else []


@requires(Can.HANDLE_COMPLAINTS, acts=False)
def find_unit(request: OfficerRequest) -> HttpResponse:
    """The units whose name, address or code has the words typed so far."""
    context = {"units": _units(request), "words": _words(request)}
    return render(request, "inspections/_complaint_units.html", context)


@requires(Can.HANDLE_COMPLAINTS, acts=False)
def due(request: OfficerRequest) -> HttpResponse:
    """Which clocks the category, the jurisdiction and the instant chosen just now would start."""
    at = now()
    form = ReceiveForm(request.GET, user=request.user, now=at)
    return render(request, "inspections/_complaint_due.html", {"promises": _promised(request, form, at)})


def _promised(request: OfficerRequest, form: ReceiveForm, at: datetime) -> Any:
    """None until the category is chosen."""
    category, jurisdiction = form["category"].value(), form["jurisdiction"].value() or Jurisdiction.OURS
    if category not in ComplaintCategory.values or jurisdiction not in Jurisdiction.values:
        return None
    form.is_valid()
    received = form.cleaned_data.get("received_at") if form.is_bound else None
    chosen = ComplaintCategory(category), Jurisdiction(jurisdiction)
    return promises(*chosen, received or at, reachable=True, bureau_id=request.user.bureau_id)


@requires(Can.HANDLE_COMPLAINTS)
def check(request: OfficerRequest, pk: int) -> HttpResponse:
    complaint, at = reachable(request, pk), now()
    if complaint.state != ComplaintState.RECEIVED:
        return _already(request, complaint)
    visits = visits_since(complaint, request.user)
    form = CheckForm(complaint, visits, request.user, at, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act = partial(complaining.check_complaint, complaint, request.user, form.check(), at)
            if drafts.is_asked(request):
                return drafts.answer(act)
            act()
        except Refusal as refusal:
            show_faults(form, refusal, CALLED)
        else:
            return _done(request, complaint, "已登记核查")
    note = "实地核查须有两名民警。派出所没有消防行政处罚权，需要处罚的移送消防救援大队。"
    if not complaint.can_be_told:
        note += "举报人匿名且没有联系方式，登记后自动注明无法告知并办结。"
    return _asks(request, complaint, form, "登记核查", note, issues=not complaint.can_be_told)


@requires(Can.HANDLE_COMPLAINTS)
def transfer(request: OfficerRequest, pk: int) -> HttpResponse:
    complaint, at = reachable(request, pk), now()
    if complaint.state not in (ComplaintState.RECEIVED, ComplaintState.TO_TRANSFER):
        return _already(request, complaint)
    form = TransferForm(complaint, at, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act = partial(complaining.transfer_complaint, complaint, request.user, form.transfer(), at)
            if drafts.is_asked(request):
                return drafts.answer(act)
            act()
        except Refusal as refusal:
            show_faults(form, refusal, CALLED)
        else:
            return _done(request, complaint, "已登记移送")
    note = "属于公安机关职责但不属本所管辖的，移送有管辖权的单位，并告知举报人（程序规定第61条）。"
    return _asks(request, complaint, form, "登记移送", note, issues=True)


@requires(Can.HANDLE_COMPLAINTS)
def answer(request: OfficerRequest, pk: int) -> HttpResponse:
    complaint, at = reachable(request, pk), now()
    if complaint.state not in (ComplaintState.CHECKED, ComplaintState.TRANSFERRED):
        return _already(request, complaint)
    form = AnswerForm(at, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act = partial(complaining.answer_complaint, complaint, request.user, form.telling(), at)
            if drafts.is_asked(request):
                return drafts.answer(act)
            act()
        except Refusal as refusal:
            show_faults(form, refusal, CALLED)
        else:
            return _done(request, complaint, "已登记告知，举报办结")
    note = "处理情况要及时告知举报人，无法告知的在登记中注明（监督检查规定第18条）。联系方式在举报页查看。"
    return _asks(request, complaint, form, "登记告知", note, issues=True)


@requires(Can.HANDLE_COMPLAINTS)
def assign(request: OfficerRequest, pk: int) -> HttpResponse:
    complaint = reachable(request, pk)
    form = AssignForm(complaint, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            complaining.assign_complaint(complaint, request.user, **form.cleaned_data)
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            return _done(request, complaint, f"已改派给{form.cleaned_data['handler'].name}")
    note = f"现在的承办人是{complaint.handler.name}。期限不变，随案交给新的承办人。"
    return _asks(request, complaint, form, "改派", note)


@requires(Can.HANDLE_COMPLAINTS)
def recategorise(request: OfficerRequest, pk: int) -> HttpResponse:
    complaint = reachable(request, pk)
    form = CategoryForm(request.POST or None, initial={"category": complaint.category})
    if request.method == "POST" and form.is_valid():
        category = ComplaintCategory(form.cleaned_data["category"])
        try:
            complaining.recategorise_complaint(complaint, request.user, category, form.cleaned_data["reason"])
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            return _done(request, complaint, f"类别：{category.label}")
    note = "核查期限跟着类别变，仍从接到举报的时间起算。"
    return _asks(request, complaint, form, "改类别", note)


@sensitive_post_parameters("content", "found")
@requires(Can.HANDLE_COMPLAINTS)
def correct(request: OfficerRequest, pk: int) -> HttpResponse:
    complaint = reachable(request, pk)
    if complaint.state not in UNANSWERED:
        return _already(request, complaint, "更正")
    form = CorrectForm(complaint, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            complaining.correct_complaint(complaint, request.user, form.words(), form.cleaned_data["reason"])
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            return _done(request, complaint, "登记的文字已更正")
    note = "只改写错的和印不出来的字，改前改后都留在审计记录里。举报登记出具后不能再改。"
    return _asks(request, complaint, form, "更正文字", note)


@requires(Can.VOID_PAPERS)
def withdraw(request: OfficerRequest, pk: int) -> HttpResponse:
    complaint = reachable(request, pk)
    if complaint.state == ComplaintState.WITHDRAWN:
        return _already(request, complaint)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            complaining.withdraw_complaint(complaint, request.user, form.cleaned_data["reason"], now())
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            return _done(request, complaint, "登记已撤销，编号保留")
    note = "只用于重复登记和登记错误。撤销后期限终止，编号不再使用。举报人要求撤回的，仍应核查。"
    return _asks(request, complaint, form, "撤销登记", note)


def _asks(
    request: OfficerRequest, complaint: Complaint, form: Any, title: str, note: str, *, issues: bool = False
) -> HttpResponse:
    """The form of an act; one that ``issues`` a paper, perhaps, can be asked for the draft of it."""
    context = NAV | {"complaint": complaint, "form": form, "title": title, "note": note, "issues": issues}
    return render(request, "inspections/complaint_form.html", context)


def _done(request: OfficerRequest, complaint: Complaint, words: str) -> HttpResponseRedirect:
    messages.success(request, words)
    return redirect(reverse("inspections:complaint", args=[complaint.pk]))


def _already(request: OfficerRequest, complaint: Complaint, act: str = "重复登记") -> HttpResponseRedirect:
    """The second press of a button: one clear message, nothing done."""
    messages.info(request, f"这件举报{complaint.get_state_display()}，没有{act}")
    return redirect(complaint)
