"""作废重出 of one paper, from its page: 移送函, 送达回证, 举报答复."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.models import Referral, Service
from hazards.reissue_forms import LetterForm, ReceiptForm, ReplyForm
from hazards.reissuing import check_letter, check_receipt, cited_in
from inspections.complaint_reissuing import check_reply, reissue_reply
from inspections.models import Complaint
from records import drafts
from records.models import Document, Kind
from stations.http import OfficerRequest, requires
from stations.permissions import Can


@dataclass(frozen=True)
class Case:
    """What is asked and done for one paper. ``stays``: what the act leaves as it is, in the chief's words."""

    form: Any
    act: Callable[[], Document]
    stays: str
    after: str = ""
    context: dict[str, Any] = field(default_factory=dict)


@requires(Can.VOID_PAPERS)
def reissue(request: OfficerRequest, pk: int) -> HttpResponse:
    """One paper falls and a corrected one takes its place; what it witnesses stands."""
    paper = get_object_or_404(Document.objects.for_user(request.user).select_related("replaced_by"), pk=pk)
    if paper.is_void:
        messages.info(request, f"{paper.number}{paper.status}，没有重复作废")
        return redirect("records:document", paper.replaced_by_id or paper.pk)
    if not paper.falls_alone:
        remedy = "打开办理情况，作废重出这次检查的全部文书，或者按那一页的办法办理。"
        raise RuleError(f"{paper.title}不能单独作废重出", remedy=remedy)
    case = CASES[Kind(paper.kind)](request, paper)
    form: forms.Form = case.form
    if form.is_bound and form.is_valid():
        try:
            if drafts.is_asked(request):
                return _read(drafts.answer(case.act))
            new = case.act()
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, f"{paper.number}已作废，由{new.number}代替。{case.after}")
            return redirect("records:document", new.pk)
    context = {"nav_key": "papers", "document": paper, "form": form, "stays": case.stays} | case.context
    whole = not request.htmx
    return render(request, "hazards/reissue_form.html" if whole else "hazards/_serve_fields.html", context)


def _read(draft: HttpResponse) -> HttpResponse:
    """A draft is no act: without the name of a file the proof that was given for the act is not used up."""
    del draft["Content-Disposition"]
    return draft


def _letter(request: OfficerRequest, paper: Document) -> Case:
    row = get_object_or_404(Referral.objects.for_user(request.user).select_related("unit"), document=paper)
    check_letter(row, request.user)
    form = LetterForm(row, request.POST or None)

    def act() -> Document:
        return actions.reissue_referral(row, request.user, form.cleaned_data["why"], form.words(), localdate())

    return Case(
        form,
        act,
        "移送的隐患、移送对象、移送日期和办理进度不变；这些写错的，用书面向接收单位说明。单位名称、地址以台账为准，先改台账。",
        "接收单位收到的原函请收回，送交新的移送函。",
    )


def _receipt(request: OfficerRequest, paper: Document) -> Case:
    rows = Service.objects.select_related("order__unit", "order__station", "server", "second", "assistant")
    row = get_object_or_404(rows, document=paper)
    check_receipt(row, request.user)
    sent = request.method == "POST" and "choose" not in request.POST
    data, typed = (request.POST, None) if sent else (None, request.POST.dict())
    form = ReceiptForm(row, data, typed)

    def act() -> Document:
        return actions.reissue_service(row, request.user, form.cleaned_data["why"], form.service(), now())

    enclosed = "移送函附件写的是原送达回证，请一并作废重出。" if cited_in(row.order).exists() else ""
    return Case(
        form,
        act,
        "送达日期、改正期限和复查安排不变。送达日期写错的，不能在这里改：作废重出这次检查的全部文书。",
        f"新的送达回证须重新签名，签好后附上。{enclosed}",
        {"order": row.order},
    )


def _reply(request: OfficerRequest, paper: Document) -> Case:
    rows = Complaint.objects.for_user(request.user).select_related("reply")
    row = get_object_or_404(rows, reply=paper)
    check_reply(row, request.user)
    form = ReplyForm(row, request.POST or None)

    def act() -> Document:
        values = form.cleaned_data
        return reissue_reply(row, request.user, values["why"], values["told"], localdate())

    return Case(
        form,
        act,
        "举报的办理情况、告知时间和举报登记不变：举报登记写的是当时告知的内容。",
        "原答复请收回，更正后的答复送交举报人。",
    )


CASES: dict[Kind, Callable[[OfficerRequest, Document], Case]] = {
    Kind.REFERRAL: _letter,
    Kind.SERVICE_RECEIPT: _receipt,
    Kind.COMPLAINT_REPLY: _reply,
}
