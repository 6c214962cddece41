"""The sheet at the door."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from inspections import actions
from inspections.models import ChecklistItem, Finding, Inspection, State
from inspections.rules import sheet_of
from stations.models import User
from tests.inspections.conftest import AT, picture

Browse = Callable[[User], Client]
Item = Callable[[str], ChecklistItem]
HTMX = {"HX-Request": "true"}


def url(name: str, inspection: Inspection, *more: object) -> str:
    return reverse(f"inspections:{name}", args=[inspection.pk, *more])


def ids(response: Any) -> list[str]:
    return re.findall(r'id="(item-[a-z_]+|progress|saved|sheet|head-[a-z]+-box)"', response.content.decode())


def test_every_row_of_the_form_is_on_the_page_one_group_of_it_in_view(
    draft: Inspection, officer: User, browse: Browse
) -> None:
    page = browse(officer).get(url("fill", draft)).content.decode()
    assert page.count("data-answer=") == 26
    assert re.findall(r'data-group="(\w+)" aria-labelledby="[\w-]+"( hidden)?', page) == [
        ("legality", ""), ("mgmt", " hidden"), ("building", " hidden"), ("facility", " hidden"), ("danger", " hidden"),
    ]  # fmt: skip


def test_the_draft_opens_where_something_is_left_or_at_the_group_asked_for(
    draft: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    for code, value in (("basis", "依法通过消防验收"), ("gathering", "否")):
        actions.answer(draft, officer, item(code), value)
    client = browse(officer)
    assert client.get(url("fill", draft)).context["group"].code == "mgmt"
    assert client.get(url("fill", draft), {"group": "danger"}).context["group"].code == "danger"
    assert client.get(url("fill", draft), {"group": "nonsense"}).context["group"].code == "mgmt"


def test_a_reload_shows_what_was_answered(draft: Inspection, officer: User, item: Item, browse: Browse) -> None:
    client = browse(officer)
    client.post(url("answer", draft, item("exit").pk), {"value": "锁闭"}, headers=HTMX)
    page = client.get(url("fill", draft)).content.decode()
    assert re.findall(r'value="(\w+)" checked', page) == ["锁闭"]


def test_an_answer_brings_back_its_row_and_the_counts(
    draft: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    response = browse(officer).post(url("answer", draft, item("exit").pk), {"value": "畅通"}, headers=HTMX)
    assert ids(response) == ["item-exit", "progress", "head-building-box", "saved"]


def test_a_failing_answer_opens_the_catalogue_at_the_right_hazard(
    draft: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    response = browse(officer).post(url("answer", draft, item("exit").pk), {"value": "锁闭"}, headers=HTMX)
    assert ids(response)[-1] == "sheet"
    assert response.context["chosen"].code == "EV02"
    assert next(kind.code for kind, _ in response.context["types"]) == "EV10"


def test_an_answer_sent_a_second_time_opens_nothing_anew(
    draft: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    client = browse(officer)
    for expected in ("sheet", "saved"):
        response = client.post(url("answer", draft, item("exit").pk), {"value": "锁闭"}, headers=HTMX)
        assert ids(response)[-1] == expected
    assert draft.answers.count() == 1


def test_what_follows_from_an_answer_comes_back_with_it(
    draft: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    response = browse(officer).post(url("answer", draft, item("gathering").pk), {"value": "否"}, headers=HTMX)
    assert ids(response) == ["item-gathering", "progress", "head-legality-box", "saved", "item-permit"]


def test_without_script_an_answer_leads_back_to_its_row(
    draft: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    response = browse(officer).post(url("answer", draft, item("exit").pk), {"value": "畅通"})
    assert response["Location"] == f"{url('fill', draft)}?group=building#item-exit"


def test_answers_kept_on_a_device_are_not_sent_in_another_officers_name(
    ready: Inspection, officer: User, partner: User, item: Item, browse: Browse
) -> None:
    answer = {"value": "锁闭", "as": officer.pk}
    assert browse(partner).post(url("answer", ready, item("exit").pk), answer, headers=HTMX).status_code == 403
    assert browse(officer).post(url("answer", ready, item("exit").pk), answer, headers=HTMX).status_code == 200


def test_a_signed_out_officer_is_sent_to_the_sign_in_and_nothing_is_saved(draft: Inspection, item: Item) -> None:
    response = Client().post(url("answer", draft, item("exit").pk), {"value": "锁闭"}, headers=HTMX)
    assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("stations:login"))
    assert draft.answers.count() == 0


def test_passing_the_rest_can_be_undone_on_the_spot(draft: Inspection, officer: User, browse: Browse) -> None:
    client = browse(officer)
    passed = client.post(url("pass_rest", draft, "danger"), headers=HTMX)
    assert len(passed.context["passed"]) == 3
    assert draft.answers.count() == 3
    undone = client.post(url("undo_pass", draft, "danger"), {"items": passed.context["passed"]}, headers=HTMX)
    assert (undone.status_code, draft.answers.count()) == (200, 0)
    plain = client.post(url("pass_rest", draft, "danger"))
    assert plain["Location"] == f"{url('fill', draft)}?group=danger"


def test_who_does_not_write_the_visit_reads_it_instead(
    draft: Inspection, partner: User, chief: User, stranger: User, supervisor: User, browse: Browse
) -> None:
    for user in (partner, chief):
        assert browse(user).get(url("fill", draft))["Location"] == url("detail", draft)
    assert browse(supervisor).get(url("fill", draft)).status_code == 403
    assert browse(stranger).get(url("fill", draft)).status_code == 404


def test_a_finished_visit_is_read_and_refuses_answers(
    ready: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    actions.submit(ready, officer, AT)
    client = browse(officer)
    assert client.get(url("fill", ready))["Location"] == url("detail", ready)
    response = client.post(url("answer", ready, item("exit").pk), {"value": "锁闭"}, headers=HTMX)
    assert (response.status_code, "不能再修改" in response.content.decode()) == (409, True)


def test_giving_up_asks_once_and_keeps_the_row(draft: Inspection, officer: User, browse: Browse) -> None:
    client = browse(officer)
    assert client.get(url("discard", draft)).status_code == 405
    assert client.post(url("discard", draft))["Location"] == reverse("inspections:list")
    draft.refresh_from_db()
    assert draft.state == State.DISCARDED


@pytest.mark.parametrize("much", [False, True])
def test_the_sheet_costs_the_same_queries_however_much_was_entered(
    draft: Inspection, officer: User, item: Item, browse: Browse, much: bool,
    pass_all: Callable[[Inspection], None], find: Callable[[Inspection], Finding],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    if much:
        pass_all(draft)
        find(draft)
        for code in ("exit", "signs", "lights"):
            actions.add_photo(draft, officer, picture(), AT, item(code))
    client = browse(officer)
    with django_assert_max_num_queries(10):
        assert client.get(url("fill", draft)).status_code == 200
    with django_assert_max_num_queries(12):
        client.get(url("people", draft))


def test_the_page_stays_light(
    draft: Inspection, officer: User, browse: Browse, pass_all: Callable[[Inspection], None]
) -> None:
    pass_all(draft)
    assert len(browse(officer).get(url("fill", draft)).content) < 75_000


def test_rows_are_numbered_as_they_have_to_be_answered(draft: Inspection) -> None:
    numbers = [row.number for row in sheet_of(draft).rows]
    assert [number for number in numbers if number] == list(range(1, 23))
    assert numbers[0] is None
