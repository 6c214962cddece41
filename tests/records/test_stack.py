"""合并打印: the frozen pages of many papers as one file, those one sees and no others."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from fire_supervision.lib.pdf_stack import DamagedPart, stacked
from records import actions, stack
from records.models import Copy, Document, DocumentFile, Kind
from stations.models import User
from tests.frozen import bend
from tests.records.conftest import TUESDAY
from trail.models import AuditEntry

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
Browse = Callable[[User], Client]
Print = Callable[..., Document]


def sheets(*widths: int) -> bytes:
    """A PDF with a page of each width, by which a test knows it again."""
    writer = PdfWriter()
    for width in widths:
        writer.add_blank_page(width, 842)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def widths(content: bytes) -> list[int]:
    return [round(page.mediabox.width) for page in PdfReader(BytesIO(content)).pages]


@pytest.fixture
def printed(issue: Issue) -> Print:
    """Issue a paper whose copies have a page of ``width`` (for the unit) and one of ``width`` + 1 (for the archive)."""

    def do(width: int, **fields: Any) -> Document:
        paper = issue(**fields)
        for more, copy in enumerate((Copy.UNIT, Copy.ARCHIVE)):
            content = sheets(width + more)
            kept = {"file": ContentFile(content, "paper.pdf"), "sha256": sha256(content).hexdigest()}
            DocumentFile.objects.create(document=paper, copy=copy, size=len(content), **kept)
        Document.objects.filter(pk=paper.pk).update(rendered_at=timezone.now())
        return paper

    return do


def get(client: Client, **query: Any) -> Any:
    return client.get(reverse("records:stack"), query)


def shown(client: Client, **query: Any) -> list[int]:
    return widths(b"".join(get(client, **query).streaming_content))


def test_the_papers_ticked_are_one_file_in_the_order_of_their_numbers(
    printed: Print, browse: Browse, officer: User
) -> None:
    first, second, third = printed(100), printed(200), printed(300)
    ids = [third.pk, first.pk]
    assert shown(browse(officer), which="chosen", ids=ids) == [100, 101, 300, 301]
    assert shown(browse(officer), which="chosen", ids=ids, copy="UNIT") == [100, 300]
    assert shown(browse(officer), which="chosen", ids=[second.pk], copy="ARCHIVE") == [201]


def test_all_the_filter_shows_are_printed_at_once(printed: Print, browse: Browse, officer: User) -> None:
    printed(100), printed(200, kind=Kind.ORDER_NOW)
    assert shown(browse(officer), which="all", copy="UNIT", kind="ORDER_NOW") == [200]
    assert sorted(shown(browse(officer), which="all", copy="UNIT")) == [100, 200]


def test_the_file_opens_in_the_viewer_and_is_kept_by_no_cache(printed: Print, browse: Browse, officer: User) -> None:
    response = get(browse(officer), which="chosen", ids=[printed(100).pk])
    assert widths(b"".join(response.streaming_content)) == [100, 101]
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/pdf", "no-store")
    assert response["Content-Disposition"].startswith("inline; ")


def test_void_papers_and_those_still_being_printed_stay_out(
    printed: Print, issue: Issue, browse: Browse, officer: User, chief: User
) -> None:
    good, void, waiting = printed(100), printed(200), issue()
    actions.void(void, chief, "写错", TUESDAY)
    client = browse(officer)
    assert shown(client, which="all", copy="UNIT") == [100]
    refused = get(client, which="chosen", ids=[void.pk, waiting.pk])
    assert (refused.status_code, "没有可以合并打印的文书" in refused.content.decode()) == (409, True)
    page = client.get("/papers/").content.decode()
    boxes = {pk: f'name="ids" value="{pk}" disabled' in page for pk in (good.pk, void.pk, waiting.pk)}
    assert boxes == {good.pk: False, void.pk: True, waiting.pk: True}


def test_nothing_ticked_prints_nothing(printed: Print, browse: Browse, officer: User) -> None:
    printed(100)
    queries: list[dict[str, Any]] = [{}, {"which": "chosen"}, {"which": "chosen", "ids": ["x", "9" * 30]}]
    assert [get(browse(officer), **query).status_code for query in queries] == [409] * 3


def test_a_stranger_s_papers_are_as_good_as_none(printed: Print, browse: Browse, officer: User, stranger: User) -> None:
    ids = [printed(100).pk]
    assert shown(browse(officer), which="chosen", ids=ids, copy="UNIT") == [100]
    assert [get(browse(stranger), which=which, ids=ids).status_code for which in ("chosen", "all")] == [409, 409]


def test_on_a_phone_too_papers_are_ticked_and_all_that_is_found_is_offered_as_far_as_one_file_takes_it(
    printed: Print, browse: Browse, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed(100)
    printed(200)
    said = []
    for limit in (2, 1):
        monkeypatch.setattr("records.views.documents.LIMIT", limit)
        page = browse(officer).get(reverse("records:list")).content.decode()
        assert (page.count('<td class="pickcell">'), 'class="bulk is-top"' in page) == (2, True)
        # What stays in sight on a phone is how many and the act, not how it is done.
        act = page.partition('<div class="bulk-act">')[2].partition("</div>")[0]
        assert [word in act for word in ("已选", "合并打印所选", "双面打印", "筛选出的")] == [True, True, False, False]
        said.append(("合并打印筛选出的 2 份" in page, "一次最多合并 1 份" in page))
    assert said == [(True, False), (False, True)]


def test_more_than_the_printer_takes_is_refused_with_the_way_out(
    printed: Print, browse: Browse, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "LIMIT", 2)
    printed(100), printed(200)
    assert shown(browse(officer), which="all", copy="UNIT") == [100, 200]
    printed(300)
    refused = get(browse(officer), which="all").content.decode()
    assert "选出的文书有 3 份，一次最多合并 2 份" in refused
    assert "缩小签发日期或种类，分几次打印。" in refused


def test_a_file_that_is_gone_from_the_store_is_named(printed: Print, browse: Browse, officer: User) -> None:
    paper = printed(100)
    file = paper.files.get(copy=Copy.UNIT)
    file.file.storage.delete(file.file.name)
    refused = get(browse(officer), which="all")
    assert (refused.status_code, f"{paper.number}的打印件不在存储中" in refused.content.decode()) == (409, True)


def store(paper: Document, content: bytes) -> DocumentFile:
    """Put other bytes in the place of the copy for the unit."""
    kept = paper.files.get(copy=Copy.UNIT)
    with kept.file.storage.open(kept.file.name, "wb") as file:
        file.write(content)
    return kept


@pytest.mark.parametrize("content", [sheets(555), b"%PDF-1.7 half of a"])
def test_a_file_that_is_not_the_one_issued_is_never_printed(
    printed: Print, browse: Browse, officer: User, content: bytes
) -> None:
    paper, other = printed(100), printed(200)
    store(paper, content)
    refused = get(browse(officer), which="all")
    assert refused.status_code == 409
    assert f"{paper.number}的打印件与签发时的原件不一致" in refused.content.decode()
    assert "请联系系统管理员从备份恢复" in refused.content.decode()
    assert shown(browse(officer), which="chosen", ids=[other.pk]) == [200, 201]


def test_a_file_that_was_never_readable_is_named(printed: Print, browse: Browse, officer: User) -> None:
    paper = printed(100)
    kept = store(paper, b"no pages")
    bend(DocumentFile.objects.filter(pk=kept.pk), sha256=sha256(b"no pages").hexdigest())
    refused = get(browse(officer), which="all")
    assert (refused.status_code, f"{paper.number}的打印件已损坏" in refused.content.decode()) == (409, True)


def test_the_part_that_is_no_pdf_is_told_by_its_position() -> None:
    with pytest.raises(DamagedPart) as damaged:
        stacked(map(BytesIO, [sheets(100), b"no pages"]))
    assert damaged.value.position == 1


def test_on_both_sides_no_two_papers_share_a_sheet() -> None:
    files = [sheets(100), sheets(200, 201), sheets(300, 301, 302)]
    with stacked(map(BytesIO, files)) as one_side, stacked(map(BytesIO, files), both_sides=True) as both_sides:
        assert widths(one_side.read()) == [100, 200, 201, 300, 301, 302]
        assert widths(both_sides.read()) == [100, 100, 200, 201, 300, 301, 302, 302]


def test_who_issues_papers_prints_all_that_is_found_with_a_reason_and_what_he_ticked_without(
    printed: Print, officer: User, supervisor: User, assistant: User
) -> None:
    paper = printed(100)
    url, client, reviewer, reader = reverse("records:stack"), Client(), Client(), Client()
    client.force_login(officer)
    reviewer.force_login(supervisor)
    reader.force_login(assistant)
    ticked = f"{url}?which=chosen&ids={paper.pk}"
    assert len(widths(client.get(ticked).getvalue())) == 2
    assert reviewer.get(ticked)["Location"].startswith("/export/?next=")
    assert [reader.get(address).status_code for address in (ticked, f"{url}?which=all")] == [403, 403]

    asked = client.get(f"{url}?which=all")["Location"]
    assert asked.startswith("/export/?next=")
    client.post(asked, {"reason": "季度归档"})
    assert len(widths(client.get(f"{url}?which=all").getvalue())) == 2
    told = AuditEntry.objects.filter(action="records.print_stack").order_by("pk")
    assert [(entry.actor_id, entry.reason, entry.after["rows"]) for entry in told] == [
        (officer.pk, "", 1), (officer.pk, "季度归档", 1),
    ]  # fmt: skip


def test_who_may_not_print_a_stack_ticks_nothing(
    printed: Print, browse: Browse, officer: User, supervisor: User, assistant: User
) -> None:
    printed(100)
    pages = [browse(person).get("/papers/").content.decode() for person in (officer, supervisor, assistant)]
    assert ["合并打印所选" in words for words in pages] == [True, True, False]
    assert ['name="ids"' in words for words in pages] == [True, True, False]


def test_more_than_a_page_can_show_are_not_called_ticked(printed: Print, officer: User) -> None:
    paper = printed(100)
    client = Client()
    client.force_login(officer)
    page, more = (
        f"{reverse('records:stack')}?which=chosen&ids={paper.pk}{f'&ids={paper.pk}' * others}" for others in (49, 50)
    )
    assert len(widths(client.get(page).getvalue())) == 2
    assert client.get(more)["Location"].startswith("/export/?next=")
