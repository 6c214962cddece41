"""A paper whose row was changed after it was issued, past the product: not printed, and told to whoever asks."""

from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records import actions, papers, tasks
from records.canonical import digest
from records.models import Copy, Document
from records.prints import changed, issued_as
from records.samples.visit import ORDER_LIMIT
from stations.alarms import watch
from stations.models import User
from tests.frozen import bend
from trail.models import Alarm, AuditEntry
from trail.record import record

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
Change = Callable[[dict[str, Any]], None]
SIGNED = ORDER_LIMIT | {
    "signed": {"sha256": "a" * 64, "by": {"lead": {"name": "李建平", "at": "2026-09-22T10:00+08:00"}}}
}


def words(context: dict[str, Any]) -> None:
    context["unit_name"] += "（分店）"


def strokes(context: dict[str, Any]) -> None:
    context["signatures"]["lead"]["strokes"][0][0][0] += 1


def nobody(context: dict[str, Any]) -> None:
    context["signatures"]["second"] = None


def hour(context: dict[str, Any]) -> None:
    context["signed"]["by"]["lead"]["at"] = "2026-09-23T10:00+08:00"


CHANGES = [(words, "正文"), (strokes, "签名笔迹"), (nobody, "签名笔迹"), (hour, "签名登记")]


@pytest.fixture
def paper(issue: Issue) -> Document:
    return issue(context=deepcopy(SIGNED))


@pytest.fixture(autouse=True)
def printer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for WeasyPrint."""
    monkeypatch.setattr(papers, "pdf", lambda document, copy: f"%PDF {document.number} {copy}".encode())


def rewrite(paper: Document, change: Change) -> None:
    """What a person at the database with the keys does: the words have no trigger, since `rotate_keys` writes them."""
    context = deepcopy(paper.context)
    change(context)
    Document.objects.filter(pk=paper.pk).update(context=context)
    paper.refresh_from_db()


def test_what_is_as_it_was_issued_is_printed_with_few_questions(paper: Document, browse: Any, officer: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        tasks.render(paper.pk)
    paper.refresh_from_db()
    assert (changed(paper), paper.rendered_at is not None, paper.files.count()) == ([], True, 2)
    # Claimed, read, asked of the trail; kept under a lock: two files, the row, the entry, the savepoint and its end.
    assert len(queries) == 10
    assert "登记已被改动" not in browse(officer).get(reverse("records:document", args=[paper.pk])).content.decode()


@pytest.mark.parametrize(("change", "part"), CHANGES)
def test_what_was_changed_between_issue_and_print_never_becomes_a_paper(
    paper: Document, change: Change, part: str, browse: Callable[[User], Client], officer: User
) -> None:
    rewrite(paper, change)
    tasks.render(paper.pk)
    paper.refresh_from_db()
    assert (changed(paper), paper.is_parked, paper.rendered_at, paper.files.count()) == ([part], True, None, 0)
    entry = AuditEntry.objects.get(action="records.park")
    assert entry.summary == f"{paper.number}没有打印：{part}与签发时不同，登记已被改动"
    assert (entry.actor_name, entry.subject_id, entry.after) == ("系统", paper.pk, {"differs": [part]})
    watch(timezone.now())
    watch(timezone.now())
    assert list(Alarm.objects.values_list("kind", "words")) == [("PAPER", f"{entry.summary}。")]
    page = browse(officer).get(reverse("records:document", args=[paper.pk])).content.decode()
    assert f"没有打印：{part}与签发时不同。" in page
    assert f"登记的{part}与签发时不同，登记已被改动" in page
    assert "都没有成功" not in page


def test_who_writes_over_the_frozen_hash_too_is_told_by_the_trail(paper: Document) -> None:
    rewrite(paper, words)
    bend(Document.objects.filter(pk=paper.pk), context_sha256=digest(paper.context))
    with transaction.atomic():
        record(None, "records.issue", paper, "签发", after={"context_sha256": digest(paper.context)})
    tasks.render(paper.pk)
    assert (changed(Document.objects.get(pk=paper.pk)), paper.files.count()) == (["正文"], 0)


def test_asked_again_it_is_printed_only_when_the_row_was_brought_back(paper: Document, officer: User) -> None:
    issued = deepcopy(paper.context)
    rewrite(paper, words)
    tasks.render(paper.pk)
    for context, parked in ((paper.context, 2), (issued, 2)):
        Document.objects.filter(pk=paper.pk).update(context=context)
        paper.refresh_from_db()
        actions.reprint(paper, officer)
        tasks.render(paper.pk)
        assert AuditEntry.objects.filter(action="records.park").count() == parked
    assert paper.files.count() == 2


@pytest.mark.slow
@pytest.mark.parametrize(("change", "part"), CHANGES)
def test_a_change_after_the_print_is_told_beside_the_file_which_is_still_the_printed_one(
    paper: Document, change: Change, part: str, client: Client, tmp_path: Path
) -> None:
    tasks.render(paper.pk)
    path = tmp_path / "unit.pdf"
    path.write_bytes(content := papers.pdf(paper, Copy.UNIT))
    address, sent = reverse("verify", args=[paper.token]), {"sha256": sha256(content).hexdigest()}
    honest = client.post(address, sent).content.decode()
    call_command("verify_paper", str(path), stdout=StringIO())
    rewrite(paper, change)
    bent = client.post(address, sent).content.decode()
    told = [("交被检查单位联）。" in page, "登记的内容已被改动" in page) for page in (honest, bent)]
    assert told == [(True, False), (False, True)]
    with pytest.raises(CommandError, match=f"数据库里这份文书的{part}已被改动"):
        call_command("verify_paper", str(path), stdout=StringIO())


def test_what_older_papers_did_not_tell_is_not_judged(paper: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(paper, strokes)
    rewrite(paper, hour)
    assert changed(paper) == ["签名笔迹", "签名登记"]
    monkeypatch.setattr("records.prints.issued_as", lambda _pk: {"context_sha256": paper.context_sha256})
    assert changed(paper) == []
    monkeypatch.setattr("records.prints.issued_as", lambda _pk: {})
    assert changed(paper) == []
    rewrite(paper, words)
    assert (changed(paper), issued_as(0)) == (["正文"], {})
