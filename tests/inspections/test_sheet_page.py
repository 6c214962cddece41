"""The catalogue sheet of a row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from inspections import actions
from inspections.models import ChecklistItem, Finding, HazardType, Inspection, OrderBasis
from stations.models import Organisation, User

Browse = Callable[[User], Client]
Item = Callable[[str], ChecklistItem]
HTMX = {"HX-Request": "true"}
EXIT = {
    "code": "EV02", "place": "一层北侧后门", "words": "安全出口锁闭", "quantity": "１", "mode": "NOW", "days": "0",
    "fixed_on_spot": "on", "grave": "no",
}  # fmt: skip


@pytest.fixture
def sheet(draft: Inspection, officer: User, item: Item) -> str:
    """The address of the sheet of 安全出口, which was found locked."""
    actions.answer(draft, officer, item("exit"), "锁闭")
    return reverse("inspections:choose", args=[draft.pk, item("exit").pk])


def codes(response: Any) -> list[str]:
    return [kind.code for kind, _ in response.context["types"]]


def test_what_fits_the_answer_stands_first_and_opened(sheet: str, officer: User, browse: Browse) -> None:
    response = browse(officer).get(sheet, headers=HTMX)
    assert (response.context["chosen"].code, codes(response)) == (
        "EV02",
        ["EV10", "EV03", "EV05", "EV09", "EV11", "EB01", "EB02"],
    )
    assert response.context["form"]["words"].value() == "安全出口锁闭"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=喷淋", []),
        ("q=ＥＱ０２", ["EQ02"]),
        ("q=飞线 充电", ["EB03"]),
        ("q=飞 线充电", ["EB03"]),
        ("category=ACCESS", ["AC01", "AC02", "AC03"]),
        ("q=间距&category=ACCESS", ["AC03"]),
        ("category=NONSENSE", []),
    ],
)
def test_the_rest_is_found_by_forgiving_search(
    sheet: str, officer: User, browse: Browse, query: str, found: list[str]
) -> None:
    assert codes(browse(officer).get(f"{sheet}?{query}", headers=HTMX)) == found


def test_another_entry_can_be_opened(sheet: str, officer: User, browse: Browse) -> None:
    response = browse(officer).get(f"{sheet}?code=EV03", headers=HTMX)
    assert (response.context["chosen"].code, response.context["form"]["days"].value()) == ("EV03", 30)
    assert response.context["basis"].orders is False


def test_an_entry_of_several_offences_says_that_no_period_can_be_ordered(
    sheet: str, officer: User, browse: Browse
) -> None:
    client, told = browse(officer), "限期改正通知书只能写一种"
    for code, name, shown in (
        ("EV02", "锁闭安全出口", 0), ("EV02", "封闭/锁闭安全出口", 1), ("EV03", "飞线/乱接", 0),
    ):  # fmt: skip
        HazardType.objects.filter(code=code).update(name=name)
        assert client.get(f"{sheet}?code={code}", headers=HTMX).content.decode().count(told) == shown


def test_the_bureaus_own_basis_is_shown_to_its_stations_only(
    sheet: str, officer: User, bureau: Organisation, brigade: Organisation, browse: Browse
) -> None:
    other = Organisation.objects.create(kind="BUREAU", name="邻市公安局", code_word="邻公")
    kind = HazardType.objects.get(code="EV03")
    OrderBasis.objects.create(bureau=other, hazard_type=kind, basis="邻省条例")
    assert browse(officer).get(f"{sheet}?code=EV03", headers=HTMX).context["basis"].orders is False
    OrderBasis.objects.create(bureau=bureau, hazard_type=kind, basis="本省消防条例第35条")
    assert browse(officer).get(f"{sheet}?code=EV03", headers=HTMX).context["basis"].words == "本省消防条例第35条"


def test_an_adopted_hazard_stands_at_its_row(sheet: str, draft: Inspection, officer: User, browse: Browse) -> None:
    response = browse(officer).post(sheet, EXIT, headers=HTMX)
    assert response.templates[0].name == "inspections/_noted.html"
    finding = draft.findings.get()
    assert (finding.wording, finding.mode, finding.fixed_on_spot, finding.grave) == (
        "一层北侧后门安全出口锁闭1处", "NOW", True, False,
    )  # fmt: skip


def test_the_form_sent_twice_notes_one_hazard(sheet: str, draft: Inspection, officer: User, browse: Browse) -> None:
    client = browse(officer)
    for _ in range(2):
        assert client.post(sheet, EXIT).status_code == 302
    assert draft.findings.count() == 1


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"place": " "}, "place", "写明在什么部位"),
        ({"mode": "LIMIT", "days": ""}, "days", "写明限期几天"),
        ({"mode": ""}, "mode", "选择立即或限期"),
        ({"grave": ""}, "grave", "判断是否严重威胁公共安全"),
        ({"days": "many"}, "days", "输入整数。"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(
    sheet: str, draft: Inspection, officer: User, browse: Browse, change: dict[str, str], field: str, words: str
) -> None:
    response = browse(officer).post(sheet, EXIT | change, headers=HTMX)
    assert response.context["form"].errors[field] == [words]
    assert 'value="１"' in response.content.decode()
    assert draft.findings.count() == 0


def test_a_hazard_that_cannot_be_grave_does_not_ask(
    draft: Inspection, officer: User, item: Item, browse: Browse
) -> None:
    actions.answer(draft, officer, item("signs"), "缺少")
    sheet = reverse("inspections:choose", args=[draft.pk, item("signs").pk])
    form = {"code": "EV06", "place": "二层", "words": "缺少疏散指示标志", "mode": "LIMIT", "days": "7", "grave": "yes"}
    browse(officer).post(sheet, form)
    assert draft.findings.get().grave is False


def test_a_code_that_is_not_in_the_catalogue_is_not_found(sheet: str, officer: User, browse: Browse) -> None:
    assert browse(officer).post(sheet, EXIT | {"code": "XX99"}).status_code == 404


def test_a_noted_hazard_opens_with_its_words_apart_and_is_saved_anew(
    draft: Inspection, officer: User, find: Callable[[Inspection], Finding], browse: Browse
) -> None:
    address = reverse("inspections:finding", args=[draft.pk, find(draft).pk])
    form = browse(officer).get(address, headers=HTMX).context["form"]
    assert [form[name].value() for name in ("place", "words", "quantity")] == ["一层北侧后门", "安全出口锁闭", "1"]
    browse(officer).post(address, EXIT | {"quantity": "2"})
    assert draft.findings.get().wording == "一层北侧后门安全出口锁闭2处"


def test_a_noted_hazard_can_be_removed(
    draft: Inspection, officer: User, find: Callable[[Inspection], Finding], browse: Browse
) -> None:
    address = reverse("inspections:remove_finding", args=[draft.pk, find(draft).pk])
    assert browse(officer).get(address).status_code == 405
    assert browse(officer).post(address).status_code == 302
    assert draft.findings.count() == 0


def test_the_period_is_explained_as_it_is_chosen(draft: Inspection, officer: User, item: Item, browse: Browse) -> None:
    address = reverse("inspections:period", args=[draft.pk, "EV06"])
    follow = browse(officer).get(address, {"mode": "LIMIT", "days": "7"}).context["follow"]
    assert (follow.ends_on.isoformat(), follow.steps[1]) == ("2026-10-08", ("复查", "期限届满后，10月12日前"))
    for query in ({}, {"mode": "LIMIT", "days": "x"}, {"mode": "LIMIT", "days": "99999"}):
        assert browse(officer).get(address, query).status_code == 200


def test_a_stranger_finds_no_sheet_and_a_reader_may_not_open_it(
    sheet: str, stranger: User, supervisor: User, chief: User, browse: Browse
) -> None:
    assert browse(stranger).get(sheet).status_code == 404
    assert browse(supervisor).get(sheet).status_code == 403
    assert browse(chief).post(sheet, EXIT).status_code == 409


def test_without_script_the_sheet_is_a_page(sheet: str, officer: User, browse: Browse) -> None:
    assert browse(officer).get(sheet).templates[0].name == "inspections/finding_form.html"


def test_the_sheet_costs_few_queries_whatever_it_offers(
    sheet: str, officer: User, browse: Browse, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = browse(officer)
    for query in ("", "?q=火", "?category=EVAC", "?code=EV06", "?code=GA03"):
        with django_assert_max_num_queries(12):
            client.get(sheet + query, headers=HTMX)
