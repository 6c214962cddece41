"""The calendar is seeded from published notices and then belongs to whoever maintains it."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from deadlines.calendar import Calendar
from deadlines.models import CalendarDay, CalendarYear, DayKind
from deadlines.seed import days_of

pytestmark = pytest.mark.django_db


def test_the_2026_national_holiday_is_one_run_named_guoqing_with_a_make_up_saturday_behind_it() -> None:
    calendar = Calendar.load()
    assert [calendar.name_of(date(2026, 10, day)) for day in range(1, 11)] == [*["国庆节"] * 7, "", "", "周六补班"]
    assert [calendar.is_working(date(2026, 10, day)) for day in range(1, 12)] == [*[False] * 7, True, True, True, False]


def test_published_years_are_confirmed_and_a_forecast_is_not() -> None:
    assert list(CalendarYear.objects.filter(confirmed=True).values_list("year", flat=True)) == list(range(2018, 2027))
    assert list(CalendarYear.objects.filter(confirmed=False).values_list("year", flat=True)) == [2027]


def test_the_calendar_comes_in_one_query_with_the_confirmed_years_outside_its_span(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        calendar = Calendar.load(date(2026, 10, 1), date(2026, 10, 10))
    assert sorted(calendar.kinds) == [*(date(2026, 10, day) for day in range(1, 8)), date(2026, 10, 10)]
    assert calendar.confirmed_years == frozenset(range(2018, 2027))
    with django_assert_num_queries(1):
        far = Calendar.load(date(2030, 1, 1))
    assert far == Calendar({}, {}, frozenset(range(2018, 2027)), frozenset(range(2018, 2028)))


def test_a_year_the_table_does_not_hold_has_the_holidays_of_the_package() -> None:
    CalendarYear.objects.filter(year__gte=2026).delete()
    CalendarDay.objects.filter(day__year__gte=2026).delete()
    calendar = Calendar.load()
    assert [calendar.is_working(date(year, 10, 1)) for year in (2025, 2026, 2027, 2050)] == [False] * 4
    assert [calendar.confirmed(year) for year in (2025, 2026, 2027, 2050)] == [True, True, False, False]
    assert calendar.name_of(date(2026, 10, 10)) == "周六补班"


def test_the_table_goes_before_the_package_in_a_year_it_holds() -> None:
    CalendarDay.objects.filter(day__year=2026).delete()
    assert Calendar.load().is_working(date(2026, 10, 1)) is True


def test_seeding_again_changes_nothing() -> None:
    before = list(CalendarDay.objects.values_list("id", "day", "kind", "name"))
    call_command("seed_calendar", verbosity=0)
    assert list(CalendarDay.objects.values_list("id", "day", "kind", "name")) == before


def test_seeding_leaves_an_edited_day_alone_and_replaces_a_stale_forecast() -> None:
    CalendarDay.objects.create(day=date(2027, 3, 1), kind=DayKind.OFF, name="本地放假", edited=True)
    CalendarDay.objects.filter(day=date(2027, 1, 1)).update(kind=DayKind.WORK, name="改为上班", edited=True)
    CalendarDay.objects.create(day=date(2027, 3, 2), kind=DayKind.OFF, name="旧的预测")
    call_command("seed_calendar", years="2027", verbosity=0)
    kept = CalendarDay.objects.filter(day__in=[date(2027, 1, 1), date(2027, 3, 1), date(2027, 3, 2)])
    assert list(kept.values_list("day", "name")) == [(date(2027, 1, 1), "改为上班"), (date(2027, 3, 1), "本地放假")]


def test_the_command_refuses_years_it_cannot_read() -> None:
    with pytest.raises(CommandError, match="2018-2027"):
        call_command("seed_calendar", years="明年", verbosity=0)


def test_a_rest_day_before_the_eve_belongs_to_the_festival() -> None:
    names = {day.day: day.name for day in days_of(2026) if date(2026, 2, 14) < day.day < date(2026, 2, 24)}
    assert names[date(2026, 2, 15)] == "春节"
    assert names[date(2026, 2, 16)] == "除夕"
    assert {names[date(2026, 2, day)] for day in range(17, 24)} == {"春节"}
