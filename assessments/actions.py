"""A bureau publishes a quarter, and edits the scheme its quarters are scored by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localtime

from assessments.figures import MEASURES, Figure
from assessments.models import Assessment, Indicator, Scheme, Score
from assessments.quarters import Quarter
from assessments.results import QuarterResult, StationResult, in_force, indicators_of, scored
from fire_supervision.lib.errors import RuleError
from stations import wall
from stations.messages import send
from stations.models import Organisation, User
from stations.permissions import Role
from trail.record import record

Ids = dict[str, list[int]]
FULL = Decimal(100)


@transaction.atomic
def publish(bureau: Organisation, quarter: Quarter, actor: User, at: datetime) -> list[Assessment]:
    """Freeze figures, points, ranks and the rows counted of every station of ``bureau``, and tell the chiefs.

    A station that came from a bureau that had published the quarter keeps its place there.
    """
    bureau = Organisation.objects.select_for_update().get(pk=bureau.pk)
    today = localtime(at).date()
    _may_publish(bureau, quarter, today)
    stations = _unplaced(list(Organisation.objects.stations().filter(bureau=bureau).order_by("name")), quarter)
    counted = {code: _rows_of(code, bureau.pk, quarter, today) for code in MEASURES}
    figures = {code: {pk: _figure(ids) for pk, ids in rows.items()} for code, rows in counted.items()}
    result = scored(quarter, stations, in_force(indicators_of(bureau.pk), quarter), figures)
    assessments = _freeze(bureau, result, counted, actor, at)
    summary = f"发布{bureau.name}{quarter}考核，{len(assessments)} 个派出所"
    after = {row.station.name: {"points": row.points, "rank": row.rank} for row in assessments}
    record(actor, "assessments.publish", bureau, summary, after=after)
    _tell_chiefs(assessments, quarter)
    return assessments


def _may_publish(bureau: Organisation, quarter: Quarter, today: date) -> None:
    if today <= quarter.end:
        raise RuleError(f"{quarter}还没有结束，不能发布", remedy=f"{quarter.next.start} 起可以发布。")
    done = Assessment.objects.filter(bureau=bureau, year=quarter.year, quarter=quarter.number)
    first = done.select_related("published_by").first()
    if first is not None:
        when = f"{localtime(first.published_at):%Y-%m-%d %H:%M}"
        raise RuleError(f"{quarter}已由{first.published_by.name}于 {when} 发布")


def _unplaced(stations: Sequence[Organisation], quarter: Quarter) -> list[Organisation]:
    rows = Assessment.objects.filter(year=quarter.year, quarter=quarter.number, station__in=stations)
    with wall.through(wall.Door.PLACED, *(station.pk for station in stations)):
        placed = set(rows.values_list("station_id", flat=True))
    return [station for station in stations if station.pk not in placed]


def _rows_of(code: str, bureau_id: int, quarter: Quarter, today: date) -> dict[int, Ids]:
    """The ids of the rows counted, by station, done and missed apart."""
    measure = MEASURES[code]
    found: dict[int, Ids] = {}
    if measure.rows is None:
        return found
    rows = measure.rows(quarter, today).filter(bureau_id=bureau_id).order_by("pk")
    for station, pk, done in rows.values_list("station_id", "pk", "is_done"):
        found.setdefault(station, {"done": [], "missed": []})["done" if done else "missed"].append(pk)
    return found


def _figure(ids: Ids) -> Figure:
    return Figure(len(ids["done"]), len(ids["done"]) + len(ids["missed"]))


def _freeze(
    bureau: Organisation, result: QuarterResult, counted: dict[str, dict[int, Ids]], actor: User, at: datetime
) -> list[Assessment]:
    if result.scheme is None:
        raise RuleError(f"{result.quarter}没有考核办法", remedy="先在考核办法里设定。")
    assessments = [
        Assessment(
            bureau=bureau, station=row.station, scheme=result.scheme, year=result.quarter.year,
            quarter=result.quarter.number, points=row.points, rank=row.rank, published_at=at, published_by=actor,
        )
        for row in result.stations
    ]  # fmt: skip
    Assessment.objects.bulk_create(assessments)
    pairs = zip(assessments, result.stations, strict=True)
    Score.objects.bulk_create(score for pair in pairs for score in _scores(*pair, counted))
    return assessments


def _scores(assessment: Assessment, row: StationResult, counted: dict[str, dict[int, Ids]]) -> list[Score]:
    return [
        Score(
            assessment=assessment, indicator=line.indicator, done=line.done, due=line.due, weight=line.weight,
            target=line.target, points=line.points, detail=counted[line.code].get(row.station.pk, {}),
        )
        for line in row.lines
    ]  # fmt: skip


def _tell_chiefs(assessments: Sequence[Assessment], quarter: Quarter) -> None:
    chiefs = User.objects.working().filter(role=Role.CHIEF, organisation__in=[row.station_id for row in assessments])
    by_station = {row.station_id: row for row in assessments}
    for chief in chiefs:
        row = by_station[chief.organisation_id]
        place = f"得分 {row.points}，第 {row.rank} 名" if row.rank else "没有应办事项，不排名"
        url = reverse("assessments:station", args=[quarter.year, quarter.number, row.station_id])
        send(chief, about=row, key=f"assessment:{row.pk}", title=f"{quarter}考核已发布", body=place, url=url)


@dataclass(frozen=True)
class Wanted:
    """One indicator as the bureau wants it; weight 0 leaves it out."""

    code: str
    name: str
    formula: str
    weight: Decimal


@transaction.atomic
def save_scheme(bureau: Organisation, actor: User, since: Quarter, wanted: Sequence[Wanted]) -> Scheme:
    """The bureau's own version from ``since`` on; the default and earlier versions stay as they are."""
    bureau = Organisation.objects.select_for_update().get(pk=bureau.pk)
    total = sum((row.weight for row in wanted), Decimal(0))
    if total != FULL:
        raise RuleError(f"分值合计 {total} 分，应为 {FULL} 分", remedy="调整各项分值再保存。")
    _not_published_since(bureau, since)
    before = _said(in_force(indicators_of(bureau.pk), since))
    scheme, _ = Scheme.objects.update_or_create(
        bureau=bureau, since=since.start, defaults={"name": f"{bureau.name}考核办法", "confirmed": True}
    )
    scheme.indicators.all().delete()
    kept = [row for row in wanted if row.weight]
    Indicator.objects.bulk_create(
        Indicator(scheme=scheme, code=row.code, name=row.name, formula=row.formula, weight=row.weight, order=order)
        for order, row in enumerate(kept, start=1)
    )
    after = _said(list(scheme.indicators.all()))
    summary = f"{bureau.name}考核办法从{since}起修改，{len(kept)} 项"
    record(actor, "assessments.save_scheme", bureau, summary, before=before, after=after)
    return scheme


def _not_published_since(bureau: Organisation, since: Quarter) -> None:
    """A quarter that was published keeps the scheme it was scored by."""
    for row in Assessment.objects.filter(bureau=bureau, year__gte=since.year).order_by("-year", "-quarter"):
        done = Quarter(row.year, row.quarter)
        if done >= since:
            raise RuleError(f"{done}已按原办法发布，不能再改", remedy=f"从{done.next}或者以后的季度起修改。")


def _said(indicators: Sequence[Indicator]) -> dict[str, Any]:
    return {row.code: {"name": row.name, "formula": row.formula, "weight": row.weight} for row in indicators}
