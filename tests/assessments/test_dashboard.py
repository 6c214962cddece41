from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from assessments.dashboard import Number, leader_figures
from deadlines.models import Clock, Notice, Step
from hazards.models import Hazard, HazardState
from inspections.models import Inspection
from stations.models import Organisation, User
from tests.assessments.conftest import TODAY, moment
from units.models import Unit

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
NOW = moment(TODAY)


def number(user: User, label: str) -> Number:
    return next(each for each in leader_figures(user, NOW)["numbers"] if each.label == label)


def test_coverage_is_compared_with_the_pace_of_the_year(busy_quarter: Unit, leader: User) -> None:
    shown = number(leader, "年度检查覆盖率")
    assert (shown.done, shown.due, shown.change) == (2, 4, Decimal(-25))
    # One of four since July, two since September.
    assert shown.trend == [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 25.0, 25.0, 50.0]
    assert shown.is_worse


def test_findings_are_compared_with_as_many_days_of_the_quarter_before(
    busy_quarter: Unit, hazard: Callable[..., Hazard], leader: User
) -> None:
    hazard(busy_quarter, found_on=date(2026, 4, 1))
    hazard(busy_quarter, found_on=date(2026, 6, 25))
    hazard(busy_quarter, found_on=date(2026, 6, 26))
    shown = number(leader, "发现隐患")
    # 9-24 is the 86th day of its quarter, 6-25 that of the one before.
    assert (shown.done, shown.note, shown.change) == (3, "上季度同期 2 处", Decimal(1))
    assert shown.trend == [1, 0, 2, 0, 0, 3]


def test_the_share_closed_is_that_of_the_assessment(busy_quarter: Unit, leader: User) -> None:
    shown = number(leader, "到期销号率")
    assert (shown.done, shown.due, shown.change) == (1, 3, None)
    assert shown.trend == [None, None, None, None, 0.0, 50.0]


def test_overdue_duties_are_counted_at_each_month_end(
    busy_quarter: Unit, clock: Callable[..., Clock], leader: User
) -> None:
    old = clock(busy_quarter, "RECHECK", date(2026, 5, 20), date(2026, 6, 15))
    report = Clock.objects.get(rule_code="REPORT_GOV")
    for step in (Step.OVERDUE, Step.ABOVE):
        Notice.objects.create(clock=report, step=step, sent_at=moment(date(2026, 7, 6)))
    shown = number(leader, "逾期未办")
    # The old one stood at the end of May; the report of 7-03 stands since July.
    assert old.was_late
    assert shown.trend == [0, 1, 0, 1, 1, 1]
    assert (shown.done, shown.note, shown.change) == (1, "已上报 1 件", Decimal(0))


def test_the_longest_overdue_duty_says_since_when_and_whether_it_was_reported(busy_quarter: Unit, leader: User) -> None:
    (row,) = leader_figures(leader, NOW)["overdue"]
    assert (row.clock.rule_code, row.tone, row.reported_at) == ("REPORT_GOV", "over", None)
    assert row.words.startswith("逾期")


def test_months_and_categories_are_drawn_from_hazards(busy_quarter: Unit, leader: User) -> None:
    figures = leader_figures(leader, NOW)
    # Nothing was known before August of this bureau; half a year is drawn at least.
    assert [month["month"].month for month in figures["months"]] == [4, 5, 6, 7, 8, 9]
    assert [figures["months"][-1][key] for key in ("month", "found", "closed")] == [date(2026, 9, 1), 3, 1]
    assert [(row["name"], row["now"], row["before"]) for row in figures["categories"]] == [("消防设施器材", 3, 0)]


@pytest.mark.slow
def test_each_of_the_four_numbers_opens_as_many_rows_as_it_says(
    busy_quarter: Unit, hazard: Callable[..., Hazard], clock: Callable[..., Clock], leader: User, browse: Browse
) -> None:
    hazard(busy_quarter, state=HazardState.VOID)
    clock(busy_quarter, "FILING_REVIEW", date(2026, 9, 1))
    with time_machine.travel(moment(TODAY), tick=False):
        figures = leader_figures(leader, NOW)
        pages = [browse(leader).get(each.url).context["page"].total for each in figures["numbers"]]
        assert pages == [each.due or each.done for each in figures["numbers"]] == [4, 3, 3, 1]
        rows = [*figures["months"][-1:], *figures["categories"]]
        assert [browse(leader).get(row["url"]).context["page"].total for row in rows] == [3, 3]


def test_the_ranking_carries_what_is_overdue(busy_quarter: Unit, leader: User) -> None:
    lines = leader_figures(leader, NOW)["ranking"]
    assert [(line.row.station.name, line.row.rank, line.overdue) for line in lines] == [
        ("城关派出所", 1, 1),
        ("北关派出所", 2, 0),
    ]


def test_an_empty_bureau_has_a_dashboard_without_invented_numbers(bureau: Organisation, leader: User) -> None:
    figures = leader_figures(leader, NOW)
    assert [(each.done, each.due) for each in figures["numbers"]] == [(0, 0)] * 4
    html = render_to_string("assessments/_dashboard.html", figures)
    assert "还没有派出所" in html
    assert "没有逾期" in html


def test_the_dashboard_is_whole_and_every_station_clickable(
    busy_quarter: Unit, station: Organisation, leader: User
) -> None:
    html = render_to_string("assessments/_dashboard.html", leader_figures(leader, NOW))
    assert f'href="/assessments/2026/3/{station.pk}/"' in html
    assert html.count("data-chart=") == 2


def test_the_same_queries_whatever_the_number_of_stations(
    busy_quarter: Unit,
    bureau: Organisation,
    brigade: Organisation,
    leader: User,
    ledger_unit: Callable[..., Unit],
    visit: Callable[..., Inspection],
    hazard: Callable[..., Hazard],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(9) as before:
        leader_figures(User.objects.get(pk=leader.pk), NOW)
    for name in ("东关派出所", "南关派出所", "西关派出所"):
        more = Organisation.objects.create(kind="STATION", name=name, parent=bureau, bureau=bureau, brigade=brigade)
        unit = ledger_unit(f"{name}的店", station=more)
        hazard(unit, visit(unit), deadline=date(2026, 9, 8), state=HazardState.OPEN)
    with django_assert_max_num_queries(9) as after:
        leader_figures(User.objects.get(pk=leader.pk), NOW)
    assert len(after) == len(before)


def test_the_chart_begins_with_the_first_month_the_bureau_knows(
    busy_quarter: Unit, hazard: Callable[..., Hazard], leader: User
) -> None:
    hazard(busy_quarter, found_on=date(2026, 1, 9))
    months = leader_figures(leader, NOW)["months"]
    assert (len(months), months[0]["month"], months[0]["found"]) == (9, date(2026, 1, 1), 1)
    hazard(busy_quarter, found_on=date(2025, 10, 2))
    assert len(leader_figures(leader, NOW)["months"]) == 12
