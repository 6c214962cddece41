"""On PostgreSQL, behind the wall: the public page judges a file by what the trail tells, of which it reads no more."""

from hashlib import sha256

import pytest
from django.db import transaction
from django.test import Client

from records.models import Copy, Document, DocumentFile, Kind
from records.prints import issued_as, printed_as
from stations.models import User
from tests.frozen import bend
from tests.wall import as_app, behind_the_wall
from trail.models import AuditEntry
from trail.record import record
from units.models import Unit

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PRINTED, FORGED = (sha256(content).hexdigest() for content in (b"%PDF printed", b"%PDF forged"))


@pytest.fixture
def paper(unit: Unit, officer: User) -> Document:
    made = Document.objects.create(
        **unit.scope_columns(), kind=Kind.ORDER_LIMIT, year=2026, sequence=1, number="消限字第0001号",
        unit_name=unit.name, subject_type="test", subject_id=1, context={}, issued_on="2026-09-22", issued_by=officer,
    )  # fmt: skip
    DocumentFile.objects.create(document=made, copy=Copy.UNIT, file="x.pdf", size=1, sha256=PRINTED)
    return made


def test_a_stranger_with_the_paper_is_answered_from_a_trail_he_cannot_read(
    paper: Document, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_app():
        assert printed_as(paper.pk) == {}
    with transaction.atomic():
        record(None, "records.print", paper, "打印", after={"sha256": {"UNIT": PRINTED}})
    with as_app():
        assert (AuditEntry.objects.count(), printed_as(paper.pk)) == (0, {"UNIT": PRINTED})
    bend(DocumentFile.objects.all(), sha256=FORGED)
    behind_the_wall(monkeypatch)
    said = [client.post(f"/v/{paper.token}/", {"sha256": each}).content.decode() for each in (PRINTED, FORGED)]
    assert ["与签发的原件一致" in words for words in said] == [True, False]
    assert ["不是签发的原件或已被改动" in words for words in said] == [False, True]


def test_what_the_paper_was_issued_with_is_told_past_the_wall_as_hashes_alone(
    paper: Document, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        record(None, "records.print", paper, "打印", after={"sha256": {"UNIT": PRINTED}})
        record(None, "records.issue", paper, "签发", after={"strokes_sha256": FORGED, "unit_name": "不外传"})
    with as_app():
        assert (AuditEntry.objects.count(), issued_as(paper.pk)) == (0, {"strokes_sha256": FORGED})
    behind_the_wall(monkeypatch)
    said = client.post(f"/v/{paper.token}/", {"sha256": PRINTED}).content.decode()
    assert "与签发的原件一致（交被检查单位联），但登记的内容已被改动。" in said
