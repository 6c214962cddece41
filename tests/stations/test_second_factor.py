"""The second factor: enrolled by oneself, asked at sign-in, required of some posts, taken away when it is lost."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.html import escape
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from fire_supervision.lib import keyring
from fire_supervision.lib.encrypted import encrypted_columns
from fire_supervision.lib.errors import RuleError
from fire_supervision.presets import PRESETS
from stations import second_factor, securing
from stations.entrances import RecoveryCode, Telephone, UserSession
from stations.models import Message, Organisation, User
from stations.permissions import Role
from tests.stations.authenticator import ORIGIN, Authenticator
from tests.stations.keys import code_of, totp_of
from trail.models import AuditEntry

PASSWORD = "xiang-jiang-2026"
NOW = datetime(2026, 9, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def enrolled(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def gives_password(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/login/?next=/me/", {"number": user.number, "password": PASSWORD, "next": "/me/"})
    return client


def fits(rf: RequestFactory, user: User, code: str) -> bool:
    """Asked from a device nobody knows."""
    return second_factor.totp_fits(rf.post("/login/second/"), user, code, timezone.now())


def actions() -> list[str]:
    told = AuditEntry.objects.exclude(action="stations.refused").order_by("pk")
    return list(told.values_list("action", flat=True))


def test_the_password_alone_opens_nothing_where_a_telephone_is_enrolled(enrolled: User) -> None:
    totp_of(enrolled)
    client = gives_password(enrolled)

    assert client.get("/me/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert client.get("/login/second/").status_code == 200


def test_the_code_opens_the_page_asked_for_and_the_trail_says_with_what(enrolled: User) -> None:
    device = totp_of(enrolled)
    client = gives_password(enrolled)

    response = client.post("/login/second/", {"code": f" {code_of(device)[:3]} {code_of(device)[3:]} "})

    assert (response.status_code, response["Location"]) == (302, "/me/")
    assert client.get("/me/").status_code == 200
    assert actions() == ["stations.sign_in"]
    assert AuditEntry.objects.get().after["factor"] == "动态码"


def test_a_code_works_once(enrolled: User) -> None:
    device = totp_of(enrolled)
    with time_machine.travel(NOW, tick=False):
        code = code_of(device)
        gives_password(enrolled).post("/login/second/", {"code": code})
        again = gives_password(enrolled).post("/login/second/", {"code": code})

    assert again.context["form"].errors == {"code": ["验证码不正确，或者已经用过"]}


def test_a_telephone_kept_in_reserve_opens_however_often_the_other_was_used(enrolled: User, rf: RequestFactory) -> None:
    reserve, daily = totp_of(enrolled, "备用手机"), totp_of(enrolled, "值班手机")
    opened = []
    for day in range(12):
        with time_machine.travel(NOW + timedelta(days=day), tick=False):
            opened.append(fits(rf, enrolled, code_of(daily)))
    with time_machine.travel(NOW + timedelta(days=11, minutes=1), tick=False):
        reserve.refresh_from_db()
        opened += [fits(rf, enrolled, "000000"), fits(rf, enrolled, code_of(reserve))]

    # Right after a wrong code each of them waits, for a second.
    assert opened == [True] * 12 + [False, False]
    with time_machine.travel(NOW + timedelta(days=11, minutes=1, seconds=1), tick=False):
        assert fits(rf, enrolled, code_of(reserve))


@pytest.fixture
def own_device(enrolled: User) -> Client:
    """A device the officer has signed in on before he enrolled his telephone."""
    client = gives_password(enrolled)
    client.post("/logout/")
    return client


@pytest.mark.slow
def test_who_knows_the_password_slows_the_codes_down_elsewhere_but_not_on_the_owner_s_device(
    enrolled: User, own_device: Client, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 50
    telephone = totp_of(enrolled)
    with time_machine.travel(NOW, tick=False):
        thief = gives_password(enrolled)
        for _ in range(12):
            # Each of them at a moment at which it is looked at.
            Telephone.objects.update(throttling_failure_timestamp=NOW - timedelta(days=1))
            thief.post("/login/second/", {"code": "000000"})
        elsewhere = gives_password(enrolled).post("/login/second/", {"code": code_of(telephone)})
        at_home = gives_password(enrolled, own_device).post("/login/second/", {"code": code_of(telephone)})

    assert (elsewhere.status_code, at_home.status_code) == (200, 302)
    # The owner's success takes nothing off what the thief has brought upon himself.
    assert Telephone.objects.get().throttling_failure_count == 12


def test_wrong_codes_on_the_owner_s_device_slow_nobody_down_and_lock_that_device_alone(
    enrolled: User, own_device: Client
) -> None:
    telephone = totp_of(enrolled)
    gives_password(enrolled, own_device)
    statuses = [own_device.post("/login/second/", {"code": "000000"}).status_code for _ in range(5)]

    assert (statuses, Telephone.objects.get().throttling_failure_count) == ([200, 200, 200, 200, 429], 0)
    assert gives_password(enrolled).post("/login/second/", {"code": code_of(telephone)}).status_code == 302


@pytest.mark.parametrize("code", ["", "12a456", "１２３４５６", "²²²²²²", "9" * 4000, "-1"])
def test_what_is_no_code_opens_nothing(enrolled: User, rf: RequestFactory, code: str) -> None:
    totp_of(enrolled)
    assert not fits(rf, enrolled, code)


def test_five_wrong_codes_lock_the_number_like_wrong_passwords(enrolled: User) -> None:
    totp_of(enrolled)
    client = gives_password(enrolled)
    statuses = [client.post("/login/second/", {"code": "000000"}).status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 200, 429]
    assert "second.html" not in [each.name for each in client.get("/login/second/").templates]
    assert client.post("/login/", {"number": enrolled.number, "password": PASSWORD}).status_code == 429
    assert actions() == [*["stations.sign_in_failed"] * 5, "stations.lock", "stations.sign_in_failed"]


def test_five_minutes_after_the_password_one_begins_anew(enrolled: User) -> None:
    device = totp_of(enrolled)
    with time_machine.travel(NOW, tick=False):
        client = gives_password(enrolled)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        response = client.post("/login/second/", {"code": code_of(device)})
        assert "stations/login.html" in [each.name for each in response.templates]
        assert "等待太久，请重新登录" in response.content.decode()
        assert "等待太久" not in client.get("/login/second/").content.decode()
        assert client.get("/me/").status_code == 302


CHANGES: dict[str, Callable[[User], object]] = {
    "password": lambda user: user.set_password("xin-mi-ma-2026-x"),
    "post": lambda user: setattr(user, "role", Role.CHIEF),
    "station": lambda user: setattr(user, "organisation", Organisation.objects.get(name="北关派出所")),
    "nothing": lambda user: None,
}


@pytest.mark.parametrize("what", list(CHANGES))
def test_a_password_given_is_given_again_when_the_account_has_changed_since(
    enrolled: User, sibling: Organisation, what: str
) -> None:
    telephone = totp_of(enrolled)
    client = gives_password(enrolled)
    CHANGES[what](enrolled)
    enrolled.save()

    client.post("/login/second/", {"code": code_of(telephone)})

    assert client.get("/me/").status_code == (200 if what == "nothing" else 302)


def test_who_was_disabled_meanwhile_does_not_come_in(enrolled: User) -> None:
    device = totp_of(enrolled)
    client = gives_password(enrolled)
    User.objects.filter(pk=enrolled.pk).update(is_active=False)

    client.post("/login/second/", {"code": code_of(device)})

    assert client.get("/me/").status_code == 302


# ---------- enrolling ----------


@pytest.mark.slow
def test_a_telephone_is_enrolled_by_its_first_code_and_ten_codes_are_shown_once(
    browse: Callable[[User], Client], officer: User
) -> None:
    client = browse(officer)
    page = client.get("/me/factors/totp/").content.decode()
    device = Telephone.objects.get(user=officer, confirmed=False)
    assert 'src="data:image/svg+xml' in page
    assert second_factor.secret_words(device) in page
    # A telephone does not scan its own screen.
    assert f'href="{escape(second_factor.secret_address(device))}"' in page

    shown = client.post("/me/factors/totp/", {"code": code_of(device), "name": "值班手机"})

    codes = shown.context["codes"]
    assert len(set(codes)) == 10
    assert "no-store" in shown["Cache-Control"]
    assert [each.name for each in second_factor.factors(officer)] == ["值班手机"]
    kept = set(RecoveryCode.objects.filter(user=officer).values_list("digest", flat=True))
    assert len(kept) == 10
    assert not kept & {code.replace("-", "") for code in codes}
    assert actions() == ["stations.add_factor", "stations.make_codes"]
    assert client.get("/me/factors/").status_code == 200


def test_a_wrong_first_code_enrols_nothing_and_the_secret_stays(
    browse: Callable[[User], Client], officer: User
) -> None:
    client = browse(officer)
    client.get("/me/factors/totp/")
    secret = Telephone.objects.get(user=officer).key

    response = client.post("/me/factors/totp/", {"code": "000000", "name": "手机"})

    assert list(response.context["form"].errors) == ["code"]
    assert Telephone.objects.get(user=officer).key == secret
    assert not second_factor.has_factor(officer)


def test_a_secret_left_on_the_screen_for_ten_minutes_is_no_longer_taken(
    browse: Callable[[User], Client], officer: User
) -> None:
    client = browse(officer)
    with time_machine.travel(NOW, tick=False):
        client.get("/me/factors/totp/")
    left = Telephone.objects.get(user=officer)
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        response = client.post("/me/factors/totp/", {"code": code_of(left), "name": "手机"})
        assert response.context["form"].errors == {"code": ["二维码已过期，下面是新的，请重新扫描后填写它的动态码"]}
        fresh = Telephone.objects.get(user=officer)
        assert (fresh.pk == left.pk, second_factor.secret_words(fresh) in response.content.decode()) == (False, True)
    with time_machine.travel(NOW + timedelta(minutes=19, seconds=59), tick=False):
        client.post("/me/factors/totp/", {"code": code_of(fresh), "name": "手机"})
        assert [each.pk for each in second_factor.factors(officer)] == [fresh.pk]


def test_the_secret_of_a_telephone_cannot_be_read_in_the_database(officer: User) -> None:
    telephone = totp_of(officer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM stations_telephone")
        stored = cursor.fetchone()[0]

    assert keyring.is_encrypted(stored)
    assert (telephone.key in stored, keyring.decrypt(stored, "stations_telephone.key")) == (False, telephone.key)
    assert ("stations_telephone", "id", "key") in list(encrypted_columns())


def test_what_django_otp_kept_readable_is_moved_and_encrypted_and_can_go_back(officer: User) -> None:
    old = TOTPDevice.objects.create(user=officer, name="值班手机", drift=2, last_t=7, throttling_failure_count=3)
    move = import_module("stations.migrations.0009_encrypt_secrets")
    move.encrypt(apps, SimpleNamespace(connection=connection))
    now = Telephone.objects.get()
    assert (now.key, now.user, now.name, now.drift, now.last_t) == (old.key, officer, "值班手机", 2, 7)
    assert (now.created_at, now.throttling_failure_count, now.confirmed) == (old.created_at, 3, True)
    assert not TOTPDevice.objects.exists()

    move.decrypt(apps, SimpleNamespace(connection=connection))
    back = TOTPDevice.objects.get()
    assert (back.key, back.created_at, Telephone.objects.exists()) == (old.key, old.created_at, False)


def test_two_pages_opened_at_once_still_enrol_a_telephone(browse: Callable[[User], Client], officer: User) -> None:
    older, newer = (Telephone.objects.create(user=officer, confirmed=False, name="") for _ in range(2))
    client = browse(officer)
    page = client.get("/me/factors/totp/").content.decode()
    assert (second_factor.secret_words(older) in page, second_factor.secret_words(newer) in page) == (True, False)

    client.post("/me/factors/totp/", {"code": code_of(older), "name": "手机"})

    assert [each.pk for each in second_factor.factors(officer)] == [older.pk]


def test_a_factor_that_waits_for_its_first_code_is_not_asked_for(enrolled: User) -> None:
    second_factor.offered_totp(enrolled, timezone.now())

    assert gives_password(enrolled).get("/me/").status_code == 200


def test_a_recovery_code_opens_once_however_it_is_written(enrolled: User) -> None:
    totp_of(enrolled)
    code = securing.make_codes(enrolled)[0]

    first = gives_password(enrolled).post("/login/second/", {"code": code.upper().replace("-", " ")})
    again = gives_password(enrolled).post("/login/second/", {"code": code})

    assert (first.status_code, again.status_code) == (302, 200)
    assert actions()[:3] == ["stations.make_codes", "stations.use_code", "stations.sign_in"]
    assert second_factor.codes_left(enrolled) == 9
    assert list(Message.objects.values_list("user", "title")) == [(enrolled.pk, "您的账号用了一个恢复码登录")]


def test_a_recovery_code_of_another_opens_nothing(enrolled: User, partner: User) -> None:
    totp_of(enrolled)
    code = securing.make_codes(partner)[0]

    assert gives_password(enrolled).post("/login/second/", {"code": code}).status_code == 200


def test_new_codes_replace_the_old_ones(browse: Callable[[User], Client], officer: User) -> None:
    totp_of(officer)
    old = securing.make_codes(officer)[0]

    browse(officer).post("/me/factors/codes/")

    assert second_factor.codes_left(officer) == 10
    assert not second_factor.recovery_fits(officer, old, NOW)


def test_a_factor_is_renamed_and_removed_by_its_owner_alone(
    browse: Callable[[User], Client], officer: User, partner: User
) -> None:
    device, client = totp_of(officer), browse(officer)
    assert browse(partner).post(f"/me/factors/totp/{device.pk}/remove/").status_code == 404

    client.post(f"/me/factors/totp/{device.pk}/name/", {"name": "旧手机"})
    assert second_factor.factors(officer)[0].name == "旧手机"
    client.post(f"/me/factors/totp/{device.pk}/remove/")

    assert second_factor.factors(officer) == []
    assert actions() == ["stations.rename_factor", "stations.remove_factor"]


def test_the_last_factor_of_a_post_that_needs_one_stays(
    browse: Callable[[User], Client], security_admin: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = [Role.SECURITY_ADMIN]
    device = totp_of(security_admin)
    client = browse(security_admin)
    session = client.session
    session["factor"] = "totp"
    session.save()

    assert client.post(f"/me/factors/totp/{device.pk}/remove/").status_code == 409
    totp_of(security_admin, "备用手机")
    assert client.post(f"/me/factors/totp/{device.pk}/remove/").status_code == 302


# ---------- required ----------


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_post_needs_one_unless_the_deployer_says_otherwise(preset: str) -> None:
    assert set(PRESETS[preset].second_factor) == set(Role)


def test_an_officer_enrols_a_passkey_before_anything_else(
    browse: Callable[[User], Client], officer: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = PRESETS["asvs"].second_factor
    settings.OTP_WEBAUTHN_RP_ID, settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = "testserver", [ORIGIN]
    client = browse(officer)
    assert client.get("/workbench/")["Location"] == "/me/factors/"
    page = client.get("/me/factors/").content.decode()
    assert page.index("添加通行密钥") < page.index("添加手机动态码")

    options = client.post("/me/factors/passkey/", {}, "application/json").json()
    made = Authenticator().create(options) | {"name": "值班手机"}
    client.post("/me/factors/passkey/made/", made, "application/json")

    assert client.get("/workbench/").status_code == 200


@pytest.mark.slow
def test_whose_post_needs_one_enrols_before_anything_else(
    browse: Callable[[User], Client], leader: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = [Role.BUREAU_LEADER]
    client = browse(leader)
    assert client.get("/workbench/")["Location"] == "/me/factors/"
    assert "须启用第二验证" in client.get("/me/factors/").content.decode()
    client.get("/me/factors/totp/")

    client.post("/me/factors/totp/", {"code": code_of(Telephone.objects.get(user=leader)), "name": "手机"})

    assert client.get("/me/").status_code == 200


def test_whose_post_needs_none_is_left_alone(
    browse: Callable[[User], Client], officer: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = [Role.BUREAU_LEADER]

    assert browse(officer).get("/me/").status_code == 200


# ---------- lost ----------


def test_the_security_administrator_takes_away_lost_factors_with_a_reason(
    browse: Callable[[User], Client], enrolled: User, security_admin: User
) -> None:
    totp_of(enrolled)
    securing.make_codes(enrolled)
    phone, admin = browse(enrolled), browse(security_admin)
    found = admin.get("/settings/sign-in/", {"q": enrolled.number}).context["found"]
    assert [(person.pk, len(held)) for person, held in found] == [(enrolled.pk, 1)]

    admin.post(f"/settings/sign-in/{enrolled.pk}/factors/", {"reason": "手机丢失，当面核实"})

    assert (second_factor.factors(enrolled), second_factor.codes_left(enrolled)) == ([], 0)
    assert phone.get("/me/").status_code == 302
    assert gives_password(enrolled).get("/me/").status_code == 200
    told = AuditEntry.objects.get(action="stations.reset_factors")
    assert (told.actor_id, told.subject_id, told.reason) == (security_admin.pk, enrolled.pk, "手机丢失，当面核实")


def test_nobody_takes_away_his_own_and_the_system_administrator_nobody_s(
    browse: Callable[[User], Client], enrolled: User, security_admin: User, system_admin: User
) -> None:
    totp_of(security_admin), totp_of(enrolled)
    with pytest.raises(RuleError, match="不能重设自己的第二验证"):
        securing.reset_factors(security_admin, security_admin, "忘了")

    assert browse(system_admin).post(f"/settings/sign-in/{enrolled.pk}/factors/", {"reason": "x"}).status_code == 403
    assert second_factor.has_factor(enrolled)


def test_without_a_reason_nothing_is_taken_away(
    browse: Callable[[User], Client], enrolled: User, security_admin: User
) -> None:
    totp_of(enrolled)

    browse(security_admin).post(f"/settings/sign-in/{enrolled.pk}/factors/", {"reason": " "})

    assert second_factor.has_factor(enrolled)


def test_only_a_demo_says_that_no_second_factor_is_asked(client: Client, officer: User, settings: Settings) -> None:
    assert "演示不要求第二验证" not in client.get("/login/").content.decode()
    settings.DEMO = True
    assert "演示不要求第二验证" in client.get("/login/").content.decode()


def test_codes_are_easy_to_read_out() -> None:
    made = second_factor.new_codes()
    assert all(re.fullmatch(r"[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){4}", code) for code in made)


def test_signing_in_with_a_factor_opens_one_session(enrolled: User) -> None:
    device = totp_of(enrolled)
    gives_password(enrolled).post("/login/second/", {"code": code_of(device)})

    assert UserSession.objects.filter(user=enrolled).count() == 1
