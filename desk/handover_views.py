"""The pages of 移交: who has what, the preview, the act and the return."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST

from deadlines.models import Clock, Doer
from deadlines.rules import words
from desk import handover
from desk.duties import calendar_around
from desk.handover import Caseload
from desk.handover_forms import HandoverForm
from fire_supervision.lib.paging import page_of
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can
from units.handover import CaseloadChanged, works_at
from units.models import Handover, HandoverState, Unit

# A caseload has a few dozen of either; the first say what is urgent.
SHOWN = 20


@requires(Can.HAND_OVER)
def overview(request: OfficerRequest) -> HttpResponse:
    """Who has what in the chief's station, what is held for somebody, what was handed over."""
    lost, people = handover.holders(request.user, now())
    rows = Handover.objects.for_user(request.user).select_related(
        "from_officer__organisation", "to_officer", "handed_by"
    )
    station = request.user.home_station
    held = list(rows.filter(state=HandoverState.HELD).order_by("until", "pk"))
    context = {
        "nav_key": "units",
        "lost": lost,
        "people": people,
        "held": [(row, row.from_officer is not None and works_at(row.from_officer, station)) for row in held],
        "page": page_of(rows, ["-handed_at"], request.GET.get("cursor", ""), size=20),
        "today": localdate(),
    }
    return render(request, "desk/handover_list.html", context)


@requires(Can.HAND_OVER)
def hand_over(request: OfficerRequest, pk: int) -> HttpResponse:
    """Preview and act for one person: of the station, or with something left in it."""
    return _hand_over(request, get_object_or_404(_people_of(request.user), pk=pk))


@requires(Can.HAND_OVER)
def hand_over_unassigned(request: OfficerRequest) -> HttpResponse:
    """The same for the units nobody is responsible for."""
    return _hand_over(request, None)


def _hand_over(request: OfficerRequest, person: User | None) -> HttpResponse:
    load = handover.caseload(person, request.user)
    form = HandoverForm(load, request.POST or None, by=request.user)
    kept = form.kept(request.POST.getlist("ids")) if request.method == "POST" else set()
    changed: CaseloadChanged | None = None
    if request.method == "POST" and form.is_valid():
        terms, seen = form.terms(), form.cleaned_data["seen"]
        try:
            done = handover.hand_over(person, terms, kept=kept, seen=seen, by=request.user, at=now())
        except CaseloadChanged as error:
            # What came in since was on no list that anybody ticked, so the choice is made anew.
            changed, kept = error, set()
            again = request.POST.copy()
            again["seen"] = load.digest
            form.data = again
        else:
            messages.success(
                request, f"已移交给{done.to_officer.name}：{len(done.unit_ids)} 户、{len(done.clock_ids)} 项期限。"
            )
            return redirect("handover")
    context = _preview(load) | {"form": form, "kept": kept, "changed": changed}
    return render(request, "desk/handover_form.html", context, status=409 if changed else 200)


def _preview(load: Caseload) -> dict[str, object]:
    moment, calendar = now(), calendar_around(localdate())
    duties = [(clock, *words(clock, moment, calendar)) for clock in load.duties[:SHOWN]]
    return {
        "nav_key": "units",
        "load": load,
        "person": load.person,
        "duties": duties,
        "more_duties": len(load.duties) - len(duties),
        "yearly_overdue": sum(clock.is_overdue(moment) for clock in load.yearly),
        "hazards": load.hazards[:SHOWN],
        "more_hazards": max(len(load.hazards) - SHOWN, 0),
    }


@requires(Can.HAND_OVER)
@require_POST
def take_back(request: OfficerRequest, pk: int) -> HttpResponse:
    get_object_or_404(Handover.objects.for_user(request.user), pk=pk)
    row, units = handover.take_back(pk, by=request.user, at=now())
    elsewhere = len(row.unit_ids) - units
    more = f"，另有 {elsewhere} 户已由别人负责，没有动" if elsewhere else ""
    messages.success(request, f"已交回{row.giver}：{units} 户{more}。")
    return redirect("handover")


def _people_of(by: User) -> QuerySet[User]:
    """The people of the chief's station, and whoever else still has something there."""
    units = Unit.objects.for_user(by).open().filter(officer__isnull=False)
    duties = Clock.objects.for_user(by).running().filter(doer=Doer.STATION, owner__isnull=False)
    here = Q(organisation=by.home_station) | Q(organisation__parent=by.home_station)
    having = Q(pk__in=units.values("officer")) | Q(pk__in=duties.values("owner"))
    return User.objects.filter(here | having).select_related("organisation")
