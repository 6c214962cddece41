"""Scans and photographs of papers signed in ink: what is taken, and in which state it is kept."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

MEGABYTE = 1024 * 1024
# A photograph of a sheet has some 12 million points; more than this is an attack on the memory.
MAX_PIXELS = 80_000_000
LONGEST_SIDE = 3600


def checked(upload: UploadedFile[bytes]) -> ContentFile[bytes]:
    """The content of ``upload`` if it really is a PDF, JPEG or PNG, whatever it calls itself.

    A photograph is turned upright and written anew as JPEG, without its metadata. Raises ValidationError.
    """
    if not upload.size:
        raise ValidationError("文件是空的")
    if upload.size > settings.UPLOAD_SCAN_MAX_MB * MEGABYTE:
        raise ValidationError(f"文件超过 {settings.UPLOAD_SCAN_MAX_MB} MB")
    content = upload.read()
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise ValidationError("PDF 文件不完整，请重新扫描")
        return ContentFile(content, "scan.pdf")
    return ContentFile(_upright(content), "scan.jpg")


def _upright(content: bytes) -> bytes:
    try:
        image = Image.open(BytesIO(content), formats=["JPEG", "PNG"])
        if image.width * image.height > MAX_PIXELS:
            raise ValidationError("照片尺寸过大")
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValidationError("只收 PDF 文件和 JPG、PNG 照片") from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    buffer = BytesIO()
    upright.save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue()
