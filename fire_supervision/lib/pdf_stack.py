"""Many PDF files as one, to be sent to a printer in one go."""

from collections.abc import Iterable
from contextlib import closing, suppress
from tempfile import TemporaryFile
from typing import IO, BinaryIO

import pikepdf


class DamagedPart(Exception):
    """The file at ``position`` (from 0) cannot be read as a PDF."""

    def __init__(self, position: int) -> None:
        super().__init__(f"file {position} is no PDF that can be read")
        self.position = position


def stacked(files: Iterable[BinaryIO], *, both_sides: bool = False) -> IO[bytes]:
    """The pages of ``files`` one after another in a temporary file, open at its beginning; closes each of them.

    ``both_sides``: a file with an odd number of pages is followed by an empty one, so that on a printer that turns the
    sheet no two files share it. What stands on the pages is copied as it is; signatures and attachments stay behind.
    Raises DamagedPart for a file that is no PDF any more.
    """
    with pikepdf.new() as stack:
        for position, file in enumerate(files):
            try:
                _append(stack, file, both_sides)
            except pikepdf.PdfError as error:
                raise DamagedPart(position) from error
        for page in stack.pages:
            with suppress(KeyError):
                del page["/Annots"]
        found = TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
        stack.save(found)
    found.seek(0)
    return found


def _append(stack: pikepdf.Pdf, file: BinaryIO, both_sides: bool) -> None:
    # Pages are copied when they are appended: of the sources only one is open at a time.
    with closing(file), pikepdf.open(file) as source:
        stack.pages.extend(source.pages)
        if both_sides and len(source.pages) % 2:
            stack.add_blank_page(page_size=_size(source.pages[-1]))


def _size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    return right - left, top - bottom
