"""In-app messages and the inbox."""

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.test import Client

from stations import actions, messages
from stations.models import Message, Organisation, User
from stations.permissions import Role

URL = "/messages/"


def test_a_key_is_sent_to_a_person_once(officer: User, chief: User) -> None:
    assert messages.send(officer, key="recheck:1", title="复查开启", url="/hazards/1/") is True
    assert messages.send(officer, key="recheck:1", title="复查开启") is False
    assert messages.send(chief, key="recheck:1", title="复查开启") is True

    assert list(Message.objects.order_by("pk").values_list("user", "key", "url")) == [
        (officer.pk, "recheck:1", "/hazards/1/"),
        (chief.pk, "recheck:1", ""),
    ]


def test_a_message_sent_before_does_not_break_the_transaction_it_is_sent_in(officer: User) -> None:
    messages.send(officer, key="once", title="一次")
    with transaction.atomic():
        messages.send(officer, key="once", title="一次")
        messages.send(officer, key="other", title="另一条")

    assert messages.unread(officer) == 2


def test_a_message_of_a_transaction_rolled_back_was_never_sent(officer: User) -> None:
    with transaction.atomic():
        messages.send(officer, key="once", title="一次")
        transaction.set_rollback(True)

    assert messages.send(officer, key="once", title="一次") is True


def test_words_too_long_for_the_columns_are_cut(officer: User) -> None:
    messages.send(officer, key="long", title="长" * 200, body="长" * 400)

    kept = Message.objects.get()
    assert (len(kept.title), len(kept.body)) == (120, 300)


def test_following_a_message_marks_it_read_and_leads_to_its_page(
    browse: Callable[[User], Client], officer: User
) -> None:
    messages.send(officer, key="a", title="复查开启", url="/me/")
    client = browse(officer)

    assert client.get(f"{URL}{Message.objects.get().pk}/")["Location"] == "/me/"
    assert messages.unread(officer) == 0
    read_at = Message.objects.get().read_at
    client.get(f"{URL}{Message.objects.get().pk}/")
    assert Message.objects.get().read_at == read_at


def test_somebody_elses_message_does_not_exist(browse: Callable[[User], Client], officer: User, partner: User) -> None:
    messages.send(officer, key="a", title="鑫源旅馆复查", url="/me/")
    pk = Message.objects.get().pk
    client = browse(partner)

    assert client.get(f"{URL}{pk}/").status_code == 404
    assert client.post(f"{URL}{pk}/read/").status_code == 404
    assert "鑫源旅馆复查" not in client.get(URL).content.decode()
    assert messages.unread(officer) == 1


def test_messages_are_marked_read_one_by_one_and_all_at_once(browse: Callable[[User], Client], officer: User) -> None:
    for key in "abc":
        messages.send(officer, key=key, title=f"消息{key}")
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
    messages.send(officer, key="a", title="消息")
    one = queries(lambda: client.get(URL))
    for key in "bc":
        messages.send(officer, key=key, title="消息")

    assert queries(lambda: client.get(URL)) == one
    assert len(client.get(URL).context["page"].rows) == 3


def test_whoever_is_moved_finds_what_concerns_his_account_and_is_not_told_again(
    browse: Callable[[User], Client], officer: User, partner: User, system_admin: User, sibling: Organisation
) -> None:
    messages.send(officer, key="device:1", title="在一台新设备上登录")
    for person in (officer, partner):
        messages.send(person, key="recheck:1", title="北大街超市今天复查", url="/hazards/1/")
    actions.move_person(system_admin, officer.pk, Role.OFFICER, sibling, "调动", date(2026, 3, 5))

    officer.refresh_from_db()
    page = browse(officer).get(URL)
    assert [each.key for each in page.context["page"].rows] == ["device:1"]
    assert not messages.send(officer, key="recheck:1", title="北大街超市今天复查")
    assert (messages.unread(partner), "北大街超市" in browse(partner).get(URL).text) == (1, True)


def test_another_post_in_the_same_place_leaves_the_inbox_as_it_is(
    browse: Callable[[User], Client], officer: User, system_admin: User, station: Organisation
) -> None:
    messages.send(officer, key="recheck:1", title="北大街超市今天复查")
    actions.move_person(system_admin, officer.pk, Role.CHIEF, station, "提任所长", date(2026, 3, 5))

    officer.refresh_from_db()
    assert "北大街超市" in browse(officer).get(URL).text
