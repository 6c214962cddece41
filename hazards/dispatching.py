"""电子送达: a link that leads the unit's responsible person to the notice; his signature on it is the service."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.timezone import localdate, localtime

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards.case_papers import receipt_context
from hazards.lateness import WAITING, last_period
from hazards.link_ends import REISSUE, ended, period_over
from hazards.link_papers import acknowledged_content, consent_context, consent_shown, shown_content
from hazards.locking import locked_order
from hazards.models import Dispatch, DispatchState, Hazard, Method, Order, OrderState, Service
from hazards.paperwork import issue_consent
from hazards.people import chiefs_of
from hazards.serving import by_whom, check_consent, check_servers, serve
from hazards.ways import BASIS, CONSENT
from inspections.models import Mode
from records.canonical import digest
from records.gate import check
from records.models import Kind
from records.rehearsing import unspared
from records.signatures import NOWHERE, Place, unplaced
from stations.messages import send
from stations.models import User
from trail.record import record

# Somebody else's hand: so many wrong numbers, and the officer hands the notice over himself.
MOST_TRIES = 10
GONE, ASK = "这个链接已经停用", "请与派出所联系。"
NO_LATER_CHANGE = "《电子签名法》第13条"
# Where the papers name what the officer types otherwise than his form does.
ON_FORM = {
    "consenter.name": "consented_by",
    "signatures.consenter": "consent",
    "electronic.channel": "channel",
    "electronic.account": "account",
    "electronic.consent_no": "consent_paper",
    "consent_no": "consent_paper",
}


@transaction.atomic
def dispatch(
    order: Order,
    actor: User,
    *,
    consented_by: str,
    consented_on: date,
    consent: dict[str, Any] | None,
    consent_paper: str,
    channel: str,
    account: str,
    second: User | None,
    assistant: User | None,
    recorder_no: str,
    at: datetime,
    place: Place = NOWHERE,
    seen: str | None = None,
) -> Dispatch:
    """Make the link of a notice that is not served yet; ``actor`` is who serves it.

    Raises RuleError for a notice that is served, void, over, from before the system, or has a link; Refusal for what is
    missing: without a recorded consent nothing is served electronically, and its 送达回证 has to pass the gate. What
    was signed on the screen, at ``place``, becomes the 电子送达确认书; ``seen``: the `consent_shown` it showed.
    """
    locked = locked_order(order)
    if locked.state != OrderState.ISSUED:
        raise RuleError(f"{locked.number}{locked.get_state_display()}，不能再电子送达")
    if locked.document is None:
        raise RuleError(f"{locked.number}是存量文书，系统里没有原件，不能电子送达", remedy="改用其他方式送达。")
    if locked.dispatches.running().exists():
        raise RuleError("这份通知书已有一个送达链接", remedy="先停用原来的链接，再发新的。")
    if (last := last_period(locked)) is not None and last < localdate(at):
        raise RuleError(f"{period_over(last)}，不能再电子送达", remedy=REISSUE)
    servers = check_servers(locked, actor, second, assistant, recorder_no)
    signed = [*_consent(consented_on, consent, consent_paper, at), *_unplaced(consent, place)]
    refuse([*signed, *_unseen(locked, consent, seen), *servers])
    row = Dispatch(
        **locked.scope_columns(),
        order=locked,
        unit=locked.unit,
        consented_by=consented_by,
        consented_on=consented_on,
        consent=consent,
        # On paper the paper says it.
        consent_words=f"{CONSENT}{channel}：{account}。同意人：{consented_by}。" if consent else "",
        consent_paper=consent_paper,
        channel=channel,
        account=account,
        sent_at=at,
        sent_by=actor,
        second=second,
        assistant=assistant,
        recorder_no=recorder_no,
    )
    # What is signed on the screen now is a 确认书 of its own, whatever else was typed.
    earlier = [] if consent else _beyond_consent(row, at)
    refuse([*earlier, *_consent_faults(row, at), *_receipt_faults(row, at)])
    row.save()
    if consent:
        issue_consent(row, actor, localdate(at), place)
    after = {"channel": channel, "consented_by": consented_by, "consented_on": consented_on}
    after |= by_whom(actor, second, assistant, recorder_no)
    record(actor, "hazards.dispatch", row, f"{locked.number}电子送达，{channel}发送链接", after=after)
    return row


def _consent(on: date, drawn: dict[str, Any] | None, paper: str, at: datetime) -> Iterator[Fault]:
    if on > localdate(at):
        yield Fault("consented_on", "同意日期在以后", BASIS, "核对日期。")
    elif drawn and on < localdate(at):
        yield Fault("consented_on", "在屏幕上签的确认书，同意日期是签名当天", BASIS, "改成今天；以前在纸上签的填编号。")
    if not drawn and not paper:
        remedy = "请同意人在屏幕上签名，或者填写纸质确认书的编号。"
        yield Fault("consent", "电子送达须有受送达人签名的确认书", BASIS, remedy)


def _unplaced(drawn: dict[str, Any] | None, place: Place) -> list[Fault]:
    # What is read before it is signed has no strokes.
    return unplaced(place) if drawn and drawn["strokes"] else []


def _unseen(order: Order, drawn: dict[str, Any] | None, seen: str | None) -> Iterator[Fault]:
    if drawn and seen is not None and seen != consent_shown(order):
        yield Fault("consent", "确认书在打开以后有变动，签名没有保存", NO_LATER_CHANGE, "请核对后重新签名。")


def _consent_faults(row: Dispatch, at: datetime) -> Iterator[Fault]:
    """What the gate says to the 电子送达确认书 that is about to be issued; what it names is typed on the form."""
    faults = check(Kind.SERVICE_CONSENT, consent_context(row, localdate(at))) if row.consent else []
    for fault in unspared(faults):
        if not fault.field.startswith("officers"):
            yield replace(fault, field=ON_FORM.get(fault.field, fault.field))


def _beyond_consent(row: Dispatch, at: datetime) -> list[Fault]:
    """What `serve` would say to the 确认书 the link rests on: whoever signs cannot mend that either."""
    faults = check_consent(row.order, _service_of(row, row.consented_by, at, at))
    return [replace(fault, field=ON_FORM.get(fault.field, fault.field)) for fault in faults]


def _receipt_faults(row: Dispatch, at: datetime) -> Iterator[Fault]:
    """What the gate would say to the 送达回证 if the notice were signed for now: whoever signs cannot mend it."""
    service = Service(order=row.order, method=Method.ELECTRONIC, **_service_of(row, row.consented_by, at, at))
    for fault in check(Kind.SERVICE_RECEIPT, receipt_context(service, localdate(at))):
        # The sender is who is logged in; the other one is chosen on the form.
        field = "second" if fault.field.startswith("officers[1]") else ON_FORM.get(fault.field, fault.field)
        yield replace(fault, field=field)


def _service_of(row: Dispatch, name: str, opened_at: datetime, at: datetime) -> dict[str, Any]:
    """The service by which ``name`` signed ``at``, as `serve` takes it and `Service` keeps it."""
    return {
        "served_at": at,
        "server": row.sent_by,
        "second": row.second,
        "assistant": row.assistant,
        "consented_by": row.consented_by,
        "consented_on": row.consented_on,
        "consent_no": row.consent_no,
        "channel": row.channel,
        "account": row.account,
        "receipt": _evidence(row.sent_at, opened_at, at, name),
        "recipient": name,
        "relation": row.relation,
        "recorder_no": row.recorder_no,
    }


def is_addressee(row: Dispatch, typed: str) -> bool:
    """Whether ``typed`` are the last four of the account the link was sent to; a wrong answer is counted."""
    if row.is_running and typed.strip().lower() == row.last_four:
        return True
    _count_wrong(row)
    return False


@transaction.atomic
def _count_wrong(row: Dispatch) -> None:
    locked = Dispatch.objects.select_for_update(of=("self",)).select_related("order", "sent_by").get(pk=row.pk)
    if not locked.is_running:
        return
    locked.wrong_tries += 1
    locked.save(update_fields=["wrong_tries"])
    if locked.wrong_tries >= MOST_TRIES:
        _close(locked, None, f"接收号码连续 {MOST_TRIES} 次不符")
        _tell(locked, "closed", "电子送达链接已停用", "核对接收号码，或者改用其他方式送达。")


def blocks(row: Dispatch, at: datetime) -> list[Fault]:
    """Why a signature ``at`` would not serve the notice: what `ended` says alone, else everything."""
    over = ended(row, localdate(at))
    return [over] if over else _blocks(row, at)


def _blocks(row: Dispatch, at: datetime) -> list[Fault]:
    """Whoever sent the link may have left the station since, and the 确认书 it rests on may have fallen."""
    servers = check_servers(row.order, row.sent_by, row.second, row.assistant, row.recorder_no)
    # The gate counts heads again: told once.
    return list(servers) or [*_beyond_consent(row, at), *_receipt_faults(row, at)]


@transaction.atomic
def may_be_signed(row: Dispatch, at: datetime) -> bool:
    """Whether a signature ``at`` would serve the notice: the addressee does not sign in vain.

    Where it would not the chiefs of the station are told once; of one that is over `end_links` tells.
    """
    rows = Dispatch.objects.select_related(
        "order__unit", "order__station", "document", "sent_by", "second", "assistant"
    )
    found = rows.get(pk=row.pk)
    if ended(found, localdate(at)):
        return False
    faults = _blocks(found, at)
    if faults:
        for chief in chiefs_of([found.station_id])[found.station_id]:
            send(
                chief,
                about=found,
                key=f"dispatch:{found.pk}:blocked",
                title=f"电子送达不能签收，请改用其他方式送达：{found.order.unit.name}",
                body=f"{found.order.number}，送达人 {found.sent_by.name}。{faults[0].message}，对方看到链接已停用。",
                url=reverse("hazards:dispatched", args=[found.pk]),
            )
    return not faults


@transaction.atomic
def open_dispatch(row: Dispatch, device: str, at: datetime) -> Dispatch:
    """The addressee reads the notice: the first time is kept for ever, each further one is counted.

    Raises RuleError for a link that has meanwhile ended.
    """
    order = locked_order(row.order)
    locked = Dispatch.objects.select_for_update(of=("self",)).select_related("sent_by").get(pk=row.pk)
    locked.order = order
    if not locked.is_running:
        raise RuleError(GONE, remedy=ASK)
    if locked.state == DispatchState.SENT:
        locked.move_to(DispatchState.OPENED)
        locked.opened_at, locked.opened_from = at, device[:200]
        locked.save(update_fields=["state", "opened_at", "opened_from"])
        record(None, "hazards.open_dispatch", locked, f"{locked.order.number}电子送达链接已打开", after={"at": at})
        _tell(locked, "opened", "电子送达已打开，待确认收悉", locked.order.number)
    Dispatch.objects.filter(pk=locked.pk).update(openings=F("openings") + 1, wrong_tries=0)
    return locked


@transaction.atomic
def acknowledge_dispatch(
    row: Dispatch,
    *,
    name: str,
    relation: str,
    strokes: dict[str, Any],
    at: datetime,
    place: Place = NOWHERE,
    seen: str | None = None,
) -> Dispatch:
    """确认收悉: the addressee signs on his own screen, bound to what it showed; that instant the notice is served.

    ``seen``: the `seen_digest` his screen showed. The order is locked first, as by every act on it. Raises RuleError
    before it was opened, for a link that was closed or is over, and for a notice that was meanwhile served otherwise or
    voided; Refusal where his screen showed something else.
    """
    order = locked_order(row.order)
    rows = Dispatch.objects.select_for_update(of=("self",)).select_related("document", "sent_by", "second", "assistant")
    locked = rows.get(pk=row.pk)
    if locked.state == DispatchState.ACKNOWLEDGED:
        raise RuleError("这份文书已经确认收悉，没有重复登记")
    opened_at = locked.opened_at
    if order.state != OrderState.ISSUED or opened_at is None:
        raise RuleError(GONE, remedy=ASK)
    locked.order = order
    if ended(locked, localdate(at)):
        raise RuleError(GONE, remedy=ASK)
    if seen is not None and seen != seen_digest(locked):
        refuse([Fault("strokes", "文书在打开以后有变动，签名没有保存", NO_LATER_CHANGE, "请核对后重新签名。")])
    _sign(locked, name, relation, strokes, place, at)
    after = {"at": at, "relation": relation, "sha256": locked.context_sha256}
    record(None, "hazards.acknowledge_dispatch", locked, f"{order.number}由{name}确认收悉", after=after)
    how = _service_of(locked, name, opened_at, at)
    serve(order, locked.sent_by, method=Method.ELECTRONIC, at=at, **how)
    _tell(locked, "acknowledged", f"电子送达已确认收悉：{order.unit.name}", f"{order.number}，{name}签名确认。")
    return locked


def _sign(row: Dispatch, name: str, relation: str, strokes: dict[str, Any], place: Place, at: datetime) -> None:
    row.move_to(DispatchState.ACKNOWLEDGED)
    row.acknowledged_at, row.acknowledged_by, row.relation, row.strokes = at, name, relation, strokes
    row.latitude, row.longitude = place.latitude, place.longitude
    row.context_sha256 = digest(acknowledged_content(row))
    row.save(
        update_fields=[
            "state", "acknowledged_at", "acknowledged_by", "relation", "strokes", "latitude", "longitude",
            "context_sha256",
        ]
    )  # fmt: skip


def seen_digest(row: Dispatch) -> str:
    """The hash of what the page of the link shows; who signs sends back the one he saw."""
    return digest(shown_content(row.order))


def _evidence(sent_at: datetime, opened_at: datetime, acknowledged_at: datetime, name: str) -> str:
    """怎样确认收悉: `2026年9月25日9时50分发送链接，…10时05分打开链接，…10时12分刘桂香签名确认收悉`.

    At most 97 characters for a name of 30, the longest the page of the link takes; the column holds 120.
    """
    return f"{_moment(sent_at)}发送链接，{_moment(opened_at)}打开链接，{_moment(acknowledged_at)}{name}签名确认收悉"


def _moment(instant: datetime) -> str:
    at = localtime(instant)
    return f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"


@transaction.atomic
def close_dispatch(row: Dispatch, actor: User, why: str) -> Dispatch:
    """停用链接: the officer takes it back, with a reason. Raises RuleError for one that was signed or closed before."""
    locked = Dispatch.objects.select_for_update(of=("self",)).select_related("order").get(pk=row.pk)
    if not why.strip():
        raise RuleError("停用链接须写明原因")
    _close(locked, actor, why.strip())
    return locked


def end_links(today: date) -> int:
    """Close the links nobody can sign in time any more, and tell who sent them; how many. Twice changes nothing.

    The notice stays to be served: its clock goes on, and what was opened until now stays told.
    """
    runs_on = Hazard.objects.filter(order=OuterRef("order"), state__in=WAITING, deadline__gte=today)
    over = Q(order__mode=Mode.NOW, sent_at__date__lt=today - timedelta(days=settings.LINK_DAYS))
    over |= Q(~Exists(runs_on), order__mode=Mode.LIMIT)
    return sum(_end(row, today) for row in Dispatch.objects.running().filter(over).order_by("order_id"))


@transaction.atomic
def _end(row: Dispatch, today: date) -> bool:
    # Whoever holds the order now will leave a state the next sweep reads.
    orders = Order.objects.select_for_update(skip_locked=True, of=("self",)).select_related("unit")
    order = orders.filter(pk=row.order_id).first()
    if order is None:
        return False
    locked = Dispatch.objects.select_for_update(of=("self",)).select_related("sent_by").get(pk=row.pk)
    locked.order = order
    over = ended(locked, today) if locked.is_running else None
    if over is None:
        return False
    _close(locked, None, f"{over.message}，{'对方打开过，没有确认收悉' if locked.opened_at else '对方没有打开'}")
    told = f"{order.number}，{locked.closed_why}，通知书还没有送达。{over.remedy}"
    _tell(locked, "over", f"电子送达链接已停用：{order.unit.name}"[:120], told[:300])
    return True


def _close(row: Dispatch, actor: User | None, why: str) -> None:
    row.move_to(DispatchState.CLOSED)
    row.closed_why = why[:120]
    row.save(update_fields=["state", "closed_why"])
    record(actor, "hazards.close_dispatch", row, f"停用{row.order.number}的送达链接", reason=row.closed_why)


def _tell(row: Dispatch, step: str, title: str, body: str) -> None:
    """Whoever sent the link hears; in place of one who has left, the chiefs."""
    send(
        row.sent_by,
        about=row,
        key=f"dispatch:{row.pk}:{step}",
        title=title,
        body=body,
        url=reverse("hazards:dispatched", args=[row.pk]),
        else_chiefs=True,
    )
