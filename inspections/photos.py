"""A photograph from a phone, made safe: checked, turned upright, made smaller, stripped of what a camera adds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.timezone import get_current_timezone
from PIL import Image

from fire_supervision.lib.confined import Refused
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.uploads import NoPicture, TooManyPoints, opened_picture, upright_jpeg

FORMATS = ("JPEG", "PNG", "WEBP")
LONG_EDGE = 2048
QUALITY = 82
EXIF_IFD, DATE_TIME_ORIGINAL = 0x8769, 0x9003


@dataclass(frozen=True)
class Picture:
    """The bytes that are kept, their hash, and when the camera says it was taken (None when it does not)."""

    content: bytes
    sha256: str
    taken_at: datetime | None


def read_picture(upload: UploadedFile[bytes], max_mb: int) -> Picture:
    """``upload`` as a JPEG of ours; raises RuleError in the officer's words for anything that is not a photograph."""
    if not upload.size:
        raise RuleError("照片是空文件，没有保存。", remedy="请重新拍照。")
    if upload.size > max_mb * 1024 * 1024:
        raise RuleError(f"照片超过 {max_mb} MB，没有保存。", remedy="请调低手机拍照分辨率后重拍。")
    try:
        with opened_picture(cast(IO[bytes], upload), FORMATS, long_edge=LONG_EDGE) as image:
            taken_at = _taken_at(image)
            content = upright_jpeg(image, long_edge=LONG_EDGE, quality=QUALITY)
    except TooManyPoints:
        raise RuleError("照片尺寸过大，没有保存。", remedy="请调低手机拍照分辨率后重拍。") from None
    except Refused as refused:
        raise RuleError(str(refused)) from None
    except NoPicture as error:
        raise RuleError(
            "这个文件不是照片，或者已经损坏，没有保存。", remedy="请上传 JPG、PNG 或 WEBP 格式的照片。"
        ) from error
    return Picture(content, hashlib.sha256(content).hexdigest(), taken_at)


def _taken_at(image: Image.Image) -> datetime | None:
    """The camera's own time, which has no zone: it is read as ours."""
    words = image.getexif().get_ifd(EXIF_IFD).get(DATE_TIME_ORIGINAL)
    try:
        return datetime.strptime(str(words).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=get_current_timezone())
    except ValueError:
        return None


def believable(taken_at: datetime | None, at: datetime) -> datetime:
    """When the photograph was taken: the camera's time unless it has none or lies in the future."""
    return taken_at if taken_at is not None and taken_at <= at + timedelta(hours=1) else at
