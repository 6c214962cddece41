"""Judging rows: what each cell says, what is wrong with it, and whether the row goes into the ledger."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fire_supervision.lib.text import squeezed
from units.ledger import clean
from units.ledger.columns import Field
from units.ledger.stations import Stations
from units.names import name_key


class Severity(StrEnum):
    REJECT = "reject"
    WARN = "warn"


class Result(StrEnum):
    """What becomes of a row."""

    IMPORT = "import"
    REJECT = "reject"
    SAME_CODE = "same_code"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell; ``reason`` is for the screen, ``code`` for counting."""

    field: str
    severity: Severity
    code: str
    reason: str


@dataclass
class Row:
    """One judged row. ``values`` are clean and named as the columns of the ledger, ``written`` is what stood there."""

    sheet: str
    number: int
    values: dict[str, Any]
    written: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    result: Result = Result.IMPORT
    same_as: int | None = None
    looks_like: int | None = None
    closed: bool = False
    dangerous: int = 0
    cells: tuple[str, ...] = ()

    def reject(self, where: Field, code: str, reason: str) -> None:
        self.problems.append(Problem(where, Severity.REJECT, code, reason))
        self.result = Result.REJECT

    def warn(self, where: Field, code: str, reason: str) -> None:
        self.problems.append(Problem(where, Severity.WARN, code, reason))


CLEANERS: dict[Field, Callable[[object], clean.Cleaned]] = {
    Field.NAME: clean.line(120),
    Field.COMMITTEE: clean.line(120),
    Field.ADDRESS: clean.line(200),
    Field.TOWNSHIP: clean.line(60),
    Field.OFFICIAL_CODE: clean.line(20),
    Field.PERSON: clean.line(60),
    Field.REMARK: clean.line(300),
    Field.CREDIT_CODE: clean.credit_code,
    Field.PHONE: clean.phone,
    Field.AREA: clean.area,
    Field.FLOORS: clean.floors,
    Field.STAFF: clean.count,
    Field.EXTINGUISHERS: clean.count,
    Field.RESIDENTS: clean.yes_no,
    Field.GAS: clean.gas,
    Field.LEDGER_VISIT: clean.day,
}


@dataclass
class Judge:
    """Judges the rows of one workbook in file order; remembers the codes and places it has let in."""

    stations: Stations
    categories: Mapping[str, str]
    places: Collection[str]
    _codes: dict[str, Row] = field(default_factory=dict)
    _twins: dict[tuple[int, str, str], Row] = field(default_factory=dict)

    def premises(self, row: Row, cells: Mapping[Field, object]) -> Row:
        """Judge ``row`` as small premises."""
        self._read(row, cells)
        self._name(row, cells.get(Field.NAME))
        self._station(row, cells)
        self._category(row, cells.get(Field.CATEGORY))
        row.closed = clean.says_closed(str(row.values.get(Field.REMARK, "")))
        if row.result is Result.IMPORT:
            self._twin(row)
        return row

    def committee(self, row: Row, cells: Mapping[Field, object]) -> Row:
        """Judge ``row`` as a residents' or villagers' committee."""
        self._read(row, cells)
        self._name(row, cells.get(Field.NAME))
        self._station(row, cells)
        return row

    def _read(self, row: Row, cells: Mapping[Field, object]) -> None:
        for name, cell in cells.items():
            row.written[name] = clean.text(cell)
            if (cleaner := CLEANERS.get(name)) is None:
                continue
            row.values[name], odd = cleaner(cell)
            if odd is not None and not (name == Field.NAME and odd.code == "formula"):
                row.warn(name, odd.code, odd.reason)

    def _name(self, row: Row, cell: object) -> None:
        if clean.is_formula(cell):
            row.reject(Field.NAME, "formula in name", "名称是公式，不导入")
        elif not row.values.get(Field.NAME):
            row.reject(Field.NAME, "no name", "没有名称")

    def _station(self, row: Row, cells: Mapping[Field, object]) -> None:
        written = clean.text(cells.get(Field.STATION))
        station = self.stations.find(written) if Field.STATION in cells else self.stations.only
        if station is None:
            row.reject(Field.STATION, "unknown station", "机构里没有这个派出所" if written else "没有填派出所")
        elif not self.stations.may_write(station):
            row.reject(Field.STATION, "other station", "不是本所的单位，不能导入")
        row.values[Field.STATION] = station

    def _category(self, row: Row, cell: object) -> None:
        written = clean.text(cell)
        category = self.categories.get(squeezed(written))
        if category is None:
            row.reject(Field.CATEGORY, "unknown category", "类别表里没有这个类别" if written else "没有填类别")
        row.values[Field.CATEGORY] = category

    def _twin(self, row: Row) -> None:
        code, name = row.values.get(Field.CREDIT_CODE), row.values[Field.NAME]
        if code and (first := self._codes.setdefault(code, row)) is not row:
            row.result, row.same_as = Result.SAME_CODE, first.number
            also = "，名称也相同" if self._key(first) == self._key(row) else f"：{first.values[Field.NAME]}"
            row.problems.append(
                Problem(Field.CREDIT_CODE, Severity.REJECT, "same code", f"与第 {first.number} 行代码相同{also}")
            )
            return
        place = (row.values[Field.STATION], squeezed(row.values.get(Field.ADDRESS) or ""), self._key(row))
        if place[1] and (first := self._twins.setdefault(place, row)) is not row:
            row.looks_like = first.number
            row.warn(Field.NAME, "looks alike", f"与第 {first.number} 行“{name}”名称、地址相同，照常导入，导入后核对")

    def _key(self, row: Row) -> str:
        return name_key(row.values[Field.NAME], self.places)
