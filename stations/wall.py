"""The second wall behind `for_user`: PostgreSQL itself shows a request only the rows its person reaches.

What is told here holds for one transaction (SET LOCAL): from the start of a view to the commit, so that a
connection that serves the next person knows nothing of the last. Nothing told is nothing seen. The policies that read
it are in `fire_supervision.wall`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection, models

from fire_supervision.lib.wall import Setting, Told, recall, tell, told
from trail.context import current_origin

if TYPE_CHECKING:
    from stations.models import User


class Door(StrEnum):
    """Every place where a request reaches past its person's own rows, and why it must."""

    RANKING = "the figures of all stations of a bureau are counted, for who compares his own with them"
    MOVE = "a system administrator puts a station and its rows under another bureau, reading none of them"
    INBOX = "a message is put into the inbox of another"
    PLACED = "a bureau learns which stations that came to it have their place in the ranking of another"
    LINK = "who holds the link of a notice reads it and signs for it, as the station that sent it allowed"


# What is reached through a door: bureaus, stations or persons in place of the person's own.
OPENS = {
    Door.RANKING: Setting.BUREAUS,
    Door.MOVE: Setting.STATIONS,
    Door.INBOX: Setting.PERSON,
    Door.PLACED: Setting.STATIONS,
    Door.LINK: Setting.STATIONS,
}


@contextmanager
def reach_of(user: User) -> Iterator[None]:
    """A view of ``user``: he reaches his scope, his messages and what he writes into the trail. One query."""
    if connection.vendor == "postgresql":
        scope = user.scope()
        reach = {
            Setting.BUREAUS: _listed(scope.bureaus),
            Setting.STATIONS: _listed(scope.stations),
            Setting.OFFICES: _listed(scope.offices),
            Setting.PERSON: str(user.pk),
            Setting.TRAIL: _listed(user.audited_bureaus()),
        }
        tell({**reach, **_own_entries()})
    yield from _until_the_end()


@contextmanager
def reach_of_anybody(token: str = "") -> Iterator[None]:
    """A view open to everybody: nothing is reached but what carries ``token`` in its public address."""
    tell({Setting.TOKEN: token, **_own_entries()})
    yield from _until_the_end()


def _until_the_end() -> Iterator[None]:
    try:
        yield
    finally:
        recall(None)


def _own_entries() -> Told:
    return {Setting.REQUEST: current_origin.get().request_id}


@contextmanager
def through(door: Door, *pks: int) -> Iterator[None]:
    """Inside, the bureau, station or person ``pks`` is reached, whichever ``door`` opens. Two queries on PostgreSQL."""
    before = told()
    tell({**(before or {}), OPENS[door]: _listed(pks)})
    try:
        yield
    finally:
        # A transaction that is to be rolled back takes back what was told in it, and asks nothing more.
        (recall if connection.needs_rollback else tell)(before)


def step_through(door: Door, pk: int) -> None:
    """As `through`, to the end of the request."""
    tell({**(told() or {}), OPENS[door]: str(pk)})


def row_exists(model: type[models.Model], pk: int) -> bool:
    """Whether there is such a row at all, in whoever's reach: for the trail, which tells a refusal from a slip."""
    # What is walled has an id; checkpoints of the trail, which have a number, stand open.
    if connection.vendor != "postgresql" or model._meta.pk.column != "id":
        return model._base_manager.filter(pk=pk).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_exists(%s::regclass, %s)", [model._meta.db_table, pk])
        return bool(cursor.fetchone()[0])


def _listed(ids: Iterable[int]) -> str:
    return ",".join(map(str, sorted(ids)))
