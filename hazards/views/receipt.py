"""电子送达 on the addressee's side: no account, one link, the notice and a signature."""

from typing import IO

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.dispatch_forms import AcknowledgeForm, LastFourForm
from hazards.dispatching import seen_digest
from hazards.link_ends import ended
from hazards.models import Dispatch, DispatchState
from hazards.ways import ACKNOWLEDGED
from records.kept import NotAsKept, opened_as_kept, tell_changed
from records.models import Copy, DocumentFile
from stations import wall
from stations.http import public

SALT, HOUR = "hazards.receipt", 3600


@public
@never_cache
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Last four of the number first, then the notice, then the signature; a link that is dead says only that."""
    row = _row(token)
    if known := _known(request, row):
        _enter(row)
    # Signed for, it stays open to who signed as long as his cookie lives; nobody is asked for the number any more.
    if not row.is_running and not (known and row.state == DispatchState.ACKNOWLEDGED):
        return render(request, "hazards/receipt_closed.html", status=410)
    if not known:
        return _ask(request, row)
    signing = row.state != DispatchState.ACKNOWLEDGED
    if signing and not actions.may_be_signed(row, now()):
        return render(request, "hazards/receipt_closed.html", status=410)
    kept = _kept(row)
    if signing and kept is not None and not _is_readable(kept):
        return _unready(request, row, kept)
    if signing and request.method == "GET" and not _opened(request, row):
        return redirect("receipt", token)
    return _notice(request, row, AcknowledgeForm(request.POST or None if signing else None), kept is not None)


def _notice(request: HttpRequest, row: Dispatch, form: AcknowledgeForm, printed: bool) -> HttpResponse:
    # Nobody signs for what he could not read: it is printed seconds after it was issued.
    if printed and form.is_valid() and (answer := _sign(request, row, form)) is not None:
        return answer
    context = {
        "row": row,
        "order": row.order,
        "form": form,
        "hazards": row.order.hazards.order_by("position"),
        "printed": printed,
        "words": ACKNOWLEDGED,
        "seen": seen_digest(row),
    }
    return render(request, "hazards/receipt.html", context, status=422 if form.errors else 200)


def _opened(request: HttpRequest, row: Dispatch) -> bool:
    """False where the link ended between the two looks at it: the next look tells how."""
    try:
        actions.open_dispatch(row, request.headers.get("User-Agent", ""), now())
    except RuleError:
        return False
    return True


def _sign(request: HttpRequest, row: Dispatch, form: AcknowledgeForm) -> HttpResponse | None:
    """A second tap finds the signature of the first; what else speaks against it is the station's business, not his.

    None where it is his: the page has changed since he opened it, and says so at the field.
    """
    try:
        actions.acknowledge_dispatch(row, at=now(), seen=request.POST.get("seen"), **form.signature())
    except RuleError as error:
        if isinstance(error, Refusal) and all(fault.field in form.fields for fault in error.faults):
            show_faults(form, error)
            return None
        if _row(row.token).state != DispatchState.ACKNOWLEDGED:
            return render(request, "hazards/receipt_closed.html", status=409)
    return redirect("receipt", row.token)


def _ask(request: HttpRequest, row: Dispatch) -> HttpResponse:
    form = LastFourForm(request.POST if "last_four" in request.POST else None)
    if form.is_valid():
        with wall.through(wall.Door.LINK, row.station_id):
            is_his = actions.is_addressee(row, form.cleaned_data["last_four"])
        if is_his:
            response: HttpResponse = redirect("receipt", row.token)
            response.set_signed_cookie(
                cookie_of(row), row.token, salt=SALT, max_age=HOUR, secure=settings.SESSION_COOKIE_SECURE,
                httponly=True, samesite="Lax",
            )  # fmt: skip
            return response
        form.add_error("last_four", "与发送这个链接的号码不符，请核对")
    return render(request, "hazards/receipt_ask.html", {"form": form}, status=422 if form.errors else 200)


@public
@never_cache
@require_GET
def paper(request: HttpRequest, token: str) -> HttpResponseBase:
    """The copy that is handed over, for who has shown that the link reached him."""
    row = _row(token)
    if not _known(request, row) or (row.state != DispatchState.ACKNOWLEDGED and not row.is_running):
        return redirect("receipt", token)
    _enter(row)
    if row.state != DispatchState.ACKNOWLEDGED and ended(row, localdate()):
        return redirect("receipt", token)
    kept = _kept(row)
    content = _read(kept) if kept else None
    if content is None:
        return _unready(request, row, kept)
    return FileResponse(content, filename=f"{row.order.number}.pdf", content_type="application/pdf")


def _kept(row: Dispatch) -> DocumentFile | None:
    files = DocumentFile.objects.select_related("document").defer("document__context")
    return files.filter(document=row.order.document_id, copy=Copy.UNIT).first()


def _read(kept: DocumentFile) -> IO[bytes] | None:
    """The notice as it was issued; None where it is gone from the store, or was changed there, which is told."""
    try:
        return opened_as_kept(kept.file, kept.sha256)
    except FileNotFoundError:
        return None
    except NotAsKept:
        tell_changed(kept, None)
        return None


def _is_readable(kept: DocumentFile) -> bool:
    if content := _read(kept):
        content.close()
    return content is not None


def _unready(request: HttpRequest, row: Dispatch, kept: DocumentFile | None) -> HttpResponse:
    """His link is a true one: 404 would be told as one that was guessed."""
    context = {"station": row.order.station, "printed": kept is not None}
    return render(request, "hazards/receipt_unready.html", context, status=503)


def _row(token: str) -> Dispatch:
    # By its token alone a link is found; whether its notice still stands is its station's to say.
    with wall.through(wall.Door.LINK, get_object_or_404(Dispatch, token=token).station_id):
        return Dispatch.objects.select_related("order__station", "order__unit", "sent_by").get(token=token)


def _enter(row: Dispatch) -> None:
    """Who has shown that the link reached him finds the door open to the end of his request."""
    wall.step_through(wall.Door.LINK, row.station_id)


def _known(request: HttpRequest, row: Dispatch) -> bool:
    return request.get_signed_cookie(cookie_of(row), default="", salt=SALT, max_age=HOUR) == row.token


def cookie_of(row: Dispatch) -> str:
    """A name of its own for each link: one of a path of its own could be written by another host of the same domain."""
    return f"{settings.COOKIE_PREFIX}receipt-{row.token}"
