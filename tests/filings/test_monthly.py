"""月报: the duty of a month that ended, handing in, correcting, the brigade's receipt."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from deadlines.models import Clock, ClockState, DeadlineRule
from filings.actions import acknowledge, hand_in, open_month
from filings.models import MonthlyReport
from filings.month import Month
from filings.monthly_figures import MEASURES, count
from fire_supervision.lib.errors import RuleError
from hazards.models import (
    Disposition,
    Hazard,
    HazardState,
    Order,
    OrderState,
    Outcome,
    Referral,
    ReferralResult,
    ReferralState,
    Reinspection,
    Report,
    Target,
)
from inspections.models import Inspection, State
from stations.models import Organisation, User
from tests.filings.conftest import VISITED, moment
from trail.models import AuditEntry
from units.models import Kind, Unit

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)
FIRST, DUE = date(2026, 10, 1), date(2026, 10, 8)  # 5 October lies in 国庆, which ends on the 7th


@pytest.fixture
def ledger(unit: Unit) -> Unit:
    """The unit was on the ledger in September already."""
    Unit.objects.filter(pk=unit.pk).update(created_at=moment(1))
    return unit


def values(station: Organisation, month: Month = SEPTEMBER) -> dict[str, str]:
    """The figures that are not 0, a share with the number it is of."""
    figures = count(station.pk, month).figures
    said = {row.code: row.value if row.of is None else f"{row.value}/{row.of}" for row in figures}
    return {code: value for code, value in said.items() if value not in ("0", "0/0")}


@pytest.mark.parametrize(
    ("month", "first", "last", "following", "before"),
    [
        (Month(2026, 9), date(2026, 9, 1), date(2026, 9, 30), Month(2026, 10), Month(2026, 8)),
        (Month(2028, 2), date(2028, 2, 1), date(2028, 2, 29), Month(2028, 3), Month(2028, 1)),
        (Month(2026, 12), date(2026, 12, 1), date(2026, 12, 31), Month(2027, 1), Month(2026, 11)),
    ],
)
def test_a_month_knows_its_days_and_its_neighbours(
    month: Month, first: date, last: date, following: Month, before: Month
) -> None:
    assert (month.first, month.last, month.next, month.previous) == (first, last, following, before)
    assert following.previous == before.next == month


# ---------- what is counted ----------


def test_the_figures_of_a_case_are_counted_by_the_day_of_each_act(
    ledger: Unit, visit: Inspection, order: Order, make_hazard: Callable[..., Hazard], station: Organisation,
    officer: User, partner: User,
) -> None:  # fmt: skip
    gone = make_hazard(state=HazardState.CLOSED, closed_on=date(2026, 9, 25))
    failed = make_hazard(state=HazardState.REFERRED, grave=True)
    make_hazard(state=HazardState.VOID)
    make_hazard(disposition=Disposition.URGE, deadline=None, found_on=date(2026, 8, 31))
    again = _reinspected(order, officer, partner, date(2026, 9, 28), number=1)
    Outcome.objects.create(reinspection=again, hazard=gone, passed=True)
    Outcome.objects.create(reinspection=again, hazard=failed, passed=False)
    passed = _reinspected(order, officer, partner, date(2026, 9, 30), number=2)
    Outcome.objects.create(reinspection=passed, hazard=gone, passed=True)
    Report.objects.create(
        **visit.scope_columns(), inspection=visit, unit=ledger, township="城关街道", made_on=VISITED, sent_on=VISITED,
        recorded_by=officer,
    )  # fmt: skip
    _referral(ledger, officer, sent_on=date(2026, 9, 29), fine=None)
    _referral(ledger, officer, sent_on=date(2026, 8, 3), fine=Decimal("5000.50"))
    assert values(station) == {
        "VISITS": "1", "VISITS_PREMISES": "1", "COVERED": "1/1", "FOUND": "2", "GRAVE": "1", "GONE": "1",
        "RECTIFIED": "1/2", "ORDERS_LIMIT": "1", "AGAIN": "2", "AGAIN_PASSED": "1/2", "REFERRED": "1",
        "ANSWERED": "1", "FINED": "1", "FINES": "5000.50", "REPORTED": "1", "PLEDGED": "0/1",
    }  # fmt: skip


def _reinspected(order: Order, officer: User, partner: User, on: date, number: int) -> Reinspection:
    clock, _ = Clock.objects.get_or_create(
        key="recheck", defaults=order.scope_columns() | {
            "rule_code": "RECHECK", "rule": _rule("RECHECK"), "subject_id": order.pk, "started_on": on,
            "opens_on": on, "due_on": on,
        },
    )  # fmt: skip
    return Reinspection.objects.create(
        **order.scope_columns(), order=order, unit=order.unit, clock=clock, number=number, deadline=on, early=True,
        done_on=on, lead=officer, second=partner,
    )  # fmt: skip


def _rule(code: str) -> DeadlineRule:
    return DeadlineRule.objects.filter(code=code).latest("since")


def _referral(unit: Unit, officer: User, sent_on: date, fine: Decimal | None) -> Referral:
    answered: dict[str, Any] = {}
    if fine is not None:
        answered = {
            "state": ReferralState.ANSWERED, "received_on": sent_on, "received_by": officer, "answered_by": officer,
            "result": ReferralResult.FINE, "result_on": date(2026, 9, 10), "fine": fine,
        }  # fmt: skip
    return Referral.objects.create(
        **unit.scope_columns(), unit=unit, target=Target.FIRE_BRIGADE, basis="消防法第28条", facts="见检查记录",
        sent_on=sent_on, recorded_by=officer, **answered,
    )  # fmt: skip


def test_what_was_voided_and_what_lies_next_door_is_not_counted(
    ledger: Unit, visit: Inspection, order: Order, make_hazard: Callable[..., Hazard], station: Organisation,
    sibling: Organisation,
) -> None:  # fmt: skip
    make_hazard(state=HazardState.VOID)
    Order.objects.filter(pk=order.pk).update(state=OrderState.VOID)
    Inspection.objects.filter(pk=visit.pk).update(state=State.VOID)
    assert values(station) == {"COVERED": "0/1", "PLEDGED": "0/1"}
    assert values(sibling) == {}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.PREMISES, "VISITS_PREMISES"),
        (Kind.PROPERTY, "VISITS_PROPERTY"),
        (Kind.COMMITTEE, "VISITS_COMMITTEE"),
        (Kind.VILLAGE, "VISITS_COMMITTEE"),
    ],
)
def test_a_visit_counts_once_under_what_was_visited(
    make_unit: Callable[..., Unit], visit: Inspection, station: Organisation, kind: Kind, code: str
) -> None:
    unit = make_unit("另一户", kind=kind)
    Inspection.objects.filter(pk=visit.pk).update(unit=unit)
    parts = {part: value for part, value in values(station).items() if part.startswith("VISITS")}
    assert parts == {"VISITS": "1", code: "1"}


@pytest.mark.parametrize(("on", "counts"), [(31, "0"), (1, "1"), (30, "1")])
def test_both_ends_of_a_month_belong_to_it(
    ledger: Unit, visit: Inspection, station: Organisation, on: int, counts: str
) -> None:
    day = date(2026, 8, 31) if on == 31 else date(2026, 9, on)
    Inspection.objects.filter(pk=visit.pk).update(visited_on=day)
    assert values(station).get("VISITS", "0") == counts


def test_every_figure_of_a_month_comes_from_one_query_and_the_fines_from_another(
    ledger: Unit, officer: User, station: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        count(station.pk, SEPTEMBER)
    _referral(ledger, officer, sent_on=date(2026, 9, 3), fine=Decimal(3000))
    with django_assert_num_queries(2):
        counted = count(station.pk, SEPTEMBER)
    assert {figure.code for figure in counted.figures} == set(MEASURES)


# ---------- the duty ----------


def test_the_duty_opens_on_the_first_and_ends_on_the_fifth_or_the_working_day_after(
    ledger: Unit, station: Organisation, chief: User
) -> None:
    assert open_month(FIRST) == 1
    clock = Clock.objects.get(key=f"monthly:{station.pk}:2026-09")
    assert (clock.started_on, clock.opens_on, clock.due_on) == (date(2026, 9, 30), FIRST, DUE)
    assert (clock.owner, clock.station, clock.label) == (chief, station, "月报：2026年9月")
    assert clock.url == f"/filings/monthly/{station.pk}/2026/9/hand-in/"
    assert clock.look_url == f"/filings/monthly/{station.pk}/2026/9/"


def test_a_second_sweep_opens_nothing_and_costs_one_query(
    ledger: Unit, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    open_month(FIRST)
    with django_assert_num_queries(1):
        assert open_month(FIRST + timedelta(days=12)) == 0
    assert list(AuditEntry.objects.values_list("action", "summary")) == [
        ("filings.open_month", "2026年9月月报开始报送，1 个派出所")
    ]


def test_only_the_month_just_ended_is_owed_and_only_by_who_had_a_ledger_then(
    ledger: Unit, sibling: Organisation, make_unit: Callable[..., Unit]
) -> None:
    late = make_unit("新来的店", station=sibling)
    Unit.objects.filter(pk=late.pk).update(created_at=datetime.fromisoformat("2026-10-02T08:00:00+08:00"))
    assert open_month(date(2026, 10, 20)) == 1
    assert list(Clock.objects.values_list("station", "started_on")) == [(ledger.station_id, date(2026, 9, 30))]
    assert open_month(date(2026, 11, 1)) == 2


def test_stations_of_every_bureau_are_opened_in_one_sweep(
    ledger: Unit, sibling: Organisation, make_unit: Callable[..., Unit]
) -> None:
    other = Organisation.objects.create(kind="BUREAU", name="河东市公安局", code_word="河公")
    Organisation.objects.filter(pk=other.pk).update(bureau=other)
    Organisation.objects.filter(pk=sibling.pk).update(bureau=other, parent=other)
    sibling.refresh_from_db()
    far = make_unit("渡口店", station=sibling)
    Unit.objects.filter(pk=far.pk).update(created_at=moment(1))
    assert open_month(FIRST) == 2
    assert set(Clock.objects.values_list("bureau", flat=True)) == {ledger.bureau_id, other.pk}


# ---------- handing in ----------


def test_handing_in_freezes_the_figures_and_meets_the_duty(
    ledger: Unit, visit: Inspection, station: Organisation, chief: User
) -> None:
    open_month(FIRST)
    report = hand_in(station, SEPTEMBER, chief, note="国庆前专项检查", at=moment(8, month=10))
    Inspection.objects.filter(pk=visit.pk).update(visited_on=date(2026, 10, 3))
    report.refresh_from_db()
    frozen = {figure["code"]: figure["value"] for figure in report.figures}
    assert (frozen["VISITS"], report.counted["VISITS"]) == ("1", {"done": [visit.pk], "missed": []})
    assert (report.version, report.note, report.station, report.handed_in_by) == (1, "国庆前专项检查", station, chief)
    clock = Clock.objects.get(key=f"monthly:{station.pk}:2026-09")
    assert (clock.state, clock.met_on, clock.was_late) == (ClockState.MET, DUE, False)
    assert AuditEntry.objects.latest("id").action == "filings.hand_in"


def test_handed_in_before_the_first_sweep_the_duty_is_kept_and_met(
    ledger: Unit, station: Organisation, chief: User
) -> None:
    hand_in(station, SEPTEMBER, chief, note="", at=moment(1, 0, month=10))
    assert open_month(FIRST) == 0
    assert Clock.objects.get().state == ClockState.MET


def test_a_day_late_is_late(ledger: Unit, station: Organisation, chief: User) -> None:
    open_month(FIRST)
    hand_in(station, SEPTEMBER, chief, note="", at=moment(9, month=10))
    assert Clock.objects.get().was_late


def test_a_month_that_still_runs_cannot_be_handed_in(ledger: Unit, station: Organisation, chief: User) -> None:
    with pytest.raises(RuleError, match="2026年9月还没有结束") as refused:
        hand_in(station, SEPTEMBER, chief, note="", at=moment(30, 23))
    assert refused.value.remedy == "2026-10-01 起可以报送。"
    assert not MonthlyReport.objects.exists()


def test_only_the_chief_hands_in(ledger: Unit, station: Organisation, officer: User) -> None:
    with pytest.raises(RuleError, match="月报由所长报送"):
        hand_in(station, SEPTEMBER, officer, note="", at=moment(1, month=10))


def test_the_second_of_two_tabs_is_told_who_was_first(ledger: Unit, station: Organisation, chief: User) -> None:
    hand_in(station, SEPTEMBER, chief, note="", at=moment(1, month=10))
    with pytest.raises(RuleError, match="2026年9月月报已由王志远于 2026-10-01 报送（第 1 版）"):
        hand_in(station, SEPTEMBER, chief, note="", at=moment(1, 11, month=10))
    assert MonthlyReport.objects.count() == 1


def test_a_correction_is_a_new_version_with_its_reason_and_the_old_one_stays(
    ledger: Unit, visit: Inspection, station: Organisation, chief: User, supervisor: User
) -> None:
    first = hand_in(station, SEPTEMBER, chief, note="", at=moment(1, month=10))
    acknowledge(first, supervisor, moment(2, month=10))
    Inspection.objects.filter(pk=visit.pk).update(state=State.VOID)
    with pytest.raises(RuleError, match="更正月报须写明原因"):
        hand_in(station, SEPTEMBER, chief, note="", at=moment(8, month=10), version=1, reason=" ")
    second = hand_in(station, SEPTEMBER, chief, note="", at=moment(9, month=10), version=1, reason="一次检查作废")
    first.refresh_from_db()
    visits = [{row["code"]: row["value"] for row in each.figures}["VISITS"] for each in (first, second)]
    assert (visits, second.version, second.reason) == (["1", "0"], 2, "一次检查作废")
    assert list(MonthlyReport.objects.current()) == list(MonthlyReport.objects.unread()) == [second]
    # The duty was met by the first version; a correction makes nobody late.
    assert Clock.objects.get().met_on == FIRST
    assert AuditEntry.objects.latest("id").action == "filings.correct_month"


# ---------- the brigade ----------


def test_the_brigade_acknowledges_once(ledger: Unit, station: Organisation, chief: User, supervisor: User) -> None:
    report = hand_in(station, SEPTEMBER, chief, note="", at=moment(1, month=10))
    read = acknowledge(report, supervisor, moment(2, month=10))
    assert (read.acknowledged_by, read.acknowledged_at) == (supervisor, moment(2, month=10))
    assert AuditEntry.objects.latest("id").action == "filings.acknowledge"
    with pytest.raises(RuleError, match="已由陈立新接收"):
        acknowledge(report, supervisor, moment(3, month=10))


def test_a_version_that_was_replaced_is_not_acknowledged(
    ledger: Unit, station: Organisation, chief: User, supervisor: User
) -> None:
    report = hand_in(station, SEPTEMBER, chief, note="", at=moment(1, month=10))
    hand_in(station, SEPTEMBER, chief, note="", at=moment(2, month=10), version=1, reason="补录检查")
    with pytest.raises(RuleError, match="已经更正"):
        acknowledge(report, supervisor, moment(3, month=10))
