"""Choosing whom to visit."""

from datetime import date

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from fire_supervision.lib.sought import opened
from fire_supervision.lib.text import is_number
from inspections import actions
from inspections.models import Inspection, State
from inspections.rules import subject_of
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from units.forms import places_of
from units.models import Unit

NEARBY = 20
NEVER = date(1900, 1, 1)


@requires(Can.INSPECT)
def start(request: OfficerRequest) -> HttpResponse:
    """Pick a unit by name, code or address, or confirm the one the page before named."""
    chosen = request.GET.get("unit", "")
    if is_number(chosen):
        return _confirm(request, int(chosen))
    words = opened(request.GET.get("q", ""), request.user.pk).strip()
    units = Unit.objects.for_user(request.user).open().select_related("category")
    # A unit nobody has ever visited has waited longest of all.
    mine = units.filter(officer=request.user).annotate(seen_on=Coalesce("last_visited_on", Value(NEVER)))
    # Without words: the officer's own, those not visited for longest first.
    found = units.matching(words, places_of(request.user)) if words else mine
    order = ["name_key"] if words else ["seen_on"]
    page = page_of(found, order, request.GET.get("cursor", ""), size=NEARBY)
    drafts = _drafts(request) if not words else []
    context = {"nav_key": "inspections", "page": page, "words": words, "drafts": drafts, "of": mine.count()}
    return render(request, "inspections/_start_units.html" if request.htmx else "inspections/start.html", context)


def _drafts(request: OfficerRequest) -> list[Inspection]:
    drafts = Inspection.objects.for_user(request.user).filter(lead=request.user, state=State.DRAFT)
    return list(drafts.select_related("unit").order_by("-started_at"))


def _confirm(request: OfficerRequest, unit_id: int) -> HttpResponse:
    unit = get_object_or_404(Unit.objects.for_user(request.user).select_related("category", "officer"), pk=unit_id)
    visits = Inspection.objects.for_user(request.user).filter(unit=unit)
    context = {
        "nav_key": "inspections",
        "unit": unit,
        "subject": subject_of(unit),
        "draft": visits.filter(state=State.DRAFT, lead=request.user).first(),
        "others": visits.filter(state=State.DRAFT).exclude(lead=request.user).select_related("lead"),
        "latest": visits.done().select_related("lead", "second")[:3],
        "today": localdate(),
    }
    return render(request, "inspections/start_unit.html", context)


@requires(Can.INSPECT)
@require_POST
def begin(request: OfficerRequest, unit_id: int) -> HttpResponse:
    """Begin the visit, or go on with the draft there is."""
    unit = get_object_or_404(Unit.objects.for_user(request.user), pk=unit_id)
    inspection = actions.start(request.user, unit, localdate(), now())
    return redirect("inspections:fill", inspection.pk)
