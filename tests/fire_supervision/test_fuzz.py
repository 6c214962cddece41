"""Every address × method × what no browser sends: an answer below 500, whoever asks."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stations.models import User
from stations.permissions import ROLE_CAN, Role
from tests.examples import examples
from tests.fire_supervision.test_access import STATIC, Address, addresses_of
from units.models import Unit

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db]

# Names the pages read; the rest of a form is made of them too, so that each field is hit by something.
NAMES = (
    "q", "page", "cursor", "export", "pk", "id", "ids", "next", "for", "state", "year", "quarter", "month", "day",
    "from", "to", "since", "until", "officer", "station", "organisation", "role", "kind", "category", "grade", "sort",
    "tab", "unit", "item", "number", "name", "phone", "reason", "date", "time", "file", "photo", "seen", "strokes",
    "last_four", "sha256", "c", "rule", "days", "text", "bureau", "answer", "version", "against",
)  # fmt: skip
HOSTILE = (
    "", " ", "0", "-1", "1.5", "9" * 40, "-" + "9" * 40, str(2**63 - 1), str(2**63), "1e999", "NaN", "²", "١",
    "x" * 5_000, "9" * 5_000, "\x01", "\u202e", "'\"><svg onload=x>", "{{7*7}}{%x%}", "../../etc/passwd", "=1+1",
    "[" * 2_000, "2026-02-30", "0000-00-00", "10000-01-01", "9999-12-31", "2026-13", "25:61", "true", "null", "[]",
    "{}", "%", "_", "\\",
)  # fmt: skip
FORM, PART = "multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"'
BODIES = (
    (b"", "application/json"),
    (b"[" * 20_000, "application/json"),
    (b'{"id": "\\ud800", "rawId": {}, "response": []}', "application/json"),
    (b'{"id": 1, "type": null, "response": {"clientDataJSON": "%%%"}}', "application/json"),
    (b"\xff\xfe\x00", "text/plain; charset=utf-7"),
    (b"a=%ff%fe&b=%E4%BD", "application/x-www-form-urlencoded"),
    (b"a=1", "application/x-www-form-urlencoded; charset=nonsense"),
    (b"no boundary at all", "multipart/form-data"),
    (PART + b"\r\n\r\n", FORM),
    (PART + b'; filename="../a\x00b"\r\n\r\nx\r\n--x--', FORM),
    (PART + b'; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--', FORM),
)
LENGTHS = ("-1", "x", "99999999999999999999")
OUT = {"stations:logout"}
# Each name meets some of them, in each round others: all with all would take an hour.
ROUNDS, STEP = 7, 5


@pytest.fixture
def addresses(unit: Unit) -> list[Address]:
    return [each for each in addresses_of(get_resolver()) if each.name not in OUT]


@pytest.fixture(params=[Role.CHIEF, Role.SUPERVISOR, Role.SYSTEM_ADMIN, None])
def somebody(request: pytest.FixtureRequest, browse: Callable[[User], Client]) -> tuple[Role | None, Client]:
    """Those who may act most, and nobody."""
    names = {Role.CHIEF: "chief", Role.SUPERVISOR: "supervisor", Role.SYSTEM_ADMIN: "system_admin"}
    client = browse(request.getfixturevalue(names[request.param])) if request.param else Client()
    return request.param, client


def _open_to(addresses: list[Address], role: Role | None) -> Iterator[Address]:
    for each in addresses:
        if each.capability is None or (role is not None and each.capability in ROLE_CAN[role]):
            yield each


def _broken(ask: Callable[..., Any], *said: Any, **beside: Any) -> str:
    """What an answer broke with, or its status when that is 500 or more; empty for a sound one."""
    try:
        response = ask(*said, **beside)
        if getattr(response, "streaming", False):
            b"".join(response.streaming_content)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    return str(response.status_code) if response.status_code >= 500 else ""


def test_hostile_values_under_every_name_break_no_page(
    somebody: tuple[Role | None, Client], addresses: list[Address]
) -> None:
    role, client = somebody
    broken = set()
    for address in _open_to(addresses, role):
        for turn in range(ROUNDS):
            said = {name: HOSTILE[(turn * STEP + place) % len(HOSTILE)] for place, name in enumerate(NAMES)}
            for method, ask in (("GET", client.get), ("POST", client.post)):
                if wrong := _broken(ask, address.url, said):
                    broken.add((address.name, method, turn, wrong))

    assert sorted(broken) == []


def test_bodies_that_are_none_break_no_page(somebody: tuple[Role | None, Client], addresses: list[Address]) -> None:
    role, client = somebody
    broken = set()
    for address in _open_to(addresses, role):
        for body, content_type in BODIES:
            if wrong := _broken(client.generic, "POST", address.url, body, content_type):
                broken.add((address.name, content_type, body[:30], wrong))
        for length in LENGTHS:
            if wrong := _broken(client.post, address.url, {"a": "1"}, headers={"Content-Length": length}):
                broken.add((address.name, "Content-Length", length, wrong))

    assert sorted(broken) == []


def _with(value: object) -> list[str]:
    """Every address with a number or word of one's own in its place."""
    found: list[str] = []

    def walk(resolver: URLResolver, before: str) -> None:
        for pattern in resolver.url_patterns:
            route = before + str(pattern.pattern).lstrip("^")
            if isinstance(pattern, URLResolver):
                walk(pattern, route)
            elif isinstance(pattern, URLPattern) and pattern.callback.__module__ not in STATIC:
                found.append("/" + _filled(route, value))

    walk(get_resolver(), "")
    return [each for each in found if str(value) in each]


def _filled(route: str, value: object) -> str:
    return re.sub(r"<(?:\w+:)?\w+>", str(value), route)


@pytest.mark.parametrize(
    "value",
    ["99999999999999999999", "9223372036854775807", "-1", "%00", "%ff%fe", "..%2f..%2f", "%E2%80%AE", "x" * 3000],
)
def test_hostile_addresses_are_not_found(chief: User, browse: Callable[[User], Client], value: str) -> None:
    client = browse(chief)
    broken = {(url[:60], wrong) for url in _with(value) if (wrong := _broken(client.get, url))}

    assert sorted(broken) == []


NESTED = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
)
WORDS = st.one_of(
    st.text(max_size=30), st.integers().map(str), st.dates().map(str), st.sampled_from(HOSTILE), NESTED.map(json.dumps)
)


@given(data=st.data())
@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_at_random_break_no_page(data: st.DataObject, officer_client: Client) -> None:
    address = data.draw(st.sampled_from([each for each in addresses_of(get_resolver()) if each.name not in OUT]))
    said = data.draw(st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=5))
    ask = data.draw(st.sampled_from([officer_client.get, officer_client.post]))

    assert _broken(ask, address.url, said) == ""


@pytest.fixture
def officer_client(chief: User, browse: Callable[[User], Client], unit: Unit) -> Client:
    return browse(chief)
