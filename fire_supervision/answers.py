"""Pages for what went wrong, and the door for what browsers report. They tell the number of the request, no more."""

import json
import logging
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from fire_supervision.lib.text import is_number
from fire_supervision.middleware import sign_in_first
from stations.http import public

logger = logging.getLogger(__name__)
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
REPORT_BYTES = 8_000
# Of a report: what was stopped, by which rule, where. Never the address with its query, nor a sample of the page.
TOLD = ("effectiveDirective", "effective-directive", "violated-directive", "blockedURL", "blocked-uri", "disposition")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, SessionInterrupted):
        return sign_in_first(request)
    if isinstance(exception, TOO_MUCH):
        return render(request, "413.html", status=413)
    return _plain(request, "400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    return _plain(request, "500.html", 500)


def _plain(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Without the frame's queries: the database may be what failed, or the name of the host what is wrong."""
    context = {"request": request, "request_id": getattr(request, "request_id", "")}
    return HttpResponse(loader.get_template(template).render(context), status=status)


# A browser reports by itself: it sends neither cookie nor token, and nothing is changed by it.
@csrf_exempt
@public
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """One line of the log for a page that wanted what the policy forbids; an unreadable report is answered alike."""
    for report in _reports(_body(request))[:3]:
        facts = {name: _word(report[name]) for name in TOLD if name in report}
        logger.warning("the browser stopped something: %s", facts)
    return HttpResponse(status=204)


def _body(request: HttpRequest) -> bytes:
    """What was sent; nothing where it is more than a report, or says a length that is none."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return request.body if is_number(length) and int(length) <= REPORT_BYTES else b""


def _reports(body: bytes) -> list[dict[str, Any]]:
    """Of either kind: `report-uri` sends one under its own name, `report-to` a list."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return []
    rows = sent if isinstance(sent, list) else [sent]
    found = [row.get("body") or row.get("csp-report") for row in rows if isinstance(row, dict)]
    return [each for each in found if isinstance(each, dict)]


def _word(value: object) -> str:
    """On one line, short, and an address without what comes after its path."""
    return "".join(char for char in str(value).partition("?")[0] if char.isprintable())[:120]
