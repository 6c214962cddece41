"""Every door a file comes in by: what it is, found out before it is trusted, and what is kept of it.

Nothing is kept as it came: a picture is decoded and written anew, a PDF and a workbook are rebuilt by a confined
process. What a file calls itself decides nothing; its name is shown at most, and never becomes a path.
"""

import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

from PIL import Image, ImageOps

from fire_supervision.lib import confined, viruses
from fire_supervision.lib.confined import Overwhelmed, Refused
from fire_supervision.lib.spreadsheets import DAMAGED, UnreadableWorkbook, check_container

logger = logging.getLogger(__name__)
# Scripts for a process of their own: what they load, 15 MB, is not held here.
CLEANERS = Path(__file__).parent
# A telephone's largest ordinary photograph has 50 million points.
MOST_POINTS = 50_000_000
# What decoding a picture may cost, by what its head says.
MOST_BYTES = 160_000_000
# Bytes a point, with the copy Pillow makes of what is transparent; WebP is unpacked three times over.
COST = {"1": 5, "L": 1, "P": 5, "I;16": 3, "I": 8, "RGB": 4}
COST_ELSE, COST_WEBP = 8, 12
# Pillow's own alarm, behind ours.
Image.MAX_IMAGE_PIXELS = MOST_POINTS
UNSHOWN = re.compile(r"[/\\:]")


class NoPicture(Exception):
    """Not a picture of the formats that are taken, or a broken one."""


class TooManyPoints(Exception):
    """A picture that would cost too much memory."""


@contextmanager
def opened_picture(source: IO[bytes], formats: Sequence[str], *, long_edge: int) -> Iterator[Image.Image]:
    """``source`` opened and weighed, not decoded yet; a JPEG will be decoded at about ``long_edge``.

    Raises NoPicture, also out of the block, for whatever the decoder stumbles over, TooManyPoints, and Refused.
    """
    viruses.look_at(source)
    try:
        source.seek(0)
        with Image.open(source, formats=list(formats)) as image:
            if image.width * image.height > MOST_POINTS or _cost(image, source, long_edge) > MOST_BYTES:
                raise TooManyPoints
            yield image
    except (TooManyPoints, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPoints from None
    # Decoders answer a broken or hostile file with whatever they stumble over.
    except Exception as error:
        raise NoPicture from error


def _cost(image: Image.Image, source: IO[bytes], long_edge: int) -> int:
    points = image.width * image.height
    if image.format in ("JPEG", "MPO"):
        # One that comes in several scans is held whole, two bytes a value, before the first point is seen.
        held = 0 if _in_one_scan(image, source) else 2 * len(image.getbands()) * points
        image.draft("RGB", (long_edge, long_edge))
        return held + 4 * image.width * image.height
    return points * (COST_WEBP if image.format == "WEBP" else COST.get(image.mode, COST_ELSE))


def _in_one_scan(image: Image.Image, source: IO[bytes]) -> bool:
    """Whether the first scan, behind whose head Pillow stops reading, has all colours."""
    colours = len(image.getbands())
    at = source.tell()
    source.seek(max(0, at - 6 - 2 * colours))
    head = source.read(3)
    source.seek(at)
    return "progressive" not in image.info and head == bytes([0, 6 + 2 * colours, colours])


def upright_jpeg(image: Image.Image, *, long_edge: int, quality: int) -> bytes:
    """The picture as a JPEG of ours: upright, not longer than ``long_edge``, without anything but its points."""
    if image.mode in ("1", "P", "I;16"):
        image = image.convert("L" if image.mode != "P" else "RGB")
    image.thumbnail((long_edge, long_edge))
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, "white")
        ground.alpha_composite(upright.convert("RGBA"))
        upright = ground
    buffer = BytesIO()
    points = upright.convert("RGB")
    # What the camera wrote beside the points would go along.
    points.info.clear()
    points.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def clean_document(upload: IO[bytes]) -> IO[bytes]:
    """A PDF with its pages as they look and nothing that runs, opens or hides, in a temporary file. Raises Refused."""
    viruses.look_at(upload)
    try:
        return confined.cleaned(CLEANERS / "clean_pdf.py", upload)
    except Overwhelmed as error:
        logger.warning("a PDF was refused: %s", error)
        raise Refused("PDF 文件打不开或者过于复杂，请改传照片") from None


def clean_book(upload: IO[bytes], *, max_mb: int) -> IO[bytes]:
    """A workbook with the values of its visible sheets, in a temporary file. Raises UnreadableWorkbook."""
    try:
        viruses.look_at(upload)
        check_container(cast(Any, upload), max_mb)
        return confined.cleaned(CLEANERS / "clean_workbook.py", upload)
    except Refused as refused:
        raise UnreadableWorkbook(str(refused)) from None
    except Overwhelmed as error:
        logger.warning("a workbook was refused: %s", error)
        raise UnreadableWorkbook(DAMAGED) from None


def shown_name(name: str | None, otherwise: str) -> str:
    """What a file calls itself, to be shown: without path, without what cannot be seen or turns words around."""
    last = UNSHOWN.split(name or "")[-1]
    seen = "".join(
        char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    return " ".join(seen.split()).lstrip(".").strip()[:120] or otherwise
