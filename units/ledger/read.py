"""A workbook into a judged ledger."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from fire_supervision.lib.spreadsheets import UnreadableWorkbook
from units.ledger import clean
from units.ledger.columns import IGNORE, Column, Field, suggest
from units.ledger.rows import Judge, Result, Row, Severity
from units.ledger.stations import Stations
from units.ledger.workbook import Header, OpenedWorkbook, Sheet, opened
from units.names import name_key, places_in

MAX_MB = 20
_COMMITTEE = ("民委员会", "民委会", "村委会", "居委会")


class Kind(StrEnum):
    """What the rows of a sheet are."""

    PREMISES = "premises"
    COMMITTEES = "committees"


@dataclass(frozen=True)
class SheetSummary:
    """What was found of one sheet before a row of it is judged."""

    title: str
    kind: Kind
    header_first: int
    header_last: int
    columns: tuple[Column, ...]

    def missing(self, *, station_known: bool) -> list[Field]:
        """The fields without which no row of the sheet can be imported."""
        mapped = {column.field for column in self.columns}
        needed = [Field.NAME] + ([Field.CATEGORY] if self.kind is Kind.PREMISES else [])
        needed += [] if station_known else [Field.STATION]
        return [needed_field for needed_field in needed if needed_field not in mapped]


@dataclass(frozen=True)
class Survey:
    """The sheets of a workbook that hold a ledger, and what was left out."""

    sheets: tuple[SheetSummary, ...]
    hidden: tuple[str, ...]
    skipped: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def columns(self) -> list[Column]:
        return [column for sheet in self.sheets for column in sheet.columns]


@dataclass
class Ledger:
    """A judged workbook: premises and committees in file order."""

    survey: Survey
    premises: list[Row] = field(default_factory=list)
    committees: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [*self.committees, *self.premises]

    def having(self, result: Result) -> list[Row]:
        return [row for row in self.premises if row.result is result]

    def warnings(self) -> Counter[str]:
        """Warnings on premises by code, rejected rows and twins included."""
        problems = (problem for row in self.premises for problem in row.problems)
        return Counter(problem.code for problem in problems if problem.severity is Severity.WARN)

    def totals(self) -> dict[str, int]:
        """The figures of the preview, the result page and the command."""
        rejected = self.having(Result.REJECT)
        reasons = Counter(_first_rejection(row) for row in rejected)
        return {
            "rows": len(self.premises),
            "importable": len(self.having(Result.IMPORT)),
            "rejected": len(rejected),
            "rejected_station": reasons[Field.STATION],
            "rejected_name": reasons[Field.NAME],
            "rejected_category": reasons[Field.CATEGORY],
            "same_code": len(self.having(Result.SAME_CODE)),
            "likely_duplicates": sum(row.looks_like is not None for row in self.premises),
            "closed": sum(row.closed and row.result is Result.IMPORT for row in self.premises),
            "dangerous_cells": sum(row.dangerous for row in self.rows),
            "committees": sum(row.result is Result.IMPORT for row in self.committees),
            "committees_rejected": sum(row.result is not Result.IMPORT for row in self.committees),
        } | {f"warn_{code.replace(' ', '_')}": number for code, number in sorted(self.warnings().items())}


def unknown_spellings(ledger: Ledger) -> dict[str, int]:
    """Spellings that the category table lacks, with the number of rows, the commonest first."""
    rows = (row for row in ledger.premises if any(problem.code == "unknown category" for problem in row.problems))
    return dict(Counter(row.written.get(Field.CATEGORY, "") for row in rows).most_common())


def _first_rejection(row: Row) -> str:
    return next(problem.field for problem in row.problems if problem.severity is Severity.REJECT)


def survey(
    source: Path | BinaryIO,
    *,
    mapping: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
    max_mb: int = MAX_MB,
) -> Survey:
    """Sheets, headers and suggested columns of ``source``. Raises UnreadableWorkbook."""
    with opened(source, max_mb=max_mb) as book:
        return _survey(book, mapping or {}, remembered or {})


def read(
    source: Path | BinaryIO,
    *,
    stations: Stations,
    categories: Mapping[str, str],
    mapping: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
    places: Collection[str] = (),
    committees: Collection[tuple[int, str]] = (),
    max_mb: int = MAX_MB,
) -> Ledger:
    """Every row of ``source`` judged. Raises UnreadableWorkbook.

    ``categories``: spelling, squeezed → category code. ``mapping``: heading key → field, beats what the headings
    suggest. ``places``: city names that may lead a name, besides those the title lines give.
    ``committees``: (station, name key) of those known already, besides the workbook's own.
    """
    with opened(source, max_mb=max_mb) as book:
        found = _survey(book, mapping or {}, remembered or {})
        judge = Judge(stations, categories, {*places, *found.places})
        ledger = Ledger(found)
        by_title = {sheet.title: sheet for sheet in book.sheets}
        for summary in found.sheets:
            if missing := summary.missing(station_known=stations.only is not None):
                words = "、".join(needed.label for needed in missing)
                raise UnreadableWorkbook(f"工作表“{summary.title}”还没有对应：{words}。")
            for row, cells in _rows(by_title[summary.title], summary):
                if summary.kind is Kind.COMMITTEES:
                    ledger.committees.append(judge.committee(row, cells))
                else:
                    ledger.premises.append(judge.premises(row, cells))
    _check_committees(ledger, committees, judge.places)
    if not ledger.rows:
        raise UnreadableWorkbook("工作簿里只有表头，没有可导入的行。")
    return ledger


def _check_committees(ledger: Ledger, known: Collection[tuple[int, str]], places: Collection[str]) -> None:
    """The committees may stand on a later sheet than the premises, so this waits for the last row."""
    own = {(row.values[Field.STATION], name_key(row.values[Field.NAME], places)) for row in ledger.committees}
    there = own | set(known)
    for row in ledger.premises:
        name, station = row.values.get(Field.COMMITTEE), row.values[Field.STATION]
        if name and station is not None and (station, name_key(name, places)) not in there:
            row.warn(Field.COMMITTEE, "unknown committee", "村居委会里没有，不挂靠村居导入")


def _survey(book: OpenedWorkbook, given: Mapping[str, str], remembered: Mapping[str, str]) -> Survey:
    sheets, skipped = [], []
    for sheet in book.sheets:
        if sheet.header is None:
            skipped.append(sheet.title)
        else:
            sheets.append(_summary(sheet, sheet.header, given, remembered))
    if not sheets:
        raise UnreadableWorkbook("没有找到表头。表格里应有派出所、名称、类别、地址这样的列名。")
    titles = [line for sheet in book.sheets for line in sheet.titles]
    places = tuple(sorted({place for line in titles for place in places_in(line)}))
    return Survey(tuple(sheets), book.hidden, tuple(skipped), places)


def _summary(sheet: Sheet, header: Header, given: Mapping[str, str], remembered: Mapping[str, str]) -> SheetSummary:
    first_rows = [row for _, row in _take(sheet, 8)]
    suggested = suggest(sheet.title, header.labels, given=given, remembered=remembered)
    columns = tuple(
        Column(sheet.title, index, label, _first_values(first_rows, index), field_, source)
        for index, (label, (field_, source)) in enumerate(zip(header.labels, suggested, strict=True))
        if label
    )
    return SheetSummary(sheet.title, _kind(columns), header.first, header.last, columns)


def _take(sheet: Sheet, number: int) -> list[tuple[int, tuple[object, ...]]]:
    rows = sheet.rows()
    return [row for row, _ in zip(rows, range(number), strict=False)]


def _first_values(rows: list[tuple[object, ...]], index: int) -> tuple[str, ...]:
    filled = [clean.text(row[index]) for row in rows if index < len(row) and row[index] is not None]
    return tuple(filled[:3])


def _kind(columns: tuple[Column, ...]) -> Kind:
    """Committees are told by their names, not by the title of the sheet."""
    names = [value for column in columns if column.field == Field.NAME for value in column.first_values]
    return Kind.COMMITTEES if names and all(name.endswith(_COMMITTEE) for name in names) else Kind.PREMISES


def _rows(sheet: Sheet, summary: SheetSummary) -> Iterator[tuple[Row, dict[Field, object]]]:
    mapped = [(column.index, Field(column.field)) for column in summary.columns if column.field != IGNORE]
    for number, cells in sheet.rows():
        row = Row(sheet.title, number, {}, {}, dangerous=sum(map(clean.is_formula, cells)))
        row.cells = tuple(clean.text(cell) for cell in cells)
        yield row, {name: cells[index] if index < len(cells) else None for index, name in mapped}
