"""Pictures of seals: what is taken, in which state it is kept, and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import IO, cast

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageChops, ImageOps, ImageStat

from fire_supervision.lib.confined import Refused
from fire_supervision.lib.uploads import NoPicture, TooManyPoints, opened_picture

MEGABYTE = 1024 * 1024
MAX_MB = 2
# 3000 × 3000: each of the steps to the ink holds the whole picture.
MAX_PIXELS = 9_000_000
# Printed 42 mm wide: 300 points to the inch; fewer than these in the upload show as steps on paper.
SIDE, SMALLEST = 500, 400
# Fainter than this is no ink: scanners leave a haze.
HAZE = 48
# GB/T 9704 7.3.5.1: seals are red. One red, in sixteen strengths: a seal with the grain of a scan takes 300 kB.
RED, REDNESS = (214, 0, 0), 60
STRENGTHS = [0 if value < HAZE else min(255, (value + 8) // 16 * 17) for value in range(256)]


@dataclass(frozen=True)
class Stamp:
    """A seal as it is printed: an opaque PNG to lie behind the words, and the hash of the picture it was made from."""

    png: bytes
    sha256: str


def checked(upload: UploadedFile[bytes]) -> ContentFile[bytes]:
    """The seal in ``upload``: cut to its ink, 500 × 500, in one red, transparent elsewhere. Raises ValidationError."""
    if not upload.size:
        raise ValidationError("文件是空的")
    if upload.size > MAX_MB * MEGABYTE:
        raise ValidationError(f"图片超过 {MAX_MB} MB")
    image = _opened(cast(IO[bytes], upload))
    ink = _ink(image)
    box = ink.getbbox()
    if box is None:
        raise ValidationError("图片是空白的")
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) < SMALLEST:
        raise ValidationError(f"印模只有 {width} × {height} 点，印出来不清楚，至少要 {SMALLEST} × {SMALLEST} 点")
    if abs(width - height) > max(width, height) / 20:
        raise ValidationError("印模须是正圆形，宽和高不能相差 5% 以上")
    red, green, blue = ImageStat.Stat(image, ink).mean
    if red - max(green, blue) < REDNESS:
        raise ValidationError("印章须是红色")
    return ContentFile(coloured(ink.crop(box)), "seal.png")


def coloured(ink: Image.Image) -> bytes:
    """The PNG of a seal of which ``ink`` says how strong each point is (0 to 255)."""
    strength = ink.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2).point(STRENGTHS)
    image = Image.new("RGBA", (SIDE, SIDE), (*RED, 0))
    image.putalpha(strength)
    return _written(image)


def _ink(image: Image.Image) -> Image.Image:
    """How strong each point is: the less green and blue the paper gives back, the more ink."""
    _, green, blue = image.split()
    return ImageOps.autocontrast(ImageOps.invert(ImageChops.add(green, blue, 2)), (0, 2)).point(STRENGTHS)


def _opened(upload: IO[bytes]) -> Image.Image:
    """The picture on white: with a transparent ground or a white one, it is the same."""
    try:
        with opened_picture(upload, ["PNG"], long_edge=SIDE) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooManyPoints
            paper = Image.new("RGBA", image.size, "white")
            paper.alpha_composite(image.convert("RGBA"))
            return paper.convert("RGB")
    except TooManyPoints:
        raise ValidationError("图片尺寸过大，请缩小到 3000 × 3000 点以内") from None
    except Refused as refused:
        raise ValidationError(str(refused)) from None
    except NoPicture:
        raise ValidationError("只收 PNG 图片；这个文件不是，或者已经损坏") from None


def _written(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@lru_cache(maxsize=32)
def opaque(content: bytes) -> bytes:
    """A seal on white paper: without a mask it prints in half the time, and nothing lies beneath a seal."""
    image = Image.open(BytesIO(content), formats=["PNG"])
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return _written(paper)
