"""Scans and photographs of papers signed in ink: what is taken, and in which state it is kept."""

from __future__ import annotations

from typing import IO, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from fire_supervision.lib.confined import Refused
from fire_supervision.lib.uploads import NoPicture, TooManyPoints, clean_document, opened_picture, upright_jpeg

MEGABYTE = 1024 * 1024
LONGEST_SIDE = 3600


def checked(upload: UploadedFile[bytes]) -> ContentFile[bytes]:
    """The content of ``upload`` if it really is a PDF, JPEG or PNG, whatever it calls itself, written anew.

    A PDF keeps its pages and loses what runs, opens or hides; a photograph is turned upright and becomes a JPEG without
    metadata. The same file gives the same bytes. Raises ValidationError.
    """
    if not upload.size:
        raise ValidationError("文件是空的")
    if upload.size > settings.UPLOAD_SCAN_MAX_MB * MEGABYTE:
        raise ValidationError(f"文件超过 {settings.UPLOAD_SCAN_MAX_MB} MB")
    stream = cast(IO[bytes], upload)
    stream.seek(0)
    if stream.read(5) == b"%PDF-":
        return ContentFile(_document(stream), "scan.pdf")
    return ContentFile(_picture(stream), "scan.jpg")


def _document(stream: IO[bytes]) -> bytes:
    # What a reader mends of a file cut off may be half of a paper.
    stream.seek(max(0, stream.seek(0, 2) - 2048))
    if b"%%EOF" not in stream.read():
        raise ValidationError("PDF 文件不完整，请重新扫描")
    try:
        with clean_document(stream) as written:
            return written.read()
    except Refused as refused:
        raise ValidationError(str(refused)) from None


def _picture(stream: IO[bytes]) -> bytes:
    try:
        with opened_picture(stream, ["JPEG", "PNG"], long_edge=LONGEST_SIDE) as image:
            return upright_jpeg(image, long_edge=LONGEST_SIDE, quality=85)
    except TooManyPoints:
        raise ValidationError("照片尺寸过大，请调低分辨率后重新拍照或扫描") from None
    except Refused as refused:
        raise ValidationError(str(refused)) from None
    except NoPicture:
        raise ValidationError("只收 PDF 文件和 JPG、PNG 照片；这个文件不是，或者已经损坏") from None
