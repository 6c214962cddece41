"""Passkeys: made for oneself, asked at sign-in and before papers, worthless for another site, person or challenge."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential
from pytest_django import Settings

from stations import second_factor
from stations.models import User
from stations.sessions import SessionStore
from tests.stations.authenticator import ORIGIN, Authenticator, text
from trail.models import AuditEntry

PASSWORD = "xiang-jiang-2026"
JSON = "application/json"


@pytest.fixture(autouse=True)
def _here(settings: Settings) -> None:
    settings.OTP_WEBAUTHN_RP_ID, settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = "testserver", [ORIGIN]


@pytest.fixture
def enrolled(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def enrol(client: Client, key: Authenticator, name: str = "办公电脑") -> Any:
    options = client.post("/me/factors/passkey/", {}, JSON).json()
    return client.post("/me/factors/passkey/made/", key.create(options) | {"name": name}, JSON)


@pytest.fixture
def key(browse: Callable[[User], Client], enrolled: User) -> Authenticator:
    """A passkey the officer has enrolled."""
    made = Authenticator()
    assert enrol(browse(enrolled), made).status_code == 200
    return made


def gives_password(user: User) -> Client:
    client = Client()
    client.post("/login/?next=/me/", {"number": user.number, "password": PASSWORD, "next": "/me/"})
    return client


def challenge(client: Client) -> dict[str, Any]:
    options: dict[str, Any] = client.post("/passkey/", {}, JSON).json()
    return options


def test_a_passkey_is_made_named_and_in_the_trail(browse: Callable[[User], Client], officer: User) -> None:
    answer = enrol(browse(officer), Authenticator())

    assert answer.json() == {"next": "/me/factors/"}
    assert [(each.kind, each.name) for each in second_factor.factors(officer)] == [("passkey", "办公电脑")]
    assert AuditEntry.objects.get().action == "stations.add_factor"


def test_who_came_by_a_passkey_first_is_told_to_print_recovery_codes(
    browse: Callable[[User], Client], officer: User
) -> None:
    client = browse(officer)
    enrol(client, Authenticator())
    assert "现在一个也没有，请生成并打印保管" in client.get("/me/factors/").content.decode()

    client.post("/me/factors/codes/")

    assert "现在一个也没有" not in client.get("/me/factors/").content.decode()


def test_a_key_somebody_has_enrolled_is_not_enrolled_again(
    browse: Callable[[User], Client], partner: User, key: Authenticator
) -> None:
    assert enrol(browse(partner), key).status_code == 422
    assert (second_factor.factors(partner), WebAuthnCredential.objects.count()) == ([], 1)
    assert not AuditEntry.objects.filter(actor_id=partner.pk, action="stations.add_factor").exists()


def test_it_opens_the_door_after_the_password(enrolled: User, key: Authenticator) -> None:
    client = gives_password(enrolled)
    assert client.get("/me/").status_code == 302

    answer = client.post("/login/second/passkey/", key.get(challenge(client)), JSON)

    assert answer.json() == {"next": "/me/"}
    assert client.get("/me/").status_code == 200
    assert AuditEntry.objects.latest("pk").after["factor"] == "通行密钥"
    assert client.cookies["device"].value


def refused(client: Client, answer: dict[str, Any]) -> bool:
    response = client.post("/login/second/passkey/", answer, JSON)
    return response.status_code == 422 and client.get("/me/").status_code == 302


def test_a_signature_made_for_another_site_opens_nothing(enrolled: User, key: Authenticator) -> None:
    client = gives_password(enrolled)
    key.origin = "https://testserver.example"
    assert refused(client, key.get(challenge(client)))


def test_a_challenge_is_answered_once(enrolled: User, key: Authenticator) -> None:
    client = gives_password(enrolled)
    answer = key.get(challenge(client))
    assert client.post("/login/second/passkey/", answer, JSON).status_code == 200

    assert refused(gives_password(enrolled), answer)


def test_a_key_that_looked_at_nobody_is_neither_taken_nor_believed(
    browse: Callable[[User], Client], enrolled: User, key: Authenticator
) -> None:
    assert enrol(browse(enrolled), Authenticator(looks=False)).status_code == 422
    key.looks = False
    client = gives_password(enrolled)

    assert refused(client, key.get(challenge(client)))
    assert WebAuthnCredential.objects.count() == 1


def test_the_browser_is_told_that_the_owner_is_to_be_looked_at(
    browse: Callable[[User], Client], enrolled: User, key: Authenticator
) -> None:
    made = browse(enrolled).post("/me/factors/passkey/", {}, JSON).json()

    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert challenge(gives_password(enrolled))["userVerification"] == "required"


@pytest.mark.parametrize(("minutes", "status"), [(4.9, 200), (5, 422)])
def test_a_challenge_is_answered_within_five_minutes(
    browse: Callable[[User], Client], enrolled: User, key: Authenticator, minutes: float, status: int
) -> None:
    client, now = browse(enrolled), timezone.now()
    with time_machine.travel(now, tick=False):
        options = challenge(client)
    with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
        assert client.post("/step-up/passkey/?next=/me/", key.get(options), JSON).status_code == status


def test_of_two_answers_at_once_one_is_taken(enrolled: User, key: Authenticator) -> None:
    client = gives_password(enrolled)
    challenge(client)
    stores = [SessionStore(client.session.session_key) for _ in range(2)]
    taken = []
    for store in stores:
        assert store["challenge"]["for"] == "get"
    for store in stores:
        request = HttpRequest()
        request.session = store
        try:
            taken.append(second_factor._challenge(request, enrolled, "get")["for"])
        except second_factor.NotProved:
            taken.append("")
        store.save()

    assert (taken, "challenge" in client.session) == (["get", ""], False)


def test_an_answer_without_a_challenge_opens_nothing(enrolled: User, key: Authenticator) -> None:
    assert refused(gives_password(enrolled), key.get({"challenge": text(b"0" * 32), "rpId": "testserver"}))


def test_the_passkey_of_another_opens_nothing(
    browse: Callable[[User], Client], enrolled: User, partner: User, key: Authenticator
) -> None:
    theirs = Authenticator()
    enrol(browse(partner), theirs)
    client = gives_password(enrolled)

    assert refused(client, theirs.get(challenge(client)))


def test_a_copied_passkey_is_noticed_by_its_count(enrolled: User, key: Authenticator) -> None:
    client = gives_password(enrolled)
    client.post("/login/second/passkey/", key.get(challenge(client)), JSON)
    key.count = 0

    again = gives_password(enrolled)
    assert refused(again, key.get(challenge(again)))


@pytest.mark.slow
@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"id": 7}', '{"response": []}', '{"id": "x", "rawId": "!"}'])
def test_an_answer_made_by_hand_is_refused_and_counted(enrolled: User, key: Authenticator, body: str) -> None:
    client = gives_password(enrolled)
    challenge(client)

    assert client.post("/login/second/passkey/", body, JSON).status_code == 422
    assert AuditEntry.objects.latest("pk").action == "stations.sign_in_failed"


def test_who_has_given_no_password_is_asked_nothing(client: Client, enrolled: User, key: Authenticator) -> None:
    assert client.post("/passkey/", {}, JSON).status_code == 422
    assert client.post("/login/second/passkey/", {}, JSON).status_code == 422


def test_a_challenge_to_make_one_cannot_be_used_to_come_in(
    browse: Callable[[User], Client], enrolled: User, key: Authenticator
) -> None:
    client = browse(enrolled)
    options = client.post("/me/factors/passkey/", {}, JSON).json()

    answer = key.get({"challenge": options["challenge"], "rpId": "testserver"})

    assert client.post("/step-up/passkey/?for=VOID_PAPERS&next=/me/", answer, JSON).status_code == 422


def test_a_name_is_asked_and_the_same_device_is_not_offered_twice(
    browse: Callable[[User], Client], enrolled: User, key: Authenticator
) -> None:
    client = browse(enrolled)
    assert enrol(client, Authenticator(), name="").status_code == 422

    options = client.post("/me/factors/passkey/", {}, JSON).json()

    assert [each["id"] for each in options["excludeCredentials"]] == [text(key.id)]
    assert WebAuthnCredential.objects.filter(user=enrolled).count() == 1


def test_it_proves_again_before_papers(browse: Callable[[User], Client], enrolled: User, key: Authenticator) -> None:
    client = browse(enrolled)

    answer = client.post("/step-up/passkey/?for=VOID_PAPERS&next=/me/", key.get(challenge(client)), JSON)

    assert answer.json() == {"next": "/me/"}
    assert list(client.session["stamps"]) == ["VOID_PAPERS"]
