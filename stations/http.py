"""The typed request and the gate every view passes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from stations import exports, step_up, wall
from stations.models import User
from stations.permissions import Can, Fresh

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class OfficerRequest(HttpRequest):
    """A request of somebody who has signed in."""

    user: User
    htmx: Any


def requires(
    capability: Can, *, fresh: Fresh | None = None, acts: bool = True, takes_out: exports.TakesOut = False
) -> Callable[[View], View]:
    """Let the view run for whoever has ``capability``; 403 for anybody else who has signed in.

    He proves again who he is as STEP_UP asks of the capability, or as ``fresh`` does. ``acts`` is False for a page that
    only shows what was done by it. Before a file leaves he is asked what for (`exports.wanted`).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: OfficerRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.can(capability):
                raise PermissionDenied(capability.label)
            leaves = exports.wanted(request, request.user, takes_out)
            if leaves and not exports.is_given(request, timezone.now()):
                return exports.question(request)
            proof = step_up.wanted(capability, fresh, leaves) if acts or leaves else None
            if proof and not step_up.is_proved(request.session, *proof, timezone.now()):
                return step_up.question(request, proof[0])
            with wall.reach_of(request.user):
                response = view(request, *args, **kwargs)
            if proof:
                step_up.spend(request.session, proof[0], response)
            if leaves:
                exports.spend(request.session, response)
            return response

        guarded.capability = capability  # type: ignore[attr-defined] # read by the test that walks the URL resolver
        guarded.takes_out = takes_out  # type: ignore[attr-defined] # read by `exports.is_file`
        return cast(View, guarded)

    return decorate


def public(view: View) -> View:
    """A view open to everybody, signed in or not."""

    @wraps(view)
    def outside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with wall.reach_of_anybody(kwargs.get("token", "")):
            return view(request, *args, **kwargs)

    opened = login_not_required(cast(View, outside))
    opened.capability = None  # type: ignore[attr-defined] # as above: named, and open on purpose
    return opened
