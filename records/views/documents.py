"""The list of papers, and one paper with its files and scans."""

from pathlib import Path

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from fire_supervision.lib.paging import page_of
from fire_supervision.lib.upload_limits import takes_files
from records import actions, signatures
from records.forms import DocumentFilter, ScanForm, StackForm
from records.kept import NotAsKept, opened_as_kept, tell_changed
from records.models import Document, DocumentFile, Scan
from records.prints import changed, printed_as
from records.stack import LIMIT
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from trail.record import notice, record

EXPORT_HEADER = ["文书号", "种类", "单位", "派出所", "签发日期", "签发人", "状态", "作废理由", "审查", "审查日期"]
EXPORT_LIMIT = 20_000


@requires(Can.VIEW_HAZARDS)
@require_GET
def listing(request: OfficerRequest) -> HttpResponse:
    visible = Document.objects.for_user(request.user)
    form = DocumentFilter(request.GET, user=request.user)
    found = form.narrow(visible).select_related("issued_by", "station").defer("context")
    if request.GET.get("export"):
        return _export(request, found)
    page = page_of(found, ["-issued_on"], request.GET.get("cursor", ""))
    context = {"form": form, "page": page, "of": visible.count(), "nav_key": "papers"}
    context |= {"can_export": request.user.can(Can.EXPORT), "can_number": request.user.can(Can.SET_NUMBERS)}
    can_stack = request.user.can(Can.ISSUE_PAPERS) or request.user.can(Can.EXPORT)
    context |= {"stack": StackForm(), "stack_limit": LIMIT, "can_stack": can_stack}
    context |= {"can_pack": request.user.can(Can.EXPORT) and not request.user.is_in_office}
    return render(request, "records/document_list.html", context)


def _export(request: OfficerRequest, documents: QuerySet[Document]) -> HttpResponse:
    rows = [
        [
            row.number, row.title, row.unit_name, row.station.name, row.issued_on, row.issued_by.name,
            row.status, row.void_reason, row.get_review_state_display(), row.reviewed_on,
        ]
        for row in documents.order_by("-issued_on", "-pk")[:EXPORT_LIMIT]
    ]  # fmt: skip
    return exports.table(request, f"文书{localdate()}.xlsx", "文书", EXPORT_HEADER, rows)


def _visible(request: OfficerRequest, pk: int) -> Document:
    visible = Document.objects.for_user(request.user).select_related("issued_by", "station", "replaced_by", "replaces")
    return get_object_or_404(visible, pk=pk)


@requires(Can.VIEW_HAZARDS)
@require_GET
def document(request: OfficerRequest, pk: int) -> HttpResponse:
    """The paper; under htmx only its files, which the page asks for until they are printed."""
    row = _visible(request, pk)
    return _document_page(request, row, ScanForm(letter=row.is_letter))


def _document_page(request: OfficerRequest, row: Document, form: ScanForm, status: int = 200) -> HttpResponse:
    context = {
        "document": row,
        "replaces": getattr(row, "replaces", None),
        "files": row.files.order_by("-copy"),
        "printed": set(printed_as(row.pk).values()),
        "changed": "、".join(changed(row)),
        "scans": row.scans.select_related("uploaded_by"),
        "signed": signatures.check(row),
        "form": form,
        "can_scan": request.user.can(Can.ISSUE_PAPERS),
        "can_save": request.user.can(Can.EXPORT),
        "can_reissue": row.falls_alone and request.user.can(Can.VOID_PAPERS),
        "nav_key": "papers",
    }
    name = "records/_document_files.html" if request.htmx else "records/document_detail.html"
    return render(request, name, context, status=status)


@requires(Can.ISSUE_PAPERS)
@require_POST
@takes_files("UPLOAD_SCAN_MAX_MB")
def scan(request: OfficerRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    form = ScanForm(request.POST, request.FILES, letter=row.is_letter)
    if not form.is_valid():
        return _document_page(request, row, form, status=422)
    actions.add_scan(row, form.cleaned_data["file"], form.cleaned_data.get("recorder_no", ""), request.user)
    messages.success(request, f"已附上{row.scan_word}")
    return redirect("records:document", pk=row.pk)


@requires(Can.ISSUE_PAPERS)
@require_POST
def reprint(request: OfficerRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    actions.reprint(row, request.user)
    return redirect("records:document", pk=row.pk)


@requires(Can.VIEW_HAZARDS, takes_out=exports.saves)
@require_GET
def file(request: OfficerRequest, pk: int, copy: str) -> HttpResponseBase:
    """The printed bytes of one copy; a voided paper says so in its file name."""
    row = _visible(request, pk)
    printed = get_object_or_404(row.files, copy=copy.upper())
    void = f"（{row.status}）" if row.is_void else ""
    return _sent(request, row, printed, f"{row.number}{void}{printed.name}.pdf")


@requires(Can.VIEW_HAZARDS, takes_out=exports.saves)
@require_GET
def scan_file(request: OfficerRequest, pk: int, scan_pk: int) -> HttpResponseBase:
    row = _visible(request, pk)
    kept = get_object_or_404(Scan, document=row, pk=scan_pk)
    return _sent(request, row, kept, f"{row.number}{row.scan_word}{kept.pk}{Path(str(kept.file)).suffix}")


def _sent(request: OfficerRequest, row: Document, kept: DocumentFile | Scan, name: str) -> HttpResponseBase:
    """``kept`` for the browser's viewer, or to be saved with ``?download``; no cache may keep it.

    Either is told in the trail: a paper shows its telephone whole, and cannot be marked with who took it.
    """
    try:
        content = opened_as_kept(kept.file, kept.sha256)
    except FileNotFoundError:
        raise Http404("文件不在存储中") from None
    except NotAsKept:
        return withheld(request, kept)
    saved, after = exports.saves(request), {"path": request.path, "file": name, "rows": 1}
    if saved:
        with transaction.atomic():
            reason = exports.reason_of(request)
            record(request.user, "records.download", row, f"保存文书 {name}", after=after, reason=reason)
    else:
        after |= {"subject_id": row.pk}
        what, bureau_id = row._meta.label_lower, row.bureau_id
        notice(request.user, "records.read", f"查看文书 {name}", after=after, what=what, bureau_id=bureau_id)
    response = FileResponse(content, as_attachment=saved, filename=name)
    response["Cache-Control"] = "no-store"
    return response


def withheld(request: OfficerRequest, kept: DocumentFile | Scan, back: str = "") -> HttpResponse:
    """Instead of a file that was changed in the store: what happened and whom to tell. Told in the trail.

    ``back``: the page it is read from, where that is another than the page of its paper.
    """
    tell_changed(kept, request.user)
    context = {"document": kept.document, "back": back, "nav_key": "papers"}
    return render(request, "records/file_changed.html", context, status=409)
