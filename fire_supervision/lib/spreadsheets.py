"""Opening a workbook somebody uploaded: it may be empty, huge, encrypted, a bomb, or no workbook at all."""

import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

# Unpacked size: openpyxl streams the sheets, yet it holds all shared strings in memory.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
# A workbook has some twenty parts, and one for each picture in it.
MAX_PARTS = 2000
# What is held whole in memory: a string of one letter takes 20 bytes here and 60 there.
WHOLE = {"xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"}
MAX_WHOLE = 24 * 1024 * 1024
# A part begins with its first element; whoever writes a longer preface has something else in mind.
MAX_PREFACE = 1 << 16

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"

DAMAGED = "文件已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx 再试。"


TOO_LARGE = "文件展开后过大，不能导入。请删去空白行列和图片后另存。"
HAS_MACROS = "文件带有宏，不能导入。请用 Excel 或 WPS 另存为不带宏的 xlsx 再试。"


class UnreadableWorkbook(Exception):
    """A file that cannot be read as a workbook; the message is for the screen, in Simplified Chinese."""


def open_workbook(file: BinaryIO, *, max_mb: int) -> "Workbook":
    """``file`` opened read-only with its formulas as text; the caller closes it. Raises UnreadableWorkbook."""
    from openpyxl import load_workbook  # noqa: PLC0415 - 10 MB a worker that prints papers need not hold

    check_container(file, max_mb)
    try:
        return load_workbook(file, read_only=True, data_only=False, keep_links=False)
    # openpyxl answers a damaged file with whatever its parsers raise (KeyError, ParseError, BadZipFile …).
    except Exception as error:
        raise UnreadableWorkbook(DAMAGED) from error


def check_container(file: BinaryIO, max_mb: int) -> None:
    """Refuse what shows from outside to be no workbook, or one that would cost too much. Raises UnreadableWorkbook."""
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
    # The directory of the container may stand anywhere in it; the size was checked before.
    if "EncryptedPackage".encode("utf-16-le") in file.read():
        raise UnreadableWorkbook("文件设有打开密码，读不了。请去掉密码后再导入。")
    raise UnreadableWorkbook("这是旧版 xls 文件，读不了。请另存为 xlsx 再导入。")


def _check_archive(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(members)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _check_preface(archive, member)
    # NotImplementedError: an entry that asks for a version of zip nobody has written yet; RuntimeError: for a password.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise UnreadableWorkbook("文件不完整或已损坏，打不开。请重新取得文件再试。") from error
    finally:
        file.seek(0)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise UnreadableWorkbook("这不是 Excel 工作簿（xlsx）。请用 Excel 或 WPS 另存为 xlsx 再试。")
    # zipfile never unpacks more than the declared size, so what is declared here is the most it can cost.
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    whole = sum(member.file_size for member in members if member.filename in WHOLE)
    if len(members) > MAX_PARTS or whole > MAX_WHOLE:
        raise UnreadableWorkbook(TOO_LARGE)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 64 * 1024):
        raise UnreadableWorkbook(TOO_LARGE)
    if any(name.lower().rpartition("/")[2].startswith("vbaproject") for name in names):
        raise UnreadableWorkbook(HAS_MACROS)


def _check_preface(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """No part of a workbook declares a document type: one that does names entities, to expand or to fetch."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    begun: list[str] = []
    parser.StartElementHandler = lambda name, _: begun.append(name)
    with archive.open(member) as part:
        read = 0
        while not begun and read < MAX_PREFACE and (chunk := part.read(4096)):
            read += len(chunk)
            try:
                parser.Parse(chunk, False)
            except expat.ExpatError as error:
                if not begun:
                    raise UnreadableWorkbook(DAMAGED) from error
    if not begun:
        raise UnreadableWorkbook(DAMAGED)


def _refuse_doctype(*_: object) -> None:
    raise UnreadableWorkbook(DAMAGED)
