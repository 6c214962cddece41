"""The quarter of a bureau: figures, points and ranks of every station; frozen where published, live elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from assessments.figures import MEASURES, NOTHING, Figure, Gathered, gather
from assessments.models import Indicator, Scheme, Score
from assessments.quarters import Quarter
from assessments.scoring import Points, Tally, mean_share, ranks, score, summed
from stations.models import Organisation, User

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Line:
    """One indicator of one station. ``full`` is its weight in the scheme, ``weight`` after sharing."""

    indicator: Indicator
    done: int
    due: int
    target: Decimal
    weight: Decimal
    points: Decimal | None

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def full(self) -> Decimal:
        return self.indicator.weight

    @property
    def counted(self) -> str:
        return MEASURES[self.code].counted

    @property
    def missed(self) -> int:
        return self.due - self.done

    @property
    def rate(self) -> Decimal | None:
        """Done of due in percent; None when nothing was due."""
        return Decimal(self.done) * HUNDRED / Decimal(self.due) if self.due else None

    @property
    def goal(self) -> Decimal | None:
        """The percentage that earns all points, where it is not 100."""
        return self.target * HUNDRED if self.due and self.target != 1 else None

    @property
    def lost(self) -> Decimal:
        return self.weight - self.points if self.points is not None else Decimal(0)


@dataclass(frozen=True)
class StationResult:
    """A station's quarter."""

    station: Organisation
    points: Decimal | None
    rank: int | None
    lines: list[Line]

    def line(self, code: str) -> Line | None:
        return next((line for line in self.lines if line.code == code), None)


@dataclass(frozen=True)
class QuarterResult:
    """All stations, best first; ``published_at`` is None while the figures are live."""

    quarter: Quarter
    scheme: Scheme | None
    stations: list[StationResult] = field(default_factory=list)
    published_at: datetime | None = None
    published_by: User | None = None

    def of(self, station_id: int) -> StationResult | None:
        return next((row for row in self.stations if row.station.pk == station_id), None)

    def total(self, code: str) -> Figure:
        """The figure of the whole bureau."""
        lines = [line for row in self.stations for line in row.lines if line.code == code]
        return Figure(sum(line.done for line in lines), sum(line.due for line in lines))


Results = dict[Quarter, QuarterResult]


def results(bureau_id: int, quarters: Sequence[Quarter], today: date) -> Results:
    """The quarters asked for: at most four queries, however many stations there are."""
    found = frozen(bureau_id, quarters)
    live = [quarter for quarter in quarters if quarter not in found]
    if live:
        found |= score_live(bureau_id, gather(bureau_id, live, today))
    return found


def frozen(bureau_id: int, quarters: Iterable[Quarter]) -> Results:
    """What was published: figures and points as they were on that day."""
    wanted = Q(pk__in=[])
    for quarter in quarters:
        wanted |= Q(assessment__year=quarter.year, assessment__quarter=quarter.number)
    rows = Score.objects.filter(wanted, assessment__bureau_id=bureau_id).defer("detail")
    rows = rows.select_related("indicator__scheme", "assessment__station", "assessment__published_by")
    by_quarter: dict[Quarter, list[Score]] = {}
    for row in rows.order_by("assessment__rank", "assessment__station__name", "indicator__order"):
        quarter = Quarter(row.assessment.year, row.assessment.quarter)
        by_quarter.setdefault(quarter, []).append(row)
    return {quarter: _published(quarter, scores) for quarter, scores in by_quarter.items()}


def _published(quarter: Quarter, scores: list[Score]) -> QuarterResult:
    stations: dict[int, StationResult] = {}
    for row in scores:
        paper = row.assessment
        lines = stations.setdefault(paper.station_id, StationResult(paper.station, paper.points, paper.rank, [])).lines
        lines.append(Line(row.indicator, row.done, row.due, row.target, row.weight, row.points))
    first = scores[0].assessment
    scheme = scores[0].indicator.scheme
    return QuarterResult(quarter, scheme, list(stations.values()), first.published_at, first.published_by)


def score_live(bureau_id: int, gathered: Gathered) -> Results:
    """Points and ranks from figures that were just counted."""
    stations = list(Organisation.objects.stations().filter(bureau_id=bureau_id).order_by("name"))
    indicators = indicators_of(bureau_id)
    return {
        quarter: scored(quarter, stations, in_force(indicators, quarter), figures)
        for quarter, figures in gathered.items()
    }


def indicators_of(bureau_id: int) -> list[Indicator]:
    """Every version of the bureau's scheme and the default, the newest first; few rows, one query."""
    versions = Indicator.objects.filter(Q(scheme__bureau_id=bureau_id) | Q(scheme__bureau__isnull=True))
    return list(versions.select_related("scheme").order_by("-scheme__since", "-scheme_id", "order"))


def in_force(indicators: Sequence[Indicator], quarter: Quarter) -> list[Indicator]:
    """Those of the version in force in ``quarter``: the bureau's newest by its first day, else the default."""
    usable = [indicator.scheme for indicator in indicators if indicator.scheme.since <= quarter.start]
    scheme = max(usable, key=lambda each: (each.bureau_id is not None, each.since, each.pk), default=None)
    return [indicator for indicator in indicators if scheme is not None and indicator.scheme_id == scheme.pk]


def scored(
    quarter: Quarter,
    stations: Sequence[Organisation],
    indicators: Sequence[Indicator],
    figures: dict[str, dict[int, Figure]],
) -> QuarterResult:
    """Points and ranks from figures."""
    targets = {indicator.code: target_of(indicator.code, quarter, figures) for indicator in indicators}
    rows = []
    for station in stations:
        tallies = [
            Tally(each.weight, *figures.get(each.code, {}).get(station.pk, NOTHING), targets[each.code])
            for each in indicators
        ]
        points = score(tallies)
        lines = [_line(*row) for row in zip(indicators, tallies, points, strict=True)]
        rows.append((station, summed(points), lines))
    places = ranks({station.pk: points for station, points, _ in rows})
    found = [StationResult(station, points, places[station.pk], lines) for station, points, lines in rows]
    found.sort(key=lambda row: (row.rank is None, row.rank or 0, row.station.name))
    return QuarterResult(quarter, indicators[0].scheme if indicators else None, found)


def target_of(code: str, quarter: Quarter, figures: dict[str, dict[int, Figure]]) -> Decimal:
    """The share that earns all points of ``code``."""
    measure = MEASURES[code]
    return mean_share(list(figures.get(code, {}).values())) if measure.against_mean else measure.target(quarter)


def _line(indicator: Indicator, tally: Tally, points: Points) -> Line:
    return Line(indicator, tally.done, tally.due, tally.target, points.weight, points.points)


@dataclass(frozen=True)
class Change:
    """How something stands against the quarter before; None where one of the two is missing."""

    points: Decimal | None
    places: int | None
    rates: dict[str, Decimal | None]


def change(now: StationResult, before: StationResult | None) -> Change:
    """Points gained, places climbed, and each indicator's rate in percentage points."""
    if before is None:
        return Change(None, None, {})
    earlier = {line.code: line.rate for line in before.lines}
    rates = {line.code: _minus(line.rate, earlier.get(line.code)) for line in now.lines}
    places = before.rank - now.rank if before.rank is not None and now.rank is not None else None
    return Change(_minus(now.points, before.points), places, rates)


def _minus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return one - other if one is not None and other is not None else None
