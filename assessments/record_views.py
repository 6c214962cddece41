"""The records behind each figure: of one station, of the whole bureau, and what is overdue now."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from assessments.bureaus import bureau_for
from assessments.figures import MEASURES
from assessments.forms import OverdueFilter
from assessments.models import Indicator, Score
from assessments.overdue import overdue_duties, told, with_reminders
from assessments.quarters import Quarter
from assessments.results import in_force, indicators_of
from assessments.rows import DAY_NAMES, DONE, MISSED, counted, narrowed, shown
from assessments.sheets import overdue_sheet, records_sheet
from assessments.views import NAV, quarter_of, station_of
from fire_supervision.lib.paging import page_of
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import Organisation, OrganisationKind
from stations.permissions import Can

ONLY = [("", "全部"), (DONE, "计入完成"), (MISSED, "没有完成")]


@requires(Can.VIEW_ASSESSMENT)
def records(request: OfficerRequest, year: int, number: int, pk: int, code: str) -> HttpResponse:
    """Exactly the rows a station's figure counts, each leading to its page."""
    asked, home = quarter_of(year, number), station_of(request, pk)
    scores = Score.objects.filter(assessment__station=home)
    back = reverse("assessments:station", args=[year, number, pk]), f"{home.name}得分"
    return _records(request, asked, code, home, Q(station=home), scores, back)


@requires(Can.VIEW_ASSESSMENT)
def bureau_records(request: OfficerRequest, year: int, number: int, code: str) -> HttpResponse:
    """The rows of all stations of a bureau, as far as the person asking reaches them."""
    asked, bureau = quarter_of(year, number), bureau_for(request.user, request.GET.get("bureau", ""))
    if bureau is None:
        raise Http404
    scores = Score.objects.filter(assessment__bureau=bureau)
    back = f"{reverse('assessments:quarter', args=[year, number])}?bureau={bureau.pk}", "考核"
    return _records(request, asked, code, bureau, Q(bureau=bureau), scores, back)


def _records(
    request: OfficerRequest,
    asked: Quarter,
    code: str,
    place: Organisation,
    where: Q,
    scores: QuerySet[Score],
    back: tuple[str, str],
) -> HttpResponse:
    of_quarter = scores.filter(assessment__year=asked.year, assessment__quarter=asked.number, indicator__code=code)
    published = list(of_quarter.select_related("indicator", "assessment"))
    indicator = published[0].indicator if published else _in_force(place, asked, code)
    rows = counted(code, where, asked, localdate(), published)
    if rows is None:
        raise Http404
    only = request.GET.get("only", "")
    listed = narrowed(rows, request.user, only)
    if request.GET.get("export"):
        name = f"{place.name}{asked}{indicator.name}.xlsx"
        return exports.table(request, name, "记录", *records_sheet(code, listed))
    page = page_of(listed, MEASURES[code].order, request.GET.get("cursor", ""))
    context: dict[str, Any] = NAV | {"quarter": asked, "place": place, "indicator": indicator, "page": page}
    context |= {"back_url": back[0], "back_words": back[1], "several_stations": place.kind == OrganisationKind.BUREAU}
    context |= {"rows": [shown(row) for row in page.rows], "counted": MEASURES[code].counted, "day": DAY_NAMES[code]}
    context |= {"of": narrowed(rows, request.user, "").count(), "only": only, "choices": ONLY}
    context |= {"export": request.user.can(Can.EXPORT), "published": _published(published)}
    return render(request, "assessments/record_list.html", context)


def _in_force(place: Organisation, asked: Quarter, code: str) -> Indicator:
    """The indicator of the scheme in force; 404 for one the scheme does not have."""
    bureau_id = place.pk if place.kind == OrganisationKind.BUREAU else place.bureau_id
    known = in_force(indicators_of(bureau_id or 0), asked)
    indicator = next((each for each in known if each.code == code), None)
    if indicator is None:
        raise Http404
    return indicator


def _published(scores: list[Score]) -> dict[str, Any] | None:
    """When the figure was published, and what it said."""
    if not scores:
        return None
    done, due = sum(score.done for score in scores), sum(score.due for score in scores)
    return {"at": scores[0].assessment.published_at, "done": done, "due": due}


@requires(Can.VIEW_ASSESSMENT)
def overdue(request: OfficerRequest) -> HttpResponse:
    """Every duty of the stations that is past its last day: the figure 逾期未办, row by row."""
    now = timezone.now()
    today = localdate(now)
    duties = overdue_duties(now).for_user(request.user).with_reported().select_related("rule", "station", "owner")
    form = OverdueFilter(request.GET, user=request.user)
    listed = form.narrow(duties)
    if request.GET.get("export"):
        late = with_reminders(told(list(listed.order_by("due_on", "pk")), now))
        return exports.table(request, f"逾期未办-{today:%Y%m%d}.xlsx", "逾期未办", *overdue_sheet(late))
    page = page_of(listed, ("due_on",), request.GET.get("cursor", ""))
    context: dict[str, Any] = NAV | {"today": today, "form": form, "page": page}
    context |= {"rows": with_reminders(told(page.rows, now)), "of": duties.count()}
    context |= {"export": request.user.can(Can.EXPORT)}
    return render(request, "assessments/overdue_list.html", context)
