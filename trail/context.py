"""What the trail knows of the request that caused an entry; the middleware sets it, tasks leave it empty."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The request's id and the client's address."""

    request_id: str = ""
    address: str | None = None


current_origin: ContextVar[Origin] = ContextVar("current_origin", default=Origin())  # noqa: B039 - frozen
# The actions written within this request: what a view has told of itself is not told twice.
written: ContextVar[set[str] | None] = ContextVar("written", default=None)
