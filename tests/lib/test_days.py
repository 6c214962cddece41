"""A clock drawn as a calendar, checked by hand on the National Day weeks of 2026."""

from datetime import date, timedelta
from typing import Any

from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from fire_supervision.lib.days import explain

FIRST = date(2026, 9, 30)


def national_day() -> list[dict[str, Any]]:
    """届满 on 30 September; 1 to 7 October off; 10 October is a Saturday made up."""
    return [
        {"date": FIRST, "kind": "start", "label": "改正期限届满"},
        *({"date": FIRST + timedelta(days=n), "kind": "skip", "label": "国庆节放假"} for n in range(1, 8)),
        {"date": date(2026, 10, 8), "kind": "count", "label": ""},
        {"date": date(2026, 10, 9), "kind": "count", "label": ""},
        {"date": date(2026, 10, 10), "kind": "due", "label": "", "work": True},
    ]


def test_the_clock_is_drawn_in_whole_weeks_from_monday() -> None:
    squares = explain(national_day(), None).squares
    assert [square.date for square in (squares[0], squares[-1])] == [date(2026, 9, 28), date(2026, 10, 11)]
    assert [square.shown for square in squares] == ["9-28", "29", "30", "10-1", *(str(n) for n in range(2, 12))]


def test_each_square_says_what_the_day_is() -> None:
    words = [square.words for square in explain(national_day(), None).squares]
    assert words == ["", "", "届满", "国庆", "休", "休", "休", "休", "休", "休", "第 1 日", "第 2 日", "到期", ""]


def test_today_is_ringed_and_a_make_up_day_is_marked() -> None:
    squares = {square.date: square for square in explain(national_day(), date(2026, 10, 9)).squares}
    assert squares[date(2026, 10, 9)].kinds == "count today"
    assert [day for day, square in squares.items() if square.work] == [date(2026, 10, 10)]


def test_the_reasons_are_told_in_words() -> None:
    assert explain(national_day(), None).facts == [
        ("起算", "9月30日改正期限届满，当日不计入"),
        ("跳过", "10月1日至7日（国庆节放假）"),
        ("计入", "10月8日至9日；10月10日（星期六，调休上班），共 3 日"),
    ]


def test_weekends_on_both_sides_of_a_week_are_two_runs() -> None:
    start = date(2026, 3, 6)
    rows = [{"date": start, "kind": "start", "label": "检查"}]
    for day in (start + timedelta(days=n) for n in range(1, 11)):
        off = day.weekday() > 4
        rows.append({"date": day, "kind": "skip" if off else "count", "label": "周末" if off else ""})
    assert explain(rows, None).facts[1] == ("跳过", "3月7日至8日（周末）；3月14日至15日（周末）")


def test_a_year_is_drawn_as_its_first_and_its_last_week() -> None:
    rows = [
        {"date": date(2026, 3, 4), "kind": "start", "label": ""},
        {"date": date(2026, 12, 31), "kind": "due", "label": ""},
    ]
    drawn = explain(rows, None)
    assert len(drawn.squares) == 14
    assert [square.shown for square in drawn.squares if square.after_gap] == ["12-28"]
    assert drawn.facts == [("起算", "3月4日，当日不计入"), ("到期", "12月31日")]


def test_days_without_a_first_one_are_named_but_not_summed() -> None:
    assert explain([{"date": FIRST, "kind": "due", "label": ""}], None).facts == [("计入", "9月30日")]


def test_nothing_is_drawn_for_a_clock_without_days() -> None:
    assert Template("{% days rows %}").render(Context({"rows": []})).strip() == ""


def test_the_drawing_carries_its_article_and_can_be_heard() -> None:
    context = Context({"rows": national_day(), "today": None})
    shown = Template("{% days rows today basis='规定第20条' %}").render(context)
    assert "<dt>依据</dt><dd>规定第20条</dd>" in shown
    assert 'aria-label="起算：9月30日改正期限届满，当日不计入；跳过：10月1日至7日（国庆节放假）；' in shown


@given(start=st.dates(date(2018, 1, 1), date(2035, 1, 1)), length=st.integers(1, 60))
def test_any_clock_fills_whole_weeks_and_keeps_its_last_day(start: date, length: int) -> None:
    rows = [{"date": start + timedelta(days=n), "kind": "count" if n else "start", "label": ""} for n in range(length)]
    rows.append({"date": start + timedelta(days=length), "kind": "due", "label": ""})
    squares = explain(rows, None).squares
    assert len(squares) % 7 == 0
    assert squares[0].date.weekday() == 0
    assert [square.date for square in squares if square.kinds == "due"] == [start + timedelta(days=length)]
