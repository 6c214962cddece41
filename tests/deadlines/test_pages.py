"""The working calendar: everybody reads, one keeps."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from deadlines.models import CalendarDay, CalendarYear, DayKind
from stations.models import User
from trail.models import AuditEntry

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
DAY = {"day": "2026-11-05", "kind": "OFF", "name": "本地放假"}


def test_the_calendar_draws_the_national_holiday_and_its_make_up_days(browse: Browse, officer: User) -> None:
    response = browse(officer).get(reverse("deadlines:calendar"), {"year": "2026"})
    october = [square for square in response.context["months"][9]["days"] if square]
    assert [square["day"].day for square in october if square["name"] == "国庆节"] == list(range(1, 8))
    assert [square["day"].day for square in october if square["make_up"]] == [10]
    assert (response.context["confirmed"], response.context["can_edit"]) == (True, False)


def test_each_year_says_whether_it_is_confirmed(browse: Browse, officer: User) -> None:
    response = browse(officer).get(reverse("deadlines:calendar"), {"year": "2029"})
    assert response.context["years"][:3] == [(2029, False), (2027, False), (2026, True)]
    assert "2027 预测" in response.content.decode()
    assert "2026 已核定" in response.content.decode()


def test_a_year_nobody_entered_shows_the_holidays_the_package_foresees(browse: Browse, bureau_officer: User) -> None:
    response = browse(bureau_officer).get(reverse("deadlines:calendar"), {"year": "2029"})
    october = [square for square in response.context["months"][9]["days"] if square]
    assert [square["day"].day for square in october if square["name"] == "国庆节"][:3] == [1, 2, 3]
    assert (response.context["known"], response.context["confirmed"]) == (False, False)
    assert "核定2029年" not in response.content.decode()


def test_the_listed_days_are_exported_in_the_columns_the_import_takes(browse: Browse, officer: User) -> None:
    response = browse(officer).get(reverse("deadlines:calendar"), {"year": "2026", "export": "xlsx"})
    sheet = load_workbook(BytesIO(response.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("日期", "放假/上班", "名称")
    assert len(rows) - 1 == CalendarDay.objects.filter(day__year=2026).count()
    assert rows[-1][1:] == ("上班", "国庆节调休上班")


@pytest.mark.parametrize("year", ["", "abc", "1", "99999"])
def test_a_year_it_cannot_read_is_the_present_one(browse: Browse, officer: User, year: str) -> None:
    assert browse(officer).get(reverse("deadlines:calendar"), {"year": year}).status_code == 200


def test_the_bureau_officer_edits_a_day_and_nobody_else(
    browse: Browse, bureau_officer: User, officer: User, chief: User
) -> None:
    url = reverse("deadlines:edit_day")
    assert [browse(person).post(url, DAY).status_code for person in (officer, chief)] == [403, 403]
    assert not CalendarDay.objects.filter(day=date(2026, 11, 5)).exists()
    response = browse(bureau_officer).post(url, DAY)
    assert (response.status_code, response["Location"]) == (302, "/deadlines/calendar/?year=2026")
    row = CalendarDay.objects.get(day=date(2026, 11, 5))
    assert (row.kind, row.name, row.edited) == (DayKind.OFF, "本地放假", True)


def test_a_day_without_a_name_is_refused_and_what_was_typed_is_kept(browse: Browse, bureau_officer: User) -> None:
    response = browse(bureau_officer).post(f"{reverse('deadlines:edit_day')}?year=2026", DAY | {"name": ""})
    assert (response.status_code, response.context["form"].errors) == (422, {"name": ["请填写"]})
    assert response.context["form"]["day"].value() == "2026-11-05"
    assert not AuditEntry.objects.exists()


def test_choosing_a_day_opens_it_as_it_is(browse: Browse, bureau_officer: User, officer: User) -> None:
    url = f"{reverse('deadlines:calendar')}?year=2026&day=2026-10-10"
    form = browse(bureau_officer).get(url).context["form"]
    assert form.initial == {"day": date(2026, 10, 10), "kind": "WORK", "name": "国庆节调休上班"}
    assert browse(officer).get(url).context["form"] is None


def test_a_year_is_confirmed_once(browse: Browse, bureau_officer: User) -> None:
    url = reverse("deadlines:confirm_year", args=[2027])
    assert [browse(bureau_officer).post(url).status_code for _ in range(2)] == [302, 409]
    assert CalendarYear.objects.get(year=2027).confirmed is True
    assert AuditEntry.objects.filter(action="deadlines.confirm_year").count() == 1
