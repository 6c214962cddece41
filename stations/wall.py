"""The second wall behind `for_user`: PostgreSQL itself shows a request only the rows its person reaches.

What is told here holds for one transaction (set_config(…, true)): from the start of a view to the commit, so that a
connection that serves the next person knows nothing of the last. Nothing told is nothing seen. The policies that read
it are in `fire_supervision.wall`; SQLite has none, and is told nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection

from trail.context import current_origin

if TYPE_CHECKING:
    from stations.models import User


class Setting(StrEnum):
    """What the policies read; ids with commas between, empty for none."""

    BUREAUS = "app.bureaus"
    STATIONS = "app.stations"
    OFFICES = "app.offices"
    PERSON = "app.person"
    # An entry of the trail is seen by the request that writes it: an INSERT that returns its id must see the row.
    REQUEST = "app.request"
    # The bureaus whose entries an auditor reads; entries of no bureau come with them.
    TRAIL = "app.trail"
    # Of the public address of one paper or one link.
    TOKEN = "app.token"  # noqa: S105 - the name of a setting


class Door(StrEnum):
    """Every place where a request reaches past its person's own rows, and why it must."""

    RANKING = "the figures of all stations of a bureau are counted, for who compares his own with them"
    MOVE = "a system administrator puts a station and its rows under another bureau, reading none of them"
    INBOX = "a message is put into the inbox of another"
    LINK = "who holds the link of a notice reads it and signs for it, as the station that sent it allowed"


# What is reached through a door: one bureau, one station or one person in place of the person's own.
OPENS = {Door.RANKING: Setting.BUREAUS, Door.MOVE: Setting.STATIONS, Door.INBOX: Setting.PERSON,
         Door.LINK: Setting.STATIONS}  # fmt: skip

Told = Mapping[Setting, str]
_told: ContextVar[Told] = ContextVar("told", default={})  # noqa: B039 - replaced, never changed


def stand(user: User) -> None:
    """Tell the reach of ``user``, in one query; what was told before in this transaction is forgotten."""
    if connection.vendor != "postgresql":
        return
    scope = user.scope()
    reach = {
        Setting.BUREAUS: _listed(scope.bureaus),
        Setting.STATIONS: _listed(scope.stations),
        Setting.OFFICES: _listed(scope.offices),
        Setting.PERSON: str(user.pk),
        Setting.TRAIL: _listed(user.audited_bureaus()),
    }
    _tell(reach | _own_entries())


def stand_outside(token: str = "") -> None:
    """Tell that nobody has signed in: nothing is seen but what carries ``token`` in its public address."""
    _tell({Setting.TOKEN: token} | _own_entries())


def _own_entries() -> Told:
    return {Setting.REQUEST: current_origin.get().request_id}


@contextmanager
def through(door: Door, pk: int) -> Iterator[None]:
    """Inside, the bureau, station or person ``pk`` is reached, whichever ``door`` opens. Two queries on PostgreSQL."""
    before = _told.get()
    _tell(before | {OPENS[door]: str(pk)})
    try:
        yield
    finally:
        # A transaction that is to be rolled back takes back what was told in it.
        if not connection.needs_rollback:
            _tell(before)


def step_through(door: Door, pk: int) -> None:
    """As `through`, to the end of the request."""
    _tell(_told.get() | {OPENS[door]: str(pk)})


def _tell(told: Told) -> None:
    if connection.vendor != "postgresql":
        return
    values = [part for setting in Setting for part in (setting.value, told.get(setting, ""))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(Setting)), values)
    _told.set(told)


def _listed(ids: Iterable[int]) -> str:
    return ",".join(map(str, sorted(ids)))
