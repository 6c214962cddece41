"""The typed request and the gate every view passes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from stations import wall
from stations.models import User
from stations.permissions import Can

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class OfficerRequest(HttpRequest):
    """A request of somebody who has signed in."""

    user: User
    htmx: Any


def requires(capability: Can) -> Callable[[View], View]:
    """Let the view run for whoever has ``capability``; 403 for anybody else who has signed in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: OfficerRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.can(capability):
                raise PermissionDenied(capability.label)
            wall.stand(request.user)
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined] # read by the test that walks the URL resolver
        return cast(View, guarded)

    return decorate


def public(view: View) -> View:
    """A view open to everybody, signed in or not."""

    @wraps(view)
    def outside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wall.stand_outside(kwargs.get("token", ""))
        return view(request, *args, **kwargs)

    opened = login_not_required(cast(View, outside))
    opened.capability = None  # type: ignore[attr-defined] # as above: named, and open on purpose
    return opened
