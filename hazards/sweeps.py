"""What happens because a day has come. The database says what is due; a sweep may run twice or beside another."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from deadlines.ladder import midnight
from deadlines.models import Clock, Doer
from deadlines.models import Unit as RuleUnit
from hazards.models import Escalation, HazardState, Order, OrderState, Reinspection
from stations.messages import send
from stations.models import Guidance, User
from stations.permissions import Role
from trail.record import record

BATCH = 200


def open_due(today: date) -> int:
    """Open the re-inspection of every period that has ended by ``today``; how many were opened.

    Each clock is one transaction, so a worker killed between two of them leaves nothing half done, and the next
    sweep goes on where this one stopped.
    """
    opened = 0
    last = 0
    while batch := list(_due(today).filter(pk__gt=last).order_by("pk").values_list("pk", "subject_id")[:BATCH]):
        opened += sum(_open(clock_id, order_id, today) for clock_id, order_id in batch)
        last = batch[-1][0]
    return opened


def open_due_of(order: Order, today: date) -> int:
    """What the next sweep would open of one order, now: an officer at the door does not wait for beat."""
    clocks = _due(today).filter(subject_type=order._meta.label_lower, subject_id=order.pk)
    return sum(_open(clock_id, order.pk, today) for clock_id in clocks.values_list("pk", flat=True))


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
def _open(clock_id: int, order_id: int, today: date) -> bool:
    # Every act on an order locks the order first; whoever holds it now will leave a state the next sweep reads.
    order = Order.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=order_id).first()
    if order is None or order.state == OrderState.VOID:
        return False
    clock = _due(today).filter(pk=clock_id).select_related("owner").first()
    if clock is None:
        return False
    reinspection = Reinspection.objects.create(
        **order.scope_columns(),
        order=order,
        unit_id=order.unit_id,
        clock=clock,
        number=order.reinspections.count() + 1,
        deadline=clock.started_on,
    )
    for hazard in order.hazards.filter(state=HazardState.OPEN, deadline=clock.started_on):
        hazard.move_to(HazardState.DUE)
        hazard.save(update_fields=["state"])
    record(None, "hazards.open_due", reinspection, f"{order.number} 改正期限届满，开启第 {reinspection.number} 次复查")
    for user in _told(clock, chiefs_of(order.station_id)):
        send(
            user,
            key=f"recheck:{clock.pk}",
            title=f"改正期限届满，请复查：{order.unit.name}",
            body=f"{order.number}，复查期限 {clock.due_on:%Y-%m-%d}。",
            url=reverse("hazards:reinspect", args=[reinspection.pk]),
        )
    return True


def escalate_overdue(today: date) -> int:
    """Tell the chief and the brigade's supervisors of every duty that is overdue on ``today``, once; how many."""
    told = 0
    last = 0
    while batch := list(_unescalated(today).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        told += sum(_escalate(clock_id, today) for clock_id in batch)
        last = batch[-1]
    return told


def _unescalated(today: date) -> QuerySet[Clock]:
    return Clock.objects.overdue(midnight(today)).filter(escalation__isnull=True)


@transaction.atomic
def _escalate(clock_id: int, today: date) -> bool:
    locked = Clock.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=clock_id).first()
    clock = _unescalated(today).filter(pk=clock_id).select_related("rule", "owner").first() if locked else None
    if clock is None:
        return False
    Escalation.objects.create(clock=clock, escalated_on=today)
    above = [] if clock.doer == Doer.BRIGADE else chiefs_of(clock.station_id)
    told = _escalation(clock)
    for user in above:
        send(user, **told)
    for user in supervisors_of(clock.station_id):
        send(user, **told | {"url": clock.look_url})
    record(
        None, "hazards.escalate", clock, f"{clock.label}，{clock.due_on:%Y-%m-%d} 到期未办，已告知所长和消防救援大队"
    )
    return True


def _escalation(clock: Clock) -> dict[str, str]:
    """One message a duty; the yearly visits of a station are one message together, or every shop would be its own."""
    if clock.rule.unit == RuleUnit.YEAR_END:
        key = f"overdue:{clock.rule_code}:{clock.station_id}:{clock.due_on.year}"
        return {"key": key, "title": f"逾期：{clock.due_on.year} 年度检查没有全部完成"}
    return {"key": f"overdue:{clock.pk}", "title": f"逾期：{clock.label}", "body": clock.detail, "url": clock.url}


def _told(clock: Clock, chiefs: Iterable[User]) -> set[User]:
    owner = {clock.owner} if clock.owner is not None and clock.owner.is_active else set()
    return owner | set(chiefs)


def chiefs_of(station_id: int) -> list[User]:
    return list(User.objects.working().of_station(station_id).filter(role=Role.CHIEF))


def supervisors_of(station_id: int) -> list[User]:
    """Who guides the station: the supervisor and the substitute."""
    found = Guidance.objects.filter(station_id=station_id).select_related("supervisor", "substitute").first()
    people = [found.supervisor, found.substitute] if found else []
    return [person for person in people if person is not None and person.is_active]
