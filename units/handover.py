"""移交: what an officer answers for, given to another in one act, and given back when he returns.

The units and the running duties change hands. Visits, papers, duties met keep the name of who did them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.actions import reassign
from deadlines.models import Clock, ClockQuerySet, Doer
from fire_supervision.lib.errors import RuleError
from stations.messages import send
from stations.models import Organisation, User
from stations.permissions import ENFORCERS
from trail.record import record
from units.models import Handover, HandoverState, Reason, State, Unit, UnitQuerySet


class CaseloadChanged(RuleError):
    """What is to be handed over is no longer what was seen."""


@dataclass(frozen=True)
class Terms:
    """To whom, why and for how long. ``key`` is the form's own: sent twice, it is one handover."""

    receiver: User
    reason: Reason
    key: UUID
    note: str = ""
    until: date | None = None


@dataclass(frozen=True)
class Load:
    """The ids of what moves: units, running clocks, complaints."""

    units: list[int]
    clocks: list[int]
    complaints: list[int]


def lock_station(by: User) -> Organisation:
    """Handovers within a station queue up behind one another; people go on reading and writing meanwhile."""
    return Organisation.objects.select_for_update(no_key=True).get(pk=by.home_station.pk)


def units_of(person: User | None, by: User) -> UnitQuerySet:
    """The open units ``by`` reaches that ``person``, or nobody, is responsible for."""
    return Unit.objects.for_user(by).open().filter(officer=person)


def duties_of(person: User | None, by: User, unit_ids: Collection[int]) -> ClockQuerySet:
    """The running duties of ``person`` in ``by``'s reach wherever they are, and nobody's at the units ``unit_ids``."""
    running = Clock.objects.for_user(by).running().filter(doer=Doer.STATION)
    return running.filter(Q(owner__isnull=True, unit_id__in=unit_ids) | (Q(owner=person) if person else Q(pk__in=[])))


def receivers(person: User | None, by: User, offices: Collection[int | None]) -> QuerySet[User]:
    """Who can take over rows of ``offices``, with the open units each has (``load``).

    Whoever works in a police office sees only its rows, so he takes over no others.
    """
    station = by.home_station.pk
    reach = Q(organisation_id=station)
    if len(set(offices)) == 1:
        reach |= Q(organisation_id__in=[office for office in offices if office is not None])
    people = User.objects.of_station(station).enforcers().filter(reach)
    if person is not None:
        people = people.exclude(pk=person.pk)
    loaded = people.annotate(load=Count("units", filter=Q(units__state=State.OPEN)))
    return loaded.select_related("organisation").order_by("number")


def works_at(person: User, station: Organisation) -> bool:
    """Whether ``person`` can answer for anything there: not disabled, moved away, or given another post."""
    organisation = person.organisation
    at_station = station.pk in (organisation.pk, organisation.parent_id)
    return person.is_active and person.role in ENFORCERS and at_station


@transaction.atomic
def give(
    person: User | None, load: Load, terms: Terms, *, counts: dict[str, int], by: User, at: datetime
) -> Handover:  # fmt: skip
    """Hand ``load`` from ``person``, or from nobody, to the receiver of ``terms``; ``counts`` is what was seen.

    Raises CaseloadChanged when any of it is no longer his, and moves nothing then.
    """
    station = lock_station(by)
    _may_give(person, load, terms, station, localdate(at))
    taken = units_of(person, by).filter(pk__in=load.units).update(officer=terms.receiver)
    duties = duties_of(person, by, load.units).filter(pk__in=load.clocks)
    if (taken, reassign(duties, terms.receiver)) != (len(load.units), len(load.clocks)):
        raise CaseloadChanged("刚才有变化，没有移交。", remedy="按最新的清单核对后再移交。")
    state = HandoverState.HELD if terms.reason == Reason.AWAY else HandoverState.DONE
    row = Handover.objects.create(
        **station.scope_columns(), key=terms.key, from_officer=person, to_officer=terms.receiver, reason=terms.reason,
        note=terms.note, until=terms.until, unit_ids=load.units, clock_ids=load.clocks,
        complaint_ids=load.complaints, counts=counts, state=state, handed_by=by, handed_at=at,
    )  # fmt: skip
    words = (
        f"{row.giver} 的 {taken} 户、{len(load.clocks)} 项在办期限移交给 {terms.receiver.name}（{terms.reason.label}）"
    )
    record(
        by, "units.hand_over", row, words, before=_ids(person, load), after=_ids(terms.receiver, load), reason=row.note
    )
    _tell(row, "given", words)
    return row


@transaction.atomic
def take_back(handover_id: int, *, by: User, at: datetime) -> tuple[Handover, int]:
    """Give a caseload handed over for a time back to who is here again; how many of the units went back.

    Those the receiver still has go back with his running duties there, and so do the duties that came with them.
    """
    station = lock_station(by)
    related = ("from_officer__organisation", "to_officer__organisation")
    row = Handover.objects.for_user(by).select_for_update(of=("self",)).select_related(*related).get(pk=handover_id)
    row.move_to(HandoverState.RETURNED)
    owner, holder = row.from_officer, row.to_officer
    if owner is None or not works_at(owner, station):
        raise RuleError(f"{row.giver} 已不在本所，不能交回。", remedy=f"由 {holder.name} 继续负责，或者移交给别人。")
    row.returned_by, row.returned_at = by, at
    row.save(update_fields=["state", "returned_by", "returned_at"])
    held = Unit.objects.for_user(by).filter(pk__in=row.unit_ids, officer=holder)
    units = list(held.select_for_update(of=("self",)).values_list("pk", flat=True))
    running = Clock.objects.for_user(by).running().filter(owner=holder, doer=Doer.STATION)
    duties = running.filter(Q(pk__in=row.clock_ids) | Q(unit_id__in=units))
    load = Load(units, list(duties.values_list("pk", flat=True)), row.complaint_ids)
    Unit.objects.filter(pk__in=units).update(officer=owner)
    reassign(duties, owner)
    words = f"{holder.name} 代管的 {len(units)} 户、{len(load.clocks)} 项在办期限交回 {owner.name}"
    record(by, "units.take_back", row, words, before=_ids(holder, load), after=_ids(owner, load))
    _tell(row, "returned", words)
    return row, len(units)


def _may_give(person: User | None, load: Load, terms: Terms, station: Organisation, today: date) -> None:
    if not (load.units or load.clocks or load.complaints):
        raise RuleError("没有可以移交的单位和期限。", remedy="至少勾选一户。")
    if terms.receiver == person or not works_at(terms.receiver, station):
        raise RuleError(f"{terms.receiver.name} 不能接收：须是本所在岗民警，不能是本人。", remedy="换一位接收人。")
    if (person is None) != (terms.reason == Reason.NOBODY):
        raise RuleError("移交原因与移交人不符。")
    if terms.reason != Reason.AWAY:
        if terms.until is not None:
            raise RuleError("调离的移交没有返岗日期。")
        return
    if person is None or not works_at(person, station):
        raise RuleError("移交人已不在岗，不能按暂时离岗移交。", remedy="原因选“调离”。")
    if terms.until is None or terms.until < today:
        raise RuleError("暂时离岗要写明今天或以后的返岗日期。")


def _ids(person: User | None, load: Load) -> dict[str, Any]:
    return {
        "officer_id": person.pk if person else None,
        "units": load.units,
        "clocks": load.clocks,
        "complaints": load.complaints,
    }


def _tell(row: Handover, step: str, words: str) -> None:
    """A message to either officer; one who was disabled or has left is told none."""
    url = f"{reverse('units:list')}?officer={row.to_officer_id if step == 'given' else row.from_officer_id}"
    for person in (row.from_officer, row.to_officer):
        if person is not None:
            send(person, about=row, key=f"handover:{row.pk}:{step}", title=words, body=row.note, url=url)
