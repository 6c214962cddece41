"""The wall changes no answer: every address × person × row, asked with and without it, byte for byte the same.

The filter decides what a page shows; an answer that differs has asked for rows its person does not reach. What is drawn
anew for each answer is pinned: the clock, the id of the request, the secrets of forms and keys.
"""

# ruff: noqa: F811 - fixtures are imported from where the rows of every room are laid out

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.http import FileResponse
from django.test import Client
from django.urls import get_resolver, reverse

from stations.models import User
from tests.fire_supervision.test_access import Address, addresses_of
from tests.fire_supervision.test_strangers import (  # noqa: F401 - fixtures
    Ids,
    _by_prefix,
    _on_a_friday,
    office,
    outsiders,
    world,
)  # fmt: skip
from tests.hazards.conftest import conclude, find, open_visit, serve  # noqa: F401 - fixtures
from tests.units.conftest import book  # noqa: F401 - a fixture
from tests.wall import as_app

pytestmark = [pytest.mark.services, pytest.mark.django_db]
# A page of the wrong row, the whole list, the workbook of it, a filter.
ASKED = ("", "?export=1", "?q=万家福")


@dataclass(frozen=True)
class Answer:
    """What came back; ``lazy`` is an answer that would still read the database while it is sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    lazy: bool


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.middleware.csrf._get_new_csrf_string", lambda: "c" * 32)
    monkeypatch.setattr("django.middleware.csrf._mask_cipher_secret", lambda secret: "m" * 64)
    monkeypatch.setattr("csp.middleware.CSPMiddleware._make_nonce", lambda self, request: "nonce")
    monkeypatch.setattr("stations.entrances.random_hex", lambda length: "00" * length)
    monkeypatch.setattr("fire_supervision.middleware.uuid.uuid4", lambda: uuid.UUID(int=0))


@pytest.fixture
def people(
    outsiders: dict[str, User], officer: User, assistant: User, chief: User, supervisor: User, brigade_leader: User,
    bureau_officer: User, leader: User, system_admin: User, security_admin: User, audit_admin: User,
) -> dict[str, User]:  # fmt: skip
    own = (officer, assistant, chief, supervisor, brigade_leader, bureau_officer, leader, system_admin, security_admin,
           audit_admin)  # fmt: skip
    return outsiders | {user.get_role_display() + " of our own": user for user in own}


def urls_of(address: Address, world: Ids) -> list[str]:
    """Its row and one that is not there; a list also filtered, and as a workbook."""
    if not address.values:
        return [address.url + asked for asked in ASKED]
    try:
        own = reverse(address.name, kwargs=world["own"].get(address.name) or _by_prefix(address, world))
    except AssertionError:  # of the bureau of whoever asks, of everybody
        return [address.url]
    return [own, address.url]


def asked(client: Client, url: str, who: AbstractContextManager[Any]) -> Answer:
    """A GET whose writing is undone."""
    kept = deepcopy(client.cookies)
    with transaction.atomic():
        with who:
            response = client.get(url)
        # A word told at the next page would be told in one of the two answers alone.
        client.cookies = kept
        lazy = response.streaming and not isinstance(response, FileResponse)
        body = response.getvalue() if response.streaming else response.content
        transaction.set_rollback(True)
    return Answer(response.status_code, tuple(sorted(response.items())), body, lazy)


@pytest.mark.parametrize("part", range(6))
def test_every_answer_is_byte_for_byte_the_same_with_and_without_the_wall(
    part: int, world: Ids, people: dict[str, User], browse: Callable[[User], Client]
) -> None:
    addresses = addresses_of(get_resolver())[part::6]
    differing: list[str] = []
    compared = 0
    for name, user in people.items():
        client = browse(user)
        for address in addresses:
            if address.capability is None or not user.can(address.capability):
                continue
            for url in urls_of(address, world):
                without, behind = asked(client, url, nullcontext()), asked(client, url, as_app())
                compared += 1
                if without != behind or without.lazy:
                    differing.append(f"{name}: {url} {without.status}/{behind.status}")
    assert not differing, "\n".join(differing)
    assert compared > 300
