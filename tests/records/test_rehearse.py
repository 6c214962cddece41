"""A rehearsal runs the act itself and takes it back: what would be issued is known, and nothing of it stays."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.wall import Setting, recall, told
from records import drafts
from records.models import Document, Kind
from records.rehearsing import is_rehearsal, note_number, rehearse
from records.samples import visit as samples
from tests.drafted import caught, everything
from tests.records.sheets import text
from trail.context import written

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
FIRST = "江公（城关）消限字〔2026〕第0001号"


def test_the_paper_is_known_and_every_row_is_as_before(issue: Issue) -> None:
    before = everything()
    rehearsal = rehearse(issue)
    assert rehearsal.papers == [(Kind.ORDER_LIMIT, samples.ORDER_LIMIT | {"number": FIRST})]
    assert rehearsal.numbers == [FIRST]
    assert everything() == before


def test_a_rehearsal_takes_no_number_from_the_series(issue: Issue) -> None:
    issue()
    for _ in range(3):
        rehearse(issue)
    assert [issue().sequence, issue().sequence] == [2, 3]


def test_nothing_is_printed_of_a_rehearsal_and_the_act_around_it_still_is(
    issue: Issue, sent: list[tuple[str, tuple[int, ...]]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        rehearse(issue)
        with transaction.atomic():
            paper = issue()
            rehearse(issue)
    assert sent == [("records.render", (paper.pk,))]


def test_what_is_refused_is_refused_in_the_same_words_and_leaves_nothing(issue: Issue) -> None:
    def act() -> None:
        issue()
        raise RuleError("签发到一半")

    before = everything()
    with pytest.raises(RuleError, match="签发到一半"):
        rehearse(act)
    with pytest.raises(RuleError) as gate:
        rehearse(lambda: issue(context=samples.ORDER_LIMIT | {"unit_name": ""}))
    with pytest.raises(RuleError) as real:
        issue(context=samples.ORDER_LIMIT | {"unit_name": ""})
    assert gate.value.message == real.value.message
    assert everything() == before


def test_only_within_it_is_it_a_rehearsal(issue: Issue) -> None:
    seen = []
    rehearse(lambda: seen.append(is_rehearsal()))
    with pytest.raises(ZeroDivisionError):
        rehearse(lambda: 1 // 0)
    assert (seen, is_rehearsal()) == ([True], False)


def test_the_request_is_not_told_of_entries_that_fell(issue: Issue) -> None:
    token = written.set(set())
    try:
        rehearse(issue)
        assert written.get() == set()
        issue()
        assert written.get() == {"records.issue"}
    finally:
        written.reset(token)


def test_the_wall_knows_afterwards_what_it_knew_before() -> None:
    def steps_through() -> None:
        recall({Setting.PERSON: "7"})

    before = told()
    rehearse(steps_through)
    assert told() == before


def test_a_number_that_fell_is_left_open_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, issue: Issue) -> None:
    shown = caught(monkeypatch)
    cited = samples.ORDER_LIMIT | {"unit_code": FIRST, "problems": [{"no": FIRST}]}
    monkeypatch.setattr("records.actions.check", lambda kind, context: [])
    drafts.answer(lambda: issue(context=cited))
    [(_, context)] = shown
    blank = "〔　　〕第　　　号"
    assert ("number" in context, context["unit_code"], context["problems"]) == (False, blank, [{"no": blank}])


def test_a_number_that_was_given_before_is_shown(monkeypatch: pytest.MonkeyPatch, issue: Issue) -> None:
    shown = caught(monkeypatch)
    drafts.answer(lambda: issue(number=(8, "江公（城关）消限字〔2026〕第0008号")))
    assert [context["number"] for _, context in shown] == ["江公（城关）消限字〔2026〕第0008号"]


def test_an_act_that_issues_nothing_has_no_draft() -> None:
    with pytest.raises(RuleError, match="不出具文书"):
        drafts.answer(lambda: note_number("3号"))


@pytest.mark.slow
def test_the_papers_of_an_act_are_one_file_under_the_mark_without_number_or_qr(issue: Issue) -> None:
    def act() -> None:
        issue()
        issue(kind=Kind.ORDER_NOW, context=samples.ORDER_NOW, on=date(2026, 9, 23))

    answer = drafts.answer(act)
    said = text(answer.content)
    assert len(said) >= 2
    assert [({"草", "稿"} <= set(sheet), "扫码核验" in sheet, "第0001号" in sheet) for sheet in said] == [
        (True, False, False)
    ] * len(said)
