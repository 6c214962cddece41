"""A file that was changed in the store: shown, saved, printed and bound by nobody, and told to those who must know."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from records import actions, kept
from records.kept import NotAsKept, opened_as_kept, tell_changed
from records.models import Copy, Document, DocumentFile, Scan
from stations.alarms import watch
from stations.models import User
from tests.records.test_scans import PDF, upload
from trail.models import Alarm, AuditEntry

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]


@pytest.fixture
def paper(issue: Callable[..., Document]) -> Document:
    paper = issue()
    for copy in (Copy.UNIT, Copy.ARCHIVE):
        content = PDF + copy.encode()
        fields = {"file": ContentFile(content, "paper.pdf"), "sha256": sha256(content).hexdigest()}
        DocumentFile.objects.create(document=paper, copy=copy, size=len(content), **fields)
    Document.objects.filter(pk=paper.pk).update(rendered_at=timezone.now())
    return paper


@pytest.fixture
def scan(paper: Document, officer: User) -> Scan:
    return actions.add_scan(paper, upload(PDF), "", officer)  # type: ignore[arg-type]


def change(row: DocumentFile | Scan) -> None:
    """What somebody at the store does."""
    with open(row.file.path, "ab") as stored:  # noqa: PTH123
        stored.write(b"%")


def address(row: DocumentFile | Scan) -> str:
    if isinstance(row, Scan):
        return reverse("records:scan_file", args=[row.document_id, row.pk])
    return reverse("records:file", args=[row.document_id, row.copy.lower()])


def found() -> list[tuple[str, object, object]]:
    entries = AuditEntry.objects.filter(action="records.withhold").order_by("pk")
    return [(entry.summary, entry.actor_id, entry.subject_id) for entry in entries]


@pytest.mark.parametrize("in_memory", [1, 2_000_000])
def test_what_was_kept_is_opened_whole_and_is_not_the_store_s_any_more(
    scan: Scan, in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "IN_MEMORY", in_memory)
    with opened_as_kept(scan.file, scan.sha256) as opened:
        change(scan)
        assert opened.read() == PDF
    with pytest.raises(NotAsKept):
        opened_as_kept(scan.file, scan.sha256)
    scan.file.storage.delete(scan.file.name)
    with pytest.raises(FileNotFoundError):
        opened_as_kept(Scan.objects.get(pk=scan.pk).file, scan.sha256)


def test_a_changed_copy_is_neither_shown_nor_saved_and_the_page_says_whom_to_tell(
    paper: Document, browse: Browse, officer: User
) -> None:
    unit, archive = paper.files.order_by("-copy")
    change(unit)
    client = browse(officer)
    for query in ("", "?download=1"):
        refused = client.get(address(unit) + query)
        page = refused.content.decode()
        said = [words in page for words in ("存储中的文件已被改动", "请联系系统管理员从备份恢复")]
        assert (refused.status_code, said) == (409, [True, True])
        assert PDF not in refused.content
    assert b"".join(client.get(address(archive))) == PDF + b"ARCHIVE"
    words = f"{paper.number}的交被检查单位联没有提供：与留存时的校验值不符，文件已被改动"
    # Told once, though it was asked for twice; and no look or export of what nobody was given.
    assert found() == [(words, officer.pk, paper.pk)]
    told = AuditEntry.objects.filter(action__in=["records.read", "records.download"])
    assert [entry.after["path"] for entry in told] == [address(archive)]
    watch(timezone.now())
    watch(timezone.now())
    alarms = Alarm.objects.values_list("kind", "words", "bureau_id")
    assert list(alarms) == [("PAPER", f"{words}。", paper.bureau_id)]


def test_a_changed_scan_is_withheld_in_the_same_way(scan: Scan, browse: Browse, officer: User, stranger: User) -> None:
    client = browse(officer)
    assert b"".join(client.get(address(scan))) == PDF
    change(scan)
    assert [browse(person).get(address(scan)).status_code for person in (officer, stranger)] == [409, 404]
    words = f"{scan.document.number}的签名件没有提供：与留存时的校验值不符，文件已被改动"
    assert found() == [(words, officer.pk, scan.document_id)]


def test_one_found_while_many_are_printed_is_told_too(paper: Document, browse: Browse, officer: User) -> None:
    change(paper.files.get(copy=Copy.UNIT))
    refused = browse(officer).get(reverse("records:stack"), {"which": "chosen", "ids": [paper.pk]})
    words = f"{paper.number}的打印件与签发时的原件不一致"
    assert (refused.status_code, words in refused.content.decode()) == (409, True)
    assert [row[1:] for row in found()] == [(officer.pk, paper.pk)]


def test_two_changed_files_of_one_paper_are_two_entries_and_one_alarm(paper: Document, officer: User) -> None:
    for file in paper.files.all():
        tell_changed(file, officer)
    assert len(found()) == 2
    watch(timezone.now())
    assert Alarm.objects.count() == 1
