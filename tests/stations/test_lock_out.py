"""Five failures lock a number for half an hour; its owner is never locked out on his own device by strangers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory
from django.utils import timezone

from stations import second_factor
from stations.entrances import KnownDevice
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.stations.keys import code_of, totp_of
from trail.models import AuditEntry

PASSWORD = "xiang-jiang-2026"
URL = "/login/"
NOW = datetime(2026, 9, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LOCKED = (
    "登录失败次数过多，这个警号在这台设备上锁定，约 {} 分钟后可以再试。"
    "本人可以用以前登录过的设备登录，急用请联系安全管理员解除。"
)


@pytest.fixture
def enrolled(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def attempt(client: Client, number: str, password: str = "wrong") -> int:
    return client.post(URL, {"number": number, "password": password}).status_code


def hammer(number: str, times: int = 5) -> Client:
    """A stranger on a device nobody knows."""
    stranger = Client()
    for _ in range(times):
        attempt(stranger, number)
    return stranger


def said(client: Client, number: str, password: str = "wrong") -> list[str]:
    errors: list[str] = client.post(URL, {"number": number, "password": password}).context["form"].errors["password"]
    return errors


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_four_failures_leave_the_number_open(enrolled: User) -> None:
    client = hammer(enrolled.number, 4)

    assert attempt(client, enrolled.number, PASSWORD) == 302


def test_the_fifth_failure_locks_the_number_for_the_right_password_too_and_says_how_long(enrolled: User) -> None:
    with time_machine.travel(NOW, tick=False):
        client = hammer(enrolled.number, 4)
        assert said(client, enrolled.number) == [LOCKED.format(30)]
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        assert said(client, enrolled.number, PASSWORD) == [LOCKED.format(19)]
        assert said(Client(), enrolled.number, PASSWORD) == [LOCKED.format(19)]
        assert attempt(client, enrolled.number, PASSWORD) == 429


def test_who_goes_on_trying_does_not_keep_the_number_locked(enrolled: User) -> None:
    with time_machine.travel(NOW, tick=False):
        stranger = hammer(enrolled.number)
    with time_machine.travel(NOW + timedelta(minutes=29), tick=False):
        assert attempt(stranger, enrolled.number) == 429
    with time_machine.travel(NOW + timedelta(minutes=30, seconds=1), tick=False):
        assert attempt(Client(), enrolled.number, PASSWORD) == 302


@pytest.mark.slow
def test_strangers_lock_the_number_for_themselves_but_not_on_a_device_of_its_owner(enrolled: User) -> None:
    own = Client()
    assert attempt(own, enrolled.number, PASSWORD) == 302
    own.post("/logout/")

    hammer(enrolled.number, 20)

    assert attempt(Client(), enrolled.number, PASSWORD) == 429
    assert attempt(own, enrolled.number, PASSWORD) == 302


def test_the_owner_s_device_has_a_counter_of_its_own(enrolled: User) -> None:
    own = Client()
    attempt(own, enrolled.number, PASSWORD)
    own.post("/logout/")
    for _ in range(5):
        attempt(own, enrolled.number)

    assert attempt(own, enrolled.number, PASSWORD) == 429
    assert attempt(Client(), enrolled.number, PASSWORD) == 302


def test_a_device_known_of_one_person_is_unknown_of_another(enrolled: User, partner: User) -> None:
    partner.set_password(PASSWORD)
    partner.save(update_fields=["password"])
    shared = Client()
    attempt(shared, partner.number, PASSWORD)
    shared.post("/logout/")

    hammer(enrolled.number)

    assert attempt(shared, enrolled.number, PASSWORD) == 429


def test_a_device_cookie_made_by_hand_is_a_device_nobody_knows(enrolled: User) -> None:
    hammer(enrolled.number)
    forger = Client()
    forger.cookies["device"] = "x:forged:signature"

    assert attempt(forger, enrolled.number, PASSWORD) == 429


def test_the_device_cookie_opens_nothing_and_is_kept_from_scripts(client: Client, enrolled: User) -> None:
    attempt(client, enrolled.number, PASSWORD)

    cookie = client.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 400 * 86_400)
    known = KnownDevice.objects.get(user=enrolled)
    assert known.device not in cookie.value
    other = Client()
    other.cookies["device"] = cookie.value
    assert other.get("/me/").status_code == 302


@pytest.mark.parametrize("state", ["unknown", "wrong", "disabled", "locked", "locked nobody"])
def test_every_refusal_costs_one_hash_whoever_it_is(enrolled: User, partner: User, state: str) -> None:
    partner.set_password(PASSWORD)
    partner.is_active = False
    partner.save(update_fields=["password", "is_active"])
    if state.startswith("locked"):
        hammer(enrolled.number if state == "locked" else "000000")
    number = {"unknown": "000000", "disabled": partner.number, "locked nobody": "000000"}.get(state, enrolled.number)
    password = "wrong" if state == "wrong" else PASSWORD

    with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as hashed:
        attempt(Client(), number, password)

    assert hashed.call_count == 1


def test_a_number_nobody_has_is_locked_in_the_same_words(enrolled: User) -> None:
    with time_machine.travel(NOW, tick=False):
        pages = []
        for number in (enrolled.number, "000000"):
            hammer(number)
            content = Client().post(URL, {"number": number, "password": PASSWORD}).content.decode()
            pages.append(content[content.index("<h2>登录</h2>") : content.index("</form>")].replace(number, "N"))

    assert pages[0] == pages[1]


def test_every_failure_and_the_lock_are_in_the_trail_with_their_reason(enrolled: User) -> None:
    hammer(enrolled.number, 6)

    assert actions() == [*["stations.sign_in_failed"] * 5, "stations.lock", "stations.sign_in_failed"]
    reasons = list(AuditEntry.objects.order_by("pk").values_list("reason", flat=True))
    assert reasons == [*["密码不正确"] * 5, "", "锁定期间"]


def test_success_forgets_the_failures_before_it(enrolled: User) -> None:
    client = hammer(enrolled.number, 4)
    attempt(client, enrolled.number, PASSWORD)
    client.post("/logout/")

    for _ in range(4):
        attempt(client, enrolled.number)

    assert attempt(client, enrolled.number, PASSWORD) == 302


# ---------- the security administrator ----------


def test_the_security_administrator_unlocks_with_a_reason_and_the_trail_says_so(
    browse: Callable[[User], Client], enrolled: User, security_admin: User
) -> None:
    hammer(enrolled.number)
    admin = browse(security_admin)
    assert [row.number for row in admin.get("/settings/sign-in/").context["locked"]] == [enrolled.number]

    admin.post("/settings/sign-in/unlock/", {"number": enrolled.number, "reason": "本人到场核实"})

    assert attempt(Client(), enrolled.number, PASSWORD) == 302
    told = AuditEntry.objects.get(action="stations.unlock")
    assert (told.actor_id, told.subject_id, told.reason) == (security_admin.pk, enrolled.pk, "本人到场核实")


def test_unlocking_takes_the_brake_off_the_telephone_too(
    browse: Callable[[User], Client], rf: RequestFactory, enrolled: User, security_admin: User
) -> None:
    telephone, asked = totp_of(enrolled), rf.post("/login/second/")
    for _ in range(9):
        telephone.throttle_increment()
    hammer(enrolled.number)
    assert not second_factor.totp_fits(asked, enrolled, code_of(telephone), timezone.now())

    browse(security_admin).post("/settings/sign-in/unlock/", {"number": enrolled.number, "reason": "本人到场核实"})

    assert second_factor.totp_fits(asked, enrolled, code_of(telephone), timezone.now())


def test_a_number_typed_like_that_of_a_device_is_nobody_s(
    browse: Callable[[User], Client], enrolled: User, security_admin: User
) -> None:
    hammer(f"{enrolled.number}@abc")

    assert browse(security_admin).get("/settings/sign-in/").context["locked"] == []
    assert attempt(Client(), enrolled.number, PASSWORD) == 302


def test_without_a_reason_the_number_stays_locked(
    browse: Callable[[User], Client], enrolled: User, security_admin: User
) -> None:
    hammer(enrolled.number)

    browse(security_admin).post("/settings/sign-in/unlock/", {"number": enrolled.number, "reason": ""})

    assert attempt(Client(), enrolled.number, PASSWORD) == 429


def test_nobody_else_unlocks_and_a_number_of_another_bureau_is_not_listed(
    browse: Callable[[User], Client], enrolled: User, system_admin: User, person: Callable[..., User]
) -> None:
    hammer(enrolled.number)
    assert browse(system_admin).get("/settings/sign-in/").status_code == 403
    far = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="远山县公安局", code_word="远公")
    far.bureau = far
    far.save(update_fields=["bureau"])
    elsewhere = browse(person(Role.SECURITY_ADMIN, far, "冯远"))

    assert elsewhere.get("/settings/sign-in/").context["locked"] == []
    elsewhere.post("/settings/sign-in/unlock/", {"number": enrolled.number, "reason": "试试"})
    assert attempt(Client(), enrolled.number, PASSWORD) == 429
