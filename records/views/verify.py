"""The public page a QR leads to: whether a paper is one of ours, and whether a file is the one that was issued."""

import hashlib
import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fire_supervision.lib.upload_limits import takes_files
from records.models import FORMS, Copy, Document, Kind
from records.prints import changed, printed_as
from stations.http import public

# A paper is under 200 kB. What is no larger than this stays in memory: nothing sent here is ever written to a disk.
MAX_MB, MAX_BYTES = 2, 2_000_000
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Verdict:
    """What the page says of a file; ``tone`` as in `.note`."""

    words: str
    tone: str = "is-red"
    hint: str = ""
    status: int = 200


NOTHING_SENT = Verdict("请选择要核对的文件。", "is-amber", status=400)
TOO_LARGE = Verdict("文件超过 2 MB，不是签发的原件。", status=413)
NOT_PRINTED = Verdict("这份文书正在打印，请过几分钟再核对。", "is-amber")
DIFFERENT = Verdict(
    "不一致：此文件不是签发的原件或已被改动。",
    hint="只有收到的 PDF 原件能核对；照片、扫描件和另存的文件都不会一致，请核对上面的文书号、单位和日期。",
)


# It reads no cookie and changes nothing, so there is nothing to forge; a token would set a cookie on a passer-by.
@csrf_exempt
@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@takes_files(MAX_MB)
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Number, unit, date, office and state of a paper, and nothing else of it, for whoever holds its QR."""
    shown = Document.objects.select_related("station", "replaced_by")
    # The words of a paper are read for the name of its office alone: renamed since, it is still the one on the paper.
    own = ("kind", "number", "unit_name", "issued_on", "state", "checkpoint", "context", "context_sha256")
    row = get_object_or_404(shown.only(*own, "replaced_by__id", "station__name", "station__issuer_name"), token=token)
    verdict = _judged(request, row) if request.method == "POST" else None
    template = "records/_verdict.html" if getattr(request, "htmx", False) else "records/verify.html"
    # As the sheet says it: a paper whose checkpoint is not the one it was issued under was not printed from our row.
    printed = request.GET.get("c", "")
    differs = bool(printed) and printed != row.checkpoint
    context = {"document": row, "office": row.issuer, "verdict": verdict, "checkpoint_differs": differs}
    response = render(request, template, context, status=verdict.status if verdict else 200)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _judged(request: HttpRequest, document: Document) -> Verdict:
    """Compare the hash a browser has made, or the file of a browser without script, with the kept copies."""
    # Before anything of the body is read.
    if _length(request) > MAX_BYTES:
        return TOO_LARGE
    sha256 = _sha256(request)
    if not sha256:
        return NOTHING_SENT
    # The trail's word before our table's: whoever writes over the one is found by the chain of the other.
    printed = printed_as(document.pk) or dict(document.files.values_list("copy", "sha256"))
    if not printed:
        return NOT_PRINTED
    copies = [Copy(copy) for copy, kept in printed.items() if kept == sha256]
    if not copies:
        return DIFFERENT
    copy = FORMS[Kind(document.kind)].name_of(copies[0])
    same = f"与签发的原件一致（{copy}联）"
    if changed(document):
        return Verdict(f"{same}，但登记的内容已被改动。", hint="请带上这份文件向签发机关核实。")
    if document.is_void:
        return Verdict(f"{same}，但这份文书{document.status}。", "is-amber")
    return Verdict(f"{same}。", "is-green")


def _length(request: HttpRequest) -> int:
    """Of the body, as its sender says; of one who says no number Django reads nothing."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _sha256(request: HttpRequest) -> str:
    """Of what was sent, in hexadecimal; empty when nothing was."""
    sent = request.FILES.get("file")
    if sent is not None:
        return hashlib.sha256(sent.read()).hexdigest()
    said = request.POST.get("sha256", "").lower()
    return said if SHA256.fullmatch(said) else ""
