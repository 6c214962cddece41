"""The quarter of a bureau and the station's page."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from assessments.actions import publish
from assessments.bulletins import bulletin_of
from assessments.bureaus import bureau_for, bureaus_of, sees
from assessments.models import BulletinState, Score
from assessments.quarters import Quarter
from assessments.results import Change, QuarterResult, StationResult, change, results
from assessments.sheets import quarter_sheet, station_sheet
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import Organisation, OrganisationKind
from stations.permissions import Can

NAV = {"nav_key": "assessments"}
# How many published quarters a trend line looks back.
TREND = 5


@requires(Can.VIEW_ASSESSMENT)
def current(request: OfficerRequest) -> HttpResponse:
    """This quarter: a station's own page, the ranking for everybody above."""
    now = Quarter.of(localdate())
    if request.user.station_id is not None:
        return redirect("assessments:station", year=now.year, number=now.number, pk=request.user.station_id)
    return redirect("assessments:quarter", year=now.year, number=now.number)


@requires(Can.VIEW_ASSESSMENT)
def quarter(request: OfficerRequest, year: int, number: int) -> HttpResponse:
    """The ranking of a bureau's stations, each indicator side by side, the change against the quarter before."""
    asked, today = quarter_of(year, number), localdate()
    bureau = bureau_for(request.user, request.GET.get("bureau", ""))
    if bureau is None:
        return render(request, "assessments/quarter_detail.html", NAV | {"quarter": asked, "bureau": None})
    found = results(bureau.pk, [asked, asked.previous], today)
    result, before = found[asked], found[asked.previous]
    rows = [(row, change(row, before.of(row.station.pk))) for row in _visible(request, result)]
    if request.GET.get("export"):
        return exports.table(request, f"{bureau.name}{asked}考核.xlsx", "考核", *quarter_sheet(result, rows))
    may_publish = request.user.can(Can.PUBLISH_ASSESSMENT) and today > asked.end and result.published_at is None
    context: dict[str, Any] = NAV | {
        "quarter": asked,
        "bureau": bureau,
        "result": result,
        "rows": rows,
        "may_publish": may_publish,
        "sees_all": len(rows) == len(result.stations),
    }
    context |= {"indicators": _multiples(result, rows), "bureaus": bureaus_of(request.user)}
    context |= _around(asked, today) | {"export": request.user.can(Can.EXPORT)}
    context |= {"may_edit": request.user.can(Can.EDIT_SCHEME), "bulletin": _bulletin(request, bureau.pk, result)}
    return render(request, "assessments/quarter_detail.html", context)


@requires(Can.PUBLISH_ASSESSMENT)
@require_POST
def publishing(request: OfficerRequest, year: int, number: int) -> HttpResponse:
    """Freeze and publish the quarter of the bureau whose page was sent."""
    asked = quarter_of(year, number)
    bureau = bureau_for(request.user, request.POST.get("bureau", ""))
    if bureau is None or str(bureau.pk) != request.POST.get("bureau"):
        raise Http404
    done = publish(bureau, asked, request.user, timezone.now())
    messages.success(request, f"已发布{asked}考核，{len(done)} 个派出所")
    address = reverse("assessments:quarter", args=[asked.year, asked.number])
    return redirect(f"{address}?bureau={bureau.pk}")


@requires(Can.VIEW_ASSESSMENT)
def station(request: OfficerRequest, year: int, number: int, pk: int) -> HttpResponse:
    """Every indicator of one station: formula in words, figures, points, change, and the way to the records."""
    asked, home = quarter_of(year, number), station_of(request, pk)
    found = results(home.bureau_id or 0, [asked, asked.previous], localdate())
    row, before = found[asked].of(home.pk), found[asked.previous].of(home.pk)
    if row is None:
        raise Http404
    moved = change(row, before)
    if request.GET.get("export"):
        return exports.table(request, f"{home.name}{asked}得分.xlsx", "得分", *station_sheet(row, moved))
    trends = _trends(home, asked)
    lines = [(line, moved.rates.get(line.code), _trend(trends, line.code, line.rate)) for line in row.lines]
    context: dict[str, Any] = NAV | {"quarter": asked, "station": home, "result": found[asked], "row": row}
    context |= {"lines": lines, "moved": moved, "before": before, "count": len(found[asked].stations)}
    context |= {"lost": sorted((line for line in row.lines if line.lost), key=lambda line: -line.lost)[:5]}
    context |= {"total": sum(line.full for line in row.lines), "trend": _trend(trends, "", row.points)}
    context |= {"judged": sum(bool(line.due) for line in row.lines), "has_trend": bool(trends[""])}
    context |= _around(asked, localdate()) | {"export": request.user.can(Can.EXPORT)}
    context |= {"bulletin": _bulletin(request, home.bureau_id or 0, found[asked])}
    return render(request, "assessments/station_detail.html", context)


def _bulletin(request: OfficerRequest, bureau_id: int, result: QuarterResult) -> bool:
    """Whether the page leads to the 通报: once it is issued, for whoever writes it as soon as there is one to write."""
    if result.published_at is None:
        return False
    row = None if request.user.can(Can.PUBLISH_ASSESSMENT) else bulletin_of(bureau_id, result.quarter)
    return request.user.can(Can.PUBLISH_ASSESSMENT) or (row is not None and row.state == BulletinState.ISSUED)


def quarter_of(year: int, number: int) -> Quarter:
    """The quarter of the address; none of the future, none that is no quarter."""
    if not 2000 <= year <= 9998 or not 1 <= number <= 4 or Quarter(year, number).start > localdate():
        raise Http404
    return Quarter(year, number)


def station_of(request: OfficerRequest, pk: int) -> Organisation:
    station = get_object_or_404(Organisation.objects.filter(kind=OrganisationKind.STATION), pk=pk)
    if not sees(request.user, station):
        raise Http404
    return station


def _visible(request: OfficerRequest, result: QuarterResult) -> list[StationResult]:
    """The ranking is the bureau's; everybody sees the lines of his own stations."""
    return [row for row in result.stations if sees(request.user, row.station)]


def _around(asked: Quarter, today: date) -> dict[str, Any]:
    """Whether the quarter still runs and whether there is a later one to turn to."""
    return {"running": today <= asked.end, "is_latest": asked.next.start > today, "today": today}


def _multiples(result: QuarterResult, rows: list[tuple[StationResult, Change]]) -> list[dict[str, Any]]:
    """Each indicator with every station's line, for the small pictures."""
    codes = [line.indicator for line in result.stations[0].lines] if result.stations else []
    return [
        {
            "indicator": indicator,
            "total": result.total(indicator.code),
            "lines": [(row.station, row.line(indicator.code), moved.rates.get(indicator.code)) for row, moved in rows],
        }
        for indicator in codes
    ]


def _trends(station: Organisation, asked: Quarter) -> dict[str, list[float | None]]:
    """The published rates of the quarters before, by code, oldest first; the points under an empty code."""
    before = Q(assessment__year__lt=asked.year) | Q(assessment__year=asked.year, assessment__quarter__lt=asked.number)
    rows = Score.objects.filter(before, assessment__station=station).select_related("assessment").defer("detail")
    found: dict[str, dict[tuple[int, int], float | None]] = {"": {}}
    for row in rows.annotate(code=F("indicator__code")).order_by("-assessment__year", "-assessment__quarter")[:50]:
        when = (row.assessment.year, row.assessment.quarter)
        rate = round(100 * row.done / row.due, 1) if row.due else None
        found.setdefault(row.code, {})[when] = rate
        found[""][when] = float(row.assessment.points) if row.assessment.points is not None else None
    return {code: [values[when] for when in sorted(values)][-TREND + 1 :] for code, values in found.items()}


def _trend(trends: dict[str, list[float | None]], code: str, now: Decimal | None) -> list[float | None]:
    return [*trends.get(code, []), float(round(now, 1)) if now is not None else None]
