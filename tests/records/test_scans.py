"""A scan is taken for what it is, not for what it calls itself."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import Settings

from records import actions
from records.models import Document
from records.scans import checked
from stations.models import User
from tests.records.conftest import content
from trail.models import AuditEntry

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def photo(format_: str, size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "white").save(buffer, format_, **options)
    return buffer.getvalue()


def upload(content: bytes, name: str = "扫描件") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_pdf_is_kept_byte_for_byte() -> None:
    assert checked(upload(PDF)).read() == PDF


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_a_photograph_is_written_anew_as_jpeg(format_: str) -> None:
    kept = checked(upload(photo(format_) + b"<script>"))
    assert kept.name == "scan.jpg"
    content = kept.read()
    assert b"<script>" not in content
    assert Image.open(BytesIO(content)).format == "JPEG"


def test_a_photograph_is_turned_upright_and_loses_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "maker"
    image = Image.open(checked(upload(photo("JPEG", exif=exif))))
    assert (image.size, len(image.getexif())) == ((20, 40), 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"MZ\x90\x00 not a picture", "只收"),
        (b"GIF89a" + b"\x00" * 40, "只收"),
        (photo("JPEG")[:200], "只收"),
        (b"%PDF-1.7 cut off", "不完整"),
    ],
)
def test_anything_else_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        checked(upload(content, "a.pdf"))


def test_a_file_over_the_limit_is_refused(settings: Settings) -> None:
    settings.UPLOAD_SCAN_MAX_MB = 0
    with pytest.raises(ValidationError, match="超过 0 MB"):
        checked(upload(PDF))


def test_a_picture_of_too_many_points_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.scans.MAX_PIXELS", 799)
    with pytest.raises(ValidationError, match="尺寸过大"):
        checked(upload(photo("PNG")))


@pytest.mark.django_db
def test_the_same_scan_twice_is_one_scan_and_one_entry(issue: Callable[..., Document], officer: User) -> None:
    paper = issue()
    scans = [actions.add_scan(paper, ContentFile(PDF, "scan.pdf"), "DSJ-0007", officer) for _ in range(2)]
    assert scans[0] == scans[1]
    assert (scans[0].sha256, scans[0].recorder_no) == (sha256(PDF).hexdigest(), "DSJ-0007")
    assert content(scans[0].file) == PDF
    assert AuditEntry.objects.filter(action="records.add_scan").count() == 1
