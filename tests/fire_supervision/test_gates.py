"""What is turned away before anybody looks at it, and who called."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from fire_supervision.gates import client_address, is_foreign
from stations.models import User
from trail.models import AuditEntry
from units.models import Unit

LOGIN = reverse("stations:login")
CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused(method: str) -> None:
    answer = Client().generic(method, LOGIN)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.django_db
def test_a_link_from_elsewhere_opens_a_page_and_everything_else_from_there_is_refused(
    browse: Callable[[User], Client], officer: User, unit: Unit
) -> None:
    client, page = browse(officer), reverse("unit_page", args=[unit.pk])

    assert client.get(page, headers=LINK).status_code == 200
    assert client.get(page, headers=CROSS).status_code == 403
    assert client.get(page, headers=LINK | {"Sec-Fetch-Dest": "iframe"}).status_code == 403
    assert client.post(page, headers=LINK).status_code == 403
    assert client.get(page, headers=LINK | {"Sec-Fetch-Site": "same-site"}).status_code == 200
    refused = client.post(reverse("stations:logout"), headers=LINK | {"Sec-Fetch-Site": "same-site"})
    assert (refused.status_code, "这个请求来自别的网站，没有办理" in refused.content.decode()) == (403, True)
    assert client.get(page, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_report_of_the_browser_comes_from_nowhere() -> None:
    make = RequestFactory()

    assert is_foreign(make.post("/csp/", headers=CROSS)) is False
    assert is_foreign(make.post(LOGIN, headers=CROSS)) is True


@pytest.mark.django_db
def test_what_is_too_large_is_told_so_before_it_is_read() -> None:
    client = Client(raise_request_exception=False)
    for content_type in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        answer = client.post(LOGIN, b"", content_type=content_type, CONTENT_LENGTH="9000000")
        assert (answer.status_code, "内容太大，没有收下" in answer.content.decode()) == (413, True)


@pytest.mark.django_db
def test_more_fields_than_any_form_has_are_too_large_too(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    answer = Client(raise_request_exception=False).post(LOGIN, {f"f{number}": "1" for number in range(20)})

    assert (answer.status_code, "内容太大，没有收下" in answer.content.decode()) == (413, True)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/units/?q=a%00b", "/units/?q%00=a", "/papers/?export=%00"])
def test_a_nul_is_refused_where_words_come_in(browse: Callable[[User], Client], officer: User, address: str) -> None:
    client = browse(officer)
    client.raise_request_exception = False

    assert client.get(address).status_code == 400
    assert client.post(reverse("stations:logout"), {"x": "a\0b"}).status_code == 400
    assert client.get(address.replace("%00", "")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2**63, 99999999999999999999, 10**200])
def test_a_number_no_row_can_have_is_not_found(browse: Callable[[User], Client], officer: User, number: int) -> None:
    assert browse(officer).get(f"/units/{number}/").status_code == 404


# ---------- who called ----------

PEER = "192.0.2.10"


def test_without_a_proxy_of_ours_nobody_says_who_he_is(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert client_address({"REMOTE_ADDR": PEER, "HTTP_X_FORWARDED_FOR": "198.51.100.1"}) == PEER


@pytest.mark.parametrize(
    ("hops", "told", "address"),
    [
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.66, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        # Past one of ours: nobody but who stands before us can be named.
        (2, "198.51.100.1", PEER),
        (1, "", PEER),
        (1, "unknown", PEER),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_address_is_what_the_outermost_of_our_proxies_saw(
    settings: Settings, hops: int, told: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = hops
    assert client_address({"REMOTE_ADDR": PEER, "HTTP_X_FORWARDED_FOR": told}) == address


@given(written=st.lists(st.one_of(st.ip_addresses().map(str), st.text(max_size=20)), max_size=5))
def test_nothing_a_caller_writes_himself_changes_who_he_is(written: list[str]) -> None:
    from django.test import override_settings

    told = ",".join([*written, "198.51.100.1"])
    with override_settings(TRUSTED_PROXIES=1):
        assert client_address({"REMOTE_ADDR": PEER, "HTTP_X_FORWARDED_FOR": told}) == "198.51.100.1"


def test_a_local_socket_has_no_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert client_address({"REMOTE_ADDR": ""}) is None


@pytest.mark.django_db
def test_trail_lock_and_limits_are_told_the_same_address(client: Client, settings: Settings, officer: User) -> None:
    from axes.models import AccessAttempt

    settings.TRUSTED_PROXIES = 1
    client.post(
        LOGIN, {"number": officer.number, "password": "wrong"}, headers={"X-Forwarded-For": "1.1.1.1, 198.51.100.1"}
    )

    assert AuditEntry.objects.get(action="stations.sign_in_failed").address == "198.51.100.1"
    assert AccessAttempt.objects.get().ip_address == "198.51.100.1"
