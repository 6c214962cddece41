"""What the law proposes for each item of 规定第31–33条, and how a period is counted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadlines.calendar import Calendar
from deadlines.models import DayKind
from hazards.models import Disposition, Target
from hazards.rules import asks_grave, disposition, target_of
from inspections.models import HazardType, OrderItemRule
from inspections.periods import deadline

NOW, LIMIT, URGE, REFER = Disposition.ORDER_NOW, Disposition.ORDER_LIMIT, Disposition.URGE, Disposition.REFER
ON = date(2026, 9, 22)


@pytest.fixture
def rules(db: None) -> dict[str, OrderItemRule]:
    return OrderItemRule.objects.by_item(ON)


@pytest.mark.parametrize("item", [str(number) for number in range(1, 11)])
def test_each_of_the_ten_items_proposes_an_order_and_nothing_else(item: str, rules: dict[str, OrderItemRule]) -> None:
    proposal = disposition(item, "LIMIT", "", rules)
    assert (proposal.disposition, proposal.offers) == (LIMIT, frozenset({LIMIT}))
    assert proposal.basis == f"消防监督检查规定第33条第1款第{item}项"
    assert proposal.pending == (int(item) >= 6)  # the words of items 6 to 10 were not read in a reliable copy


def test_the_mode_decides_which_order(rules: dict[str, OrderItemRule]) -> None:
    assert disposition("2", "NOW", "", rules).disposition == NOW
    assert disposition("2", "LIMIT", "", rules).disposition == LIMIT


def test_a_property_company_is_ordered_by_article_31_3(rules: dict[str, OrderItemRule]) -> None:
    proposal = disposition("31(3)", "LIMIT", "", rules)
    assert (proposal.disposition, proposal.basis, proposal.pending) == (LIMIT, "消防监督检查规定第31条第3款", False)


def test_a_doubtful_item_proposes_an_order_to_be_confirmed_and_offers_the_milder_ways(
    rules: dict[str, OrderItemRule],
) -> None:
    proposal = disposition("5?", "LIMIT", "", rules)
    assert (proposal.disposition, proposal.pending) == (LIMIT, True)
    assert proposal.offers == frozenset({LIMIT, URGE, REFER})


def test_a_doubt_the_bureau_has_settled_is_none(rules: dict[str, OrderItemRule]) -> None:
    proposal = disposition("5?", "LIMIT", "", rules, confirmed=True)
    assert (proposal.pending, proposal.offers) == (False, frozenset({LIMIT}))


@pytest.mark.parametrize("item", ["32(1)", "32(2)", "32(3)", "32(4)", "32(5)"])
def test_a_committee_is_urged_and_never_ordered(item: str, rules: dict[str, OrderItemRule]) -> None:
    proposal = disposition(item, "LIMIT", "", rules)
    assert (proposal.disposition, proposal.offers) == (URGE, frozenset({URGE}))


def test_missing_acceptance_or_permit_is_referred_and_never_ordered(rules: dict[str, OrderItemRule]) -> None:
    proposal = disposition("33(2)", "", "", rules)
    assert (proposal.disposition, proposal.offers) == (REFER, frozenset({REFER}))
    assert proposal.basis == "消防监督检查规定第33条第2款"


def test_what_is_outside_the_list_is_urged_with_referral_offered(rules: dict[str, OrderItemRule]) -> None:
    proposal = disposition("-", "NOW", "", rules)
    assert (proposal.disposition, proposal.offers) == (URGE, frozenset({URGE, REFER}))


def test_what_is_outside_the_list_becomes_an_order_only_where_the_bureau_names_a_basis(
    rules: dict[str, OrderItemRule],
) -> None:
    proposal = disposition("-", "NOW", "江城市消防条例第20条", rules)
    assert (proposal.disposition, proposal.basis) == (NOW, "江城市消防条例第20条")
    assert proposal.offers == frozenset({NOW, URGE, REFER})


def test_an_unknown_item_counts_as_outside_the_list(rules: dict[str, OrderItemRule]) -> None:
    assert disposition("99", "NOW", "", rules).disposition == URGE


def test_a_local_basis_makes_no_order_of_what_must_be_referred_or_urged(rules: dict[str, OrderItemRule]) -> None:
    assert disposition("33(2)", "", "地方规定", rules).disposition == REFER
    assert disposition("32(1)", "LIMIT", "地方规定", rules).disposition == URGE


def test_the_catalogue_names_no_item_the_table_lacks(rules: dict[str, OrderItemRule]) -> None:
    assert {item.removesuffix("?") for item in HazardType.objects.values_list("order_item", flat=True)} <= set(rules)


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ("HOUS（5个工作日书面移交）", Target.HOUSING),
        ("FIRE*", Target.FIRE_BRIGADE),
        ("GAS，FIRE*", Target.GAS),
        ("N", Target.FIRE_BRIGADE),
    ],
)
def test_the_first_authority_of_the_catalogue_receives_a_referral(words: str, target: Target) -> None:
    assert target_of(words) == target


def test_only_what_may_gravely_threaten_public_safety_asks_so() -> None:
    assert [asks_grave("Y", 2), asks_grave("C", 3), asks_grave("C", 2), asks_grave("N", 3)] == [
        True,
        True,
        False,
        False,
    ]


# ---------- deadline ----------


@pytest.fixture
def calendar(db: None) -> Calendar:
    return Calendar.load(date(2026, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("days", "last"),
    [
        (0, date(2026, 9, 22)),
        (3, date(2026, 9, 28)),  # 25 September is 中秋节, off to Sunday 27
        (7, date(2026, 9, 29)),
        (8, date(2026, 9, 30)),
        (9, date(2026, 10, 8)),  # 1 October and the week behind it are off
        (15, date(2026, 10, 8)),
        (18, date(2026, 10, 10)),  # a Saturday that is worked
        (19, date(2026, 10, 12)),  # the Sunday behind it is not
    ],
)
def test_a_period_counts_calendar_days_and_rolls_off_rest_days(days: int, last: date, calendar: Calendar) -> None:
    assert deadline(ON, days, calendar) == last


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(visited=DAYS, days=st.integers(1, 90), off=st.sets(DAYS, max_size=60), worked=st.sets(DAYS, max_size=20))
def test_a_period_ends_on_the_first_working_day_not_before_its_plain_end(
    visited: date, days: int, off: set[date], worked: set[date]
) -> None:
    calendar = Calendar(dict.fromkeys(off, DayKind.OFF) | dict.fromkeys(worked, DayKind.WORK))
    plain, last = visited + timedelta(days=days), deadline(visited, days, calendar)
    between = [plain + timedelta(days=step) for step in range((last - plain).days)]
    assert calendar.is_working(last)
    assert last >= plain
    assert not any(calendar.is_working(day) for day in between)


@given(visited=DAYS)
def test_what_must_be_corrected_at_once_ends_on_the_day_of_the_visit(visited: date) -> None:
    assert deadline(visited, 0, Calendar()) == visited


@given(visited=DAYS, days=st.integers(1, 60))
def test_a_longer_period_never_ends_earlier(visited: date, days: int) -> None:
    assert deadline(visited, days, Calendar()) <= deadline(visited, days + 1, Calendar())
