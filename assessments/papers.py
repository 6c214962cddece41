"""季度通报 as plain values; the keys are those of templates/papers/bulletin.html."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from assessments.models import Bulletin
from assessments.results import Line, QuarterResult, StationResult

Context = dict[str, Any]
STATIONS = "各派出所"


def bulletin_context(bulletin: Bulletin, result: QuarterResult, brigades: Sequence[str], on: date) -> Context:
    """What the 通报 of a published quarter prints; ``brigades`` get a copy of it. Figures are words already."""
    lines = result.stations[0].lines if result.stations else []
    totals = [(line, result.total(line.code)) for line in lines]
    due = [(line, total) for line, total in totals if total.due]
    return {
        "heading": bulletin.bureau.heading,
        "issued_on": on.isoformat(),
        "unit_name": STATIONS,
        "period": str(result.quarter),
        "situation": paragraphs(bulletin.situation),
        "demands": paragraphs(bulletin.demands),
        "station_count": len(result.stations),
        "indicators": [
            {"name": line.indicator.name, "done": total.done, "due": total.due, "rate": _rate(total.done, total.due)}
            for line, total in due
        ],
        "stations": [_station(row, [line.code for line, _ in due]) for row in result.stations],
        "brigades": list(brigades),
        "signatures": {},
    }


def paragraphs(text: str) -> list[str]:
    """The lines of a typed text without the empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _station(row: StationResult, codes: Sequence[str]) -> Context:
    by_code = {line.code: line for line in row.lines}
    return {
        "rank": row.rank,
        "name": row.station.short_name or row.station.name,
        "points": f"{row.points:.2f}" if row.points is not None else "",
        "rates": [_line_rate(by_code[code]) for code in codes],
    }


def _line_rate(line: Line) -> str:
    return _rate(line.done, line.due)


def _rate(done: int, due: int) -> str:
    """95.3%; empty where nothing was due."""
    return f"{Decimal(100 * done) / due:.1f}%" if due else ""
