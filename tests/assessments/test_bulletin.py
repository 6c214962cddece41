"""季度通报: drafted by the bureau from a published quarter, issued once as 公文, read by stations and leaders."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import bulletins
from assessments.actions import publish
from assessments.models import Bulletin, BulletinState
from assessments.quarters import Quarter
from assessments.results import frozen
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from records.models import Copy, Document, DocumentFile, Kind
from records.samples.bulletin import BULLETIN
from stations.models import Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.assessments.conftest import moment
from trail.models import AuditEntry
from units.models import Unit

Browse = Callable[[User], Client]
Q3 = Quarter(2026, 3)
AFTER = date(2026, 10, 12)


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-10-12T10:00:00+08:00")


@pytest.fixture
def published(busy_quarter: Unit, bureau: Organisation, bureau_officer: User) -> Unit:
    publish(bureau, Q3, bureau_officer, moment(date(2026, 10, 9)))
    return busy_quarter


def words(leader: User, situation: str = "全市共发生火灾12起。\n\n无人员伤亡。") -> bulletins.Words:
    return bulletins.Words(situation=situation, demands="盯紧未检查的单位。", signer=leader)


@pytest.fixture
def draft(published: Unit, bureau: Organisation, bureau_officer: User, leader: User) -> Bulletin:
    return bulletins.save_bulletin(bureau, Q3, bureau_officer, words(leader), moment(AFTER))


@pytest.fixture
def issued(draft: Bulletin, bureau_officer: User) -> Bulletin:
    """Issued, and printed as far as the pages ask."""
    row = bulletins.issue_bulletin(draft, bureau_officer, AFTER)
    assert row.document is not None
    file = ContentFile(b"%PDF-", "1.pdf")
    DocumentFile.objects.create(
        document=row.document, copy=Copy.ARCHIVE, file=file, sha256=sha256(b"%PDF-").hexdigest(), size=5
    )
    Document.objects.filter(pk=row.document.pk).update(rendered_at=moment(AFTER))
    return row


def url(name: str = "bulletin") -> str:
    return reverse(f"assessments:{name}", args=[2026, 3])


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def entries(since: int) -> list[str]:
    return list(AuditEntry.objects.filter(id__gt=since).order_by("id").values_list("action", flat=True))


def test_the_paper_holds_the_figures_as_published_and_the_words_as_typed(
    issued: Bulletin, bureau: Organisation, station: Organisation, sibling: Organisation
) -> None:
    paper, result = issued.document, frozen(bureau.pk, [Q3])[Q3]
    assert paper is not None
    due = [line for line in result.stations[0].lines if result.total(line.code).due]
    totals = [(line.indicator.name, *result.total(line.code)) for line in due]
    assert paper.context == {
        "heading": "江城市公安局",
        "number": "江公消〔2026〕1号",
        "issued_on": "2026-10-12",
        "unit_name": "各派出所",
        "period": "2026年第三季度",
        "situation": ["全市共发生火灾12起。", "无人员伤亡。"],
        "demands": ["盯紧未检查的单位。"],
        "station_count": 2,
        "indicators": [
            {"name": name, "done": done, "due": of, "rate": f"{round(100 * done / of, 1):.1f}%"}
            for name, done, of in totals
        ],
        "stations": [
            {
                "rank": row.rank,
                "name": row.station.short_name,
                "points": "" if row.points is None else f"{row.points:.2f}",
                "rates": [
                    "" if line.rate is None else f"{line.rate:.1f}%"
                    for line in row.lines
                    if line.code in {each.code for each in due}
                ],
            }
            for row in result.stations
        ],
        "brigades": ["江城市消防救援大队"],
        "signatures": {},
    }
    assert (paper.kind, paper.station, paper.bureau, paper.unit_id) == (Kind.BULLETIN, bureau, bureau, None)
    assert set(paper.context) == set(BULLETIN)
    assert len(totals) > 3


def test_issuing_tells_the_chiefs_once_and_leaves_its_entries(
    draft: Bulletin, bureau_officer: User, chief: User
) -> None:
    last = AuditEntry.objects.latest("id").pk
    bulletins.issue_bulletin(draft, bureau_officer, AFTER)
    assert entries(last) == ["records.issue", "assessments.issue_bulletin"]
    with pytest.raises(RuleError, match="这份通报已印发，不能改为已印发"):
        bulletins.issue_bulletin(draft, bureau_officer, AFTER)
    told = Message.objects.filter(user=chief, key=f"bulletin:{draft.pk}")
    assert [message.title for message in told] == ["2026年第三季度消防工作通报已印发"]
    assert Document.objects.filter(kind=Kind.BULLETIN).count() == 1


def test_a_quarter_that_is_not_published_has_no_bulletin(
    busy_quarter: Unit, bureau: Organisation, bureau_officer: User, leader: User
) -> None:
    with pytest.raises(RuleError, match="2026年第三季度考核还没有发布，不能起草通报"):
        bulletins.save_bulletin(bureau, Q3, bureau_officer, words(leader), moment(AFTER))
    publish(bureau, Q3, bureau_officer, moment(AFTER))
    assert bulletins.save_bulletin(bureau, Q3, bureau_officer, words(leader), moment(AFTER)).pk


def test_a_draft_is_one_a_quarter_changes_until_it_is_issued_and_then_is_frozen(
    draft: Bulletin, bureau: Organisation, bureau_officer: User, leader: User
) -> None:
    last = AuditEntry.objects.latest("id").pk
    again = bulletins.save_bulletin(bureau, Q3, bureau_officer, words(leader), moment(AFTER))
    assert (again, entries(last)) == (draft, [])
    changed = bulletins.save_bulletin(bureau, Q3, bureau_officer, words(leader, "没有火灾。"), moment(AFTER))
    assert (changed.pk, entries(last)) == (draft.pk, ["assessments.save_bulletin"])
    issued = bulletins.issue_bulletin(changed, bureau_officer, AFTER)
    with pytest.raises(RuleError, match="2026年第三季度通报已经印发，不能修改"):
        bulletins.save_bulletin(bureau, Q3, bureau_officer, words(leader), moment(AFTER))
    assert issued.document is not None
    assert issued.document.context["situation"] == ["没有火灾。"]


def test_one_that_was_withdrawn_keeps_its_number_and_a_new_one_takes_its_place(
    issued: Bulletin, bureau: Organisation, bureau_officer: User, leader: User
) -> None:
    with pytest.raises(RuleError, match="撤回通报须写明理由"):
        bulletins.withdraw_bulletin(issued, bureau_officer, " ", AFTER)
    last = AuditEntry.objects.latest("id").pk
    bulletins.withdraw_bulletin(issued, bureau_officer, "伤亡数写错", AFTER)
    assert entries(last) == ["records.void", "assessments.withdraw_bulletin"]
    with pytest.raises(RuleError, match="这份通报已撤回"):
        bulletins.withdraw_bulletin(issued, bureau_officer, "伤亡数写错", AFTER)
    new = bulletins.save_bulletin(bureau, Q3, bureau_officer, words(leader, "伤1人。"), moment(AFTER))
    last = AuditEntry.objects.latest("id").pk
    new = bulletins.issue_bulletin(new, bureau_officer, AFTER)
    assert entries(last) == ["records.issue", "records.replace", "assessments.issue_bulletin"]
    papers = Document.objects.filter(kind=Kind.BULLETIN).order_by("pk")
    assert [(paper.number, paper.status, paper.replaced_by) for paper in papers] == [
        ("江公消〔2026〕1号", "被取代", new.document),
        ("江公消〔2026〕2号", "有效", None),
    ]


# ---------- pages ----------


@pytest.mark.slow
def test_the_bureau_drafts_previews_and_issues_on_its_pages(
    published: Unit, bureau_officer: User, leader: User, browse: Browse
) -> None:
    client = browse(bureau_officer)
    quarter = reverse("assessments:quarter", args=[2026, 3])
    assert url() in client.get(quarter).content.decode()
    assert client.get(url()).context["content"] is None
    typed = {"situation": "没有火灾。", "demands": "盯紧。", "signer": leader.pk}
    assert client.post(url("bulletin_edit"), typed | {"situation": ""}).context["form"].errors == {
        "situation": ["请填写"]
    }
    assert said(client.post(url("bulletin_edit"), typed, follow=True)) == ["草稿已保存，印发前可以修改"]
    assert client.get(url("bulletin_edit")).context["form"]["situation"].value() == "没有火灾。"
    words = "已印发：江公消〔2026〕1号，已通知各所所长"
    assert said(client.post(url("bulletin_issue"), follow=True)) == [words]
    words = "通报已经印发：江公消〔2026〕1号，没有再次印发"
    assert said(client.post(url("bulletin_issue"), follow=True)) == [words]
    assert client.get(url("bulletin_draft")).status_code == 404
    assert client.post(url("bulletin_edit"), typed).status_code == 409
    assert said(client.post(url("bulletin_withdraw"), {"reason": "写错"}, follow=True)) == [
        "通报已撤回，编号保留。可以起草新的"
    ]
    assert client.get(url("bulletin_edit")).context["form"]["situation"].value() == "没有火灾。"
    assert Bulletin.objects.get().state == BulletinState.VOID


@pytest.mark.slow
def test_the_preview_of_a_draft_is_the_paper_itself(draft: Bulletin, bureau_officer: User, browse: Browse) -> None:
    assert browse(bureau_officer).get(url("bulletin_draft")).content.startswith(b"%PDF-")


@pytest.mark.slow
def test_stations_leaders_and_the_brigade_read_what_was_issued_and_nobody_else_writes(
    issued: Bulletin, officer: User, chief: User, leader: User, supervisor: User, stranger: User, assistant: User,
    browse: Browse,
) -> None:  # fmt: skip
    for reader in (officer, chief, leader, supervisor, stranger):
        client = browse(reader)
        page = client.get(url())
        assert (page.status_code, page.context["writes"]) == (200, False)
        assert page.context["content"]["situation"] == ["全市共发生火灾12起。", "无人员伤亡。"]
        file = client.get(url("bulletin_file"))
        assert b"".join(file.streaming_content).startswith(b"%PDF-")
        for name in ("bulletin_edit", "bulletin_draft", "bulletin_withdraw"):
            assert client.get(url(name)).status_code == 403
        assert client.post(url("bulletin_issue")).status_code == 403
    assert [browse(assistant).get(url(name)).status_code for name in ("bulletin", "bulletin_file")] == [403, 403]


def test_a_printed_bulletin_that_is_gone_from_the_store_is_not_found(
    issued: Bulletin, officer: User, browse: Browse
) -> None:
    client, kept = browse(officer), DocumentFile.objects.get(document=issued.document)
    assert client.get(url("bulletin_file")).getvalue() == b"%PDF-"  # type: ignore[attr-defined]
    kept.file.storage.delete(str(kept.file.name))
    assert client.get(url("bulletin_file")).status_code == 404


def test_a_station_reaches_the_bulletin_in_assessments_and_not_among_its_papers(
    issued: Bulletin, officer: User, bureau_officer: User, browse: Browse
) -> None:
    paper = reverse("records:document", args=[issued.document_id])
    assert [browse(user).get(paper).status_code for user in (officer, bureau_officer)] == [404, 200]


def test_a_draft_is_nobodys_but_the_bureaus(draft: Bulletin, chief: User, leader: User, browse: Browse) -> None:
    for name in ("bulletin", "bulletin_file"):
        assert [browse(user).get(url(name)).status_code for user in (chief, leader)] == [404, 404]
    home = reverse("assessments:station", args=[2026, 3, chief.organisation_id])
    assert url() not in browse(chief).get(home).content.decode()


def test_the_way_to_an_issued_bulletin_stands_on_the_pages_of_the_quarter(
    issued: Bulletin, chief: User, leader: User, browse: Browse
) -> None:
    home = reverse("assessments:station", args=[2026, 3, chief.organisation_id])
    assert url() in browse(chief).get(home).content.decode()
    assert url() in browse(leader).get(reverse("assessments:quarter", args=[2026, 3])).content.decode()


def test_another_bureau_is_as_absent_as_none(
    issued: Bulletin, bureau: Organisation, person: Callable[..., User], leader: User, browse: Browse
) -> None:
    other = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局", code_word="河公")
    Organisation.objects.filter(pk=other.pk).update(bureau=other)
    other.refresh_from_db()
    far = browse(person(Role.BUREAU_OFFICER, other, "陈远"))
    for name in ("bulletin", "bulletin_file", "bulletin_edit", "bulletin_withdraw", "bulletin_draft"):
        assert far.get(url(name), {"bureau": bureau.pk}).status_code == 404
    assert far.post(f"{url('bulletin_issue')}?bureau={bureau.pk}").status_code == 404
    assert far.get(url()).context["bulletin"] is None
    assert browse(leader).get(url(), {"bureau": bureau.pk}).status_code == 200


def test_the_page_costs_the_same_however_many_stations_there_are(
    issued: Bulletin, bureau: Organisation, leader: User, browse: Browse
) -> None:
    client, counts = browse(leader), []
    for more in (0, 3):
        for number in range(more):
            Organisation.objects.create(
                kind=OrganisationKind.STATION, name=f"新{number}派出所", parent=bureau, bureau=bureau
            )
        with CaptureQueriesContext(connection) as queries:
            client.get(url())
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("demands", ["／", " \n　/ "])
def test_a_bulletin_that_demands_nothing_is_refused_and_stays_a_draft(
    draft: Bulletin, bureau_officer: User, demands: str
) -> None:
    Bulletin.objects.filter(pk=draft.pk).update(demands=demands)
    with pytest.raises(Refusal) as refused:
        bulletins.issue_bulletin(draft, bureau_officer, AFTER)
    assert [fault.words for fault in refused.value.faults] == ["没有填写工作要求。在通报草稿中改正。"]
    draft.refresh_from_db()
    assert (draft.state, Document.objects.filter(kind=Kind.BULLETIN).count()) == (BulletinState.DRAFT, 0)
    Bulletin.objects.filter(pk=draft.pk).update(demands="盯紧未检查的单位。")
    assert bulletins.issue_bulletin(draft, bureau_officer, AFTER).state == BulletinState.ISSUED


def test_a_printed_bulletin_that_was_changed_in_the_store_is_shown_to_nobody(
    issued: Bulletin, browse: Callable[[User], Client], officer: User
) -> None:
    client = browse(officer)
    assert b"".join(client.get(url("bulletin_file"))) == b"%PDF-"
    assert issued.document is not None
    with open(issued.document.files.get().file.path, "ab") as stored:  # noqa: PTH123 - somebody at the file itself
        stored.write(b"%")
    refused = client.get(url("bulletin_file"))
    assert (refused.status_code, "存储中的文件已被改动" in refused.content.decode()) == (409, True)
    told = AuditEntry.objects.get(action="records.withhold")
    assert (told.actor_id, told.subject_id) == (officer.pk, issued.document_id)
