"""The pages of a volume: each source page is set unchanged on a sheet of its own, then numbered and bookmarked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from io import SEEK_END, BytesIO
from tempfile import TemporaryFile
from typing import IO, BinaryIO, Self, cast

import pikepdf
from pikepdf import Dictionary, Name, OutlineItem, Page, Rectangle
from PIL import Image

from fire_supervision.lib.clean_pdf import MOST_PAGES

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
# What is no paper of ours is set smaller, so that nothing of it lies under the number of the page.
INSET = Rectangle(12 * MM, 10 * MM, 198 * MM, 280 * MM)
INSET_WIDE = Rectangle(12 * MM, 10 * MM, 285 * MM, 193 * MM)
# The number of a page, set to its outer edge: width, height, and how far from the outer and the upper edge.
STRIP = (60 * MM, 7 * MM)
FROM_SIDE, FROM_TOP = 26 * MM, 12 * MM
# What is set stays in memory until it is written: after so many bytes a part is.
PART = 16_000_000
Box = tuple[float, float, float, float]


class Damaged(Exception):
    """A PDF that cannot be bound: not to be read, locked with a password, without a page or with far too many."""


class Book:
    """A PDF that grows page by page, written in parts: neither its open files nor its memory grow with its pages."""

    def __init__(self) -> None:
        self._pdf = pikepdf.new()
        self._held = 0
        # The parts already written, each a file without a name, and how many pages they have.
        self._parts: list[IO[bytes]] = []
        self._written = 0
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __len__(self) -> int:
        return self._written + len(self._pdf.pages)

    def add(self, content: IO[bytes] | bytes, *, inset: bool = False, at: int | None = None) -> int:
        """Set the pages of a PDF at ``at`` or at the end; how many there were. Raises Damaged, and then sets none.

        An open file is closed. The pages may be drawn on until the next ones are added.
        """
        self._make_room(whole=at is not None)
        before = len(self._pdf.pages)
        position = before if at is None else at
        stream = BytesIO(content) if isinstance(content, bytes) else content
        try:
            # What is set is copied at once: of the sources only one is open at a time.
            with closing(stream), pikepdf.open(cast(BinaryIO, stream)) as source:
                if not source.pages or (inset and len(source.pages) > MOST_PAGES):
                    raise Damaged
                for number, page in enumerate(source.pages):
                    self._set(page, position + number, inset)
                self._held += stream.seek(0, SEEK_END)
                return len(source.pages)
        # What others have written breaks wherever the library happens to stumble over it.
        except (pikepdf.PikepdfError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            del self._pdf.pages[position : position + len(self._pdf.pages) - before]
            raise Damaged from error

    def _make_room(self, *, whole: bool) -> None:
        """Before pages are added: write what is held when it is much; ``whole`` makes one of the parts instead."""
        if whole:
            self._gather()
        elif self._held >= PART:
            self._write_part()

    def _write_part(self) -> None:
        part = self._open.enter_context(TemporaryFile())  # noqa: SIM115 - closed with the book
        self._save(part)
        self._parts.append(part)
        self._written += len(self._pdf.pages)
        self._pdf, self._held = pikepdf.new(), 0

    def _gather(self) -> None:
        """Make one of the parts. By the library's own tool: appended page by page they would all be in memory."""
        if not self._parts:
            return
        if self._pdf.pages:
            self._write_part()
        whole = self._open.enter_context(TemporaryFile())  # noqa: SIM115 - closed with the book
        paths = [f"/dev/fd/{file.fileno()}" for file in (*self._parts, whole)]
        pikepdf.Job(["qpdf", "--empty", "--keep-files-open=n", "--pages", *paths[:-1], "--", paths[-1]]).run()
        for part in self._parts:
            part.close()
        self._parts, self._written = [], 0
        whole.seek(0)
        self._pdf = self._open.enter_context(pikepdf.open(whole, access_mode=pikepdf.AccessMode.stream))

    def _save(self, into: IO[bytes]) -> None:
        self._pdf.save(cast(BinaryIO, into), object_stream_mode=pikepdf.ObjectStreamMode.generate)
        into.flush()

    def _set(self, page: Page, position: int, inset: bool) -> None:
        box = page.trimbox
        width, height = float(box[2]) - float(box[0]), float(box[3]) - float(box[1])
        turned = int(page.obj.get("/Rotate", 0)) % 180 != 0
        wide = (height > width) if turned else (width > height)
        sheet = self._blank(position, wide=wide)
        whole = Rectangle(0, 0, *(reversed(A4) if wide else A4))
        sheet.add_overlay(page, (INSET_WIDE if wide else INSET) if inset else whole)

    def _blank(self, position: int, *, wide: bool) -> Page:
        width, height = (A4[1], A4[0]) if wide else A4
        media = [0, 0, round(width, 3), round(height, 3)]
        sheet = Dictionary(Type=Name.Page, MediaBox=media, Resources=Dictionary(), Contents=self._pdf.make_stream(b""))
        self._pdf.pages.insert(position, Page(self._pdf.make_indirect(sheet)))
        return self._pdf.pages[position]

    def add_picture(self, jpeg: bytes) -> int:
        """A scanned sheet, upright or wide as it is."""
        width, height = _size(jpeg)
        self._make_room(whole=False)
        sheet = self._blank(len(self._pdf.pages), wide=width > height)
        box = INSET_WIDE if width > height else INSET
        self._draw(sheet, jpeg, (box.llx, box.lly, box.urx - box.llx, box.ury - box.lly))
        return 1

    def draw(self, position: int, jpeg: bytes, box: Box) -> None:
        """Draw a photograph on a page into ``box`` (left, bottom, width, height in points), as large as it fits."""
        self._draw(self._pdf.pages[position - self._written], jpeg, box)

    def _draw(self, sheet: Page, jpeg: bytes, box: Box) -> None:
        # The bytes go in as they are: a JPEG is what a PDF calls DCTDecode.
        width, height = _size(jpeg)
        self._held += len(jpeg)
        image = self._pdf.make_stream(
            jpeg, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8, Filter=Name.DCTDecode,
        )  # fmt: skip
        left, bottom, room_x, room_y = box
        scale = min(room_x / width, room_y / height)
        x, y = left + (room_x - width * scale) / 2, bottom + (room_y - height * scale) / 2
        name = sheet.add_resource(image, Name.XObject)
        drawing = f"q {width * scale:.2f} 0 0 {height * scale:.2f} {x:.2f} {y:.2f} cm {name} Do Q\n"
        sheet.contents_add(drawing.encode())

    def number(self, strips: bytes) -> None:
        """Stamp the n-th page of ``strips`` on the n-th page, at the outer upper corner as bound double-sided."""
        self._gather()
        source = self._open.enter_context(pikepdf.open(BytesIO(strips)))
        for index, (sheet, strip) in enumerate(zip(self._pdf.pages, source.pages, strict=True)):
            width, height = (float(edge) for edge in list(sheet.mediabox)[2:])
            left = FROM_SIDE if index % 2 else width - FROM_SIDE - STRIP[0]
            top = height - FROM_TOP
            sheet.add_overlay(strip, Rectangle(left, top - STRIP[1], left + STRIP[0], top))

    def mark(self, bookmarks: Iterable[tuple[str, int, Iterable[tuple[str, int]]]]) -> None:
        """Bookmarks of two levels: words, index of the page, and the same below it."""
        with self._pdf.open_outline() as outline:
            for words, index, below in bookmarks:
                item = OutlineItem(words, index)
                item.children.extend(OutlineItem(each, page) for each, page in below)
                outline.root.append(item)

    def save(self, into: IO[bytes], facts: Mapping[str, str]) -> None:
        """Write the volume; ``facts`` are its title and author."""
        self._gather()
        for key, words in facts.items():
            self._pdf.docinfo[Name(f"/{key}")] = words
        self._save(into)


def _size(jpeg: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(jpeg)) as image:
        return image.size
