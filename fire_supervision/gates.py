"""What is turned away before anybody looks at it: methods, sizes, other sites, characters no field can hold."""

import ipaddress
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import Resolver404, resolve

from fire_supervision.headers import REPORTS
from trail.record import record_refusal

METHODS = ("GET", "HEAD", "POST")
# The largest number a key of the database can be.
LARGEST_KEY = 2**63 - 1


def gate(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Nothing of the body is read here."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = _refused(request) or get_response(request)
        if response.status_code == 405 and not response.content:
            return _not_this_way(request, response["Allow"])
        return response

    return middleware


def _not_this_way(request: HttpRequest, allow: str) -> HttpResponse:
    """An address that only takes forms, typed in or opened from a history; a browser shows a bare page of its own."""
    response = render(request, "405.html", status=405)
    response["Allow"] = allow
    return response


def _refused(request: HttpRequest) -> HttpResponse | None:
    if request.method not in METHODS:
        return HttpResponseNotAllowed(METHODS)
    if is_foreign(request):
        _note_foreign(request)
        return render(request, "403_foreign.html", status=403)
    if _is_too_long(request):
        return render(request, "413.html", status=413)
    return None


def is_foreign(request: HttpRequest) -> bool:
    """Whether the browser says that another site sent this, and not by a plain link to one of our pages.

    The second wall behind the CSRF token. A browser too old to say anything passes to the first.
    """
    if request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none"):
        return False
    # Reports come from the browser itself and say nothing of who asked.
    if request.path == REPORTS:
        return False
    link = request.method in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Mode") == "navigate"
    return not (link and request.headers.get("Sec-Fetch-Dest", "document") == "document")


def _note_foreign(request: HttpRequest) -> None:
    """Which page was asked for, not its address: that may be a link which opens something."""
    try:
        page = f"/{resolve(request.path_info).route}"
    except Resolver404:
        page = request.path
    after = {"method": request.method, "origin": request.headers.get("Origin", "")[:100]}
    record_refusal(None, "fire_supervision", 403, "来自其他网站的请求", path=page, after=after)


def _is_too_long(request: HttpRequest) -> bool:
    """A form with files is weighed by its page (lib/upload_limits.py); what says no length has no body for Django."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return False
    return request.content_type != "multipart/form-data" and length > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


class Words:
    """Stands where the form has been read for its token anyway.

    A NUL is in no word a person types, and PostgreSQL answers it with an error; a number no key can be names no row.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if any(isinstance(value, int) and value > LARGEST_KEY for value in kwargs.values()):
            raise Http404
        said = [request.GET] if getattr(view, "csrf_exempt", False) else [request.GET, request.POST]
        words = [word for each in said for name, values in each.lists() for word in (name, *values)]
        if "\0" in request.path or any("\0" in str(word) for word in words):
            raise BadRequest("NUL")


words = Words


def client_address(meta: dict[str, Any]) -> str | None:
    """Who called, as nobody but our own proxies can say it; None when there is no address (a local socket).

    Each of TRUSTED_PROXIES has put the address it was called from at the right of X-Forwarded-For. What stands left of
    those anybody may have written.
    """
    peer = _address(str(meta.get("REMOTE_ADDR") or ""))
    hops: int = settings.TRUSTED_PROXIES
    told = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if not hops or len(told) < hops:
        return peer
    return _address(told[-hops]) or peer


def _address(written: str) -> str | None:
    """``written`` as one way of writing an address, without port and zone; None when it is none."""
    bare = written.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
