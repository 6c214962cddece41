"""How often a page that is open to everybody may be asked for, from one address and about one link.

At the sign-in only failures count: the people of a station share one address. A device somebody is known on counts its
own, and who goes on trying a number that is locked counts for himself: neither shuts out the others behind his address.

Counted in the database, which all web processes share and without which nothing is answered anyway: the limits do not
fall with Redis. The count is written outside the view's transaction, so that a refusal does not take it back.
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

from stations import backends
from stations.knocks import knock, knocks


@dataclass(frozen=True)
class Limit:
    """Requests of ``methods`` in one window, as many as ``setting`` says; pages of one ``door`` count together.

    Where ``failures`` alone count, the view says of a request that it is one (`backends.fail`).
    """

    door: str
    setting: str
    methods: tuple[str, ...] = ("GET", "HEAD", "POST")
    failures: bool = False


SIGN_IN = Limit("sign_in", "RATE_SIGN_IN", ("POST",), failures=True)
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
        response = self.get_response(request)
        if backends.has_failed(request) and (who := getattr(request, "counted_as", "")):
            knock(SIGN_IN.door, who, timezone.now())
        return response

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        limit = LIMITS.get(match.view_name) if match else None
        most: int = getattr(settings, limit.setting) if limit else 0
        if limit is None or not most or request.method not in limit.methods:
            return None
        now = timezone.now()
        if limit.failures:
            return _refuse_failing(request, limit, most, now)
        for who in filter(None, (_neighbourhood(request.META.get("REMOTE_ADDR", "")), kwargs.get("token"))):
            count, until = knock(limit.door, who, now)
            if count > most:
                return _too_often(request, until, now)
        return None


limits = Limits


def _refuse_failing(request: HttpRequest, limit: Limit, most: int, now: datetime) -> HttpResponse | None:
    """Refuse whoever has failed too often; else note on the request under whom a failure of it counts."""
    who = backends.failing(request, _neighbourhood(request.META.get("REMOTE_ADDR", "")), now)
    count, until = knocks(limit.door, who, now)
    if count >= most:
        return _too_often(request, until, now)
    request.counted_as = who  # type: ignore[attr-defined] # for `__call__`, which comes after the view
    return None


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
