"""What happens to a 责任书: signed, ended by its term, by the next one or with the unit, voided."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from records import actions as records
from records.models import Kind
from records.signatures import NOWHERE, Place, unplaced
from stations.models import User
from trail.record import record, record_many
from units.models import Pledge, PledgeState, PledgeTerms, State, Unit
from units.models.pledge import DAY
from units.papers import pledge_context, shown_digest
from units.terms import terms_on

HANDFUL = 500
NO_LATER_CHANGE = "《电子签名法》第13条"


@dataclass(frozen=True)
class Signing:
    """What both parties agreed on. Without ``party_a`` the station is 甲方 and ``signer_a`` signs for it.

    ``ink``: signed by hand on the two printed copies, so that there are no strokes. ``seen``: the
    `papers.shown_digest` the screen showed when the strokes were drawn, None for no screen.
    """

    since: date
    until: date
    signer_b: str
    post_b: str = ""
    signer_a: User | None = None
    party_a: str = ""
    person_a: str = ""
    ink: bool = False
    strokes_a: Any = None
    strokes_b: Any = None
    place: Place = NOWHERE
    seen: str | None = None

    def to_read(self) -> "Signing":
        """The same for a draft: it is read before both have signed, and until then has room for their names."""
        return self if self.strokes_a and self.strokes_b else replace(self, ink=True)


@transaction.atomic
def sign_pledge(unit: Unit, actor: User, signing: Signing, *, key: UUID, at: datetime) -> Pledge:
    """Sign a pledge with ``unit`` and issue its paper; a second submit of the form ``key`` signs nothing.

    The pledge that runs until then ends the day before the new term. Raises RuleError for a closed unit, Refusal for
    what was typed wrongly. Raises ObjectDoesNotExist for a unit out of reach.
    """
    on = localdate(at)
    visible = Unit.objects.for_user(actor).select_related("station")
    locked = visible.select_for_update(of=("self",)).get(pk=unit.pk)
    known = Pledge.objects.for_user(actor).filter(form_key=key).first()
    if known is not None:
        return known
    if locked.state == State.CLOSED:
        raise RuleError(f"{locked.name}已关闭，不能签订责任书", remedy="恢复营业的，先在单位页面登记恢复。")
    # Locked: the sweep may be ending it this moment, without the unit.
    former = locked.pledges.filter(state=PledgeState.ACTIVE).select_for_update().first()
    terms = terms_on(locked, on)
    refuse([*_term(signing, former, on), *_parties(locked, signing), *_outdated(locked, terms, signing)])
    if former is not None:
        _end(former, min(former.until, signing.since - DAY), actor)
    pledge = Pledge.objects.create(
        **locked.scope_columns(), unit=locked, party_a=signing.party_a or locked.station.heading,
        signer_a=None if signing.party_a else signing.signer_a, person_a=signing.person_a if signing.party_a else "",
        signer_b=signing.signer_b, post_b=signing.post_b, since=signing.since, until=signing.until, signed_on=on,
        signed_by=actor, terms=terms, follows=former, form_key=key,
    )  # fmt: skip
    strokes = (None, None) if signing.ink else (signing.strokes_a, signing.strokes_b)
    context = pledge_context(pledge, *strokes, at=at, place=signing.place, held_by=actor)
    pledge.document = records.issue(
        kind=Kind.PLEDGE, station=locked.station, scope=locked, context=context, unit_id=locked.pk,
        unit_name=locked.name, subject=pledge, actor=actor, on=on,
    )  # fmt: skip
    pledge.save(update_fields=["document"])
    after = {"number": pledge.document.number, "since": pledge.since, "until": pledge.until, "party_a": pledge.party_a}
    record(actor, "units.sign_pledge", pledge, f"签订责任书：{locked.name}", after=after)
    return pledge


def _term(signing: Signing, former: Pledge | None, on: date) -> Iterator[Fault]:
    if signing.until <= signing.since:
        yield Fault("until", "责任期限的止日应在起日以后")
    elif signing.until < on:
        yield Fault("until", "责任期限已经过去")
    if former is not None and signing.since <= former.since:
        message = f"正在执行的责任书从 {former.since} 开始，新的应在这以后开始"
        yield Fault("since", message, remedy="原责任书写错的，先由所长作废。")


def _parties(unit: Unit, signing: Signing) -> Iterator[Fault]:
    if signing.party_a and not signing.person_a:
        yield Fault("person_a", "甲方不是派出所的，写明甲方由谁签名")
    if signing.person_a and not signing.party_a:
        yield Fault("party_a", "写明甲方的名称")
    if not signing.party_a:
        if signing.signer_a is None:
            yield Fault("signer_a", "请选择")
        elif signing.signer_a.station_id != unit.station_id:
            yield Fault("signer_a", f"{signing.signer_a.name}不是{unit.station.name}的民警")
    if not signing.ink:
        if signing.strokes_a is None:
            yield Fault("sign_a", "甲方没有签名")
        if signing.strokes_b is None:
            yield Fault("sign_b", "乙方没有签名")
        yield from unplaced(signing.place)


def _outdated(unit: Unit, terms: PledgeTerms, signing: Signing) -> Iterator[Fault]:
    """What was signed is what the screen showed."""
    if not signing.ink and signing.seen is not None and signing.seen != shown_digest(unit, terms):
        message = "单位或者责任条款在打开这一页以后改过，签名没有保存"
        yield Fault("sign_b", message, NO_LATER_CHANGE, "请核对后重新签名。")


@transaction.atomic
def void_pledge(pledge: Pledge, actor: User, reason: str, on: date) -> Pledge:
    """Withdraw the pledge with its paper; one it took the place of runs again as far as its term does."""
    Unit.objects.select_for_update().get(pk=pledge.unit_id)
    row = Pledge.objects.select_for_update(of=("self",)).select_related("document", "unit").get(pk=pledge.pk)
    if row.state == PledgeState.VOID:
        raise RuleError("这份责任书已经作废，没有再次作废")
    if not reason.strip():
        raise RuleError("作废责任书须写明理由")
    was_active = row.state == PledgeState.ACTIVE
    row.move_to(PledgeState.VOID, reason=reason.strip()[:200])
    row.save(update_fields=["state", "ended_on", "void_reason"])
    if row.document is not None:
        records.void(row.document, actor, reason, on)
    record(actor, "units.void_pledge", row, f"作废责任书：{row.unit.name}", reason=row.void_reason)
    if was_active and row.follows_id:
        _run_again(row.follows_id, actor, on)
    return row


def _run_again(pledge_id: int, actor: User, on: date) -> None:
    """The pledge that was cut short by one that is void now; a term that has run out meanwhile stays ended."""
    former = Pledge.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pledge_id)
    if former.state != PledgeState.ENDED or former.unit.state == State.CLOSED:
        return
    former.move_to(PledgeState.ACTIVE)
    if former.until < on:
        former.move_to(PledgeState.ENDED, ended_on=former.until)
    former.save(update_fields=["state", "ended_on"])
    record(actor, "units.resume_pledge", former, f"原责任书恢复执行至 {former.until}：{former.unit.name}")


def end_with(unit: Unit, on: date, actor: User) -> None:
    """The unit is closed: its pledge ends with it, and so does one that was to run until the next begins."""
    running = unit.pledges.filter(Q(state=PledgeState.ACTIVE) | Q(state=PledgeState.ENDED, ended_on__gt=on))
    for pledge in running.order_by("pk").select_for_update():
        _end(pledge, min(pledge.until, on), actor)


def _end(pledge: Pledge, ended_on: date, actor: User) -> None:
    pledge.move_to(PledgeState.ENDED, ended_on=ended_on)
    pledge.save(update_fields=["state", "ended_on"])
    record(actor, "units.end_pledge", pledge, f"责任书终止于 {ended_on}", after={"ended_on": ended_on})


def end_over(today: date) -> int:
    """End the pledges whose term has run out, a handful a transaction; how many. A second run finds none."""
    ended = 0
    while handful := _end_handful(today):
        ended += handful
    return ended


@transaction.atomic
def _end_handful(today: date) -> int:
    # Locked, so that nobody voids or follows one meanwhile; who holds one now leaves it to the next sweep.
    over = Pledge.objects.over(today).select_for_update(of=("self",), skip_locked=True)
    rows = list(over.order_by("pk")[:HANDFUL])
    for row in rows:
        row.move_to(PledgeState.ENDED, ended_on=row.until)
    Pledge.objects.bulk_update(rows, ["state", "ended_on"])
    record_many(None, (("units.end_pledge", row, f"责任书期满，终止于 {row.until}") for row in rows))
    return len(rows)
