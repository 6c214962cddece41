"""预览草稿 of 举报登记 and 举报答复, where an act ends a complaint; an act that does not ends with nothing to read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from inspections import complaining
from inspections.models import Complaint
from records.models import Document
from stations.models import User
from tests.drafted import Drafts, caught, drafted, shown_as
from tests.inspections.complaints import LOCKED, NAME, PHONE, checked, instant, received

Browse = Callable[[User], Client]
NEW = "/inspections/complaints/new/"
NOTHING = "这样办理不出具文书，没有草稿可以预览"
TOLD = {"told_at": "2026-09-24T09:10", "manner": "WRITTEN", "told": "已责令改正", "untold": ""}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(instant(24, 9, 15), tick=False):
        yield


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> Drafts:
    # Two papers are bound together, which takes real ones.
    monkeypatch.setattr("records.drafts._together", lambda drafts: drafts[0])
    return caught(monkeypatch)


@pytest.fixture
def answering(officer: User, partner: User) -> Complaint:
    """Checked, and to be told."""
    at = instant(24, 9)
    return complaining.check_complaint(received(officer), officer, checked(officer, partner, at), at)


def kept() -> list[tuple[str, dict[str, Any]]]:
    """What was issued, as a draft has to have said it: the number the complaint has had since it came in included."""
    papers = Document.objects.order_by("pk")
    return [(paper.kind, {k: v for k, v in paper.context.items() if k != "number" or paper.kind == "COMPLAINT"})
            for paper in papers]  # fmt: skip


def test_a_written_answer_is_read_with_the_register_that_it_ends(
    answering: Complaint, drafts: Drafts, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), answering.get_absolute_url() + "answer/"
    assert shown_as(drafted(client, url, TOLD)) == "草稿 举报答复、举报登记.pdf"
    assert client.post(url, TOLD).status_code == 302
    assert [kind for kind, _ in drafts] == ["COMPLAINT_REPLY", "COMPLAINT"]
    assert drafts == kept()


def test_an_answer_by_telephone_has_the_register_alone(
    answering: Complaint, drafts: Drafts, browse: Browse, officer: User
) -> None:
    url = answering.get_absolute_url() + "answer/"
    assert shown_as(drafted(browse(officer), url, TOLD | {"manner": "PHONE"})) == "草稿 举报登记.pdf"
    assert [(kind, context["number"]) for kind, context in drafts] == [("COMPLAINT", answering.number)]


def test_the_check_of_what_nobody_can_be_told_of_ends_it(
    drafts: Drafts, browse: Browse, officer: User, partner: User
) -> None:
    check = {"at": "2026-09-24T09:00", "first": officer.pk, "second": partner.pk, "truth": "TRUE", "found": "已责令"}
    reachable, nobody = received(officer), received(officer, complainant="", contact="")
    client, pages = browse(officer), [one.get_absolute_url() + "check/" for one in (reachable, nobody)]
    assert [b"formtarget" in client.get(page).content for page in pages] == [False, True]
    none, ends = (drafted(client, page, check) for page in pages)
    assert (none.status_code, none.context["refusal"].message) == (409, NOTHING)
    assert (shown_as(ends), [context["untold"] for _, context in drafts]) == (
        "草稿 举报登记.pdf", ["匿名举报，没有留下联系方式"],
    )  # fmt: skip


def test_a_transfer_has_a_draft_once_somebody_is_told(drafts: Drafts, browse: Browse, officer: User) -> None:
    url = received(officer).get_absolute_url() + "transfer/"
    move = {"at": "2026-09-24T09:00", "to": "江城市消防救援大队", "letter_no": ""}
    later = drafted(browse(officer), url, move | TOLD | {"manner": "", "told": ""})
    assert (later.status_code, later.context["refusal"].message) == (409, NOTHING)
    assert shown_as(drafted(browse(officer), url, move | TOLD | {"manner": "PHONE"})) == "草稿 举报登记.pdf"
    assert [context["transferred_to"] for _, context in drafts] == ["江城市消防救援大队"]


def test_what_is_no_police_matter_is_read_before_it_has_a_number(drafts: Drafts, browse: Browse, officer: User) -> None:
    client = browse(officer)
    form = {
        "form_key": str(client.get(NEW).context["form"]["form_key"].value()), "category": "OTHER", "source": "CALL",
        "jurisdiction": "NOT_POLICE", "content": LOCKED, "received_at": "2026-09-24T09:00", "premises": "鑫源旅馆",
        "complainant": NAME, "contact": PHONE, "manner": "WRITTEN", "told": "请向住建部门举报", "untold": "",
    }  # fmt: skip
    assert shown_as(drafted(client, NEW, form)) == "草稿 举报答复、举报登记.pdf"
    [(_, reply), (_, register)] = drafts
    assert (reply["register_no"], "number" in reply, "number" in register) == ("〔　　〕第　　　号", False, False)
    ours = drafted(client, NEW, form | {"jurisdiction": "OURS"})
    assert (ours.status_code, ours.context["refusal"].message) == (409, NOTHING)
    assert client.post(NEW, form).status_code == 302
    assert Complaint.objects.get().number.endswith("第0001号")


def test_what_speaks_against_the_answer_speaks_against_its_draft(
    answering: Complaint, drafts: Drafts, browse: Browse, officer: User, assistant: User, stranger: User,
    supervisor: User,
) -> None:  # fmt: skip
    url = answering.get_absolute_url() + "answer/"
    wordless = drafted(browse(officer), url, TOLD | {"told": ""})
    assert (list(wordless.context["form"].errors), wordless.context["form"]["manner"].value()) == (["told"], "WRITTEN")
    early = drafted(browse(officer), url, TOLD | {"told_at": "2026-09-24T08:00"})
    assert (early.status_code, early.context["refusal"].message) == (409, "告知时间不能早于核查时间。")
    people = (supervisor, stranger)
    assert [drafted(browse(user), url, TOLD).status_code for user in people] == [403, 404]
    assert drafts == []
