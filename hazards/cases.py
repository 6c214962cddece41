"""All that the page of a hazard or of an order tells, read in a number of queries that does not grow with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Subquery

from deadlines.calendar import Calendar
from deadlines.models import Clock, ClockState, Notice, Step
from deadlines.story import Shown
from hazards.duties import OF_ORDER
from hazards.models import (
    Dispatch,
    Disposition,
    Extension,
    Hazard,
    HazardState,
    Order,
    Outcome,
    Referral,
    Reinspection,
    Report,
)
from hazards.pages import clocks_of, shown
from hazards.plan import STATUTORY_REFERRAL
from inspections.models import Inspection, Mode
from trail.models import AuditEntry

AFTER_REFERRAL = ("recorded_by", "received_by", "answered_by")
HANDED_OVER = frozenset({HazardState.REFERRED, HazardState.ACCEPTED, HazardState.CLOSED})
# When each reminder was sent, as columns of the clock: `told_SOON` and so on, None for what was not.
TOLD = {
    f"told_{step}": Subquery(Notice.objects.filter(clock=OuterRef("pk"), step=step).values("sent_at")[:1])
    for step in Step.values
}
# Who took a link back and when; nobody's name where it closed by itself.
TAKEN_BACK = AuditEntry.objects.filter(
    subject_type=Dispatch._meta.label_lower, subject_id=OuterRef("pk"), action="hazards.close_dispatch"
).order_by("-id")


@dataclass(frozen=True)
class Case:
    """Hazards of one visit and what happened to them; ``clocks`` are those that concern them, ended ones too."""

    hazards: Sequence[Hazard]
    order: Order | None = None
    inspection: Inspection | None = None
    visits: Sequence[Reinspection] = ()
    extensions: Sequence[Extension] = ()
    referrals: Sequence[Referral] = ()
    clocks: Sequence[Shown] = field(default_factory=list)
    photos: int = 0
    dispatches: Sequence[Dispatch] = ()

    @property
    def report(self) -> Report | None:
        """The written report of the visit, if one of these hazards was part of it."""
        return getattr(self.inspection, "report", None) if any(hazard.grave for hazard in self.hazards) else None

    @property
    def deadlines(self) -> set[date]:
        """Every day a period of these hazards ends or ended, before it was extended."""
        days = {hazard.deadline for hazard in self.hazards if hazard.deadline}
        return days | {extension.deadline for extension in self.extensions} | {visit.deadline for visit in self.visits}


def case_of_hazard(row: Hazard, now: datetime, photos: int) -> Case:
    """One hazard: its order and visit are read with it."""
    visits = [visit for visit in visits_of(row.order) if _seen(visit, row)] if row.order else []
    extensions = _extensions_of(row) if row.order else []
    handed_over = row.state in HANDED_OVER
    referrals = list(row.referrals.select_related(*AFTER_REFERRAL).order_by("pk")) if handed_over else []
    sent = dispatches_of(row.order) if row.order and getattr(row, "is_linked", True) else []
    case = Case([row], row.order, row.inspection, visits, extensions, referrals, photos=photos, dispatches=sent)
    return _with_clocks(case, now)


def _seen(visit: Reinspection, row: Hazard) -> bool:
    """Whether a re-inspection looked at ``row``, or will: an extension may have moved its deadline since."""
    outcome = outcome_of(visit, row)
    return outcome is not None or (visit.done_on is None and visit.deadline == row.deadline)


def outcome_of(visit: Reinspection, row: Hazard) -> Outcome | None:
    return visit.found.get(row.pk)


def case_of_order(row: Order, hazards: Sequence[Hazard], now: datetime) -> Case:
    sent = Referral.objects.filter(hazards__order=row).select_related(*AFTER_REFERRAL).distinct().order_by("pk")
    referrals = list(sent) if any(hazard.state in HANDED_OVER for hazard in hazards) else []
    links = dispatches_of(row) if getattr(row, "is_linked", True) else []
    case = Case(hazards, row, row.inspection, visits_of(row), _extensions_of(row), referrals, dispatches=links)
    return _with_clocks(case, now)


def visits_of(order: Order) -> list[Reinspection]:
    """The re-inspections of a notice, the first one first, with what each ``found``: one query, a row an outcome."""
    rows = order.reinspections.select_related("lead", "second").annotate(
        hazard=F("outcomes__hazard"), passed=F("outcomes__passed"), note=F("outcomes__note")
    )
    visits: dict[int, Reinspection] = {}
    for row in rows.order_by("number", "outcomes__pk"):
        row.found = {}
        visit = visits.setdefault(row.pk, row)
        if row.hazard is not None:
            visit.found[row.hazard] = Outcome(
                reinspection=visit, hazard_id=row.hazard, passed=row.passed, note=row.note
            )
    return list(visits.values())


def _extensions_of(row: Order | Hazard) -> list[Extension]:
    rows = row.extensions.select_related("requested_by", "decided_by").order_by("pk")
    return list(rows) if getattr(row, "is_extended", True) else []


def beside(order: str) -> dict[str, Exists]:
    """Whether there was ever a link, or a request for more time: most notices have none, and no query is spent on it.

    Read with the row whose column ``order`` leads to the notice, as `is_linked` and `is_extended`.
    """
    notice = OuterRef(order)
    return {
        "is_linked": Exists(Dispatch.objects.filter(order=notice)),
        "is_extended": Exists(Extension.objects.filter(order=notice)),
    }


def dispatches_of(order: Order) -> list[Dispatch]:
    """Every link of a notice, the first one first, with ``taken_back_at`` and ``taken_back_by``."""
    at, by = (Subquery(TAKEN_BACK.values(column)[:1]) for column in ("at", "actor_name"))
    rows = order.dispatches.select_related("sent_by", "second", "assistant").order_by("pk")
    return list(rows.annotate(taken_back_at=at, taken_back_by=by))


def _with_clocks(case: Case, now: datetime) -> Case:
    found = clocks_of([case.order.pk if case.order else None], [case.inspection.pk if case.inspection else None])
    mine = [clock for clock in found.annotate(**TOLD) if _concerns(clock, case)]
    # Only what still runs is counted in working days.
    running = any(clock.state == ClockState.RUNNING for clock in mine)
    clocks = shown(mine, now, Calendar.load() if running else Calendar())
    return replace(case, clocks=clocks)


def _concerns(clock: Clock, case: Case) -> bool:
    """Whether the clock, running or ended, is or was about one of these hazards."""
    duty, _, rest = clock.key.partition(":")
    if clock.subject_type == OF_ORDER:
        numbers = {str(visit.number) for visit in case.visits}
        last = rest.rpartition(":")[2]
        match duty:
            case "recheck":
                # 立即 that was published got another day, for all of its hazards, when the notice took effect.
                return clock.started_on in case.deadlines or (case.order is not None and case.order.mode == Mode.NOW)
            case "late":
                return any(day < clock.started_on for day in case.deadlines)
            case "early":
                return last in numbers
            case "refer_failed":
                return last in {str(visit.number) for visit in case.visits if _failed(visit, case.hazards)}
        return True
    match duty:
        case "report":
            return any(hazard.grave for hazard in case.hazards)
        case "refer" | "refer_other":
            return any(_handed_over_by(hazard) == duty for hazard in case.hazards)
    return False


def _failed(visit: Reinspection, hazards: Sequence[Hazard]) -> bool:
    return any((outcome := outcome_of(visit, hazard)) and not outcome.passed for hazard in hazards)


def _handed_over_by(hazard: Hazard) -> str:
    """The duty by which a hazard of a visit is handed over without an order; none for what was only urged."""
    if hazard.order_id or hazard.disposition != Disposition.REFER:
        return ""
    return "refer" if hazard.hazard_type.order_item == STATUTORY_REFERRAL else "refer_other"
