"""What the pages of the monthly report show, put together from clocks, reports and figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from deadlines.calendar import Calendar
from deadlines.models import Clock
from deadlines.rules import words
from filings.models import MonthlyReport
from filings.month import Month
from filings.monthly import RULE
from filings.monthly_figures import MEASURES, Figure
from stations.models import Organisation, User

# The columns of the overview; the page of a report and the workbook have all figures.
MAIN = {
    "VISITS": "检查", "FOUND": "发现隐患", "GONE": "销号", "ORDERS_LIMIT": "限期责令", "AGAIN": "复查",
    "REFERRED": "移送",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A station's month: the duty to report it, what was handed in, both as far as there are any."""

    station: Organisation
    month: Month
    clock: Clock | None
    report: MonthlyReport | None
    words: str = ""
    tone: str = ""

    @property
    def is_late(self) -> bool:
        """Handed in late, or not yet and overdue."""
        return self.tone == "over" or (self.clock is not None and self.clock.was_late)

    @property
    def figures(self) -> dict[str, str]:
        return {figure["code"]: figure["value"] for figure in self.report.figures} if self.report else {}

    @property
    def main(self) -> list[str]:
        return [self.figures.get(code, "") for code in MAIN]


def month_lines(user: User, month: Month, now: datetime) -> list[Line]:
    """Every station ``user`` sees with its report of ``month``: three queries and the calendar."""
    stations = Organisation.objects.for_user(user).stations().order_by("name")
    clocks = Clock.objects.for_user(user).filter(rule_code=RULE, started_on=month.last).select_related("rule")
    reports = MonthlyReport.objects.for_user(user).current().filter(month=month.first)
    by_clock = {clock.subject_id: clock for clock in clocks}
    by_report = {report.station_id: report for report in _with_people(reports)}
    pairs = [(station, by_clock.get(station.pk), by_report.get(station.pk)) for station in stations]
    return _said([Line(station, month, clock, report) for station, clock, report in pairs], now)


def station_lines(station: Organisation, now: datetime, number: int = 24) -> list[Line]:
    """The months of one station, the running one first."""
    running = Month.of(now.date())
    clocks = Clock.objects.filter(rule_code=RULE, station=station).select_related("rule").order_by("-started_on")
    by_clock = {Month.of(clock.started_on): clock for clock in clocks[:number]}
    reports = _with_people(MonthlyReport.objects.current().filter(station=station))
    by_report = {report.of_month: report for report in reports[:number]}
    months = sorted({running, *by_clock, *by_report}, reverse=True)
    return _said([Line(station, month, by_clock.get(month), by_report.get(month)) for month in months], now)


def _with_people(reports: Any) -> Any:
    return reports.select_related("handed_in_by", "acknowledged_by").defer("counted", "note")


def _said(lines: Sequence[Line], now: datetime) -> list[Line]:
    """The lines with the words of their clocks; the calendar is read where one is there."""
    running = [line.clock for line in lines if line.clock is not None]
    if not running:
        return list(lines)
    calendar = calendar_of(running, now.date())
    return [_one(line, now, calendar) for line in lines]


def _one(line: Line, now: datetime, calendar: Calendar) -> Line:
    if line.clock is None:
        return line
    said, tone = words(line.clock, now, calendar)
    if line.clock.was_late:
        said, tone = "迟报", ""
    return Line(line.station, line.month, line.clock, line.report, said, tone)


def calendar_of(clocks: Iterable[Clock], today: date) -> Calendar:
    """The calendar the words of ``clocks`` are counted by."""
    days = [clock.due_on for clock in clocks]
    return Calendar.load(min([*days, today]), max([*days, today]))


def narrowed(lines: Iterable[Line], state: str) -> list[Line]:
    """The lines of a state of `MonthFilter`."""
    match state:
        case "missing":
            return [line for line in lines if line.report is None]
        case "late":
            return [line for line in lines if line.is_late]
        case "unread":
            return [line for line in lines if line.report and line.report.acknowledged_at is None]
    return list(lines)


def totals(lines: Iterable[Line]) -> list[int]:
    """The main figures of all that was handed in."""
    handed = [line.figures for line in lines if line.report]
    return [sum(int(figures.get(code, 0)) for figures in handed) for code in MAIN]


@dataclass(frozen=True)
class Row:
    """A figure and, where it has moved since it was handed in, what it would be now."""

    figure: Figure
    now: str = ""


def figures_of(report: MonthlyReport) -> list[Figure]:
    return [Figure(**figure) for figure in report.figures]


def grouped(figures: Sequence[Figure], live: Sequence[Figure] = ()) -> list[tuple[str, list[Row]]]:
    """The figures under their headings; ``live`` are those of now, to be compared with."""
    present = {figure.code: figure for figure in live}
    rows = [Row(figure, _moved(figure, present.get(figure.code))) for figure in figures]
    return [(title, list(some)) for title, some in groupby(rows, key=lambda row: row.figure.group)]


def _moved(figure: Figure, now: Figure | None) -> str:
    if now is None or (now.number, now.of) == (figure.number, figure.of):
        return ""
    return now.value if now.of is None else f"{now.value} / {now.of}"


def header() -> list[str]:
    """The columns of the workbook."""
    head = ["派出所", "月份", "报送", "报送人", "报送时间", "到期日", "接收人", "接收时间"]
    for measure in MEASURES.values():
        head += [f"{measure.label}（{measure.unit}）", *([f"{measure.label}应办"] if measure.done is not None else [])]
    return head


def cells(line: Line) -> list[Any]:
    """A line of the workbook; a station that has not handed in has no figures."""
    report, due = line.report, line.clock.due_on if line.clock else None
    state = line.words if line.is_late else "已报送" if report else line.words or "不需要报送"
    row: list[Any] = [line.station.name, line.month.word, state]
    row += [report.handed_in_by.name, report.handed_in_at] if report else [None, None]
    row += [due, report.acknowledged_by.name if report and report.acknowledged_by else None]
    row += [report.acknowledged_at if report else None]
    frozen = {figure.code: figure for figure in figures_of(report)} if report else {}
    for code, measure in MEASURES.items():
        figure = frozen.get(code)
        row.append(float(figure.number) if figure else None)
        row += [figure.of if figure else None] if measure.done is not None else []
    return row
