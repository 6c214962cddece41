"""What every request passes: its origin for the trail, sessions and keys, the rules that say no."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from fire_supervision.gates import client_address
from fire_supervision.lib.errors import RuleError
from stations import step_up
from stations.models import User
from stations.permissions import Role
from stations.second_factor import FACTOR
from stations.securing import note_time_out
from stations.sessions import SessionStore
from trail.context import Origin, current_origin

GetResponse = Callable[[HttpRequest], HttpResponse]


def request_facts(get_response: GetResponse) -> GetResponse:
    """Give the request an id and its real address, and let the trail know both."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = str(uuid.uuid4())
        request.request_id = request_id  # type: ignore[attr-defined] # shown on the page of an error
        address = client_address(request.META)
        # Whoever asks for it later, django-axes included, is told the same as the trail.
        request.META["REMOTE_ADDR"] = address or ""
        token = current_origin.set(Origin(request_id, address))
        try:
            response = get_response(request)
        finally:
            current_origin.reset(token)
        response["X-Request-ID"] = request_id
        return response

    return middleware


class SignInFirst(LoginRequiredMiddleware):
    """Whoever has not signed in does so, and comes back to the page he was on."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        return sign_in_first(request)


def sign_in_first(request: HttpRequest) -> HttpResponseRedirect:
    """A form may have been sent to an address that shows no page: the page with the form is where to go on."""
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    return redirect_to_login(step_up.own_page(request, request.headers.get("Referer", "")))


def session_limits(get_response: GetResponse) -> GetResponse:
    """A session ends when nobody uses it, and after a shift; each click keeps it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user, session = request.user, request.session
        if isinstance(user, User) and isinstance(session, SessionStore):
            now = timezone.now()
            if why := session.ended(Role(user.role), now):
                note_time_out(user, why)
                session.flush()
                session["ended"] = why
                request.user = AnonymousUser()
            elif "X-Poll" not in request.headers:  # what a page asks by itself is no click
                session.touch(now)
        return get_response(request)

    return middleware


def own_keys(get_response: GetResponse) -> GetResponse:
    """First of all a password of one's own that is not too old, and a second factor where the post needs one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and (page := _first(request, user)):
            doors = ("logout", "step_up", "ask_passkey", "session")
            if not request.path.startswith((page, "/static/", *(reverse(f"stations:{name}") for name in doors))):
                return HttpResponseRedirect(page)
        return get_response(request)

    return middleware


def _first(request: HttpRequest, user: User) -> str:
    """The page with what is missing; empty when nothing is."""
    if user.needs_new_password(timezone.now()):
        return reverse("stations:password")
    if user.role in settings.SECOND_FACTOR_ROLES and not request.session.get(FACTOR):
        return reverse("stations:factors")
    return ""


class RuleRefusals:
    """A RuleError becomes a 409 page with the reason in the officer's words, a fragment under htmx."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RuleError):
            return None
        template = "_409.html" if getattr(request, "htmx", False) else "409.html"
        response = render(request, template, {"refusal": exception}, status=409)
        if getattr(request, "htmx", False):
            response["HX-Retarget"] = "#refusal"
            response["HX-Reswap"] = "innerHTML"
        return response


rule_refusals = RuleRefusals
