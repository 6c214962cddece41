from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from filings.actions import acknowledge, hand_in, open_month
from filings.models import MonthlyReport
from filings.month import Month
from inspections.models import Inspection
from stations.models import Organisation, User
from tests.filings.conftest import moment
from units.models import Unit

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
SEPTEMBER, AUGUST, JULY = Month(2026, 9), Month(2026, 8), Month(2026, 7)
LIST = reverse("filings:monthly")


@pytest.fixture(autouse=True)
def _after_the_holiday() -> Iterator[None]:
    with time_machine.travel(moment(8, month=10), tick=False):
        yield


@pytest.fixture
def owing(unit: Unit, visit: Inspection) -> Organisation:
    """Our station, which owes the report of September with one visit in it."""
    Unit.objects.filter(pk=unit.pk).update(created_at=moment(1, month=1))
    open_month(moment(1, month=10).date())
    return unit.station


def url(name: str, station: Organisation, *more: object, month: Month = SEPTEMBER) -> str:
    return reverse(f"filings:{name}", args=[station.pk, month.year, month.number, *more])


def report_of(station: Organisation, chief: User, day: int = 8, month: Month = SEPTEMBER) -> MonthlyReport:
    return hand_in(station, month, chief, note="", at=moment(day, month=10))


# ---------- lists ----------


def test_a_station_sees_its_months_the_running_one_first(owing: Organisation, officer: User, browse: Browse) -> None:
    lines = browse(officer).get(LIST).context["lines"]
    assert [(str(line.month), line.words, line.tone) for line in lines] == [
        ("2026年10月", "", ""), ("2026年9月", "今天到期", "today"),
    ]  # fmt: skip


def test_the_brigade_sees_who_has_handed_in_and_who_has_not(
    owing: Organisation, chief: User, brigade_leader: User, sibling: Organisation, browse: Browse
) -> None:
    report_of(owing, chief)
    page = browse(brigade_leader).get(LIST)
    assert (str(page.context["month"]), page.context["handed_in"], len(page.context["every"])) == ("2026年9月", 1, 2)
    lines = {line.station.name: (line.words, line.is_late, line.main) for line in page.context["lines"]}
    assert lines == {
        "北关派出所": ("", False, [""] * 6),
        "城关派出所": ("已完成", False, ["1", "0", "0", "0", "0", "0"]),
    }
    assert "不需要报送" in page.content.decode()


@pytest.mark.parametrize(
    ("state", "day", "shown"),
    [("missing", 8, []), ("late", 8, []), ("late", 9, ["城关派出所"]), ("unread", 8, ["城关派出所"])],
)
def test_the_overview_narrows_by_what_became_of_the_report(
    owing: Organisation, chief: User, supervisor: User, browse: Browse, state: str, day: int, shown: list[str]
) -> None:
    report_of(owing, chief, day)
    lines = browse(supervisor).get(f"{LIST}?month=2026-09&state={state}").context["lines"]
    assert [line.station.name for line in lines] == shown


def test_a_month_nobody_can_read_is_the_one_that_ended_last(supervisor: User, browse: Browse) -> None:
    for word in ("2026-13", "x", "2031-01", "²-1"):
        assert str(browse(supervisor).get(f"{LIST}?month={word}").context["month"]) == "2026年9月"


def test_the_workbook_has_every_figure_of_the_stations_shown(
    owing: Organisation, chief: User, bureau_officer: User, sibling: Organisation, browse: Browse
) -> None:
    report_of(owing, chief, 9)
    response = browse(bureau_officer).get(f"{LIST}?month=2026-09&export=xlsx")
    head, *rows = load_workbook(BytesIO(response.content)).active.values
    assert (head[:3], head[8:10]) == (("派出所", "月份", "报送"), ("检查单位（家次）", "九小场所等单位（家次）"))
    assert [(row[0], row[2], row[3], row[8]) for row in rows] == [
        ("北关派出所", "不需要报送", None, None), ("城关派出所", "迟报", "王志远", 1),
    ]  # fmt: skip


# ---------- one report ----------


def test_the_draft_counts_to_the_day_and_offers_nothing_while_the_month_runs(
    owing: Organisation, chief: User, browse: Browse
) -> None:
    page = browse(chief).get(url("monthly_report", owing, month=Month(2026, 10)))
    assert (page.context["report"], page.context["may_hand_in"]) == (None, False)
    assert "截至 2026-10-08" in page.content.decode()


def test_a_month_of_the_future_or_none_at_all_is_not_found(owing: Organisation, chief: User, browse: Browse) -> None:
    for month in (Month(2026, 11), Month(1999, 1)):
        assert browse(chief).get(url("monthly_report", owing, month=month)).status_code == 404
    assert browse(chief).get(f"/filings/monthly/{owing.pk}/2026/13/").status_code == 404


def test_a_report_says_what_has_moved_since_it_was_handed_in(
    owing: Organisation, chief: User, officer: User, visit: Inspection, browse: Browse
) -> None:
    report_of(owing, chief)
    still = browse(officer).get(url("monthly_report", owing))
    Inspection.objects.filter(pk=visit.pk).update(visited_on=moment(3, month=10).date())
    moved = browse(officer).get(url("monthly_report", owing))
    assert (still.context["moved"], moved.context["moved"]) == (False, True)
    visits = moved.context["groups"][0][1][0]
    assert (visits.figure.value, visits.now) == ("1", "0")


def test_the_chief_hands_in_with_the_preview_before_him(owing: Organisation, chief: User, browse: Browse) -> None:
    client = browse(chief)
    assert client.get(url("hand_in", owing)).context["groups"][0][1][0].figure.value == "1"
    answer = client.post(url("hand_in", owing), {"version": 0, "note": "国庆专项检查"})
    assert (answer.status_code, answer["Location"]) == (302, url("monthly_report", owing))
    assert MonthlyReport.objects.get().note == "国庆专项检查"


def test_a_correction_without_a_reason_is_asked_for_one(owing: Organisation, chief: User, browse: Browse) -> None:
    report_of(owing, chief)
    client = browse(chief)
    assert client.post(url("hand_in", owing), {"version": 1, "note": ""}).status_code == 422
    assert client.post(url("hand_in", owing), {"version": 1, "note": "", "reason": "补录"}).status_code == 302
    assert client.post(url("hand_in", owing), {"version": 1, "note": "", "reason": "补录"}).status_code == 409
    page = client.get(url("monthly_report", owing) + "?version=1")
    assert (page.context["report"].version, page.context["current"]) == (1, False)
    assert client.get(url("monthly_report", owing) + "?version=3").status_code == 404


def test_the_brigade_acknowledges_with_one_button(
    owing: Organisation, chief: User, supervisor: User, browse: Browse
) -> None:
    report = report_of(owing, chief)
    client = browse(supervisor)
    assert client.get(url("monthly_report", owing)).context["may_acknowledge"]
    assert client.post(reverse("filings:acknowledge", args=[report.pk])).status_code == 302
    report.refresh_from_db()
    assert report.acknowledged_by == supervisor
    assert not client.get(url("monthly_report", owing)).context["may_acknowledge"]


@pytest.mark.slow
def test_who_may_do_what_with_a_report(
    owing: Organisation, chief: User, officer: User, assistant: User, supervisor: User, stranger: User, browse: Browse
) -> None:
    report = report_of(owing, chief)
    page, form = url("monthly_report", owing), url("hand_in", owing)
    read = reverse("filings:acknowledge", args=[report.pk])
    assert [browse(user).get(page).status_code for user in (officer, supervisor, assistant, stranger)] == [
        200, 200, 403, 404,
    ]  # fmt: skip
    assert [browse(user).get(form).status_code for user in (chief, officer, supervisor, stranger)] == [
        200, 403, 403, 404,
    ]  # fmt: skip
    assert browse(chief).post(read).status_code == 403


def test_a_figure_leads_to_exactly_its_rows_even_after_they_have_moved(
    owing: Organisation, chief: User, visit: Inspection, browse: Browse
) -> None:
    client = browse(chief)
    page = client.get(url("monthly_rows", owing, "VISITS"))
    assert [(row.title, row.url) for row in page.context["rows"]] == [
        ("万家福便利超市", reverse("inspections:detail", args=[visit.pk]))
    ]
    report_of(owing, chief)
    Inspection.objects.filter(pk=visit.pk).update(visited_on=moment(3, month=10).date())
    assert len(client.get(url("monthly_rows", owing, "VISITS")).context["rows"]) == 1
    covered = client.get(url("monthly_rows", owing, "COVERED")).context["rows"]
    assert [(row.title, row.counts) for row in covered] == [("万家福便利超市", True)]
    assert client.get(url("monthly_rows", owing, "NOTHING")).status_code == 404


@pytest.mark.slow
def test_three_stations_and_three_months_cost_as_many_queries_as_one(
    owing: Organisation, chief: User, supervisor: User, brigade_leader: User, bureau: Organisation,
    brigade: Organisation, browse: Browse, django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    report = report_of(owing, chief)
    pages = [(supervisor, LIST), (chief, LIST), (supervisor, url("monthly_report", owing))]
    pages += [(chief, url("hand_in", owing)), (chief, url("monthly_rows", owing, "VISITS"))]

    def costs() -> list[int]:
        found = []
        for user, address in pages:
            client = browse(user)
            client.get(address)
            with django_assert_max_num_queries(12) as asked:
                client.get(address)
            found.append(len(asked))
        return found

    one = costs()
    for month in (AUGUST, JULY):
        acknowledge(report_of(owing, chief, month=month), supervisor, moment(8, 11, month=10))
    hand_in(owing, SEPTEMBER, chief, note="", at=moment(8, 12, month=10), version=report.version, reason="补录")
    for name in ("东关派出所", "西关派出所"):
        Organisation.objects.create(kind="STATION", name=name, parent=bureau, bureau=bureau, brigade=brigade)
    assert costs() == one
