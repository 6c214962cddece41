"""The typed request and the gate every view passes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from stations import exports, once, step_up, wall
from stations.models import User
from stations.permissions import Can, Fresh
from stations.sessions import SessionStore

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
        def act(request: OfficerRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with wall.reach_of(request.user):
                return view(request, *args, **kwargs)

        @wraps(view)
        def guarded(request: OfficerRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.can(capability):
                raise PermissionDenied(capability.label)
            leaves = exports.wanted(request, request.user, takes_out)
            proof = step_up.wanted(capability, fresh, leaves) if acts or leaves else None
            store = cast(SessionStore, request.session)
            while True:
                asked = _question(request, proof, leaves)
                if asked is not None:
                    return asked
                if not once.is_used_by(request, proof, leaves):
                    return act(request, *args, **kwargs)
                # Taken by another request just now, or the session changed in some other way: look again.
                if once.take(store, proof, leaves):
                    return once.spend(store, proof, leaves, lambda: act(request, *args, **kwargs))

        guarded.capability = capability  # type: ignore[attr-defined] # read by the test that walks the URL resolver
        guarded.takes_out = takes_out  # type: ignore[attr-defined] # read by `exports.is_file`
        guarded.fresh, guarded.acts = fresh, acts  # type: ignore[attr-defined] # read by `step_up.opens`
        return cast(View, guarded)

    return decorate


def _question(request: OfficerRequest, proof: once.Proof, leaves: bool) -> HttpResponseBase | None:
    """What is to be asked before the view runs; None when all of it was answered."""
    if leaves and not exports.is_given(request, timezone.now()):
        return exports.question(request)
    if proof and not step_up.is_proved(request.session, *proof, timezone.now()):
        return step_up.question(request, proof[0])
    return None


def public(view: View) -> View:
    """A view open to everybody, signed in or not."""

    @wraps(view)
    def outside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with wall.reach_of_anybody(kwargs.get("token", "")):
            return view(request, *args, **kwargs)

    opened = login_not_required(cast(View, outside))
    opened.capability = None  # type: ignore[attr-defined] # as above: named, and open on purpose
    return opened
