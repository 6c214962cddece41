"""Excel export: exactly what is shown, and nothing a spreadsheet would run."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.timezone import localtime

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins with one of these is read as a formula by some spreadsheet program.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escaped(value: str) -> str:
    """``value`` as text no spreadsheet evaluates, even after it is saved as CSV."""
    return f"'{value}" if value.startswith(DANGEROUS) else value


def workbook(
    title: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, mark: Sequence[tuple[str, str]] = ()
) -> bytes:
    """One sheet with a frozen header row; dates as dates, everything else as numbers or escaped text.

    ``mark``, names and values, says whose copy it is: at the foot of each printed page and on a sheet of its own.
    """
    import xlsxwriter  # noqa: PLC0415 - a worker that prints papers need not hold it

    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#EAF0FA", "border": 1})
    formats = {
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    for column, name in enumerate(header):
        sheet.write_string(0, column, escaped(name), head)
    widths = [_width(name) for name in header]
    number = 0
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            widths[column] = max(widths[column], _write(sheet, number, column, value, formats))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width + 2, 60))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, number, max(len(header) - 1, 0))
    if mark:
        _sign(book, sheet, [*mark, ("行数", str(number))])
    book.close()
    return buffer.getvalue()


def _sign(book: Any, sheet: Any, mark: Sequence[tuple[str, str]]) -> None:
    # & begins a command in a header; the whole of it may have 255 characters.
    line = "　".join(value for _, value in mark[:-1]).replace("&", "&&")[:200]
    sheet.set_header(f"&C&8{line}")
    sheet.set_footer(f"&L&8{line}&R&8第 &P 页，共 &N 页")
    told = book.add_worksheet("导出说明")
    for row, (name, value) in enumerate(mark):
        told.write_string(row, 0, name)
        told.write_string(row, 1, escaped(value))
    told.set_column(0, 0, 12)
    told.set_column(1, 1, 60)


def _write(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> int:
    """Write one cell and return its width in Latin characters."""
    if value is None or value == "":
        return 0
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, localtime(value).replace(tzinfo=None), formats["time"])
        return 16
    if isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001 - a cell has no zone
        return 10
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
        return len(str(value))
    text = escaped(str(value))
    sheet.write_string(row, column, text)
    return _width(text)


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text[:60])


def download(name: str, content: bytes) -> HttpResponse:
    """``content`` as an attachment called ``name`` (Chinese allowed)."""
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "no-store"
    return response
