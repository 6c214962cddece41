"""Changing one's own password."""

from collections.abc import Callable

import pytest
from django.test import Client

from stations.models import User
from trail.models import AuditEntry

OLD, NEW = "xiang-jiang-2026", "bei-shan-8317-lu"
URL = "/password/"


@pytest.fixture
def enrolled(officer: User) -> User:
    officer.set_password(OLD)
    officer.save(update_fields=["password"])
    return officer


def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(
    browse: Callable[[User], Client], enrolled: User
) -> None:
    here, elsewhere = browse(enrolled), browse(enrolled)

    response = here.post(URL, {"old": OLD, "new": NEW, "again": NEW})

    assert response["Location"] == "/me/"
    enrolled.refresh_from_db()
    assert enrolled.check_password(NEW)
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert AuditEntry.objects.get().action == "stations.change_password"


@pytest.mark.parametrize(
    ("posted", "errors"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, {"old": ["原密码不正确"]}),
        ({"old": OLD, "new": NEW, "again": "other"}, {"again": ["两次输入的新密码不一样"]}),
        ({"old": OLD, "new": OLD, "again": OLD}, {"new": ["新密码和原密码一样，请换一个"]}),
        ({"old": OLD, "new": "q7-xk", "again": "q7-xk"}, {"new": ["太短，至少 15 位"]}),
        (
            {"old": OLD, "new": "kua-guo-100001-shan", "again": ""},
            {"new": ["不要用警号、姓名、单位名称和“消防”“公安”一类的词"], "again": ["请填写"]},
        ),
        (
            {"old": OLD, "new": "123456789123456789", "again": "123456789123456789"},
            {"new": ["这个密码太常见，请换一个"]},
        ),
    ],
)
def test_a_password_that_does_not_do_is_refused_at_its_field(
    browse: Callable[[User], Client], enrolled: User, posted: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = browse(enrolled).post(URL, posted)

    assert response.context["form"].errors == errors
    enrolled.refresh_from_db()
    assert enrolled.check_password(OLD)


def test_a_password_set_by_an_administrator_is_changed_before_anything_else(
    browse: Callable[[User], Client], enrolled: User
) -> None:
    User.objects.filter(pk=enrolled.pk).update(must_change_password=True)
    client = browse(enrolled)
    assert client.get("/me/")["Location"] == URL
    assert client.get(URL).status_code == 200

    client.post(URL, {"old": OLD, "new": NEW, "again": NEW})

    assert client.get("/me/").status_code == 200


def test_guessing_the_old_password_is_counted_like_at_the_door(
    browse: Callable[[User], Client], enrolled: User
) -> None:
    client = browse(enrolled)
    posted = {"old": "wrong", "new": NEW, "again": NEW}
    assert [client.post(URL, posted).status_code for _ in range(4)] == [200] * 4

    assert client.post(URL, posted)["Location"] == "/login/"
    assert client.get("/me/").status_code == 302
    assert client.post("/login/", {"number": enrolled.number, "password": OLD}).status_code == 429
    told = AuditEntry.objects.filter(action="stations.sign_in_failed", reason="修改密码时原密码不正确")
    assert (told.count(), AuditEntry.objects.filter(action="stations.lock").count()) == (5, 1)


def test_an_old_password_left_out_is_no_guess(browse: Callable[[User], Client], enrolled: User) -> None:
    client = browse(enrolled)

    assert [client.post(URL, {"new": NEW, "again": NEW}).status_code for _ in range(6)] == [200] * 6
    assert not AuditEntry.objects.exists()


def test_a_page_that_must_be_done_first_knows_how_long_the_session_lives(
    browse: Callable[[User], Client], enrolled: User
) -> None:
    User.objects.filter(pk=enrolled.pk).update(must_change_password=True)

    assert list(browse(enrolled).get("/session/", headers={"X-Poll": "1"}).json()) == ["seconds"]
