"""Whether the trail is whole, as the audit administrator sees it; its checkpoints, for whoever keeps one elsewhere."""

import gzip
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Min
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from fire_supervision.lib.paging import page_of
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from stations.views.audit import bureaus_of, within
from trail import actions, verifier
from trail.exporting import Line, as_bytes, opening, taken_by
from trail.handing_out import as_json, as_text, exports_folder
from trail.keys import public_pem
from trail.models import Checkpoint, Run, RunKind, RunState
from trail.record import record
from trail.runs import kept_since
from trail.sealing import CHECKPOINT_EVERY, last_checkpoint, recent_unsealed

SHOWN_RUNS = 10
PROGRAM = Path(verifier.__file__)
BLOCK = 64 * 1024
# What a checkpoint is handed out as: suffix → content type and bytes.
FORMS = {"json": ("application/json", as_json), "txt": ("text/plain; charset=utf-8", as_text)}


@requires(Can.VIEW_TRAIL)
@require_GET
def integrity(request: OfficerRequest) -> HttpResponse:
    """完整性: the last checkpoint, what is not sealed yet, and what the last verifications said."""
    runs = list(Run.objects.filter(asked_by_id=request.user.pk).order_by("-pk").defer("position")[:SHOWN_RUNS])
    own = recent_unsealed().filter(within(bureaus_of(request)))
    waiting = own.order_by().aggregate(count=Count("pk"), oldest=Min("at"))
    last = last_checkpoint()
    context = {
        "nav_key": "trail",
        "last": last,
        "overdue": last is None or last.at + 2 * CHECKPOINT_EVERY < timezone.now(),
        "waiting": waiting["count"],
        "oldest": waiting["oldest"],
        "verified": next((run for run in runs if run.kind == RunKind.VERIFY and run.finished_at), None),
        "runs": runs,
        "kept_since": kept_since(timezone.now()),
        "days": settings.BUNDLE_DAYS,
        "busy": {run.kind for run in runs if run.state in (RunState.WAITING, RunState.RUNNING)},
    }
    return render(request, "stations/trail_integrity.html", context)


@requires(Can.VIEW_TRAIL)
@require_POST
def ask(request: OfficerRequest, kind: str) -> HttpResponse:
    """Have the trail verified, exported as a whole or stated, in the background."""
    if kind.upper() not in RunKind.values:
        raise Http404
    run = actions.ask(RunKind(kind.upper()), request.user, timezone.now(), bureaus_of(request))
    messages.success(request, f"已在后台开始：{run.get_kind_display()}。刷新本页查看结果。")
    return redirect("trail:integrity")


@requires(Can.VIEW_TRAIL, takes_out=True)
@require_GET
def export_file(request: OfficerRequest, pk: int) -> HttpResponseBase:
    """The file of a whole export, for whoever asked for it, marked with who takes it when and what for."""
    run = get_object_or_404(Run, pk=pk, kind=RunKind.EXPORT, state=RunState.DONE, asked_by_id=request.user.pk)
    path = exports_folder() / run.file_name
    # Asked for by the auditor of a bureau, it is not that of another, even if he is it now.
    if not set(run.bureau_ids or ()) <= bureaus_of(request) or not path.exists():
        raise Http404
    with transaction.atomic():
        words = f"下载审计记录导出文件（{run.words}）"
        entry = record(request.user, "trail.download", run, words, reason=exports.reason_of(request))
    taken = taken_by(entry, exports.signature(request.user), request.user.organisation.name)
    response = FileResponse(_marked(opening(run.sealed, taken), path), content_type="application/gzip")
    name = f"审计记录 {localdate(run.asked_at)}.jsonl.gz"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response


def _marked(line: Line, path: Path) -> Iterator[bytes]:
    """The file with a line before it: packed files one behind the other are one packed file."""
    yield gzip.compress(as_bytes(line))
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


@requires(Can.VIEW_TRAIL)
@require_GET
def program(_request: OfficerRequest) -> HttpResponse:
    """The verifier, to be kept beside the exports: one file that needs nothing else."""
    return _file(PROGRAM.read_bytes(), "text/x-python; charset=utf-8", PROGRAM.name)


@requires(Can.VIEW_ASSESSMENT)
@require_GET
def checkpoints(request: OfficerRequest) -> HttpResponse:
    """检查点: to be kept outside the system, by the brigade and the bureau above all."""
    page = page_of(Checkpoint.objects.all(), ["-number"], request.GET.get("cursor", ""))
    context = {"nav_key": "assessments", "page": page, "last": last_checkpoint()}
    return render(request, "stations/checkpoint_list.html", context)


@requires(Can.VIEW_ASSESSMENT)
@require_GET
def checkpoint_file(_request: OfficerRequest, number: int, form: str) -> HttpResponse:
    """One checkpoint as text or JSON, or the public key it is signed with."""
    found = get_object_or_404(Checkpoint, number=number)
    if form == "pem":
        return _file(public_pem(found.public_key), "application/x-pem-file", f"trail-key-{found.key_id}.pem")
    if form not in FORMS:
        raise Http404
    content_type, write = FORMS[form]
    return _file(write(found), content_type, f"checkpoint-{number}.{form}")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
