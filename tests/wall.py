"""Requests behind the wall: as the web's role of PostgreSQL, which row-level security holds.

What a test sets up and looks at afterwards is done by the owner, whom the policies let through. `make test` runs the
whole suite so on PostgreSQL, with `-p tests.wall_everywhere`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.test import Client

from fire_supervision.lib import wall
from fire_supervision.wall.policies import APP


@contextmanager
def as_app(role: str = APP) -> Iterator[None]:
    """Inside, PostgreSQL is asked as the web's role, who has been told nothing yet."""
    _run(f"SET ROLE {role}", *(f"SET LOCAL {setting.value} = ''" for setting in wall.Setting))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _run("RESET ROLE")


@contextmanager
def uncounted() -> Iterator[None]:
    """Inside, no query is told to who counts them."""
    counted, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        yield
    finally:
        connection.force_debug_cursor = counted


def without_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the queries of a page as on SQLite: without the request's own transaction and without telling its reach."""
    send = wall._send

    def quietly(told: wall.Told) -> None:
        with uncounted():
            send(told)

    monkeypatch.setattr(wall, "_send", quietly)
    monkeypatch.setattr(BaseHandler, "make_view_atomic", _make_view_atomic)


def _make_view_atomic(_: BaseHandler, view: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        atomic = transaction.atomic()
        with uncounted():
            atomic.__enter__()
        try:
            response = view(*args, **kwargs)
        except BaseException:
            with uncounted():
                atomic.__exit__(*sys.exc_info())
            raise
        with uncounted():
            atomic.__exit__(None, None, None)
        return response

    return run


def _run(*statements: str) -> None:
    """Past Django's cursor, and all at once: these are none of the product's queries, which tests count."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute("; ".join(statements))


def behind_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here every request of a test's client is made as the web's role."""
    asked = Client.request

    def request(self: Client, **environ: Any) -> Any:
        with as_app():
            return asked(self, **environ)

    monkeypatch.setattr(Client, "request", request)
