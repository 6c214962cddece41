"""Photographs, and what pretends to be one."""

import struct
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.uploads import MOST_POINTS
from inspections import actions
from inspections.models import ChecklistItem, Inspection, Photo
from inspections.photos import believable
from stations.models import User
from tests.inspections.conftest import AT, SHANGHAI, picture

Item = Callable[[str], ChecklistItem]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def flood() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels square."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def large() -> bytes:
    """Below Pillow's own alarm, above ours."""
    header = struct.pack(">IIBBBBB", 8_000, MOST_POINTS // 8_000 + 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


TRUNCATED = picture().read()[:600]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [b"", b"plain words", SVG, b"%PDF-1.7", TRUNCATED, flood(), large(), b"GIF89a" + b"\0" * 40],
    ids=["empty", "text", "svg", "pdf", "truncated", "flood", "large", "gif"],
)
def test_what_is_no_photograph_is_refused_in_plain_words_and_nothing_is_kept(
    draft: Inspection, officer: User, content: bytes
) -> None:
    upload = SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg")
    with pytest.raises(RuleError, match="没有保存"):
        actions.add_photo(draft, officer, upload, AT)
    assert Photo.objects.count() == 0


def test_a_photograph_over_the_limit_is_refused(draft: Inspection, officer: User, settings: Settings) -> None:
    settings.UPLOAD_PHOTO_MAX_MB = 0
    with pytest.raises(RuleError, match="超过 0 MB"):
        actions.add_photo(draft, officer, picture(), AT)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_made_a_jpeg_of_reasonable_size(draft: Inspection, officer: User, kind: str) -> None:
    photo = actions.add_photo(draft, officer, picture((3000, 1500), kind), AT)
    with photo.file.open() as stored, Image.open(stored) as kept:
        assert (kept.format, kept.size) == ("JPEG", (2048, 1024))


def test_the_camera_tells_the_time_and_the_way_up_and_nothing_else_is_kept(draft: Inspection, officer: User) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8769)[0x9003] = "2026:09:25 10:12:13"
    photo = actions.add_photo(draft, officer, picture((640, 480), exif=exif), AT)
    assert photo.taken_at == datetime(2026, 9, 25, 10, 12, 13, tzinfo=SHANGHAI)
    with photo.file.open() as stored, Image.open(stored) as kept:
        assert (kept.size, dict(kept.getexif())) == ((480, 640), {})


def test_a_camera_without_or_with_a_wrong_clock_does_not_date_the_photograph() -> None:
    assert believable(None, AT) == AT
    assert believable(AT + timedelta(days=1), AT) == AT
    assert believable(AT - timedelta(minutes=5), AT) == AT - timedelta(minutes=5)


def test_the_same_picture_at_the_same_row_is_kept_once(draft: Inspection, officer: User, item: Item) -> None:
    for row in (item("exit"), item("exit"), item("signs"), None, None):
        actions.add_photo(draft, officer, picture(), AT, row)
    assert [photo.item and photo.item.code for photo in draft.photos.all()] == ["exit", "signs", None]


def test_the_hash_is_that_of_the_bytes_kept(draft: Inspection, officer: User) -> None:
    first = actions.add_photo(draft, officer, picture(), AT)
    second = actions.add_photo(draft, officer, picture(colour="red"), AT)
    assert first.sha256 != second.sha256
    assert Path(first.file.path).stem.startswith(first.sha256)


def test_a_photograph_that_is_taken_out_leaves_no_file(
    draft: Inspection, officer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = actions.add_photo(draft, officer, picture(), AT)
    path = Path(photo.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_photo(photo, officer)
    assert (draft.photos.count(), path.exists()) == (0, False)


def test_a_photograph_is_shown_to_who_sees_the_visit_and_to_nobody_else(
    draft: Inspection, officer: User, supervisor: User, leader: User, stranger: User, system_admin: User,
    browse: Callable[[User], Client],
) -> None:  # fmt: skip
    photo = actions.add_photo(draft, officer, picture(), AT)
    url = reverse("inspections:photo", args=[draft.pk, photo.pk])
    for user in (officer, supervisor, leader):
        response = browse(user).get(url)
        assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
        assert response.getvalue().startswith(b"\xff\xd8")
    assert browse(stranger).get(url).status_code == 404
    assert browse(system_admin).get(url).status_code == 403
    assert Client().get(url).status_code == 302


def test_a_photograph_taken_at_a_row_comes_back_as_its_strip(
    draft: Inspection, officer: User, item: Item, browse: Callable[[User], Client]
) -> None:
    url = reverse("inspections:add_photo", args=[draft.pk])
    form = {"photo": picture(), "item": item("exit").pk}
    response = browse(officer).post(url, form, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response.content.decode().count("<img ") == 1
    plain = browse(officer).post(url, {"photo": picture(colour="red"), "item": item("exit").pk})
    assert plain["Location"] == f"{reverse('inspections:fill', args=[draft.pk])}?group=building#item-exit"


def test_a_broken_photograph_is_a_refusal_on_the_page_too(
    draft: Inspection, officer: User, browse: Callable[[User], Client]
) -> None:
    url = reverse("inspections:add_photo", args=[draft.pk])
    broken = SimpleUploadedFile("x.jpg", SVG)
    assert browse(officer).post(url, {"photo": broken}).status_code == 409
    assert browse(officer).post(url).status_code == 409
    assert browse(officer).post(url, {"photo": picture(), "item": "x"}).status_code == 404
