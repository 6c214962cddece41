"""责任书 in the monthly report: how many were signed, and how many units stand under one when the month ends."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from filings.actions import hand_in
from filings.models import MonthlyReport
from filings.month import Month
from filings.monthly import address
from stations.models import Organisation, User
from tests.filings.conftest import VISITED, moment
from tests.filings.test_monthly import SEPTEMBER, values
from tests.units.pledges import signed
from units.models import Unit
from units.pledging import void_pledge

pytestmark = pytest.mark.django_db
MONTHS = (SEPTEMBER, Month(2026, 10))


@pytest.fixture
def ledger(unit: Unit) -> Unit:
    """The unit was on the ledger in September already."""
    Unit.objects.filter(pk=unit.pk).update(created_at=moment(1))
    return unit


def test_pledges_are_counted_by_their_day_and_units_by_what_runs_when_the_month_ends(
    ledger: Unit, make_unit: Callable[..., Unit], officer: User, chief: User, station: Organisation
) -> None:
    second, third = (make_unit(f"{number}号店", address=f"{number}号") for number in (2, 3))
    Unit.objects.update(created_at=moment(1))
    signed(ledger, officer, on=date(2026, 9, 1), since=date(2026, 9, 1))
    signed(second, officer, on=date(2026, 9, 30), since=date(2026, 10, 1))
    void_pledge(signed(third, officer, on=date(2026, 9, 5), since=date(2026, 9, 5)), chief, "写错", date(2026, 9, 6))
    shown = [(values(station, month).get("PLEDGES"), values(station, month)["PLEDGED"]) for month in MONTHS]
    assert shown == [("2", "1/3"), (None, "2/3")]


def test_a_report_handed_in_before_pledges_were_counted_stays_as_it_is(
    ledger: Unit, officer: User, chief: User, station: Organisation, browse: Callable[[User], Client]
) -> None:
    signed(ledger, officer, on=VISITED)
    report = hand_in(station, SEPTEMBER, chief, note="", at=moment(8, month=10))
    assert {"PLEDGES", "PLEDGED"} <= {figure["code"] for figure in report.figures}
    old = [figure for figure in report.figures if figure["group"] != "责任书"]
    ids = {code: kept for code, kept in report.counted.items() if not code.startswith("PLEDGE")}
    MonthlyReport.objects.update(figures=old, counted=ids)
    page = browse(chief).get(address("monthly_report", station.pk, SEPTEMBER))
    assert "责任书" not in [title for title, _ in page.context["groups"]]
    assert [row.now for _, rows in page.context["groups"] for row in rows if row.now] == []
    behind = address("monthly_rows", station.pk, SEPTEMBER, "PLEDGES")
    assert list(browse(chief).get(behind, {"version": 1}).context["rows"]) == []


def test_the_rows_behind_the_pledges_lead_to_them(
    ledger: Unit, officer: User, chief: User, station: Organisation, browse: Callable[[User], Client]
) -> None:
    pledge = signed(ledger, officer, on=VISITED)
    shown = [browse(chief).get(address("monthly_rows", station.pk, SEPTEMBER, code)) for code in ("PLEDGES", "PLEDGED")]
    rows = [[(row.title, row.on, row.url, row.counts) for row in page.context["rows"]] for page in shown]
    assert rows == [
        [(ledger.name, VISITED, pledge.get_absolute_url(), True)],
        [(ledger.name, None, reverse("unit_page", args=[ledger.pk]), True)],
    ]
