"""The catalogue sheet of a row: suggested entries first, the rest by search; the hazard in words."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from deadlines.calendar import Calendar
from fire_supervision.lib.text import is_number
from inspections import actions
from inspections.bases import Basis, bases_of, follow_up
from inspections.forms import FindingForm, search_catalogue
from inspections.models import ChecklistItem, Finding, HazardCategory, HazardType, Inspection
from inspections.rules import Row, default_words, offered, row_of, sheet_of, urged, words_of
from inspections.views.reach import reachable, row_url
from stations.http import OfficerRequest, requires
from stations.permissions import Can

SHOWN = 30


def offer(inspection: Inspection, row: Row, words: str, code: str, category: str = "") -> dict[str, Any]:
    """Context of the sheet for ``row``: what is offered or found, and the entry ``code`` opened for filling in."""
    in_force = HazardType.objects.in_force(inspection.visited_on)
    chosen = None
    if words or category:
        found = search_catalogue(in_force, words)
        types = list((found.filter(category=category) if category else found)[:SHOWN])
    else:
        wanted = in_force.filter(Q(items=row.item) | Q(code=code)).distinct()
        types = offered(row.item, row.value, list(wanted))
        first = types[0] if types and row.failed else None
        chosen = next((kind for kind in types if kind.code == code), first)
    bases = bases_of(types, inspection.bureau_id, inspection.visited_on)
    return {
        "row": row,
        "words": words,
        "category": category,
        "categories": HazardCategory.choices,
        "types": [(kind, bases[kind.pk]) for kind in types if kind != chosen],
        **(entry_context(inspection, row, chosen, bases[chosen.pk]) if chosen else {}),
    }


def entry_context(
    inspection: Inspection,
    row: Row,
    chosen: HazardType,
    basis: Basis,
    form: FindingForm | None = None,
    finding: Finding | None = None,
) -> dict[str, Any]:
    """One entry of the catalogue opened: its law, its period, the sentence with its blanks."""
    form = form or FindingForm(hazard_type=chosen, initial=_initial(row, chosen, finding))
    mode, days = form["mode"].value() or "", form["days"].value()
    return {
        "inspection": inspection,
        "row": row,
        "chosen": chosen,
        "basis": basis,
        "form": form,
        "finding": finding,
        "follow": _follow(inspection, basis, str(mode), str(days)),
    }


def _initial(row: Row, chosen: HazardType, finding: Finding | None) -> dict[str, Any]:
    if finding is None:
        words = default_words(row.item, row.value, chosen)
        return {"words": words, "mode": chosen.mode, "days": chosen.days}
    return {
        "place": finding.place,
        "words": words_of(finding.wording, finding.place, finding.quantity),
        "quantity": finding.quantity,
        "mode": finding.mode,
        "days": finding.days or chosen.days,
        "fixed_on_spot": finding.fixed_on_spot,
        "grave": "yes" if finding.grave else "no",
    }


def _basis(inspection: Inspection, chosen: HazardType) -> Basis:
    return bases_of([chosen], inspection.bureau_id, inspection.visited_on)[chosen.pk]


def _follow(inspection: Inspection, basis: Basis, mode: str, days: str) -> Any:
    span = min(int(days), 365) if is_number(days) else 0
    return follow_up(basis, mode, span, inspection.visited_on, Calendar.load(), inspection.bureau_id)


@requires(Can.INSPECT)
def choose(request: OfficerRequest, pk: int, item_id: int) -> HttpResponse:
    """Open the sheet; a POST notes the hazard."""
    inspection = reachable(request, pk)
    item = get_object_or_404(ChecklistItem, checklist_id=inspection.checklist_id, pk=item_id)
    row = row_of(inspection, item)
    if request.method == "POST":
        kinds = HazardType.objects.in_force(inspection.visited_on)
        chosen = get_object_or_404(kinds, code=request.POST.get("code", ""))
        form = FindingForm(request.POST, hazard_type=chosen)
        if form.is_valid():
            actions.add_finding(inspection, request.user, item, chosen, form.draft())
            return _noted(request, inspection, item)
        entry = entry_context(inspection, row, chosen, _basis(inspection, chosen), form)
        return _sheet(request, offer(inspection, row, "", chosen.code) | entry)
    asked = (request.GET.get(name, "").strip() for name in ("q", "code", "category"))
    return _sheet(request, {"inspection": inspection} | offer(inspection, row, *asked))


@requires(Can.INSPECT)
def finding(request: OfficerRequest, pk: int, finding_id: int) -> HttpResponse:
    """Word a noted hazard anew."""
    inspection = reachable(request, pk)
    noted = get_object_or_404(inspection.findings.select_related("hazard_type", "item", "inspection"), pk=finding_id)
    row = row_of(inspection, noted.item)
    form = FindingForm(request.POST, hazard_type=noted.hazard_type) if request.method == "POST" else None
    if form is not None and form.is_valid():
        actions.change_finding(noted, request.user, form.draft())
        return _noted(request, inspection, noted.item)
    basis = _basis(inspection, noted.hazard_type)
    return _sheet(request, entry_context(inspection, row, noted.hazard_type, basis, form, noted))


@requires(Can.INSPECT)
@require_POST
def remove_finding(request: OfficerRequest, pk: int, finding_id: int) -> HttpResponse:
    inspection = reachable(request, pk)
    noted = get_object_or_404(inspection.findings.select_related("item", "inspection"), pk=finding_id)
    actions.remove_finding(noted, request.user)
    return _noted(request, inspection, noted.item)


@requires(Can.INSPECT)
def period(request: OfficerRequest, pk: int, code: str) -> HttpResponse:
    """What follows from the period as it is chosen just now."""
    inspection = reachable(request, pk)
    chosen = get_object_or_404(HazardType, code=code)
    mode, days = request.GET.get("mode", ""), request.GET.get("days", "")
    follow = _follow(inspection, _basis(inspection, chosen), mode, days)
    return render(request, "inspections/_follow.html", {"chosen": chosen, "follow": follow})


def _sheet(request: OfficerRequest, context: dict[str, Any]) -> HttpResponse:
    context["nav_key"] = "inspections"
    return render(request, "inspections/_sheet.html" if request.htmx else "inspections/finding_form.html", context)


def _noted(request: OfficerRequest, inspection: Inspection, item: ChecklistItem) -> HttpResponse:
    """Back to the row: the page, or under htmx the row, the counts and a closed sheet."""
    sheet = sheet_of(inspection)
    row = sheet.row(item.pk)
    if not request.htmx:
        return redirect(row_url(inspection, row))
    group = next(group for group in sheet.groups if group.code == item.group)
    context = {
        "inspection": inspection, "sheet": sheet, "row": row, "group": group, "urged": urged(inspection, sheet),
    }  # fmt: skip
    return render(request, "inspections/_noted.html", context)
