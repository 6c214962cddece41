"""manage.py explain_deadline, and every deadline counted a second time without a line of our own calendar."""

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import lru_cache
from io import StringIO

import holidays
import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from deadlines import actions
from deadlines.calendar import Calendar
from deadlines.models import CalendarDay, CalendarYear, DeadlineRule, Unit
from deadlines.rules import compute
from deadlines.settling import RuleValues
from stations.models import User

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)


def explain(rule: str, day: str, **options: str) -> list[str]:
    out = StringIO()
    call_command("explain_deadline", rule, day, stdout=out, **options)
    return out.getvalue().splitlines()


@lru_cache(maxsize=1)
def worked_days() -> list[date]:
    """Every day worked from 2019 to 2026, in order, by the notices as the package holds them."""
    china = holidays.country_holidays("CN", years=range(2019, 2027))
    span = [FIRST + DAY * step for step in range((LAST - FIRST).days + 1)]
    return [day for day in span if day in china.weekend_workdays or (day.weekday() < 5 and day not in china)]


def counted_by_hand(rule: DeadlineRule, start: date) -> date | None:
    """The last day by 程序规定第35条, the first one not counted; None when it lies behind 2026."""
    worked = worked_days()
    if rule.unit == Unit.WORKING_DAYS:
        index = bisect_right(worked, start) + rule.amount - 1
    else:
        index = bisect_left(worked, start + DAY * rule.amount)
    return worked[index] if index < len(worked) else None


@pytest.mark.slow
def test_every_rule_from_every_day_since_2019_agrees_with_a_second_count() -> None:
    calendar = Calendar.load()
    rules = list(DeadlineRule.objects.filter(unit__in=[Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]))
    assert len(rules) == 15
    starts = [FIRST + DAY * step for step in range((LAST - FIRST).days + 1)]
    # Rules of the same number and unit count alike: each pair is counted once, for each day.
    for rule in {(rule.unit, rule.amount, rule.counts_first): rule for rule in rules}.values():
        for start in starts:
            explained = compute(rule, start, calendar)
            expected = counted_by_hand(rule, start)
            if expected is None:
                assert (explained.due_on > LAST, explained.provisional) == (True, True), (rule.code, start)
            else:
                assert (explained.due_on, explained.provisional) == (expected, False), (rule.code, start)


@pytest.mark.parametrize("code", ["RECHECK", "SEAL_MAX", "REFER_5WD", "SERVE_NOTICE"])
@pytest.mark.parametrize("day", ["2019-01-01", "2020-01-22", "2023-04-23", "2026-02-13", "2026-09-30"])
def test_the_command_agrees_with_the_second_count(code: str, day: str) -> None:
    rule = DeadlineRule.objects.get(code=code)
    assert explain(code, day)[0] == str(counted_by_hand(rule, date.fromisoformat(day)))


def test_a_make_up_saturday_behind_the_national_holiday_is_counted() -> None:
    assert explain("RECHECK", "2026-09-30") == [
        "2026-10-10",
        "规则 RECHECK 复查：3 个工作日，从改正期限届满之日或者收到复查申请之日起算（已核定）",
        "依据 消防监督检查规定第20条：在改正期限届满或者收到当事人的复查申请之日起三个工作日内进行复查。",
        "2026-09-30 不计 开始之日不计入",
        *[f"2026-10-0{day} 不计 国庆节" for day in range(1, 8)],
        "2026-10-08 计入 第1个工作日",
        "2026-10-09 计入 第2个工作日",
        "2026-10-10 计入 第3个工作日（周六补班），到期",
    ]


def test_a_calendar_period_passes_over_the_rest_days_at_its_end() -> None:
    assert explain("SEAL_MAX", "2026-09-04")[-7:] == [
        "2026-10-02 计入 第28日（国庆节）",
        "2026-10-03 计入 第29日（国庆节）",
        *[f"2026-10-0{day} 不计 国庆节，顺延" for day in range(4, 8)],
        "2026-10-08 计入 第30日，到期",
    ]


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-09-30T22:15", "2026-10-01T22:15:00+08:00"),
        ("2026-10-09T17:40", "2026-10-10T17:40:00+08:00"),
        ("2026-10-10T00:00", "2026-10-11T00:00:00+08:00"),
        ("2026-12-31T23:59:30", "2027-01-01T23:59:30+08:00"),
        ("2026-10-01T20:00:00+00:00", "2026-10-03T04:00:00+08:00"),
    ],
)
def test_an_hour_rule_runs_through_midnight_weekend_and_holiday(at: str, due: str) -> None:
    assert explain("COMPLAINT_EXIT", at)[:2] == [due[:10], due]


@pytest.mark.parametrize(
    ("code", "day", "due"),
    [
        ("MONTHLY_REPORT", "2026-08-31", "2026-09-07"),
        ("MONTHLY_REPORT", "2026-09-30", "2026-10-08"),
        ("MONTHLY_REPORT", "2026-12-31", "2027-01-05"),
        ("REPORT_GOV", "2026-10-03", "2026-10-03"),
        ("ORDER_NOW_SERVE", "2026-10-03", "2026-10-03"),
        ("INSPECT_MIN", "2026-12-31", "2026-12-31"),
        ("recheck", "2026-09-30T22:15", "2026-10-10"),
    ],
)
def test_the_other_rules_end_where_they_say(code: str, day: str, due: str) -> None:
    assert explain(code, day)[0] == due


@pytest.mark.parametrize(("day", "year"), [("2026-12-29", 2027), ("2027-12-30", 2028), ("2041-06-02", 2041)])
def test_a_deadline_in_a_year_that_is_not_confirmed_is_provisional_and_names_it(day: str, year: int) -> None:
    said = next(line for line in explain("RECHECK", day) if line.startswith("暂定"))
    assert said.split(" 年")[0].endswith(str(year))


def test_a_far_year_is_counted_with_its_holidays_and_the_end_of_time_is_refused() -> None:
    assert explain("RECHECK", "2041-09-30")[0] >= "2041-10-08"
    with pytest.raises(CommandError, match="超出了日历"):
        explain("RECHECK", "9999-12-31")


def test_a_database_that_was_only_migrated_counts_by_the_package() -> None:
    CalendarDay.objects.all().delete()
    CalendarYear.objects.all().delete()
    lines = explain("RECHECK", "2026-09-30")
    assert (lines[0], lines[-1]) == ("2026-10-10", "2026-10-10 计入 第3个工作日（周六补班），到期")
    assert not any(line.startswith("暂定") for line in lines)


def test_a_bureau_counts_by_its_own_version(bureau_officer: User) -> None:
    own = RuleValues(1, "WORKING_DAYS", False, "市条例第9条", "一个工作日内复查。", 1, 1)
    actions.change_rule(bureau_officer, "RECHECK", own, date(2026, 9, 1), "从严", date(2026, 9, 1))
    assert explain("RECHECK", "2026-09-30", bureau="江城市公安局")[0] == "2026-10-08"
    assert explain("RECHECK", "2026-09-30")[0] == "2026-10-10"


def test_a_day_before_the_first_version_is_counted_by_it_and_said_so() -> None:
    lines = explain("SERVE_NOTICE", "2019-01-01")
    assert (lines[0], lines[3][:2]) == ("2019-03-04", "注意")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("NO_RULE", "2026-09-30"), "可用的代码：COMPLAINT_EXIT COMPLAINT_FEEDBACK"),
        (("COMPLAINT_EXIT", "2026-09-30"), "要写明时刻，如 2026-09-30T22:15"),
        (("RECHECK", "2026-02-30"), "看不懂日期 2026-02-30"),
        (("RECHECK", "明天"), "看不懂日期 明天"),
    ],
)
def test_what_it_cannot_count_it_refuses_with_the_way_out(arguments: tuple[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        explain(*arguments)


def test_an_unknown_bureau_is_refused_with_the_known_ones(bureau_officer: User) -> None:
    with pytest.raises(CommandError, match="已登记的：江城市公安局"):
        explain("RECHECK", "2026-09-30", bureau="河阳市公安局")


def test_an_explanation_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        explain("SERVE_NOTICE", "2026-09-30")
