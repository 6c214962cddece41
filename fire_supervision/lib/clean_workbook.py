"""A workbook written anew: the values of its cells and the names of its sheets, and nothing else. Runs confined."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from math import isfinite
from typing import Any, BinaryIO

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

# More than any reader of ours takes, so that each can still say in its own words what is too much.
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, MOST_FILLED = 100, 51_000, 80, 1_500_000
LONGEST = 32_767
TOO_MUCH = "文件内容过多，不能导入。请分成几个文件。"
DAMAGED = "文件已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx 再试。"
# What XML cannot hold, and what turns the words of a cell around.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]")
FORMATS = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}


def clean(source: BinaryIO, result: BinaryIO) -> str:
    """Write the values; the reason in Chinese when it is refused. A formula stays as its text, which nothing runs."""
    try:
        book = load_workbook(source, read_only=True, data_only=False, keep_links=False)
        sheets = list(islice(book.worksheets, MOST_SHEETS + 1))
        if len(sheets) > MOST_SHEETS:
            return TOO_MUCH
        written = xlsxwriter.Workbook(result, {"constant_memory": True, "strings_to_formulas": False})
        formats = {kind: written.add_format({"num_format": words}) for kind, words in FORMATS.items()}
        room = MOST_FILLED
        for number, (sheet, title) in enumerate(zip(sheets, _titles(sheets), strict=True)):
            page = written.add_worksheet(title)
            if sheet.sheet_state != "visible":
                # Told by its name; what it holds is not read.
                page.hide()
                continue
            if number and all(each.sheet_state != "visible" for each in sheets[:number]):
                page.activate()
                page.set_first_sheet()
            room -= _copy(sheet, page, formats, room)
            if room < 0:
                return TOO_MUCH
        written.close()
    except MemoryError:
        raise
    except Exception:  # openpyxl answers a damaged file with whatever its parsers raise (KeyError, ParseError …)
        return DAMAGED
    return ""


def _titles(sheets: list[Any]) -> Iterator[str]:
    seen: set[str] = set()
    for number, sheet in enumerate(sheets, start=1):
        title = NOT_IN_A_TITLE.sub("_", UNPRINTABLE.sub("", str(sheet.title))).strip("' ")[:31] or f"表{number}"
        if title.casefold() in seen:
            title = f"{title[:26]}_{number}"
        seen.add(title.casefold())
        yield title


def _copy(sheet: Any, page: Any, formats: dict[type, Any], room: int) -> int:
    """Copy the filled cells, each where it stands; how many there were, at most one more than ``room``."""
    # The declared dimension is a claim of whoever wrote the file.
    sheet.reset_dimensions()
    filled = 0
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)):
        for column, value in enumerate(row):
            if value is not None:
                filled += 1
                _put(page, number, column, value, formats)
        if filled > room:
            break
    return filled


def _put(page: Any, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, ArrayFormula | DataTableFormula):
        value = str(getattr(value, "text", "") or "=")
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float) and isfinite(value) and abs(value) < 1e300:
        page.write_number(row, column, value)
    elif type(value) in formats:
        page.write_datetime(row, column, value, formats[type(value)])
    else:
        page.write_string(row, column, UNPRINTABLE.sub("", str(value))[:LONGEST])
