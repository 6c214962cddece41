"""The pages on which a unit is picked."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from inspections.models import Inspection
from stations.models import Organisation, User
from tests.inspections.conftest import AT, VISITED
from units.models import Unit

START = reverse("inspections:start")
Browse = Callable[[User], Client]


def names(client: Client, query: str = "") -> list[str]:
    return [unit.name for unit in client.get(START + query).context["page"].rows]


def test_without_words_the_officers_own_units_stand_there_the_longest_unvisited_first(
    officer: User, partner: User, make_unit: Callable[..., Unit], browse: Browse
) -> None:
    make_unit("上月查过", last_visited_on=date(2026, 8, 20))
    make_unit("去年查过", last_visited_on=date(2025, 3, 1))
    make_unit("从没查过", last_visited_on=None)
    make_unit("别人负责", officer=partner)
    assert names(browse(officer)) == ["从没查过", "去年查过", "上月查过"]


@pytest.mark.parametrize("words", ["万家福", "北大街62", "９１１４", "19900000001", "万家 超市"])
def test_a_unit_is_found_by_name_address_code_or_telephone(
    officer: User, make_unit: Callable[..., Unit], browse: Browse, words: str
) -> None:
    make_unit("万家福便利超市", credit_code="91140000MA0000000X")
    make_unit("老街面馆", address="南巷1号", phone="")
    assert names(browse(officer), f"?q={words}") == ["万家福便利超市"]


def test_units_closed_or_of_another_station_are_not_offered(
    officer: User, sibling: Organisation, make_unit: Callable[..., Unit], browse: Browse
) -> None:
    make_unit("万家福一店", state="CLOSED", closed_on=VISITED, closed_reason="转让")
    make_unit("万家福二店", station=sibling)
    assert names(browse(officer), "?q=万家福") == []


def test_typing_gets_the_list_alone(officer: User, unit: Unit, browse: Browse) -> None:
    response = browse(officer).get(START, {"q": "万家福"}, headers={"HX-Request": "true"})
    assert response.templates[0].name == "inspections/_start_units.html"


def test_a_unit_is_shown_before_the_visit_begins(officer: User, stranger: User, unit: Unit, browse: Browse) -> None:
    page = f"{START}?unit={unit.pk}"
    assert browse(officer).get(page).context["subject"].label == "单位"
    assert Inspection.objects.count() == 0
    assert browse(stranger).get(page).status_code == 404


def test_beginning_leads_to_the_sheet_and_a_second_click_to_the_same_one(
    officer: User, unit: Unit, browse: Browse
) -> None:
    client = browse(officer)
    with time_machine.travel(AT, tick=False):
        first = client.post(reverse("inspections:begin", args=[unit.pk]))
        second = client.post(reverse("inspections:begin", args=[unit.pk]))
    inspection = Inspection.objects.get()
    assert first["Location"] == second["Location"] == reverse("inspections:fill", args=[inspection.pk])
    assert (inspection.visited_on, inspection.started_at) == (VISITED, AT)


def test_only_who_inspects_begins_and_only_in_his_scope(
    officer: User, chief: User, assistant: User, supervisor: User, stranger: User, unit: Unit, browse: Browse
) -> None:
    begin = reverse("inspections:begin", args=[unit.pk])
    assert browse(assistant).post(begin).status_code == 403
    assert browse(supervisor).post(begin).status_code == 403
    assert browse(stranger).post(begin).status_code == 404
    assert browse(officer).get(begin).status_code == 405
    assert Inspection.objects.count() == 0
    assert browse(chief).post(begin).status_code == 302


def test_a_colleagues_open_draft_is_mentioned_and_ones_own_is_gone_on_with(
    draft: Inspection, officer: User, partner: User, browse: Browse
) -> None:
    page = f"{START}?unit={draft.unit_id}"
    assert [other.pk for other in browse(partner).get(page).context["others"]] == [draft.pk]
    assert browse(officer).get(page).context["draft"] == draft
    assert [row.pk for row in browse(officer).get(START).context["drafts"]] == [draft.pk]


def test_one_unit_costs_as_many_queries_as_three(
    officer: User, make_unit: Callable[..., Unit], browse: Browse, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = browse(officer)
    for count in (1, 2):
        for number in range(count):
            make_unit(f"店{count}{number}")
        with django_assert_max_num_queries(8):
            client.get(START)
