"""Signing in and out with the police number."""

from collections.abc import Callable

import pytest
from axes.models import AccessAttempt
from django.test import Client
from pytest_django import Settings

from stations.models import User
from trail.models import AuditEntry

PASSWORD = "xiang-jiang-2026"
URL = "/login/"


@pytest.fixture
def enrolled(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def entries() -> list[tuple[str, int | None, int | None]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "actor_id", "subject_id"))


def test_the_right_password_opens_the_workbench_and_the_trail_says_so(client: Client, enrolled: User) -> None:
    response = client.post(URL, {"number": enrolled.number, "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(enrolled.pk)
    assert entries() == [("stations.sign_in", enrolled.pk, enrolled.pk)]


def test_a_number_typed_in_full_width_with_spaces_is_understood(client: Client, enrolled: User) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in enrolled.number)

    assert client.post(URL, {"number": f" {wide} ", "password": PASSWORD}).status_code == 302


def test_a_wrong_password_an_unknown_number_and_a_disabled_person_read_the_same(
    client: Client, enrolled: User, partner: User
) -> None:
    partner.set_password(PASSWORD)
    partner.is_active = False
    partner.save(update_fields=["password", "is_active"])
    pages = []
    for number, password in ((enrolled.number, "wrong"), ("000000", PASSWORD), (partner.number, PASSWORD)):
        response = client.post(URL, {"number": number, "password": password})
        assert response.context["form"].errors == {"password": ["警号或密码不正确"]}
        assert "_auth_user_id" not in client.session
        content = response.content.decode().replace(number, "N")
        pages.append(content[content.index("<h2>登录</h2>") : content.index("</form>")])

    assert pages[0] == pages[1] == pages[2]


def test_a_failed_sign_in_keeps_the_number_names_the_field_and_is_in_the_trail(client: Client, enrolled: User) -> None:
    content = client.post(URL, {"number": enrolled.number, "password": "wrong"}).content.decode()

    assert f'value="{enrolled.number}"' in content
    assert 'href="#id_password"' in content
    assert "wrong" not in content
    assert entries() == [("stations.sign_in_failed", None, enrolled.pk)]
    assert AuditEntry.objects.get().summary == f"登录失败，警号 {enrolled.number}"


@pytest.mark.parametrize("typed", ["Xiang-jiang-2026", "湘江2026", "xj 2026", "9_9"])
def test_a_password_typed_as_the_number_is_kept_nowhere(client: Client, enrolled: User, typed: str) -> None:
    client.post(URL, {"number": typed, "password": "wrong"})

    entry = AuditEntry.objects.get()
    assert (entry.summary, entry.reason) == ("登录失败，警号 不是警号的内容", "没有这个警号")
    attempt = AccessAttempt.objects.get()
    assert attempt.username == "不是警号的内容"
    assert typed not in str([vars(entry), vars(attempt)])


def test_what_nobody_has_but_looks_like_a_number_is_kept_as_typed(client: Client, enrolled: User) -> None:
    client.post(URL, {"number": "AX-900", "password": "wrong"})

    assert AuditEntry.objects.get().summary == "登录失败，警号 AX-900"
    assert AccessAttempt.objects.get().username == "AX-900"


def test_what_is_no_number_is_never_locked(client: Client, enrolled: User) -> None:
    answers = [client.post(URL, {"number": f"my-word-{each}", "password": "wrong"}) for each in range(7)]

    assert [answer.status_code for answer in answers] == [200] * 7
    assert {action for action, *_ in entries()} == {"stations.sign_in_failed"}
    assert client.post(URL, {"number": enrolled.number, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("number", ["", "9" * 21])
def test_a_number_that_cannot_be_one_is_refused_at_its_field_and_not_kept(
    client: Client, db: None, number: str
) -> None:
    response = client.post(URL, {"number": number, "password": PASSWORD})

    assert list(response.context["form"].errors) == ["number"]
    assert entries() == []


@pytest.mark.parametrize("password", ["", "9" * 129])
def test_a_password_that_cannot_be_one_is_nobody_s_failure(client: Client, enrolled: User, password: str) -> None:
    response = client.post(URL, {"number": enrolled.number, "password": password})

    assert list(response.context["form"].errors) == ["password"]
    assert entries() == []


def test_an_empty_post_is_answered_like_an_empty_form(client: Client, db: None) -> None:
    assert list(client.post(URL).context["form"].errors) == ["number", "password"]


def test_only_a_demo_shows_an_account_of_each_role(
    client: Client, enrolled: User, partner: User, chief: User, settings: Settings
) -> None:
    assert "demo_accounts" not in client.get(URL).context
    settings.DEMO = True

    shown = client.get(URL).context["demo_accounts"]

    assert shown == [{"label": "民警", "number": enrolled.number}, {"label": "所长", "number": chief.number}]


def test_the_page_asked_for_opens_after_sign_in(client: Client, enrolled: User) -> None:
    asked = client.get("/me/")
    assert asked["Location"] == "/login/?next=/me/"

    response = client.post("/login/?next=/me/", {"number": enrolled.number, "password": PASSWORD, "next": "/me/"})

    assert response["Location"] == "/me/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_sign_in_leads_to_no_other_site(client: Client, enrolled: User, target: str) -> None:
    response = client.post(URL, {"number": enrolled.number, "password": PASSWORD, "next": target})

    assert response["Location"] == "/"


def test_whoever_is_signed_in_is_sent_on_from_the_sign_in_page(browse: Callable[[User], Client], officer: User) -> None:
    assert browse(officer).get(URL)["Location"] == "/"


def test_signing_out_takes_a_post(browse: Callable[[User], Client], officer: User) -> None:
    client = browse(officer)
    assert client.get("/logout/").status_code == 405
    assert client.get("/me/").status_code == 200

    assert client.post("/logout/")["Location"] == URL
    assert client.get("/me/").status_code == 302
    assert entries() == [("stations.sign_out", officer.pk, officer.pk)]


def test_the_next_request_of_a_disabled_person_is_out(browse: Callable[[User], Client], officer: User) -> None:
    client = browse(officer)
    assert client.get("/me/").status_code == 200

    User.objects.filter(pk=officer.pk).update(is_active=False)

    assert client.get("/me/")["Location"] == "/login/?next=/me/"
