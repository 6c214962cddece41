"""How often the pages open to everybody may be asked for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from pytest_django import Settings

from fire_supervision.limits import LIMITS
from stations.entrances import Knock
from stations.knocks import WINDOW, knock, knocks
from stations.models import User
from tests.fire_supervision.test_access import addresses_of
from tests.stations.keys import totp_of

LOGIN = reverse("stations:login")
PASSWORD = "xiang-jiang-2026"
WRONG = {"number": "040191", "password": "x"}
# What the test client comes from.
HERE = "127.0.0.1"
# Leads to where the session says, and changes nothing.
UNCOUNTED = {"styleguide"}


def test_every_page_open_to_everybody_has_its_limit() -> None:
    opened = {each.name for each in addresses_of(get_resolver()) if each.capability is None}

    assert opened - UNCOUNTED == set(LIMITS)


@pytest.mark.django_db
def test_who_asks_too_often_is_told_when_to_come_again(client: Client, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 2
    for number in ("040191", "040192"):
        assert client.post(LOGIN, {"number": number, "password": "x"}).status_code == 200
    refused = client.post(LOGIN, {"number": "040193", "password": "x"})

    assert refused.status_code == 429
    assert "请 10 分钟后再试" in " ".join(refused.content.decode().split())
    assert 590 <= int(refused["Retry-After"]) <= 601
    # The page itself stands open, and so do other addresses.
    assert client.get(LOGIN).status_code == 200
    assert client.post(LOGIN, WRONG, REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.fixture
def enrolled(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def enters(client: Client, user: User) -> int:
    return client.post(LOGIN, {"number": user.number, "password": PASSWORD}).status_code


def test_who_comes_in_is_not_counted_however_many_share_an_address(enrolled: User, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 2

    assert [enters(Client(), enrolled) for _ in range(5)] == [302] * 5
    assert Client().post(LOGIN, WRONG).status_code == 200


def test_devices_somebody_is_known_on_come_in_past_a_neighbour_who_fails(enrolled: User, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 2
    own = Client()
    enters(own, enrolled)
    own.post("/logout/")
    for number in ("040191", "040192"):
        Client().post(LOGIN, {"number": number, "password": "x"})

    assert (enters(Client(), enrolled), enters(own, enrolled)) == (429, 302)


def test_a_device_somebody_is_known_on_counts_its_own_failures(enrolled: User, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 2
    own = Client()
    enters(own, enrolled)
    own.post("/logout/")
    for number in ("040191", "040192"):
        own.post(LOGIN, {"number": number, "password": "x"})

    assert (enters(own, enrolled), enters(Client(), enrolled)) == (429, 302)


@pytest.mark.slow
def test_one_who_hammers_at_his_own_number_shuts_out_himself_and_not_the_station(
    enrolled: User, settings: Settings
) -> None:
    settings.RATE_SIGN_IN, settings.AXES_FAILURE_LIMIT = 8, 5
    hammered = [Client().post(LOGIN, {"number": "０40191", "password": "x"}).status_code for _ in range(14)]

    # Four wrong ones, the lock, and after eight more not even looked at.
    assert hammered == [200] * 4 + [429] * 10
    assert [knocks("sign_in", who, timezone.now())[0] for who in (HERE, f"{HERE} 040191")] == [5, 8]
    assert enters(Client(), enrolled) == 302


def test_wrong_codes_and_passkeys_count_and_asking_for_a_challenge_does_not(enrolled: User, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 3
    totp_of(enrolled)
    client = Client()
    enters(client, enrolled)
    for _ in range(5):
        assert client.post("/passkey/", {}, "application/json").status_code == 200
    client.post("/login/second/", {"code": "000000"})
    client.post("/login/second/passkey/", {}, "application/json")
    assert knocks("sign_in", HERE, timezone.now())[0] == 2
    client.post("/login/second/", {"code": "000000"})

    for page in ("/login/second/", "/passkey/", "/login/second/passkey/", LOGIN):
        assert client.post(page).status_code == 429


@pytest.mark.django_db
def test_after_the_window_it_begins_anew(client: Client, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 1
    client.post(LOGIN, WRONG)
    assert client.post(LOGIN, WRONG).status_code == 429
    Knock.objects.update(until=timezone.now())

    assert client.post(LOGIN, WRONG).status_code == 200
    assert Knock.objects.get().count == 1


@pytest.mark.django_db
def test_one_link_is_counted_whoever_asks(client: Client, settings: Settings) -> None:
    settings.RATE_VERIFY = 2
    page = reverse("verify", args=["x" * 22])
    asked = [client.get(page, REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(4)]

    assert asked == [404, 404, 429, 429]
    assert client.get(reverse("verify", args=["y" * 22])).status_code == 404


@pytest.mark.django_db
def test_a_device_with_a_new_ipv6_address_each_time_is_one(client: Client, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 1
    asked = [client.post(LOGIN, WRONG, REMOTE_ADDR=f"2001:db8:1:2::{number}").status_code for number in range(1, 4)]

    assert asked == [200, 429, 429]
    assert client.post(LOGIN, WRONG, REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


@pytest.mark.django_db
def test_nought_counts_nothing(client: Client, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 0
    client.post(LOGIN, WRONG)

    assert not Knock.objects.exists()


@pytest.mark.django_db
def test_what_is_over_is_not_kept_and_nobody_can_be_read_from_what_is() -> None:
    at = timezone.now()
    assert knock("verify", "192.0.2.1", at) == (1, at + WINDOW)
    assert knock("verify", "192.0.2.1", at + timedelta(minutes=9)) == (2, at + WINDOW)
    assert knock("receipt", "192.0.2.1", at)[0] == 1
    assert knock("verify", "192.0.2.1", at + WINDOW) == (1, at + 2 * WINDOW)

    assert Knock.objects.count() == 1
    assert "192.0.2.1" not in Knock.objects.get().key
