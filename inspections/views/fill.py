"""The sheet that is filled in at the door, row by row."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fire_supervision.lib.text import is_number
from inspections import actions
from inspections.missing import gaps
from inspections.models import ChecklistItem, Inspection
from inspections.rules import Group, Sheet, sheet_of, urged
from inspections.views.findings import offer
from inspections.views.reach import reachable, row_url, same_person, writable
from stations.http import OfficerRequest, requires
from stations.permissions import Can


def sheet_context(request: OfficerRequest, inspection: Inspection, sheet: Sheet) -> dict[str, Any]:
    """What every fragment of the sheet needs."""
    groups = sheet.groups
    return {
        "nav_key": "inspections",
        "inspection": inspection,
        "sheet": sheet,
        "urged": urged(inspection, sheet),
        "parts": list(zip(groups, [None, *groups[:-1]], [*groups[1:], None], strict=True)),
        "group": _group(sheet, request.GET.get("group", "")),
        "saved_at": max((row.answer.answered_at for row in sheet.rows if row.answer), default=None),
    }


def _group(sheet: Sheet, code: str) -> Group:
    """The group asked for, else the first with something left to do, else the last."""
    named = next((group for group in sheet.groups if group.code == code), None)
    return named or next((group for group in sheet.groups if group.left), sheet.groups[-1])


@requires(Can.INSPECT)
def fill(request: OfficerRequest, pk: int) -> HttpResponse:
    inspection = reachable(request, pk)
    if not writable(request, inspection):
        return redirect("inspections:detail", pk)
    sheet = sheet_of(inspection)
    return render(request, "inspections/fill.html", sheet_context(request, inspection, sheet))


@requires(Can.INSPECT)
@require_POST
def answer(request: OfficerRequest, pk: int, item_id: int) -> HttpResponse:
    """Save one row; the answer of the page is that row, what follows from it, and the counts."""
    inspection = reachable(request, pk)
    same_person(request)
    item = get_object_or_404(ChecklistItem, checklist_id=inspection.checklist_id, pk=item_id)
    values = request.POST.get("value", ""), request.POST.get("note", "")
    changed = actions.answer(inspection, request.user, item, *values)
    sheet = sheet_of(inspection)
    row = sheet.row(item.pk)
    if not request.htmx:
        return redirect(row_url(inspection, row))
    context = sheet_context(request, inspection, sheet) | {
        "row": row,
        "group": _group(sheet, item.group),
        "others": [sheet.row(other.pk) for other in changed if other.pk != item.pk],
    }
    if changed and row.failed and not row.findings and not row.note:
        context |= offer(inspection, row, "", "") | {"opens": True}
    return render(request, "inspections/_answered.html", context)


@requires(Can.INSPECT)
@require_POST
def pass_rest(request: OfficerRequest, pk: int, group: str) -> HttpResponse:
    """其余全部合格 for one group, and the way back."""
    inspection = reachable(request, pk)
    passed = actions.pass_rest(inspection, request.user, group)
    return _group_answer(request, inspection, group, passed)


@requires(Can.INSPECT)
@require_POST
def undo_pass(request: OfficerRequest, pk: int, group: str) -> HttpResponse:
    inspection = reachable(request, pk)
    items = [int(item) for item in request.POST.getlist("items") if is_number(item)]
    actions.undo_pass(inspection, request.user, items)
    return _group_answer(request, inspection, group, [])


def _group_answer(request: OfficerRequest, inspection: Inspection, code: str, passed: list[int]) -> HttpResponse:
    sheet = sheet_of(inspection)
    context = sheet_context(request, inspection, sheet) | {"group": _group(sheet, code), "passed": passed}
    if not request.htmx:
        return redirect(f"{reverse('inspections:fill', args=[inspection.pk])}?group={code}")
    return render(request, "inspections/_group_answered.html", context)


@requires(Can.INSPECT)
@require_POST
def discard(request: OfficerRequest, pk: int) -> HttpResponse:
    """Give the draft up."""
    actions.discard(reachable(request, pk), request.user)
    return redirect("inspections:list")


def lacking(inspection: Inspection, sheet: Sheet) -> list[dict[str, str]]:
    """What is missing, with where to enter it."""
    groups = {f"item-{row.item.code}": row.item.group for row in sheet.rows}
    return [
        {
            "words": gap.words,
            "url": f"{reverse(gap.page, args=[inspection.pk])}"
            + (f"?group={groups[gap.anchor]}" if gap.anchor in groups else "")
            + f"#{gap.anchor}",
        }
        for gap in gaps(inspection, sheet)
    ]
