"""Answering row by row."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ObjectDoesNotExist

from fire_supervision.lib.errors import RuleError
from inspections import actions
from inspections.entries import People
from inspections.missing import missing
from inspections.models import Answer, ChecklistItem, Finding, Inspection, Signature, Signer, State
from stations.models import User
from tests.inspections.conftest import AT, DOOR, STROKES
from trail.models import AuditEntry

Item = Callable[[str], ChecklistItem]


def answers(inspection: Inspection) -> dict[str, tuple[str, str, str]]:
    return {row.item.code: (row.value, row.mark, row.note) for row in inspection.answers.select_related("item")}


def test_an_answer_keeps_the_printed_value_with_its_mark(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("exit"), "锁闭", " 后门 ")
    assert answers(draft) == {"exit": ("锁闭", "FAIL", "后门")}


def test_answering_again_replaces_the_answer_and_the_same_answer_changes_nothing(
    draft: Inspection, officer: User, item: Item
) -> None:
    actions.answer(draft, officer, item("exit"), "锁闭")
    assert actions.answer(draft, officer, item("exit"), "畅通") == [item("exit")]
    assert actions.answer(draft, officer, item("exit"), "畅通") == []
    assert answers(draft) == {"exit": ("畅通", "PASS", "")}


def test_a_row_filled_in_words_has_no_mark(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("building_other"), "", "楼顶堆放杂物")
    assert answers(draft) == {"building_other": ("", "", "楼顶堆放杂物")}


def test_a_place_that_is_no_public_gathering_needs_no_permit(draft: Inspection, officer: User, item: Item) -> None:
    changed = actions.answer(draft, officer, item("gathering"), "否")
    assert [row.code for row in changed] == ["gathering", "permit"]
    assert answers(draft)["permit"] == ("不涉及", "NA", "")


def test_what_follows_never_overwrites_what_the_officer_saw(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("permit"), "否")
    assert [row.code for row in actions.answer(draft, officer, item("gathering"), "否")] == ["gathering"]
    assert answers(draft)["permit"] == ("否", "FAIL", "")


def test_a_value_the_form_does_not_print_is_refused(draft: Inspection, officer: User, item: Item) -> None:
    with pytest.raises(RuleError, match="没有“很好”这个选项"):
        actions.answer(draft, officer, item("exit"), "很好")
    assert answers(draft) == {}


def test_a_row_of_another_form_does_not_exist_here(draft: Inspection, officer: User) -> None:
    other = ChecklistItem.objects.filter(checklist__subject="COMMITTEE").first()
    assert other is not None
    with pytest.raises(ObjectDoesNotExist):
        actions.answer(draft, officer, other, "有")


def test_only_the_two_officers_of_the_visit_write_in_it(
    draft: Inspection, officer: User, partner: User, chief: User, stranger: User, item: Item, people: People
) -> None:
    for user in (partner, chief):
        with pytest.raises(RuleError, match="只有检查人可以填写"):
            actions.answer(draft, user, item("exit"), "畅通")
    with pytest.raises(ObjectDoesNotExist):
        actions.answer(draft, stranger, item("exit"), "畅通")
    actions.set_people(draft, officer, people)
    assert actions.answer(draft, partner, item("exit"), "畅通") == [item("exit")]


def test_a_visit_that_was_given_up_is_not_written_in_any_more(draft: Inspection, officer: User, item: Item) -> None:
    actions.discard(draft, officer)
    with pytest.raises(RuleError, match="已放弃"):
        actions.answer(draft, officer, item("exit"), "畅通")


def test_giving_up_twice_tells_it_once(draft: Inspection, officer: User) -> None:
    actions.discard(draft, officer)
    actions.discard(draft, officer)
    draft.refresh_from_db()
    assert draft.state == State.DISCARDED
    assert AuditEntry.objects.filter(action="inspections.discard").count() == 1


def test_a_changed_answer_takes_the_signatures_back_and_an_unchanged_one_leaves_them(
    ready: Inspection, officer: User, item: Item
) -> None:
    actions.sign(ready, officer, Signer.LEAD, STROKES, AT, place=DOOR)
    actions.answer(ready, officer, item("exit"), "畅通")
    assert Signature.objects.count() == 1
    actions.answer(ready, officer, item("exit"), "堵塞")
    assert Signature.objects.count() == 0


def test_passing_the_rest_answers_what_has_one_passing_value_and_can_be_taken_back(
    draft: Inspection, officer: User, item: Item
) -> None:
    actions.answer(draft, officer, item("exit"), "锁闭")
    passed = actions.pass_rest(draft, officer, "building")
    assert {code: value[0] for code, value in answers(draft).items()} == {
        "lane": "畅通", "route": "畅通", "exit": "锁闭", "fire_door": "完好有效", "signs": "完好有效",
        "lights": "完好有效", "windows": "否",
    }  # fmt: skip
    actions.answer(draft, officer, item("signs"), "缺少")
    actions.undo_pass(draft, officer, passed)
    assert {code: value[0] for code, value in answers(draft).items()} == {"exit": "锁闭", "signs": "缺少"}


def test_passing_the_rest_leaves_to_the_officer_what_can_pass_in_several_ways(draft: Inspection, officer: User) -> None:
    assert actions.pass_rest(draft, officer, "legality") == []


def test_passing_the_rest_waits_for_what_an_answer_depends_on(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("gathering"), "是")
    assert actions.pass_rest(draft, officer, "legality") == [item("permit").pk]
    assert answers(draft)["permit"] == ("是", "PASS", "")


def test_passing_the_rest_twice_changes_nothing_the_second_time(draft: Inspection, officer: User) -> None:
    assert len(actions.pass_rest(draft, officer, "danger")) == 3
    assert actions.pass_rest(draft, officer, "danger") == []
    assert Answer.objects.count() == 3


def test_a_better_answer_keeps_the_hazard_and_says_that_they_disagree(
    draft: Inspection, officer: User, item: Item, find: Callable[[Inspection], Finding]
) -> None:
    find(draft)
    actions.answer(draft, officer, item("exit"), "畅通")
    assert draft.findings.count() == 1
    words = [gap.words for gap in missing(draft) if gap.anchor == "item-exit"]
    assert words == ["安全出口：选了“畅通”，却还有隐患表述 1 处"]


def test_the_rest_never_answers_for_a_property_company_that_is_not_there(
    draft: Inspection, officer: User, item: Item
) -> None:
    actions.pass_rest(draft, officer, "facility")
    assert draft.answers.get(item=item("shared")).value == "不涉及"
    assert draft.answers.get(item=item("extinguishers")).value == "完好有效"
