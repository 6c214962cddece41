from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db.models import Q

from assessments.figures import Figure, counts, gather
from assessments.quarters import Quarter
from assessments.rows import counted
from deadlines.models import Clock, ClockState
from filings.models import Result
from hazards.models import Hazard, HazardState
from inspections.models import Inspection, State
from records.models import Document
from stations.models import Organisation, User
from tests.assessments.conftest import BUSY, TODAY, moment
from units.models import Unit

pytestmark = pytest.mark.django_db
Q3 = Quarter(2026, 3)


def figure(code: str, station: Organisation, quarter: Quarter = Q3, today: date = TODAY) -> Figure:
    return counts(code, quarter, today, [station.pk]).get(station.pk, Figure(0, 0))


def test_coverage_counts_units_visited_this_year_of_those_on_the_ledger(
    ledger_unit: Callable[..., Unit], visit: Callable[..., Inspection], station: Organisation
) -> None:
    visit(ledger_unit("一"), date(2026, 2, 1))
    visit(ledger_unit("二"), date(2025, 12, 31))
    visit(ledger_unit("三"), date(2026, 9, 1), state=State.VOID)
    draft = ledger_unit("四")
    visit(draft, state=State.DRAFT, second=None, finished_at=None)
    assert figure("COVERAGE", station) == Figure(1, 4)


def test_a_visit_after_the_quarter_does_not_count_for_it(
    ledger_unit: Callable[..., Unit], visit: Callable[..., Inspection], station: Organisation
) -> None:
    visit(ledger_unit(), date(2026, 7, 1))
    assert figure("COVERAGE", station, Quarter(2026, 2)) == Figure(0, 1)
    assert figure("COVERAGE", station, Q3) == Figure(1, 1)


def test_a_unit_registered_or_closed_outside_the_quarter_is_not_on_its_ledger(
    ledger_unit: Callable[..., Unit], make_unit: Callable[..., Unit], station: Organisation
) -> None:
    ledger_unit("在册")
    late = make_unit("后来登记")
    Unit.objects.filter(pk=late.pk).update(created_at=moment(date(2026, 10, 1), 0))
    ledger_unit("季内关闭", state="CLOSED", closed_on=date(2026, 9, 30), closed_reason="停业")
    ledger_unit("季后关闭", state="CLOSED", closed_on=date(2026, 10, 1), closed_reason="停业")
    assert figure("COVERAGE", station, today=date(2026, 10, 8)) == Figure(0, 2)


def test_quality_looks_at_the_first_round_of_papers_reviewed_in_the_quarter(
    ledger_unit: Callable[..., Unit], reviewed: Callable[..., Document], station: Organisation
) -> None:
    unit = ledger_unit()
    reviewed(unit, (date(2026, 7, 1), Result.PASSED))
    reviewed(unit, (date(2026, 7, 2), Result.RETURNED), (date(2026, 7, 5), Result.PASSED))
    reviewed(unit, (date(2026, 6, 30), Result.RETURNED), (date(2026, 7, 5), Result.PASSED))
    assert figure("QUALITY", station) == Figure(1, 2)
    assert figure("QUALITY", station, Quarter(2026, 2)) == Figure(0, 1)


def test_finding_counts_visits_with_a_hazard_that_is_no_copy(
    ledger_unit: Callable[..., Unit],
    visit: Callable[..., Inspection],
    hazard: Callable[..., Hazard],
    station: Organisation,
) -> None:
    first, second, third, clean = (ledger_unit(name) for name in "甲乙丙丁")
    visit(clean)
    hazard(first, visit(first), place="一层大厅")
    hazard(second, visit(second), place="一层大厅")
    mgmt = visit(third)
    hazard(third, mgmt, place="", code="MG01", wording="未制定消防安全制度")
    # The copies take the mark from both; a duty that stands nowhere is rightly worded alike everywhere.
    assert figure("FINDING", station) == Figure(1, 4)


def test_a_void_hazard_is_no_finding(
    ledger_unit: Callable[..., Unit],
    visit: Callable[..., Inspection],
    hazard: Callable[..., Hazard],
    station: Organisation,
) -> None:
    unit = ledger_unit()
    hazard(unit, visit(unit), state=HazardState.VOID)
    assert figure("FINDING", station) == Figure(0, 1)


def test_a_hazard_is_due_when_its_deadline_is_over(
    ledger_unit: Callable[..., Unit], hazard: Callable[..., Hazard], station: Organisation
) -> None:
    unit = ledger_unit()
    hazard(unit, deadline=date(2026, 9, 23), state=HazardState.CLOSED)
    hazard(unit, deadline=date(2026, 9, 23), state=HazardState.REFERRED)
    hazard(unit, deadline=date(2026, 9, 24))
    hazard(unit, deadline=date(2026, 6, 30))
    hazard(unit, deadline=date(2026, 9, 1), state=HazardState.VOID)
    hazard(unit)
    assert figure("RECTIFY", station) == Figure(1, 2)


@pytest.mark.parametrize(
    ("met", "expected"),
    [(date(2026, 9, 18), Figure(1, 1)), (date(2026, 9, 21), Figure(0, 1)), (None, Figure(0, 1))],
)
def test_a_duty_counts_as_done_only_within_its_days(
    ledger_unit: Callable[..., Unit],
    clock: Callable[..., Clock],
    station: Organisation,
    met: date | None,
    expected: Figure,
) -> None:
    clock(ledger_unit(), "RECHECK", date(2026, 9, 18), met)
    assert figure("RECHECK", station) == expected


def test_a_duty_that_ends_today_or_fell_away_is_not_due(
    ledger_unit: Callable[..., Unit], clock: Callable[..., Clock], station: Organisation
) -> None:
    unit = ledger_unit()
    clock(unit, "RECHECK", TODAY)
    clock(unit, "RECHECK", date(2026, 9, 1), state=ClockState.CANCELLED)
    assert figure("RECHECK", station) == Figure(0, 0)
    assert figure("RECHECK", station, today=date(2026, 9, 25)) == Figure(0, 1)


def test_referrals_and_reports_are_one_indicator(
    ledger_unit: Callable[..., Unit], clock: Callable[..., Clock], station: Organisation
) -> None:
    unit = ledger_unit()
    clock(unit, "REFER_5WD", date(2026, 8, 3), date(2026, 8, 3))
    clock(unit, "REFER_FAILED", date(2026, 8, 3))
    clock(unit, "REPORT_GOV", date(2026, 8, 3), date(2026, 8, 3))
    clock(unit, "ORDER_LIMIT_SERVE", date(2026, 8, 3))
    assert figure("REFER", station) == Figure(2, 3)


@pytest.mark.parametrize("lacking", [{"phone": ""}, {"person": ""}, {"address": ""}, {"officer": None}])
def test_an_entry_that_lacks_something_is_not_whole(
    ledger_unit: Callable[..., Unit], station: Organisation, lacking: dict[str, str | None]
) -> None:
    ledger_unit("齐全")
    ledger_unit("不全", **lacking)
    assert figure("ARCHIVE", station) == Figure(1, 2)


def test_a_committee_needs_no_category(ledger_unit: Callable[..., Unit], station: Organisation) -> None:
    ledger_unit("石桥村村民委员会", kind="VILLAGE")
    assert figure("ARCHIVE", station) == Figure(1, 1)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("COMPLAINT", "COMPLAINT_OTHER"),
        ("COMPLAINT", "COMPLAINT_FEEDBACK"),
        ("COMPLAINT", "COMPLAINT_NOTJURIS"),
        ("REPORTING", "MONTHLY_REPORT"),
        ("SERVE", "ORDER_NOW_SERVE"),
        ("SERVE", "ORDER_LIMIT_SERVE"),
        ("FIX", "FILING_FIX"),
    ],
)
def test_what_was_met_in_time_is_counted_of_what_was_due(
    ledger_unit: Callable[..., Unit], clock: Callable[..., Clock], station: Organisation, code: str, rule: str
) -> None:
    unit, due = ledger_unit(), date(2026, 9, 8)
    clock(unit, rule, due, due)
    clock(unit, rule, due, date(2026, 9, 9))
    clock(unit, rule, due)
    clock(unit, rule, due, state=ClockState.CANCELLED)
    clock(unit, rule, TODAY)
    assert figure(code, station) == Figure(1, 3)


@pytest.mark.parametrize("rule", ["COMPLAINT_EXIT", "COMPLAINT_TRANSFER"])
def test_a_duty_in_hours_is_judged_to_the_minute(
    ledger_unit: Callable[..., Unit], clock: Callable[..., Clock], station: Organisation, rule: str
) -> None:
    unit, end = ledger_unit(), moment(date(2026, 9, 8), 9)
    for late in (-1, 0, 1):
        at = end + timedelta(minutes=late)
        clock(unit, rule, date(2026, 9, 8), date(2026, 9, 8), due_at=end, met_at=at)
    assert figure("COMPLAINT", station) == Figure(2, 3)


def test_what_has_no_room_yet_has_nothing_due(busy_quarter: Unit, station: Organisation) -> None:
    assert figure("OUTREACH", station) == Figure(0, 0)


def test_every_figure_of_a_busy_quarter(busy_quarter: Unit, station: Organisation, sibling: Organisation) -> None:
    found = gather(busy_quarter.bureau_id, [Q3], TODAY)[Q3]
    assert {code: rows.get(station.pk) for code, rows in found.items()} == {
        "COVERAGE": Figure(2, 3),
        "QUALITY": Figure(1, 2),
        "FINDING": Figure(1, 2),
        "RECTIFY": Figure(1, 2),
        "RECHECK": Figure(1, 2),
        "REFER": Figure(1, 2),
        "ARCHIVE": Figure(2, 3),
        "COMPLAINT": None,
        "OUTREACH": None,
        "REPORTING": None,
        "SERVE": None,
        "FIX": None,
    }
    assert found["RECHECK"][sibling.pk] == Figure(1, 1)


@pytest.mark.parametrize("code", BUSY)
def test_the_records_behind_a_figure_are_the_figure(
    busy_quarter: Unit, station: Organisation, chief: User, code: str
) -> None:
    rows = counted(code, Q(station=station), Q3, TODAY, [])
    assert rows is not None
    visible = rows.for_user(chief)
    assert figure(code, station) == Figure(visible.filter(is_done=True).count(), visible.count())
    assert figure(code, station) == gather(station.bureau_id or 0, [Q3], TODAY)[Q3][code][station.pk]


def test_all_figures_of_two_quarters_are_one_query(
    busy_quarter: Unit, django_assert_num_queries: Callable[[int], object]
) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined] # a context manager
        gather(busy_quarter.bureau_id, [Q3, Q3.previous], TODAY)
