"""Papers signed with the deployer's certificate: what a stock verifier says of them, and of a changed byte."""

import hashlib
import os
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader, PdfWriter
from pytest_django import Settings

from fire_supervision.checks import papers_are_signed, papers_lead_to_a_public_page
from fire_supervision.lib import signing
from records import actions, papers
from records.canonical import canonical
from records.management.commands.make_demo_certificate import self_signed
from records.models import Copy, Document, Kind
from records.samples import visit as samples
from stations.models import User
from tests.records.conftest import TUESDAY, content

NAME = "江城市公安局"
Issue = Callable[..., Document]


def put(folder: Path, settings: Settings, begins: datetime, period: timedelta = timedelta(days=365)) -> None:
    """A certificate of our own in ``folder``, and the settings that lead to it."""
    folder.mkdir(exist_ok=True)
    certificate, key = self_signed(NAME, begins, period)
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    settings.SIGNING_CERTIFICATE, settings.SIGNING_KEY = str(folder / "certificate.pem"), str(folder / "key.pem")


@pytest.fixture
def certificate(tmp_path: Path, settings: Settings) -> Path:
    put(tmp_path / "signing", settings, timezone.now() - timedelta(days=1))
    return tmp_path / "signing"


@pytest.fixture
def blank() -> bytes:
    """A PDF that takes no WeasyPrint to make."""
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.add_attachment("context.json", b"{}")
    writer.write(made)
    return made.getvalue()


def pdfsig(pdf: bytes, folder: Path) -> str:
    """What poppler says; at home in an empty folder it knows no certificate of ours."""
    path = folder / "signed.pdf"
    path.write_bytes(pdf)
    env = os.environ | {"HOME": str(folder)}
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False, env=env).stdout


def changed(pdf: bytes, place: int) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


# ---------- the signature ----------


def test_a_signed_file_is_valid_and_names_the_signer(certificate: Path, blank: bytes) -> None:
    signed = signing.sign(blank)
    found = signing.check(signed)
    assert signed.startswith(blank)
    assert (found.signed, found.valid, found.trusted, found.holds, found.signer) == (True, True, True, True, NAME)
    assert found.at is not None
    assert timedelta(0) <= timezone.now() - found.at < timedelta(minutes=1)
    assert signing.signer_name() == NAME


def test_without_a_certificate_the_bytes_stay_as_they_are(blank: bytes) -> None:
    assert signing.sign(blank) is blank
    assert signing.signer_name() == ""
    assert signing.check(blank) == signing.Check()


def test_poppler_accepts_the_signature_and_sees_all_of_the_file_signed(
    certificate: Path, blank: bytes, tmp_path: Path
) -> None:
    said = pdfsig(signing.sign(blank), tmp_path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said


@pytest.mark.slow
def test_a_changed_byte_is_refused_wherever_it_stands(certificate: Path, blank: bytes, tmp_path: Path) -> None:
    signed = signing.sign(blank)
    hole = signed.index(b"/Contents <"), signed.index(b">", signed.index(b"/Contents <"))
    outside = [place for place in range(len(signed)) if not hole[0] <= place <= hole[1]]
    for place in random.Random(20260922).sample(outside, 60):
        assert not signing.check(changed(signed, place)).holds, place
    text = signed.index(b"/MediaBox")
    assert "Signature is Valid." not in pdfsig(changed(signed, text + 12), tmp_path)


def test_something_added_after_the_signature_is_refused(certificate: Path, blank: bytes, tmp_path: Path) -> None:
    writer, made = PdfWriter(BytesIO(signing.sign(blank)), incremental=True), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(made)
    found = signing.check(made.getvalue())
    assert (found.signed, found.valid, found.holds) == (True, False, False)
    assert "Total document signed" not in pdfsig(made.getvalue(), tmp_path).replace("Not total document signed", "")


def test_a_signature_of_somebody_else_is_valid_but_not_trusted(
    certificate: Path, blank: bytes, tmp_path: Path, settings: Settings
) -> None:
    signed = signing.sign(blank)
    put(tmp_path / "other", settings, timezone.now() - timedelta(days=1))
    found = signing.check(signed)
    assert (found.signed, found.valid, found.trusted, found.holds) == (True, True, False, False)
    settings.SIGNING_TRUST = str(certificate / "certificate.pem")
    assert signing.check(signed).holds


def test_a_paper_signed_before_the_certificate_ended_still_holds(
    tmp_path: Path, settings: Settings, blank: bytes
) -> None:
    put(tmp_path / "signing", settings, datetime(2026, 1, 1, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 9, 22, tzinfo=UTC)):
        signed = signing.sign(blank)
    with time_machine.travel(datetime(2028, 9, 22, tzinfo=UTC)):
        assert signing.check(signed).holds
        assert signing.sign(blank) is blank
        assert signing.signer_name() == ""


@pytest.mark.parametrize(
    "junk", [b"", b"%PDF-1.7", b"not a pdf", b"%PDF-1.7\nxref\n0 1\ntrailer<</Root 1 0 R>>\n%%EOF"]
)
def test_what_is_no_pdf_carries_no_signature(certificate: Path, junk: bytes) -> None:
    assert signing.check(junk) == signing.Check()


def test_a_pkcs12_file_with_its_password_does_as_well(certificate: Path, settings: Settings, blank: bytes) -> None:
    key = load_pem_private_key((certificate / "key.pem").read_bytes(), None)
    owner = load_pem_x509_certificate((certificate / "certificate.pem").read_bytes())
    packed = pkcs12.serialize_key_and_certificates(b"papers", key, owner, None, BestAvailableEncryption(b"geheim"))  # type: ignore[arg-type]
    (certificate / "both.p12").write_bytes(packed)
    settings.SIGNING_CERTIFICATE, settings.SIGNING_KEY = str(certificate / "both.p12"), ""
    settings.SIGNING_PASSWORD = "geheim"
    assert signing.check(signing.sign(blank)).holds
    settings.SIGNING_PASSWORD = "falsch"
    with pytest.raises(ImproperlyConfigured, match="SIGNING_PASSWORD"):
        signing.sign(blank)


def test_the_key_of_another_certificate_is_refused(certificate: Path, tmp_path: Path, settings: Settings) -> None:
    put(tmp_path / "other", settings, timezone.now())
    settings.SIGNING_KEY = str(certificate / "key.pem")
    with pytest.raises(ImproperlyConfigured, match="another certificate"):
        signing.signer_name()


# ---------- start-up and demo ----------


def test_the_deploy_check_says_what_is_missing_and_what_ends(tmp_path: Path, settings: Settings) -> None:
    found = [papers_are_signed(None)]
    put(tmp_path / "good", settings, timezone.now())
    found.append(papers_are_signed(None))
    put(tmp_path / "ends", settings, timezone.now(), timedelta(days=20))
    found.append(papers_are_signed(None))
    settings.SIGNING_KEY = str(tmp_path / "nothing.pem")
    found.append(papers_are_signed(None))
    ids = [[message.id for message in messages] for messages in found]
    assert ids == [["fire_supervision.W006"], [], ["fire_supervision.W007"], ["fire_supervision.E006"]]


def test_the_deploy_check_looks_at_where_the_qr_leads(settings: Settings) -> None:
    addresses = ("https://fire.example.cn", "http://fire.example.cn", "https://localhost", "http://localhost:8000")
    found = []
    for settings.PUBLIC_URL in addresses:
        found.append([message.id for message in papers_lead_to_a_public_page(None)])
    assert found == [[], *[["fire_supervision.W005"]] * 3]


def test_the_demo_makes_its_certificate_once_and_keeps_the_key_to_itself(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    call_command("make_demo_certificate", stdout=StringIO())
    key, certificate = tmp_path / "signing" / "key.pem", tmp_path / "signing" / "certificate.pem"
    before = key.read_bytes(), certificate.read_bytes()
    call_command("make_demo_certificate", stdout=StringIO())
    assert (key.read_bytes(), certificate.read_bytes()) == before
    assert key.stat().st_mode & 0o777 == 0o600
    settings.SIGNING_CERTIFICATE, settings.SIGNING_KEY = str(certificate), str(key)
    assert signing.signer_name() == "江城市公安局（演示证书）"


# ---------- papers ----------


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch, blank: bytes) -> None:
    monkeypatch.setattr(papers, "pdf", lambda document, copy: blank)


def verified(path: Path) -> str:
    """What `manage.py verify_paper` says of a paper that holds."""
    said = StringIO()
    call_command("verify_paper", str(path), stdout=said)
    return said.getvalue()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_paper_is_signed_before_it_is_hashed_and_kept(certificate: Path, printer: None, issue: Issue) -> None:
    paper = issue()
    actions.render(paper.pk)
    for file in paper.files.all():
        kept = content(file.file)
        assert signing.check(kept).holds
        assert hashlib.sha256(kept).hexdigest() == file.sha256


@pytest.mark.slow
@pytest.mark.django_db
def test_the_page_of_a_paper_names_the_signer_and_says_when_nobody_signed(
    certificate: Path, printer: None, issue: Issue, settings: Settings, browse: Callable[[User], Client], officer: User
) -> None:
    signed, unsigned = issue(), issue()
    actions.render(signed.pk)
    settings.SIGNING_CERTIFICATE = ""
    actions.render(unsigned.pk)
    pages = [browse(officer).get(f"/papers/{paper.pk}/").content.decode() for paper in (signed, unsigned)]
    assert [page.count(f"已数字签名：{NAME}") for page in pages] == [2, 0]
    assert [page.count("未签名") for page in pages] == [0, 2]


@pytest.mark.django_db
def test_the_command_tells_a_paper_of_ours_from_a_changed_one(
    certificate: Path, printer: None, issue: Issue, tmp_path: Path, chief: User
) -> None:
    paper = issue()
    actions.render(paper.pk)
    file = tmp_path / "paper.pdf"
    file.write_bytes(content(paper.files.get(copy=Copy.UNIT).file))
    said = verified(file)
    assert f"{paper.number}，交被检查单位，有效" in said
    assert f"{NAME}，" in said
    assert "内容未改动，证书可信" in said
    actions.void(paper, chief, "改正期限写错", TUESDAY)
    assert f"{paper.number}，交被检查单位，已作废" in verified(file)
    whole = file.read_bytes()
    file.write_bytes(changed(whole, whole.index(b"/MediaBox") + 12))
    for refused in (file, tmp_path / "absent.pdf"):
        with pytest.raises(CommandError):
            verified(refused)


@pytest.mark.slow
def test_an_archive_paper_stays_one_with_its_attachment_when_it_is_signed(certificate: Path, tmp_path: Path) -> None:
    printed = papers.written(Kind.ORDER_LIMIT, samples.ORDER_LIMIT, Copy.UNIT)
    signed = signing.sign(printed)
    said = pdfsig(signed, tmp_path)
    assert ("Signature is Valid." in said, "Total document signed" in said) == (True, True)
    assert signing.check(signed).holds
    before, after = PdfReader(BytesIO(printed)), PdfReader(BytesIO(signed))
    assert after.attachments == before.attachments == {"context.json": [canonical(samples.ORDER_LIMIT)]}
    metadata = [reader.trailer["/Root"]["/Metadata"].get_data() for reader in (before, after)]
    assert metadata[0] == metadata[1]
    assert b'pdfaid:part="3"' in metadata[1]
    (widget,) = after.pages[0]["/Annots"]
    # ISO 19005-3, 6.3.2 and 6.3.3: printed and locked, not hidden; without a size it needs no appearance.
    assert (widget.get_object()["/F"], list(widget.get_object()["/Rect"])) == (132, [0, 0, 0, 0])


@pytest.mark.django_db
def test_a_row_changed_behind_its_file_is_told_beside_one_that_was_not(
    certificate: Path, printer: None, issue: Issue, tmp_path: Path
) -> None:
    paper, path = issue(), tmp_path / "paper.pdf"
    actions.render(paper.pk)
    path.write_bytes(content(paper.files.get(copy=Copy.UNIT).file))
    assert paper.number in verified(path)
    assert "审计记录   与打印时的校验值相同" in verified(path)

    Document.objects.filter(pk=paper.pk).update(context=paper.context | {"unit_name": "另一家"})
    with pytest.raises(CommandError, match="正文已被改动"):
        verified(path)
