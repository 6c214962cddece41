"""What PostgreSQL is told of a request, for one transaction; SQLite is told nothing. What is told: `stations.wall`."""

from collections.abc import Mapping
from contextvars import ContextVar
from enum import StrEnum

from django.db import connection


class Setting(StrEnum):
    """What the policies read; ids with commas between, empty for none."""

    BUREAUS = "app.bureaus"
    STATIONS = "app.stations"
    OFFICES = "app.offices"
    PERSON = "app.person"
    # An entry of the trail is seen by the request that writes it: an INSERT that returns its id must see the row.
    REQUEST = "app.request"
    # The bureaus whose entries an auditor reads; those of no bureau only where it is told so.
    TRAIL = "app.trail"
    # Of the public address of one paper or one link.
    TOKEN = "app.token"  # noqa: S105 - the name of a setting


Told = Mapping[Setting, str]
# None outside a view: nothing has been told in the transaction that may be open there.
_told: ContextVar[Told | None] = ContextVar("told", default=None)


def told() -> Told | None:
    """What was told last; None outside a view."""
    return _told.get()


def tell(values: Told | None) -> None:
    """Tell ``values`` and nothing else, in one query; what was told before in this transaction is forgotten."""
    _send(values or {})
    _told.set(values)


def recall(values: Told | None) -> None:
    """``values`` hold again without a word: PostgreSQL has gone back to them, or forgotten all, with a rollback or the
    end of the transaction."""
    _told.set(values)


def show_own_entries(request_id: str, person: int | None) -> None:
    """Let who writes the trail outside a view see what this request and ``person`` wrote; inside, he does already."""
    if request_id and _told.get() is None:
        _send({Setting.REQUEST: request_id, Setting.PERSON: str(person or "")})


def _send(values: Told) -> None:
    if connection.vendor != "postgresql":
        return
    sent = [part for setting in Setting for part in (setting.value, values.get(setting, ""))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(Setting)), sent)
