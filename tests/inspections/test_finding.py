"""Hazards chosen from the catalogue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadlines.calendar import Calendar
from fire_supervision.lib.errors import RuleError
from inspections import actions
from inspections.bases import basis_of, follow_up
from inspections.entries import FindingDraft
from inspections.models import ChecklistItem, Finding, HazardType, Inspection, OrderItemRule, Signature, Signer
from inspections.rules import compose, default_words, offered, words_of
from stations.models import User
from tests.inspections.conftest import AT, DOOR, STROKES

Item = Callable[[str], ChecklistItem]
SIGNS = FindingDraft(place="二层走道东侧", words="缺少疏散指示标志", quantity="3", mode="LIMIT", days=7)


def kind(code: str) -> HazardType:
    return HazardType.objects.get(code=code)


def test_the_blanks_make_one_sentence(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("signs"), "缺少")
    finding = actions.add_finding(draft, officer, item("signs"), kind("EV06"), SIGNS)
    assert (finding.wording, finding.mode, finding.days) == ("二层走道东侧缺少疏散指示标志3处", "LIMIT", 7)


def test_a_double_click_notes_one_hazard_and_new_words_replace_the_old(
    draft: Inspection, officer: User, item: Item
) -> None:
    actions.answer(draft, officer, item("signs"), "缺少")
    for days in (7, 7, 10):
        actions.add_finding(draft, officer, item("signs"), kind("EV06"), replace(SIGNS, days=days))
    assert [finding.days for finding in draft.findings.all()] == [10]


def test_the_same_hazard_at_another_place_is_another_one(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("signs"), "缺少")
    for place in ("二层", "三层"):
        actions.add_finding(draft, officer, item("signs"), kind("EV06"), replace(SIGNS, place=place))
    assert [finding.place for finding in draft.findings.all()] == ["二层", "三层"]


def test_a_row_that_did_not_fail_takes_no_hazard_and_the_row_for_others_does(
    draft: Inspection, officer: User, item: Item
) -> None:
    actions.answer(draft, officer, item("signs"), "完好有效")
    with pytest.raises(RuleError, match="没有选不合格的结果"):
        actions.add_finding(draft, officer, item("signs"), kind("EV06"), SIGNS)
    actions.add_finding(draft, officer, item("building_other"), kind("EL01"), replace(SIGNS, words="私拉乱接"))
    assert draft.findings.get().hazard_type.code == "EL01"


def test_a_period_has_days_and_an_order_to_correct_at_once_has_none(
    draft: Inspection, officer: User, item: Item
) -> None:
    actions.answer(draft, officer, item("signs"), "缺少")
    with pytest.raises(RuleError, match="写明天数"):
        actions.add_finding(draft, officer, item("signs"), kind("EV06"), replace(SIGNS, days=0))
    finding = actions.add_finding(draft, officer, item("signs"), kind("EV06"), replace(SIGNS, mode="NOW"))
    assert (finding.mode, finding.days) == ("NOW", 0)


def test_what_is_only_handed_over_has_no_period_whatever_was_chosen(
    draft: Inspection, officer: User, item: Item
) -> None:
    actions.answer(draft, officer, item("basis"), "以上均不符合")
    finding = actions.add_finding(
        draft, officer, item("basis"), kind("BD04"), FindingDraft("整栋", "未验收", mode="LIMIT", days=15)
    )
    assert (finding.mode, finding.days) == ("", 0)


def test_corrected_on_the_spot_goes_with_at_once_only(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("signs"), "缺少")
    finding = actions.add_finding(draft, officer, item("signs"), kind("EV06"), replace(SIGNS, fixed_on_spot=True))
    assert finding.fixed_on_spot is False


def test_an_entry_out_of_force_is_not_chosen_any_more(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("signs"), "缺少")
    HazardType.objects.filter(code="EV06").update(until=date(2026, 9, 24))
    with pytest.raises(RuleError, match="不在隐患库有效期内"):
        actions.add_finding(draft, officer, item("signs"), kind("EV06"), SIGNS)


def test_a_hazard_can_be_worded_anew_and_taken_out(
    draft: Inspection, officer: User, find: Callable[[Inspection], Finding], locked_exit: FindingDraft
) -> None:
    finding = find(draft)
    actions.change_finding(finding, officer, replace(locked_exit, place="二层西侧"))
    assert draft.findings.get().wording == "二层西侧安全出口锁闭1处"
    actions.remove_finding(finding, officer)
    assert draft.findings.count() == 0


def test_a_hazard_is_not_moved_onto_its_twin(
    draft: Inspection, officer: User, item: Item, find: Callable[[Inspection], Finding], locked_exit: FindingDraft
) -> None:
    first = find(draft)
    second = actions.add_finding(draft, officer, item("exit"), kind("EV02"), replace(locked_exit, place="二层西侧"))
    with pytest.raises(RuleError, match="已经登记"):
        actions.change_finding(second, officer, replace(locked_exit, place=first.place))


def test_a_new_hazard_takes_the_signatures_back(
    ready: Inspection, officer: User, find: Callable[[Inspection], Finding]
) -> None:
    actions.sign(ready, officer, Signer.LEAD, STROKES, AT, place=DOOR)
    find(ready)
    assert Signature.objects.count() == 0


def test_the_hazards_of_the_value_stand_first_and_speak_in_the_words_of_the_form(item: Item) -> None:
    row = item("route")
    types = list(row.hazard_types.all())
    assert [entry.code for entry in offered(row, "锁闭", types)[:2]] == ["EV10", "EV02"]
    assert [entry.code for entry in offered(row, "堵塞", types)[:2]] == ["EV01", "EV05"]
    assert default_words(row, "堵塞", kind("EV01")) == "疏散通道堵塞"
    assert default_words(row, "堵塞", kind("EV05")) == "疏散楼梯间、前室内堆放可燃物或设置储物间"


def test_an_aside_of_the_catalogue_is_left_out_of_the_sentence(item: Item) -> None:
    assert default_words(item("building_other"), "", kind("EB03")) == "飞线充电"


@given(place=st.text(max_size=20), words=st.text(min_size=1, max_size=30), quantity=st.text(max_size=5))
def test_a_composed_sentence_gives_its_words_back(place: str, words: str, quantity: str) -> None:
    assert words_of(compose(place, words, quantity), place, quantity) == words


def test_a_period_over_the_holiday_ends_on_the_next_working_day_and_the_acts_follow(db: None) -> None:
    rules = OrderItemRule.objects.by_item(date(2026, 9, 22))
    follow = follow_up(basis_of("5", rules), "LIMIT", 10, date(2026, 9, 22), Calendar.load())
    assert follow.ends_on == date(2026, 10, 8)
    assert follow.steps == [
        ("责令限期改正通知书", "9月28日前送达"),
        ("复查", "期限届满后，10月12日前"),
        ("逾期不改正，移送消防救援大队", ""),
    ]


def test_outside_the_list_of_the_law_no_order_follows(db: None) -> None:
    basis = basis_of("-", OrderItemRule.objects.by_item(date(2026, 9, 22)))
    follow = follow_up(basis, "LIMIT", 7, date(2026, 9, 22), Calendar.load())
    assert follow.steps == [("记入检查记录", "督促整改，可以移送")]
