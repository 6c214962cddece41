"""The working calendar by year, and what its keeper changes."""

import calendar as months
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deadlines import actions
from deadlines.calendar import DAY, Calendar
from deadlines.forms import DayForm, DaysForm, YearForm
from deadlines.importing import MAX_MB
from deadlines.keeping import changes_of
from deadlines.models import DayKind
from deadlines.recounting import moving
from fire_supervision.lib.upload_limits import takes_files
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from stations.shared import keeps_shared


@requires(Can.VIEW_RULES)
@require_GET
def year(request: OfficerRequest) -> HttpResponse:
    """Twelve months; ``?day=`` opens one of them for whoever keeps the calendar."""
    return _year_page(request, _chosen_day(request))


def _chosen_day(request: OfficerRequest) -> DayForm | None:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
    listed = Calendar.load(day, day)
    name = listed.listed_name(day)
    kind = DayKind.WORK if name and listed.is_working(day) else DayKind.OFF
    return DayForm(initial={"day": day, "kind": kind, "name": name})


def _year_page(request: OfficerRequest, form: DayForm | None) -> HttpResponse:
    wanted = YearForm(request.GET)
    number = wanted.cleaned_data["year"] if wanted.is_valid() else localdate().year
    calendar = Calendar.load(date(number, 1, 1), date(number, 12, 31))
    entered = calendar.years or frozenset()
    if request.GET.get("export"):
        return _export(request, number, calendar)
    can_edit = request.user.can(Can.EDIT_CALENDAR) and keeps_shared(request.user)
    context = {
        "months": _months(number, calendar),
        "year": number,
        "years": [(each, calendar.confirmed(each)) for each in sorted({*entered, number}, reverse=True)],
        "known": number in entered,
        "confirmed": calendar.confirmed(number),
        "may_export": request.user.can(Can.EXPORT),
        "form": form if can_edit else None,
        "can_edit": can_edit,
        "nav_key": "rules",
    }
    return render(request, "deadlines/calendar_detail.html", context, status=422 if form and form.errors else 200)


def _export(request: OfficerRequest, number: int, calendar: Calendar) -> HttpResponse:
    """The listed days in the columns the import takes."""
    days = (date(number, 1, 1) + DAY * step for step in range(366))
    listed = [(day, calendar.listed_name(day)) for day in days if day.year == number]
    rows = [(day, "放假" if not calendar.is_working(day) else "上班", name) for day, name in listed if name]
    return exports.table(request, f"{number}年工作日历.xlsx", f"{number}年", ["日期", "放假/上班", "名称"], rows)


def _months(number: int, calendar: Calendar) -> list[dict[str, Any]]:
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
    name = calendar.listed_name(day)
    return {"day": day, "off": off, "make_up": make_up, "name": name if off else "", "words": calendar.name_of(day)}


@requires(Can.EDIT_CALENDAR)
@require_POST
def edit(request: OfficerRequest) -> HttpResponse:
    form = DayForm(request.POST)
    if not form.is_valid():
        return _year_page(request, form)
    row = actions.edit_day(request.user, form.cleaned_data["day"], form.cleaned_data["kind"], form.cleaned_data["name"])
    messages.success(request, f"{row.day} 已改为{row.get_kind_display()}")
    return redirect(f"{reverse('deadlines:calendar')}?year={row.day.year}")


@requires(Can.EDIT_CALENDAR)
@require_POST
def confirm(request: OfficerRequest, number: int) -> HttpResponse:
    actions.confirm_year(request.user, number)
    messages.success(request, f"{number} 年工作日历已核定")
    return redirect(f"{reverse('deadlines:calendar')}?year={number}")


@requires(Can.EDIT_CALENDAR)
@require_http_methods(["GET", "POST"])
@takes_files(MAX_MB)
def import_days(request: OfficerRequest) -> HttpResponse:
    """A list of days: read, shown with what it changes, and with ``apply`` in the request taken over."""
    form = DaysForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        context = {"form": form, "nav_key": "rules"}
        return render(request, "deadlines/calendar_import.html", context, status=422 if form.errors else 200)
    days, whole = form.days, form.cleaned_data["whole"]
    years = sorted({day.day.year for day in days})
    if "apply" in request.POST:
        changes = actions.import_days(request.user, days, whole=whole)
        messages.success(request, f"工作日历已导入：{changes}")
        return redirect(f"{reverse('deadlines:calendar')}?year={years[0]}")
    changes = changes_of(days, whole=whole)
    context = {
        "form": form,
        "changes": changes,
        "years": years,
        "total": len(days),
        "moving": moving(changes.days),
        "nav_key": "rules",
    }
    return render(request, "deadlines/calendar_preview.html", context)
