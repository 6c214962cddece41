"""Writing a volume: each entry on its pages, then contents, remarks and numbers, which only the whole can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from itertools import groupby
from math import ceil
from typing import IO, Any

import pikepdf
from django.utils.timezone import localdate

from desk.volume_book import Book, Damaged
from desk.volume_contents import (
    Entry,
    Facts,
    Ink,
    Paper,
    Section,
    Sheet,
    Shots,
    Subject,
    archive_copies,
    entries_of,
    of_case,
    of_unit,
)
from desk.volume_sheets import Line, add_facts, add_shots, sheet, smaller, strips
from fire_supervision.lib.clean_pdf import MOST_PAGES
from inspections.models import Inspection
from records.kept import NotAsKept, opened_as_kept, tell_changed
from records.models import Bundle, BundleKind, DocumentFile, Scan
from units.models import Unit

# A scanned sheet of A4 at 170 dots an inch: decoded at half its size, a photograph of it costs no memory to speak of.
SCAN_EDGE = 1800
# Heights in mm, to guess how many sheets contents and remarks take: a right guess saves writing them twice.
TYPE_AREA, LINE, PART, HEAD, SUM, SAID = 225, 12, 7, 25, 4.6, 110
Tell = Callable[[int, int], None]


class Unbound(Exception):
    """Why one thing is not in the volume, in the officer's words."""


def write(bundle: Bundle, into: IO[bytes], tell: Tell) -> tuple[int, int]:
    """Write the volume ``bundle`` asks for; how many pages it has, and how many things could not be bound."""
    subject, on = _subject(bundle), localdate(bundle.requested_at)
    entries = entries_of(subject, on)
    with Book() as book:
        volume = _Volume(book, bundle, on)
        volume.bind(entries, tell)
        volume.close(subject.unit.name)
        tell(len(entries), len(entries) + 1)
        book.save(into, {"Title": bundle.title, "Author": bundle.station.heading})
        return len(book), len(volume.missing)


def _subject(bundle: Bundle) -> Subject:
    user = bundle.requested_by
    if bundle.kind == BundleKind.CASE:
        return of_case(Inspection.objects.select_related("unit__category").get(pk=bundle.subject_id), user)
    return of_unit(Unit.objects.select_related("category").get(pk=bundle.subject_id), user)


@dataclass
class _Volume:
    """A volume on its way: its pages, the lines of its contents, what could not be bound and why."""

    book: Book
    bundle: Bundle
    on: date
    lines: list[Line] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    sums: list[tuple[str, str]] = field(default_factory=list)

    def bind(self, entries: list[Entry], tell: Tell) -> None:
        """Bind each entry; one that cannot be is told on the closing sheet, and the others are bound all the same."""
        copies = archive_copies([entry.content.document for entry in entries if isinstance(entry.content, Paper)])
        for done, entry in enumerate(entries):
            tell(done, len(entries) + 1)
            first = len(self.book)
            try:
                self._add(entry, copies)
            except Unbound as reason:
                self.missing.append(f"{entry.title}{entry.number}：{reason}")
            if len(self.book) > first:
                on = entry.on.isoformat() if entry.on else ""
                pages = len(self.book) - first
                line = Line(entry.section.label, entry.title, entry.number, on, first + 1, pages, entry.state)
                self.lines.append(line)

    def _add(self, entry: Entry, copies: dict[int, DocumentFile]) -> None:
        match entry.content:
            case Paper(document):
                self._add_paper(copies.get(document.pk), entry)
            case Ink(scan):
                self._add_scan(scan)
            case Shots(shots):
                self.missing += [f"照片：{caption}，存储中没有" for caption in add_shots(self.book, entry.title, shots)]
            case Facts(unit, on, shots):
                add_facts(self.book, {"unit": unit, "on": on}, shots)
            case Sheet(name, values):
                self.book.add(sheet(name, values | {"station": self.bundle.station}))

    def _add_paper(self, kept: DocumentFile | None, entry: Entry) -> None:
        if kept is None:
            raise Unbound("还没有打印")
        self.book.add(self._opened(kept, "存储中没有存档联", "存档联与签发时的校验值不符，请报告系统管理员"))
        self.sums.append((entry.number, kept.sha256))

    def _opened(self, kept: DocumentFile | Scan, gone: str, changed: str) -> IO[bytes]:
        """The bytes that were kept. Raises Unbound with the words ``gone`` or ``changed``; what changed is told."""
        try:
            return opened_as_kept(kept.file, kept.sha256)
        except FileNotFoundError:
            raise Unbound(gone) from None
        except NotAsKept:
            tell_changed(kept, self.bundle.requested_by)
            raise Unbound(changed) from None

    def _add_scan(self, scan: Scan) -> None:
        stored = self._opened(scan, "存储中没有扫描件", "扫描件与上传时的校验值不符，请报告系统管理员")
        try:
            if str(scan.file.name).endswith(".pdf"):
                self.book.add(stored, inset=True)
            else:
                with stored:
                    self.book.add_picture(smaller(stored, SCAN_EDGE))
        except (OSError, Damaged):
            raise Unbound(f"扫描件打不开、有密码或者超过 {MOST_PAGES} 页，请在文书页查看原件") from None

    def close(self, unit_name: str) -> None:
        """Put cover and contents in front and the remarks behind, number every page, set the bookmarks."""
        body = len(self.book)
        front, closing = self._guess()
        # How long the contents are decides on which pages everything stands, and that is printed in them.
        for _ in range(4):
            total = front + body + closing
            remarks = sheet("remarks", self._facts(unit_name, total))
            front_sheets = sheet(
                "front", self._facts(unit_name, total) | {"lines": self._listed(front, total, closing)}
            )
            counted = _pages(front_sheets), _pages(remarks)
            if counted == (front, closing):
                break
            front, closing = counted
        self.book.add(remarks)
        self.book.add(front_sheets, at=0)
        states = {line.first + front + page: line.state for line in self.lines for page in range(line.pages)}
        self.book.number(strips(total, states))
        self.book.mark(self._bookmarks(front, total, closing))

    def _guess(self) -> tuple[int, int]:
        parts = len({line.section for line in self.lines})
        contents = HEAD + parts * PART + len(self.lines) * LINE
        remarks = SAID + SUM * len(self.sums) + PART * len(self.missing)
        return 1 + ceil(contents / TYPE_AREA), ceil(remarks / TYPE_AREA)

    def _facts(self, unit_name: str, total: int) -> dict[str, Any]:
        # The facts of the unit bear the day they were copied on, which is no day of the case.
        copied = Section.FACTS.label
        days = sorted(line.on for line in self.lines if line.on and line.section != copied) or [self.on.isoformat()]
        states = [line.state for line in self.lines if line.state]
        return {
            "bundle": self.bundle, "unit_name": unit_name, "on": self.on.isoformat(), "pages": total,
            "since": days[0], "until": days[-1], "items": len(self.lines) + 1,
            "void": len(states), "states": sorted(set(states)), "missing": self.missing, "sums": self.sums,
        }  # fmt: skip

    def _listed(self, front: int, total: int, closing: int) -> list[tuple[str, list[tuple[int, Line, str]]]]:
        """The lines of the contents under the headings of the parts, each with its number and its pages."""
        remarks = Section.REMARKS.label
        last = Line(remarks, remarks, "", self.on.isoformat(), total - closing - front + 1, closing)
        grouped = groupby(enumerate([*self.lines, last], start=1), key=lambda each: each[1].section)
        return [(section, [(no, line, line.span(front)) for no, line in group]) for section, group in grouped]

    def _bookmarks(self, front: int, total: int, closing: int) -> list[tuple[str, int, list[tuple[str, int]]]]:
        marks: list[tuple[str, int, list[tuple[str, int]]]] = [("封面", 0, []), ("卷内文书目录", 1, [])]
        for section, group in groupby(self.lines, key=lambda line: line.section):
            below = [(f"{line.title}　{line.number}".strip(), line.first + front - 1) for line in group]
            marks.append((section, below[0][1], below))
        return [*marks, (Section.REMARKS.label, total - closing, [])]


def _pages(content: bytes) -> int:
    with pikepdf.open(BytesIO(content)) as source:
        return len(source.pages)
