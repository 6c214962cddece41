"""A spreadsheet of people: reading it and judging its rows; nothing is written here."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from django.forms import ValidationError

from fire_supervision.lib.spreadsheets import DAMAGED, UnreadableWorkbook, open_workbook
from fire_supervision.lib.text import squeezed, tidy
from fire_supervision.lib.uploads import clean_book
from stations.actions import NewPerson
from stations.forms import ROSTER_MAX, clean_police_number
from stations.models import Organisation
from stations.permissions import Role
from stations.rules import misfit

HEADINGS = {
    "number": "警号",
    "name": "姓名",
    "role": "岗位",
    "organisation": "机构",
    "certificate_no": "执法证号",
    "phone": "电话",
}
NEEDED = ("number", "name", "role", "organisation")
LIMITS = {"name": 60, "certificate_no": 40, "phone": 20}
HEADER_WITHIN = 20
MAX_COLUMNS = 40
BLANKS_AT_END = 200

Written = dict[str, str]


@dataclass
class Entry:
    """One row: what stands there, what is wrong at which cell, and the person it makes when nothing is."""

    row: int
    written: Written
    problems: dict[str, str] = field(default_factory=dict)
    person: NewPerson | None = None

    @property
    def cells(self) -> list[tuple[str, str, str, str]]:
        """Field, heading, what stands in the cell, what is wrong with it."""
        return [(name, HEADINGS[name], self.written[name], self.problems.get(name, "")) for name in HEADINGS]


# ---------- reading ----------


def read(file: BinaryIO, *, max_mb: int) -> list[tuple[int, Written]]:
    """The filled rows of the first sheet that has the headings, with their row numbers. Raises UnreadableWorkbook."""
    with clean_book(file, max_mb=max_mb) as values:
        return _read(cast(BinaryIO, values), max_mb)


def _read(file: BinaryIO, max_mb: int) -> list[tuple[int, Written]]:
    book = open_workbook(file, max_mb=max_mb)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            rows = enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1)
            if columns := _columns(rows):
                return _people(rows, columns)
    except UnreadableWorkbook:
        raise
    # openpyxl answers a damaged sheet with whatever its parsers raise.
    except Exception as error:
        raise UnreadableWorkbook(DAMAGED) from error
    finally:
        book.close()
    raise UnreadableWorkbook(f"没有找到表头。表头要有：{'、'.join(HEADINGS[name] for name in NEEDED)}。")


def _columns(rows: Iterator[tuple[int, Sequence[object]]]) -> dict[str, int]:
    """Field → column of the header row, which is consumed with all above it; empty when there is none."""
    for number, cells in rows:
        headings = [squeezed(_text(cell)) for cell in cells]
        found = {name: headings.index(heading) for name, heading in HEADINGS.items() if heading in headings}
        if all(name in found for name in NEEDED):
            return found
        if number >= HEADER_WITHIN:
            break
    return {}


def _people(rows: Iterator[tuple[int, Sequence[object]]], columns: dict[str, int]) -> list[tuple[int, Written]]:
    people: list[tuple[int, Written]] = []
    blanks = 0
    for number, cells in rows:
        written = {name: _text(cells[columns[name]]) if name in columns else "" for name in HEADINGS}
        if not any(written.values()):
            if (blanks := blanks + 1) > BLANKS_AT_END:
                break
            continue
        blanks = 0
        people.append((number, written))
        if len(people) > ROSTER_MAX:
            raise UnreadableWorkbook(f"超过 {ROSTER_MAX} 人，请分成几个文件导入。")
    if not people:
        raise UnreadableWorkbook("表头下面没有人员。")
    return people


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return tidy(unicodedata.normalize("NFKC", str(cell)))[:200]


# ---------- judging ----------


def judge(
    rows: Iterable[tuple[int, Written]], organisations: Collection[Organisation], taken: Collection[str]
) -> list[Entry]:
    """Every row with its reasons; ``taken`` are the police numbers that have an account."""
    entries = [Entry(row, written) for row, written in rows]
    seen: Counter[str] = Counter()
    for entry in entries:
        _judge(entry, organisations, taken, seen)
    return entries


def _judge(entry: Entry, organisations: Collection[Organisation], taken: Collection[str], seen: Counter[str]) -> None:
    written, problems = entry.written, entry.problems
    for name, heading in HEADINGS.items():
        if name in NEEDED and not written[name]:
            problems[name] = f"没有填{heading}"
        elif written[name].startswith("="):
            problems[name] = "是公式，请改成文字"
        elif len(written[name]) > LIMITS.get(name, 200):
            problems[name] = f"超过 {LIMITS[name]} 字"
    number = _number(entry, taken, seen)
    role = next((role for role in Role if role.label == squeezed(written["role"])), None)
    if role is None:
        problems.setdefault("role", "没有这个岗位")
    organisation = _organisation(entry, organisations)
    if role is not None and organisation is not None and (reason := misfit(role, organisation.kind)):
        problems.setdefault("organisation", reason)
    if not problems and role is not None and organisation is not None:
        entry.person = NewPerson(
            number, written["name"], role, organisation, written["certificate_no"], written["phone"]
        )


def _number(entry: Entry, taken: Collection[str], seen: Counter[str]) -> str:
    try:
        number = clean_police_number(entry.written["number"])
    except ValidationError as refused:
        entry.problems.setdefault("number", refused.messages[0])
        return ""
    seen[number] += 1
    if number in taken:
        entry.problems.setdefault("number", "这个警号已经登记")
    elif seen[number] > 1:
        entry.problems.setdefault("number", "本表上面已有这个警号")
    return number


def _organisation(entry: Entry, organisations: Collection[Organisation]) -> Organisation | None:
    asked = squeezed(entry.written["organisation"])
    found = [each for each in organisations if asked and asked in (squeezed(each.name), squeezed(each.issuer_name))]
    if len(found) == 1:
        return found[0]
    entry.problems.setdefault("organisation", "有几个同名的机构" if found else "没有这个机构")
    return None
