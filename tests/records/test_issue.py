"""Issuing a paper freezes it, starts the brigade's clock and asks the printer; nothing of it is edited afterwards."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction

from deadlines.models import Clock, ClockState
from fire_supervision.lib.errors import RuleError
from records import actions
from records.models import Document, Kind, ReviewState, State
from records.prints import bound
from records.samples import visit as samples
from stations.models import User
from trail.models import AuditEntry

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 9, 22)
Issue = Callable[..., Document]


def test_the_number_is_frozen_inside_the_context(issue: Issue) -> None:
    paper = issue(context=samples.ORDER_LIMIT | {"number": ""})
    paper.refresh_from_db()
    assert paper.context == samples.ORDER_LIMIT | {"number": "江公（城关）消限字〔2026〕第0001号"}
    assert (paper.state, paper.review_state, paper.issued_on) == (State.ISSUED, ReviewState.PENDING, TUESDAY)


def test_a_number_taken_before_is_used_as_it_is(issue: Issue) -> None:
    assert issue(number=(8, "江公（城关）消限字〔2026〕第0008号")).sequence == 8


def test_the_clock_of_the_review_starts_with_the_issue(issue: Issue) -> None:
    paper = issue()
    clock = Clock.objects.get(key=f"review:{paper.pk}:1")
    # 2026-09-25 is 中秋节: five working days after Tuesday the 22nd end on Wednesday the 30th.
    assert (clock.rule_code, clock.due_on, clock.unit_id) == ("FILING_REVIEW", date(2026, 9, 30), paper.unit_id)
    assert clock.scope_columns() == paper.scope_columns()


def test_printing_is_asked_for_after_the_commit_and_not_after_a_rollback(
    issue: Issue, sent: list[tuple[str, tuple[int, ...]]], django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        paper = issue()
        try:
            with transaction.atomic():
                issue()
                raise RuleError("签发到一半")
        except RuleError:
            pass
    assert sent == [("records.render", (paper.pk,))]


def test_issuing_writes_one_entry(issue: Issue, officer: User) -> None:
    paper = issue(kind=Kind.ORDER_NOW)
    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.action, entry.subject_id) == (officer.pk, "records.issue", paper.pk)
    assert entry.summary == "签发责令立即改正通知书江公（城关）消即字〔2026〕第0001号（万家福便利超市）"
    # What the paper says is bound into the chain: whoever changes the row cannot change that.
    assert entry.after == bound(paper.context)
    assert entry.after["context_sha256"] == paper.context_sha256


def test_a_void_paper_keeps_its_number_and_its_review_falls_away(issue: Issue, chief: User) -> None:
    paper = actions.void(issue(), chief, "改正期限写错", TUESDAY)
    assert (paper.state, paper.void_reason, paper.sequence) == (State.VOID, "改正期限写错", 1)
    assert Clock.objects.get(subject_id=paper.pk).state == ClockState.CANCELLED
    assert issue().sequence == 2


def test_a_paper_is_voided_once_and_only_with_a_reason(issue: Issue, chief: User) -> None:
    paper = issue()
    with pytest.raises(RuleError, match="理由"):
        actions.void(paper, chief, " ", TUESDAY)
    actions.void(paper, chief, "改正期限写错", TUESDAY)
    with pytest.raises(RuleError, match="已作废"):
        actions.void(paper, chief, "再作废一次", TUESDAY)
    assert AuditEntry.objects.filter(action="records.void").count() == 1


def test_a_void_paper_names_the_one_issued_instead(issue: Issue, chief: User) -> None:
    old, new = issue(), issue()
    with pytest.raises(RuleError, match="不能由"):
        actions.replace(old, new)
    actions.void(old, chief, "改正期限写错", TUESDAY)
    assert actions.replace(old, new).replaced_by == new
    with pytest.raises(RuleError, match="不能由"):
        actions.replace(old, issue())


@pytest.mark.parametrize(
    "moves",
    [
        [ReviewState.PASSED],
        [ReviewState.RETURNED, ReviewState.REFILED, ReviewState.PASSED],
        [ReviewState.RETURNED, ReviewState.REFILED, ReviewState.RETURNED, ReviewState.REFILED],
        [ReviewState.EXEMPT],
    ],
)
def test_the_review_moves_by_its_table(issue: Issue, supervisor: User, moves: list[ReviewState]) -> None:
    paper = issue()
    for move in moves:
        paper = actions.mark_reviewed(paper, move, TUESDAY, supervisor)
    assert paper.review_state == moves[-1]
    assert AuditEntry.objects.filter(action="records.mark_reviewed").count() == len(moves)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ReviewState.PASSED, ReviewState.RETURNED),
        (ReviewState.RETURNED, ReviewState.PASSED),
        (ReviewState.EXEMPT, ReviewState.PASSED),
    ],
)
def test_the_review_makes_no_other_move(issue: Issue, supervisor: User, first: ReviewState, then: ReviewState) -> None:
    paper = actions.mark_reviewed(issue(), first, TUESDAY, supervisor)
    with pytest.raises(RuleError, match=first.label):
        actions.mark_reviewed(paper, then, TUESDAY, supervisor)


def test_a_void_paper_is_not_reviewed(issue: Issue, chief: User, supervisor: User) -> None:
    paper = actions.void(issue(), chief, "改正期限写错", TUESDAY)
    with pytest.raises(RuleError, match="已作废"):
        actions.mark_reviewed(paper, ReviewState.PASSED, TUESDAY, supervisor)
