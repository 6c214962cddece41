"""A station's quarter made of single rows, each as late or as good as a test wants it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deadlines.models import Clock, ClockState
from deadlines.rules import rule_on
from filings.models import Filing, Result, Review
from hazards.models import Disposition, Hazard, HazardState
from inspections.models import Checklist, HazardType, Inspection, State
from records.models import Document, Kind
from records.samples.visit import RECORD
from stations.models import Organisation, User
from units.models import Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 9, 24)  # a Thursday in the third quarter
# The indicators `busy_quarter` has done and missed rows of.
BUSY = ["COVERAGE", "QUALITY", "FINDING", "RECTIFY", "RECHECK", "REFER", "ARCHIVE"]


def moment(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def ledger_unit(make_unit: Callable[..., Unit]) -> Callable[..., Unit]:
    """A unit that has been on the ledger since the year began."""

    def make(name: str = "万家福便利超市", **fields: Any) -> Unit:
        unit = make_unit(name, **fields)
        Unit.objects.filter(pk=unit.pk).update(created_at=moment(date(2026, 1, 5)))
        return unit

    return make


@pytest.fixture
def visit(officer: User, partner: User) -> Callable[..., Inspection]:
    def make(unit: Unit, on: date = date(2026, 9, 1), **fields: Any) -> Inspection:
        values: dict[str, Any] = {
            "checklist": Checklist.objects.get(subject="UNIT"), "state": State.SUBMITTED, "visited_on": on,
            "started_at": moment(on, 9), "finished_at": moment(on), "lead": officer, "second": partner,
        }  # fmt: skip
        return Inspection.objects.create(**unit.scope_columns(), unit=unit, **values | fields)

    return make


@pytest.fixture
def hazard() -> Callable[..., Hazard]:
    """A hazard that was urged, so that no order is needed; the deadline and the end are what counts here."""

    def make(unit: Unit, inspection: Inspection | None = None, **fields: Any) -> Hazard:
        kind = HazardType.objects.get(code=fields.pop("code", "EQ02"))
        state = fields.get("state", HazardState.OPEN)
        values: dict[str, Any] = {
            "hazard_type": kind, "wording": "灭火器2具压力不足", "place": "一层大厅", "violates": kind.violates,
            "measure": kind.measure, "disposition": Disposition.URGE, "found_on": date(2026, 9, 1),
            "closed_on": date(2026, 9, 10) if state == HazardState.CLOSED else None,
        }  # fmt: skip
        return Hazard.objects.create(**unit.scope_columns(), unit=unit, inspection=inspection, **values | fields)

    return make


@pytest.fixture
def clock(db: None) -> Callable[..., Clock]:
    numbers = iter(range(1, 10_000))

    def make(unit: Unit, code: str, due: date, met: date | None = None, **fields: Any) -> Clock:
        rule = rule_on(code, due)
        values: dict[str, Any] = {
            "rule_code": code, "rule": rule, "doer": rule.doer, "key": f"test:{next(numbers)}",
            "subject_type": "units.unit", "subject_id": unit.pk, "label": f"{code} {unit.name}",
            "url": unit.get_absolute_url(),
            "started_on": due - timedelta(days=5), "opens_on": due, "due_on": due, "met_on": met,
            "state": ClockState.MET if met else ClockState.RUNNING,
        }  # fmt: skip
        return Clock.objects.create(**unit.scope_columns(), **values | fields)

    return make


@pytest.fixture
def reviewed(supervisor: User, officer: User) -> Callable[..., Document]:
    """A paper whose rounds were decided on the days given, each passed or returned."""
    numbers = iter(range(1, 10_000))

    def make(unit: Unit, *rounds: tuple[date, Result]) -> Document:
        number = next(numbers)
        columns = unit.scope_columns()
        paper = Document.objects.create(
            **columns, kind=Kind.INSPECTION_RECORD, year=2026, sequence=number, number=f"消检字第{number:04d}号",
            unit_id=unit.pk, unit_name=unit.name, subject_type="units.unit", subject_id=unit.pk, context=RECORD,
            issued_on=date(2026, 6, 1), issued_by=officer, reviewed_on=rounds[0][0],
        )  # fmt: skip
        filing = Filing.objects.create(**columns, document=paper, opened_by=supervisor, opened_at=moment(rounds[0][0]))
        for place, (on, result) in enumerate(rounds, start=1):
            Review.objects.create(filing=filing, round=place, reviewer=supervisor, result=result, decided_at=moment(on))
        return paper

    return make


@pytest.fixture
def busy_quarter(
    ledger_unit: Callable[..., Unit],
    visit: Callable[..., Inspection],
    hazard: Callable[..., Hazard],
    clock: Callable[..., Clock],
    reviewed: Callable[..., Document],
    sibling: Organisation,
) -> Unit:
    """Every indicator of our station has done and missed rows in the third quarter; next door something too."""
    shop, hotel = ledger_unit("万家福便利超市"), ledger_unit("利群旅馆", address="裕华路180号", phone="")
    ledger_unit("宏运网吧", address="西大街9号")
    other = ledger_unit("好又多超市", station=sibling)
    first = visit(shop)
    visit(hotel, date(2026, 7, 3))
    hazard(shop, first, deadline=date(2026, 9, 8), state=HazardState.CLOSED)
    hazard(shop, first, deadline=date(2026, 9, 15), place="二层走道")
    hazard(other, deadline=date(2026, 8, 1))
    clock(shop, "RECHECK", date(2026, 9, 11), date(2026, 9, 11))
    clock(shop, "RECHECK", date(2026, 9, 18), date(2026, 9, 21))
    clock(hotel, "REFER_5WD", date(2026, 7, 10), date(2026, 7, 9))
    clock(hotel, "REPORT_GOV", date(2026, 7, 3))
    clock(other, "RECHECK", date(2026, 8, 5), date(2026, 8, 5))
    reviewed(shop, (date(2026, 7, 6), Result.PASSED))
    reviewed(shop, (date(2026, 7, 6), Result.RETURNED), (date(2026, 7, 9), Result.PASSED))
    return shop
