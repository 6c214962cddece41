"""A case with its papers, photographs and scans, and the volumes that are bound of it."""

# ruff: noqa: F811 - fixtures of another room, asked for by their names

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pikepdf
import pypdf
import pytest
import time_machine
from django.core.files.base import ContentFile
from PIL import Image

from desk import volume_binding
from desk.volume import ask_unit
from desk.volume_contents import Entry
from hazards import actions as hazards
from hazards.models import AfterPhoto, Extension, Order, Referral, Reinspection, Target
from inspections.models import Inspection, Photo
from records import actions as records
from records.models import Bundle, Copy, Document, DocumentFile, Kind, Scan
from stations.models import User
from tests.hazards.conftest import (  # noqa: F401 - fixtures
    EVE,
    VISITED,
    conclude,
    find,
    moment,
    open_visit,
    order,
    reinspect,
    serve,
    served,
    visit,
)
from units.models import Unit

TODAY = date(2026, 10, 9)
NOW = moment(TODAY)


@pytest.fixture(autouse=True)
def _on_a_friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def marked(words: str, pages: int = 1, size: tuple[int, int] = (595, 842)) -> bytes:
    """A PDF whose every page says ``words`` (Latin)."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=size)
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.contents_add(f"BT /F1 20 Tf 100 400 Td ({words}) Tj ET".encode())
    buffer = BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()


def jpeg(size: tuple[int, int] = (600, 400)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "#889").save(buffer, "JPEG")
    return buffer.getvalue()


def printed(paper: Document, pages: int = 1) -> DocumentFile:
    """Its archive copy, which says which one it is."""
    content = marked(f"PAPER{paper.pk}.", pages)
    sha256 = hashlib.sha256(content).hexdigest()
    file = ContentFile(content, f"{paper.pk}.pdf")
    return DocumentFile.objects.create(document=paper, copy=Copy.ARCHIVE, file=file, sha256=sha256, size=len(content))


def scanned(paper: Document, content: bytes, officer: User, ending: str) -> Scan:
    return records.add_scan(paper, ContentFile(content, f"scan.{ending}"), "", officer)


@pytest.fixture
def issue(officer: User, unit: Unit) -> Callable[..., Document]:
    """A paper of any kind about `unit`: what it says does not matter here."""

    def do(kind: Kind, subject: Any, on: date, **fields: Any) -> Document:
        numbers = Document.objects.filter(kind=kind).count() + 1
        return Document.objects.create(
            **unit.scope_columns(), kind=kind, year=2026, sequence=numbers, number=f"江公{kind}第{numbers:04d}号",
            unit_id=unit.pk, unit_name=unit.name, subject_type=subject._meta.label_lower, subject_id=subject.pk,
            context={}, issued_on=on, issued_by=officer, **fields,
        )  # fmt: skip

    return do


@pytest.fixture
def case(
    served: Order,
    visit: Inspection,
    issue: Callable[..., Document],
    officer: User,
    reinspect: Callable[..., Any],
) -> dict[Kind, Document]:
    """A visit with a notice, its receipt, an extension, a failed re-inspection, a referral and photographs."""
    extension = Extension.objects.create(
        **served.scope_columns(), order=served, deadline=EVE, until=TODAY, requested_on=date(2026, 9, 24),
        reason="订货", requested_by=officer,
    )  # fmt: skip
    hazards.open_due(EVE)
    again = reinspect(Reinspection.objects.get(order=served), EVE, failed=tuple(served.hazards.all()))
    referral = Referral.objects.create(
        **served.scope_columns(), unit=served.unit, target=Target.FIRE_BRIGADE, basis="规定第20条", facts="逾期未改正",
        sent_on=TODAY, recorded_by=officer,
    )  # fmt: skip
    referral.hazards.set(served.hazards.all())
    photo = Photo(inspection=visit, sha256="1", taken_at=moment(VISITED), uploaded_by=officer)
    photo.file.save("1.jpg", ContentFile(jpeg()))
    hazard = served.hazards.first()
    assert hazard is not None
    after = AfterPhoto(reinspection=again, hazard=hazard, sha256="2", uploaded_by=officer)
    after.file.save("2.jpg", ContentFile(jpeg((400, 600))))
    about = {
        Kind.REFERRAL: (referral, TODAY), Kind.EXTENSION: (extension, date(2026, 9, 24)),
        Kind.RECHECK_RECORD: (again, EVE), Kind.SERVICE_RECEIPT: (served.service, date(2026, 9, 23)),
    }  # fmt: skip
    # Whatever the acts have issued by themselves stands; the others are issued here.
    for kind, (subject, on) in about.items():
        if not Document.objects.filter(kind=kind).exists():
            issue(kind, subject, on)
    return {Kind(paper.kind): paper for paper in Document.objects.all()}


@pytest.fixture
def bind(officer: User, unit: Unit) -> Callable[..., Bundle]:
    """Ask for the volume of `unit` and make it."""

    def do(asked: Bundle | None = None) -> Bundle:
        bundle = asked or ask_unit(unit, officer, NOW)
        volume_binding.bind(bundle.pk, NOW)
        return Bundle.objects.get(pk=bundle.pk)

    return do


def read(bundle: Bundle) -> bytes:
    with bundle.file.open("rb") as stored:
        content: bytes = stored.read()
    return content


def pages_of(bundle: Bundle) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(read(bundle))).pages]


def listed(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.section.label, entry.title) for entry in entries]
