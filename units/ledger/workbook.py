"""Opening a workbook that may be anything, and finding its header rows."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from units.ledger.columns import recognised

MAX_COLUMNS = 80
MAX_ROWS = 50_000
HEADER_WITHIN = 20
# Unpacked size: openpyxl streams the sheets, yet it holds all shared strings in memory.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
BLANKS_AT_END = 500

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
# Group headings that only say "what follows is the ordinary part".
GENERIC_GROUPS = {"基本情况", "基本信息", "场所基本情况", "单位基本情况"}
TOTALS = {"合计", "总计", "共计"}
SUBTOTALS = {"小计"}

DAMAGED = "文件已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx 再试。"

Cells: TypeAlias = tuple[object, ...]


class UnreadableWorkbook(Exception):
    """A file that cannot be read as a ledger; the message is for the screen, in Simplified Chinese."""


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

    book: Workbook
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
        with source.open("rb") as file, opened(file, max_mb=max_mb) as book:
            yield book
        return
    _check_container(source, max_mb)
    book = _load(source)
    try:
        visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        yield OpenedWorkbook(tuple(_sheet(book, title) for title in visible), tuple(hidden))
    finally:
        book.close()


def _load(file: BinaryIO) -> Workbook:
    try:
        return load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise UnreadableWorkbook(DAMAGED) from error


def _check_container(file: BinaryIO, max_mb: int) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    if size == 0:
        raise UnreadableWorkbook("文件是空的（0 字节），请重新选择。")
    if size > max_mb * 1024 * 1024:
        raise UnreadableWorkbook(
            f"文件有 {size // 1024 // 1024} MB，超过 {max_mb} MB，不能导入。请删去图片或分成几个文件。"
        )
    start = file.read(8)
    file.seek(0)
    if start == OLE2:
        _refuse_ole2(file)
    if not start.startswith(ZIP):
        raise UnreadableWorkbook("这不是 Excel 工作簿（xlsx）。请用 Excel 或 WPS 另存为 xlsx 再试。")
    _check_archive(file)


def _refuse_ole2(file: BinaryIO) -> None:
    """An OLE2 container is either an encrypted xlsx or the format of Excel 97."""
    head = file.read(512 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in head:
        raise UnreadableWorkbook("文件设有打开密码，读不了。请去掉密码后再导入。")
    raise UnreadableWorkbook("这是旧版 xls 文件，读不了。请另存为 xlsx 再导入。")


def _check_archive(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableWorkbook("文件不完整或已损坏，打不开。请重新取得文件再试。") from error
    finally:
        file.seek(0)
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise UnreadableWorkbook("这不是 Excel 工作簿（xlsx）。请用 Excel 或 WPS 另存为 xlsx 再试。")
    # zipfile never unpacks more than the declared size, so what is declared here is the most it can cost.
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 64 * 1024):
        raise UnreadableWorkbook("文件展开后过大，不能导入。请删去空白行列和图片后另存。")


def _sheet(book: Workbook, title: str) -> Sheet:
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
    """The row, or pair of rows, of ``head`` whose labels name the most known columns; at least three of them."""
    best, best_score = None, 2
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
    if isinstance(value, ArrayFormula):
        text = str(value.text or "")
        return text if text.startswith("=") else f"={text}"
    if isinstance(value, DataTableFormula):
        return "="
    if isinstance(value, str) and not value.strip():
        return None
    return value
