"""What happens because a day has come. The database says what is due; a sweep may run twice or beside another."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse

from deadlines.models import Clock
from hazards.extending import fell_extensions_of
from hazards.lateness import pause_rechecks
from hazards.models import Extension, ExtensionState, Hazard, HazardState, Order, OrderState, Reinspection
from hazards.people import chiefs_of
from stations.messages import send_many
from stations.models import Message
from stations.reach import place_of
from trail.record import record_many

BATCH = 200


def open_due(today: date) -> int:
    """Open the re-inspection of every period that has ended by ``today``; how many were opened.

    Each batch is one transaction of a constant number of queries, so a worker killed between two of them leaves
    nothing half done, and the next sweep goes on where this one stopped.
    """
    opened = 0
    last = 0
    while batch := list(_due(today).filter(pk__gt=last).order_by("pk").values_list("pk", "subject_id")[:BATCH]):
        opened += _open([clock for clock, _ in batch], [order for _, order in batch], today)
        last = batch[-1][0]
    return opened


def open_due_of(order: Order, today: date) -> int:
    """What the next sweep would open of one order, now: an officer at the door does not wait for beat."""
    clocks = list(
        _due(today).filter(subject_type=order._meta.label_lower, subject_id=order.pk).values_list("pk", flat=True)
    )
    return _open(clocks, [order.pk], today) if clocks else 0


def _due(today: date) -> QuerySet[Clock]:
    """Re-inspection duties whose morning has come and that nothing was opened for."""
    own = Reinspection.objects.filter(clock=OuterRef("pk"), early=False)
    # The unit asked early and nobody has been there yet: that visit is the re-inspection of this period.
    asked = Reinspection.objects.filter(
        order_id=OuterRef("subject_id"), deadline=OuterRef("started_on"), early=True, done_on__isnull=True
    )
    clocks = Clock.objects.running().filter(rule_code="RECHECK", key__startswith="recheck:", opens_on__lte=today)
    return clocks.filter(~Exists(own), ~Exists(asked))


@transaction.atomic
def _open(clock_ids: Collection[int], order_ids: Collection[int], today: date) -> int:
    # Every act on an order locks the order first; whoever holds it now will leave a state the next sweep reads.
    rows = Order.objects.select_for_update(skip_locked=True, of=("self",)).exclude(state=OrderState.VOID)
    orders = {order.pk: order for order in rows.filter(pk__in=order_ids).select_related("unit__officer").order_by("pk")}
    _pause_published(orders, today)
    due = _due(today).filter(pk__in=clock_ids, subject_id__in=orders).select_related("owner")
    clocks = list(due.order_by("due_on", "pk"))
    if not clocks:
        return 0
    visits = Reinspection.objects.bulk_create(_next_visits(clocks, orders))
    _move_due(visits)
    _fell_extensions(visits)
    record_many(
        None,
        [
            ("hazards.open_due", visit, f"{visit.order.number} 改正期限届满，开启第 {visit.number} 次复查")
            for visit in visits
        ],
    )
    send_many(_messages(visits))
    return len(visits)


def _pause_published(orders: dict[int, Order], today: date) -> None:
    """A day that falls into a notice after all, because the calendar moved the end of it: nothing is opened."""
    for order in [order for order in orders.values() if order.state == OrderState.NOTICED]:
        pause_rechecks(order, today)
        del orders[order.pk]


def _next_visits(clocks: list[Clock], orders: dict[int, Order]) -> list[Reinspection]:
    """One for each clock, numbered on from what its order has."""
    of_orders = Reinspection.objects.filter(order__in={clock.subject_id for clock in clocks}).order_by()
    counted = of_orders.values_list("order").annotate(n=Count("pk"))
    numbers: dict[int, int] = defaultdict(int, counted)
    visits = []
    for clock in clocks:
        order = orders[clock.subject_id]
        numbers[order.pk] += 1
        visits.append(
            Reinspection(
                **order.scope_columns(),
                order=order,
                unit_id=order.unit_id,
                clock=clock,
                number=numbers[order.pk],
                deadline=clock.started_on,
            )
        )
    return visits


def _move_due(visits: list[Reinspection]) -> None:
    periods = {(visit.order_id, visit.deadline) for visit in visits}
    waiting = Hazard.objects.filter(
        order__in={order for order, _ in periods}, deadline__in={day for _, day in periods}, state=HazardState.OPEN
    )
    hazards = [hazard for hazard in waiting if (hazard.order_id, hazard.deadline) in periods]
    for hazard in hazards:
        hazard.move_to(HazardState.DUE)
    # One state for all of them: a statement with a case for each hazard takes longer to write than to run.
    Hazard.objects.filter(pk__in=[hazard.pk for hazard in hazards]).update(state=HazardState.DUE)


def _fell_extensions(visits: list[Reinspection]) -> None:
    """Requests nobody decided before their period ended; there are few, and each is told for itself."""
    undecided = Extension.objects.filter(state=ExtensionState.REQUESTED, order__in={visit.order_id for visit in visits})
    periods = set(undecided.values_list("order_id", "deadline"))
    for visit in visits:
        if (visit.order_id, visit.deadline) in periods:
            fell_extensions_of(visit.order, "改正期限届满时没有审批", deadline=visit.deadline)


def _messages(visits: list[Reinspection]) -> Iterator[Message]:
    chiefs = chiefs_of({visit.station_id for visit in visits})
    for visit in visits:
        owner = [visit.clock.owner] if visit.clock.owner is not None else []
        for user in (*owner, *chiefs[visit.station_id]):
            yield Message(
                user=user,
                **place_of(visit),
                key=f"recheck:{visit.clock_id}",
                title=f"改正期限届满，请复查：{visit.order.unit.name}",
                body=f"{visit.order.number}，复查期限 {visit.clock.due_on:%Y-%m-%d}。",
                url=reverse("hazards:reinspect", args=[visit.pk]),
            )
