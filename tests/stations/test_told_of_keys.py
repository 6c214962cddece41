"""Whoever's keys change is told: his password, his factors, by his own hand or by an administrator's."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from stations import actions, securing
from stations.models import User
from tests.stations.keys import totp_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
NEW = "mo-xian-qing-yu-27"
Admins = dict[str, User]


@pytest.fixture
def admins(system_admin: User, security_admin: User) -> Admins:
    return {"system": system_admin, "security": security_admin}


def changes_password(user: User, admins: Admins) -> None:
    actions.change_own_password(user, NEW, NOW)


def password_is_reset(user: User, admins: Admins) -> None:
    actions.reset_password(admins["system"], user.pk, NOW)


def number_is_changed(user: User, admins: Admins) -> None:
    actions.edit_person(admins["system"], user.pk, {"number": "049999"})


def gives_up_a_factor(user: User, admins: Admins) -> None:
    securing.remove_factor(user, "totp", totp_of(user).pk, is_needed=False)


def factors_are_reset(user: User, admins: Admins) -> None:
    totp_of(user)
    securing.reset_factors(admins["security"], user, "手机丢失")


@pytest.mark.parametrize(
    ("act", "title"),
    [
        (changes_password, "您的密码已修改"),
        (password_is_reset, "您的密码已由系统管理员重设"),
        (number_is_changed, "您的警号已由系统管理员改为 049999，请用它登录"),
        (gives_up_a_factor, "您的账号移除了动态码"),
        (factors_are_reset, "您的第二验证已由安全管理员重设"),
    ],
)
def test_each_change_of_keys_is_told_to_their_owner_alone(
    officer: User, admins: Admins, act: Callable[[User, Admins], None], title: str
) -> None:
    act(officer, admins)

    (told,) = officer.inbox.all()
    assert (told.title, told.url) == (title, "/me/sessions/")
    assert [admin.inbox.count() for admin in admins.values()] == [0, 0]


def fails(number: str, times: int, agent: str = "x") -> int:
    """The answer to the last of ``times`` wrong passwords."""
    sent = {"number": number, "password": "wrong-wrong-wrong"}
    return [Client(headers={"user-agent": agent}).post("/login/", sent).status_code for _ in range(times)][-1]


def test_another_number_ends_the_sessions_and_takes_the_lock_along(
    officer: User, admins: Admins, browse: Callable[[User], Client]
) -> None:
    """To unlock is the security administrator's alone: the number is not written to and fro instead."""
    number, phone = officer.number, browse(officer)
    fails("049999", 1)
    assert (fails(number, 3, "x"), fails(number, 2, "y")) == (200, 429)

    actions.edit_person(admins["system"], officer.pk, {"number": "049999"})

    assert phone.get("/me/").status_code == 302
    assert (fails(number, 1), fails("049999", 1)) == (200, 429)
    actions.edit_person(admins["system"], officer.pk, {"number": number})
    assert (fails(number, 1), fails("049999", 1)) == (429, 200)
    assert officer.inbox.count() == 2


def test_another_name_is_no_key(officer: User, admins: Admins, browse: Callable[[User], Client]) -> None:
    phone = browse(officer)

    actions.edit_person(admins["system"], officer.pk, {"number": officer.number, "name": "李建平平"})

    assert (phone.get("/me/").status_code, officer.inbox.count()) == (200, 0)


def test_a_change_that_was_asked_for_at_the_door_is_no_news(officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(must_change_password=True)
    officer.refresh_from_db()

    actions.change_own_password(officer, NEW, NOW)

    assert officer.inbox.count() == 0
