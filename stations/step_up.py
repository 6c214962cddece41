"""Proving again who one is. The proofs stand in the session; `stations.once` uses up those good for one act."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from stations.permissions import STEP_UP, Can, Fresh
from stations.sessions import STAMPS

# When the person last proved who he is; STAMPS says when for which capability, until it is used.
PROVED = "proved_at"


def prove(session: SessionBase, at: datetime, capability: str = "") -> None:
    """Note a proof: of the shift, and one stamp for ``capability``."""
    session[PROVED] = at.isoformat()
    if capability:
        session[STAMPS] = {**session.get(STAMPS, {}), capability: at.isoformat()}


def wanted(capability: Can, fresh: Fresh | None, leaves: bool) -> tuple[Can, Fresh] | None:
    """What a request needs a proof for; None when signing in is enough.

    One that ``leaves`` the house with a file (`exports.wanted`) needs one for that, whatever page it is asked of.
    """
    if not settings.STEP_UP:
        return None
    if leaves:
        return Can.EXPORT, STEP_UP[Can.EXPORT]
    asked = fresh or STEP_UP.get(capability)
    return (capability, asked) if asked else None


def is_proved(session: SessionBase, capability: Can, fresh: Fresh, at: datetime) -> bool:
    """Whether the session holds a proof fresh enough at ``at``."""
    if fresh == Fresh.SHIFT:
        return _within(session.get(PROVED), timedelta(hours=settings.STEP_UP_HOURS), at)
    written = session.get(STAMPS, {}).get(capability) if fresh == Fresh.EACH else session.get(PROVED)
    return _within(written, timedelta(minutes=settings.STEP_UP_MINUTES), at)


def _within(written: str | None, age: timedelta, at: datetime) -> bool:
    return written is not None and at - datetime.fromisoformat(written) < age


def without(data: Any, capability: Can) -> dict[str, Any]:
    """``data`` of a session with the stamp for ``capability`` used up."""
    return {**data, STAMPS: {name: at for name, at in data.get(STAMPS, {}).items() if name != capability}}


def question(request: HttpRequest, capability: Can) -> HttpResponse:
    """The way to the page that asks, and from there on to the page that was asked for, or back."""
    htmx = bool(getattr(request, "htmx", False))
    page, before = request.get_full_path(), own_page(request, request.headers.get("Referer", ""))
    if htmx:
        page = own_page(request, request.headers.get("HX-Current-URL", ""))
    elif request.method != "GET":
        # An address that may show no page of its own; the form's page fills it again with what was typed.
        page = before
    asked = {"for": capability, "next": page} | ({} if before in ("/", page) else {"back": before})
    address = f"{reverse('stations:step_up')}?{urlencode(asked)}"
    if htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def opens(session: SessionBase, page: str, at: datetime) -> bool:
    """Whether the page at the path ``page`` can be looked at without proving anything."""
    try:
        view = resolve(urlsplit(page).path).func
    except Resolver404:
        return False
    capability: Can | None = getattr(view, "capability", None)
    if capability is None or not getattr(view, "acts", True):
        return True
    proof = wanted(capability, getattr(view, "fresh", None), leaves=False)
    return proof is None or is_proved(session, *proof, at)


def own_page(request: HttpRequest, address: str) -> str:
    """The path of a whole ``address`` of this site; the first page for any other, or for what is none."""
    try:
        page = urlsplit(address)
    except ValueError:
        return "/"
    return page._replace(scheme="", netloc="", fragment="").geturl() if page.netloc == request.get_host() else "/"
