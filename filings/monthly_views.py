"""月报: who has handed in, the report of a station's month, handing in, the rows behind a figure."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_POST

from deadlines.models import Clock
from deadlines.rules import words
from filings.actions import acknowledge, hand_in
from filings.models import MonthlyReport
from filings.month import Month
from filings.monthly import address, key_of
from filings.monthly_figures import MEASURES, count
from filings.monthly_forms import MonthFilter, MonthlyForm
from filings.monthly_pages import (
    MAIN,
    calendar_of,
    cells,
    figures_of,
    grouped,
    header,
    month_lines,
    narrowed,
    station_lines,
    totals,
)
from filings.monthly_rows import rows_behind, shown, visible
from fire_supervision.lib.paging import page_of
from fire_supervision.lib.text import is_number
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import Organisation
from stations.permissions import Can

NAV = {"nav_key": "monthly"}


@requires(Can.VIEW_REPORTS)
def monthly(request: OfficerRequest) -> HttpResponse:
    """The months of one's own station, or the stations of a month for whoever sees several."""
    if request.user.station_id is None:
        return _overview(request)
    home = Organisation.objects.for_user(request.user).stations().first()
    lines = station_lines(home, localtime()) if home else []
    may = request.user.can(Can.HAND_IN_REPORTS)
    context = NAV | {"station": home, "lines": lines, "may_hand_in": may, "today": localdate()}
    return render(request, "filings/monthly_own_list.html", context)


def _overview(request: OfficerRequest) -> HttpResponse:
    now = localtime()
    running = Month.of(now.date())
    month = _asked(request.GET.get("month", "")) or running.previous
    every = month_lines(request.user, month, now)
    form = MonthFilter(request.GET)
    lines = narrowed(every, form.asked)
    if request.GET.get("export"):
        return exports.table(request, f"{month}月报.xlsx", "月报", header(), (cells(line) for line in lines))
    context: dict[str, Any] = NAV | {"month": month, "form": form, "lines": lines, "every": every}
    context |= {"handed_in": sum(line.report is not None for line in every), "totals": totals(lines)}
    context |= {"columns": MAIN.values(), "today": now.date(), "export": request.user.can(Can.EXPORT)}
    context |= {"next": month.next if month < running else None, "runs": month == running}
    return render(request, "filings/monthly_list.html", context)


@requires(Can.VIEW_REPORTS)
def monthly_report(request: OfficerRequest, pk: int, year: int, number: int) -> HttpResponse:
    """The report as handed in, beside what the records say now; the draft while it was not."""
    station, month = _station(request, pk), _month(year, number)
    versions = list(MonthlyReport.objects.of(pk, month).select_related("handed_in_by", "acknowledged_by"))
    report = _version(request, versions)
    live = count(pk, month).figures
    clock = Clock.objects.filter(key=key_of(pk, month)).select_related("rule").first()
    current = report is not None and report.superseded_at is None
    context: dict[str, Any] = NAV | {"station": station, "month": month, "report": report, "versions": versions}
    context["groups"] = grouped(figures_of(report), live) if report else grouped(live)
    context["moved"] = any(row.now for _, rows in context["groups"] for row in rows)
    context |= {"clock": clock, "runs": localdate() <= month.last, "today": localdate(), "current": current}
    if clock is not None:
        said = words(clock, localtime(), calendar_of([clock], localdate()))
        context["words"], context["tone"] = said
    context["may_hand_in"] = request.user.can(Can.HAND_IN_REPORTS) and not context["runs"]
    unread = report is not None and current and report.acknowledged_at is None
    context["may_acknowledge"] = unread and request.user.can(Can.REVIEW_FILINGS)
    return render(request, "filings/monthly_detail.html", context)


@requires(Can.HAND_IN_REPORTS)
def handing_in(request: OfficerRequest, pk: int, year: int, number: int) -> HttpResponse:
    """What would be handed in, and the one button that freezes it; a second time it is a correction."""
    station, month = _station(request, pk), _month(year, number)
    before = MonthlyReport.objects.of(pk, month).current().select_related("handed_in_by").first()
    initial = {"version": before.version if before else 0, "note": before.note if before else ""}
    form = MonthlyForm(request.POST or None, initial=initial, corrects=before is not None)
    if request.method == "POST" and form.is_valid():
        report = hand_in(station, month, request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, f"{report}已报送消防救援大队")
        return redirect(address("monthly_report", pk, month))
    context: dict[str, Any] = NAV | {"station": station, "month": month, "before": before, "form": form}
    context |= {"groups": grouped(count(pk, month).figures), "runs": localdate() <= month.last}
    return render(request, "filings/monthly_form.html", context, status=422 if form.is_bound else 200)


@requires(Can.REVIEW_FILINGS)
@require_POST
def acknowledged(request: OfficerRequest, pk: int) -> HttpResponse:
    """The brigade has read it."""
    report = get_object_or_404(MonthlyReport.objects.for_user(request.user), pk=pk)
    acknowledge(report, request.user, timezone.now())
    messages.success(request, f"已接收{report.station.name}{report}")
    return redirect(address("monthly_report", report.station_id, report.of_month))


@requires(Can.VIEW_REPORTS)
def monthly_rows(request: OfficerRequest, pk: int, year: int, number: int, code: str) -> HttpResponse:
    """Exactly the rows a figure counts, each leading to its page."""
    station, month = _station(request, pk), _month(year, number)
    if code not in MEASURES:
        raise Http404
    measure = MEASURES[code]
    report = _version(request, list(MonthlyReport.objects.of(pk, month)))
    rows = visible(rows_behind(measure, pk, month, report), request.user)
    page = page_of(rows, (measure.day,) if measure.day else (), request.GET.get("cursor", ""))
    context: dict[str, Any] = NAV | {
        "station": station,
        "month": month,
        "measure": measure,
        "report": report,
        "page": page,
    }
    context["rows"] = [shown(row, measure.day) for row in page.rows]
    context["back_url"] = address("monthly_report", pk, month) + (f"?version={report.version}" if report else "")
    return render(request, "filings/monthly_row_list.html", context)


def _station(request: OfficerRequest, pk: int) -> Organisation:
    return get_object_or_404(Organisation.objects.for_user(request.user).stations(), pk=pk)


def _month(year: int, number: int) -> Month:
    """The month of the address; none of the future, none that is no month."""
    if not 2000 <= year <= 9998 or not 1 <= number <= 12 or Month(year, number).first > localdate():
        raise Http404
    return Month(year, number)


def _asked(word: str) -> Month | None:
    """The month of a filter, 2026-10; None for what cannot be read."""
    year, _, number = word.partition("-")
    if not (is_number(year) and is_number(number)):
        return None
    try:
        return _month(int(year), int(number))
    except Http404:
        return None


def _version(request: OfficerRequest, versions: list[MonthlyReport]) -> MonthlyReport | None:
    """The version asked for, else the one that stands; 404 for one that never was."""
    asked = request.GET.get("version", "")
    if not asked:
        return next((row for row in versions if row.superseded_at is None), None)
    found = [row for row in versions if str(row.version) == asked]
    if not found:
        raise Http404
    return found[0]
