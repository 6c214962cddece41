"""A period that had ended when the order was served binds nobody: no re-inspection, the chief has to issue anew."""

from datetime import date

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse

from deadlines.actions import cancel_clock, cancel_clocks, reopen_clocks, start_clock
from deadlines.models import Clock, ClockState
from hazards.issuing import recheck_detail, recheck_key, start_recheck
from hazards.models import Hazard, HazardState, Order, OrderState, Referral
from hazards.people import chiefs_of
from hazards.rules import binds_from, was_served_late
from inspections.models import Mode
from stations.messages import send
from stations.models import User
from trail.record import record

LATE_RULE = "REISSUE_LATE"
WAITING = (HazardState.OPEN, HazardState.DUE)
FAILED = Q(state=HazardState.TO_REFER, order__isnull=False)
PAUSED = {
    Mode.LIMIT: "公告送达期间不能复查；改正期限在公告期满以前届满，由所长作废重出",
    Mode.NOW: "公告送达期间不能复查，复查期限自公告期满重新起算",
}
LATE = "送达时改正期限已经届满，不能认定逾期未改正，由所长作废重出"


def late_key(order: Order) -> str:
    return f"late:{order.pk}"


def pause_rechecks(order: Order, last: date) -> int:
    """The re-inspections of ``order`` up to ``last``, the end of its notice, fall away; how many did.

    Nobody may re-inspect while a notice hangs out. What comes of them is settled when it takes effect.
    """
    clocks = Clock.objects.running().of(order._meta.label_lower, order.pk)
    return cancel_clocks(clocks.filter(key__startswith="recheck:", started_on__lte=last), PAUSED[Mode(order.mode)])


def settle_periods(order: Order, actor: User | None) -> None:
    """What the service that has just taken effect means for each period of ``order``, which is locked and served.

    立即 begins with it; 限期 that ended later is re-inspected on its own day; what had ended before can only be voided.
    """
    if order.mode == Mode.NOW:
        if order.service.is_published:
            _begin_now(order)
        return
    days = _waiting_days(order)
    late = [day for day in days if was_served_late(order, day)]
    for day in days:
        if day in late:
            cancel_clock(recheck_key(order, day), LATE)
        elif order.service.is_published:
            _resume(order, day)
    if late:
        _ask_chief(order, late, actor)


def last_period(order: Order) -> date | None:
    """The last day on which a service of ``order`` binds anybody, today or not; None for 立即, which begins with it."""
    if order.mode != Mode.LIMIT:
        return None
    ends = {"waiting": Max("deadline", filter=Q(state__in=WAITING)), "any": Max("deadline")}
    days: dict[str, date | None] = order.hazards.aggregate(**ends)
    return days["waiting"] or days["any"]


def _waiting_days(order: Order) -> list[date]:
    days = order.hazards.filter(state__in=WAITING).order_by("deadline").values_list("deadline", flat=True).distinct()
    return [day for day in days if day]


def _resume(order: Order, day: date) -> None:
    """A re-inspection that was paused runs again: the calendar moved the end of the notice to before its day."""
    paused = Clock.objects.filter(key=recheck_key(order, day), state=ClockState.CANCELLED)
    count = order.hazards.filter(deadline=day, state__in=WAITING).count()
    reopen_clocks(paused, order.unit.officer or order.issued_by, recheck_detail(order, day, count))


def _begin_now(order: Order) -> None:
    """立即改正 published in a notice is due from the first day it binds, and so is its re-inspection."""
    hazards, day = list(order.hazards.filter(state__in=WAITING)), binds_from(order.service)
    if not hazards:
        return
    for hazard in hazards:
        hazard.deadline = day
    Hazard.objects.bulk_update(hazards, ["deadline"])
    clock = start_recheck(order, day, len(hazards), order.unit.officer or order.issued_by)
    # What was opened before the notice and never made is the re-inspection of the new day.
    opened = order.reinspections.filter(done_on__isnull=True, early=False).order_by("number").first()
    if opened is not None:
        opened.deadline, opened.clock = day, clock
        opened.save(update_fields=["deadline", "clock"])


def _ask_chief(order: Order, late: list[date], actor: User | None) -> None:
    """The one duty that is left: who else could act has nothing to act on."""
    page, since = reverse("hazards:order", args=[order.pk]), binds_from(order.service)
    chiefs = chiefs_of([order.station_id])[order.station_id]
    days = "、".join(f"{day:%Y-%m-%d}" for day in late)
    words = f"{order.number}，改正期限 {days} 届满，{since:%Y-%m-%d} 起才算送达"
    start_clock(
        LATE_RULE,
        key=late_key(order),
        subject=order,
        label=f"作废重出：{order.unit.name}",
        detail=words,
        url=void_page(order),
        look_url=page,
        scope=order,
        unit_id=order.unit_id,
        owner=chiefs[0] if chiefs else None,
        started_on=since,
    )
    record(actor, "hazards.ask_reissue", order, f"{words}，由所长作废重出")
    for chief in chiefs:
        send(
            chief,
            about=order,
            key=late_key(order),
            title=f"请作废重出：{order.unit.name}"[:120],
            body=f"{words}，不能认定逾期未改正。作废后重新确定改正期限。",
            url=page,
        )


def void_page(order: Order) -> str:
    """Where the chief ends an order that binds nobody: with its visit, or alone where there is none to correct."""
    if order.inspection_id is None and not is_used(order):
        return reverse("hazards:withdraw", args=[order.pk])
    if order.inspection_id is None or must_stand(order.inspection_id):
        return reverse("hazards:void_order", args=[order.pk])
    return reverse("hazards:void", args=[order.inspection_id])


def is_handed_over(inspection_id: int) -> bool:
    """Whether another authority has a hazard of the visit in hand: then the visit and its record stand."""
    return Hazard.objects.filter(inspection=inspection_id, referrals__isnull=False).exists()


def has_failed(inspection_id: int) -> bool:
    """Whether something of the visit was not corrected in its time and waits to be handed over (消防法第60条).

    Nobody gets out of that by voiding. What was served late was never due.
    """
    rows = Hazard.objects.filter(FAILED, inspection=inspection_id)
    return any(_was_missed(row) for row in rows.select_related("order__service"))


def _was_missed(row: Hazard) -> bool:
    """Whether the period of ``row``, which failed, bound anybody."""
    return row.order is not None and not (row.deadline and was_served_late(row.order, row.deadline))


def must_stand(inspection_id: int) -> bool:
    """Whether the visit cannot be voided whole: what is left to void of it falls order by order.

    That is `is_handed_over` or `has_failed`, asked at once.
    """
    sent = Exists(Referral.objects.filter(hazards=OuterRef("pk")))
    rows = Hazard.objects.filter(inspection=inspection_id).annotate(sent=sent).filter(Q(sent=True) | FAILED)
    return any(getattr(row, "sent", False) or _was_missed(row) for row in rows.select_related("order__service"))


def is_used(order: Order) -> bool:
    """Whether what was established under ``order`` needs it: then only what was served late can fall.

    A result that corrected everything falls with a notice of ours; one from before the system stands with any result.
    """
    results = order.reinspections.filter(done_on__isnull=False)
    if order.inspection_id is not None:
        results = results.filter(outcomes__passed=False)
    return results.exists() or order.hazards.filter(referrals__isnull=False).exists()


def has_late(order: Order) -> bool:
    """Whether something still waits under ``order`` whose period had ended when it was served."""
    return late_hazards(order).exists()


def late_hazards(order: Order) -> QuerySet[Hazard]:
    """What still waits under ``order`` although its period had ended when it was served."""
    if order.state != OrderState.SERVED:
        return order.hazards.none()
    days = [day for day in _waiting_days(order) if was_served_late(order, day)]
    return order.hazards.filter(state__in=WAITING, deadline__in=days)


def drop_reissue(order: Order) -> None:
    """After a result: with the last of what was served late gone, nothing has to be issued anew."""
    if not has_late(order):
        cancel_clock(late_key(order), "隐患已经改正，不用重出")
