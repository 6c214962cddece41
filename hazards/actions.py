"""The acts on a hazard, from the finished visit to its end. Each is one transaction; each locks the order first."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localtime

from deadlines.calendar import Calendar
from fire_supervision.lib.errors import RuleError
from hazards.backlog import OldService, OpenHazard, enter_open_order, withdraw
from hazards.dispatching import (
    acknowledge_dispatch,
    close_dispatch,
    dispatch,
    end_links,
    is_addressee,
    may_be_signed,
    open_dispatch,
)
from hazards.extending import (
    approve_extension,
    fell_extensions,
    refuse_extension,
    request_extension,
)
from hazards.issuing import issue_papers, papers_of, replace_voided
from hazards.models import SUGGESTED, Disposition, Hazard, HazardState, Suggestion
from hazards.plan import Decision, judge, plan
from hazards.recheck_papers import Drawn
from hazards.rechecks import Company, Result, reinspect, request_early
from hazards.referring import answer_referral, receive_referral, refer
from hazards.reissuing import reissue_referral, reissue_service
from hazards.reporting import deliver_report, make_report, township_of
from hazards.serving import effect_notice_of, effect_notices, serve
from hazards.sweeps import open_due, open_due_of
from hazards.voiding import void_order, void_papers
from inspections.actions import submit
from inspections.models import Inspection, State
from inspections.rules import sheet_of
from records.models import Document
from stations.models import User
from trail.record import record

__all__ = [
    "Company",
    "Drawn",
    "OldService",
    "OpenHazard",
    "Result",
    "acknowledge_dispatch",
    "answer_referral",
    "approve_extension",
    "close_dispatch",
    "conclude",
    "confirm_fixed",
    "deliver_report",
    "dispatch",
    "effect_notice_of",
    "effect_notices",
    "end_links",
    "enter_open_order",
    "fell_extensions",
    "is_addressee",
    "may_be_signed",
    "open_dispatch",
    "open_due",
    "open_due_of",
    "receive_referral",
    "refer",
    "refuse_extension",
    "reinspect",
    "reissue_referral",
    "reissue_service",
    "request_early",
    "request_extension",
    "serve",
    "void_order",
    "void_papers",
    "withdraw",
]


@transaction.atomic
def conclude(
    inspection: Inspection,
    actor: User,
    decisions: Mapping[int, Decision],
    at: datetime,
    township: str = "",
    suggestions: Sequence[Suggestion] = SUGGESTED,
) -> list[Document]:
    """签发: finish the visit and issue what follows from it; returns the notices, the record and the report.

    ``decisions`` are the officer's, by finding id; a finding without one takes what the law proposes. What gravely
    threatens public safety is reported in the same act (规定第34条), to ``township`` or the unit's, with
    ``suggestions``. A visit that was concluded before gives its papers again and changes nothing. Raises RuleError for
    what is missing or forbidden.
    """
    locked = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    if locked.state == State.SUBMITTED:
        return papers_of(locked)
    calendar = Calendar.load(locked.visited_on)
    sheet = sheet_of(locked, photos=False, calendar=calendar)
    submitted = submit(locked, actor, at, sheet)
    drawn = plan(submitted, judge(submitted, sheet.findings), decisions, calendar)
    today = localtime(at).date()
    papers = issue_papers(submitted, sheet, drawn, actor, today)
    if drawn.graves:
        addressee = township or township_of(submitted.unit)
        papers.append(make_report(submitted, actor, addressee, suggestions, today, len(drawn.graves)))
    replace_voided(submitted, papers)
    record(
        actor,
        "hazards.conclude",
        submitted,
        f"签发 {len(papers)} 份文书：{submitted.unit.name}，发现 {len(drawn.hazards)} 处隐患",
        after={"papers": [paper.number for paper in papers], "reported": len(drawn.graves)},
    )
    return papers


@transaction.atomic
def confirm_fixed(hazard: Hazard, actor: User, *, on: date, how: str, today: date) -> Hazard:
    """督促后已改正: end a hazard that was urged, not ordered. Raises RuleError for one under an order."""
    locked = Hazard.objects.select_for_update(of=("self",)).get(pk=hazard.pk)
    if locked.disposition != Disposition.URGE:
        raise RuleError("责令改正的隐患由复查销号", basis="消防监督检查规定第20条", remedy="登记复查结果。")
    if on > today or on < locked.found_on:
        raise RuleError("改正日期应在检查以后、今天以前")
    locked.move_to(HazardState.CLOSED, on=on, how=how or "督促后改正")
    locked.save(update_fields=["state", "closed_on", "closed_how"])
    record(actor, "hazards.confirm_fixed", locked, f"督促后改正：{locked.wording}", after={"on": on})
    return locked
