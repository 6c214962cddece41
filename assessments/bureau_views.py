"""The year's visits, and the scheme a bureau scores by."""

from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate

from assessments.actions import Wanted, save_scheme
from assessments.bureaus import bureau_for
from assessments.coverage import portions, unvisited, whole
from assessments.forms import IndicatorForm, SchemeFormSet, SinceForm, UnvisitedFilter, initial_of
from assessments.quarters import Quarter
from assessments.results import in_force, indicators_of
from assessments.sheets import portions_sheet, unvisited_sheet
from fire_supervision.lib.paging import page_of
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import Organisation
from stations.permissions import Can

NAV = {"nav_key": "assessments"}


@requires(Can.VIEW_ASSESSMENT)
def coverage(request: OfficerRequest) -> HttpResponse:
    """Who has visited how many of how many this year, and the units that are left."""
    today, user = localdate(), request.user
    rows = portions(user, today)
    by_officer = user.station_id is not None
    officers = [(int(row.key), row.name) for row in rows if row.key != "none"] if by_officer else []
    form = UnvisitedFilter(request.GET, user=user, officers=officers)
    left = form.narrow(unvisited(user, today)).select_related("category", "officer", "station")
    wanted = request.GET.get("export", "")
    if wanted == "xlsx":
        return exports.table(request, f"{today.year}年未检查单位.xlsx", "未检查", *unvisited_sheet(left, user))
    if wanted == "portions":
        return exports.table(request, f"{today.year}年检查进度.xlsx", "检查进度", *portions_sheet(rows))
    total = whole(rows)
    context: dict[str, Any] = NAV | {"rows": rows, "total": total, "form": form, "of": total.left, "today": today}
    context |= {"page": page_of(left, ("name_key",), request.GET.get("cursor", ""))}
    context |= {"by_officer": by_officer, "pace": today.timetuple().tm_yday / 366, "export": user.can(Can.EXPORT)}
    return render(request, "assessments/coverage_list.html", context)


@requires(Can.EDIT_SCHEME)
def scheme(request: OfficerRequest) -> HttpResponse:
    """The bureau's own scheme; the default is copied by the first edit, and each edit is a version from its day."""
    bureau = bureau_for(request.user)
    if bureau is None:
        raise Http404
    now = Quarter.of(localdate())
    known = indicators_of(bureau.pk)
    applied = in_force(known, now)
    defaults = [row for row in known if row.scheme.bureau_id is None]
    when = SinceForm(request.POST or None, current=now)
    rows = SchemeFormSet(request.POST or None, initial=initial_of(applied, defaults), prefix="indicator")
    # Both are asked, so that every problem of the page shows at once.
    if request.method == "POST" and all([when.is_valid(), rows.is_valid()]):
        return _saved(request, bureau, when.cleaned_data["since"], rows)
    context: dict[str, Any] = NAV | {
        "bureau": bureau,
        "rows": rows,
        "when": when,
        "scheme": applied[0].scheme if applied else None,
    }
    context |= {"versions": list(dict.fromkeys(row.scheme for row in known)), "total": _total(rows)}
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/scheme_form.html", context, status=status)


def _saved(
    request: OfficerRequest, bureau: Organisation, since: Quarter, rows: BaseFormSet[IndicatorForm]
) -> HttpResponse:
    save_scheme(bureau, request.user, since, [Wanted(**form.cleaned_data) for form in rows.forms])
    messages.success(request, f"考核办法已保存，从{since}起适用")
    return redirect("assessments:scheme")


def _total(rows: Any) -> Any:
    """The sum on the page: of what was typed, or of the scheme as it stands."""
    return rows.total if rows.is_bound else sum(row["weight"] for row in rows.initial)
