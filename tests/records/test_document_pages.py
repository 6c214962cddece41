"""The list of papers and one paper: who sees what, and what they can do there."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from records import actions
from records.models import FORMS, Copy, Document, DocumentFile, Kind
from records.scans import checked
from stations.models import User
from tests.frozen import bend
from tests.records.conftest import TUESDAY, content
from tests.records.test_scans import PDF, upload
from trail.models import AuditEntry

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
Browse = Callable[[User], Client]
LIST = "/papers/"


def page(paper: Document, name: str = "document") -> str:
    return reverse(f"records:{name}", args=[paper.pk])


@pytest.fixture
def printed(issue: Issue) -> Document:
    paper = issue()
    for copy in (Copy.UNIT, Copy.ARCHIVE):
        printed_bytes = PDF + copy.encode()
        file, digest = ContentFile(printed_bytes, "paper.pdf"), sha256(printed_bytes).hexdigest()
        DocumentFile.objects.create(document=paper, copy=copy, file=file, sha256=digest, size=len(PDF))
    Document.objects.filter(pk=paper.pk).update(rendered_at=timezone.now())
    return paper


def bytes_of(response: Any) -> bytes:
    """The whole answer; a file is closed once it was read to its end."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def status(client: Client, url: str) -> int:
    response = client.get(url)
    bytes_of(response)
    return response.status_code


def numbers(response: object) -> list[str]:
    return [row.number for row in response.context["page"].rows]  # type: ignore[attr-defined]


def test_the_list_holds_the_papers_of_the_stations_one_sees(
    issue: Issue, browse: Browse, officer: User, supervisor: User, leader: User, stranger: User
) -> None:
    issue()
    seen = [len(numbers(browse(person).get(LIST))) for person in (officer, supervisor, leader, stranger)]
    assert seen == [1, 1, 1, 0]


def test_a_bulletin_has_no_case_to_lead_to(issue: Issue, browse: Browse, officer: User) -> None:
    order, bulletin = issue(), issue()
    bend(Document.objects.filter(pk=bulletin.pk), kind=Kind.BULLETIN, unit_id=None)
    pages = [browse(officer).get(page(paper)).content.decode() for paper in (order, bulletin)]
    assert ["办理情况" in words for words in pages] == [True, False]


def test_the_filters_narrow_the_list(issue: Issue, browse: Browse, officer: User, chief: User) -> None:
    order, now = issue(unit_name="利群旅馆"), issue(kind=Kind.ORDER_NOW)
    actions.void(now, chief, "写错", TUESDAY)
    client = browse(officer)
    found = [
        numbers(client.get(LIST, query))
        for query in (
            {"kind": "ORDER_NOW"}, {"q": "利群"}, {"q": "限字 0001"}, {"state": "VOID"}, {"review": "PASSED"},
            {"since": "2026-09-23"}, {"until": "2026-09-22"}, {"since": "昨天"},
        )
    ]  # fmt: skip
    both = [now.number, order.number]
    assert found == [[now.number], [order.number], [order.number], [now.number], [], [], both, both]


def test_the_list_asks_the_database_as_often_for_three_papers_as_for_one(
    issue: Issue, browse: Browse, officer: User
) -> None:
    client, counts = browse(officer), []
    for more in (1, 2):
        for _ in range(more):
            issue()
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_the_export_holds_exactly_the_filtered_papers(issue: Issue, browse: Browse, officer: User) -> None:
    issue()
    now = issue(kind=Kind.ORDER_NOW)
    response = browse(officer).get(LIST, {"kind": "ORDER_NOW", "export": "xlsx"})
    sheet = load_workbook(BytesIO(response.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]  # type: ignore[union-attr]
    assert [row[:3] for row in rows] == [["文书号", "种类", "单位"], [now.number, now.title, now.unit_name]]


def test_a_stranger_gets_the_same_404_for_the_paper_its_files_and_its_scans(
    printed: Document, browse: Browse, officer: User, stranger: User
) -> None:
    scan = actions.add_scan(printed, upload(PDF), "", officer)  # type: ignore[arg-type]
    urls = [page(printed), f"{page(printed)}files/unit/", f"{page(printed)}scans/{scan.pk}/"]
    assert [status(browse(officer), url) for url in urls] == [200, 200, 200]
    assert [status(browse(stranger), url) for url in urls] == [404, 404, 404]
    posts = [page(printed, "scan"), page(printed, "reprint")]
    assert [browse(stranger).post(url).status_code for url in posts] == [404, 404]


def test_a_scan_is_reached_through_its_own_paper_only(
    issue: Issue, printed: Document, browse: Browse, officer: User
) -> None:
    scan = actions.add_scan(printed, upload(PDF), "", officer)  # type: ignore[arg-type]
    assert browse(officer).get(f"{page(issue())}scans/{scan.pk}/").status_code == 404


def test_a_file_is_named_after_its_paper_and_kept_by_no_cache(printed: Document, browse: Browse, officer: User) -> None:
    shown = browse(officer).get(f"{page(printed)}files/archive/")
    saved = browse(officer).get(f"{page(printed)}files/archive/?download=1")
    assert [bytes_of(shown), bytes_of(saved)] == [PDF + b"ARCHIVE"] * 2
    assert (shown["Content-Type"], shown["Cache-Control"]) == ("application/pdf", "no-store")
    assert shown["Content-Disposition"].startswith("inline; filename*=utf-8''%E6%B1%9F%E5%85%AC")
    assert saved["Content-Disposition"].startswith("attachment; ")


@pytest.mark.slow
def test_to_save_a_paper_or_a_scan_is_an_export_told_with_what_for_and_to_read_it_is_a_look(
    printed: Document, browse: Browse, officer: User, assistant: User, supervisor: User, time_machine: Any
) -> None:
    time_machine.move_to(datetime(2026, 9, 22, 2, tzinfo=UTC), tick=False)
    scan = actions.add_scan(printed, upload(PDF), "", officer)  # type: ignore[arg-type]
    urls = [f"{page(printed)}files/unit/", f"{page(printed)}scans/{scan.pk}/"]
    asked = Client()
    asked.force_login(supervisor)
    for url in urls:
        assert [status(browse(person), url) for person in (assistant, supervisor)] == [200, 200]
        assert [status(browse(person), f"{url}?download=1") for person in (assistant, supervisor)] == [403, 200]
        assert asked.get(f"{url}?download=1")["Location"] == f"/export/?next={quote(f'{url}?download=1', safe='')}"
        # Once more within five minutes is the same look; a file saved again is another file.
        assert status(browse(supervisor), url) == 200
        assert status(browse(supervisor), f"{url}?download") == 200
    told = AuditEntry.objects.filter(action__in=["records.read", "records.download"]).order_by("pk")
    save = [("records.download", supervisor.pk, "日常工作核对")]
    look = [("records.read", person.pk, "") for person in (assistant, supervisor)]
    assert list(told.values_list("action", "actor_id", "reason")) == (look + save + save) * 2
    assert set(told.values_list("subject_type", "subject_id", "bureau_id", "after__rows")) == {
        ("records.document", printed.pk, printed.bureau_id, 1)
    }
    assert not AuditEntry.objects.filter(action="records.export").exists()
    time_machine.shift(timedelta(minutes=5, seconds=1))
    assert status(browse(supervisor), urls[0]) == 200
    assert told.filter(action="records.read", actor_id=supervisor.pk).count() == 3


def test_the_button_to_save_stands_for_whoever_may_export(
    printed: Document, browse: Browse, officer: User, assistant: User, leader: User
) -> None:
    pages = [browse(person).get(page(printed)).content.decode() for person in (officer, assistant, leader)]
    assert ["?download=1" in words for words in pages] == [True, False, True]


def test_what_a_paper_is_saved_for_is_asked_with_true_words_and_leads_back_to_it(
    printed: Document, officer: User
) -> None:
    client = Client()
    client.force_login(officer)
    asked = client.get(f"{page(printed)}files/unit/?download=1", follow=True)
    words = asked.content.decode()
    assert ("文书原件上不加标记" in words, "文件上标有" in words) == (True, False)
    assert asked.context["back"] == page(printed)
    listed = client.get(f"{LIST}?export=xlsx", follow=True).content.decode()
    assert ("文书原件上不加标记" in listed, "文件上标有" in listed) == (False, True)


def test_a_void_paper_says_so_on_its_page_and_in_the_file_name(
    printed: Document, issue: Issue, browse: Browse, officer: User, chief: User
) -> None:
    actions.void(printed, chief, "改正期限写错", TUESDAY)
    new = issue()
    actions.replace(printed, new)
    shown = browse(officer).get(page(printed)).content.decode()
    assert "改正期限写错" in shown
    assert new.number in shown
    assert printed.number in browse(officer).get(page(new)).content.decode()
    saved = browse(officer).get(f"{page(printed)}files/unit/")
    assert bytes_of(saved) == PDF + b"UNIT"
    assert quote("（被取代）交被检查单位.pdf") in saved["Content-Disposition"]
    actions.void(new, chief, "改正期限写错", TUESDAY)
    listed = browse(officer).get(LIST).content.decode()
    assert re.findall(r'st-red">(\w+)<', listed) == ["已作废", "被取代"]


def test_a_copy_is_called_what_its_kind_calls_it() -> None:
    names = {kind: list(form.copies.values()) for kind, form in FORMS.items() if len(form.copies) > 1}
    assert names == {
        Kind.ORDER_NOW: ["交被检查单位", "存档"],
        Kind.ORDER_LIMIT: ["交被检查单位", "存档"],
        Kind.REFERRAL: ["交接收单位", "回执", "附卷"],
        Kind.HAZARD_REPORT: ["报送", "抄送", "存档"],
        Kind.COMPLAINT_REPLY: ["交举报人", "存档"],
        Kind.PLEDGE: ["交乙方", "甲方存档"],
    }
    # Every copy that is handed over is one the paper tells of; a record of before the names keeps its general one.
    assert all(form.copies_line for kind, form in FORMS.items() if kind in names)
    assert FORMS[Kind.INSPECTION_RECORD].name_of(Copy.UNIT) == "交单位"


@pytest.mark.parametrize("kind", list(Kind))
def test_as_many_copies_are_printed_as_the_paper_says_and_each_says_which_it_is(kind: Kind) -> None:
    form = FORMS[kind]
    said = {"": 1, "一份": 1, "一式两份": 2, "一式三份": 3}
    assert said[form.copies_line.partition("，")[0]] == len(form.copies)
    marks = [form.mark_of(copy) for copy in form.copies]
    assert len(set(marks)) == len(form.copies)
    assert (marks == [""]) == (len(form.copies) == 1)
    # The last one is kept, under the code the volume looks for; the list and the printer take them in this order.
    assert list(form.copies) == sorted(form.copies, reverse=True)
    assert list(form.copies)[-1] == Copy.ARCHIVE


def test_the_page_of_a_paper_names_its_copies(printed: Document, browse: Browse, officer: User) -> None:
    names = []
    for kind in (Kind.ORDER_LIMIT, Kind.PLEDGE):
        bend(Document.objects.filter(pk=printed.pk), kind=kind)
        names.append([file.name for file in browse(officer).get(page(printed)).context["files"]])
    assert names == [["交被检查单位", "存档"], ["交乙方", "甲方存档"]]


def test_the_page_asks_for_the_files_until_they_are_printed(issue: Issue, browse: Browse, officer: User) -> None:
    paper = issue()
    client = browse(officer)
    waiting = client.get(page(paper), headers={"HX-Request": "true"})
    Document.objects.filter(pk=paper.pk).update(rendered_at=timezone.now())
    done = client.get(page(paper), headers={"HX-Request": "true"})
    assert waiting.templates[0].name == "records/_document_files.html"
    assert ("hx-get" in waiting.content.decode(), "hx-get" in done.content.decode()) == (True, False)


def test_a_parked_paper_offers_to_print_it_again_to_whoever_issues_papers(
    issue: Issue, browse: Browse, officer: User, assistant: User
) -> None:
    paper = issue()
    Document.objects.filter(pk=paper.pk).update(render_attempts=3)
    offers = ["重新打印" in browse(person).get(page(paper)).content.decode() for person in (officer, assistant)]
    assert offers == [True, False]
    assert browse(assistant).post(page(paper, "reprint")).status_code == 403
    assert browse(officer).post(page(paper, "reprint")).status_code == 302
    paper.refresh_from_db()
    assert paper.render_attempts == 0


@pytest.mark.slow
def test_the_officer_attaches_the_scan_of_the_signed_paper(printed: Document, browse: Browse, officer: User) -> None:
    data = {"file": upload(PDF), "recorder_no": "DSJ-0007"}
    assert browse(officer).post(page(printed, "scan"), data).status_code == 302
    scan = printed.scans.get()
    assert (scan.recorder_no, scan.uploaded_by, content(scan.file)) == (
        "DSJ-0007",
        officer,
        checked(upload(PDF)).read(),
    )


def test_a_scan_that_is_no_scan_is_refused_with_the_reason_at_the_field(
    printed: Document, browse: Browse, officer: User
) -> None:
    response = browse(officer).post(page(printed, "scan"), {"file": upload(b"MZ"), "recorder_no": "DSJ-0007"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"file": ["只收 PDF 文件和 JPG、PNG 照片；这个文件不是，或者已经损坏"]}
    assert "DSJ-0007" in response.content.decode()
    assert not printed.scans.exists()


def test_the_supervisor_reads_the_paper_but_attaches_nothing(
    printed: Document, browse: Browse, supervisor: User
) -> None:
    assert browse(supervisor).get(page(printed)).status_code == 200
    assert browse(supervisor).post(page(printed, "scan"), {"file": upload(PDF)}).status_code == 403


def test_what_is_attached_to_a_letter_is_its_sealed_copy_and_no_recording_is_asked_for(
    issue: Issue, browse: Browse, officer: User
) -> None:
    paper = issue(kind=Kind.ORDER_LIMIT)
    url = page(paper)
    words = browse(officer).get(url).content.decode()
    assert ("附上签名件" in words, "执法记录仪文件号" in words) == (True, True)
    bend(Document.objects.filter(pk=paper.pk), kind="REFERRAL")
    words = browse(officer).get(url).content.decode()
    assert ("附上盖章件" in words, "执法记录仪文件号" in words, "签名件" in words) == (True, False, False)
    sent = {"file": upload(PDF), "recorder_no": "DSJ-1"}
    assert browse(officer).post(f"{url}scans/", sent).status_code == 302
    assert paper.scans.get().recorder_no == ""
