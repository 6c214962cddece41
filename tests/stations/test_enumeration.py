"""The door says nobody's number: whatever is typed that does not open it, the answer and what it costs are the same."""

from typing import NamedTuple
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stations.models import User
from tests.fire_supervision.marks import DRAWN
from tests.stations.keys import totp_of
from tests.stations.test_lock_out import NOW, PASSWORD, URL

# One more than lock a number, and one that finds it locked.
TRIES = 7
KINDS = ("unknown", "wrong", "disabled", "disabled wrong", "second factor", "no password yet")


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: str
    hashes: int
    statements: int


@pytest.fixture
def numbers(officer: User, partner: User, chief: User, assistant: User) -> dict[str, str]:
    """What is typed as the number of each kind; all of one length, so that the answers are."""
    for person in (officer, partner, chief):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    totp_of(chief)
    User.objects.filter(pk=partner.pk).update(is_active=False)
    return {
        "unknown": "9" * len(officer.number), "wrong": officer.number, "disabled": partner.number,
        "disabled wrong": partner.number, "second factor": chief.number, "no password yet": assistant.number,
    }  # fmt: skip


def tried(number: str, password: str, address: str) -> Answer:
    """One attempt on a device nobody knows."""
    client = Client(REMOTE_ADDR=address)
    encode = MD5PasswordHasher.encode
    with (
        patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=encode) as hashed,
        CaptureQueriesContext(connection) as asked,
    ):
        response = client.post(URL, {"number": number, "password": password})
    headers = {name: DRAWN.sub("", value) for name, value in response.items()}
    body = DRAWN.sub("", response.content.decode()).replace(number, "N")
    return Answer(response.status_code, headers, sorted(response.cookies), body, hashed.call_count, len(asked))


def answers(kind: str, number: str) -> list[Answer]:
    """To one attempt after another, with the right password where there is one that must not open."""
    right = kind in ("unknown", "disabled")
    with time_machine.travel(NOW, tick=False):
        address = f"10.0.0.{KINDS.index(kind) + 1}"
        return [tried(number, PASSWORD if right else "falsch-falsch-falsch", address) for _ in range(TRIES)]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_no_number_is_told_from_one_nobody_has(numbers: dict[str, str], kind: str) -> None:
    nobody = answers("unknown", numbers["unknown"])
    somebody = answers(kind, numbers[kind])
    for place, (one, other) in enumerate(zip(nobody, somebody, strict=True)):
        assert other == one, f"attempt {place + 1}"
    assert [each.status for each in nobody] == [200] * 4 + [429] * 3
    assert {each.hashes for each in nobody} == {1}


def test_the_right_password_of_a_locked_number_reads_like_a_wrong_one(numbers: dict[str, str]) -> None:
    locked = answers("wrong", numbers["wrong"])[-1]
    with time_machine.travel(NOW, tick=False):
        assert tried(numbers["wrong"], PASSWORD, "10.0.0.2") == locked
