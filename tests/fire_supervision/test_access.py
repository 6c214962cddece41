"""Every address × every role: nothing opens without its capability, nothing closes to whoever has it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from stations.models import Organisation, OrganisationKind, User
from stations.permissions import ROLE_CAN, Can, Role
from stations.rules import ROLE_KINDS

# Whatever a converter takes that names no row: an absent id is the same 404 as a row out of reach.
NOTHING = {"int": 0, "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}
STATIC = ("django.views.static", "django.contrib.staticfiles.views")
# Nearly everybody is one of them; what the others open is walked by the slow tests.
WALKED_FAST = Role.OFFICER
# Papers printed by whoever issues none are taken out: refused to the one reader who may not export.
ALSO_REFUSED = {("records:stack", Role.ASSISTANT)}


@dataclass(frozen=True)
class Address:
    name: str
    view: Callable[..., Any]
    url: str
    values: tuple[str, ...] = ()

    @property
    def capability(self) -> Can | None:
        return getattr(self.view, "capability", None)


def _kind(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


def _walk(resolver: URLResolver, spaces: tuple[str, ...], taken: dict[str, Any]) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        values = taken | {key: NOTHING[_kind(each)] for key, each in pattern.pattern.converters.items()}
        if isinstance(pattern, URLResolver):
            below = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern, below, values)
        elif isinstance(pattern, URLPattern) and pattern.callback.__module__ not in STATIC:
            name = ":".join([*spaces, str(pattern.name)])
            yield Address(name, pattern.callback, reverse(name, kwargs=values), tuple(values))


def addresses_of(resolver: URLResolver) -> list[Address]:
    """Every address of ours; ``values`` are the names of what its converters take."""
    return list(_walk(resolver, (), {}))


@pytest.fixture(scope="module")
def addresses() -> list[Address]:
    return addresses_of(get_resolver())


@pytest.fixture
def holder(
    bureau: Organisation, brigade: Organisation, station: Organisation, person: Callable[..., User]
) -> Callable[[Role], User]:
    homes = {home.kind: home for home in (bureau, brigade, station)}

    def make(role: Role) -> User:
        home = next(homes[kind] for kind in OrganisationKind if kind in ROLE_KINDS[role] and kind in homes)
        return person(role, home, role.label)

    return make


def _answer(client: Client, address: Address) -> int | str:
    """The status of a GET, or of a POST where only that is taken; the name of the error when the view breaks."""
    try:
        response = client.get(address.url)
        if response.status_code == 405:
            response = client.post(address.url)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return response.status_code


def _signed_in(client: Client, user: User) -> None:
    """Sign in again only where an address has signed the person out."""
    if SESSION_KEY not in client.session:
        client.force_login(user)


def test_every_view_is_a_function_that_names_its_capability_or_is_public(addresses: list[Address]) -> None:
    unnamed = [each.name for each in addresses if not hasattr(each.view, "capability")]
    classes = [each.name for each in addresses if hasattr(each.view, "view_class")]
    left_open = [
        each.name
        for each in addresses
        if each.capability is not None and getattr(each.view, "login_required", True) is False
    ]

    assert (unnamed, classes, left_open) == ([], [], [])
    assert len(addresses) > 20


def test_no_address_is_named_twice(addresses: list[Address]) -> None:
    assert len({each.name for each in addresses}) == len(addresses)


def _turned_away(address: Address, user: User, method: str) -> bool:
    """Whether the view refuses ``user`` before it asks the database, or what method this is, anything."""
    request = RequestFactory().generic(method, address.url)
    request.user = user
    try:
        address.view(request, **resolve(address.url).kwargs)
    except PermissionDenied:
        return True
    return False


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("role", list(Role))
def test_the_gate_of_every_address_refuses_a_role_that_may_not(
    role: Role, method: str, addresses: list[Address]
) -> None:
    closed = [each for each in addresses if each.capability is not None and each.capability not in ROLE_CAN[role]]
    user = User(role=role)

    assert closed
    assert [each.name for each in closed if not _turned_away(each, user, method)] == []


@pytest.mark.parametrize(
    "role", [pytest.param(role, marks=() if role == WALKED_FAST else pytest.mark.slow) for role in Role]
)
def test_a_role_opens_what_it_may_and_nothing_else(
    role: Role, addresses: list[Address], holder: Callable[[Role], User]
) -> None:
    user, client = holder(role), Client()
    wrong = []
    for address in addresses:
        _signed_in(client, user)
        may = address.capability is None or address.capability in ROLE_CAN[role]
        may = may and (address.name, role) not in ALSO_REFUSED
        status = _answer(client, address)
        if (status == 403) == may or isinstance(status, str) or status >= 500:
            wrong.append((address.name, str(address.capability), status))

    assert wrong == []


@pytest.mark.slow
def test_whoever_has_not_signed_in_is_led_to_the_sign_in_page(addresses: list[Address], db: None) -> None:
    client = Client()
    wrong = []
    for address in addresses:
        for ask in (client.get, client.post):
            response = ask(address.url)
            led = response.status_code == 302 and response["Location"].startswith(str(settings.LOGIN_URL))
            if led == (address.capability is None):
                wrong.append((address.name, response.status_code))

    assert wrong == []


@pytest.mark.slow
def test_a_disabled_person_opens_nothing(addresses: list[Address], holder: Callable[[Role], User]) -> None:
    user, client = holder(Role.CHIEF), Client()
    client.force_login(user)
    assert client.get(reverse("stations:me")).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)

    statuses = {client.get(each.url).status_code for each in addresses if each.capability is not None}

    assert statuses == {302}
