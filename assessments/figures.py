"""What each indicator counts. One definition gives the rows that were due and marks those that are done.

The figure of a station is the number of its rows, and the records page lists the same rows: they cannot differ.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast
from django.utils.timezone import get_current_timezone

from assessments.quarters import Quarter
from deadlines.models import COMPLAINT_RULES, ON_TIME, Clock, ClockState
from filings.models import Result, Review
from hazards.models import Hazard, HazardState
from inspections.models import Inspection
from records.models import Document
from stations import wall
from units.models import Kind, State, Unit

DAY = timedelta(days=1)
Rows = QuerySet[Any]


class Figure(NamedTuple):
    """``done`` of ``due``."""

    done: int
    due: int


NOTHING = Figure(0, 0)


@dataclass(frozen=True)
class Measure:
    """One indicator: the rows due in a quarter as known on a day, each with ``is_done``; what a row is called."""

    code: str
    counted: str
    rows: Callable[[Quarter, date], Rows] | None
    # The order of the records page: plain columns for keyset paging.
    order: tuple[str, ...] = ()
    paced: bool = False
    against_mean: bool = False

    def target(self, quarter: Quarter) -> Decimal:
        """The share that earns all points, where it is not the mean of the bureau."""
        return Decimal(quarter.number) / 4 if self.paced else Decimal(1)


def _marked(rows: Rows, done: Q) -> Rows:
    marked: Rows = rows.annotate(is_done=ExpressionWrapper(done, output_field=BooleanField()))
    return marked


def listed_units(quarter: Quarter) -> Rows:
    """The units on the ledger when the quarter ended (or now): registered by then, not closed by then."""
    known = Unit.objects.filter(created_at__lt=_midnight(quarter.end + DAY))
    return known.filter(Q(state=State.OPEN) | Q(closed_on__gt=quarter.end))


def visited(since: date, until: date) -> Exists:
    """Whether a unit was inspected between two days, both included."""
    return Exists(Inspection.objects.done().filter(unit=OuterRef("pk"), visited_on__range=(since, until)))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=get_current_timezone())


def _past(quarter: Quarter, today: date) -> tuple[date, date]:
    """The days of the quarter that are over: what ends today may still be done today."""
    return quarter.start, min(quarter.end, today - DAY)


def _coverage(quarter: Quarter, today: date) -> Rows:
    seen = visited(date(quarter.year, 1, 1), min(quarter.end, today))
    units: Rows = listed_units(quarter).annotate(is_done=seen)
    return units


def _quality(quarter: Quarter, today: date) -> Rows:
    # One filter call, so that both conditions speak of the same review.
    papers = Document.objects.filter(
        filing__reviews__round=1,
        filing__reviews__decided_at__gte=_midnight(quarter.start),
        filing__reviews__decided_at__lt=_midnight(min(quarter.end, today) + DAY),
    )
    passed = Review.objects.filter(filing__document=OuterRef("pk"), round=1, result=Result.PASSED)
    return papers.annotate(is_done=Exists(passed))


def _finding(quarter: Quarter, today: date) -> Rows:
    # 雷同: the same hazard in the same words at the same place of another unit of the station, within the quarter.
    twins = Hazard.objects.filter(
        station=OuterRef("station"), found_on__range=(quarter.start, quarter.end), hazard_type=OuterRef("hazard_type"),
        wording=OuterRef("wording"), place=OuterRef("place"),
    ).exclude(unit=OuterRef("unit")).exclude(place="").exclude(state=HazardState.VOID)  # fmt: skip
    own = Hazard.objects.filter(inspection=OuterRef("pk")).exclude(state=HazardState.VOID).filter(~Exists(twins))
    visits = Inspection.objects.done().filter(visited_on__range=(quarter.start, min(quarter.end, today)))
    return visits.annotate(is_done=Exists(own))


def _rectify(quarter: Quarter, today: date) -> Rows:
    ended = Hazard.objects.filter(deadline__range=_past(quarter, today)).exclude(state=HazardState.VOID)
    return _marked(ended, Q(state=HazardState.CLOSED))


def _clocks(*codes: str) -> Callable[[Quarter, date], Rows]:
    def rows(quarter: Quarter, today: date) -> Rows:
        ended = Clock.objects.filter(rule_code__in=codes, due_on__range=_past(quarter, today))
        return _marked(ended.exclude(state=ClockState.CANCELLED), Q(ON_TIME, state=ClockState.MET))

    return rows


# What an entry of the ledger must have, with the words for what is missing.
ARCHIVE_FIELDS = (("name", "名称"), ("address", "地址"), ("person", "责任人"), ("phone", "电话"))


def _archive(quarter: Quarter, _today: date) -> Rows:
    whole = Q(officer__isnull=False) & (~Q(kind=Kind.PREMISES) | Q(category__isnull=False))
    for field, _ in ARCHIVE_FIELDS:
        whole &= ~Q(**{field: ""})
    return _marked(listed_units(quarter), whole)


MEASURES = {
    measure.code: measure
    for measure in (
        Measure("COVERAGE", "户", _coverage, ("name_key",), paced=True),
        Measure("QUALITY", "件", _quality, ("reviewed_on",)),
        Measure("FINDING", "次", _finding, ("visited_on",), against_mean=True),
        Measure("RECTIFY", "处", _rectify, ("deadline",)),
        Measure("RECHECK", "件", _clocks("RECHECK"), ("due_on",)),
        Measure("REFER", "件", _clocks("REFER_5WD", "REFER_FAILED", "REPORT_GOV"), ("due_on",)),
        Measure("ARCHIVE", "户", _archive, ("name_key",)),
        Measure("COMPLAINT", "件", _clocks(*COMPLAINT_RULES), ("due_on",)),
        # Its room is not built yet: nothing is due, and its weight goes to the rest.
        Measure("OUTREACH", "场", None),
        Measure("REPORTING", "次", _clocks("MONTHLY_REPORT"), ("due_on",)),
        # No scheme has them by itself; a bureau may give them a weight.
        Measure("SERVE", "件", _clocks("ORDER_NOW_SERVE", "ORDER_LIMIT_SERVE"), ("due_on",)),
        Measure("FIX", "件", _clocks("FILING_FIX"), ("due_on",)),
    )
}
Gathered = dict[Quarter, dict[str, dict[int, Figure]]]


def gather(bureau_id: int, quarters: Iterable[Quarter], today: date) -> Gathered:
    """Every figure of every station of a bureau for each quarter: by quarter, code and station id. One query."""
    quarters = list(quarters)
    with wall.through(wall.Door.RANKING, bureau_id):
        return sort_out(quarters, together(parts_of(bureau_id, quarters, today)))


def parts_of(bureau_id: int, quarters: Iterable[Quarter], today: date) -> list[Rows]:
    """One grouped query for each quarter and indicator, to be run together with others of the same four columns."""
    return [
        _counted(measure.rows(quarter, today).filter(bureau_id=bureau_id), f"{quarter.year}-{quarter.number}-{code}")
        for quarter in quarters
        for code, measure in MEASURES.items()
        if measure.rows
    ]


def sort_out(quarters: Iterable[Quarter], rows: Iterable[Any]) -> Gathered:
    """The rows of `parts_of` by quarter, code and station; other rows among them are passed over."""
    keys = {f"{quarter.year}-{quarter.number}-{code}": (quarter, code) for quarter in quarters for code in MEASURES}
    found: Gathered = {quarter: {code: {} for code in MEASURES} for quarter, _ in keys.values()}
    for part, station, done, due in rows:
        if part in keys:
            quarter, code = keys[part]
            found[quarter][code][int(station)] = Figure(done, due)
    return found


def _counted(rows: Rows, part: str) -> Rows:
    grouped = rows.order_by().values("station_id").annotate(
        part=Value(part, CharField()), key=Cast("station_id", CharField()),
        done=Count("pk", filter=Q(is_done=True)), due=Count("pk"),
    )  # fmt: skip
    listed: Rows = grouped.values_list("part", "key", "done", "due")
    return listed


def together(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, from one query."""
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def counts(code: str, quarter: Quarter, today: date, stations: Iterable[int]) -> dict[int, Figure]:
    """One indicator for ``stations``; a station without a row is not in the answer."""
    measure = MEASURES[code]
    if measure.rows is None:
        return {}
    rows = _counted(measure.rows(quarter, today).filter(station_id__in=list(stations)), code)
    return {int(station): Figure(done, due) for _, station, done, due in rows}
