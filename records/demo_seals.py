"""Seals for trying the product out: nobody takes them for real, 演示 stands across their middle."""

from math import cos, pi, radians, sin

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from fire_supervision.lib.faces import folder
from records.seals import SIDE, coloured

# Drawn twice as large: what shrinks has no steps.
BIG = 2 * SIDE
# The name runs over the top, a long one from lower left to lower right.
ARC, WIDEST = 240, 30


def drawn(name: str) -> ContentFile[bytes]:
    """A round red seal of ``name``, as `records.seals.checked` would give it."""
    ink = Image.new("L", (BIG, BIG))
    draw = ImageDraw.Draw(ink)
    rim = BIG // 34
    draw.ellipse((0, 0, BIG - 1, BIG - 1), outline=255, width=rim)
    draw.polygon(_star(BIG / 2, BIG * 0.47, BIG * 0.15), fill=255)
    draw.text((BIG / 2, BIG * 0.76), "演示专用", 255, _face(BIG // 11), anchor="mm")
    step, size = min(WIDEST, ARC / max(len(name) - 1, 1)), min(BIG // 8, round(BIG * 1.5 / len(name)))
    for place, character in enumerate(name):
        _put(ink, character, (place - (len(name) - 1) / 2) * step, size)
    return ContentFile(coloured(ink), "seal.png")


def _put(ink: Image.Image, character: str, degrees: float, size: int) -> None:
    """``character`` upright on the circle, ``degrees`` from the top, clockwise."""
    glyph = Image.new("L", (2 * size, 2 * size))
    ImageDraw.Draw(glyph).text((size, size), character, 255, _face(size), anchor="mm")
    turned = glyph.rotate(-degrees, Image.Resampling.BICUBIC)
    radius, angle = BIG * 0.385, radians(degrees)
    left, top = BIG / 2 + radius * sin(angle) - size, BIG / 2 - radius * cos(angle) - size
    ink.paste(255, (round(left), round(top)), turned)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    return [
        (x + length * sin(place * pi / 5), y - length * cos(place * pi / 5))
        for place in range(10)
        for length in [radius if place % 2 == 0 else radius * 0.382]
    ]


def _face(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(folder() / "FandolSong-Bold.otf"), size)
