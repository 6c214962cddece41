"""程序规定第35条: the starting day is not counted, a rest day at the end moves it, working days know 调休."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadlines.calendar import DAY, Calendar
from deadlines.ground import read_ground
from deadlines.models import Clock, ClockState, DayKind, DeadlineRule, Unit
from deadlines.rules import compute, roll_forward, rule_on, words
from deadlines.seed import days_of, published
from stations.models import Organisation

YEARS = range(2018, 2028)


@lru_cache(maxsize=1)
def seeded() -> Calendar:
    """The calendar as `seed_calendar` fills it, without the database."""
    days = [day for year in YEARS for day in days_of(year)]
    confirmed = frozenset(year for year in YEARS if published(year))
    return Calendar({day.day: day.kind for day in days}, {day.day: day.name for day in days}, confirmed)


def rule(unit: Unit, amount: int) -> DeadlineRule:
    return DeadlineRule(code="TEST", unit=unit, amount=amount)


def local(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


RECHECK = rule(Unit.WORKING_DAYS, 3)


def test_a_period_that_ends_before_the_national_holiday_is_reinspected_by_the_make_up_saturday() -> None:
    explained = compute(RECHECK, date(2026, 9, 30), seeded())
    assert explained.due_on == date(2026, 10, 10)
    assert explained.provisional is False
    assert [(day["date"].isoformat(), day["kind"], day["label"]) for day in explained.days] == [
        ("2026-09-30", "start", ""),
        *[(f"2026-10-0{day}", "skip", "国庆节") for day in range(1, 8)],
        ("2026-10-08", "count", ""),
        ("2026-10-09", "count", ""),
        ("2026-10-10", "due", "周六补班"),
    ]
    assert [day["date"] for day in explained.days if day.get("work")] == [date(2026, 10, 10)]


def test_a_calendar_period_that_ends_in_the_holiday_moves_to_the_first_working_day_behind_it() -> None:
    explained = compute(rule(Unit.CALENDAR_DAYS, 10), date(2026, 9, 22), seeded())
    assert explained.due_on == date(2026, 10, 8)
    assert [day["kind"] for day in explained.days] == ["start", *["count"] * 9, *["skip"] * 6, "due"]


@pytest.mark.parametrize(
    ("unit", "amount", "start", "due"),
    [
        (Unit.ON_THE_SPOT, 0, date(2026, 10, 3), date(2026, 10, 3)),
        (Unit.SAME_DAY, 0, date(2026, 10, 3), date(2026, 10, 3)),
        (Unit.YEAR_END, 1, date(2026, 3, 5), date(2026, 12, 31)),
        (Unit.DAY_OF_MONTH, 5, date(2026, 9, 30), date(2026, 10, 8)),
        (Unit.DAY_OF_MONTH, 5, date(2026, 1, 31), date(2026, 2, 5)),
        (Unit.DAY_OF_MONTH, 5, date(2026, 12, 31), date(2027, 1, 5)),
    ],
)
def test_the_other_units_end_where_their_names_say(unit: Unit, amount: int, start: date, due: date) -> None:
    assert compute(rule(unit, amount), start, seeded()).due_on == due


def test_hours_run_through_nights_and_holidays() -> None:
    at = datetime(2026, 9, 30, 17, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
    explained = compute(rule(Unit.HOURS, 24), at.date(), seeded(), at=at)
    assert (explained.due_at, explained.due_on) == (at + timedelta(hours=24), date(2026, 10, 1))
    with pytest.raises(ValueError, match="instant"):
        compute(rule(Unit.HOURS, 24), at.date(), seeded())


@pytest.mark.parametrize(
    ("start", "provisional"), [(date(2026, 12, 28), False), (date(2026, 12, 29), True), (date(2027, 6, 1), True)]
)
def test_a_deadline_that_reaches_an_unpublished_year_is_provisional(start: date, provisional: bool) -> None:
    assert compute(RECHECK, start, seeded()).provisional is provisional


@given(st.dates(date(2026, 12, 20), date(2030, 12, 31)), st.integers(1, 40), st.sampled_from([*Unit]))
def test_no_deadline_fails_in_late_december_or_in_a_year_without_a_calendar(
    start: date, amount: int, unit: Unit
) -> None:
    at = datetime(start.year, start.month, start.day, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    explained = compute(rule(unit, amount), start, Calendar(), at=at)
    assert explained.due_on >= start
    assert explained.days[-1]["date"] == explained.due_on


@lru_cache(maxsize=1)
def worked_days() -> frozenset[date]:
    """The working days of ten years, found without our calendar: straight from the package."""
    china = holidays.country_holidays("CN", years=YEARS, language="zh_CN")
    first, last = date(2018, 1, 1), date(2027, 12, 31)
    span = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    made_up = {day for day in china.weekend_workdays if day.year in YEARS}
    return frozenset(day for day in span if day in made_up or (day.weekday() < 5 and day not in china))


STARTS = st.dates(date(2018, 1, 1), date(2027, 8, 31))


@given(STARTS, st.integers(1, 30))
def test_a_working_day_rule_ends_on_the_nth_working_day(start: date, amount: int) -> None:
    ordered = sorted(day for day in worked_days() if day > start)
    assert compute(rule(Unit.WORKING_DAYS, amount), start, seeded()).due_on == ordered[amount - 1]


@given(STARTS, st.integers(1, 60))
def test_a_calendar_day_rule_ends_on_the_first_working_day_from_the_nth_day_on(start: date, amount: int) -> None:
    nth = start + timedelta(days=amount)
    explained = compute(rule(Unit.CALENDAR_DAYS, amount), start, seeded())
    assert explained.due_on == min(day for day in worked_days() if day >= nth)
    assert roll_forward(nth, seeded()) == explained.due_on


@given(STARTS, st.integers(1, 30), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]))
def test_the_explanation_names_every_day_once_and_counts_the_amount(start: date, amount: int, unit: Unit) -> None:
    days = compute(rule(unit, amount), start, seeded()).days
    assert [day["date"] for day in days] == [start + timedelta(days=step) for step in range(len(days))]
    assert sum(day["kind"] in ("count", "due") for day in days) == amount
    assert [day["kind"] for day in days].index("due") == len(days) - 1


@given(STARTS, st.integers(1, 60), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]))
def test_a_first_day_that_counts_is_the_day_before_that_does_not(start: date, amount: int, unit: Unit) -> None:
    first = DeadlineRule(code="TEST", unit=unit, amount=amount, counts_first=True)
    explained = compute(first, start, seeded())
    assert explained.due_on == compute(rule(unit, amount), start - timedelta(days=1), seeded()).due_on
    assert sum(day["kind"] in ("count", "due") for day in explained.days) == amount
    assert [day["date"] for day in explained.days] == [start + timedelta(days=n) for n in range(len(explained.days))]


@pytest.mark.parametrize(
    ("start", "due"), [(date(2026, 1, 31), date(2026, 2, 28)), (date(2026, 4, 2), date(2026, 6, 1))]
)
def test_the_31st_of_a_short_month_is_its_last_day(start: date, due: date) -> None:
    assert compute(rule(Unit.DAY_OF_MONTH, 31), start, seeded()).due_on == due


@pytest.mark.parametrize(
    ("today", "unit", "expected"),
    [
        (date(2026, 9, 30), Unit.WORKING_DAYS, ("还剩 3 个工作日", "soon")),
        (date(2026, 9, 29), Unit.WORKING_DAYS, ("还剩 4 个工作日", "later")),
        (date(2026, 10, 8), Unit.WORKING_DAYS, ("还剩 2 个工作日", "soon")),
        (date(2026, 10, 10), Unit.WORKING_DAYS, ("今天到期", "today")),
        (date(2026, 10, 11), Unit.WORKING_DAYS, ("已逾期", "over")),
        (date(2026, 10, 14), Unit.WORKING_DAYS, ("逾期 3 个工作日", "over")),
        (date(2026, 10, 3), Unit.CALENDAR_DAYS, ("还剩 7 天", "soon")),
        (date(2026, 10, 2), Unit.CALENDAR_DAYS, ("还剩 8 天", "later")),
        (date(2026, 10, 14), Unit.CALENDAR_DAYS, ("逾期 4 天", "over")),
    ],
)
def test_a_running_clock_reads_in_the_unit_of_its_rule(today: date, unit: Unit, expected: tuple[str, str]) -> None:
    clock = Clock(due_on=date(2026, 10, 10), rule=rule(unit, 3))
    assert words(clock, local(today, 8), seeded()) == expected


@pytest.mark.parametrize(
    ("hours", "minutes", "expected"),
    [
        (-30, 0, ("还剩 30 小时", "soon")),
        (-5, -59, ("还剩 5 小时", "today")),
        (-1, 20, ("还剩 40 分钟", "today")),
        (0, 0, ("还剩不到 1 分钟", "today")),
        (0, 1, ("逾期 1 分钟", "over")),
        (3, 59, ("逾期 3 小时", "over")),
    ],
)
def test_a_duty_in_hours_reads_in_hours_and_at_the_end_in_minutes(
    hours: int, minutes: int, expected: tuple[str, str]
) -> None:
    due_at = local(date(2026, 10, 3), 17)  # a Saturday of the holiday
    clock = Clock(due_on=date(2026, 10, 3), due_at=due_at, rule=rule(Unit.HOURS, 24))
    assert words(clock, due_at + timedelta(hours=hours, minutes=minutes), seeded()) == expected


@pytest.mark.parametrize(
    ("state", "expected"), [(ClockState.MET, ("已完成", "done")), (ClockState.CANCELLED, ("已撤销", ""))]
)
def test_a_stopped_clock_is_never_late(state: ClockState, expected: tuple[str, str]) -> None:
    clock = Clock(due_on=date(2026, 10, 10), state=state, rule=RECHECK)
    assert words(clock, local(date(2026, 12, 1), 8), seeded()) == expected


def test_an_edited_day_wins_over_its_weekday() -> None:
    thursday, saturday = date(2026, 3, 5), date(2026, 3, 7)
    calendar = Calendar({thursday: DayKind.OFF, saturday: DayKind.WORK}, {thursday: "本地放假", saturday: "补班"})
    assert [calendar.is_working(thursday), calendar.is_working(saturday)] == [False, True]
    assert [calendar.name_of(thursday), calendar.name_of(saturday)] == ["本地放假", "周六补班"]
    assert calendar.next_working(thursday) == date(2026, 3, 6)


@pytest.mark.django_db
def test_the_version_in_force_on_the_day_is_taken() -> None:
    old = rule_on("RECHECK", date(2026, 1, 1))
    old.until = date(2026, 6, 30)
    old.save(update_fields=["until"])
    new = DeadlineRule.objects.create(
        code="RECHECK", name="复查", amount=5, unit=Unit.WORKING_DAYS, basis="新规定", binding="STATION",
        since=date(2026, 7, 1),
    )  # fmt: skip
    assert [rule_on("RECHECK", date(2026, 6, 30)), rule_on("RECHECK", date(2026, 7, 1))] == [old, new]
    with pytest.raises(DeadlineRule.DoesNotExist, match="RECHECK"):
        rule_on("RECHECK", date(2012, 10, 31))


@pytest.mark.django_db
def test_a_clock_starts_by_the_version_in_force(bureau: Organisation, brigade: Organisation) -> None:
    """`read_ground` writes the choice of `rule_on` in SQL: the two agree on each edge, for each bureau and none."""
    shipped = DeadlineRule.objects.get(code="RECHECK", bureau=None)
    spring, summer = date(2026, 3, 1), date(2026, 7, 1)
    fields = {"code": "RECHECK", "name": "复查", "unit": Unit.WORKING_DAYS, "basis": "本局规定", "binding": "STATION"}
    ended = DeadlineRule.objects.create(**fields, amount=2, since=spring, until=date(2026, 6, 30), bureau=bureau)
    own = DeadlineRule.objects.create(**fields, amount=1, since=summer, bureau=bureau, counts_first=True)
    days = [shipped.since, spring - DAY, spring, summer - DAY, summer, date(2030, 1, 1)]
    for whose, versions in (
        (bureau.pk, [shipped, shipped, ended, ended, own, own]),
        (brigade.pk, [shipped] * 6),
        (None, [shipped] * 6),
    ):
        assert [rule_on("RECHECK", day, whose) for day in days] == versions
        assert [read_ground("RECHECK", whose, day).rule for day in days] == versions
    read = read_ground("RECHECK", bureau.pk, summer).rule
    assert [read.amount, read.unit, read.counts_first, read.since] == [1, Unit.WORKING_DAYS, True, summer]
    with pytest.raises(DeadlineRule.DoesNotExist, match="RECHECK"):
        rule_on("RECHECK", shipped.since - DAY, bureau.pk)
    with pytest.raises(DeadlineRule.DoesNotExist, match="RECHECK"):
        read_ground("RECHECK", bureau.pk, shipped.since - DAY)


@pytest.mark.django_db
def test_a_clock_starts_on_the_calendar_of_the_table() -> None:
    on = date(2026, 9, 1)
    read, whole = read_ground("RECHECK", None, on).calendar, Calendar.load(start=on)
    assert (read.kinds, read.names, read.years, read.confirmed_years) == (
        whole.kinds, whole.names, whole.years, whole.confirmed_years,
    )  # fmt: skip
    assert not read.is_working(date(2026, 10, 1))


@pytest.mark.django_db
def test_only_what_was_read_in_a_reliable_copy_is_confirmed() -> None:
    confirmed = DeadlineRule.objects.filter(confirmed=True).order_by("code").values_list("code", flat=True)
    assert list(confirmed) == [
        "COMPLAINT_EXIT", "COMPLAINT_NOTJURIS", "COMPLAINT_OTHER", "COMPLAINT_TRANSFER", "MAJOR_10WD", "MAJOR_3WD",
        "MAJOR_7WD", "ORDER_LIMIT_SERVE", "ORDER_NOW_SERVE", "RECHECK", "REFER_5WD", "REPORT_GOV", "SEAL_MAX",
        "SERVE_NOTICE",
    ]  # fmt: skip
