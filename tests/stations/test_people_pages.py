"""The system administrator's pages for accounts."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from stations.models import Organisation, User
from stations.permissions import Role
from trail.models import AuditEntry

URL = "/people/"


@pytest.fixture
def client(browse: Callable[[User], Client], system_admin: User) -> Client:
    return browse(system_admin)


def listed(client: Client, query: str = "") -> list[str]:
    return [person.name for person in client.get(f"{URL}{query}").context["page"].rows]


def test_the_list_is_narrowed_by_words_post_organisation_and_state(
    client: Client, officer: User, chief: User, station: Organisation
) -> None:
    User.objects.filter(pk=chief.pk).update(is_active=False)

    assert set(listed(client)) == {"钱系统", "李建平", "王志远"}
    assert listed(client, "?q=建平") == ["李建平"]
    assert listed(client, f"?q={chief.number}") == ["王志远"]
    assert listed(client, "?role=OFFICER") == ["李建平"]
    assert set(listed(client, f"?organisation={station.pk}")) == {"李建平", "王志远"}
    assert listed(client, "?state=off") == ["王志远"]
    assert len(listed(client, "?role=KING&organisation=x&state=?&cursor=%01")) == 3


def test_the_export_holds_what_is_listed(client: Client, officer: User, chief: User) -> None:
    response = client.get(f"{URL}?role=OFFICER&export=xlsx")

    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))
    assert [row[:4] for row in rows] == [
        ("警号", "姓名", "岗位", "机构"),
        (officer.number, "李建平", "民警", "城关派出所"),
    ]


def test_the_list_costs_the_same_with_one_and_three_people(
    client: Client, officer: User, queries: Callable[[Callable[[], object]], int], person: Callable[..., User]
) -> None:
    one = queries(lambda: client.get(f"{URL}?role=OFFICER"))
    for name in ("甲", "乙"):
        person(Role.OFFICER, officer.organisation, name)

    assert queries(lambda: client.get(f"{URL}?role=OFFICER")) == one
    assert one <= 12


def test_the_new_password_is_shown_once_and_kept_by_no_cache(client: Client, station: Organisation) -> None:
    posted = {"number": "２０００ab", "name": "黄小明", "role": Role.OFFICER, "organisation": station.pk}

    response = client.post(f"{URL}new/", posted)

    ((person, password),) = response.context["accounts"]
    assert person.number == "2000AB"
    assert password in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert password not in client.get(f"{URL}{person.pk}/").content.decode()
    assert Client().login(username="2000AB", password=password)


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"number": "李"}, {"number": ["警号是 2 至 20 位数字或字母"]}),
        ({"role": Role.CHIEF, "organisation": "bureau"}, {"organisation": ["所长应在派出所任职"]}),
        ({"organisation": "port"}, {"organisation": ["这个机构不能选，请重新选择"]}),
        ({"number": "taken"}, {"number": ["这个警号已经登记"]}),
    ],
)
def test_a_form_that_does_not_do_says_why_at_the_field(
    changed: dict[str, str],
    errors: dict[str, list[str]],
    client: Client,
    officer: User,
    station: Organisation,
    bureau: Organisation,
) -> None:
    elsewhere = Organisation.objects.create(kind="BUREAU", name="海州市公安局")
    elsewhere.bureau = elsewhere
    elsewhere.save()
    port = Organisation.objects.create(kind="STATION", name="港口派出所", parent=elsewhere, bureau=elsewhere)
    names = {"bureau": bureau.pk, "port": port.pk, "taken": officer.number}
    posted = {"number": "200001", "name": "某人", "role": Role.OFFICER, "organisation": station.pk, **changed}

    response = client.post(f"{URL}new/", {key: names.get(str(value), value) for key, value in posted.items()})

    assert response.context["form"].errors == errors
    assert not User.objects.filter(name="某人").exists()


def test_a_person_is_edited_moved_reset_disabled_and_enabled(
    client: Client, officer: User, sibling: Organisation
) -> None:
    page = f"{URL}{officer.pk}/"

    client.post(f"{page}edit/", {"number": officer.number, "name": "李建萍", "phone": "19900000009"})
    client.post(f"{page}move/", {"role": Role.CHIEF, "organisation": sibling.pk, "reason": "提任"})
    client.post(f"{page}disable/", {"reason": "借调"})
    client.post(f"{page}enable/", {"reason": "归队"})
    reset = client.post(f"{page}password/")

    officer.refresh_from_db()
    assert (officer.name, officer.role, officer.organisation, officer.is_active) == ("李建萍", "CHIEF", sibling, True)
    assert officer.check_password(reset.context["accounts"][0][1])
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "reason")) == [
        ("stations.edit_person", ""),
        ("stations.move_person", "提任"),
        ("stations.disable_person", "借调"),
        ("stations.enable_person", "归队"),
        ("stations.reset_password", ""),
    ]


def test_without_a_reason_nobody_is_disabled(client: Client, officer: User) -> None:
    assert client.post(f"{URL}{officer.pk}/disable/", {"reason": " "}).status_code == 302

    assert User.objects.get(pk=officer.pk).is_active
    assert AuditEntry.objects.count() == 0


def test_a_reset_password_ends_the_session(client: Client, browse: Callable[[User], Client], officer: User) -> None:
    his = browse(officer)
    assert his.get("/me/").status_code == 200

    client.post(f"{URL}{officer.pk}/password/")

    assert his.get("/me/").status_code == 302


def test_a_refused_act_is_a_page_with_the_reason_and_the_way_out(client: Client, security_admin: User) -> None:
    response = client.post(f"{URL}{security_admin.pk}/disable/", {"reason": "离岗"})

    assert response.status_code == 409
    content = response.content.decode()
    assert "冯安全是江城市公安局唯一在用的安全管理员" in content
    assert "先登记另一名" in content


def test_his_own_page_offers_an_administrator_no_act(client: Client, system_admin: User) -> None:
    content = client.get(f"{URL}{system_admin.pk}/").content.decode()

    assert f"{URL}{system_admin.pk}/disable/" not in content
    assert "这是您自己的账号" in content


def test_people_of_another_bureau_do_not_exist_for_this_administrator(
    client: Client, person: Callable[..., User]
) -> None:
    elsewhere = Organisation.objects.create(kind="BUREAU", name="海州市公安局")
    elsewhere.bureau = elsewhere
    elsewhere.save()
    stranger = person(Role.BUREAU_LEADER, elsewhere, "外地局长")

    assert listed(client, "?q=外地") == []
    assert [client.get(f"{URL}{stranger.pk}/{page}").status_code for page in ("", "edit/", "move/")] == [404] * 3
    assert [client.post(f"{URL}{stranger.pk}/{act}/").status_code for act in ("disable", "password")] == [404] * 2
