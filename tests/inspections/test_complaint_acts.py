"""核查, 移送, 答复, 改派, 改类别, 撤销: each moves the state, stops its clock and is done once."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from inspections import actions, complaining
from inspections.complaint_entries import Told, Transfer
from inspections.models import Complaint, ComplaintCategory, Inspection, Jurisdiction, Manner
from records.models import Kind
from stations.models import Message, User
from tests.inspections.complaints import CALLED, NAME, checked, instant, received
from trail.models import AuditEntry
from units.models import Unit

CHECKED, ANSWERED = instant(24, 9, 30), instant(24, 16)
PHONED = Told(ANSWERED, Manner.PHONE, "已责令改正")


@pytest.fixture
def complaint(officer: User) -> Complaint:
    return received(officer)


def state_of(complaint: Complaint, code: str) -> tuple[str, Any]:
    clock = Clock.objects.get(subject_id=complaint.pk, rule_code=code)
    return clock.state, clock.met_at or clock.met_on


def test_a_check_by_two_officers_meets_its_clock_at_the_instant(
    complaint: Complaint, officer: User, partner: User
) -> None:
    done = complaining.check_complaint(complaint, partner, checked(partner, officer, CHECKED), ANSWERED)
    done.refresh_from_db()
    assert (done.state, done.checked_at, done.first, done.second) == ("CHECKED", CHECKED, partner, officer)
    assert state_of(done, "COMPLAINT_EXIT") == ("MET", CHECKED)
    assert state_of(done, "COMPLAINT_FEEDBACK") == ("RUNNING", None)
    assert Clock.objects.get(rule_code="COMPLAINT_EXIT").was_late is False


def test_a_minute_past_the_24_hours_is_late(complaint: Complaint, officer: User, partner: User) -> None:
    at = CALLED + timedelta(hours=24, minutes=1)
    complaining.check_complaint(complaint, officer, checked(officer, partner, at), at)
    assert Clock.objects.get(rule_code="COMPLAINT_EXIT").was_late is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"second": "officer"}, "两名民警"),
        ({"second": "assistant"}, "周小川 不能做核查人"),
        ({"second": "stranger"}, "赵远山 不能做核查人"),
        ({"at": CALLED - timedelta(minutes=1)}, "不能早于接到举报的时间 2026-09-23 21:15"),
        ({"at": ANSWERED + timedelta(minutes=1)}, "不能晚于现在"),
        ({"found": f"据{NAME}反映"}, "举报人的姓名"),
    ],
)
def test_a_check_that_cannot_be_is_refused_and_changes_nothing(
    complaint: Complaint, officer: User, partner: User, assistant: User, stranger: User,
    changes: dict[str, Any], words: str,
) -> None:  # fmt: skip
    people = {"officer": officer, "assistant": assistant, "stranger": stranger}
    if "second" in changes:
        changes = {"second": people[changes["second"]]}
    result = checked(**{"first": officer, "second": partner, "at": CHECKED} | changes)
    with pytest.raises(RuleError, match=words):
        complaining.check_complaint(complaint, officer, result, ANSWERED)
    complaint.refresh_from_db()
    assert (complaint.state, state_of(complaint, "COMPLAINT_EXIT")) == ("RECEIVED", ("RUNNING", None))


def test_two_tabs_write_one_check(complaint: Complaint, officer: User, partner: User) -> None:
    complaining.check_complaint(complaint, officer, checked(officer, partner, CHECKED), ANSWERED)
    with pytest.raises(RuleError, match="没有重复登记"):
        complaining.check_complaint(complaint, partner, checked(partner, officer, CHECKED, truth="FALSE"), ANSWERED)
    complaint.refresh_from_db()
    assert complaint.truth == "TRUE"
    assert AuditEntry.objects.filter(action="inspections.check_complaint").count() == 1


def test_only_a_visit_to_this_unit_since_the_complaint_is_linked(
    officer: User, partner: User, unit: Unit, ready: Inspection, make_unit: Callable[..., Unit]
) -> None:
    visit, now = actions.submit(ready, officer, instant(25, 11)), instant(25, 13)
    result = checked(officer, partner, now, inspection=visit)
    for changes in ({"unit": unit, "received_at": instant(25, 12)}, {"unit": make_unit("乙店")}):
        with pytest.raises(RuleError, match="不是接到举报后对这家单位完成的检查"):
            complaining.check_complaint(received(officer, **changes), officer, result, now)
    done = complaining.check_complaint(received(officer, unit=unit), officer, result, now)
    assert (done.inspection, done.state) == (visit, "CHECKED")


def test_with_nobody_to_tell_the_check_notes_it_and_ends_the_complaint(officer: User, partner: User) -> None:
    made = received(officer, complainant="", contact="")
    done = complaining.check_complaint(made, officer, checked(officer, partner, CHECKED), ANSWERED)
    assert (done.state, done.untold, done.told_by) == ("ANSWERED", "匿名举报，没有留下联系方式", officer)


def test_the_answer_ends_the_complaint_and_its_clock(complaint: Complaint, officer: User, partner: User) -> None:
    complaining.check_complaint(complaint, officer, checked(officer, partner, CHECKED), CHECKED)
    with pytest.raises(RuleError, match="告知时间不能早于核查时间"):
        complaining.answer_complaint(complaint, officer, Told(CHECKED - timedelta(minutes=1), Manner.PHONE), ANSWERED)
    with pytest.raises(RuleError, match="怎样告知"):
        complaining.answer_complaint(complaint, officer, Told(ANSWERED), ANSWERED)
    done = complaining.answer_complaint(complaint, officer, PHONED, ANSWERED)
    assert (done.state, done.manner, done.told_at) == ("ANSWERED", "PHONE", ANSWERED)
    assert state_of(done, "COMPLAINT_FEEDBACK") == ("MET", ANSWERED)
    with pytest.raises(RuleError, match="没有重复登记"):
        complaining.answer_complaint(complaint, officer, PHONED, ANSWERED)


def test_who_cannot_be_told_is_noted_with_the_reason(complaint: Complaint, officer: User, partner: User) -> None:
    complaining.check_complaint(complaint, officer, checked(officer, partner, CHECKED), CHECKED)
    done = complaining.answer_complaint(complaint, officer, Told(ANSWERED, Manner.PHONE, "x", "号码停机"), ANSWERED)
    assert (done.state, done.manner, done.told, done.untold) == ("ANSWERED", "", "", "号码停机")


def test_an_answer_without_a_check_is_refused(complaint: Complaint, officer: User) -> None:
    with pytest.raises(RuleError, match="待核查，不能改为已办结"):
        complaining.answer_complaint(complaint, officer, PHONED, ANSWERED)


def test_a_transfer_is_done_when_the_complainant_knows_of_it(officer: User) -> None:
    made = received(officer, jurisdiction=Jurisdiction.OTHER_POLICE)
    complaining.transfer_complaint(made, officer, Transfer(CHECKED, "江城市消防救援大队", "函1号"), CHECKED)
    made.refresh_from_db()
    assert (made.state, state_of(made, "COMPLAINT_TRANSFER")) == ("TRANSFERRED", ("RUNNING", None))
    done = complaining.answer_complaint(made, officer, PHONED, ANSWERED)
    assert (done.state, state_of(made, "COMPLAINT_TRANSFER")) == ("ANSWERED", ("MET", ANSWERED))


def test_a_transfer_told_at_once_is_one_act(officer: User) -> None:
    made = received(officer, jurisdiction=Jurisdiction.OTHER_POLICE)
    move = Transfer(ANSWERED, "北关派出所", told=Told(CHECKED, Manner.PHONE))
    done = complaining.transfer_complaint(made, officer, move, ANSWERED)
    assert (done.state, state_of(done, "COMPLAINT_TRANSFER")) == ("ANSWERED", ("MET", ANSWERED))
    with pytest.raises(RuleError, match="没有重复登记"):
        complaining.transfer_complaint(done, officer, Transfer(ANSWERED, "东关派出所"), ANSWERED)


def test_what_was_taken_for_ours_is_transferred_under_the_clock_of_a_transfer(
    complaint: Complaint, officer: User
) -> None:
    late = CALLED + timedelta(hours=25)
    move = Transfer(late, "北关派出所", told=Told(late, Manner.PHONE))
    done = complaining.transfer_complaint(complaint, officer, move, late)
    assert done.jurisdiction == Jurisdiction.OTHER_POLICE
    states = {clock.rule_code: clock.state for clock in Clock.objects.all()}
    assert states == {
        "COMPLAINT_EXIT": "CANCELLED", "COMPLAINT_FEEDBACK": "CANCELLED", "COMPLAINT_TRANSFER": "MET",
    }  # fmt: skip
    assert Clock.objects.get(rule_code="COMPLAINT_TRANSFER").was_late is True


def test_a_change_of_category_counts_anew_from_the_same_instant(complaint: Complaint, officer: User) -> None:
    complaining.recategorise_complaint(complaint, officer, ComplaintCategory.OTHER, "只是灯不亮")
    complaining.recategorise_complaint(complaint, officer, ComplaintCategory.OTHER, "再按一次")
    complaining.recategorise_complaint(complaint, officer, ComplaintCategory.EXIT, "确有上锁")
    checks = Clock.objects.filter(key__startswith="complaint_check:").order_by("pk")
    assert [(clock.rule_code, clock.state, clock.due_on) for clock in checks] == [
        ("COMPLAINT_EXIT", "CANCELLED", date(2026, 9, 24)),
        ("COMPLAINT_OTHER", "CANCELLED", date(2026, 9, 29)),
        ("COMPLAINT_EXIT", "RUNNING", date(2026, 9, 24)),
    ]
    assert checks[2].due_at == CALLED + timedelta(hours=24)


def test_the_category_of_what_was_checked_stays(complaint: Complaint, officer: User, partner: User) -> None:
    complaining.check_complaint(complaint, officer, checked(officer, partner, CHECKED), CHECKED)
    with pytest.raises(RuleError, match="待答复，不能改类别"):
        complaining.recategorise_complaint(complaint, officer, ComplaintCategory.OTHER, "x")


def test_the_clocks_go_to_the_new_handler_and_he_hears_of_it(
    complaint: Complaint, officer: User, partner: User, chief: User
) -> None:
    with pytest.raises(RuleError, match="受理人、承办人和所长"):
        complaining.assign_complaint(complaint, partner, partner, "我来")
    complaining.assign_complaint(complaint, chief, partner, "休假")
    complaining.assign_complaint(complaint, chief, partner, "再按一次")
    assert {clock.owner for clock in Clock.objects.all()} == {partner}
    assert [message.user for message in Message.objects.all()] == [partner]
    complaint.refresh_from_db()
    complaining.assign_complaint(complaint, chief, officer, "回来了")
    complaining.assign_complaint(complaint, chief, partner, "又走了")
    assert Message.objects.filter(user=partner).count() == 2


def test_a_withdrawn_registration_keeps_its_number_and_runs_no_clock(complaint: Complaint, chief: User) -> None:
    with pytest.raises(RuleError, match="理由"):
        complaining.withdraw_complaint(complaint, chief, " ", ANSWERED)
    for _ in range(2):
        done = complaining.withdraw_complaint(complaint, chief, "与第0002号重复", ANSWERED)
    assert (done.state, done.withdrawn_reason) == ("WITHDRAWN", "与第0002号重复")
    assert set(Clock.objects.values_list("state", flat=True)) == {"CANCELLED"}
    assert AuditEntry.objects.filter(action="inspections.withdraw_complaint").count() == 1
    assert received(chief).sequence == 2


def test_what_was_checked_is_not_withdrawn(complaint: Complaint, officer: User, partner: User, chief: User) -> None:
    complaining.check_complaint(complaint, officer, checked(officer, partner, CHECKED), CHECKED)
    with pytest.raises(RuleError, match="待答复，不能撤销"):
        complaining.withdraw_complaint(complaint, chief, "x", ANSWERED)


def test_another_stations_complaint_is_not_there(complaint: Complaint, stranger: User) -> None:
    with pytest.raises(Complaint.DoesNotExist):
        complaining.recategorise_complaint(complaint, stranger, ComplaintCategory.OTHER, "x")


def test_the_number_of_a_withdrawn_complaint_counts_as_void_with_its_reason(
    complaint: Complaint, officer: User, chief: User, browse: Callable[[User], Client]
) -> None:
    """It is used for good and no paper will bear it: it is neither a gap nor waiting for one."""
    received(officer)

    def series() -> tuple[tuple[int, int, int, int], str]:
        response = browse(chief).get(reverse("records:counters"))
        row = next(row for row in response.context["series"] if row.kind == Kind.COMPLAINT)
        return (row.valid, row.void, row.open, row.papers), response.content.decode()

    with time_machine.travel(ANSWERED, tick=False):
        assert series()[0] == (0, 0, 2, 0)
        complaining.withdraw_complaint(complaint, chief, "与第0002号重复登记", ANSWERED)
        counted, page = series()
        assert counted == (0, 1, 1, 0)
        assert ("2026-09-24 撤销：与第0002号重复登记" in page, "1 件在办" in page) == (True, True)
