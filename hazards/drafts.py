"""The papers of a visit before 签发: what each would say, without a number, and what speaks against it. No writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fire_supervision.lib.refusals import Fault
from hazards.case_papers import report_context
from hazards.issuing import CONTEXT_OF, new_hazard, new_order, record_of
from hazards.models import Disposition, Hazard, Report, Suggestion
from hazards.plan import ORDER_KIND, Plan, PlannedHazard
from inspections.models import Inspection
from inspections.rules import Sheet
from records.gate import check
from records.models import Kind
from records.papers import BLANK_NUMBER
from stations.models import User

# The record cites notices whose numbers are taken by the act: the draft leaves them open.
CITED = {kind: {"title": kind.label, "number": BLANK_NUMBER} for kind in ORDER_KIND.values()}


@dataclass(frozen=True)
class Draft:
    """``rows`` are the hazards its `problems` are about, in their order."""

    kind: Kind
    context: dict[str, Any]
    rows: Sequence[PlannedHazard] = ()

    @property
    def faults(self) -> list[Fault]:
        return check(self.kind, self.context)


def drafts_of(
    inspection: Inspection,
    drawn: Plan,
    sheet: Sheet,
    actor: User,
    on: date,
    township: str,
    suggestions: Sequence[Suggestion],
) -> list[Draft]:
    """The drafts of `Plan.kinds`, dated ``on``; the report to ``township`` with ``suggestions``."""
    drafts = [_notice(inspection, each, drawn.of(each), sheet, actor, on) for each in drawn.orders]
    cited = [CITED[draft.kind] for draft in drafts]
    record = record_of(inspection, drawn, cited, sheet) | {"issued_on": on.isoformat()}
    drafts.append(Draft(Kind.INSPECTION_RECORD, record))
    if drawn.graves:
        drafts.append(_report(inspection, drawn, actor, on, township, suggestions))
    return drafts


def _notice(
    inspection: Inspection,
    disposition: Disposition,
    rows: Sequence[PlannedHazard],
    sheet: Sheet,
    actor: User,
    on: date,
) -> Draft:
    order = new_order(inspection, disposition, actor, on)
    context = CONTEXT_OF[disposition](order, _unwritten(inspection, rows), sheet)
    return Draft(ORDER_KIND[disposition], context, rows)


def _unwritten(inspection: Inspection, rows: Sequence[PlannedHazard]) -> list[Hazard]:
    return [new_hazard(inspection, row, None, position) for position, row in enumerate(rows, start=1)]


def _report(
    inspection: Inspection, drawn: Plan, actor: User, on: date, township: str, suggestions: Sequence[Suggestion]
) -> Draft:
    report = Report(**inspection.scope_columns(), inspection=inspection, unit=inspection.unit, township=township)
    report.station, report.brigade = inspection.station, inspection.station.brigade
    report.suggestions = list(suggestions)
    context = report_context(report, _unwritten(inspection, drawn.graves), actor, on)
    measures = [_measure(disposition, drawn, on) for disposition in drawn.orders if _graves(drawn, disposition)]
    return Draft(Kind.HAZARD_REPORT, context | {"measures": measures}, drawn.graves)


def _graves(drawn: Plan, disposition: Disposition) -> list[PlannedHazard]:
    return [row for row in drawn.of(disposition) if row.decision.grave]


def _measure(disposition: Disposition, drawn: Plan, on: date) -> dict[str, Any]:
    """What the report tells of a notice that is issued in the same act."""
    limited = disposition == Disposition.ORDER_LIMIT
    days = {row.deadline.isoformat() for row in _graves(drawn, disposition) if row.deadline and limited}
    return CITED[ORDER_KIND[disposition]] | {
        "issued_on": on.isoformat(),
        "deadlines": sorted(days),
        "served_on": "",
        "rechecks": [],
    }
