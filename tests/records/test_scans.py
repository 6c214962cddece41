"""A scan is taken for what it is, not for what it calls itself."""

import resource
import zlib
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name
from PIL import Image
from pytest_django import Settings

from fire_supervision.lib.clean_pdf import MOST_PAGES
from records import actions
from records.models import Document
from records.scans import checked
from stations.models import User
from tests.records.conftest import content
from trail.models import AuditEntry


def pdf(change: Callable[[pikepdf.Pdf], object] = lambda made: None, pages: int = 1, **saved: object) -> bytes:
    """A PDF of empty pages after ``change``."""
    made, buffer = pikepdf.new(), BytesIO()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    change(made)
    made.save(buffer, **{"deterministic_id": "encryption" not in saved} | saved)  # type: ignore[arg-type]
    return buffer.getvalue()


PDF = pdf()


def photo(format_: str, size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "white").save(buffer, format_, **options)
    return buffer.getvalue()


def upload(content: bytes, name: str = "扫描件") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_pdf_is_written_anew_and_the_same_one_twice_is_the_same_file() -> None:
    kept = [checked(upload(PDF)) for _ in range(2)]
    assert [file.name for file in kept] == ["scan.pdf", "scan.pdf"]
    first, second = (file.read() for file in kept)
    assert (first == second, first == PDF) == (True, False)
    with pikepdf.open(BytesIO(first)) as written:
        assert len(written.pages) == 1


def test_a_pdf_loses_what_acts_and_keeps_what_is_seen() -> None:
    def arm(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
        made.attachments["bill.exe"] = pikepdf.AttachedFileSpec(made, b"MZ payload")
        note = made.make_stream(
            b"0 0 1 rg 0 0 50 50 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 50, 50])
        )
        stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([10, 10, 60, 60]), F=4)
        stamp.AP, stamp.A = Dictionary(N=note), Dictionary(S=Name.Launch, F="calc.exe")
        made.pages[0].obj.Annots = Array([made.make_indirect(stamp)])
        made.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.URI, URI="http://example.invalid/"))

    with pikepdf.open(checked(upload(pdf(arm)))) as written:
        assert set(written.Root.keys()) == {"/Type", "/Pages"}
        page = written.pages[0]
        assert {"/Annots", "/AA"} & set(page.obj.keys()) == set()
        drawn = [each.read_bytes() for each in page.obj.Resources.XObject.values()]
    assert drawn == [b"0 0 1 rg 0 0 50 50 re f"]


def test_a_photograph_inside_a_pdf_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    taken = photo("JPEG", exif=exif)

    def show(made: pikepdf.Pdf) -> None:
        image = made.make_stream(
            taken, Type=Name.XObject, Subtype=Name.Image, Width=40, Height=20, ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8, Filter=Name.DCTDecode,
        )  # fmt: skip
        name = made.pages[0].add_resource(image, Name.XObject)
        made.pages[0].contents_add(f"q 40 0 0 20 0 0 cm {name} Do Q".encode())

    content = checked(upload(pdf(show))).read()
    with pikepdf.open(BytesIO(content)) as written:
        (image,) = written.pages[0].obj.Resources.XObject.values()
        kept = image.read_raw_bytes()
    assert (b"SECRET-PLACE" in taken, b"SECRET-PLACE" in kept) == (True, False)
    assert Image.open(BytesIO(kept)).tobytes() == Image.open(BytesIO(taken)).tobytes()


def test_a_pdf_that_may_only_not_be_changed_is_taken() -> None:
    locked = pdf(encryption=pikepdf.Encryption(owner="owner", user=""))
    with pikepdf.open(checked(upload(locked))) as written:
        assert (len(written.pages), written.is_encrypted) == (1, False)


def bomb(made: pikepdf.Pdf) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(400)) + packer.flush()
    made.pages[0].obj.Contents = made.make_stream(packed, Filter=Name.FlateDecode)


def emptied(made: pikepdf.Pdf) -> None:
    made.Root.Pages.Kids = Array([])


def flat(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.MediaBox = Array([0, 0, 595, 0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pdf(encryption=pikepdf.Encryption(owner="owner", user="secret")), "设有打开密码"),
        (pdf(emptied), "没有页面"),
        (pdf(pages=MOST_PAGES + 1), "超过 300 页"),
        (pdf(flat), "页面大小不对"),
        (PDF[:150] + b"%%EOF", "不完整或已损坏"),
    ],
    ids=["password", "no page", "too many pages", "flat", "damaged"],
)
def test_a_pdf_that_could_not_be_bound_is_refused_when_it_comes(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        checked(upload(content))


@pytest.mark.slow
def test_a_pdf_that_unfolds_without_end_is_refused_and_costs_this_process_nothing() -> None:
    content = pdf(bomb, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    assert len(content) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValidationError, match=r"过于复杂|已损坏"):
        checked(upload(content))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


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
    monkeypatch.setattr("fire_supervision.lib.uploads.MOST_POINTS", 799)
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
