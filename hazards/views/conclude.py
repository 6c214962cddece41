"""完成检查: what was found, what has to be judged, what will follow, and the one button."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET

from deadlines.calendar import Calendar
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal, show_faults
from hazards import actions
from hazards.drafts import Draft, drafts_of
from hazards.forms import ConcludeForm
from hazards.gaps import Gap, gaps_of
from hazards.issuing import papers_of
from hazards.models import Order, OrderState
from hazards.plan import Plan, PlannedHazard, judge, plan
from hazards.reporting import township_of
from hazards.wording import period_words, why
from inspections.models import Inspection, State
from inspections.rules import Sheet, sheet_of
from records import drafts
from records.models import FORMS, Kind
from stations.http import OfficerRequest, requires
from stations.permissions import Can

# What this form calls a field of the report.
CALLED = {"suggestions.chosen": "suggestions"}
INK = "。请打开文书打印两份，当场签名，再把签好的一份附在文书后"


@requires(Can.ISSUE_PAPERS)
def conclude(request: OfficerRequest, pk: int) -> HttpResponse:
    inspection = _inspection(request, pk)
    if inspection.state != State.DRAFT:
        return _already(request, inspection)
    ahead = _ahead(request, inspection)
    form, sent = ahead.form, request.method == "POST"
    if sent and form.is_valid():
        township = form.cleaned_data["township"]
        try:
            papers = actions.conclude(inspection, request.user, form.decisions(), now(), township, form.suggested())
        except Refusal as refusal:
            show_faults(form, refusal, CALLED)
        else:
            messages.success(request, f"已签发 {len(papers)} 份文书" + (INK if inspection.ink else ""))
            return _onward(inspection)
    name = "hazards/_conclude_plan.html" if request.htmx else "hazards/conclude.html"
    return render(request, name, _context(inspection, ahead), status=422 if sent else 200)


@requires(Can.ISSUE_PAPERS)
@require_GET
def draft(request: OfficerRequest, pk: int, kind: str) -> HttpResponse:
    """One of the papers as it would be issued now: 草稿 across it, without a number; nothing is kept of it."""
    inspection = _inspection(request, pk)
    if inspection.state != State.DRAFT:
        return _already(request, inspection)
    found = next((one for one in _ahead(request, inspection).drafts if one.kind.value.lower() == kind), None)
    if found is None:
        raise Http404("这次检查不产生这种文书")
    return drafts.show(found.kind, found.context)


@dataclass(frozen=True)
class Ahead:
    """What a draft visit will lead to, as far as it is decided; ``query`` says the decisions again in an address.

    ``turned``: the page that asks shows the fields of a report and should not, or the other way round.
    """

    form: ConcludeForm
    sheet: Sheet
    calendar: Calendar
    drawn: Plan
    drafts: list[Draft]
    query: str
    turned: bool


def _ahead(request: OfficerRequest, inspection: Inspection) -> Ahead:
    calendar = Calendar.load(inspection.visited_on)
    sheet = sheet_of(inspection, photos=False, calendar=calendar)
    judged = judge(inspection, sheet.findings)
    given = request.POST if request.method == "POST" else request.GET or None
    township = township_of(inspection.unit)
    form = ConcludeForm(judged, given, township=township)
    drawn = plan(inspection, judged, form.decisions(), calendar)
    addressee = form["township"].value() or township
    drafts = drafts_of(inspection, drawn, sheet, request.user, localdate(), addressee, form.suggested())
    if drawn.graves:
        form.ask_report()
    said = given.lists() if given else []
    query = urlencode([(name, values) for name, values in said if name in form.fields], doseq=True)
    turned = bool(drawn.graves) != ("reporting" in (given or {}))
    return Ahead(form, sheet, calendar, drawn, drafts, query, turned)


def _inspection(request: OfficerRequest, pk: int) -> Inspection:
    rows = Inspection.objects.for_user(request.user).select_related(
        "unit__committee", "unit__category", "checklist", "station__brigade", "lead__organisation",
        "second__organisation",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


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


def _context(inspection: Inspection, ahead: Ahead) -> dict[str, Any]:
    drawn, calendar = ahead.drawn, ahead.calendar
    gaps = gaps_of(inspection, ahead.sheet, ahead.drafts)
    return {
        "nav_key": "inspections",
        "inspection": inspection,
        "form": ahead.form,
        "drawn": drawn,
        "found": [_found(hazard, calendar, gaps) for hazard in drawn.hazards],
        "papers": [_paper(each, gaps) for each in ahead.drafts],
        "clocks": [{"clock": clock, "why": why(clock.explained.days)} for clock in drawn.clocks],
        "gaps": gaps,
        "query": ahead.query,
        "report_turned": ahead.turned,
    }


def _found(hazard: PlannedHazard, calendar: Calendar, gaps: list[Gap]) -> dict[str, Any]:
    finding = hazard.judged.finding
    explained = ""
    if hazard.deadline is not None and hazard.deadline != finding.inspection.visited_on:
        explained = period_words(finding.inspection.visited_on, finding.days, hazard.deadline, calendar)
    return {
        "hazard": hazard,
        "finding": finding,
        "proposal": hazard.judged.proposal,
        "why": explained,
        "gaps": [gap for gap in gaps if gap.finding == finding.pk],
    }


def _paper(paper: Draft, gaps: list[Gap]) -> dict[str, Any]:
    """A paper with how many copies and hazards it has, and what speaks against it alone."""
    return {
        "kind": paper.kind.value.lower(),
        "title": paper.kind.label,
        "copies": len(FORMS[paper.kind].copies),
        "hazards": len(paper.rows),
        "gaps": [gap for gap in gaps if gap.paper == paper.kind],
    }
