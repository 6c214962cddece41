"""Sessions: what they are called, when they end, who ends them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pkgutil import resolve_name
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.handlers.base import BaseHandler
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stations import actions
from stations.entrances import UserSession
from stations.models import Organisation, User
from stations.permissions import Role
from stations.views.keys import mark_of
from tests.stations.keys import session_of
from trail.models import AuditEntry

PASSWORD, NEW = "xiang-jiang-2026", "mo-xian-qing-yu-27"
NOW = datetime(2026, 9, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 MicroMessenger/8.0"
POLL = {"headers": {"x-poll": "1"}}


@pytest.fixture
def enrolled(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def signed_in(user: User, at: datetime = NOW, agent: str = PHONE) -> Client:
    client = Client(headers={"user-agent": agent})
    with time_machine.travel(at, tick=False):
        assert client.post("/login/", {"number": user.number, "password": PASSWORD}).status_code == 302
    return client


def status(client: Client, after: timedelta, **more: object) -> int:
    with time_machine.travel(NOW + after, tick=False):
        return client.get("/me/", **more).status_code  # type: ignore[arg-type]


def test_a_session_tells_device_address_and_times(enrolled: User) -> None:
    client = signed_in(enrolled)

    row = UserSession.objects.get(user=enrolled)
    assert (row.device, row.address, row.since, row.used_at) == ("安卓设备 微信", "127.0.0.1", NOW, NOW)
    assert client.cookies["sessionid"]["max-age"] == ""
    assert client.cookies["sessionid"]["httponly"]


def test_the_key_changes_when_somebody_signs_in(enrolled: User) -> None:
    client = Client()
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    client.post("/login/", {"number": enrolled.number, "password": PASSWORD})

    assert client.session.session_key != before
    assert not UserSession.objects.filter(pk=before).exists()


def test_a_session_nobody_uses_ends_and_the_sign_in_page_says_why(enrolled: User, settings: Settings) -> None:
    settings.IDLE_MINUTES_DOOR = 30
    client = signed_in(enrolled)
    assert status(client, timedelta(minutes=29)) == 200
    assert status(client, timedelta(minutes=58)) == 200

    with time_machine.travel(NOW + timedelta(minutes=88), tick=False):
        led = client.get("/me/")
        assert led["Location"] == "/login/?next=/me/"
        assert "长时间没有操作，已自动退出" in client.get(led["Location"]).content.decode()
    told = AuditEntry.objects.get(action="stations.session_over")
    assert (told.actor_id, told.reason) == (enrolled.pk, "长时间没有操作")


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(enrolled: User, settings: Settings) -> None:
    settings.IDLE_MINUTES_DOOR = 30
    client = signed_in(enrolled)
    assert status(client, timedelta(minutes=20), **POLL) == 200

    assert status(client, timedelta(minutes=31), **POLL) == 302


def test_a_desk_has_less_time_than_the_door(enrolled: User, system_admin: User, settings: Settings) -> None:
    settings.IDLE_MINUTES, settings.IDLE_MINUTES_DOOR = 15, 240
    system_admin.set_password(PASSWORD)
    system_admin.save(update_fields=["password"])
    door, desk = signed_in(enrolled), signed_in(system_admin)

    assert (status(door, timedelta(minutes=16)), status(desk, timedelta(minutes=16))) == (200, 302)


def test_a_session_ends_after_a_shift_however_busy(enrolled: User) -> None:
    client = signed_in(enrolled)
    for hour in range(1, 12):
        assert status(client, timedelta(hours=hour)) == 200

    assert status(client, timedelta(hours=12)) == 302
    assert AuditEntry.objects.get(action="stations.session_over").reason == "登录满时限"


def test_the_page_asks_how_long_is_left_and_one_tap_stays(enrolled: User, settings: Settings) -> None:
    settings.IDLE_MINUTES_DOOR = 30
    client = signed_in(enrolled)
    with time_machine.travel(NOW + timedelta(minutes=28), tick=False):
        assert client.get("/session/", **POLL).json() == {"seconds": 120}  # type: ignore[arg-type]
        assert client.post("/session/").json() == {"seconds": 1800}
    assert status(client, timedelta(minutes=57)) == 200


def test_using_a_session_is_written_once_a_minute_not_once_a_click(
    enrolled: User, queries: Callable[[Callable[[], object]], int]
) -> None:
    client = signed_in(enrolled)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        within = queries(lambda: client.get("/me/"))
    with time_machine.travel(NOW + timedelta(seconds=90), tick=False):
        later = queries(lambda: client.get("/me/"))
        again = queries(lambda: client.get("/me/"))

    # One write, in a transaction of its own.
    assert (later - within, again - within) == (3, 0)


# ---------- ending them ----------


def test_one_s_own_sessions_are_listed_with_this_one_first_and_no_key(
    browse: Callable[[User], Client], officer: User, partner: User
) -> None:
    elsewhere, strangers = session_of(officer), session_of(partner)
    client = browse(officer)

    response = client.get("/me/sessions/")

    rows = response.context["rows"]
    assert [(row.pk, here) for row, _, here in rows] == [(client.session.session_key, True), (elsewhere.pk, False)]
    content = response.content.decode()
    assert not any(key in content for key in (elsewhere.pk, strangers.pk, client.session.session_key))


def test_the_list_costs_the_same_with_one_and_with_three(
    browse: Callable[[User], Client], officer: User, queries: Callable[[Callable[[], object]], int]
) -> None:
    client = browse(officer)
    one = queries(lambda: client.get("/me/sessions/"))
    session_of(officer), session_of(officer)

    assert queries(lambda: client.get("/me/sessions/")) == one <= 12


def test_one_session_is_ended_and_the_others_stay(browse: Callable[[User], Client], officer: User) -> None:
    here, there = browse(officer), browse(officer)
    mark = mark_of(UserSession.objects.get(pk=there.session.session_key))

    here.post(f"/me/sessions/{mark}/end/")

    assert (here.get("/me/").status_code, there.get("/me/").status_code) == (200, 302)
    assert AuditEntry.objects.get().action == "stations.end_session"


def test_all_others_end_at_once(browse: Callable[[User], Client], officer: User, partner: User) -> None:
    here, there, third, strangers = browse(officer), browse(officer), browse(officer), browse(partner)

    here.post("/me/sessions/end/")

    statuses = [client.get("/me/").status_code for client in (here, there, third, strangers)]
    assert statuses == [200, 302, 302, 200]
    assert AuditEntry.objects.get().summary == "李建平结束其他 2 处登录"


def test_nobody_ends_the_session_of_another(browse: Callable[[User], Client], officer: User, partner: User) -> None:
    theirs = session_of(partner)

    assert browse(officer).post(f"/me/sessions/{mark_of(theirs)}/end/").status_code == 404
    assert UserSession.objects.filter(pk=theirs.pk).exists()


def test_the_last_ten_times_of_signing_in_are_listed(enrolled: User) -> None:
    client = Client()
    for _ in range(6):
        client.post("/login/", {"number": enrolled.number, "password": PASSWORD})
        client.post("/logout/")
    client.post("/login/", {"number": enrolled.number, "password": PASSWORD})

    history = client.get("/me/sessions/").context["history"]

    assert [words for _, words in history] == ["登录", "退出"] * 5


@pytest.mark.parametrize("act", ["disable", "move", "reset"])
def test_an_act_of_the_administrator_ends_every_session_and_the_offline_sync(
    browse: Callable[[User], Client], system_admin: User, officer: User, sibling: Organisation, act: str
) -> None:
    phone, desk = browse(officer), browse(officer)
    assert phone.get("/me/").status_code == 200
    today = date(2026, 9, 22)
    {
        "disable": lambda: actions.disable_person(system_admin, officer.pk, "离职"),
        "move": lambda: actions.move_person(system_admin, officer.pk, Role.OFFICER, sibling, "交流", today),
        "reset": lambda: actions.reset_password(system_admin, officer.pk, timezone.now()),
    }[act]()

    assert UserSession.objects.filter(user=officer).count() == 0
    synced = phone.post("/inspections/1/rows/1/", {"result": "PASS"}, headers={"hx-request": "true"})
    assert (synced.status_code, synced["Location"]) == (302, "/login/?next=/")
    assert desk.get("/me/").status_code == 302


@pytest.mark.parametrize(
    ("during", "page", "sent"),
    [
        ("stations.views.entrance.authenticate", "/step-up/?next=/me/", {"password": PASSWORD}),
        ("stations.securing.confirm_totp", "/me/factors/totp/", {"code": "123456", "name": "我的手机"}),
        ("stations.views.account.update_session_auth_hash", "/password/", {"old": PASSWORD, "new": NEW, "again": NEW}),
        # No new key, but words for the next page, kept in a session that is no more.
        ("stations.views.account.notices.success", "/messages/read/", {}),
    ],
)
def test_a_session_ended_while_a_request_of_it_is_answered_stays_ended(
    enrolled: User, browse: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch, during: str, page: str,
    sent: dict[str, str],
) -> None:  # fmt: skip
    # Here what ends them would go back with the refused request; it is another's (tests/services/test_session_row.py).
    monkeypatch.setattr(BaseHandler, "make_view_atomic", lambda _, view: view)
    room, _, name = during.rpartition(".")
    slow = getattr(resolve_name(room), name)

    def meanwhile(*args: object, **more: object) -> object:
        actions.end_sessions(enrolled)
        return True if name == "confirm_totp" else slow(*args, **more)

    monkeypatch.setattr(during, meanwhile)
    client = browse(enrolled)

    answer = client.post(page, sent, headers={"referer": "http://testserver/me/"})

    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/me/")
    assert not UserSession.objects.exists()
    assert client.get("/me/").status_code == 302


def test_a_new_password_of_an_administrator_forgets_the_devices(
    browse: Callable[[User], Client], system_admin: User, enrolled: User
) -> None:
    signed_in(enrolled)
    assert enrolled.devices.count() == 1

    actions.reset_password(system_admin, enrolled.pk, timezone.now())

    assert enrolled.devices.count() == 0


def test_signing_out_clears_the_browser_only_where_nothing_waits_to_be_sent(
    browse: Callable[[User], Client], officer: User
) -> None:
    assert browse(officer).post("/logout/", {"clean": "1"})["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in browse(officer).post("/logout/")


def test_signing_in_on_a_second_device_is_told_in_a_message(enrolled: User) -> None:
    signed_in(enrolled)
    assert enrolled.inbox.count() == 0

    signed_in(enrolled, at=NOW + timedelta(minutes=1), agent="Mozilla/5.0 (Windows NT 10.0) Firefox/128.0")

    assert enrolled.inbox.get().body.startswith("Windows 电脑 Firefox")
