"""How often the pages open to everybody may be asked for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from pytest_django import Settings

from fire_supervision.limits import LIMITS
from stations.entrances import Knock
from stations.knocks import WINDOW, knock
from tests.fire_supervision.test_access import addresses_of

LOGIN = reverse("stations:login")
# Leads to where the session says, and changes nothing.
UNCOUNTED = {"styleguide"}


def test_every_page_open_to_everybody_has_its_limit() -> None:
    opened = {each.name for each in addresses_of(get_resolver()) if each.capability is None}

    assert opened - UNCOUNTED == set(LIMITS)


@pytest.mark.django_db
def test_who_asks_too_often_is_told_when_to_come_again(client: Client, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 2
    for _ in range(2):
        assert client.post(LOGIN, {"number": "1", "password": "x"}).status_code == 200
    refused = client.post(LOGIN, {"number": "1", "password": "x"})

    assert refused.status_code == 429
    assert "请 10 分钟后再试" in " ".join(refused.content.decode().split())
    assert 590 <= int(refused["Retry-After"]) <= 601
    # The page itself stands open, and so do other addresses.
    assert client.get(LOGIN).status_code == 200
    assert client.post(LOGIN, {"number": "1", "password": "x"}, REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.django_db
def test_after_the_window_it_begins_anew(client: Client, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 1
    client.post(LOGIN, {})
    assert client.post(LOGIN, {}).status_code == 429
    Knock.objects.update(until=timezone.now())

    assert client.post(LOGIN, {}).status_code == 200
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
    asked = [client.post(LOGIN, {}, REMOTE_ADDR=f"2001:db8:1:2::{number}").status_code for number in range(1, 4)]

    assert asked == [200, 429, 429]
    assert client.post(LOGIN, {}, REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


@pytest.mark.django_db
def test_nought_counts_nothing(client: Client, settings: Settings) -> None:
    settings.RATE_SIGN_IN = 0
    client.post(LOGIN, {})

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
