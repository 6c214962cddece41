"""What is good for one act, a stamp or a reason, is used up before the act: two requests at once never share it.

Both stand in the session. Its row changes only while it still says what this request has read; the request itself
goes on seeing them, and the middleware writes them back after an answer that did nothing.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from stations import exports, step_up
from stations.permissions import Can, Fresh
from stations.sessions import SessionStore

Proof = tuple[Can, Fresh] | None


def is_used_by(request: HttpRequest, proof: Proof, leaves: bool) -> bool:
    """Whether this request uses anything up; one that only shows the form does not."""
    return leaves or (proof is not None and proof[1] == Fresh.EACH and request.method not in ("GET", "HEAD"))


def take(session: SessionStore, proof: Proof, leaves: bool) -> bool:
    """Use up what ``session`` holds; False, and the session read anew, when another request was first."""
    if session.replace(_without(dict(session.items()), proof, leaves)):
        return True
    session.reload()
    return False


def spend(session: SessionStore, proof: Proof, leaves: bool, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer of ``act``, for what was taken. A page to correct and an error give it back."""
    session.modified = True
    try:
        response = act()
    except BaseException:
        session.undone()
        raise
    if response.status_code in (301, 302, 303) or response.has_header("Content-Disposition"):
        left = _without(dict(session.items()), proof, leaves)
        for name in set(session.keys()) - set(left):
            del session[name]
        session.update(left)
    return response


def _without(data: dict[str, Any], proof: Proof, leaves: bool) -> dict[str, Any]:
    if proof is not None and proof[1] == Fresh.EACH:
        data = step_up.without(data, proof[0])
    return exports.without(data) if leaves else data
