"""送达 in the seven ways of 程序规定第36条, and the day a notice that was published takes effect."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate, make_aware

from deadlines.actions import meet_clock, start_clock
from deadlines.calendar import Calendar
from deadlines.models import Clock
from deadlines.rules import compute, rule_on
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards.case_papers import receipt_context
from hazards.issuing import serve_key
from hazards.lateness import pause_rechecks, settle_periods
from hazards.locking import close_if_ended, locked_order
from hazards.models import Dispatch, Method, Order, OrderState, Service
from hazards.paperwork import issue_receipt
from hazards.ways import BASIS, WAYS
from inspections.rules import is_enforcer
from records.gate import check
from records.models import Kind
from stations.messages import send
from stations.models import User
from stations.permissions import Role
from trail.record import record

NOTICE_RULE = "SERVE_NOTICE"
BATCH = 200
TWO = "程序规定第52条"
# What the 送达回证 calls otherwise than the form it is typed into; elsewhere the last word of a path is the field.
ON_FORM = {
    "recipient.name": "recipient",
    "proxy.name": "recipient",
    "refusal.name": "recipient",
    "method.chosen": "method",
    "notice.on": "sent_on",
}
# What a 电子送达确认书 says that a service on its ground says too.
CONSENTED = ("consented_by", "consented_on", "channel", "account")
OFFICERS = ("server", "second")
PLACES = re.compile(r"officers\[(\d)\]")


class Details(TypedDict, total=False):
    """What else a way of serving asks for; the columns of `Service`, see `hazards.ways`."""

    place: str
    recipient: str
    relation: str
    reason: str
    witness: str
    agent: str
    tracking_no: str
    sent_on: date | None
    channel: str
    account: str
    consented_by: str
    consented_on: date | None
    consent_no: str
    receipt: str
    assistant: User | None
    recorder_no: str
    note: str


@transaction.atomic
def serve(
    order: Order,
    actor: User,
    *,
    method: Method = Method.DIRECT,
    served_at: datetime | None = None,
    server: User,
    second: User | None,
    at: datetime,
    **details: Unpack[Details],
) -> Service:
    """登记送达. What was published (公告) takes effect when its period has ended and has no ``served_at`` until then.

    Raises RuleError for a second service, Refusal for what the way of serving lacks or what cannot be.
    """
    locked = locked_order(order)
    if locked.state != OrderState.ISSUED:
        raise RuleError(f"{locked.number}{locked.get_state_display()}，没有再次登记送达")
    given: dict[str, Any] = {**details, "served_at": served_at}
    refuse([*faults(locked, method, server, second, given, at)])
    sent_on = details.get("sent_on")
    if method == Method.NOTICE and sent_on is not None:
        served_at, served_on, state = _publish(locked, actor, sent_on), sent_on, OrderState.NOTICED
    else:
        served_on, state = localdate(served_at), OrderState.SERVED
    people = {"server": server, "second": second, "registered_by": actor}
    service = Service(**given | people | {"served_at": served_at}, order=locked, method=method)
    refuse([*receipt_faults(service, localdate(at))])
    service.save()
    locked.move_to(state)
    locked.save(update_fields=["state"])
    meet_clock(serve_key(locked), served_on)
    issue_receipt(service, actor, localdate(at))
    after = {"at": served_at} | by_whom(server, second, service.assistant, service.recorder_no)
    record(actor, "hazards.serve", locked, f"{locked.number} {service.words}", after=after)
    if state == OrderState.SERVED:
        settle_periods(locked, actor)
    close_if_ended(locked)
    return service


def by_whom(server: User, second: User | None, assistant: User | None, recorder_no: str) -> dict[str, Any]:
    """Who served and under what recording, for the trail."""
    return {
        "servers": "、".join(person.name for person in (server, second) if person is not None),
        "assistant": assistant.name if assistant else "",
        "recorder_no": recorder_no,
    }


def receipt_faults(service: Service, on: date) -> Iterator[Fault]:
    """What the gate says to the 送达回证 of ``service``, at the fields of the form it was typed into."""
    for fault in check(Kind.SERVICE_RECEIPT, receipt_context(service, on)):
        officer = PLACES.match(fault.field)
        field = OFFICERS[int(officer[1])] if officer else fault.field.rpartition(".")[2]
        yield replace(fault, field=ON_FORM.get(fault.field, field))


def faults(
    order: Order, method: Method, server: User, second: User | None, given: dict[str, Any], at: datetime
) -> Iterator[Fault]:
    """What speaks against a service; the gate of the 送达回证 says the same of what the paper tells."""
    yield from _lacking(method, given)
    yield from _days(order, method, given, at)
    if method == Method.ELECTRONIC:
        yield from check_consent(order, given)
    yield from check_servers(order, server, second, given.get("assistant"), given.get("recorder_no", ""))


def _lacking(method: Method, given: dict[str, Any]) -> Iterator[Fault]:
    for ask in WAYS[method].asks:
        if ask.needed and not given.get(ask.field):
            yield Fault(ask.field, f"{method.label}须填写{ask.label}", BASIS)
    if method == Method.LEAVE and not given.get("witness") and not given.get("recorder_no"):
        yield Fault(
            "witness",
            "留置送达须有见证人，或者对拒收过程录音录像",
            BASIS,
            "填写见证人的姓名和单位，或者填写执法记录仪文件号。",
        )


def _days(order: Order, method: Method, given: dict[str, Any], at: datetime) -> Iterator[Fault]:
    """Nothing lies in the future, nothing before the order, and each step before the next."""
    asks = {ask.field: ask.label for ask in WAYS[method].asks}
    served_at, today = given.get("served_at"), localdate(at)
    served_on = localdate(served_at) if served_at else today
    if "served_at" in asks and served_at:
        yield from _between("served_at", asks["served_at"], served_on, order.issued_on, today)
        if served_on == today and served_at > at:
            yield Fault("served_at", f"{asks['served_at']}在以后，不能登记", remedy="核对时间。")
    sent_on = given.get("sent_on") if "sent_on" in asks else None
    if sent_on:
        yield from _between("sent_on", asks["sent_on"], sent_on, order.issued_on, today)
        if order.issued_on <= served_on < sent_on <= today:
            yield Fault("sent_on", f"{asks['sent_on']}晚于{asks['served_at']}", remedy="核对日期。")
    consented_on = given.get("consented_on") if "consented_on" in asks else None
    if consented_on and consented_on > served_on:
        yield Fault("consented_on", "电子送达须事先经受送达人同意", BASIS, "核对同意日期；没有同意的换一种方式。")


def check_consent(order: Order, given: dict[str, Any]) -> Iterator[Fault]:
    """A 确认书 of ours that is named covers this unit, while it stands, and what was consented to in it.

    ``given`` as `Details`, of an electronic service. A number of nothing of ours is that of one signed on paper.
    """
    number = given.get("consent_no")
    if not number:
        return
    links = Dispatch.objects.filter(station_id=order.station_id, document__number=number)
    signed = links.select_related("document").first()
    if signed is None or signed.document is None:
        return
    if signed.unit_id != order.unit_id:
        yield Fault("consent_no", "这份确认书是别的单位签的", BASIS, "填写本单位的确认书。")
    elif signed.document.is_void:
        yield Fault("consent_no", "这份确认书已作废", BASIS, "请受送达人重新签名，或者换一种方式。")
    else:
        yield from _beyond(signed, given)


def _beyond(signed: Dispatch, given: dict[str, Any]) -> Iterator[Fault]:
    """What is told otherwise than the 确认书 has it."""
    for ask in WAYS[Method.ELECTRONIC].asks:
        told = given.get(ask.field)
        if ask.field in CONSENTED and told and told != getattr(signed, ask.field):
            remedy = "照确认书填写；改用别的号码的，请受送达人重新签名。"
            yield Fault(ask.field, f"{ask.label}与确认书不同", BASIS, remedy)


def _between(field: str, label: str, day: date, first: date, last: date) -> Iterator[Fault]:
    if day > last:
        yield Fault(field, f"{label}在以后，不能登记", remedy="核对日期。")
    if day < first:
        yield Fault(field, f"{label}早于签发日期 {first:%Y-%m-%d}", remedy="核对日期。")


def check_servers(
    order: Order, server: User, second: User | None, assistant: User | None, recorder_no: str
) -> Iterator[Fault]:
    """Who may serve: two officers of the station, or one with an assistant whose whole act is recorded.

    第52条 makes no difference between the ways of serving. Beside two officers an assistant may be named too.
    """
    if not is_enforcer(server, order.station_id):
        yield Fault("server", "送达人须是本所有执法证的民警", TWO)
    if second is None:
        yield from _alone(assistant, recorder_no)
    elif second == server:
        yield Fault("second", "两名送达人不能是同一人")
    elif not is_enforcer(second, order.station_id):
        remedy = "民警带辅警送达的，不填第二送达人，选择协助辅警，填写执法记录仪文件号。"
        yield Fault("second", "第二送达人须是本所有执法证的民警", TWO, remedy)
    if assistant is not None and not is_assistant(assistant, order.station_id):
        yield Fault("assistant", f"{assistant.name}不是本所在岗的辅警", remedy="重新选择协助辅警。")


def _alone(assistant: User | None, recorder_no: str) -> Iterator[Fault]:
    if assistant is None:
        remedy = "填写第二送达人，或者选择协助辅警；没有可选的辅警的，请系统管理员登记。"
        yield Fault("assistant", "只有一名民警送达时，须带辅警", TWO, remedy)
    if not recorder_no:
        remedy = "填写第二送达人，或者填写执法记录仪文件号。"
        yield Fault("recorder_no", "只有一名民警送达时，须全程录音录像", TWO, remedy)


def is_assistant(user: User, station_id: int) -> bool:
    """Whether ``user`` may assist at a service of the station; the Python side of `assistants_of`."""
    return user.is_active and user.role == Role.ASSISTANT and user.station_id == station_id


def assistants_of(station_id: int) -> QuerySet[User]:
    return User.objects.of_station(station_id).working().filter(role=Role.ASSISTANT).order_by("number")


# ---------- 公告 ----------


def notice_key(order: Order) -> str:
    return f"notice:{order.pk}"


def _publish(order: Order, actor: User, on: date) -> datetime:
    """Start the period of the notice published ``on`` and pause the re-inspections that would fall into it.

    Returns the instant it ends, as far as is known today.
    """
    page = reverse("hazards:order", args=[order.pk])
    clock = start_clock(
        NOTICE_RULE,
        key=notice_key(order),
        subject=order,
        label=f"公告送达期满：{order.unit.name}",
        detail=order.number,
        url=page,
        look_url=page,
        scope=order,
        unit_id=order.unit_id,
        owner=order.unit.officer or actor,
        started_on=on,
        # Nobody has to do anything before it ends, and the minute it is over it has taken effect.
        quiet=True,
    )
    pause_rechecks(order, clock.due_on)
    return _end_of(clock.due_on)


def _end_of(day: date) -> datetime:
    """The last minute of the last day of a period."""
    return make_aware(datetime.combine(day, time(23, 59)))


def notice_end(order: Order, on: date) -> date:
    """The last day of the period of a notice published ``on``."""
    return compute(rule_on(NOTICE_RULE, on, order.bureau_id), on, Calendar.load(on)).due_on


def effect_notices(today: date) -> int:
    """Every notice whose period had ended before ``today`` counts as served; how many did.

    Each is one transaction: a sweep that is killed, or run twice, or beside another, leaves nothing half done.
    """
    done, last = 0, 0
    while batch := list(_ended(today).filter(pk__gt=last).order_by("pk").values_list("pk", "subject_id")[:BATCH]):
        done += sum(_take_effect(clock_id, order_id, today) for clock_id, order_id in batch)
        last = batch[-1][0]
    return done


def effect_notice_of(order: Order, today: date) -> bool:
    """What the next sweep would do with the notice of one order, now: nobody at the door waits for beat."""
    found = _ended(today).filter(subject_type=order._meta.label_lower, subject_id=order.pk).first()
    return found is not None and _take_effect(found.pk, order.pk, today)


def _ended(today: date) -> QuerySet[Clock]:
    # The last day belongs to the period whole: the notice counts from the morning after it.
    return Clock.objects.running().filter(rule_code=NOTICE_RULE, due_on__lt=today)


@transaction.atomic
def _take_effect(clock_id: int, order_id: int, today: date) -> bool:
    orders = Order.objects.select_for_update(skip_locked=True, of=("self",))
    order = orders.select_related("unit__officer", "issued_by").filter(pk=order_id).first()
    clock = _ended(today).filter(pk=clock_id).first()
    if order is None or clock is None or order.state != OrderState.NOTICED:
        return False
    # The period may have moved since it was published: a year's holidays were confirmed.
    Service.objects.filter(order=order).update(served_at=_end_of(clock.due_on))
    order.move_to(OrderState.SERVED)
    order.save(update_fields=["state"])
    meet_clock(clock.key, clock.due_on)
    record(None, "hazards.effect_notice", order, f"{order.number} 公告 {clock.due_on:%Y-%m-%d} 期满，视为送达")
    settle_periods(order, None)
    send(
        clock.owner if clock.owner and clock.owner.scope().covers(order) else order.unit.officer,
        about=order,
        else_chiefs=True,
        key=f"notice:{clock.pk}",
        title=f"公告期满，视为送达：{order.unit.name}",
        body=f"{order.number}，{clock.due_on:%Y-%m-%d} 期满。",
        url=clock.look_url,
    )
    close_if_ended(order)
    return True
