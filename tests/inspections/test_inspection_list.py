"""The visits that were made."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from inspections import actions
from inspections.entries import FindingDraft
from inspections.models import Checklist, Finding, HazardType, Inspection
from stations.models import User
from tests.inspections.conftest import AT, VISITED, picture
from units.models import Unit

LIST = reverse("inspections:list")
Browse = Callable[[User], Client]


@pytest.fixture
def visit(officer: User, partner: User, make_unit: Callable[..., Unit]) -> Callable[..., Inspection]:
    """A finished visit, or one in another state."""

    def make(name: str, on: date = VISITED, *, found: int = 0, **fields: object) -> Inspection:
        unit = make_unit(name)
        checklist = Checklist.objects.get(subject="UNIT")
        values = {"lead": officer, "second": partner, "state": "SUBMITTED", "finished_at": AT} | fields
        inspection = Inspection.objects.create(
            unit=unit, checklist=checklist, visited_on=on, started_at=AT, **unit.scope_columns(), **values
        )
        for number in range(found):
            Finding.objects.create(
                inspection=inspection, item=checklist.items.all()[0], hazard_type=HazardType.objects.all()[0],
                place=f"{number}层", wording="堵塞", mode="NOW",
            )  # fmt: skip
        return inspection

    return make


def names(client: Client, query: str = "") -> list[str]:
    return [row.unit.name for row in client.get(LIST + query).context["page"].rows]


def test_the_latest_visit_stands_first_and_what_was_given_up_or_void_is_left_out(
    visit: Callable[..., Inspection], officer: User, browse: Browse
) -> None:
    visit("甲店", VISITED - timedelta(days=2))
    visit("乙店")
    visit("丙店", state="DISCARDED")
    visit("丁店", state="VOID")
    visit("戊店", VISITED - timedelta(days=1), state="DRAFT")
    assert names(browse(officer)) == ["乙店", "戊店", "甲店"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=甲", ["甲店"]),
        ("?q=ＭＡ１２", []),
        ("?state=VOID", ["丁店"]),
        ("?found=yes", ["乙店"]),
        ("?found=no", ["甲店"]),
        ("?since=2026-09-25", ["乙店"]),
        ("?until=2026-09-24", ["甲店"]),
        ("?since=nonsense&state=nonsense&officer=x", ["乙店", "甲店"]),
    ],
)
def test_the_filter_narrows_and_never_fails(
    visit: Callable[..., Inspection], officer: User, browse: Browse, query: str, found: list[str]
) -> None:
    visit("甲店", VISITED - timedelta(days=2))
    visit("乙店", found=2)
    visit("丁店", state="VOID")
    assert names(browse(officer), query) == found


def test_a_visit_with_many_hazards_is_one_row_with_its_count(
    visit: Callable[..., Inspection], officer: User, browse: Browse
) -> None:
    visit("乙店", found=3)
    rows = browse(officer).get(LIST, {"found": "yes"}).context["page"].rows
    assert [(row.unit.name, row.found) for row in rows] == [("乙店", 3)]


def test_everybody_sees_the_visits_of_his_own_reach(
    visit: Callable[..., Inspection], officer: User, supervisor: User, leader: User, stranger: User,
    system_admin: User, browse: Browse,
) -> None:  # fmt: skip
    shown = visit("甲店")
    for user in (officer, supervisor, leader):
        assert names(browse(user)) == ["甲店"]
    assert names(browse(stranger)) == []
    assert browse(system_admin).get(LIST).status_code == 403
    page = reverse("inspections:detail", args=[shown.pk])
    assert browse(supervisor).get(page).status_code == 200
    assert browse(stranger).get(page).status_code == 404


def test_the_export_holds_exactly_what_is_shown(
    visit: Callable[..., Inspection], officer: User, browse: Browse
) -> None:
    visit("甲店", VISITED - timedelta(days=2))
    visit("=乙店", found=2)
    response = browse(officer).get(LIST, {"found": "yes", "export": "xlsx"})
    rows = list(load_workbook(BytesIO(response.content)).worksheets[0].values)
    assert [row[1:3] + row[5:10] for row in rows[1:]] == [
        ("'=乙店", "单位（场所）", "李建平", "张海涛", "已完成", 2, 0)
    ]


def test_who_may_not_export_gets_no_workbook(visit: Callable[..., Inspection], assistant: User, browse: Browse) -> None:
    visit("甲店")
    client = browse(assistant)
    assert client.get(LIST).context["may_export"] is False
    assert client.get(LIST, {"export": "xlsx"}).status_code == 403


def test_one_visit_costs_as_many_queries_as_three(
    visit: Callable[..., Inspection], officer: User, browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client = browse(officer)
    for count in (1, 2):
        for number in range(count):
            visit(f"店{count}{number}", found=number + 1)
        with django_assert_max_num_queries(9):
            client.get(LIST)


def test_a_second_page_goes_on_where_the_first_ended(
    visit: Callable[..., Inspection], officer: User, browse: Browse
) -> None:
    for number in range(51):
        visit(f"店{number:02d}", VISITED - timedelta(days=number))
    client = browse(officer)
    page = client.get(LIST).context["page"]
    assert (len(page.rows), page.total) == (50, 51)
    assert names(client, f"?cursor={page.next_cursor}") == ["店50"]


def test_a_finished_visit_is_read_with_hazards_people_and_photographs(
    ready: Inspection, officer: User, find: Callable[[Inspection], Finding], browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    find(ready)
    actions.add_photo(ready, officer, picture(), AT)
    actions.submit(ready, officer, AT)
    client = browse(officer)
    with django_assert_max_num_queries(10):
        page = client.get(reverse("inspections:detail", args=[ready.pk]))
    words = page.content.decode()
    for expected in ("一层北侧后门安全出口锁闭1处", "李建平、张海涛", "刘桂香 店主", "纸面手签", "现场照片"):
        assert expected in words
    assert (page.context["may_fill"], "继续检查" in words) == (False, False)


def test_a_draft_is_gone_on_with_by_its_officers_only(
    draft: Inspection, officer: User, chief: User, browse: Browse
) -> None:
    page = reverse("inspections:detail", args=[draft.pk])
    assert browse(officer).get(page).context["may_fill"] is True
    assert browse(chief).get(page).context["may_fill"] is False


def test_the_words_of_a_hazard_are_escaped(ready: Inspection, officer: User, browse: Browse) -> None:
    item = ready.checklist.items.get(code="building_other")
    kind = HazardType.objects.get(code="EL01")
    draft = FindingDraft("<script>", "alert(1)", mode="NOW")
    actions.add_finding(ready, officer, item, kind, draft)
    for name in ("detail", "fill"):
        words = browse(officer).get(reverse(f"inspections:{name}", args=[ready.pk])).content.decode()
        assert "&lt;script&gt;alert(1)" in words
