"""How often a page that is open to everybody may be asked for, from one address and about one link.

Counted in the database, which all web processes share and without which nothing is answered anyway: the limits do not
fall with Redis. The count is written before the view's transaction begins, so that a refusal does not take it back.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from stations.knocks import knock


@dataclass(frozen=True)
class Limit:
    """Requests of ``methods`` in one window, as many as ``setting`` says; pages of one ``door`` count together."""

    door: str
    setting: str
    methods: tuple[str, ...] = ("GET", "HEAD", "POST")


SIGN_IN = Limit("sign_in", "RATE_SIGN_IN", ("POST",))
RECEIPT = Limit("receipt", "RATE_RECEIPT")
# Every page that is @public, by the name of its address; a test holds it against the resolver.
LIMITS = {
    "stations:login": SIGN_IN,
    "stations:second": SIGN_IN,
    "stations:ask_passkey": SIGN_IN,
    "stations:second_passkey": SIGN_IN,
    "verify": Limit("verify", "RATE_VERIFY"),
    "receipt": RECEIPT,
    "receipt_paper": RECEIPT,
    "csp_report": Limit("csp_report", "RATE_CSP_REPORT"),
}


class Limits:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        limit = LIMITS.get(match.view_name) if match else None
        most: int = getattr(settings, limit.setting) if limit else 0
        if limit is None or not most or request.method not in limit.methods:
            return None
        now = timezone.now()
        for who in filter(None, (_neighbourhood(request.META.get("REMOTE_ADDR", "")), kwargs.get("token"))):
            count, until = knock(limit.door, who, now)
            if count > most:
                return _too_often(request, until, now)
        return None


limits = Limits


def _too_often(request: HttpRequest, until: datetime, now: datetime) -> HttpResponse:
    seconds = max(1, int((until - now).total_seconds()) + 1)
    response = render(request, "429.html", {"minutes": -(-seconds // 60)}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _neighbourhood(address: str) -> str:
    """One subscriber: an IPv4 address, or the /64 out of which a device takes a new IPv6 address whenever it likes."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
