"""局领导 at a glance: four numbers with their trend, the ranking, what is overdue, what was found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, ExtractMonth, ExtractYear
from django.urls import reverse
from django.utils.timezone import localdate

from assessments.bureaus import bureau_for
from assessments.figures import DAY, parts_of, sort_out, together
from assessments.overdue import Late, overdue_duties, station_duties, told
from assessments.quarters import Quarter
from assessments.results import QuarterResult, StationResult, change, frozen, score_live
from deadlines.models import ClockState, Step
from hazards.filters import VALID
from hazards.models import Hazard, HazardState
from inspections.models import HazardCategory, Inspection
from stations import wall
from stations.models import Organisation, User
from units.models import Unit
from units.yearly import CODE as YEARLY

MONTHS = 12
TREND = 6
SHOWN = 8
Counts = dict[str, dict[str, tuple[int, int]]]


@dataclass(frozen=True)
class Number:
    """One of the four: ``done`` of ``due`` (0: a plain count), the trend, the change against the period before."""

    label: str
    done: int
    due: int
    unit: str
    note: str
    against: str
    change: Decimal | int | None
    change_unit: str
    trend: list[float | None]
    # Whether more is better (1), worse (-1) or neither (0).
    sense: int
    rated: bool = False
    # The page that lists what was counted.
    url: str = ""

    @property
    def is_worse(self) -> bool:
        return self.change is not None and self.change * self.sense < 0


@dataclass(frozen=True)
class Ranked:
    """A station's line in the ranking."""

    row: StationResult
    change: Decimal | None
    places: int | None
    overdue: int


def leader_figures(user: User, at: datetime, bureau: Organisation | None = None) -> dict[str, Any]:
    """Everything `assessments/_dashboard.html` shows; seven queries whatever the number of stations."""
    bureau = bureau or bureau_for(user)
    today = localdate(at)
    now = Quarter.of(today)
    quarters = [now, now.previous]
    if bureau is None:
        return {"bureau": None, "quarter": now, "today": today}
    found = frozen(bureau.pk, quarters)
    live = [quarter for quarter in quarters if quarter not in found]
    with wall.through(wall.Door.RANKING, bureau.pk):
        rows = list(together([*parts_of(bureau.pk, live, today), *_parts(bureau.pk, now, at)]))
    found |= score_live(bureau.pk, sort_out(live, rows))
    counts: Counts = {}
    for part, key, one, other in rows:
        counts.setdefault(part, {})[key] = (one, other)
    overdue = _overdue(user, bureau.pk, at)
    return {
        "bureau": bureau,
        "quarter": now,
        "today": today,
        "result": found[now],
        "numbers": [_coverage(counts, now, today), _findings(counts, now, today), _gone(found, now, counts, today),
                    _late(counts, today)],
        "ranking": list(_ranking(found, now, counts)),
        "overdue": overdue,
        "late_count": sum(value[0] for value in counts.get("late", {}).values()),
        "months": _by_month(counts, today),
        "categories": _categories(counts, now, today),
    }  # fmt: skip


# ---------- one query for all counts: part, key, one number, another ----------


def _parts(bureau_id: int, now: Quarter, at: datetime) -> Iterator[QuerySet[Any]]:
    today = localdate(at)
    hazards = Hazard.objects.filter(bureau_id=bureau_id).exclude(state=HazardState.VOID)
    since = _months_back(today, MONTHS - 1)
    zero = Value(0)
    yield _part("found", hazards.filter(found_on__range=(since, today)), _month("found_on"), Count("pk"), zero)
    closed = hazards.filter(state=HazardState.CLOSED, closed_on__range=(since, today))
    yield _part("closed", closed, _month("closed_on"), Count("pk"), zero)
    ended = hazards.filter(deadline__range=(since, today - DAY))
    yield _part("ended", ended, _month("deadline"), Count("pk", filter=Q(state=HazardState.CLOSED)), Count("pk"))
    # A running quarter is compared with as many days of the one before.
    same_day = min(now.previous.start + (today - now.start), now.previous.end)
    before = Q(found_on__range=(now.previous.start, same_day))
    lately = hazards.filter(Q(found_on__range=(now.start, today)) | before)
    kinds = Count("pk", filter=Q(found_on__gte=now.start)), Count("pk", filter=before)
    yield _part("category", lately, "hazard_type__category", *kinds)
    yield _part("visited", _first_visits(bureau_id, today), _month_or_none("first"), Count("pk"), zero)
    late = overdue_duties(at).filter(bureau_id=bureau_id)
    above = Count("notices", filter=Q(notices__step=Step.ABOVE))
    yield _part("late", late, Cast("station_id", CharField()), Count("pk", distinct=True), above)
    for day in _month_ends(today):
        yield _part("stood", _standing(bureau_id, day), Value(day.isoformat(), CharField()), Count("pk"), zero)


def _part(part: str, rows: QuerySet[Any], key: Any, one: Any, other: Any) -> QuerySet[Any]:
    """``rows`` grouped by ``key``; the bureau column is there so that a constant key is grouped as well."""
    told = Cast(key, CharField()) if isinstance(key, str) else key
    keyed: QuerySet[Any] = rows.order_by().annotate(part_name=Value(part, CharField()), part_key=told)
    grouped = keyed.values("bureau_id", "part_name", "part_key").annotate(one=one, other=other)
    listed: QuerySet[Any] = grouped.values_list("part_name", "part_key", "one", "other")
    return listed


def _month(column: str) -> Cast:
    """202609 for a day of September 2026."""
    return Cast(ExtractYear(column) * 100 + ExtractMonth(column), CharField())


def _month_or_none(column: str) -> Case:
    return Case(When(**{f"{column}__isnull": True}, then=Value("")), default=_month(column), output_field=CharField())


def _first_visits(bureau_id: int, today: date) -> QuerySet[Any]:
    """The open units with the day of their first visit this year."""
    visits = Inspection.objects.done().filter(unit=OuterRef("pk"), visited_on__range=(date(today.year, 1, 1), today))
    first = visits.order_by("visited_on").values("visited_on")[:1]
    return Unit.objects.filter(bureau_id=bureau_id).open().annotate(first=Subquery(first))


def _standing(bureau_id: int, day: date) -> QuerySet[Any]:
    """The duties that were overdue at the end of ``day``; the same as `overdue` on the day after."""
    clocks = station_duties().filter(bureau_id=bureau_id, due_on__lte=day).exclude(state=ClockState.CANCELLED)
    return clocks.filter(Q(met_on__isnull=True) | Q(met_on__gt=day))


def _months_back(day: date, months: int) -> date:
    """The first day of the month so many months before ``day``."""
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


def _month_ends(today: date) -> list[date]:
    """The last days of the months before this one."""
    return [_months_back(today, back) - DAY for back in range(TREND - 2, -1, -1)]


def _months(today: date, number: int) -> list[date]:
    return [_months_back(today, back) for back in range(number - 1, -1, -1)]


def _key(month: date) -> str:
    return f"{month.year * 100 + month.month}"


# ---------- the four numbers ----------


def _coverage(counts: Counts, now: Quarter, today: date) -> Number:
    visits = {key: value[0] for key, value in counts.get("visited", {}).items()}
    due = sum(visits.values())
    done = due - visits.get("", 0)
    pace = Decimal(now.number) * 25
    trend: list[float | None] = []
    so_far = 0
    for month in (date(today.year, number, 1) for number in range(1, today.month + 1)):
        so_far += visits.get(_key(month), 0)
        trend.append(round(100 * so_far / due, 1) if due else None)
    ahead = Decimal(done) * 100 / Decimal(due) - pace if due else None
    note = f"本年已检查，本季度末应到 {pace:.0f}%"
    return Number(
        "年度检查覆盖率",
        done,
        due,
        "户",
        note,
        "较季度末进度",
        ahead,
        "个百分点",
        trend,
        1,
        True,
        _rows_of("COVERAGE", now),
    )


def _findings(counts: Counts, now: Quarter, today: date) -> Number:
    kinds = counts.get("category", {}).values()
    done, before = sum(value[0] for value in kinds), sum(value[1] for value in kinds)
    ahead = done - before
    months = counts.get("found", {})
    trend: list[float | None] = [months.get(_key(month), (0, 0))[0] for month in _months(today, TREND)]
    return Number(
        "发现隐患", done, 0, "处", f"上季度同期 {before} 处", "较上季度同期", ahead, "处", trend, 0,
        url=_hazards_url(now.start, today),
    )  # fmt: skip


def _gone(found: dict[Quarter, QuarterResult], now: Quarter, counts: Counts, today: date) -> Number:
    figure, before = found[now].total("RECTIFY"), found[now.previous].total("RECTIFY")
    rates = [Decimal(each.done) * 100 / Decimal(each.due) if each.due else None for each in (figure, before)]
    ahead = rates[0] - rates[1] if rates[0] is not None and rates[1] is not None else None
    ended = counts.get("ended", {})
    shares = [ended.get(_key(month), (0, 0)) for month in _months(today, TREND)]
    trend: list[float | None] = [round(100 * done / due, 1) if due else None for done, due in shares]
    note = "本季度到改正期限的隐患"
    return Number(
        "到期销号率", figure.done, figure.due, "处", note, "较上季度", ahead, "个百分点", trend, 1, True,
        _rows_of("RECTIFY", now),
    )  # fmt: skip


def _late(counts: Counts, today: date) -> Number:
    late = counts.get("late", {}).values()
    done, reported = sum(value[0] for value in late), sum(value[1] for value in late)
    stood = [counts.get("stood", {}).get(day.isoformat(), (0, 0))[0] for day in _month_ends(today)]
    trend: list[float | None] = [*stood, done]
    ahead = done - stood[-1]
    note = f"已上报 {reported} 件"
    return Number(
        "逾期未办", done, 0, "件", note, "较上月末", ahead, "件", trend, -1, url=reverse("assessments:overdue")
    )


def _rows_of(code: str, now: Quarter) -> str:
    return reverse("assessments:bureau_records", args=[now.year, now.number, code])


def _hazards_url(since: date, until: date, category: str = "") -> str:
    """The hazards found between two days, both included, without the void ones."""
    asked = {"state": VALID, "since": since.isoformat(), "until": until.isoformat(), "category": category}
    return f"{reverse('hazards:list')}?{urlencode({name: value for name, value in asked.items() if value})}"


# ---------- ranking, overdue, charts ----------


def _ranking(found: dict[Quarter, QuarterResult], now: Quarter, counts: Counts) -> Iterator[Ranked]:
    late = counts.get("late", {})
    for row in found[now].stations:
        moved = change(row, found[now.previous].of(row.station.pk))
        overdue = late.get(str(row.station.pk), (0, 0))[0]
        yield Ranked(row, moved.points, moved.places, overdue)


def _overdue(user: User, bureau_id: int, at: datetime) -> list[Late]:
    """What was reported upwards, then the duties longest overdue, with the words of their clock.

    The yearly inspections of a year gone by, hundreds of one day, would hide everything else.
    """
    late = overdue_duties(at).for_user(user).filter(bureau_id=bureau_id).exclude(rule_code=YEARLY)
    rows = late.with_reported().select_related("rule", "station", "owner").defer("explanation")
    rows = rows.order_by(F("reported_at").asc(nulls_last=True), "due_on", "pk")[:SHOWN]
    return told(list(rows), at)


def _by_month(counts: Counts, today: date) -> list[dict[str, Any]]:
    """Twelve months, or fewer where the first of them are from before the bureau used the system; six at least."""
    found, closed = counts.get("found", {}), counts.get("closed", {})
    known = [place for place, month in enumerate(_months(today, MONTHS)) if {_key(month)} & {*found, *closed}]
    months = _months(today, max(TREND, MONTHS - min(known, default=MONTHS)))
    return [
        {
            "month": month,
            "found": found.get(_key(month), (0, 0))[0],
            "closed": closed.get(_key(month), (0, 0))[0],
            "url": _hazards_url(month, min(_months_back(month, -1) - DAY, today)),
        }
        for month in months
    ]


def _categories(counts: Counts, now: Quarter, today: date) -> Sequence[dict[str, Any]]:
    rows = [
        {
            "name": HazardCategory(code).label,
            "now": lately,
            "before": before,
            "url": _hazards_url(now.start, today, code),
        }
        for code, (lately, before) in counts.get("category", {}).items()
    ]
    return sorted(rows, key=lambda row: (-row["now"], -row["before"], row["name"]))
