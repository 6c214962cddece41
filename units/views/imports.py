"""The way of a ledger: upload, columns, preview, progress, result."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from fire_supervision.lib.paging import page_of
from fire_supervision.lib.upload_limits import takes_files
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from units import importing
from units.import_forms import MappingForm, SpellingForm, UploadForm
from units.ledger import Result, UnreadableWorkbook
from units.models import WORKING, BatchState, Category, ImportBatch, ImportRow, RowKind, Unit
from units.preview import Preview, rejected_table

STEPS = ("上传", "对应列", "核对", "导入")
STEP_OF = {BatchState.CHECKING: 2, BatchState.READY: 2, BatchState.FAILED: 1, BatchState.UPLOADED: 1}
WORDS = {BatchState.CHECKING: "正在核对各行", BatchState.QUEUED: "等待导入", BatchState.RUNNING: "正在导入"}


@requires(Can.IMPORT_UNITS)
@takes_files("UPLOAD_LEDGER_MAX_MB")
def upload(request: OfficerRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            batch = importing.upload(form.cleaned_data["file"], by=request.user)
        except UnreadableWorkbook as error:
            form.add_error("file", str(error))
        else:
            return redirect("units:import_columns", batch.pk)
    recent = ImportBatch.objects.for_user(request.user).select_related("uploaded_by")[:20]
    context = {"nav_key": "units", "form": form, "recent": recent, "steps": _steps(0)}
    return render(request, "units/import_upload.html", context)


@requires(Can.IMPORT_UNITS)
def columns(request: OfficerRequest, pk: int) -> HttpResponse:
    """What the columns mean: suggested, corrected, remembered for the bureau's next file."""
    batch = _batch(request, pk)
    if batch.state not in (BatchState.UPLOADED, BatchState.READY, BatchState.FAILED):
        return redirect("units:import_batch", batch.pk)
    station_known = importing.stations_for(request.user).only is not None
    form = MappingForm(request.POST or None, batch=batch, station_known=station_known)
    if request.method == "POST" and form.is_valid():
        importing.map_columns(batch.pk, form.mapping(), form.headings(), by=request.user)
        return redirect("units:import_batch", batch.pk)
    context = {"nav_key": "units", "batch": batch, "form": form, "steps": _steps(1)}
    return render(request, "units/import_columns.html", context)


@requires(Can.IMPORT_UNITS)
def batch_page(request: OfficerRequest, pk: int) -> HttpResponse:
    """Where an import stands: at work, to be looked through, done, or refused."""
    batch = _batch(request, pk)
    if batch.state == BatchState.UPLOADED:
        return redirect("units:import_columns", batch.pk)
    context: dict[str, Any] = {
        "nav_key": "units",
        "batch": batch,
        "steps": _steps(STEP_OF.get(BatchState(batch.state), 3)),
    }
    if batch.state in WORKING:
        return render(request, "units/import_progress.html", context | {"progress": _progress(batch)})
    if batch.state == BatchState.FAILED:
        return render(request, "units/import_failed.html", context)
    context |= _rows(request, batch)
    if batch.state == BatchState.READY:
        if request.user.station_id is None:
            context["spellings"] = SpellingForm(batch=batch)
        return render(request, "units/import_preview.html", context)
    context["unassigned"] = Unit.objects.for_user(request.user).open().unassigned().count()
    return render(request, "units/import_result.html", context)


@requires(Can.IMPORT_UNITS)
def progress(request: OfficerRequest, pk: int) -> HttpResponse:
    """The bar, asked for each second; leads back to the batch when the work is done."""
    batch = _batch(request, pk)
    if batch.state not in WORKING:
        return HttpResponseClientRedirect(reverse("units:import_batch", args=[batch.pk]))
    return render(request, "_progress.html", {"progress": _progress(batch)})


@requires(Can.IMPORT_UNITS)
@require_POST
def spellings(request: OfficerRequest, pk: int) -> HttpResponse:
    """The categories that unknown spellings of the ledger stand for."""
    batch = _batch(request, pk)
    form = SpellingForm(request.POST, batch=batch)
    if form.is_valid() and form.meant():
        importing.add_spellings(batch.pk, form.meant(), by=request.user)
    return redirect("units:import_batch", batch.pk)


@requires(Can.IMPORT_UNITS)
@require_POST
def start(request: OfficerRequest, pk: int) -> HttpResponse:
    batch = importing.start(_batch(request, pk).pk, by=request.user)
    return redirect("units:import_batch", batch.pk)


@requires(Can.IMPORT_UNITS, takes_out=True)
def rejected(request: OfficerRequest, pk: int, kind: str = RowKind.PREMISES) -> HttpResponse:
    """The rows that are not imported, with their reasons, to be mended and uploaded again."""
    batch = _batch(request, pk)
    header, rows = rejected_table(batch, kind)
    name = f"{batch.name.removesuffix('.xlsx')}-不导入的{len(rows)}行.xlsx"
    return exports.table(request, name, "不导入的行", header, rows)


def _batch(request: OfficerRequest, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.for_user(request.user).select_related("uploaded_by"), pk=pk)


def _steps(now: int) -> list[dict[str, str]]:
    states = ["done" if number < now else "now" if number == now else "" for number in range(len(STEPS))]
    return [{"words": words, "state": state} for words, state in zip(STEPS, states, strict=True)]


def _progress(batch: ImportBatch) -> dict[str, Any]:
    return {
        "done": batch.done,
        "total": batch.size,
        "words": WORDS[BatchState(batch.state)],
        "url": reverse("units:import_progress", args=[batch.pk]),
        "finished": False,
    }


def _rows(request: OfficerRequest, batch: ImportBatch) -> dict[str, Any]:
    """The rows of the tab asked for, and how many each tab has."""
    premises = ImportRow.objects.filter(batch=batch, kind=RowKind.PREMISES)
    tabs = {
        "problems": ("有问题", premises.exclude(problems=[])),
        "skipped": ("不导入", premises.exclude(result=Result.IMPORT)),
        "all": ("全部", premises),
        "committees": ("村居委会", ImportRow.objects.filter(batch=batch, kind=RowKind.COMMITTEE)),
    }
    show = request.GET.get("show", "problems")
    show = show if show in tabs else "problems"
    page = page_of(tabs[show][1], ("id",), request.GET.get("cursor", ""))
    preview = Preview(batch, dict(Category.objects.values_list("code", "name")))
    return {
        "page": page,
        "rows": [preview.show(row) for row in page.rows],
        "tabs_of_rows": [
            (key, words, page.total if key == show else rows.count()) for key, (words, rows) in tabs.items()
        ],
        "show": show,
        "skipped": batch.totals["rejected"] + batch.totals["same_code"],
    }
