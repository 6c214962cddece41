"""What is on the sheets of a PDF: glyphs, faces, words with their places, red ink."""

import re
import subprocess
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from io import BytesIO
from typing import Any

from django.conf import settings
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

POINTS = 72 / 25.4  # to the millimetre
_SHOWN = re.compile(rb"<([0-9a-f]*)>", re.IGNORECASE)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
# The file of each family that is declared.
FILES = {
    "FandolFang": "FandolFang-Regular.otf", "FandolSong": "FandolSong-Regular.otf",
    "FandolHei": "FandolHei-Regular.otf", "FandolKai": "FandolKai-Regular.otf", "LXGW WenKai": "LXGWWenKai-Regular.ttf",
    "LXGW WenKai Light": "LXGWWenKai-Light.ttf", "Noto Serif CJK SC": "NotoSerifCJK-Regular.ttc",
    "DejaVu Sans": "DejaVuSans.ttf",
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """In points from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@lru_cache(maxsize=16)
def characters(family: str) -> frozenset[int]:
    with TTFont(settings.PAPER_FONTS_DIR / FILES[family], fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


def glyphs(reader: PdfReader) -> list[int]:
    """Every glyph number the pages show; the fonts are Identity-H, two bytes each."""
    shown: list[int] = []
    for page in reader.pages:
        contents = page.get_contents()
        assert contents is not None
        for line in contents.get_data().splitlines():
            if line.rstrip().endswith((b"Tj", b"TJ")):
                raw = b"".join(_SHOWN.findall(line))
                shown += [int(raw[at : at + 4], 16) for at in range(0, len(raw), 4)]
    return shown


def faces(reader: PdfReader) -> set[str]:
    """The names of the embedded faces, without the six letters of a subset."""
    found: set[str] = set()
    for page in reader.pages:
        fonts: Any = page["/Resources"].get("/Font", {})  # type: ignore[attr-defined]
        found |= {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in fonts.values()}
    return found


@cache
def words(pdf: bytes) -> list[list[Word]]:
    """The words of each sheet; a line of Chinese is one word."""
    html = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, check=True, stdout=subprocess.PIPE
    ).stdout.decode()
    pages = html.split("<page ")[1:]
    return [[Word(*map(float, found[:4]), unescape(found[4])) for found in _WORD.findall(page)] for page in pages]


def text(pdf: bytes) -> list[str]:
    """The words of each sheet in the order they were drawn, without white space."""
    return [re.sub(r"\s|　", "", page) for page in _said(pdf, "pdftotext", "-raw", "-", "-").decode().split("\f")[:-1]]


def picture(pdf: bytes, page: int, dpi: int = 72) -> Image.Image:
    """A sheet (1, 2, …) as a picture; at 72 dpi a point is a point."""
    drawn = _said(pdf, "pdftoppm", "-r", str(dpi), "-f", str(page), "-l", str(page), "-png", "-")
    return Image.open(BytesIO(drawn)).convert("RGB")


def _said(pdf: bytes, *command: str) -> bytes:
    return subprocess.run(command, input=pdf, check=True, stdout=subprocess.PIPE).stdout


def red(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box around the red ink of a sheet; None without any."""
    reds, greens, _ = image.split()
    strong = Image.composite(reds.point(lambda value: 255 * (value > 150)), Image.new("L", image.size), greens.point(
        lambda value: 255 * (value < 100)
    ))  # fmt: skip
    return strong.getbbox()
