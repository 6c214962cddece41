from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from assessments.actions import publish
from assessments.models import Assessment, Scheme
from assessments.quarters import Quarter
from deadlines.models import Clock
from inspections.models import Inspection
from stations.models import Organisation, User
from tests.assessments.conftest import BUSY, TODAY, moment
from units.models import Unit

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
Q3 = Quarter(2026, 3)
RANKING = reverse("assessments:quarter", args=[2026, 3])


@pytest.fixture(autouse=True)
def _on_a_thursday() -> Iterator[None]:
    with time_machine.travel(moment(TODAY), tick=False):
        yield


def station_url(station: Organisation, quarter: Quarter = Q3) -> str:
    return reverse("assessments:station", args=[quarter.year, quarter.number, station.pk])


def records_url(station: Organisation, code: str, only: str = "") -> str:
    return reverse("assessments:records", args=[2026, 3, station.pk, code]) + (f"?only={only}" if only else "")


def sheet(client: Client, url: str) -> list[tuple[object, ...]]:
    return list(load_workbook(BytesIO(client.get(url).content)).active.values)


# ---------- where one lands ----------


def test_a_station_lands_on_its_own_page_and_others_on_the_ranking(
    officer: User, leader: User, supervisor: User, station: Organisation, browse: Browse
) -> None:
    url = reverse("assessments:current")
    assert browse(officer).get(url)["Location"] == station_url(station)
    assert browse(leader).get(url)["Location"] == RANKING
    assert browse(supervisor).get(url)["Location"] == RANKING


@pytest.mark.parametrize("address", ["2026/4", "2026/5", "2026/0", "1999/1", "9999/4"])
def test_there_is_no_quarter_of_the_future_and_no_fifth(leader: User, browse: Browse, address: str) -> None:
    assert browse(leader).get(f"/assessments/{address}/").status_code == 404


# ---------- the ranking ----------


def test_the_leader_sees_every_station_and_a_supervisor_those_he_guides(
    busy_quarter: Unit, leader: User, supervisor: User, brigade_leader: User, browse: Browse
) -> None:
    def names(user: User) -> list[str]:
        return [row.station.name for row, _ in browse(user).get(RANKING).context["rows"]]

    assert names(leader) == ["城关派出所", "北关派出所"]
    assert names(brigade_leader) == ["城关派出所", "北关派出所"]
    assert names(supervisor) == ["城关派出所"]


def test_an_assistant_sees_no_assessment(assistant: User, station: Organisation, browse: Browse) -> None:
    for url in (RANKING, station_url(station), reverse("assessments:coverage")):
        assert browse(assistant).get(url).status_code == 403


def test_the_ranking_is_exported_with_every_indicator(busy_quarter: Unit, leader: User, browse: Browse) -> None:
    header, first, second = sheet(browse(leader), f"{RANKING}?export=xlsx")
    assert header[:6] == ("名次", "派出所", "得分", "较上季度", "列管对象覆盖率完成", "列管对象覆盖率应办")
    assert first[:6] == (1, "城关派出所", 66.4, 53.07, 2, 3)
    assert second[1] == "北关派出所"


def test_only_the_bureau_officer_publishes_and_only_what_is_over(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User, leader: User, browse: Browse
) -> None:
    url = reverse("assessments:publish", args=[2026, 2])
    running = reverse("assessments:publish", args=[2026, 3])
    assert browse(leader).post(url, {"bureau": bureau.pk}).status_code == 403
    assert browse(bureau_officer).post(running, {"bureau": bureau.pk}).status_code == 409
    response = browse(bureau_officer).post(url, {"bureau": bureau.pk})
    assert response["Location"] == f"/assessments/2026/2/?bureau={bureau.pk}"
    assert browse(bureau_officer).post(url, {"bureau": bureau.pk}).status_code == 409
    assert Assessment.objects.count() == 2


@pytest.mark.parametrize("sent", [{}, {"bureau": "0"}, {"bureau": "x"}])
def test_a_bureau_one_does_not_see_cannot_be_published(
    bureau_officer: User, browse: Browse, sent: dict[str, str]
) -> None:
    assert browse(bureau_officer).post(reverse("assessments:publish", args=[2026, 2]), sent).status_code == 404


def test_a_published_quarter_says_so_and_shows_frozen_numbers(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User, station: Organisation, browse: Browse
) -> None:
    publish(bureau, Q3.previous, bureau_officer, moment(date(2026, 7, 6)))
    html = browse(bureau_officer).get("/assessments/2026/2/").content.decode()
    assert "吴明哲 2026-07-06 10:00 发布，以下是发布时的数，不再变动" in html
    assert 'id="publish"' not in html
    assert "发布时的数和记录" in browse(bureau_officer).get(station_url(station, Q3.previous)).content.decode()


# ---------- a station ----------


def test_every_figure_of_the_station_page_leads_to_its_records(
    busy_quarter: Unit, station: Organisation, chief: User, browse: Browse
) -> None:
    html = browse(chief).get(station_url(station)).content.decode()
    assert [code for code in BUSY if f'href="{records_url(station, code)}"' in html] == BUSY
    assert html.count("无应办") >= 3


def test_the_station_page_is_exported(busy_quarter: Unit, station: Organisation, chief: User, browse: Browse) -> None:
    rows = sheet(browse(chief), f"{station_url(station)}?export=xlsx")
    assert len(rows) == 11
    assert rows[1][:1] + rows[1][2:] == ("列管对象覆盖率", 20, 24.097, 2, 3, 66.7, 66.7, 21.42)
    assert rows[7][4:] == ("无应办", "无应办", None, None, None)


def test_a_stranger_finds_neither_page_nor_records(
    busy_quarter: Unit, station: Organisation, stranger: User, browse: Browse
) -> None:
    client = browse(stranger)
    assert client.get(station_url(station)).status_code == 404
    assert client.get(records_url(station, "RECHECK")).status_code == 404
    assert client.get(reverse("assessments:station", args=[2026, 3, 99999])).status_code == 404


# ---------- the records behind a figure ----------


@pytest.mark.parametrize("code", BUSY)
def test_the_page_lists_as_many_rows_as_the_figure_says(
    busy_quarter: Unit, station: Organisation, chief: User, browse: Browse, code: str
) -> None:
    client = browse(chief)
    lines = client.get(station_url(station)).context["lines"]
    line = next(line for line, _, _ in lines if line.code == code)
    listed = {
        only: client.get(records_url(station, code, only)).context["page"].total for only in ("", "done", "missed")
    }
    assert listed == {"": line.due, "done": line.done, "missed": line.due - line.done}
    assert len(sheet(client, f"{records_url(station, code)}?export=xlsx")) == line.due + 1


@pytest.mark.parametrize("code", BUSY)
def test_each_row_leads_to_a_page(
    busy_quarter: Unit, station: Organisation, chief: User, browse: Browse, code: str
) -> None:
    rows = browse(chief).get(records_url(station, code)).context["rows"]
    assert all(row.url.startswith("/") and row.title for row in rows)


def test_the_rows_of_a_published_quarter_are_those_of_that_day(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User, station: Organisation, chief: User, browse: Browse
) -> None:
    with time_machine.travel(moment(date(2026, 10, 9)), tick=False):
        publish(bureau, Q3, bureau_officer, moment(date(2026, 10, 9)))
        Unit.objects.filter(pk=busy_quarter.pk).update(phone="")
        client = browse(chief)
        assert client.get(records_url(station, "ARCHIVE", "done")).context["page"].total == 2
        assert "发布的数：2 / 3" in client.get(records_url(station, "ARCHIVE")).content.decode()


@pytest.mark.parametrize("code", ["OUTREACH", "NOTHING"])
def test_an_indicator_without_records_has_no_page(
    busy_quarter: Unit, station: Organisation, chief: User, browse: Browse, code: str
) -> None:
    assert browse(chief).get(records_url(station, code)).status_code == 404


# ---------- the year ----------


def test_the_chief_sees_who_has_visited_how_many_of_how_many(
    busy_quarter: Unit, ledger_unit: Callable[..., Unit], chief: User, browse: Browse
) -> None:
    ledger_unit("没人管的店", officer=None)
    rows = browse(chief).get(reverse("assessments:coverage")).context["rows"]
    assert [(row.name, row.done, row.due) for row in rows] == [("李建平", 2, 3), ("未分配", 0, 1)]


def test_the_units_left_can_be_filtered_by_officer_and_exported(
    busy_quarter: Unit, ledger_unit: Callable[..., Unit], officer: User, chief: User, browse: Browse
) -> None:
    ledger_unit("没人管的店", officer=None)
    url, client = reverse("assessments:coverage"), browse(chief)

    def names(query: str = "") -> list[str]:
        return [unit.name for unit in client.get(f"{url}{query}").context["page"].rows]

    assert sorted(names()) == ["宏运网吧", "没人管的店"]
    assert names("?officer=none") == ["没人管的店"]
    assert names(f"?officer={officer.pk}") == ["宏运网吧"]
    assert names("?q=网吧") == ["宏运网吧"]
    assert sorted(names("?officer=x")) == ["宏运网吧", "没人管的店"]
    assert [row[0] for row in sheet(client, f"{url}?officer=none&export=xlsx")] == ["单位", "没人管的店"]
    assert sheet(client, f"{url}?export=portions")[1:] == [("李建平", 2, 3, 1), ("未分配", 0, 1, 1)]


def test_who_sees_several_stations_sees_them_by_station(
    busy_quarter: Unit, leader: User, sibling: Organisation, browse: Browse
) -> None:
    context = browse(leader).get(reverse("assessments:coverage")).context
    assert [(row.name, row.done, row.due) for row in context["rows"]] == [("北关派出所", 0, 1), ("城关派出所", 2, 3)]
    listed = browse(leader).get(f"{reverse('assessments:coverage')}?station={sibling.pk}").context["page"].rows
    assert [unit.name for unit in listed] == ["好又多超市"]


# ---------- the cost ----------


def pages(station: Organisation) -> list[str]:
    return [RANKING, station_url(station), records_url(station, "RECHECK"), reverse("assessments:coverage")]


@pytest.mark.slow
@pytest.mark.parametrize("place", range(4))
def test_more_stations_and_rows_cost_no_more_queries(
    busy_quarter: Unit,
    bureau: Organisation,
    brigade: Organisation,
    station: Organisation,
    leader: User,
    ledger_unit: Callable[..., Unit],
    visit: Callable[..., Inspection],
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    place: int,
) -> None:
    url, client = pages(station)[place], browse(leader)
    with django_assert_max_num_queries(12) as before:
        client.get(url)
    for name in ("东关派出所", "南关派出所", "西关派出所"):
        more = Organisation.objects.create(kind="STATION", name=name, parent=bureau, bureau=bureau, brigade=brigade)
        visit(ledger_unit(f"{name}的店", station=more))
        ledger_unit(f"{name}的另一家", address="别处", station=more)
    with django_assert_max_num_queries(12) as after:
        client.get(url)
    assert len(after) == len(before)


# ---------- the scheme ----------


SCHEME = reverse("assessments:scheme")


def typed(weights: dict[str, str], since: str = "2026-3") -> dict[str, str]:
    sent = {"since": since, "indicator-TOTAL_FORMS": str(len(weights)), "indicator-INITIAL_FORMS": str(len(weights))}
    for place, (code, weight) in enumerate(weights.items()):
        row = {"code": code, "name": code, "formula": "说明", "weight": weight}
        sent |= {f"indicator-{place}-{key}": value for key, value in row.items()}
    return sent


def test_only_who_may_edit_opens_the_scheme(bureau_officer: User, leader: User, chief: User, browse: Browse) -> None:
    assert browse(bureau_officer).get(SCHEME).status_code == 200
    assert browse(leader).get(SCHEME).status_code == 403
    assert browse(chief).get(SCHEME).status_code == 403


def test_the_scheme_page_starts_from_the_default_and_shows_its_sum(bureau_officer: User, browse: Browse) -> None:
    html = browse(bureau_officer).get(SCHEME).content.decode()
    assert "现在用的是系统默认办法，不是法定标准" in html
    assert "<b data-sum>100</b>" in html


def test_saving_makes_the_bureaus_own_copy(bureau_officer: User, bureau: Organisation, browse: Browse) -> None:
    client = browse(bureau_officer)
    assert client.post(SCHEME, typed({"COVERAGE": "70", "RECHECK": "30", "REPORTING": "0"}))["Location"] == SCHEME
    page = client.get(SCHEME)
    assert page.context["scheme"].bureau == bureau
    # What the version leaves out can be taken in again.
    assert [row["weight"] for row in page.context["rows"].initial] == [70, 30, *[0] * 10]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"COVERAGE": "70", "RECHECK": "20"}, "分值合计 90 分，应为 100 分"),
        ({"COVERAGE": "-1"}, "大于或等于"),
        ({"COVERAGE": "many"}, "输入一个数"),
        ({"INVENTED": "100"}, "没有这项指标"),
    ],
)
def test_a_scheme_that_cannot_be_is_pointed_at(
    bureau_officer: User, bureau: Organisation, browse: Browse, weights: dict[str, str], words: str
) -> None:
    response = browse(bureau_officer).post(SCHEME, typed(weights))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Scheme.objects.filter(bureau=bureau).exists()


def test_a_scheme_cannot_begin_in_the_past(bureau_officer: User, browse: Browse) -> None:
    assert browse(bureau_officer).post(SCHEME, typed({"COVERAGE": "100"}, since="2026-2")).status_code == 422


def test_a_row_sent_empty_is_a_mistake(bureau_officer: User, bureau: Organisation, browse: Browse) -> None:
    sent = typed({"COVERAGE": "100"}) | {"indicator-TOTAL_FORMS": "2", "indicator-INITIAL_FORMS": "0"}
    assert browse(bureau_officer).post(SCHEME, sent).status_code == 422
    assert not Scheme.objects.filter(bureau=bureau).exists()


# ---------- the whole bureau, and what is overdue ----------


@pytest.mark.slow
@pytest.mark.parametrize("code", BUSY)
def test_the_records_of_the_bureau_are_the_figure_of_the_bureau(
    busy_quarter: Unit, leader: User, browse: Browse, code: str
) -> None:
    total = browse(leader).get(RANKING).context["result"].total(code)
    url = reverse("assessments:bureau_records", args=[2026, 3, code])
    shown = [browse(leader).get(f"{url}?only={only}").context["page"].total for only in ("done", "")]
    assert shown == [total.done, total.due]


def test_a_published_bureau_keeps_its_rows(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User, leader: User, browse: Browse
) -> None:
    with time_machine.travel(moment(date(2026, 10, 20)), tick=False):
        publish(bureau, Q3, bureau_officer, moment(date(2026, 10, 19)))
        Clock.objects.filter(rule_code="RECHECK").delete()
        page = browse(leader).get(reverse("assessments:bureau_records", args=[2026, 3, "RECHECK"]))
    assert page.context["published"] == {"at": moment(date(2026, 10, 19)), "done": 2, "due": 3}


def test_a_supervisor_sees_of_the_bureau_only_his_stations_rows(
    busy_quarter: Unit, supervisor: User, browse: Browse
) -> None:
    url = reverse("assessments:bureau_records", args=[2026, 3, "COVERAGE"])
    assert browse(supervisor).get(url).context["page"].total == 3
    assert url not in browse(supervisor).get(RANKING).content.decode()


def test_nobody_without_an_assessment_opens_the_bureau_or_the_overdue(
    assistant: User, leader: User, browse: Browse
) -> None:
    for url in (reverse("assessments:bureau_records", args=[2026, 3, "COVERAGE"]), reverse("assessments:overdue")):
        assert browse(assistant).get(url).status_code == 403
        assert browse(leader).get(url).status_code == 200


def test_what_is_overdue_is_listed_narrowed_and_exported(
    busy_quarter: Unit,
    clock: Callable[..., Clock],
    station: Organisation,
    sibling: Organisation,
    leader: User,
    stranger: User,
    browse: Browse,
) -> None:
    clock(busy_quarter, "RECHECK", date(2026, 9, 22), look_url="/hazards/orders/7/")
    clock(busy_quarter, "RECHECK", TODAY)
    url = reverse("assessments:overdue")
    client = browse(leader)
    assert [(row.clock.rule_code, row.words) for row in client.get(url).context["rows"]] == [
        ("REPORT_GOV", "逾期 83 天"), ("RECHECK", "逾期 2 个工作日"),
    ]  # fmt: skip
    assert client.get(url).context["rows"][1].url == "/hazards/orders/7/"
    assert client.get(f"{url}?station={station.pk}&q=RECHECK").context["page"].total == 1
    assert client.get(f"{url}?station={sibling.pk}").context["page"].total == 0
    assert [row[0] for row in sheet(client, f"{url}?export=xlsx")] == [
        "事项",
        "REPORT_GOV 利群旅馆",
        "RECHECK 万家福便利超市",
    ]
    assert browse(stranger).get(url).context["page"].total == 0


def test_the_overdue_list_costs_the_same_for_one_row_and_three(
    busy_quarter: Unit,
    clock: Callable[..., Clock],
    leader: User,
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = browse(leader)
    with django_assert_max_num_queries(12) as one:
        client.get(reverse("assessments:overdue"))
    for day in (21, 22):
        clock(busy_quarter, "RECHECK", date(2026, 9, day))
    with django_assert_max_num_queries(12) as three:
        client.get(reverse("assessments:overdue"))
    assert len(one) == len(three)
