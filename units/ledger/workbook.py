"""Opening a workbook that may be anything, and finding its header rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from fire_supervision.lib.spreadsheets import DAMAGED, UnreadableWorkbook, open_workbook
from units.ledger.columns import recognised

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MAX_COLUMNS = 80
MAX_ROWS = 50_000
HEADER_WITHIN = 20
BLANKS_AT_END = 500

# Group headings that only say "what follows is the ordinary part".
GENERIC_GROUPS = {"基本情况", "基本信息", "场所基本情况", "单位基本情况"}
TOTALS = {"合计", "总计", "共计"}
SUBTOTALS = {"小计"}

Cells: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Header:
    """Where a sheet's header stands (1-based, ``last`` is its lowest row) and what its columns are called."""

    first: int
    last: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A visible sheet: its name, its header or None, the title lines above it, and its data rows on demand."""

    title: str
    header: Header | None
    titles: tuple[str, ...]
    cells: "SheetCells"

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Data rows with their row number in the file: from below the header to 合计, blank lines left out."""
        if self.header is None:
            return
        width = len(self.header.labels)
        for number, row in self.cells(self.header.last + 1, MAX_ROWS + self.header.last + 1):
            if number > self.header.last + MAX_ROWS:
                raise UnreadableWorkbook(f"工作表“{self.title}”超过 {MAX_ROWS} 行，请分成几个文件导入。")
            opening = _opening_word(row)
            if opening in TOTALS:
                return
            if opening not in SUBTOTALS:
                yield number, row[:width]


@dataclass(frozen=True)
class SheetCells:
    """The filled rows of one sheet between two row numbers, formulas as text beginning with ``=``."""

    book: "Workbook"
    title: str

    def __call__(self, first: int, last: int) -> Iterator[tuple[int, Cells]]:
        sheet = self.book[self.title]
        window = sheet.iter_rows(min_row=first, max_row=last, max_col=MAX_COLUMNS, values_only=True)
        blanks = 0
        try:
            for number, row in enumerate(window, first):
                cells = tuple(_plain(value) for value in row)
                if any(value is not None for value in cells):
                    blanks = 0
                    yield number, cells
                elif (blanks := blanks + 1) > BLANKS_AT_END:
                    return
        # openpyxl answers a damaged sheet with whatever its parsers raise (KeyError, ParseError, BadZipFile …).
        except Exception as error:
            raise UnreadableWorkbook(DAMAGED) from error


@dataclass(frozen=True)
class OpenedWorkbook:
    """The visible sheets of a workbook and the names of the hidden ones that were left out."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...]


@contextmanager
def opened(source: Path | BinaryIO, *, max_mb: int) -> Iterator[OpenedWorkbook]:
    """``source`` opened read-only while the block runs. Raises UnreadableWorkbook with the reason in Chinese."""
    if isinstance(source, Path):
        if not source.is_file():
            raise UnreadableWorkbook(f"找不到文件 {source.name}。")
        with source.open("rb") as file, opened(file, max_mb=max_mb) as found:
            yield found
        return
    book = open_workbook(source, max_mb=max_mb)
    try:
        visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        yield OpenedWorkbook(tuple(_sheet(book, title) for title in visible), tuple(hidden))
    finally:
        book.close()


def _sheet(book: "Workbook", title: str) -> Sheet:
    sheet = book[title]
    if hasattr(sheet, "reset_dimensions"):
        # The declared dimension is a claim of whoever wrote the file.
        sheet.reset_dimensions()
    cells = SheetCells(book, title)
    head = list(cells(1, HEADER_WITHIN))
    header = find_header(head)
    above = [row for number, row in head if header is None or number < header.first]
    titles = tuple(str(value) for row in above for value in row if isinstance(value, str))
    return Sheet(title, header, titles, cells)


def find_header(head: list[tuple[int, Cells]]) -> Header | None:
    """The row, or pair of rows, of ``head`` whose labels name the most known columns; at least two of them."""
    best, best_score = None, 1
    for index, (number, row) in enumerate(head):
        candidates = [Header(number, number, _labels(row))]
        if index and head[index - 1][0] == number - 1 and _is_upper_level(head[index - 1][1]):
            candidates.insert(0, Header(number - 1, number, two_levels(head[index - 1][1], row)))
        for candidate in candidates:
            score = len({field for label in candidate.labels if (field := recognised(label))})
            if score > best_score:
                best, best_score = candidate, score
    return best


def _labels(row: Cells) -> tuple[str, ...]:
    return tuple(_trimmed([_label(value) for value in row]))


def two_levels(upper: Cells, lower: Cells) -> tuple[str, ...]:
    """``上级 / 下级`` for each column of a two-level header.

    A read-only workbook does not tell merged cells, so an upper heading holds until the next one, and a
    heading that stands alone above an empty cell is taken for one merged downwards.
    """
    labels, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        own, low = _label(above), _label(below)
        group = own or group
        if not low:
            labels.append(own)
        elif group and group not in GENERIC_GROUPS:
            labels.append(f"{group} / {low}")
        else:
            labels.append(low)
    return tuple(_trimmed(labels))


def _is_upper_level(row: Cells) -> bool:
    """Group headings are several, short, and not "填报单位：…"."""
    words = [_label(value) for value in row if value is not None]
    return len(words) >= 2 and all(len(word) <= 12 and ":" not in word and "：" not in word for word in words)


def _label(value: object) -> str:
    return "" if value is None else "".join(str(value).split())


def _trimmed(labels: list[str]) -> list[str]:
    while labels and not labels[-1]:
        labels.pop()
    return labels


def _opening_word(row: Cells) -> str:
    first = next((value for value in row if value is not None), "")
    return _label(first).rstrip(":：") if isinstance(first, str) else ""


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value if value.strip() else None
    if value is None or isinstance(value, int | float):
        return value
    from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula  # noqa: PLC0415 - see lib/spreadsheets.py

    if isinstance(value, ArrayFormula):
        text = str(value.text or "")
        return text if text.startswith("=") else f"={text}"
    if isinstance(value, DataTableFormula):
        return "="
    return value
