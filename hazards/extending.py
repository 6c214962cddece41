"""延期: the unit asks for more time, the chief decides; what nobody decided in time falls."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.actions import cancel_clock, describe_clock, reopen_clocks
from deadlines.calendar import Calendar
from deadlines.models import Clock, ClockState
from deadlines.rules import roll_forward
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards.issuing import recheck_detail, recheck_key, start_recheck
from hazards.locking import locked_order
from hazards.models import Extension, ExtensionState, Hazard, HazardState, Order, OrderState
from hazards.paperwork import issue_decision
from hazards.people import chiefs_of
from inspections.models import Mode
from stations.messages import send
from stations.models import User
from stations.permissions import Can
from trail.record import record

# What a period can still end for.
WAITING = (HazardState.OPEN, HazardState.DUE)


@transaction.atomic
def request_extension(
    order: Order,
    actor: User,
    *,
    deadline: date,
    hazards: Sequence[Hazard],
    until: date,
    requested_on: date,
    reason: str,
    today: date,
) -> Extension:
    """登记延期申请 for ``hazards`` of the period that ends on ``deadline``; an end on a rest day moves on.

    Raises RuleError when this order or this period cannot be extended, Refusal for what was typed wrongly.
    """
    locked = locked_order(order)
    _check_order(locked)
    _check_period(locked, deadline, today)
    if locked.extensions.filter(deadline=deadline, state=ExtensionState.REQUESTED).exists():
        raise RuleError(f"改正期限 {deadline:%Y-%m-%d} 已有一份延期申请待审批，没有重复登记")
    last = roll_forward(until, Calendar.load())
    # What was chosen on the page may have ended since: the rows are read again under the lock.
    hazards = list(locked.hazards.filter(pk__in=[hazard.pk for hazard in hazards]).order_by("position"))
    refuse([*_asked(deadline, hazards, reason), *_days(locked, deadline, last, requested_on, today)])
    extension = Extension.objects.create(
        **locked.scope_columns(),
        order=locked,
        deadline=deadline,
        until=last,
        requested_on=requested_on,
        reason=reason,
        requested_by=actor,
    )
    extension.hazards.set(hazards)
    words = f"{locked.number} 申请延期：{deadline:%Y-%m-%d} 延至 {last:%Y-%m-%d}，{len(hazards)} 处隐患"
    record(actor, "hazards.request_extension", extension, words, reason=reason)
    for chief in _deciders(locked, actor):
        send(
            chief,
            about=extension,
            key=f"extension:{extension.pk}",
            title=f"延期申请待审批：{locked.unit.name}",
            body=f"{words}。{deadline:%Y-%m-%d} 前没有审批的，申请失效。",
            url=reverse("hazards:decide_extension", args=[extension.pk]),
        )
    return extension


def _check_order(order: Order) -> None:
    if order.mode != Mode.LIMIT:
        raise RuleError("责令立即改正的，没有期限可以延长", basis="消防监督检查规定第19条")
    if order.state in (OrderState.ISSUED, OrderState.NOTICED):
        raise RuleError(f"{order.number}{order.get_state_display()}，不能登记延期申请", remedy="送达以后再登记。")
    if order.state != OrderState.SERVED:
        raise RuleError(f"{order.number}{order.get_state_display()}，没有期限可以延长")


def _check_period(order: Order, deadline: date, today: date) -> None:
    """The period still runs and nobody is about to look."""
    if today >= deadline:
        raise RuleError(f"改正期限 {deadline:%Y-%m-%d} 已经届满，不能延期", remedy="登记复查结果。")
    if order.reinspections.filter(deadline=deadline, done_on__isnull=True).exists():
        raise RuleError("单位已申请提前复查，不能同时延期", remedy="先登记复查结果，仍未改正的再延期。")


def _asked(deadline: date, hazards: Sequence[Hazard], reason: str) -> Iterator[Fault]:
    if not hazards:
        yield Fault("hazards", "至少选择一处隐患")
    for hazard in hazards:
        if hazard.state != HazardState.OPEN:
            yield Fault("hazards", f"“{hazard.wording}”{hazard.get_state_display()}，不能延期")
        elif hazard.deadline != deadline:
            yield Fault("hazards", "一次申请只能选改正期限相同的隐患", remedy="期限不同的分别登记。")
    if not reason.strip():
        yield Fault("reason", "请写明延期的理由")


def _days(order: Order, deadline: date, until: date, requested_on: date, today: date) -> Iterator[Fault]:
    if until <= deadline:
        yield Fault("until", f"延期后的期限应在原改正期限 {deadline:%Y-%m-%d} 以后")
    if requested_on > today:
        yield Fault("requested_on", "申请日期在以后，不能登记")
    if requested_on < order.issued_on:
        yield Fault("requested_on", f"申请日期早于签发日期 {order.issued_on:%Y-%m-%d}")


def _deciders(order: Order, actor: User) -> list[User]:
    """The station's chiefs; the one who wrote the request down himself only when there is no other."""
    chiefs = chiefs_of([order.station_id])[order.station_id]
    return [chief for chief in chiefs if chief != actor] or chiefs


# ---------- the decision ----------


@transaction.atomic
def approve_extension(extension: Extension, actor: User, *, until: date, decision: str, at: datetime) -> Extension:
    """同意延期, to ``until`` or earlier than asked: the deadline of the hazards moves, and with it their re-inspection.

    Raises RuleError for somebody who may not decide, a request that was decided, and a period that has ended.
    """
    order, found = _locked(extension, actor)
    _check_order(order)
    _check_period(order, found.deadline, localdate(at))
    hazards = list(found.hazards.filter(state=HazardState.OPEN, deadline=found.deadline).order_by("position"))
    if not hazards:
        raise RuleError("申请延期的隐患都已销号，不用延期", remedy="选择不同意，写明情况。")
    last = roll_forward(until, Calendar.load())
    refuse([*_granted(found, last), *_argued(decision)])
    for hazard in hazards:
        hazard.deadline = last
    Hazard.objects.bulk_update(hazards, ["deadline"])
    _move_recheck(order, found.deadline, last)
    asked, found.until = found.until, last
    _decide(found, ExtensionState.APPROVED, actor, decision, at)
    issue_decision(found, asked, hazards, actor, localdate(at))
    words = f"{order.number} 同意延期：{found.deadline:%Y-%m-%d} 延至 {last:%Y-%m-%d}，{len(hazards)} 处隐患"
    record(
        actor,
        "hazards.approve_extension",
        found,
        words,
        before={"deadline": found.deadline, "until": asked},
        after={"until": last, "hazards": [hazard.pk for hazard in hazards]},
        reason=decision,
    )
    _tell(found, order, f"同意延期至 {last:%Y-%m-%d}")
    return found


@transaction.atomic
def refuse_extension(extension: Extension, actor: User, *, decision: str, at: datetime) -> Extension:
    """不同意延期: the period stays as it is. Raises RuleError as `approve_extension` does."""
    order, found = _locked(extension, actor)
    refuse(list(_argued(decision)))
    _decide(found, ExtensionState.REFUSED, actor, decision, at)
    issue_decision(found, found.until, list(found.hazards.order_by("position")), actor, localdate(at))
    words = f"{order.number} 不同意延期，改正期限仍为 {found.deadline:%Y-%m-%d}"
    record(actor, "hazards.refuse_extension", found, words, reason=decision)
    _tell(found, order, f"不同意延期，改正期限仍为 {found.deadline:%Y-%m-%d}")
    return found


def _locked(extension: Extension, actor: User) -> tuple[Order, Extension]:
    """The order, then the request, both locked; undecided, and for ``actor`` to decide."""
    order = locked_order(extension.order)
    rows = Extension.objects.select_for_update(of=("self",)).select_related("requested_by", "decided_by")
    found = rows.get(pk=extension.pk)
    if found.state != ExtensionState.REQUESTED:
        who = f"，{found.decided_by.name}审批" if found.decided_by else ""
        raise RuleError(f"这份延期申请{found.get_state_display()}{who}，没有再次审批")
    if not actor.can(Can.APPROVE_EXTENSIONS) or actor.station_id != order.station_id:
        raise RuleError("延期由本所所长审批", remedy="请所长登录后办理。")
    # Who asked does not grant it himself, unless the station has nobody else who could.
    if actor not in _deciders(order, found.requested_by):
        raise RuleError("申请是您登记的，由另一位所领导审批")
    found.order = order
    return order, found


def _granted(extension: Extension, until: date) -> Iterator[Fault]:
    if until <= extension.deadline:
        yield Fault("until", f"延期后的期限应在原改正期限 {extension.deadline:%Y-%m-%d} 以后")
    if until > extension.until:
        yield Fault("until", f"不能超过申请的 {extension.until:%Y-%m-%d}", remedy="可以缩短，要更长的请单位重新申请。")


def _argued(decision: str) -> Iterator[Fault]:
    if not decision.strip():
        yield Fault("decision", "请写明审批意见")


def _decide(extension: Extension, state: ExtensionState, actor: User, decision: str, at: datetime) -> None:
    extension.move_to(state)
    extension.decided_by, extension.decided_at, extension.decision = actor, at, decision
    extension.save(update_fields=["state", "until", "decided_by", "decided_at", "decision"])


def _move_recheck(order: Order, old: date, new: date) -> None:
    """The duty of the old day covers what stays there, if anything; that of the new day covers what came to it."""
    left, moved = (order.hazards.filter(deadline=day, state__in=WAITING).count() for day in (old, new))
    if left:
        describe_clock(recheck_key(order, old), recheck_detail(order, old, left))
    else:
        cancel_clock(recheck_key(order, old), f"延期至 {new:%Y-%m-%d}")
    owner, detail = order.unit.officer or order.issued_by, recheck_detail(order, new, moved)
    clock = start_recheck(order, new, moved, owner)
    if clock.state == ClockState.RUNNING:
        describe_clock(clock.key, detail)
    else:
        # What had this day before was extended or closed early; the key is one a day, so its duty runs again.
        reopen_clocks(Clock.objects.filter(pk=clock.pk), owner, detail)


def _tell(extension: Extension, order: Order, words: str) -> None:
    """Whoever wrote the request down, and whose unit it is, hear what became of it."""
    people = {extension.requested_by, order.unit.officer or extension.requested_by} - {extension.decided_by}
    for user in sorted(people, key=lambda user: user.pk):
        send(
            user,
            about=extension,
            else_chiefs=extension.decided_by is None,
            key=f"extension:{extension.pk}:{extension.state}",
            title=f"{words}：{order.unit.name}"[:120],
            body=f"{order.number}。{extension.decision}",
            url=reverse("hazards:order", args=[order.pk]),
        )


# ---------- what falls ----------


def fell_extensions_of(order: Order, why: str, *, deadline: date | None = None) -> int:
    """The undecided requests of a locked ``order``, or of one of its periods, fall; how many did."""
    rows = order.extensions.filter(state=ExtensionState.REQUESTED).select_related("requested_by")
    waiting = list(rows.filter(deadline=deadline) if deadline else rows)
    for extension in waiting:
        extension.move_to(ExtensionState.FELL)
        extension.decision = why
        extension.save(update_fields=["state", "decision"])
        record(None, "hazards.fell_extension", extension, f"{order.number} 延期申请失效：{why}")
        _tell(extension, order, "延期申请失效")
    return len(waiting)


def fell_extensions(today: date) -> int:
    """Requests nobody had decided when their period ended, by ``today``, fall; how many did. Twice changes nothing."""
    late = Extension.objects.filter(state=ExtensionState.REQUESTED, deadline__lte=today)
    return sum(_fell(pk, today) for pk in late.order_by("order_id").values_list("order_id", flat=True).distinct())


@transaction.atomic
def _fell(order_id: int, today: date) -> int:
    orders = Order.objects.select_for_update(skip_locked=True, of=("self",))
    order = orders.select_related("unit__officer").filter(pk=order_id).first()
    if order is None:
        return 0
    ended = order.extensions.filter(state=ExtensionState.REQUESTED, deadline__lte=today)
    days = sorted(set(ended.values_list("deadline", flat=True)))
    return sum(fell_extensions_of(order, "改正期限届满时没有审批", deadline=day) for day in days)
