"""In-app messages and the inbox."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from stations import actions, messages
from stations.models import Message, Organisation, User
from stations.permissions import Role
from stations.reach import place_of
from tests.inspections.complaints import received
from units.models import Unit

URL = "/messages/"


def test_a_key_is_sent_to_a_person_once(officer: User, chief: User) -> None:
    assert messages.send(officer, about=None, key="recheck:1", title="复查开启", url="/hazards/1/") is True
    assert messages.send(officer, about=None, key="recheck:1", title="复查开启") is False
    assert messages.send(chief, about=None, key="recheck:1", title="复查开启") is True

    assert list(Message.objects.order_by("pk").values_list("user", "key", "url")) == [
        (officer.pk, "recheck:1", "/hazards/1/"),
        (chief.pk, "recheck:1", ""),
    ]


def test_a_message_sent_before_does_not_break_the_transaction_it_is_sent_in(officer: User) -> None:
    messages.send(officer, about=None, key="once", title="一次")
    with transaction.atomic():
        messages.send(officer, about=None, key="once", title="一次")
        messages.send(officer, about=None, key="other", title="另一条")

    assert messages.unread(officer) == 2


def test_a_message_of_a_transaction_rolled_back_was_never_sent(officer: User) -> None:
    with transaction.atomic():
        messages.send(officer, about=None, key="once", title="一次")
        transaction.set_rollback(True)

    assert messages.send(officer, about=None, key="once", title="一次") is True


def test_words_too_long_for_the_columns_are_cut(officer: User) -> None:
    messages.send(officer, about=None, key="long", title="长" * 200, body="长" * 400)

    kept = Message.objects.get()
    assert (len(kept.title), len(kept.body)) == (120, 300)


def test_following_a_message_marks_it_read_and_leads_to_its_page(
    browse: Callable[[User], Client], officer: User
) -> None:
    messages.send(officer, about=None, key="a", title="复查开启", url="/me/")
    client = browse(officer)

    assert client.get(f"{URL}{Message.objects.get().pk}/")["Location"] == "/me/"
    assert messages.unread(officer) == 0
    read_at = Message.objects.get().read_at
    client.get(f"{URL}{Message.objects.get().pk}/")
    assert Message.objects.get().read_at == read_at


def test_somebody_elses_message_does_not_exist(browse: Callable[[User], Client], officer: User, partner: User) -> None:
    messages.send(officer, about=None, key="a", title="鑫源旅馆复查", url="/me/")
    pk = Message.objects.get().pk
    client = browse(partner)

    assert client.get(f"{URL}{pk}/").status_code == 404
    assert client.post(f"{URL}{pk}/read/").status_code == 404
    assert "鑫源旅馆复查" not in client.get(URL).content.decode()
    assert messages.unread(officer) == 1


def test_messages_are_marked_read_one_by_one_and_all_at_once(browse: Callable[[User], Client], officer: User) -> None:
    for key in "abc":
        messages.send(officer, about=None, key=key, title=f"消息{key}")
    client = browse(officer)

    client.post(f"{URL}{Message.objects.get(key='b').pk}/read/")
    assert messages.unread(officer) == 2
    assert [row.key for row in client.get(f"{URL}?show=unread").context["page"].rows] == ["c", "a"]

    client.post(f"{URL}read/")
    assert messages.unread(officer) == 0
    assert [row.key for row in client.get(URL).context["page"].rows] == ["c", "b", "a"]


def test_the_inbox_costs_the_same_with_one_and_three_messages(
    browse: Callable[[User], Client], officer: User, queries: Callable[[Callable[[], object]], int]
) -> None:
    client = browse(officer)
    messages.send(officer, about=None, key="a", title="消息")
    one = queries(lambda: client.get(URL))
    for key in "bc":
        messages.send(officer, about=None, key=key, title="消息")

    assert queries(lambda: client.get(URL)) == one
    assert len(client.get(URL).context["page"].rows) == 3


def test_whoever_is_moved_finds_what_concerns_his_account_and_is_not_told_again(
    browse: Callable[[User], Client], officer: User, partner: User, system_admin: User, station: Organisation,
    sibling: Organisation,
) -> None:  # fmt: skip
    messages.send(officer, about=None, key="device:1", title="在一台新设备上登录")
    for person in (officer, partner):
        messages.send(person, about=station, key="recheck:1", title="北大街超市今天复查", url="/hazards/1/")
    actions.move_person(system_admin, officer.pk, Role.OFFICER, sibling, "调动", date(2026, 3, 5))

    officer.refresh_from_db()
    page = browse(officer).get(URL)
    assert [each.key for each in page.context["page"].rows] == ["device:1"]
    assert not messages.send(officer, about=station, key="recheck:2", title="北大街超市今天复查")
    assert (messages.unread(partner), "北大街超市" in browse(partner).get(URL).text) == (1, True)


def test_another_post_in_the_same_place_leaves_the_inbox_as_it_is(
    browse: Callable[[User], Client], officer: User, system_admin: User, station: Organisation
) -> None:
    messages.send(officer, about=station, key="recheck:1", title="北大街超市今天复查")
    actions.move_person(system_admin, officer.pk, Role.CHIEF, station, "提任所长", date(2026, 3, 5))

    officer.refresh_from_db()
    assert "北大街超市" in browse(officer).get(URL).text


# ---------- whose place it is today ----------


def told(user: User, browse: Callable[[User], Client]) -> tuple[list[str], int | None, list[int]]:
    """What his inbox lists, how many it counts as unread, and what each message of his answers when it is followed."""
    person = User.objects.with_unread().get(pk=user.pk)
    rows = Message.objects.filter(user=user).order_by("pk")
    client = browse(person)
    answers = [client.post(f"{URL}{row.pk}/read/").status_code for row in rows]
    return [each.key for each in client.get(URL).context["page"].rows], person.unread, answers


@pytest.fixture
def inboxes(
    officer: User, chief: User, supervisor: User, brigade_leader: User, bureau_officer: User, leader: User,
    station: Organisation,
) -> dict[Role, User]:  # fmt: skip
    """Everybody who reaches the station, told once of it."""
    people = [officer, chief, supervisor, brigade_leader, bureau_officer, leader]
    assert [messages.send(each, about=station, key="a", title="北大街超市逾期") for each in people] == [True] * 6
    return {Role(each.role): each for each in people}


def test_everybody_who_reaches_the_station_is_told_of_it_and_counts_it(
    inboxes: dict[Role, User], browse: Callable[[User], Client]
) -> None:
    assert {role: told(user, browse) for role, user in inboxes.items()} == dict.fromkeys(inboxes, (["a"], 1, [302]))


@pytest.mark.parametrize(
    ("act", "left"),
    [
        ("move_person", {Role.OFFICER}),
        ("move_station", {Role.BUREAU_OFFICER, Role.BUREAU_LEADER}),
        ("set_guidance", {Role.SUPERVISOR}),
        ("another_brigade", {Role.SUPERVISOR, Role.BRIGADE_LEADER}),
        ("another_post", {Role.BRIGADE_LEADER}),
    ],
)
def test_whoever_reaches_the_station_no_more_is_not_shown_what_he_was_told_nor_told_again(
    act: str, left: set[Role], inboxes: dict[Role, User], browse: Callable[[User], Client], system_admin: User,
    security_admin: User, person: Callable[..., User], brigade: Organisation, station: Organisation,
    sibling: Organisation,
) -> None:  # fmt: skip
    day = date(2026, 3, 5)
    match act:
        case "move_person":
            actions.move_person(system_admin, inboxes[Role.OFFICER].pk, Role.OFFICER, sibling, "调动", day)
        case "move_station":
            far = Organisation.objects.create(kind="BUREAU", name="河东分局")
            Organisation.objects.filter(pk=far.pk).update(bureau=far)
            actions.move_station(system_admin, station.pk, far, "行政区划调整")
        case "set_guidance":
            actions.set_guidance(security_admin, station, person(Role.SUPERVISOR, brigade, "另一人"), None)
        case "another_brigade":
            other = Organisation.objects.create(kind="BRIGADE", name="河东大队")
            actions.edit_organisation(system_admin, station.pk, {"brigade": other})
        case _:
            leader = inboxes[Role.BRIGADE_LEADER]
            actions.move_person(system_admin, leader.pk, Role.SUPERVISOR, brigade, "改任", day)
    today = {role: User.objects.get(pk=user.pk) for role, user in inboxes.items()}
    station.refresh_from_db()
    again = {role for role, user in today.items() if not messages.send(user, about=station, key="b", title="又一次")}
    shown = {role: told(user, browse) for role, user in today.items()}
    assert again == left
    assert shown == {role: ([], 0, [404]) if role in left else (["b", "a"], 2, [302, 302]) for role in inboxes}


def test_who_may_see_no_complaint_any_more_is_not_shown_what_he_was_told_of_one(
    browse: Callable[[User], Client], officer: User, chief: User, unit: Unit, system_admin: User, station: Organisation
) -> None:
    received(chief, handler=officer, unit=unit)
    before = told(officer, browse)
    actions.move_person(system_admin, officer.pk, Role.ASSISTANT, station, "改任", date(2026, 3, 5))
    assert before == ([Message.objects.get().key], 1, [302])
    assert told(officer, browse) == ([], 0, [404])


@pytest.mark.parametrize("gone", ["moved", "disabled"])
def test_in_place_of_who_has_left_the_chiefs_are_told_where_somebody_has_to_know(
    gone: str, officer: User, chief: User, station: Organisation, sibling: Organisation
) -> None:
    fields = {"organisation": sibling} if gone == "moved" else {"is_active": False}
    User.objects.filter(pk=officer.pk).update(**fields)
    officer = User.objects.get(pk=officer.pk)
    assert messages.send(officer, about=station, key="word", title="只对本人") is False
    assert messages.send(officer, about=station, key="duty", title="要有人办", else_chiefs=True) is True
    assert list(Message.objects.values_list("user", "key")) == [(chief.pk, "duty")]
    messages.send_many([Message(user=officer, key="many", title="多条", **place_of(station))])
    assert Message.objects.count() == 1
