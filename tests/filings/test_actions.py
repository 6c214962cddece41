from collections.abc import Callable
from datetime import date

import pytest

from deadlines.models import Clock, ClockState
from filings.actions import ANSWERED_EACH, Objection, open_filing, pass_filing, refile, return_filing
from filings.models import Defect, Filing, Remark, Review
from fire_supervision.lib.errors import RuleError
from records.actions import void
from records.models import Document, ReviewState
from stations.models import Guidance, Message, Organisation, User
from stations.permissions import Role
from tests.filings.conftest import moment
from trail.models import AuditEntry


def objection(text: str = "写明部位", code: str = "VAGUE", field: str = "problem:1") -> Objection:
    return Objection(Defect.objects.get(code=code), text, field)


def entries() -> list[str]:
    written = AuditEntry.objects.filter(action__startswith="filings.").order_by("id")
    return list(written.values_list("action", flat=True))


def clock(key: str) -> Clock:
    return Clock.objects.get(key=key)


def test_opening_a_filing_twice_keeps_the_first_supervisor(
    paper: Document, supervisor: User, brigade_leader: User
) -> None:
    first = open_filing(paper, supervisor, moment(23))
    again = open_filing(paper, brigade_leader, moment(24))
    assert (again.pk, again.opened_by, again.station) == (first.pk, supervisor, paper.station)
    assert entries() == ["filings.open"]


def test_passing_ends_the_review_and_its_clock(paper: Document, supervisor: User) -> None:
    pass_filing(paper, supervisor, round_=1, at=moment(23))
    paper.refresh_from_db()
    assert (paper.review_state, paper.reviewed_on) == (ReviewState.PASSED, date(2026, 9, 23))
    assert (clock(f"review:{paper.pk}:1").state, clock(f"review:{paper.pk}:1").met_on) == (
        ClockState.MET,
        date(2026, 9, 23),
    )
    assert entries() == ["filings.open", "filings.pass"]


def test_returning_needs_a_remark(paper: Document, supervisor: User) -> None:
    with pytest.raises(RuleError, match="至少要写一条意见"):
        return_filing(paper, supervisor, [], round_=1, at=moment(23))
    return_filing(paper, supervisor, [objection()], round_=1, at=moment(23))
    assert Remark.objects.get().text == "写明部位"


def test_returning_gives_the_issuing_officer_three_working_days_and_a_message(
    paper: Document, supervisor: User, officer: User
) -> None:
    return_filing(paper, supervisor, [objection(), objection("期限过长", "DEADLINE")], round_=1, at=moment(23))
    paper.refresh_from_db()
    assert paper.review_state == ReviewState.RETURNED
    fix = clock(f"fix:{paper.pk}:1")
    # Wednesday 9-23: Thursday, then 中秋 and its weekend, Monday, Tuesday.
    assert (fix.owner, fix.due_on, fix.state) == (officer, date(2026, 9, 29), ClockState.RUNNING)
    assert clock(f"review:{paper.pk}:1").state == ClockState.MET
    message = Message.objects.get(user=officer)
    assert (message.title, message.url) == (f"{paper.number} 退回补正", f"/filings/returned/{paper.pk}/")
    assert entries() == ["filings.open", "filings.return"]


@pytest.mark.parametrize("gone", ["moved", "disabled"])
def test_an_officer_who_left_gets_no_duty_and_the_chief_is_told(
    gone: str, paper: Document, supervisor: User, officer: User, chief: User, sibling: Organisation
) -> None:
    fields = {"organisation": sibling} if gone == "moved" else {"is_active": False}
    User.objects.filter(pk=officer.pk).update(**fields)
    return_filing(Document.objects.get(pk=paper.pk), supervisor, [objection()], round_=1, at=moment(23))
    assert clock(f"fix:{paper.pk}:1").owner is None
    told = Message.objects.filter(key__startswith="filing-returned:").values_list("user", "title")
    assert list(told) == [(chief.pk, f"{paper.number} 退回补正")]


@pytest.mark.parametrize("gone", ["substitute", "leader"])
def test_what_comes_back_is_told_to_whoever_answers_for_the_station_when_its_supervisor_has_left(
    gone: str, paper: Document, supervisor: User, officer: User, brigade_leader: User, person: Callable[..., User]
) -> None:
    return_filing(paper, supervisor, [objection()], round_=1, at=moment(23))
    heir = brigade_leader if gone == "leader" else person(Role.SUPERVISOR, supervisor.organisation, "代管人")
    Guidance.objects.update(substitute=heir if gone == "substitute" else None)
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    refile(Document.objects.get(pk=paper.pk), officer, round_=1, answer="已补传", answers={}, at=moment(24))
    told = Message.objects.filter(key__startswith="filing-refiled:").values_list("user", flat=True)
    assert list(told) == [heir.pk]


def test_refiling_starts_the_next_round_and_tells_who_guides_the_station_now(
    paper: Document, supervisor: User, officer: User, brigade_leader: User
) -> None:
    review = return_filing(paper, supervisor, [objection()], round_=1, at=moment(23))
    Guidance.objects.update(supervisor=brigade_leader)
    refile(paper, officer, round_=1, answer="已补传签名扫描件", answers={}, at=moment(24))
    paper.refresh_from_db()
    review.refresh_from_db()
    assert paper.review_state == ReviewState.REFILED
    assert (review.answer, review.answered_by) == ("已补传签名扫描件", officer)
    assert clock(f"fix:{paper.pk}:1").met_on == date(2026, 9, 24)
    again = clock(f"review:{paper.pk}:2")
    assert (again.owner, again.started_on, again.state) == (brigade_leader, date(2026, 9, 24), ClockState.RUNNING)
    assert Message.objects.get(user=brigade_leader).title == f"{paper.number} 已补正再报"
    assert entries() == ["filings.open", "filings.return", "filings.refile"]


def test_answers_to_each_remark_are_enough(paper: Document, supervisor: User, officer: User) -> None:
    review = return_filing(paper, supervisor, [objection(), objection("补照片", "NO_PHOTO")], round_=1, at=moment(23))
    first, second = review.remarks.all()
    with pytest.raises(RuleError, match="还有意见没有回复"):
        refile(paper, officer, round_=1, answer="", answers={first.pk: "东侧楼梯间"}, at=moment(24))
    refile(paper, officer, round_=1, answer="", answers={first.pk: "东侧楼梯间", second.pk: "已补照片"}, at=moment(24))
    assert list(Remark.objects.values_list("answer", flat=True)) == ["东侧楼梯间", "已补照片"]
    assert Review.objects.get().answer == ANSWERED_EACH


def test_answering_twice_is_refused_and_says_who_answered(paper: Document, supervisor: User, officer: User) -> None:
    return_filing(paper, supervisor, [objection()], round_=1, at=moment(23))
    refile(paper, officer, round_=1, answer="已改", answers={}, at=moment(24))
    with pytest.raises(RuleError, match="已由李建平补正再报"):
        refile(paper, officer, round_=1, answer="再改", answers={}, at=moment(24))


def test_the_second_supervisor_is_told_who_was_first(paper: Document, supervisor: User, brigade_leader: User) -> None:
    pass_filing(paper, supervisor, round_=1, at=moment(23, 9))
    with pytest.raises(RuleError, match="已由陈立新于 2026-09-23 09:00 审查：合格"):
        return_filing(paper, brigade_leader, [objection()], round_=1, at=moment(23, 10))
    assert Review.objects.count() == 1
    assert not Remark.objects.exists()


def test_a_page_from_an_earlier_round_decides_nothing(paper: Document, supervisor: User, officer: User) -> None:
    return_filing(paper, supervisor, [objection()], round_=1, at=moment(23))
    refile(paper, officer, round_=1, answer="已改", answers={}, at=moment(24))
    with pytest.raises(RuleError, match="退回补正"):
        pass_filing(paper, supervisor, round_=1, at=moment(25))
    pass_filing(paper, supervisor, round_=2, at=moment(25))
    paper.refresh_from_db()
    assert paper.review_state == ReviewState.PASSED
    assert [row.round for row in Review.objects.all()] == [1, 2]


def test_a_void_paper_is_neither_decided_nor_answered(
    paper: Document, make_paper: Callable[..., Document], supervisor: User, officer: User, chief: User
) -> None:
    other = make_paper()
    return_filing(other, supervisor, [objection()], round_=1, at=moment(23))
    for document in (paper, other):
        void(document, chief, "单位名称写错", date(2026, 9, 24))
    with pytest.raises(RuleError, match="已作废，不再审查"):
        pass_filing(paper, supervisor, round_=1, at=moment(24))
    with pytest.raises(RuleError, match="已作废，不用补正"):
        refile(other, officer, round_=1, answer="已改", answers={}, at=moment(24))
    assert clock(f"fix:{other.pk}:1").state == ClockState.CANCELLED
    assert Filing.objects.count() == 1


def test_a_paper_that_was_never_returned_has_nothing_to_answer(paper: Document, officer: User) -> None:
    with pytest.raises(RuleError, match="没有退回补正"):
        refile(paper, officer, round_=1, answer="已改", answers={}, at=moment(24))
