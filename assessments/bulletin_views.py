"""季度通报: drafted, previewed and issued by the bureau, read by whoever sees its assessment."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from assessments import bulletins
from assessments.bureaus import bureau_for
from assessments.forms import BulletinForm, WithdrawForm
from assessments.models import Bulletin, BulletinState
from assessments.quarters import Quarter
from assessments.views import NAV, quarter_of
from fire_supervision.lib.refusals import Refusal
from records import drafts
from records.kept import NotAsKept, opened_as_kept
from records.models import Copy, DocumentFile, Kind
from records.views.documents import withheld
from stations.http import OfficerRequest, requires
from stations.models import Organisation
from stations.permissions import Can, Fresh


@requires(Can.VIEW_ASSESSMENT)
@require_GET
def bulletin(request: OfficerRequest, year: int, number: int) -> HttpResponse:
    """The issued bulletin to read; whoever writes it sees the draft and its next step."""
    asked, bureau = quarter_of(year, number), _bureau(request)
    row, writes = bulletins.bulletin_of(bureau.pk, asked), request.user.can(Can.PUBLISH_ASSESSMENT)
    issued = row is not None and row.state == BulletinState.ISSUED
    if not writes and not issued:
        raise Http404
    former = Bulletin.objects.filter(bureau=bureau, year=year, quarter=number, state=BulletinState.VOID)
    context = NAV | {
        "quarter": asked,
        "bureau": bureau,
        "bulletin": row,
        "issued": issued,
        "content": row.document.context if row and row.document else _content(row),
        "withdrawn": former.select_related("document"),
        "writes": writes,
    }
    return render(request, "assessments/bulletin_detail.html", context)


def _content(row: Bulletin | None) -> dict[str, Any] | None:
    return bulletins.draft_context(row, localdate()) if row else None


def _bureau(request: OfficerRequest) -> Organisation:
    """The bureau asked for, else the person's own; 404 for one he sees no station of."""
    asked = request.GET.get("bureau", "")
    found = bureau_for(request.user, asked)
    if found is None or asked not in ("", str(found.pk)):
        raise Http404
    return found


def _row(request: OfficerRequest, year: int, number: int) -> Bulletin:
    found = bulletins.bulletin_of(_bureau(request).pk, quarter_of(year, number))
    if found is None:
        raise Http404
    return found


@requires(Can.PUBLISH_ASSESSMENT)
def edit(request: OfficerRequest, year: int, number: int) -> HttpResponse:
    """火灾形势 and 工作要求; the figures are those published."""
    asked, bureau = quarter_of(year, number), _bureau(request)
    row = bulletins.bulletin_of(bureau.pk, asked) or _withdrawn(bureau, asked)
    initial = {"situation": row.situation, "demands": row.demands, "signer": row.signer} if row else {}
    form = BulletinForm(bureau, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        bulletins.save_bulletin(bureau, asked, request.user, form.words(), timezone.now())
        messages.success(request, "草稿已保存，印发前可以修改")
        return _page(bureau, asked)
    return render(request, "assessments/bulletin_form.html", NAV | {"quarter": asked, "bureau": bureau, "form": form})


def _withdrawn(bureau: Organisation, asked: Quarter) -> Bulletin | None:
    """The last one that was withdrawn: a new draft begins with its words."""
    return Bulletin.objects.filter(bureau=bureau, year=asked.year, quarter=asked.number).first()


def _page(bureau: Organisation, asked: Quarter) -> HttpResponseRedirect:
    address = reverse("assessments:bulletin", args=[asked.year, asked.number])
    return redirect(f"{address}?bureau={bureau.pk}")


@requires(Can.PUBLISH_ASSESSMENT)
@require_GET
def draft(request: OfficerRequest, year: int, number: int) -> HttpResponse:
    """The draft as it would be printed, under 草稿."""
    row = _row(request, year, number)
    if row.state != BulletinState.DRAFT:
        raise Http404
    return drafts.show(Kind.BULLETIN, bulletins.draft_context(row, localdate()))


@requires(Can.PUBLISH_ASSESSMENT)
@require_POST
def issue(request: OfficerRequest, year: int, number: int) -> HttpResponse:
    row = _row(request, year, number)
    asked = Quarter(row.year, row.quarter)
    if row.state == BulletinState.ISSUED:
        messages.info(request, f"通报已经印发：{row.document}，没有再次印发")
        return _page(row.bureau, asked)
    try:
        issued = bulletins.issue_bulletin(row, request.user, localdate())
    except Refusal as refusal:
        for fault in refusal.faults:
            messages.error(request, fault.words)
    else:
        messages.success(request, f"已印发：{issued.document}，已通知各所所长")
    return _page(row.bureau, asked)


# The paper of the bulletin is voided with it.
@requires(Can.PUBLISH_ASSESSMENT, fresh=Fresh.EACH)
def withdraw(request: OfficerRequest, year: int, number: int) -> HttpResponse:
    row = _row(request, year, number)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        bulletins.withdraw_bulletin(row, request.user, form.cleaned_data["reason"], localdate())
        messages.success(request, "通报已撤回，编号保留。可以起草新的")
        return _page(row.bureau, Quarter(row.year, row.quarter))
    context = NAV | {"quarter": Quarter(row.year, row.quarter), "bulletin": row, "form": form}
    return render(request, "assessments/bulletin_withdraw.html", context)


@requires(Can.VIEW_ASSESSMENT)
@require_GET
def file(request: OfficerRequest, year: int, number: int) -> HttpResponseBase:
    """The printed bytes, for stations too, which do not reach a row of their bureau."""
    row = _row(request, year, number)
    printed = get_object_or_404(DocumentFile.objects.filter(copy=Copy.ARCHIVE), document_id=row.document_id)
    try:
        content = opened_as_kept(printed.file, printed.sha256)
    except FileNotFoundError:
        raise Http404("文件不在存储中") from None
    except NotAsKept:
        return withheld(request, printed, reverse("assessments:bulletin", args=[row.year, row.quarter]))
    response = FileResponse(content, filename=f"{row.document}.pdf")
    response["Cache-Control"] = "no-store"
    return response
