"""作废重出 of one paper while what it witnesses stands: 移送函 and 送达回证. What was typed wrong is put right.

The paper falls with the chief's reason and one of today, under a number of today, takes its place. States, clocks and
legal days stay: a wrong day is no slip of the pen, and moves what was counted from it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from django.utils.timezone import localdate

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.masking import masked
from fire_supervision.lib.refusals import Fault, refuse
from hazards.locking import locked_order
from hazards.models import Method, Order, OrderState, Referral, ReferralState, Service, Target
from hazards.paperwork import reissue_letter, reissue_receipt
from hazards.people import receivers_of
from hazards.serving import faults, receipt_faults
from hazards.ways import WAYS
from records.models import Document
from stations.messages import send
from stations.models import User
from stations.permissions import Can
from trail.record import record

LETTER = ("authority", "basis", "facts", "receiver")
NEEDED = ("authority", "basis", "facts")
LEGAL_DAYS = frozenset({"served_at", "sent_on"})
PEOPLE = frozenset({"server", "second", "assistant", "recorder_no"})
ASKED = frozenset().union(*(way.fields for way in WAYS.values())) - LEGAL_DAYS
IN_WRITING = "与接收单位联系，用书面说明更正。"


def _check_chief(actor: User, station_id: int | None, reason: str | None) -> None:
    """``reason`` is None where nobody has been asked for it yet."""
    if not actor.can(Can.VOID_PAPERS) or actor.station_id != station_id:
        raise RuleError("作废文书须由本所所长决定", remedy="请所长登录后办理。")
    if reason is not None and not reason.strip():
        raise RuleError("作废文书须写明理由")


def _check_same(seen: Referral | Service, locked: Referral | Service) -> None:
    """The second press of a button finds another paper than it asked to void."""
    if seen.document_id != locked.document_id:
        raise RuleError("这份文书已经作废重出，没有重复作废", remedy="打开新的文书核对。")


# ---------- 移送函 ----------


def check_letter(referral: Referral, actor: User, reason: str | None = None) -> None:
    """Raise RuleError unless ``actor`` may have the letter of ``referral`` issued anew: not once it was received."""
    _check_chief(actor, referral.station_id, reason)
    if referral.state != ReferralState.SENT:
        raise RuleError(f"这次移送{referral.get_state_display()}，移送函不能作废", remedy=IN_WRITING)


@transaction.atomic
def reissue_referral(referral: Referral, actor: User, reason: str, words: Mapping[str, str], on: date) -> Document:
    """作废重出移送函: ``words`` are those of `LETTER` as they should be; who receives it is told of the new one.

    Raises RuleError for what `check_letter` says and without a reason, Refusal for what the gate says.
    """
    rows = Referral.objects.select_for_update(of=("self",))
    row = rows.select_related("unit", "station__brigade", "recorded_by", "document").get(pk=referral.pk)
    check_letter(row, actor, reason)
    _check_same(referral, row)
    # The brigade's name is not typed.
    typed = [name for name in LETTER if name != "authority" or row.target != Target.FIRE_BRIGADE]
    old, wanted = row.document, {name: words[name] for name in typed if name in words}
    refuse([Fault(name, "请填写") for name in NEEDED if not wanted.get(name, "…").strip()])
    before, after = _change(row, wanted)
    row.save(update_fields=[*wanted])
    letter = reissue_letter(row, actor, reason, on)
    _tell(row, letter, actor, reason)
    record(
        actor, "hazards.reissue_referral", row, f"作废重出移送函：{old} → {letter.number}，{row.unit.name}",
        before=before | {"number": str(old)}, after=after | {"number": letter.number}, reason=reason,
    )  # fmt: skip
    return letter


def _tell(row: Referral, letter: Document, actor: User, reason: str) -> None:
    """Whoever waits for the letter or sent the wrong one; the file in the brigade's hands is void."""
    receivers = receivers_of(row.station) if row.target == Target.FIRE_BRIGADE else []
    for person in {*receivers, row.recorded_by} - {actor}:
        if person.is_active and person.can(Can.VIEW_HAZARDS):
            send(
                person,
                about=row,
                key=f"referral:{row.pk}:reissued:{letter.pk}",
                title=f"移送函作废重出：{row.unit.name}"[:120],
                body=f"{letter.number}代替原移送函，原函作废。{reason}",
                url=reverse("hazards:referral", args=[row.pk]),
            )


# ---------- 送达回证 ----------


def check_receipt(service: Service, actor: User, reason: str | None = None) -> None:
    """The same for the 送达回证 of ``service``; one that was signed at a link is not ours to write anew."""
    order = service.order
    _check_chief(actor, order.station_id, reason)
    if order.state == OrderState.VOID:
        raise RuleError(f"{order.number}{order.get_state_display()}，送达回证随通知书作废")
    if service.method == Method.ELECTRONIC and order.dispatches.filter(acknowledged_at__isnull=False).exists():
        remedy = "确有错误的，作废重出这次检查的全部文书，重新送达。"
        raise RuleError("这份送达回证由收件人在链接页签名确认，不能单独作废", remedy=remedy)
    if cited_in(order).exclude(state=ReferralState.SENT).exists():
        raise RuleError("隐患已经移送，接收单位已接收，送达回证不能作废", remedy=IN_WRITING)


def cited_in(order: Order) -> models.QuerySet[Referral]:
    """The referrals whose letters enclose the receipt of ``order``."""
    return Referral.objects.filter(hazards__order=order, document__isnull=False).distinct()


def ways_like(service: Service) -> list[Method]:
    """The ways by which ``service`` may turn out to have been made without another legal day."""
    own = WAYS[Method(service.method)].fields & LEGAL_DAYS
    return [way.method for way in WAYS.values() if way.fields & LEGAL_DAYS == own]


@transaction.atomic
def reissue_service(service: Service, actor: User, reason: str, values: Mapping[str, Any], at: datetime) -> Document:
    """作废重出送达回证: ``values`` as `ServeForm.service` gives them; the days among them are not looked at.

    Raises RuleError for what `check_receipt` says and without a reason, Refusal as `serve` does.
    """
    order = locked_order(service.order)
    row = Service.objects.select_for_update(of=("self",)).select_related("document").get(pk=service.pk)
    row.order = order
    check_receipt(row, actor, reason)
    _check_same(service, row)
    method, old = Method(values.get("method", row.method)), row.document
    if method not in ways_like(row):
        raise RuleError(
            f"{row.get_method_display()}不能更正为{method.label}", remedy="作废重出这次检查的全部文书，重新登记送达。"
        )
    wanted = _complete(method, values)
    before, after = _change(row, wanted)
    refuse([*_faults(row, before.keys(), at), *receipt_faults(row, localdate(at))])
    row.save(update_fields=[*wanted])
    receipt = reissue_receipt(row, actor, reason, localdate(at))
    record(
        actor, "hazards.reissue_service", order, f"作废重出送达回证：{old} → {receipt.number}，{order.unit.name}",
        before=before | {"number": str(old)}, after=after | {"number": receipt.number}, reason=reason,
    )  # fmt: skip
    return receipt


def _complete(method: Method, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` without legal days; what ``method`` does not ask for is empty."""
    wanted = WAYS[method].fields | PEOPLE | {"note"}
    blank = {name: None if name.endswith("_on") else "" for name in ASKED - wanted}
    given = {name: values[name] for name in wanted - LEGAL_DAYS if name in values}
    return blank | given | {"method": method}


def _faults(row: Service, changed: Any, at: datetime) -> list[Fault]:
    """As for a service of today, but for people who were not changed: who served then may have left since."""
    given = {name: getattr(row, name) for name in ASKED | LEGAL_DAYS | PEOPLE}
    found = faults(row.order, Method(row.method), row.server, row.second, given, at)
    stands = PEOPLE.isdisjoint(changed)
    return [fault for fault in found if not (stands and fault.field in PEOPLE)]


# ---------- both ----------


def _change(row: Referral | Service, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put ``wanted`` onto the row, which the caller saves; what differs, before and after, as the trail keeps it."""
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    before = {name: _told(name, getattr(row, name)) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    return before, {name: _told(name, value) for name, value in changed.items()}


def _told(name: str, value: Any) -> Any:
    if name == "account":
        return masked(value)
    if name == "method":
        return Method(value).label
    return value.name if isinstance(value, User) else value
