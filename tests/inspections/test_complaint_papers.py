"""举报登记 and 举报答复: issued when a complaint is dealt with, without the complainant, for few."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from deadlines.models import Clock
from fire_supervision.lib.refusals import Refusal
from inspections import complaining
from inspections.complaint_entries import Check, Told, Transfer
from inspections.complaint_forms import CheckForm
from inspections.models import Complaint, ComplaintState, Jurisdiction, Truth
from records import actions as records
from records.models import FORMS, Document, DocumentFile, Kind, ReviewState
from records.numbers import take
from records.samples.complaint import COMPLAINT, REPLY
from stations.models import User
from stations.permissions import Can
from tests.inspections.complaints import CALLED, NAME, PHONE, checked, instant, received
from trail.models import AuditEntry
from units.models import Unit

Browse = Callable[[User], Client]
NOW = instant(24, 16, 30)
WRITTEN = Told(NOW, "WRITTEN", "经核查，你反映的问题属实。\n\n已责令该单位立即改正。")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def looked_into(officer: User, partner: User, unit: Unit) -> Complaint:
    made = received(officer, unit=unit)
    return complaining.check_complaint(made, officer, checked(officer, partner, instant(24, 9)), NOW)


@pytest.fixture
def answered(looked_into: Complaint, officer: User) -> Complaint:
    return complaining.answer_complaint(looked_into, officer, WRITTEN, NOW)


def kinds_of(complaint: Complaint) -> list[str]:
    rows = Document.objects.filter(subject_type="inspections.complaint", subject_id=complaint.pk)
    return list(rows.order_by("kind").values_list("kind", flat=True))


def test_the_register_says_everything_but_who_complained_under_the_number_it_came_in_with(answered: Complaint) -> None:
    paper = answered.document
    assert paper is not None
    assert paper.context == {
        "heading": "江城市公安局城关派出所",
        "number": "江公（城关）消举字〔2026〕第0001号",
        "issued_on": "2026-09-24",
        "unit_name": "万家福便利超市",
        "address": "北大街62号",
        "source": "来电",
        "received_at": "2026-09-23T21:15:00+08:00",
        "received_by": "李建平",
        "anonymous": False,
        "content": "后门安全出口夜间上锁",
        "category": "疏散、停用设施类",
        "jurisdiction": "属本所管辖",
        "handler": "李建平",
        "checked_at": "2026-09-24T09:00:00+08:00",
        "checkers": [
            {"name": "李建平", "certificate": "江公证100001"},
            {"name": "张海涛", "certificate": "江公证100002"},
        ],
        "truth": "属实",
        "found": "已责令改正",
        "visited_on": "",
        "transferred_at": "",
        "transferred_to": "",
        "letter_no": "",
        "told_at": "2026-09-24T16:30:00+08:00",
        "told_by": "李建平",
        "manner": "书面",
        "told": WRITTEN.words,
        "untold": "",
        "reward": "",
        "signatures": {},
    }
    assert (paper.number, paper.sequence, paper.unit_name) == (answered.number, answered.sequence, "万家福便利超市")
    # Under the unit it would stand on the page of the unit, which people open who may not know of the complaint.
    assert (paper.unit_id, paper.review_state) == (None, ReviewState.EXEMPT)
    assert set(paper.context) == set(COMPLAINT)


def test_the_written_reply_says_what_the_complainant_is_told_and_calls_nobody_by_name(answered: Complaint) -> None:
    paper = answered.reply
    assert paper is not None
    assert paper.context == {
        "heading": "江城市公安局城关派出所",
        "number": "江公（城关）消举复字〔2026〕第0001号",
        "issued_on": "2026-09-24",
        "unit_name": "举报人",
        "register_no": "江公（城关）消举字〔2026〕第0001号",
        "received_at": "2026-09-23T21:15:00+08:00",
        "source": "来电",
        "premises": "万家福便利超市",
        "told": ["经核查，你反映的问题属实。", "已责令该单位立即改正。"],
        "handler": "李建平",
        "signatures": {},
    }
    assert set(paper.context) == set(REPLY)


@pytest.mark.parametrize(
    ("told", "kinds"),
    [
        (WRITTEN, [Kind.COMPLAINT, Kind.COMPLAINT_REPLY]),
        (Told(NOW, "PHONE", "已责令改正"), [Kind.COMPLAINT]),
        (Told(NOW, untold="多次拨打无人接听"), [Kind.COMPLAINT]),
    ],
)
def test_only_what_is_told_in_writing_makes_a_letter(
    looked_into: Complaint, officer: User, told: Told, kinds: list[Kind]
) -> None:
    assert kinds_of(looked_into) == []
    complaining.answer_complaint(looked_into, officer, told, NOW)
    assert kinds_of(looked_into) == kinds


def test_a_written_reply_without_words_is_refused_and_nothing_is_issued(looked_into: Complaint, officer: User) -> None:
    with pytest.raises(Refusal) as refused:
        complaining.answer_complaint(looked_into, officer, Told(NOW, "WRITTEN", " "), NOW)
    assert [(fault.field, fault.message) for fault in refused.value.faults] == [
        ("told", "没有填写告知内容，它印在举报答复上")
    ]
    looked_into.refresh_from_db()
    assert (looked_into.state, Document.objects.count()) == (ComplaintState.CHECKED, 0)
    again = complaining.answer_complaint(looked_into, officer, WRITTEN, NOW)
    assert str(again.reply) == "江公（城关）消举复字〔2026〕第0001号"


def test_every_end_of_a_complaint_issues_its_register_once(officer: User, partner: User) -> None:
    unnamed = received(officer, complainant="", contact="")
    moved, late = received(officer), received(officer)
    phoned = Told(NOW, "PHONE", "请向该所举报")
    ends = [
        complaining.check_complaint(unnamed, officer, checked(officer, partner, instant(24, 9)), NOW),
        complaining.transfer_complaint(moved, officer, Transfer(NOW, "北关派出所", told=phoned), NOW),
        received(officer, jurisdiction=Jurisdiction.NOT_POLICE, told=Told(CALLED, "SPOKEN", "请向城管部门反映")),
    ]
    assert [kinds_of(one) for one in ends] == [[Kind.COMPLAINT]] * 3
    assert [one.document and one.document.number for one in ends] == [one.number for one in ends]
    waits = complaining.transfer_complaint(late, officer, Transfer(NOW, "北关派出所"), NOW)
    assert (waits.state, kinds_of(waits)) == (ComplaintState.TRANSFERRED, [])
    assert kinds_of(complaining.answer_complaint(waits, officer, phoned, NOW)) == [Kind.COMPLAINT]


def test_both_papers_are_dated_and_numbered_the_day_they_are_made_whenever_he_was_told(
    officer: User, partner: User
) -> None:
    made = received(officer, received_at=instant(29, 9, month=12))
    day = instant(30, 9, month=12)
    complaining.check_complaint(made, officer, checked(officer, partner, day), day)
    told, noted = instant(30, 16, month=12), instant(30, 16, month=12) + timedelta(days=20)
    done = complaining.answer_complaint(made, officer, Told(told, "WRITTEN", "已责令改正"), noted)
    assert done.document is not None
    assert done.reply is not None
    assert [(paper.issued_on, paper.context["issued_on"]) for paper in (done.document, done.reply)] == [
        (date(2027, 1, 19), "2027-01-19")
    ] * 2
    assert done.reply.number == "江公（城关）消举复字〔2027〕第0001号"
    assert (done.told_at, done.document.context["told_at"]) == (told, "2026-12-30T16:00:00+08:00")
    assert Clock.objects.get(subject_id=made.pk, rule_code="COMPLAINT_FEEDBACK").met_on == date(2026, 12, 30)


def test_one_that_is_withdrawn_issues_nothing(officer: User, chief: User) -> None:
    made = received(officer)
    complaining.withdraw_complaint(made, chief, "重复登记", NOW)
    assert kinds_of(made) == []


def test_one_of_last_year_keeps_its_place_in_the_series_of_last_year(
    officer: User, partner: User, time_machine: object
) -> None:
    december, january = instant(30, 9, month=12), instant(30, 9, month=12) + timedelta(days=6)
    old = received(officer, received_at=december)
    new = received(officer, received_at=january)
    for one in (old, new):
        result = checked(officer, partner, january + timedelta(hours=1))
        complaining.check_complaint(one, officer, result, january + timedelta(hours=2))
    at = january + timedelta(hours=3)
    done = [complaining.answer_complaint(one, officer, Told(at, "PHONE", "属实"), at) for one in (old, new)]
    papers = [one.document for one in done if one.document]
    assert [(paper.year, paper.sequence, paper.issued_on.year) for paper in papers] == [
        (2026, 1, 2027),
        (2027, 1, 2027),
    ]


# ---------- who reads them ----------


@pytest.fixture
def printed(answered: Complaint, officer: User) -> list[Document]:
    """Both papers with files, as if printed, the register with a scan."""
    papers = [paper for paper in (answered.document, answered.reply) if paper is not None]
    for paper in papers:
        for copy in FORMS[Kind(paper.kind)].copies:
            file, sha256 = ContentFile(b"%PDF-", "1.pdf"), hashlib.sha256(b"%PDF-").hexdigest()
            DocumentFile.objects.create(document=paper, copy=copy, file=file, sha256=sha256, size=5)
    records.add_scan(papers[0], ContentFile(b"%PDF-1.7 %%EOF", "scan.pdf"), "", officer)
    return papers


def read(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def addresses(paper: Document) -> list[str]:
    found = [reverse("records:document", args=[paper.pk]), reverse("records:file", args=[paper.pk, "archive"])]
    return found + [reverse("records:scan_file", args=[paper.pk, scan.pk]) for scan in paper.scans.all()]


@pytest.mark.slow
def test_who_may_not_view_complaints_finds_none_of_their_papers(
    printed: list[Document], browse: Browse, assistant: User, partner: User, supervisor: User
) -> None:
    urls = [url for paper in printed for url in addresses(paper)]
    assert len(urls) == 5
    for user in (partner, supervisor, assistant):
        client, may = browse(user), user.can(Can.VIEW_COMPLAINTS)
        statuses = []
        for url in urls:
            response = client.get(url)
            read(response)
            statuses.append(response.status_code)
        assert statuses == ([200] * 5 if may else [404] * 5)
        assert (client.get(reverse("paper_case", args=[printed[0].pk])).status_code == 404) is not may
        listed = client.get(reverse("records:list")).context
        assert (len(listed["page"].rows), listed["of"]) == ((2, 2) if may else (0, 0))
        assert (printed[0].number in client.get(reverse("desk:search"), {"q": "消举"}).content.decode()) is may
    assert assistant.can(Can.VIEW_COMPLAINTS) is False


def test_another_station_reaches_none_of_them(printed: list[Document], browse: Browse, stranger: User) -> None:
    client = browse(stranger)
    assert [client.get(url).status_code for paper in printed for url in addresses(paper)] == [404] * 5


def test_the_export_of_papers_leaves_them_out_for_who_may_not_view_complaints(
    printed: list[Document], officer: User
) -> None:
    """No role has the export without the complaints today; a change of the table must not open them."""
    blind = User.objects.get(pk=officer.pk)
    assert [set(Document.objects.for_user(user)) for user in (officer, blind)] == [set(printed)] * 2
    blind.can = lambda capability: capability != Can.VIEW_COMPLAINTS  # type: ignore[method-assign]
    assert list(Document.objects.for_user(blind)) == []


def test_the_workbook_lists_the_papers_and_not_the_complainant(
    printed: list[Document], browse: Browse, officer: User
) -> None:
    response = browse(officer).get(reverse("records:list"), {"export": "xlsx"})
    cells = list(load_workbook(BytesIO(read(response))).worksheets[0].values)
    assert sorted(str(row[0]) for row in cells[1:]) == sorted(paper.number for paper in printed)
    assert [secret in repr(cells) for secret in (NAME, PHONE)] == [False, False]


def test_the_complainant_is_in_no_context_and_on_no_page_of_the_papers(
    printed: list[Document], browse: Browse, officer: User
) -> None:
    client = browse(officer)
    words = [repr(paper.context) for paper in printed]
    words += [client.get(reverse("records:document", args=[paper.pk])).content.decode() for paper in printed]
    assert [secret in text for text in words for secret in (NAME, PHONE)] == [False] * 8


def test_the_page_of_the_unit_says_nothing_of_them(
    printed: list[Document], answered: Complaint, browse: Browse, assistant: User, officer: User
) -> None:
    page = reverse("unit_page", args=[answered.unit_id])
    shown = [browse(user).get(page).content.decode() for user in (assistant, officer)]
    assert [paper.number in words for words in shown for paper in printed] == [False] * 4


def test_the_complaint_leads_to_its_papers(answered: Complaint, browse: Browse, officer: User) -> None:
    page = browse(officer).get(answered.get_absolute_url()).content.decode()
    links = [reverse("records:document", args=[pk]) for pk in (answered.document_id, answered.reply_id)]
    assert [link in page for link in links] == [True, True]
    back = browse(officer).get(reverse("paper_case", args=[answered.document_id]))
    assert back["Location"] == answered.get_absolute_url()


def test_the_form_says_at_its_field_that_a_letter_needs_words(
    looked_into: Complaint, browse: Browse, officer: User
) -> None:
    url = reverse("inspections:complaint_answer", args=[looked_into.pk])
    sent = {"told_at": "2026-09-24T16:30", "manner": "WRITTEN", "told": "", "untold": ""}
    form = browse(officer).post(url, sent).context["form"]
    assert form.errors == {"told": ["没有填写告知内容，它印在举报答复上"]}
    browse(officer).post(url, sent | {"told": "已责令改正"})
    assert kinds_of(looked_into) == [Kind.COMPLAINT, Kind.COMPLAINT_REPLY]


def test_a_reward_is_stated_in_the_officers_words_and_printed(
    looked_into: Complaint, browse: Browse, officer: User
) -> None:
    url = reverse("inspections:complaint_answer", args=[looked_into.pk])
    sent = {"told_at": "2026-09-24T16:30", "manner": "PHONE", "told": "已责令改正", "untold": ""}
    long = browse(officer).post(url, sent | {"reward": "奖" * 82}).context["form"]
    assert long.errors == {"reward": ["奖励情况放不下：栏内每行 27 字、3 行，现在要 4 行。请缩短。"]}
    named = browse(officer).post(url, sent | {"reward": f"已奖励{NAME}200元"})
    assert (named.status_code, list(named.context["form"].errors)) == (200, ["reward"])
    unprintable = browse(officer).post(url, sent | {"reward": "已奖励200元🎉"}).context["form"]
    assert list(unprintable.errors) == ["reward"]
    assert kinds_of(looked_into) == []
    assert browse(officer).post(url, sent | {"reward": "属实，已奖励200元"}).status_code == 302
    looked_into.refresh_from_db()
    assert looked_into.document is not None
    assert looked_into.document.context["reward"] == "属实，已奖励200元"
    page = browse(officer).get(looked_into.get_absolute_url()).content.decode()
    assert "<dt>奖励情况</dt><dd>属实，已奖励200元</dd>" in page


def test_the_check_that_ends_a_complaint_asks_for_the_reward_and_no_other(
    looked_into: Complaint, officer: User, partner: User
) -> None:
    nobody = received(officer, complainant="", contact="")
    asked = ["reward" in CheckForm(one, [], officer, NOW, None).fields for one in (looked_into, nobody)]
    assert asked == [False, True]
    words = "不符合奖励条件"
    result = Check(NOW, officer, partner, Truth.TRUE, "已责令改正", reward=words)
    done = complaining.check_complaint(nobody, officer, result, NOW)
    assert done.document is not None
    assert (done.reward, done.document.context["reward"]) == (words, words)
    # The trail says of a check whether there was one, where it ends the complaint.
    unrewarded = received(officer, complainant="", contact="")
    complaining.check_complaint(unrewarded, officer, Check(NOW, officer, partner, Truth.TRUE, "已责令改正"), NOW)
    told = AuditEntry.objects.filter(action="inspections.check_complaint").order_by("pk")
    assert [(entry.subject_id, entry.after.get("rewarded")) for entry in told] == [
        (looked_into.pk, None), (nobody.pk, True), (unrewarded.pk, False),
    ]  # fmt: skip


def test_the_series_of_complaints_goes_on_after_what_was_received(answered: Complaint) -> None:
    assert take(answered.station, Kind.COMPLAINT, 2026) == answered.sequence + 1
