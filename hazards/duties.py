"""Which running duty is whose: one rule in Python for a page, the same in SQL for a filter (their parity is tested)."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from deadlines.models import Clock
from hazards.models import Hazard, HazardState
from hazards.plan import STATUTORY_REFERRAL

WAITING = (HazardState.OPEN, HazardState.DUE)
OF_ORDER, OF_VISIT = "hazards.order", "inspections.inspection"
# Duties of an order that wait for some of its hazards only.
OF_SOME = Q(key__startswith="recheck:") | Q(key__startswith="late:") | Q(key__startswith="refer_failed:")


def concerns(clock: Clock, hazard: Hazard) -> bool:
    """Whether the running ``clock`` still waits for something about ``hazard``; its catalogue entry is read."""
    subject = (clock.subject_type, clock.subject_id)
    duty = clock.key.partition(":")[0]
    if hazard.order_id is not None and subject == (OF_ORDER, hazard.order_id):
        return _of_order(duty, clock, hazard)
    if hazard.inspection_id is not None and subject == (OF_VISIT, hazard.inspection_id):
        return _of_visit(duty, hazard)
    return False


def _of_order(duty: str, clock: Clock, hazard: Hazard) -> bool:
    if duty == "refer_failed":
        return hazard.state == HazardState.TO_REFER
    waits = hazard.state in WAITING
    if duty == "late":
        return waits and hazard.deadline is not None and hazard.deadline < clock.started_on
    return waits and (duty != "recheck" or clock.started_on == hazard.deadline)


def _of_visit(duty: str, hazard: Hazard) -> bool:
    if duty == "report":
        return hazard.grave and hazard.state in (*WAITING, HazardState.TO_REFER)
    statutory = hazard.hazard_type.order_item == STATUTORY_REFERRAL
    handed_over = hazard.order_id is None and hazard.state == HazardState.TO_REFER
    return handed_over and duty == ("refer" if statutory else "refer_other")


def overdue(now: datetime) -> Q:
    """The SQL side: hazards a duty of which is over at ``now``."""
    late = Clock.objects.overdue(now)
    order = late.filter(subject_type=OF_ORDER, subject_id=OuterRef("order_id"))
    visit = late.filter(subject_type=OF_VISIT, subject_id=OuterRef("inspection_id"))
    waits, failed = Q(state__in=WAITING), Q(state=HazardState.TO_REFER)
    statutory = Q(hazard_type__order_item=STATUTORY_REFERRAL)
    return (
        waits & _any(order.exclude(OF_SOME))
        | waits & _any(order.filter(key__startswith="recheck:", started_on=OuterRef("deadline")))
        | waits & _any(order.filter(key__startswith="late:", started_on__gt=OuterRef("deadline")))
        | failed & _any(order.filter(key__startswith="refer_failed:"))
        | (waits | failed) & Q(grave=True) & _any(visit.filter(key__startswith="report:"))
        | failed & Q(order__isnull=True) & statutory & _any(visit.filter(key__startswith="refer:"))
        | failed & Q(order__isnull=True) & ~statutory & _any(visit.filter(key__startswith="refer_other:"))
    )


def _any(clocks: QuerySet[Clock]) -> Q:
    return Q(Exists(clocks))
