"""完成检查: what was found, what has to be judged, what will follow, and the one button."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now

from deadlines.calendar import Calendar
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.forms import ConcludeForm
from hazards.issuing import papers_of
from hazards.models import Order, OrderState
from hazards.plan import ORDER_KIND, Plan, PlannedHazard, judge, plan
from hazards.reporting import township_of
from hazards.wording import period_words, why
from inspections.missing import gaps
from inspections.models import Inspection, State
from inspections.rules import Sheet, sheet_of
from records.models import FORMS, Kind
from stations.http import OfficerRequest, requires
from stations.permissions import Can

INK = "。请打开文书打印两份，当场签名，再把签好的一份附在文书后"


@requires(Can.ISSUE_PAPERS)
def conclude(request: OfficerRequest, pk: int) -> HttpResponse:
    inspection = _inspection(request, pk)
    if inspection.state != State.DRAFT:
        return _already(request, inspection)
    sheet = sheet_of(inspection, photos=False)
    judged = judge(inspection, sheet.findings)
    given = request.POST if request.method == "POST" else request.GET or None
    form = ConcludeForm(judged, given, township=township_of(inspection.unit))
    if request.method == "POST" and form.is_valid():
        township = form.cleaned_data["township"]
        try:
            papers = actions.conclude(inspection, request.user, form.decisions(), now(), township)
        except Refusal as refusal:
            show_faults(form, refusal)
        else:
            messages.success(request, f"已签发 {len(papers)} 份文书" + (INK if inspection.ink else ""))
            return _onward(inspection)
    calendar = Calendar.load(inspection.visited_on)
    drawn = plan(inspection, judged, form.decisions(), calendar)
    context = _context(inspection, sheet, drawn, calendar) | {"form": form}
    return render(request, "hazards/_conclude_plan.html" if request.htmx else "hazards/conclude.html", context)


def _inspection(request: OfficerRequest, pk: int) -> Inspection:
    rows = Inspection.objects.for_user(request.user)
    return get_object_or_404(
        rows.select_related("unit__committee", "station__brigade", "lead__organisation", "second__organisation"), pk=pk
    )


def _already(request: OfficerRequest, inspection: Inspection) -> HttpResponse:
    """The second press of the button, or a page from yesterday: nothing more is issued."""
    if inspection.state == State.SUBMITTED:
        messages.info(request, "这次检查已经签发，没有重复签发")
        return _onward(inspection)
    raise RuleError(f"这次检查{inspection.get_state_display()}，不能签发文书")


def _onward(inspection: Inspection) -> HttpResponseRedirect:
    """To the notice that must be served now, else to the record."""
    waiting = Order.objects.filter(inspection=inspection, state=OrderState.ISSUED).order_by("id").first()
    if waiting is not None:
        return redirect("hazards:order", waiting.pk)
    record = next(paper for paper in papers_of(inspection) if paper.kind == Kind.INSPECTION_RECORD)
    return redirect("records:document", record.pk)


def _context(inspection: Inspection, sheet: Sheet, drawn: Plan, calendar: Calendar) -> dict[str, Any]:
    return {
        "nav_key": "inspections",
        "inspection": inspection,
        "drawn": drawn,
        "found": [_found(hazard, calendar) for hazard in drawn.hazards],
        "papers": _papers(drawn),
        "clocks": [{"clock": clock, "why": why(clock.explained.days)} for clock in drawn.clocks],
        "missing": [
            {"words": gap.words, "url": f"{reverse(gap.page, args=[inspection.pk])}#{gap.anchor}"}
            for gap in gaps(inspection, sheet)
        ],
    }


def _found(hazard: PlannedHazard, calendar: Calendar) -> dict[str, Any]:
    finding = hazard.judged.finding
    explained = ""
    if hazard.deadline is not None and hazard.deadline != finding.inspection.visited_on:
        explained = period_words(finding.inspection.visited_on, finding.days, hazard.deadline, calendar)
    return {"hazard": hazard, "finding": finding, "proposal": hazard.judged.proposal, "why": explained}


def _papers(drawn: Plan) -> list[dict[str, Any]]:
    """Each paper with how many copies and how many hazards it names."""
    hazards = {ORDER_KIND[disposition]: len(drawn.of(disposition)) for disposition in drawn.orders}
    hazards[Kind.HAZARD_REPORT] = len(drawn.graves)
    return [
        {"title": kind.label, "copies": len(FORMS[kind].copies), "hazards": hazards.get(kind)} for kind in drawn.kinds
    ]
