"""The list of units: who sees what, what the filters find, export, bulk assignment."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from stations.models import Organisation, User
from trail.models import AuditEntry
from units.models import Category, Kind, State, Unit

LIST = reverse("units:list")
Browse = Callable[[User], Client]
MakeUnit = Callable[..., Unit]


def names(client: Client, **query: object) -> list[str]:
    return [unit.name for unit in client.get(LIST, query).context["page"].rows]


@pytest.mark.slow
def test_each_sees_the_units_of_his_own_reach(
    make_unit: MakeUnit,
    sibling: Organisation,
    browse: Browse,
    officer: User,
    chief: User,
    supervisor: User,
    stranger: User,
    bureau_officer: User,
) -> None:
    make_unit("甲店")
    make_unit("乙店", station=sibling)
    seen = {user: names(browse(user)) for user in (officer, chief, supervisor, stranger, bureau_officer)}
    assert seen == {
        officer: ["甲店"], chief: ["甲店"], supervisor: ["甲店"], stranger: ["乙店"], bureau_officer: ["乙店", "甲店"],
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["万家福", "便利 万家", "ｗ１", "江城市万家福", "北大街 62", "92140781bj1x", "刘桂香", "19900000001"]
)
def test_search_forgives_width_case_spaces_and_the_city(
    make_unit: MakeUnit, browse: Browse, officer: User, words: str
) -> None:
    make_unit("万家福便利超市w1", credit_code="92140781BJ1XG612DG")
    make_unit("好又多", address="南街1号", person="王五", phone="19900000002")
    assert names(browse(officer), q=words) == ["万家福便利超市w1"]


@pytest.mark.slow
def test_filters_narrow_by_category_committee_officer_visit_and_state(
    make_unit: MakeUnit, browse: Browse, chief: User, partner: User
) -> None:
    committee = make_unit("北大街社区居委会", kind=Kind.COMMITTEE)
    shop = make_unit("甲店", committee=committee, last_visited_on="2026-03-01")
    hotel = make_unit("乙旅馆", category=Category.objects.get(code="HOTEL"), officer=partner)
    orphan = make_unit("丙店", officer=None, last_visited_on="2025-12-31")
    closed = make_unit("丁店", state=State.CLOSED, closed_on="2026-01-05", closed_reason="搬走")
    client = browse(chief)
    assert names(client, category=hotel.category_id) == [hotel.name]
    assert names(client, category="COMMITTEES") == [committee.name]
    assert names(client, committee=committee.pk) == [shop.name]
    assert names(client, officer=partner.pk) == [hotel.name]
    assert names(client, officer="none") == [orphan.name]
    assert names(client, state=State.CLOSED) == [closed.name]
    assert len(names(client, state="all")) == 5


def test_this_year_begins_on_new_years_day(
    make_unit: MakeUnit, browse: Browse, chief: User, time_machine: "object"
) -> None:
    time_machine.move_to("2026-10-09 09:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    make_unit("甲店", last_visited_on="2026-01-01")
    make_unit("乙店", last_visited_on="2025-12-31")
    make_unit("丙店")
    assert names(browse(chief), visited="yes") == ["甲店"]
    assert sorted(names(browse(chief), visited="no")) == ["丙店", "乙店"]


def test_a_filter_that_makes_no_sense_is_left_out(make_unit: MakeUnit, browse: Browse, chief: User) -> None:
    make_unit("甲店")
    assert names(browse(chief), officer="x", category="-1", committee="9", state="?", sort="password", cursor="%") == [
        "甲店"
    ]


def test_the_list_sorts_by_the_day_of_the_last_visit(make_unit: MakeUnit, browse: Browse, chief: User) -> None:
    make_unit("甲店", last_visited_on="2026-03-01")
    make_unit("乙店")
    make_unit("丙店", last_visited_on="2026-01-01")
    assert names(browse(chief), sort="visited") == ["丙店", "甲店", "乙店"]
    assert names(browse(chief), sort="-visited") == ["甲店", "丙店", "乙店"]


@pytest.mark.slow
def test_the_page_costs_the_same_queries_with_one_and_with_three_units(
    make_unit: MakeUnit,
    browse: Browse,
    chief: User,
    bureau_officer: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    committee = make_unit("北大街社区居委会", kind=Kind.COMMITTEE)
    make_unit("甲店", committee=committee)
    for user in (chief, bureau_officer):
        client = browse(user)
        client.get(LIST)
        with django_assert_max_num_queries(12) as few:
            client.get(LIST, {"q": "店"})
        make_unit("乙店", committee=committee)
        make_unit("丙店", committee=committee, officer=None)
        with django_assert_max_num_queries(12) as more:
            client.get(LIST, {"q": "店"})
        assert len(few) == len(more)


def test_the_export_is_what_the_filter_shows_and_runs_no_formula(
    make_unit: MakeUnit, browse: Browse, chief: User
) -> None:
    make_unit("甲店", remark="x", person="=1+1")
    make_unit("乙旅馆", category=Category.objects.get(code="HOTEL"))
    answer = browse(chief).get(LIST, {"q": "甲", "export": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("单位", "地址", "类别")
    assert [row[0] for row in rows[1:]] == ["甲店"]
    assert rows[1][6] == "'=1+1"


def test_an_assistant_exports_nothing(make_unit: MakeUnit, browse: Browse, assistant: User) -> None:
    make_unit("甲店")
    answer = browse(assistant).get(LIST, {"export": "xlsx"})
    assert answer["Content-Type"] == "text/html; charset=utf-8"


def test_the_chief_gives_ticked_units_to_an_officer_with_a_trail(
    make_unit: MakeUnit, browse: Browse, chief: User, partner: User
) -> None:
    first, second, third = make_unit("甲店", officer=None), make_unit("乙店"), make_unit("丙店")
    url = reverse("units:assign")
    answer = browse(chief).post(url, {"ids": [first.pk, second.pk], "officer": partner.pk, "which": "chosen"})
    assert answer.status_code == 302
    assert list(Unit.objects.filter(officer=partner).order_by("pk")) == [first, second]
    assert third.officer_id != partner.pk
    assert [entry.summary for entry in AuditEntry.objects.filter(action="units.assign").order_by("pk")] == [
        "责任民警：未分配 → 张海涛",
        "责任民警：李建平 → 张海涛",
    ]


def test_the_chief_gives_a_whole_committee_to_an_officer(
    make_unit: MakeUnit, browse: Browse, chief: User, partner: User
) -> None:
    committee = make_unit("北大街社区居委会", kind=Kind.COMMITTEE)
    inside = [make_unit(name, committee=committee, officer=None) for name in ("甲店", "乙店")]
    make_unit("丙店", officer=None)
    url = f"{reverse('units:assign')}?committee={committee.pk}"
    browse(chief).post(url, {"officer": partner.pk, "which": "all"})
    assert set(Unit.objects.filter(officer=partner)) == set(inside)


def test_units_of_another_station_cannot_be_given(
    make_unit: MakeUnit, browse: Browse, chief: User, bureau_officer: User, partner: User, sibling: Organisation
) -> None:
    other = make_unit("邻所店", station=sibling)
    form = {"ids": [other.pk], "officer": partner.pk, "which": "chosen"}
    assert browse(bureau_officer).post(reverse("units:assign"), form).status_code == 409
    browse(chief).post(reverse("units:assign"), form)
    other.refresh_from_db()
    assert other.officer is None


def test_assigning_is_the_chiefs_and_the_bureaus(unit: Unit, browse: Browse, officer: User, supervisor: User) -> None:
    for user in (officer, supervisor):
        assert browse(user).post(reverse("units:assign"), {"ids": [unit.pk]}).status_code == 403


def test_without_an_officer_chosen_nothing_is_assigned(unit: Unit, browse: Browse, chief: User) -> None:
    answer = browse(chief).post(reverse("units:assign"), {"ids": [unit.pk], "which": "chosen"}, follow=True)
    assert "没有分配：请选择民警，并勾选单位。" in answer.content.decode()
    assert AuditEntry.objects.filter(action="units.assign").count() == 0
