"""Files that are no ledger: each has its own sentence."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.units.conftest import CATEGORIES, LEDGER
from units.ledger import Stations, UnreadableWorkbook, read

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def reason_for(content: bytes, *, max_mb: int = 20) -> str:
    with pytest.raises(UnreadableWorkbook) as refusal:
        read(BytesIO(content), stations=Stations([("城关派出所", 1)]), categories=CATEGORIES, max_mb=max_mb)
    return str(refusal.value)


def zipped(**members: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Huge(BytesIO):
    """Says it has 200 MB; whoever reads it has lost."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 200 * 1024 * 1024 if whence == 2 else super().seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("a file that is too big is not read")


def test_an_empty_file() -> None:
    assert reason_for(b"") == "文件是空的（0 字节），请重新选择。"


def test_a_file_of_200_megabytes_is_refused_unread() -> None:
    with pytest.raises(UnreadableWorkbook, match="文件有 200 MB，超过 20 MB，不能导入"):
        read(Huge(), stations=Stations([]), categories={})


def test_an_encrypted_workbook() -> None:
    content = OLE2 + bytes(600 * 1024) + "EncryptedPackage".encode("utf-16-le")
    assert reason_for(content) == "文件设有打开密码，读不了。请去掉密码后再导入。"


def test_a_workbook_of_excel_97() -> None:
    assert reason_for(OLE2 + "Workbook".encode("utf-16-le")) == "这是旧版 xls 文件，读不了。请另存为 xlsx 再导入。"


@pytest.mark.parametrize("content", [b"hello", "派出所,名称\n".encode(), zipped(readme=b"no workbook")])
def test_something_that_is_no_workbook(content: bytes) -> None:
    assert reason_for(content) == "这不是 Excel 工作簿（xlsx）。请用 Excel 或 WPS 另存为 xlsx 再试。"


def test_a_workbook_cut_short() -> None:
    assert reason_for(LEDGER.read_bytes()[:200_000]) == "文件不完整或已损坏，打不开。请重新取得文件再试。"


@pytest.mark.slow
def test_a_workbook_whose_sheet_is_damaged_in_the_middle() -> None:
    content = BytesIO()
    with zipfile.ZipFile(LEDGER) as source, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data[: len(data) // 2] if name == "xl/worksheets/sheet1.xml" else data)
    assert reason_for(content.getvalue()) == "文件已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx 再试。"


def test_a_workbook_packed_by_a_zip_of_the_future() -> None:
    content = bytearray(zipped(**{"xl/workbook.xml": b"<x/>"}))
    # The version needed to unpack, in the entry of the central directory.
    content[content.index(b"PK\x01\x02") + 6] = 214
    assert reason_for(bytes(content)) == "文件不完整或已损坏，打不开。请重新取得文件再试。"


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    bomb = zipped(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": bytes(40 * 1024 * 1024)})
    assert len(bomb) < 100_000
    assert reason_for(bomb) == "文件展开后过大，不能导入。请删去空白行列和图片后另存。"


def test_a_workbook_without_a_header(book: Callable[..., Path]) -> None:
    path = book(("张三", "李四"), header=())
    assert reason_for(path.read_bytes()) == "没有找到表头。表格里应有派出所、名称、类别、地址这样的列名。"


def test_a_workbook_with_nothing_in_it() -> None:
    buffer = BytesIO()
    Workbook().save(buffer)
    assert reason_for(buffer.getvalue()) == "没有找到表头。表格里应有派出所、名称、类别、地址这样的列名。"


def test_a_workbook_with_a_header_only(book: Callable[..., Path]) -> None:
    assert reason_for(book().read_bytes()) == "工作簿里只有表头，没有可导入的行。"


def test_a_row_at_the_far_end_of_the_sheet_costs_nothing(book: Callable[..., Path]) -> None:
    """A stray cell in row 1,048,576 makes spreadsheets look a million rows long."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["派出所", "名称", "类别"])
    sheet.append(["城关派出所", "万家福", "商铺"])
    sheet.cell(1_048_576, 16_384, "x")
    buffer = BytesIO()
    workbook.save(buffer)
    ledger = read(buffer, stations=Stations([("城关派出所", 1)]), categories=CATEGORIES)
    assert [row.number for row in ledger.premises] == [2]
