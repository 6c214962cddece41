"""Hundreds of files that mean harm, through every door of the product: none is kept as it came, none breaks a page."""

import hashlib
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from fire_supervision.lib import clean_pdf, clean_workbook, confined
from fire_supervision.lib.uploads import shown_name
from hazards.models import Reinspection
from inspections import actions as inspections
from inspections.models import Inspection
from records.models import Document
from stations.models import Organisation, User
from tests.fire_supervision.hostile import MARK, MEGABYTE, NAMES, Hostile, corpus, picture, workbook
from tests.hazards.conftest import (  # noqa: F401 - fixtures
    conclude,
    find,
    moment,
    open_visit,
    opened,
    order,
    serve,
    served,
    visit,
)
from tests.records.test_seals import ring, uploaded
from units.models import ImportBatch, Unit

TODAY = date(2026, 10, 9)
MOST_MB = 300
# One of each sort for the fast tests; the slow one takes them all.
FEW = (
    "JPEG with place and script in its EXIF", "PNG flood of 60000 × 60000, colour 2, depth 8",
    "SVG with a script called jpg", "PDF with JavaScript when opened", "PDF with a password", "workbook with macros",
    "workbook with \"=cmd|'/C calc'!A0\"", "a bomb of bombs", "csv with '@SUM(1)'",
    "JPEG called '../../etc/cron.d/x'",
)  # fmt: skip
SAFE_PATH = re.compile(r"(photos|scans|ledgers|seals)/[0-9a-zA-Z/_-]+\.(jpg|pdf|xlsx|png)")
IN_A_WORKBOOK = re.compile(r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core)\.xml|xl/.*\.(xml|xml\.rels)")
Push = Callable[[Hostile], bool]


@pytest.fixture(autouse=True)
def _on_a_friday() -> Iterator[None]:
    with time_machine.travel(moment(TODAY), tick=False):
        yield


@pytest.fixture(autouse=True)
def _once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The confined process sees nothing but the bytes: of each file it is asked once, by whichever door."""
    in_earnest, known = confined.cleaned, {}

    def cleaned(script: Path, upload: IO[bytes]) -> IO[bytes]:
        upload.seek(0)
        key = (script, hashlib.file_digest(upload, "sha256").digest())  # type: ignore[arg-type] # it wants more than read
        if key not in known:
            try:
                with in_earnest(script, upload) as written:
                    known[key] = written.read()
            except (confined.Refused, confined.Overwhelmed) as refused:
                known[key] = refused
        upload.seek(0)
        if isinstance(known[key], Exception):
            raise known[key]
        again = TemporaryFile()  # noqa: SIM115 - the caller closes it
        again.write(known[key])
        again.seek(0)
        return again

    monkeypatch.setattr(confined, "cleaned", cleaned)


@pytest.fixture
def draft(make_unit: Callable[..., Unit], officer: User) -> Inspection:
    return inspections.start(officer, make_unit("江畔茶楼"), TODAY, moment(TODAY))


@pytest.fixture
def paper(unit: Unit, officer: User) -> Document:
    return Document.objects.create(
        **unit.scope_columns(), kind="INSPECTION_RECORD", year=2026, sequence=99, number="江公检第0099号",
        unit_id=unit.pk, unit_name=unit.name, subject_type="inspections.inspection", subject_id=1, context={},
        issued_on=TODAY, issued_by=officer,
    )  # fmt: skip


@pytest.fixture
def doors(
    browse: Callable[[User], Client],
    draft: Inspection,
    paper: Document,
    opened: Reinspection,  # noqa: F811 - the fixture
    station: Organisation,
    settings: Settings,
    officer: User,
    partner: User,
    chief: User,
    bureau_officer: User,
    security_admin: User,
    system_admin: User,
) -> dict[str, Push]:
    """Every way in: each takes a file and tells whether it was taken, and no answer is an error of ours."""
    settings.RATE_VERIFY = 0

    def door(user: User, url: str, field: str, headers: dict[str, str] | None = None, **more: str) -> Push:
        client = browse(user)

        def push(file: Hostile) -> bool:
            upload = SimpleUploadedFile("x", file.content, content_type=file.kind or "application/octet-stream")
            # Past the cleaning Django's own test client would do: the wire carries what the sender wrote.
            upload._name = file.name
            # What was taken is undone, so that the next file finds the same page; what was stored is looked at.
            with transaction.atomic():
                response = client.post(url, {field: upload, **more}, headers=headers)
                transaction.set_rollback(True)
            # A door that is shut would prove nothing.
            assert response.status_code in (200, 302, 409, 413, 422), (file.what, response.status_code)
            form = response.context["form"] if response.context and "form" in response.context else None
            refused = response.status_code >= 400 or (form is not None and bool(form.errors))
            # The rows of a calendar's file become the text below it, to be mended there.
            assert not refused or form is None or set(form.errors) <= {field, "text"}, file.what
            assert not refused or _says_why(response), file.what
            return not refused

        return push

    rows = list(opened.order.hazards.order_by("position"))
    results = {"done_on": f"{TODAY}", "lead": f"{officer.pk}", "second": f"{partner.pk}", "companion": "刘桂香"}
    results["ink"] = "1"
    results |= {f"passed_{row.pk}": "yes" for row in rows}
    reinspection = reverse("hazards:reinspect", args=[opened.pk])
    return {
        "photograph": door(
            officer, reverse("inspections:add_photo", args=[draft.pk]), "photo", headers={"HX-Request": "true"}
        ),
        "photograph of a re-inspection": door(officer, reinspection, f"photo_{rows[0].pk}", **results),
        "scan": door(officer, reverse("records:scan", args=[paper.pk]), "file"),
        "seal": door(security_admin, reverse("records:seal", args=[station.pk]), "image"),
        "ledger": door(chief, reverse("units:import"), "file"),
        "roster": door(system_admin, reverse("stations:roster"), "file"),
        "calendar": door(bureau_officer, reverse("deadlines:import_days"), "file", whole="no"),
        "verification": door(officer, reverse("verify", args=[paper.token]), "file"),
    }


def _says_why(response: Any) -> bool:
    return len(re.sub(r"<[^>]+>|\s", "", response.content.decode())) > 10


def _push_all(files: list[Hostile], doors: dict[str, Push], place: Path) -> dict[str, list[str]]:
    """Each file through each door, what it left behind looked at; by door, what was taken."""
    taken: dict[str, list[str]] = {name: [] for name in doors}
    wrong: list[str] = []
    for file in files:
        for name, push in doors.items():
            try:
                if _push(file, push, place):
                    taken[name].append(file.what)
            # All of them are told: one run takes minutes.
            except Exception as error:
                wrong.append(f"{name}, {file.what}: {error!r}"[:300])
    assert wrong == []
    return taken


def _push(file: Hostile, push: Push, place: Path) -> bool:
    assert file.content or file.what == "a file of nothing"
    _forget_peak()
    before = _memory("VmRSS")
    taken = push(file)
    assert _memory("VmHWM") - before < MOST_MB
    for kept in [path for path in place.rglob("*") if path.is_file()]:
        content, path = kept.read_bytes(), str(kept.relative_to(place))
        kept.unlink()
        assert SAFE_PATH.fullmatch(path), path
        _look_at(content, kept.suffix[1:], file)
    return taken


def _look_at(kept: bytes, ending: str, file: Hostile) -> None:
    """Not what came, and without what it brought, packed or in the open."""
    assert hashlib.sha256(kept).digest() != hashlib.sha256(file.content).digest(), file.what
    assert MARK not in kept, file.what
    if ending == "pdf":
        with pikepdf.open(io.BytesIO(kept)) as pdf:
            assert set(pdf.Root.keys()) == {"/Type", "/Pages"}, file.what
            streams = [each for each in pdf.objects if isinstance(each, pikepdf.Stream)]
            for each in streams:
                assert MARK not in each.read_raw_bytes(), file.what
            words = b"".join(each.unparse() for each in pdf.objects if not isinstance(each, pikepdf.Stream))
            assert not re.search(rb"/(JavaScript|JS|Launch|URI|AA|OpenAction|EmbeddedFile|Annots)\b", words), file.what
    elif ending == "xlsx":
        with zipfile.ZipFile(io.BytesIO(kept)) as book:
            for name in book.namelist():
                assert IN_A_WORKBOOK.fullmatch(name), (file.what, name)
                part = book.read(name)
                assert not re.search(rb"<f[ >]|<!DOCTYPE|TargetMode|\xe2\x80\xae" + b"|" + MARK, part), (
                    file.what,
                    name,
                )
    else:
        with Image.open(io.BytesIO(kept)) as image:
            image.load()
            assert (image.format, len(image.getexif())) in (("JPEG", 0), ("PNG", 0)), file.what


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _memory(which: str) -> float:
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[which].split()[0]) * 1024 / MEGABYTE


@pytest.mark.slow
def test_one_file_of_each_sort_is_refused_or_made_anew(doors: dict[str, Push], settings: Settings) -> None:
    files = [file for file in corpus() if file.what in FEW]
    assert len(files) == len(FEW)
    taken = _push_all(files, doors, Path(settings.MEDIA_ROOT))
    photographs = ["JPEG with place and script in its EXIF", "JPEG called '../../etc/cron.d/x'"]
    assert taken == {
        "photograph": photographs,
        "photograph of a re-inspection": photographs,
        "scan": [photographs[0], "PDF with JavaScript when opened", photographs[1]],
        "seal": [],
        "ledger": ["workbook with \"=cmd|'/C calc'!A0\""],
        "roster": [],
        "calendar": ["csv with '@SUM(1)'"],
        "verification": [file.what for file in files],
    }


@pytest.mark.slow
def test_every_door_takes_what_is_sound(doors: dict[str, Push]) -> None:
    person = ("200001", "黄小明", "民警", "城关派出所")
    sound = {
        "seal": uploaded(ring()).read(),
        "ledger": workbook(),
        "roster": workbook(person, header=("警号", "姓名", "岗位", "机构")),
        "calendar": "2027-01-01,放假,元旦".encode(),
    }
    for name, push in doors.items():
        assert push(Hostile(name, "x", "", sound.get(name, picture("JPEG")))), name


@pytest.mark.slow
@pytest.mark.once
def test_no_file_of_the_corpus_is_kept_as_it_came(doors: dict[str, Push], settings: Settings) -> None:
    files = list(corpus())
    assert len(files) >= 300
    taken = _push_all(files, doors, Path(settings.MEDIA_ROOT))
    # Each door that keeps something takes what is sound in it: a wall would be no proof.
    assert {name for name, whats in taken.items() if len(whats) > 5} >= {
        "photograph", "photograph of a re-inspection", "scan", "ledger"
    }  # fmt: skip


# A process of its own, and a small one: a child is charged with what the one that started it held.
PEAK = """
import resource, subprocess, sys
with open(sys.argv[1], "rb") as source:
    subprocess.run([sys.executable, "-I", *sys.argv[2:]], stdin=source, capture_output=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.once
def test_the_confined_process_holds_little_whatever_it_is_given(tmp_path: Path) -> None:
    scripts = {b"%PDF": clean_pdf.__file__, b"PK\x03\x04": clean_workbook.__file__}
    # What is dear to make means to be dear to read.
    dear = [file for file in corpus() if callable(file.made) and file.content[:4] in scripts]
    assert len(dear) >= 6
    for file in dear:
        source = tmp_path / "hostile"
        source.write_bytes(file.content)
        command = [sys.executable, "-c", PEAK, str(source), str(confined.__file__), scripts[file.content[:4]]]
        kilobytes = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert kilobytes < MOST_MB * 1024, file.what


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_without_path_and_without_what_cannot_be_seen(name: str) -> None:
    shown = shown_name(name, "文件")
    assert shown.isprintable()
    assert 0 < len(shown) <= 120
    assert not set(shown) & set("/\\:\u202e\u2066\u200b\0\r\n")


@pytest.mark.slow
def test_a_ledger_is_called_what_its_sender_sees(browse: Callable[[User], Client], chief: User) -> None:
    upload = SimpleUploadedFile("x", workbook())
    upload._name = "../\u202egpj.exe"
    browse(chief).post(reverse("units:import"), {"file": upload})
    batch = ImportBatch.objects.get()
    assert (batch.name, Path(str(batch.file)).name) == ("gpj.exe", "ledger.xlsx")
