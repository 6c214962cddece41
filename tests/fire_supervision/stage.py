"""Three stations with a row of every kind, everybody who may knock, and one request of one of them.

Everything stands in one transaction for a module of tests; each request is made inside a savepoint that is rolled back,
so that the thousandth finds what the first found.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler
from django.urls import get_resolver, reverse
from django.utils import timezone

from fire_supervision.wall.raising import make_roles, raise_wall
from stations.models import Guidance, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.sessions import SessionStore
from stations.views.entrance import HALF, account_of
from tests.fire_supervision.marks import FAR, NEIGHBOUR, Rows, made_since, rows_now
from tests.fire_supervision.test_access import Address, addresses_of
from tests.fire_supervision.world import EVERYBODYS, TODAY, Ids, Place, lay_out, person, url_of
from tests.hazards.conftest import moment
from tests.wall import as_app


class Owner(StrEnum):
    """Whose row an address names."""

    OWN = "own"
    SIBLING = "sibling"
    OTHER = "other"
    MISSING = "missing"


NOBODY, DISABLED, HALFWAY = "nobody", "disabled", "halfway"


@dataclass
class Stage:
    """The places and their rows, everybody and the cookies he comes with."""

    places: dict[Owner, Place]
    worlds: dict[Owner, Ids]
    people: dict[str, User]
    cookies: dict[str, str]
    addresses: list[Address]
    # What each place brought along, itself included.
    rows: dict[Owner, Rows]

    def url(self, address: Address, owner: Owner) -> str:
        """Where ``address`` shows what is ``owner``'s; what everybody has stands under OWN."""
        if owner == Owner.MISSING or not address.values:
            return address.url
        if address.name in EVERYBODYS:
            return reverse(address.name, kwargs=EVERYBODYS[address.name])
        return url_of(address, self.worlds[owner])

    def ask(self, who: str, method: str, url: str, *, wall: bool | None = None, **more: Any) -> HttpResponseBase:
        """The answer, read to its end; whatever it wrote is undone. Behind the wall as the run is, unless told."""
        with transaction.atomic():
            with as_app() if (WALL if wall is None else wall) else nullcontext():
                cookie = self.cookies.get(who, "")
                response = HANDLER(_environ(method, url, cookie, more))
                if response.status_code == 302 and response["Location"].startswith("/export/?next="):
                    # What a file is for is asked of everybody alike, before anybody looks for the row.
                    HANDLER(_environ("POST", response["Location"], cookie, {"data": "reason=核对"}))
                    response = HANDLER(_environ(method, url, cookie, more))
                if response.streaming:
                    response.whole = b"".join(response)  # type: ignore[attr-defined] # read by `marks.text_of`
            transaction.set_rollback(True)
        return response


# Past the test client, which keeps every template and context of every answer.
HANDLER = ClientHandler(enforce_csrf_checks=False)
WALL = bool(os.environ.get("WALL")) and connection.vendor == "postgresql"


def _environ(method: str, url: str, session: str, more: dict[str, Any]) -> dict[str, Any]:
    factory = RequestFactory()
    if session:
        factory.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: session})
    return factory.generic(method, url, more.pop("data", b""), "application/x-www-form-urlencoded", **more).environ


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """The whole stage on the Friday after 国庆节; gone afterwards."""
    with (
        time_machine.travel(moment(TODAY, 9), tick=False),
        override_settings(MEDIA_ROOT=folder),
        transaction.atomic(),
    ):
        yield _laid_out()
        transaction.set_rollback(True)


def _laid_out() -> Stage:
    bureau, brigade = _bureau("江城市公安局", "江公"), _organisation(OrganisationKind.BRIGADE, "江城市消防救援大队")
    far, far_brigade = _bureau("河东市公安局", "河公"), _organisation(OrganisationKind.BRIGADE, "河东市消防救援大队")
    where = {
        Owner.OWN: (bureau, brigade, "城关", 100100, ""),
        Owner.SIBLING: (bureau, brigade, "北关", 200100, NEIGHBOUR),
        Owner.OTHER: (far, far_brigade, "渡口", 300100, FAR),
    }
    places, worlds, rows = {}, {}, {}
    for owner, values in where.items():
        before = rows_now()
        places[owner] = _place(*values)
        worlds[owner] = lay_out(places[owner])
        rows[owner] = made_since(before)
    people = _everybody(places[Owner.OWN], bureau, brigade)
    cookies = {who: _session(user) for who, user in people.items()}
    User.objects.filter(pk=people[DISABLED].pk).update(is_active=False)
    cookies[HALFWAY] = _half_session(people[Role.OFFICER])
    addresses = addresses_of(get_resolver())
    return Stage(places, worlds, people, cookies, addresses, rows)


def _organisation(kind: OrganisationKind, name: str, **fields: Any) -> Organisation:
    return Organisation.objects.create(kind=kind, name=name, **fields)


def _bureau(name: str, word: str) -> Organisation:
    bureau = _organisation(OrganisationKind.BUREAU, name, code_word=word)
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    bureau.refresh_from_db()
    return bureau


def _place(bureau: Organisation, brigade: Organisation, name: str, numbers: int, mark: str) -> Place:
    station = _organisation(
        OrganisationKind.STATION, f"{name}派出所", short_name=name, issuer_name=f"{bureau.name}{name}派出所",
        code_word=bureau.code_word, parent=bureau, bureau=bureau, brigade=brigade,
    )  # fmt: skip
    supervisor = person(Role.SUPERVISOR, brigade, f"{name}监督员{mark}", str(numbers + 50))
    Guidance.objects.create(station=station, supervisor=supervisor)
    return Place.found(station, supervisor, numbers, mark)


def _everybody(place: Place, bureau: Organisation, brigade: Organisation) -> dict[str, User]:
    """One person of each post around ``place``, and a former officer."""
    made = {
        Role.ASSISTANT: place.station, Role.BRIGADE_LEADER: brigade, Role.BUREAU_LEADER: bureau,
        Role.SYSTEM_ADMIN: bureau, Role.SECURITY_ADMIN: bureau,
    }  # fmt: skip
    people = {role: person(role, home, f"本地{role.label}", f"10{n}900") for n, (role, home) in enumerate(made.items())}
    people |= {Role(user.role): user for user in reversed(place.people())}
    people |= {DISABLED: person(Role.OFFICER, place.station, "离岗民警", "109900")}
    return people


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.session.session_key or ""


def _half_session(user: User) -> str:
    """Of whoever has given his password and owes the second factor."""
    store = SessionStore()
    until = (timezone.now() + timedelta(minutes=5)).isoformat()
    store[HALF] = {"user": user.pk, "until": until, "next": "", "as": account_of(user)}
    store.create()
    return store.session_key or ""


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """For a module of tests; the wall is raised before, once and for good."""
    with django_db_blocker.unblock():
        if WALL:
            make_roles()
            raise_wall()
        with staged(tmp_path_factory.mktemp("files")) as made:
            yield made


@pytest.fixture
def _files_stay_in_the_test_and_passwords_are_cheap() -> None:
    """The files of the stage lie where they were put."""
