"""Printing happens once, survives a lost job and a dead worker, and gives up in the open."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone

from records import actions, papers, tasks
from records.models import Copy, Document, Kind
from records.prints import printed_as
from stations.models import User
from tests.records.conftest import content
from trail.models import AuditEntry

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
Sent = list[tuple[str, tuple[int, ...]]]


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, Copy]]:
    """Stands in for WeasyPrint and notes what it was asked to print."""
    asked: list[tuple[int, Copy]] = []

    def pdf(document: Document, copy: Copy) -> bytes:
        asked.append((document.pk, copy))
        return f"%PDF {document.number} {copy} {len(asked)}".encode()

    monkeypatch.setattr(papers, "pdf", pdf)
    return asked


@pytest.fixture
def broken_printer(monkeypatch: pytest.MonkeyPatch) -> None:
    def pdf(document: Document, copy: Copy) -> bytes:
        raise OSError("no faces")

    monkeypatch.setattr(papers, "pdf", pdf)


def test_an_order_is_printed_for_the_unit_and_for_the_archive(issue: Issue, printer: list[tuple[int, Copy]]) -> None:
    paper = issue()
    tasks.render(paper.pk)
    files = {file.copy: file for file in paper.files.all()}
    assert sorted(files) == [Copy.ARCHIVE, Copy.UNIT]
    for file in files.values():
        stored = content(file.file)
        assert (file.sha256, file.size) == (sha256(stored).hexdigest(), len(stored))


def test_the_very_bytes_are_told_in_the_trail_once_by_the_system(issue: Issue, printer: list[tuple[int, Copy]]) -> None:
    paper = issue()
    assert printed_as(paper.pk) == {}
    for _ in range(2):
        tasks.render(paper.pk)
    entry = AuditEntry.objects.get(action="records.print")
    files = {file.copy: file for file in paper.files.all()}
    assert (entry.actor_name, entry.subject_id, entry.station_id) == ("系统", paper.pk, paper.station_id)
    assert entry.after == {
        "sha256": {copy: file.sha256 for copy, file in files.items()},
        "size": {copy: file.size for copy, file in files.items()},
        "signer": "",
    }
    assert printed_as(paper.pk) == entry.after["sha256"]


def test_the_record_is_printed_for_the_archive_only(issue: Issue, printer: list[tuple[int, Copy]]) -> None:
    paper = issue(kind=Kind.INSPECTION_RECORD)
    tasks.render(paper.pk)
    assert printer == [(paper.pk, Copy.ARCHIVE)]


def test_a_second_run_of_the_same_job_prints_nothing(issue: Issue, printer: list[tuple[int, Copy]]) -> None:
    paper = issue()
    tasks.render(paper.pk)
    first = list(paper.files.values_list("copy", "sha256", "file"))
    tasks.render(paper.pk)
    assert list(paper.files.values_list("copy", "sha256", "file")) == first
    assert len(printer) == 2


def test_of_two_workers_on_one_paper_the_first_bytes_stay(
    issue: Issue, printer: list[tuple[int, Copy]], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = issue(kind=Kind.INSPECTION_RECORD)
    once = papers.pdf

    def overtaken(document: Document, copy: Copy) -> bytes:
        monkeypatch.setattr(papers, "pdf", once)
        actions.render(document.pk)
        return b"%PDF too late"

    monkeypatch.setattr(papers, "pdf", overtaken)
    actions.render(paper.pk)
    assert content(paper.files.get().file) == f"%PDF {paper.number} ARCHIVE 1".encode()


@pytest.mark.usefixtures("broken_printer")
def test_a_paper_is_parked_after_three_failures(issue: Issue) -> None:
    paper = issue()
    for _ in range(3):
        with pytest.raises(OSError, match="no faces"):
            tasks.render(paper.pk)
    tasks.render(paper.pk)
    paper.refresh_from_db()
    assert (paper.render_attempts, paper.is_parked, paper.rendered_at) == (3, True, None)
    assert not Document.objects.to_print().exists()


def test_the_sweep_sends_what_was_never_sent_or_was_lost(
    issue: Issue, sent: Sent, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    now = timezone.now()
    fresh, lost, never, parked, done = (issue() for _ in range(5))
    marks: list[tuple[Document, dict[str, object]]] = [
        (lost, {"render_sent_at": now - timedelta(minutes=3)}),
        (never, {"render_sent_at": None}),
        (parked, {"render_sent_at": None, "render_attempts": 3}),
        (done, {"render_sent_at": None, "rendered_at": now}),
    ]
    for paper, values in marks:
        Document.objects.filter(pk=paper.pk).update(**values)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        first, second = actions.render_pending(now), actions.render_pending(now)
    assert (first, second) == (2, 0)
    # The five were issued inside this test's transaction and never committed: only the sweep sends here.
    assert sent == [("records.render", (never.pk,)), ("records.render", (lost.pk,))]
    assert fresh.pk not in [args[0] for _, args in sent]


def test_to_print_in_sql_agrees_with_is_parked_in_python(issue: Issue) -> None:
    papers_ = [issue() for _ in range(3)]
    Document.objects.filter(pk=papers_[1].pk).update(render_attempts=3)
    Document.objects.filter(pk=papers_[2].pk).update(render_attempts=3, rendered_at=timezone.now())
    waiting = set(Document.objects.to_print().values_list("pk", flat=True))
    rows = Document.objects.all()
    assert waiting == {row.pk for row in rows if row.rendered_at is None and not row.is_parked}
    assert waiting == {papers_[0].pk}


def test_the_officer_has_a_parked_paper_printed_again(
    issue: Issue, officer: User, printer: list[tuple[int, Copy]]
) -> None:
    paper = issue()
    Document.objects.filter(pk=paper.pk).update(render_attempts=3)
    actions.reprint(paper, officer)
    actions.reprint(paper, officer)
    tasks.render(paper.pk)
    paper.refresh_from_db()
    assert paper.files.count() == 2
    assert AuditEntry.objects.filter(action="records.reprint").count() == 1
