"""The days of a year from a file or a pasted list: cells into days, every row with what is wrong with it."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from itertools import islice
from typing import BinaryIO, cast

from deadlines.models import DayKind
from deadlines.seed import SeedDay
from fire_supervision.lib.confined import Refused
from fire_supervision.lib.spreadsheets import DAMAGED, OLE2, ZIP, UnreadableWorkbook, open_workbook
from fire_supervision.lib.uploads import clean_book
from fire_supervision.lib.viruses import look_at

MAX_MB, MAX_ROWS, MAX_COLUMNS = 1, 1000, 20
FIRST_YEAR, LAST_YEAR = 2000, 2100
MAX_NAME = 40
KINDS = {
    **dict.fromkeys(("放假", "休", "休息", "放", "节假日", "法定节假日", "公休", "OFF"), DayKind.OFF),
    **dict.fromkeys(("上班", "班", "补班", "调休上班", "调休补班", "工作日", "调班", "WORK"), DayKind.WORK),
}
HEADINGS = (("日期",), ("放假", "上班", "类别", "类型", "安排", "状态"), ("名称", "节日", "假日", "说明"))
_DAY = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[T ]00:00(?::00)?)?$|^(\d{4})(\d{2})(\d{2})$")


@dataclass(frozen=True)
class Line:
    """One row: the day it names or, where ``error`` says why, none. ``number`` is its row in the file."""

    number: int
    text: str
    day: SeedDay | None = None
    error: str = ""


def text_of(file: BinaryIO) -> str:
    """The rows of an uploaded csv or xlsx as text, one a line. Raises UnreadableWorkbook with the reason in Chinese."""
    start = file.read(8)
    file.seek(0)
    if start.startswith((ZIP, OLE2)):
        with clean_book(file, max_mb=MAX_MB) as values:
            return _text_of_workbook(cast(BinaryIO, values))
    try:
        look_at(file)
    except Refused as refused:
        raise UnreadableWorkbook(str(refused)) from None
    content = file.read(MAX_MB * 1024 * 1024 + 1)
    if not content.strip():
        raise UnreadableWorkbook("文件是空的，请重新选择。")
    if len(content) > MAX_MB * 1024 * 1024:
        raise UnreadableWorkbook(f"文件超过 {MAX_MB} MB，不能导入。一年的放假安排只有几十行。")
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableWorkbook("看不懂这个文件。请另存为 xlsx 或者 csv 再试。")


def _text_of_workbook(file: BinaryIO) -> str:
    """The first visible sheet, blank rows kept so that a line has the number of its row."""
    book = open_workbook(file, max_mb=MAX_MB)
    written = StringIO()
    try:
        sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        if hasattr(sheet, "reset_dimensions"):
            # The declared dimension is a claim of whoever wrote the file.
            sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS, values_only=True)
        csv.writer(written, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    # openpyxl answers a damaged sheet with whatever its parsers raise, StopIteration for one without a visible sheet.
    except Exception as error:
        raise UnreadableWorkbook(DAMAGED) from error
    finally:
        book.close()
    return "\n".join(line.rstrip(",") for line in written.getvalue().splitlines())


def _cell(value: object) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else " ".join(str(value).split())


def lines_of(text: str) -> list[Line]:
    """Every filled row below the heading, if there is one. Raises UnreadableWorkbook when there is none or too many."""
    rows = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip(" ,\t，;；")]
    if not rows:
        raise UnreadableWorkbook("没有一行内容。")
    if len(rows) > MAX_ROWS:
        raise UnreadableWorkbook(f"超过 {MAX_ROWS} 行，不能导入。一年的放假安排只有几十行。")
    delimiter = next((mark for mark in "\t,，;；" if mark in rows[0][1]), ",")
    cells = [_split(line, delimiter) for _, line in rows]
    columns = _columns(cells[0])
    skip = int(columns is not None)
    read = (_read(number, line, row, columns or (0, 1, 2)) for (number, line), row in zip(rows, cells, strict=True))
    return list(_without_twins(islice(read, skip, None)))


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        return [line]


def _columns(row: Sequence[str]) -> tuple[int, int, int] | None:
    """Where day, kind and name stand, by the heading; None when the first row is no heading."""
    if not any("日期" in cell for cell in row):
        return None
    found = [next((i for i, cell in enumerate(row) if any(word in cell for word in words)), -1) for words in HEADINGS]
    return found[0], found[1], found[2]


def _read(number: int, line: str, cells: Sequence[str], columns: tuple[int, int, int]) -> Line:
    day, kind, name = (cells[column] if 0 <= column < len(cells) else "" for column in columns)
    try:
        return Line(number, line, SeedDay(_read_day(day), _read_kind(kind), _read_name(name)))
    except ValueError as error:
        return Line(number, line, error=str(error))


def _read_day(written: str) -> date:
    found = _DAY.match(written)
    if found is None:
        raise ValueError(f"“{written[:20]}”不是日期，应写成 2026-10-01" if written else "没有写日期")
    year, month, day = (int(part) for part in found.groups() if part)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{year} 年不在 {FIRST_YEAR} 到 {LAST_YEAR} 年之间")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"没有 {written[:20]} 这一天") from None


def _read_kind(written: str) -> DayKind:
    kind = KINDS.get(written.upper())
    if kind is None:
        raise ValueError(f"“{written[:20]}”看不出放假还是上班" if written else "没有写放假还是上班")
    return kind


def _read_name(written: str) -> str:
    if not written:
        raise ValueError("没有写名称，如“国庆节”")
    if len(written) > MAX_NAME:
        raise ValueError(f"名称超过 {MAX_NAME} 字")
    if written.startswith("=") or not written.isprintable():
        raise ValueError("名称不是文字")
    return written


def _without_twins(lines: Iterable[Line]) -> Iterator[Line]:
    seen: dict[date, int] = {}
    for line in lines:
        if line.day is not None and line.day.day in seen:
            yield Line(line.number, line.text, error=f"{line.day.day} 在第 {seen[line.day.day]} 行已经写过")
            continue
        if line.day is not None:
            seen[line.day.day] = line.number
        yield line
