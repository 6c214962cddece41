"""The working calendar by year, and what its keeper changes."""

import calendar as months
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from deadlines import actions
from deadlines.calendar import Calendar
from deadlines.forms import DayForm, YearForm
from deadlines.models import CalendarDay, CalendarYear, DayKind
from stations.http import OfficerRequest, requires
from stations.permissions import Can


@require_GET
@requires(Can.VIEW_RULES)
def year(request: OfficerRequest) -> HttpResponse:
    """Twelve months; ``?day=`` opens one of them for whoever keeps the calendar."""
    return _year_page(request, _chosen_day(request))


def _chosen_day(request: OfficerRequest) -> DayForm | None:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    listed = CalendarDay.objects.filter(day=day).first()
    kind = listed.kind if listed else DayKind.OFF
    return DayForm(initial={"day": day, "kind": kind, "name": listed.name if listed else ""})


def _year_page(request: OfficerRequest, form: DayForm | None) -> HttpResponse:
    wanted = YearForm(request.GET)
    number = wanted.cleaned_data["year"] if wanted.is_valid() else localdate().year
    years = {row.year: row.confirmed for row in CalendarYear.objects.all()}
    context = {
        "months": _months(number),
        "year": number,
        "years": sorted({*years, number}, reverse=True),
        "known": number in years,
        "confirmed": years.get(number, False),
        "form": form if request.user.can(Can.EDIT_CALENDAR) else None,
        "can_edit": request.user.can(Can.EDIT_CALENDAR),
        "nav_key": "rules",
    }
    return render(request, "deadlines/calendar_detail.html", context, status=422 if form and form.errors else 200)


def _months(number: int) -> list[dict[str, Any]]:
    calendar = Calendar.load(date(number, 1, 1), date(number, 12, 31))
    return [
        {
            "month": month,
            "days": [
                _square(day, month, calendar) for day in months.Calendar().itermonthdates(number, month)
            ],
        }
        for month in range(1, 13)
    ]  # fmt: skip


def _square(day: date, month: int, calendar: Calendar) -> dict[str, Any]:
    if day.month != month:
        return {}
    off, make_up = not calendar.is_working(day), calendar.is_make_up(day)
    name = calendar.names.get(day, "")
    return {"day": day, "off": off, "make_up": make_up, "name": name if off else "", "words": calendar.name_of(day)}


@require_POST
@requires(Can.EDIT_CALENDAR)
def edit(request: OfficerRequest) -> HttpResponse:
    form = DayForm(request.POST)
    if not form.is_valid():
        return _year_page(request, form)
    row = actions.edit_day(request.user, form.cleaned_data["day"], form.cleaned_data["kind"], form.cleaned_data["name"])
    messages.success(request, f"{row.day} 已改为{row.get_kind_display()}")
    return redirect(f"{reverse('deadlines:calendar')}?year={row.day.year}")


@require_POST
@requires(Can.EDIT_CALENDAR)
def confirm(request: OfficerRequest, number: int) -> HttpResponse:
    actions.confirm_year(request.user, number)
    messages.success(request, f"{number} 年工作日历已核定")
    return redirect(f"{reverse('deadlines:calendar')}?year={number}")
