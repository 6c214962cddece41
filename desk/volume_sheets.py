"""The sheets that are written for a volume: cover, contents, facts, photographs, remarks, the numbers of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import IO, Any

from django.template.loader import render_to_string
from PIL import Image

from desk.volume_book import MM, Book, Box
from desk.volume_contents import Shot
from fire_supervision.lib import pdf

# Two columns, three rows: the classes by which volume.css sets the captions, and where the pictures are drawn.
PLACES = [f"{side} row{row}" for row in (1, 2, 3) for side in ("left", "right")]
FRAME = (75 * MM, 62 * MM)
COLUMNS, ROWS = (28 * MM, 109 * MM), (47 * MM, 123 * MM, 199 * MM)
# Printed 75 mm wide that is 340 dots an inch; the photograph itself stays as it was taken.
LONG_EDGE = 1000


@dataclass(frozen=True)
class Line:
    """A line of the contents: what is bound, and on which pages (counted from 1, without cover and contents)."""

    section: str
    title: str
    number: str
    on: str
    first: int
    pages: int
    state: str = ""

    def span(self, front: int) -> str:
        """Its pages in the volume, behind ``front`` sheets: 7, or 7–9."""
        first, last = self.first + front, self.first + front + self.pages - 1
        return f"{first}" if first == last else f"{first}–{last}"


def sheet(name: str, values: Mapping[str, Any]) -> bytes:
    """``templates/papers/volume_<name>.html`` as a PDF."""
    return pdf.write(render_to_string(f"papers/volume_{name}.html", dict(values)), _stylesheet())


@lru_cache(maxsize=1)
def _stylesheet() -> str:
    return render_to_string("papers/paper.css") + render_to_string("papers/volume.css")


def strips(pages: int, states: Mapping[int, str]) -> bytes:
    """The number of each page on a strip of its own; those of ``states`` say 已作废 or 被取代 before it."""
    numbers = [{"number": number, "state": states.get(number, "")} for number in range(1, pages + 1)]
    return sheet("numbers", {"numbers": numbers})


def add_shots(book: Book, title: str, shots: Sequence[Shot]) -> list[str]:
    """Bind photographs, six a sheet; the captions of those that cannot be read."""
    read = [(shot, _small(shot)) for shot in shots]
    lost = [shot.caption for shot, jpeg in read if jpeg is None]
    found = [(shot, jpeg) for shot, jpeg in read if jpeg is not None]
    groups = list(_groups(found))
    if groups:
        first = len(book)
        captions = [
            [(place, shot.caption) for place, (shot, _) in zip(PLACES, group, strict=False)] for group in groups
        ]
        book.add(sheet("photos", {"title": title, "sheets": captions}))
        for index, group in enumerate(groups):
            for (_, jpeg), box in zip(group, _frames(), strict=False):
                book.draw(first + index, jpeg, box)
    return lost


def add_facts(book: Book, values: dict[str, Any], shots: Sequence[Shot]) -> None:
    """Bind the facts of a unit with at most two photographs at the foot of the sheet."""
    read = [(shot, jpeg) for shot in shots[:2] if (jpeg := _small(shot)) is not None]
    first = len(book)
    book.add(sheet("facts", values | {"captions": [shot.caption for shot, _ in read]}))
    for (_, jpeg), box in zip(read, list(_frames())[-2:], strict=False):
        book.draw(first, jpeg, box)


def _groups(found: list[tuple[Shot, bytes]]) -> Iterator[list[tuple[Shot, bytes]]]:
    for start in range(0, len(found), len(PLACES)):
        yield found[start : start + len(PLACES)]


def _frames() -> Iterable[Box]:
    for top in ROWS:
        for left in COLUMNS:
            yield left, 297 * MM - top - FRAME[1], *FRAME


def _small(shot: Shot) -> bytes | None:
    """The photograph at the size it is printed in; None when it is not in the storage, or is no picture any more."""
    try:
        with shot.file.open("rb") as stored:
            return smaller(stored, LONG_EDGE)
    except OSError:  # Pillow's own errors are of this kind
        return None


def smaller(stored: IO[bytes], long_edge: int) -> bytes:
    """A JPEG not longer than ``long_edge``; one that is small enough goes as it is. Raises OSError for no picture."""
    with Image.open(stored, formats=["JPEG"]) as image:
        if max(image.size) <= long_edge and image.mode == "RGB":
            stored.seek(0)
            return stored.read()
        # Decoded at about the size it is wanted in: a large one costs no more memory than a small one. Asked for as a
        # square it would be decoded whole: Pillow goes by the shorter edge.
        share = long_edge / max(image.size)
        image.draft("RGB", (round(image.width * share), round(image.height * share)))
        image.thumbnail((long_edge, long_edge))
        buffer = BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
