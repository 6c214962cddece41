"""What reads across rooms: the workbench of each role, the unit's dossier, search."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate

from assessments.dashboard import leader_figures
from deadlines.models import Doer
from deadlines.rules import words
from desk import dossier, duties
from desk.approvals import approvals, leavers
from desk.figures import own_quarter, station_people, supervised
from desk.search import find
from fire_supervision.lib.sought import opened
from inspections.models import Inspection, State
from stations.http import OfficerRequest, requires
from stations.permissions import Can, Role
from trail.sealing import last_checkpoint
from units.models import Unit

# Where somebody without a workbench does his work.
OWN_WORK = (
    (Can.MANAGE_PEOPLE, "stations:people"),
    (Can.MANAGE_SETTINGS, "stations:settings"),
    (Can.VIEW_TRAIL, "trail:list"),
)
LEADERS = (Role.BUREAU_LEADER, Role.BUREAU_OFFICER)
GUIDES = (Role.SUPERVISOR, Role.BRIGADE_LEADER)


@requires(Can.OWN_ACCOUNT)
def home(request: OfficerRequest) -> HttpResponse:
    """The first page after signing in: the workbench, or an administrator's own work."""
    for capability, url_name in OWN_WORK:
        if request.user.can(capability):
            return redirect(url_name)
    return redirect("desk:workbench")


@requires(Can.VIEW_WORKBENCH)
def workbench(request: OfficerRequest) -> HttpResponse:
    """今日工作, drawn for the role of whoever asks."""
    now = timezone.now()
    if request.user.role in LEADERS:
        return render(
            request,
            "desk/workbench_leader.html",
            leader_figures(request.user, now)
            | {"nav_key": "workbench", "today": localdate(now), "checkpoint": last_checkpoint()},
        )
    if request.user.role in GUIDES:
        return _guide_workbench(request, now)
    return _station_workbench(request, now)


def _station_workbench(request: OfficerRequest, now: datetime) -> HttpResponse:
    today = localdate(now)
    calendar = duties.calendar_around(today)
    clocks = duties.own_clocks(request.user, now)
    groups = duties.grouped(clocks, now, calendar, request.user)
    only = request.GET.get("only", "")
    own = own_quarter(request.user, today)
    drafts = Inspection.objects.for_user(request.user).filter(state=State.DRAFT).select_related("unit", "lead")
    context = {
        "nav_key": "workbench",
        "today": today,
        "tomorrow": duties.tomorrow_words(today, calendar),
        "groups": [group for group in groups if only in ("", group.key)],
        "chips": [(group.key, group.title, group.total) for group in groups],
        "all_count": sum(group.total for group in groups),
        "only": only,
        "drafts": list(drafts if request.user.role == Role.CHIEF else drafts.filter(lead=request.user)),
        "own": own,
        "approvals": approvals(request.user),
        "leavers": leavers(request.user),
        "may_inspect": request.user.can(Can.INSPECT),
        "people": station_people(request.user, clocks, own, now) if request.user.role == Role.CHIEF else [],
    }
    return render(request, "desk/workbench_station.html", context)


def _guide_workbench(request: OfficerRequest, now: datetime) -> HttpResponse:
    today = localdate(now)
    calendar = duties.calendar_around(today)
    clocks = duties.own_clocks(request.user, now)
    late = [clock for clock in clocks if clock.doer == Doer.STATION]
    # What was reported to those above is theirs to see to; the rest is still the chief's.
    parts = {
        "groups": [clock for clock in clocks if clock.doer == Doer.BRIGADE],
        "reported": [clock for clock in late if clock.reported_at],  # type: ignore[attr-defined] # with_reported
        "late": [clock for clock in late if not clock.reported_at],  # type: ignore[attr-defined] # with_reported
    }
    context: dict[str, Any] = {key: duties.grouped(rows, now, calendar, request.user) for key, rows in parts.items()}
    context |= {
        "nav_key": "workbench",
        "today": today,
        "approvals": approvals(request.user),
        "stations": supervised(request.user, now),
        "checkpoint": last_checkpoint(),
    }
    return render(request, "desk/workbench_guide.html", context)


@requires(Can.VIEW_UNITS)
def unit(request: OfficerRequest, pk: int) -> HttpResponse:
    """一户一档 of one unit."""
    found = get_object_or_404(
        Unit.objects.for_user(request.user).select_related("category", "station", "office", "officer", "committee"),
        pk=pk,
    )
    now = timezone.now()
    today = localdate(now)
    record = dossier.of(found, now, request.user)
    context = {
        "nav_key": "units",
        "unit": found,
        "record": record,
        "today": today,
        "may_edit": request.user.can(Can.EDIT_UNITS),
        "may_close": request.user.can(Can.CLOSE_UNITS),
        "may_inspect": request.user.can(Can.INSPECT),
        "may_bind": request.user.can(Can.EXPORT),
        "may_sign": request.user.can(Can.ISSUE_PAPERS),
        "pledged": record.pledged,
        "pledge": record.pledged.shown,
    }
    if record.next_duty:
        clock = record.next_duty
        context["next_words"], context["next_tone"] = words(clock, now, duties.calendar_around(today))
        context["next_kind"], context["next_button"], context["next_url"] = duties.act_of(clock, request.user)
    return render(request, "desk/unit.html", context)


@requires(Can.SEARCH)
def search(request: OfficerRequest) -> HttpResponse:
    """Global search; what was typed stays in the field."""
    typed = opened(request.GET.get("q", ""), request.user.pk).strip()[:60]
    return render(
        request, "desk/search.html", {"words": typed, "search_words": typed, "sections": find(request.user, typed)}
    )
