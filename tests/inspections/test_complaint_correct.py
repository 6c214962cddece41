"""更正文字: what was typed of a complaint is put right while no paper carries it, and the trail keeps both readings."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from inspections import complaining
from inspections.complaint_entries import Told, Transfer
from inspections.models import Complaint, ComplaintState, Jurisdiction
from stations.models import User
from tests.inspections.complaints import LOCKED, NAME, PHONE, checked, instant, received
from trail.models import AuditEntry

Browse = Callable[[User], Client]
NOW = instant(24, 16)
# No face of the papers has it.
BOX = "⭐"
SPELT = f"后门安全出口{BOX}夜间上锁"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def complaint(officer: User) -> Complaint:
    return received(officer, content=SPELT)


@pytest.fixture
def waiting(complaint: Complaint, officer: User, partner: User) -> Complaint:
    """Checked, and what was found has a character that cannot be printed either."""
    return complaining.check_complaint(
        complaint, officer, checked(officer, partner, instant(24, 9), found=f"已责令改正{BOX}"), NOW
    )


def page(complaint: Complaint) -> str:
    return reverse("inspections:complaint_correct", args=[complaint.pk])


def typed(complaint: Complaint, **changes: str) -> dict[str, str]:
    fields = {"premises": complaint.premises, "address": complaint.address, "content": LOCKED, "reason": "印不出来"}
    return fields | changes


def test_a_complaint_that_could_not_be_printed_is_ended_once_its_words_are_put_right(
    waiting: Complaint, officer: User, browse: Browse
) -> None:
    with pytest.raises(Refusal) as refused:
        complaining.answer_complaint(waiting, officer, Told(NOW, "PHONE"), NOW)
    assert [fault.field for fault in refused.value.faults] == ["content", "found"]
    assert {"在举报页“更正文字”中改正" in fault.remedy for fault in refused.value.faults} == {True}
    client = browse(officer)
    assert page(waiting) in client.get(waiting.get_absolute_url()).content.decode()
    answer = client.post(page(waiting), typed(waiting, found="已责令改正"), follow=True)
    assert "登记的文字已更正" in answer.content.decode()
    ended = complaining.answer_complaint(waiting, officer, Told(NOW, "PHONE"), NOW)
    assert (ended.state, ended.document.context["content"]) == (ComplaintState.ANSWERED, LOCKED)
    assert ended.document.context["found"] == "已责令改正"


def test_the_entry_keeps_what_was_changed_and_why_and_no_more_of_the_words(complaint: Complaint, officer: User) -> None:
    words = {"content": f"{'楼上的住户说' * 9}{SPELT}"}
    complaining.correct_complaint(complaint, officer, words, "补记")
    complaining.correct_complaint(complaint, officer, {"content": words["content"].replace(BOX, "")}, "印不出来")
    entry = AuditEntry.objects.get(action="inspections.correct_complaint", reason="印不出来")
    assert (entry.before, entry.after) == (
        {"content": f"后门安全出口{BOX}夜间上锁"},
        {"content": "后门安全出口夜间上锁"},
    )
    assert entry.summary == f"更正举报登记：{complaint.number}"


def test_the_duties_that_run_are_called_by_the_corrected_name(complaint: Complaint, officer: User) -> None:
    complaining.correct_complaint(complaint, officer, {"premises": "鑫源宾馆"}, "写错")
    labels = Clock.objects.running().filter(subject_id=complaint.pk).order_by("label").values_list("label", flat=True)
    assert list(labels) == ["核查举报：鑫源宾馆", "答复举报：鑫源宾馆"]


def test_nothing_that_is_the_same_leaves_an_entry(complaint: Complaint, officer: User) -> None:
    complaining.correct_complaint(complaint, officer, {"content": SPELT, "address": complaint.address}, "看一看")
    assert not AuditEntry.objects.filter(action="inspections.correct_complaint").exists()


@pytest.mark.parametrize("secret", [NAME, PHONE])
def test_neither_new_words_nor_the_entry_name_the_complainant(complaint: Complaint, officer: User, secret: str) -> None:
    with pytest.raises(RuleError, match="填写的文字里有举报人"):
        complaining.correct_complaint(complaint, officer, {"content": f"{secret}说后门上锁"}, "补记")
    Complaint.objects.filter(pk=complaint.pk).update(content=f"{secret}说后门上锁")
    complaining.correct_complaint(complaint, officer, {"content": "后门上锁"}, "删去姓名")
    entry = AuditEntry.objects.get(action="inspections.correct_complaint")
    assert (entry.before, entry.after) == ({"content": "举报人说后门上锁"}, {"content": "后门上锁"})


def test_only_those_on_the_case_correct_it(
    complaint: Complaint, officer: User, partner: User, chief: User, stranger: User, browse: Browse
) -> None:
    with pytest.raises(RuleError, match="只有受理人、承办人和所长可以更正文字"):
        complaining.correct_complaint(complaint, partner, {"content": LOCKED}, "错字")
    assert page(complaint) not in browse(partner).get(complaint.get_absolute_url()).content.decode()
    assert browse(stranger).get(page(complaint)).status_code == 404
    complaining.correct_complaint(complaint, chief, {"content": LOCKED}, "错字")
    assert Complaint.objects.get().content == LOCKED


def test_what_a_paper_says_is_not_corrected_any_more(
    complaint: Complaint, officer: User, partner: User, browse: Browse
) -> None:
    complaining.correct_complaint(complaint, officer, {"content": LOCKED}, "印不出来")
    complaining.check_complaint(complaint, officer, checked(officer, partner, instant(24, 9)), NOW)
    ended = complaining.answer_complaint(complaint, officer, Told(NOW, "PHONE"), NOW)
    with pytest.raises(RuleError, match="已办结，不能更正"):
        complaining.correct_complaint(ended, officer, {"content": "别的"}, "错字")
    refused = browse(officer).post(page(ended), typed(ended, content="别的"), follow=True)
    assert "这件举报已办结，没有更正" in refused.content.decode()
    assert Complaint.objects.get().content == LOCKED


def test_the_page_asks_for_what_was_typed_so_far(complaint: Complaint, officer: User, browse: Browse) -> None:
    client = browse(officer)
    assert list(client.get(page(complaint)).context["form"].fields) == ["premises", "address", "content", "reason"]
    complaining.transfer_complaint(complaint, officer, Transfer(NOW, "北关派出所", "移字3号"), NOW)
    moved = client.get(page(complaint)).context["form"]
    assert list(moved.fields) == ["premises", "address", "content", "transferred_to", "letter_no", "reason"]
    assert moved.initial["transferred_to"] == "北关派出所"


def test_a_correction_that_cannot_be_printed_is_refused_where_it_is_typed(
    complaint: Complaint, officer: User, browse: Browse
) -> None:
    form = browse(officer).post(page(complaint), typed(complaint, content=SPELT)).context["form"]
    assert list(form.errors) == ["content"]
    assert "印不出来" in form.errors["content"][0]
    assert Complaint.objects.get().jurisdiction == Jurisdiction.OURS
