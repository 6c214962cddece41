"""The page of a hazard, the page of an order, and the address that leads to an order's next act."""

from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate

from deadlines.models import ClockState
from deadlines.story import NextAct
from hazards.actions import effect_notice_of, open_due_of
from hazards.cases import Case, beside, case_of_hazard, case_of_order, outcome_of, visits_of
from hazards.duties import WAITING, concerns
from hazards.history import history
from hazards.issuing import case_papers_of
from hazards.lateness import must_stand
from hazards.models import (
    AfterPhoto,
    Dispatch,
    Disposition,
    Extension,
    Hazard,
    HazardState,
    Method,
    Order,
    OrderState,
    Referral,
    Reinspection,
    Report,
    Service,
)
from hazards.pages import (
    ORDER_TONE,
    STATE_TONE,
    allowed,
    is_idle,
    next_act,
    next_of_hazard,
    steps,
)
from hazards.paperwork import after
from hazards.views.extension import may_extend
from hazards.ways import WAYS
from inspections.models import Complaint, Inspection, Photo, State
from records.models import Document
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can
from units.models import Pledge

# Where the case of a paper is told: the row it witnesses, the column that leads on, the page.
CASES: tuple[tuple[type[Any], str, str], ...] = (
    (Order, "pk", "hazards:order"),
    (Inspection, "pk", "hazards:visit"),
    (Service, "order_id", "hazards:order"),
    (Dispatch, "order_id", "hazards:order"),
    (Extension, "order_id", "hazards:order"),
    (Reinspection, "order_id", "hazards:order"),
    (Referral, "pk", "hazards:referral"),
    (Report, "inspection_id", "hazards:report"),
    (Complaint, "pk", "inspections:complaint"),
    (Pledge, "pk", "units:pledge"),
)


@requires(Can.VIEW_HAZARDS)
def hazard(request: OfficerRequest, pk: int) -> HttpResponse:
    row, now = _hazard(request, pk), timezone.now()
    before, after = _before(row), list(row.after_photos.select_related("reinspection", "uploaded_by"))
    case = case_of_hazard(row, now, len(before))
    clocks = [one for one in case.clocks if one.clock.state == ClockState.RUNNING and concerns(one.clock, row)]
    referral = case.referrals[-1] if case.referrals else None
    act = next_of_hazard(row, case.visits, clocks, localdate(now), case.extensions, referral)
    context = {
        "nav_key": "hazards",
        "hazard": row,
        "tone": STATE_TONE[HazardState(row.state)],
        "act": allowed(act, request.user),
        "steps": steps(row, case.visits),
        "clocks": clocks,
        "visits": [{"visit": visit, "outcome": outcome_of(visit, row)} for visit in case.visits],
        "before": before,
        "after": after,
        "entries": history(case, act, now),
        "today": localdate(now),
        "may_refer": _may_refer(row, request.user),
    }
    return render(request, "hazards/hazard_detail.html", context)


def _hazard(request: OfficerRequest, pk: int) -> Hazard:
    rows = Hazard.objects.for_user(request.user).select_related(
        "unit__officer", "station", "hazard_type", "finding", "inspection__lead", "inspection__second",
        "order__document", "order__issued_by", "order__service__server", "order__service__second",
        "order__service__assistant",
        "order__withdrawal__decided_by",
        "inspection__report__recorded_by", "inspection__reissued_as__decided_by",
    )  # fmt: skip
    return get_object_or_404(rows.annotate(**beside("order_id")), pk=pk)


def _before(row: Hazard) -> list[Photo]:
    if row.finding is None:
        return []
    photos = Photo.objects.filter(inspection_id=row.finding.inspection_id, item_id=row.finding.item_id)
    return list(photos.select_related("uploaded_by").order_by("pk"))


def _may_refer(row: Hazard, user: User) -> bool:
    """Whether a hazard that was urged may also be handed over."""
    return user.can(Can.REFER) and row.state == HazardState.OPEN and row.disposition == Disposition.URGE


@requires(Can.VIEW_HAZARDS)
def order(request: OfficerRequest, pk: int) -> HttpResponse:
    row, now = _order(request, pk), timezone.now()
    hazards = list(row.hazards.select_related("hazard_type").order_by("position"))
    today = localdate(now)
    case = case_of_order(row, hazards, now)
    act = next_act(row, hazards, case.visits, case.clocks, today, case.extensions)
    context = _served(row) | {
        "nav_key": "hazards",
        "order": row,
        "tone": ORDER_TONE[OrderState(row.state)],
        "hazards": [{"hazard": one, "tone": STATE_TONE[HazardState(one.state)]} for one in hazards],
        "visits": case.visits,
        "papers": _papers(row),
        "report": getattr(row.inspection, "report", None),
        "clocks": case.clocks,
        "act": allowed(act, request.user),
        "entries": history(case, act, now),
        "extensions": case.extensions,
        "may_extend": may_extend(row, hazards, case.extensions, request.user, today),
        "today": today,
        # What is handed over stands: nothing more has to be asked.
        "may_void": not case.referrals and _may_void(row, request.user),
        "may_bind": request.user.can(Can.EXPORT) and row.inspection is not None,
        "may_withdraw": _may_withdraw(row, case, request.user),
        "idle_visit": _idle_visit(row, hazards, case.visits, request.user),
        "may_ask_early": _may_ask_early(row, hazards, act, request.user),
        "may_dispatch": row.state == OrderState.ISSUED and row.document_id and request.user.can(Can.SERVE),
        "dispatch": next((one for one in case.dispatches if one.is_running), None),
    }
    return render(request, "hazards/order_detail.html", context)


def _papers(row: Order) -> list[Document]:
    """The papers of its visit; of an order from before the system what followed it here."""
    if row.inspection is not None:
        return case_papers_of(row.inspection)
    return list(Document.objects.filter(after(Order.objects.filter(pk=row.pk))).order_by("pk"))


def _served(row: Order) -> dict[str, Any]:
    """The service of an order, if there is one, with what its way asked for."""
    service = getattr(row, "service", None)
    return {"service": service, "service_facts": WAYS[Method(service.method)].facts(service) if service else []}


def _order(request: OfficerRequest, pk: int) -> Order:
    rows = Order.objects.for_user(request.user).select_related(
        "unit", "station", "document", "issued_by", "inspection__lead", "inspection__second",
        "inspection__report__recorded_by", "inspection__reissued_as__decided_by", "service__server", "service__second",
        "service__assistant", "withdrawal__decided_by",
    )  # fmt: skip
    return get_object_or_404(rows.annotate(**beside("pk")), pk=pk)


def _may_void(row: Order, user: User) -> bool:
    return row.inspection is not None and _may_void_visit(row.inspection, user)


def _may_void_visit(row: Inspection, user: User) -> bool:
    return user.can(Can.VOID_PAPERS) and row.state == State.SUBMITTED and not must_stand(row.pk)


def _may_withdraw(row: Order, case: Case, user: User) -> bool:
    """Whether an order from before the system may still be taken out: nobody acted on it yet."""
    acted = any(visit.done_on for visit in case.visits) or case.referrals
    own = row.document_id is not None or row.inspection_id is not None
    return user.can(Can.VOID_PAPERS) and row.state != OrderState.VOID and not own and not acted


def _idle_visit(
    row: Order, hazards: Sequence[Hazard], visits: Sequence[Reinspection], user: User
) -> Reinspection | None:
    """Where the officer ends what was corrected under an order that was served late; it is nobody's duty."""
    if not user.can(Can.REINSPECT):
        return None
    waiting = {one.deadline for one in hazards if one.state in WAITING}
    idle = (visit for visit in visits if visit.done_on is None and is_idle(row, visit))
    return next((visit for visit in idle if visit.deadline in waiting), None)


def _may_ask_early(row: Order, hazards: list[Hazard], act: NextAct, user: User) -> bool:
    if not user.can(Can.REINSPECT) or row.state != OrderState.SERVED or act.button not in ("", "审批延期"):
        return False
    return any(one.state == HazardState.OPEN and one.deadline and one.deadline > localdate() for one in hazards)


@requires(Can.VIEW_HAZARDS)
def next_of_order(request: OfficerRequest, pk: int) -> HttpResponse:
    """Where the clock of an order leads: straight to the form of the act it waits for."""
    row, today = _order(request, pk), localdate()
    if request.user.can(Can.SERVE) and row.state == OrderState.NOTICED and effect_notice_of(row, today):
        row = _order(request, pk)
    if request.user.can(Can.REINSPECT) and row.state == OrderState.SERVED:
        open_due_of(row, today)
    hazards = list(row.hazards.order_by("position"))
    act = allowed(next_act(row, hazards, visits_of(row), [], today), request.user)
    return redirect(act.url) if act.button and act.url != request.path else redirect("hazards:order", row.pk)


@requires(Can.VIEW_HAZARDS)
def visit(request: OfficerRequest, pk: int) -> HttpResponse:
    """What a concluded visit led to, also where it led to no notice, and the door to voiding it."""
    rows = Inspection.objects.for_user(request.user).exclude(state__in=[State.DRAFT, State.DISCARDED])
    row = get_object_or_404(rows.select_related("unit", "lead", "second", "report", "reissued_as__decided_by"), pk=pk)
    hazards = row.hazards.select_related("order").order_by("order_id", "position")
    context = {
        "nav_key": "inspections",
        "inspection": row,
        "hazards": [{"hazard": one, "tone": STATE_TONE[HazardState(one.state)]} for one in hazards],
        "papers": case_papers_of(row),
        "report": getattr(row, "report", None),
        "reissue": getattr(row, "reissued_as", None),
        "may_void": _may_void_visit(row, request.user),
        "may_bind": request.user.can(Can.EXPORT),
    }
    return render(request, "hazards/visit_detail.html", context)


@requires(Can.VIEW_HAZARDS)
def case_of_paper(request: OfficerRequest, pk: int) -> HttpResponse:
    """From a paper to what came of it: the page of its order, its visit or its referral; else of its unit."""
    paper = get_object_or_404(Document.objects.for_user(request.user), pk=pk)
    for model, column, page in CASES:
        if paper.subject_type == model._meta.label_lower:
            rows = model._default_manager.filter(pk=paper.subject_id)
            return redirect(page, rows.values_list(column, flat=True).get())
    if paper.unit_id is not None:
        return redirect("unit_page", paper.unit_id)
    return redirect("records:document", paper.pk)


@requires(Can.VIEW_HAZARDS)
def photo(request: OfficerRequest, pk: int) -> HttpResponseBase:
    """A photograph of a re-inspection, for whoever may see the hazard."""
    visible = Hazard.objects.for_user(request.user)
    row = get_object_or_404(AfterPhoto.objects.filter(hazard__in=visible), pk=pk)
    return FileResponse(row.file.open("rb"), content_type="image/jpeg")
