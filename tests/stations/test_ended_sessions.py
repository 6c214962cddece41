"""The security administrator ends the sessions of one person, and of everybody he keeps."""

from collections.abc import Callable

import pytest
from django.test import Client

from fire_supervision.lib.errors import RuleError
from stations import securing
from stations.entrances import UserSession
from stations.models import Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.stations.keys import session_of
from trail.models import AuditEntry

GUARD = "/settings/sign-in/"
WHY = {"reason": "手机遗失，本人来电"}


@pytest.fixture
def far(person: Callable[..., User]) -> User:
    """An officer of a bureau that stands beside ours."""
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="远山县公安局", code_word="远公")
    bureau.bureau = bureau
    bureau.save(update_fields=["bureau"])
    return person(Role.BUREAU_OFFICER, bureau, "冯远")


def in_now(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_one_person_is_out_everywhere_with_his_next_click_and_is_told(
    browse: Callable[[User], Client], officer: User, partner: User, security_admin: User
) -> None:
    phone, desk, other = browse(officer), browse(officer), browse(partner)
    admin = browse(security_admin)
    assert f'data-open="end-{officer.pk}"' in admin.get(GUARD, {"q": officer.number}).content.decode()

    admin.post(f"{GUARD}{officer.pk}/sessions/", WHY)

    assert [in_now(each) for each in (phone, desk, other, admin)] == [False, False, True, True]
    told = AuditEntry.objects.get(action="stations.end_sessions_of")
    assert (told.actor_id, told.subject_id, told.reason) == (security_admin.pk, officer.pk, WHY["reason"])
    assert told.summary == f"结束李建平（{officer.number}）的 2 处登录"
    assert list(Message.objects.values_list("user", "title")) == [(officer.pk, "您的登录已由安全管理员全部结束")]


def test_who_is_not_in_cannot_be_put_out(security_admin: User, officer: User) -> None:
    with pytest.raises(RuleError, match="李建平现在没有登录"):
        securing.end_sessions_of(security_admin, officer, "试试")

    assert not AuditEntry.objects.exists()


def test_everybody_he_keeps_is_out_but_himself_here(
    browse: Callable[[User], Client], officer: User, supervisor: User, leader: User, system_admin: User,
    security_admin: User, far: User,
) -> None:  # fmt: skip
    out = [browse(user) for user in (officer, supervisor, leader, system_admin)]
    stays, admin = browse(far), browse(security_admin)
    elsewhere = session_of(security_admin)
    assert admin.get(GUARD).context["open_now"] == 5

    response = admin.post(f"{GUARD}sessions/", {"reason": "怀疑密码泄露"}, follow=True)

    assert [in_now(each) for each in out] == [False] * 4
    assert (in_now(stays), in_now(admin)) == (True, True)
    assert not UserSession.objects.filter(pk=elsewhere.pk).exists()
    assert "江城市公安局全部人员的 5 处登录已结束，您的这处登录保留。" in response.content.decode()
    told = AuditEntry.objects.get(action="stations.end_all_sessions")
    assert (told.actor_id, told.reason, told.summary) == (
        security_admin.pk, "怀疑密码泄露", "结束江城市公安局全部人员的 5 处登录",
    )  # fmt: skip


@pytest.mark.parametrize("all_of_them", [True, False])
def test_without_a_reason_nobody_is_put_out(
    browse: Callable[[User], Client], officer: User, security_admin: User, all_of_them: bool
) -> None:
    phone = browse(officer)

    browse(security_admin).post(f"{GUARD}{'' if all_of_them else f'{officer.pk}/'}sessions/", {"reason": " "})

    assert in_now(phone)
    assert not AuditEntry.objects.exists()


def test_nobody_else_puts_anybody_out_and_he_nobody_of_another_bureau(
    browse: Callable[[User], Client], officer: User, chief: User, system_admin: User, security_admin: User, far: User
) -> None:
    phone, stays = browse(officer), browse(far)
    for user in (chief, system_admin):
        assert browse(user).post(f"{GUARD}{officer.pk}/sessions/", WHY).status_code == 403
        assert browse(user).post(f"{GUARD}sessions/", WHY).status_code == 403

    assert browse(security_admin).post(f"{GUARD}{far.pk}/sessions/", WHY).status_code == 404
    assert (in_now(phone), in_now(stays)) == (True, True)
