"""A password an administrator has set ends by itself; accounts nobody uses are found."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from stations import actions
from stations.actions import NewPerson
from stations.models import Organisation, User
from stations.permissions import Role
from trail.models import AuditEntry

NOW = datetime(2026, 9, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
WEEK = timedelta(days=7)
OVER = "初始密码 7 天内没有使用，已经失效，请联系系统管理员重设。"


@pytest.fixture
def opened(system_admin: User, station: Organisation) -> tuple[User, str]:
    """An account opened at nine, and the password handed over."""
    with time_machine.travel(NOW, tick=False):
        return actions.create_person(system_admin, NewPerson("200001", "新民警", Role.OFFICER, station), NOW.date())


def tried(number: str, password: str, at: datetime) -> list[str] | None:
    """What the sign-in page says at ``at``; None where it opens."""
    with time_machine.travel(at, tick=False):
        response = Client().post("/login/", {"number": number, "password": password})
    return None if response.status_code == 302 else response.context["form"].errors["password"]


def test_a_first_password_opens_for_a_week(opened: tuple[User, str]) -> None:
    person, password = opened

    assert tried(person.number, password, NOW + WEEK - timedelta(seconds=1)) is None
    assert tried(person.number, password, NOW + WEEK) == [OVER]


def test_only_whoever_has_it_is_told_that_it_is_over_and_the_trail_tells_the_auditor(opened: tuple[User, str]) -> None:
    person, password = opened
    assert tried(person.number, "wrong", NOW + WEEK) == ["警号或密码不正确"]
    tried(person.number, password, NOW + WEEK)

    assert AuditEntry.objects.latest("pk").reason == "初始密码已过期"


def test_a_new_one_of_the_administrator_opens_for_another_week(system_admin: User, opened: tuple[User, str]) -> None:
    person, _ = opened
    _, password = actions.reset_password(system_admin, person.pk, NOW + WEEK)

    assert tried(person.number, password, NOW + WEEK + timedelta(days=6)) is None
    assert tried(person.number, password, NOW + 2 * WEEK) == [OVER]


def test_a_password_of_one_s_own_does_not_end_so(opened: tuple[User, str]) -> None:
    person, _ = opened
    actions.change_own_password(person, "lan-yu-qing-4417", NOW)

    assert tried(person.number, "lan-yu-qing-4417", NOW + 10 * WEEK) is None


def test_nought_days_end_nothing_and_the_page_that_hands_it_over_says_how_long(
    browse: Callable[[User], Client], opened: tuple[User, str], system_admin: User, settings: Settings
) -> None:
    person, _ = opened
    page = f"/people/{person.pk}/password/"
    assert "7 天内登录并修改，过期失效" in browse(system_admin).post(page).content.decode()
    settings.FIRST_PASSWORD_DAYS = 0
    handed = browse(system_admin).post(page)
    assert "首次登录须修改" in handed.content.decode()

    assert tried(person.number, handed.context["accounts"][0][1], NOW + 100 * WEEK) is None


def test_at_the_server_the_last_administrator_gets_a_new_one(system_admin: User) -> None:
    out = StringIO()
    call_command("new_password", system_admin.number, stdout=out)

    role, number, name, password = out.getvalue().split()
    assert (role, number, name) == ("系统管理员", system_admin.number, "钱系统")
    system_admin.refresh_from_db()
    assert (system_admin.check_password(password), system_admin.must_change_password) == (True, True)
    told = list(AuditEntry.objects.order_by("id").values_list("action", "actor_name"))
    assert told == [("stations.reset_password", "系统"), ("trail.alarm", "系统")]
    with pytest.raises(CommandError, match="Nobody at work has the number 999999"):
        call_command("new_password", "999999")


# ---------- accounts nobody uses ----------


def listed(client: Client) -> list[str]:
    with time_machine.travel(NOW, tick=False):
        return [person.name for person in client.get("/people/", {"state": "unused"}).context["page"].rows]


@pytest.fixture
def accounts(person: Callable[..., User], station: Organisation, system_admin: User) -> User:
    """Who signed in last so many days before, and since when there is the account."""
    for name, signed_in, days in (
        ("常用", 1, 400), ("刚到期限", 90, 400), ("久未登录", 91, 400), ("从未登录", None, 91), ("新开", None, 89),
    ):  # fmt: skip
        user = person(Role.OFFICER, station, name)
        last = None if signed_in is None else NOW - timedelta(days=signed_in)
        User.objects.filter(pk=user.pk).update(last_login=last, created_at=NOW - timedelta(days=days))
    stopped = person(Role.OFFICER, station, "已停用", is_active=False)
    User.objects.filter(pk=stopped.pk).update(created_at=NOW - timedelta(days=400))
    return system_admin


def test_accounts_not_used_for_ninety_days_are_listed(browse: Callable[[User], Client], accounts: User) -> None:
    assert sorted(listed(browse(accounts))) == ["久未登录", "从未登录"]


def test_how_long_is_a_setting(browse: Callable[[User], Client], accounts: User, settings: Settings) -> None:
    settings.UNUSED_DAYS = 89
    assert sorted(listed(browse(accounts))) == ["久未登录", "从未登录", "刚到期限"]
