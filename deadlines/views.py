"""The table of rules with their articles, and the working calendar by year."""

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
from deadlines.models import CalendarDay, CalendarYear, DayKind, DeadlineRule, Unit
from fire_supervision.lib.excel import download, workbook
from stations.http import OfficerRequest, requires
from stations.permissions import Can

RULE_HEADER = ["代码", "名称", "期限", "依据", "条文", "约束对象", "核定", "起", "止"]
WORDS = {Unit.HOURS: "{} 小时", Unit.DAY_OF_MONTH: "次月 {} 日前", Unit.CALENDAR_DAYS: "{} 日"}


@require_GET
@requires(Can.VIEW_RULES)
def rules(request: OfficerRequest) -> HttpResponse:
    rows = list(DeadlineRule.objects.order_by("-confirmed", "binding", "code", "since"))
    if request.GET.get("export") and request.user.can(Can.EXPORT):
        return download(f"期限规则{localdate()}.xlsx", _workbook(rows))
    context = {
        "rules": [(rule, _amount(rule)) for rule in rows],
        "confirmed": sum(rule.confirmed for rule in rows),
        "can_export": request.user.can(Can.EXPORT),
        "nav_key": "rules",
    }
    return render(request, "deadlines/rule_list.html", context)


def _amount(rule: DeadlineRule) -> str:
    """3 个工作日, 24 小时, 当场."""
    unit = Unit(rule.unit)
    if unit == Unit.WORKING_DAYS:
        return f"{rule.amount} {unit.label}"
    return WORDS.get(unit, unit.label).format(rule.amount)


def _workbook(rows: list[DeadlineRule]) -> bytes:
    lines = [
        [
            rule.code, rule.name, _amount(rule), rule.basis, rule.text, rule.get_binding_display(),
            "已核定" if rule.confirmed else "待核定", rule.since, rule.until,
        ]
        for rule in rows
    ]  # fmt: skip
    return workbook("期限规则", RULE_HEADER, lines)


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
