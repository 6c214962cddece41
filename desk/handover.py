"""移交: what an officer answers for, read across the rooms, and handed to another as it was seen."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from deadlines.models import Clock, Doer
from hazards.models import Hazard
from inspections.complaining import assign_complaint
from inspections.models import Complaint, Inspection, State
from stations.models import User
from stations.permissions import ENFORCERS
from units import handover
from units.handover import CaseloadChanged, Load, Terms
from units.models import Handover, Unit
from units.yearly import CODE as YEARLY


@dataclass(frozen=True)
class Caseload:
    """Everything ``person`` answers for, or that nobody does, in the station of who asks.

    ``clocks`` are the running duties, the most urgent first; ``hazards`` the unsolved ones at his units, the soonest
    deadline first. ``drafts`` stay: nobody finishes another's visit.
    """

    person: User | None
    units: list[Unit]
    clocks: list[Clock]
    hazards: list[Hazard]
    complaints: list[Complaint]
    drafts: list[Inspection]

    @property
    def duties(self) -> list[Clock]:
        return [clock for clock in self.clocks if clock.rule_code != YEARLY]

    @property
    def yearly(self) -> list[Clock]:
        return [clock for clock in self.clocks if clock.rule_code == YEARLY]

    @property
    def categories(self) -> list[tuple[str, int]]:
        """How many units of each kind, the most frequent first."""
        return Counter(str(unit.category or unit.get_kind_display()) for unit in self.units).most_common()

    @property
    def offices(self) -> set[int | None]:
        """The police offices its rows belong to; None for the station itself."""
        return {row.office_id for row in (*self.units, *self.clocks, *self.complaints)}

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.clocks or self.complaints)

    @property
    def digest(self) -> str:
        """What is handed over, in one word: it differs as soon as a unit, a duty or a complaint comes or goes."""
        whole = self.without(())
        seen = [sorted(whole.units), sorted(whole.clocks), sorted(whole.complaints)]
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        """What the preview said, kept with the handover."""
        return {
            "units": len(self.units),
            "clocks": len(self.clocks),
            "hazards": len(self.hazards),
            "complaints": len(self.complaints),
            "drafts": len(self.drafts),
        }

    def without(self, kept: Collection[int]) -> Load:
        """The ids of what moves when the units ``kept`` stay, with the duties there."""
        return Load(
            [unit.pk for unit in self.units if unit.pk not in kept],
            [clock.pk for clock in self.clocks if clock.unit_id is None or clock.unit_id not in kept],
            [complaint.pk for complaint in self.complaints],
        )


def caseload(person: User | None, by: User) -> Caseload:
    """What ``person`` has in the station of ``by``; a fixed number of queries."""
    units = list(handover.units_of(person, by).select_related("category", "committee").order_by("name_key", "pk"))
    ids = [unit.pk for unit in units]
    duties = handover.duties_of(person, by, ids).select_related("rule").order_by("due_on", "id")
    hazards = Hazard.objects.for_user(by).unsolved().filter(unit__in=ids).select_related("unit")
    complaints = Complaint.objects.for_user(by).unanswered().filter(handler=person) if person else ()
    drafts = Inspection.objects.for_user(by).filter(state=State.DRAFT, lead=person) if person else None
    return Caseload(
        person,
        units,
        list(duties),
        list(hazards.order_by(F("deadline").asc(nulls_last=True), "id")),
        list(complaints),
        list(drafts.select_related("unit")) if drafts is not None else [],
    )


@transaction.atomic
def hand_over(
    person: User | None, terms: Terms, *, kept: Collection[int], seen: str, by: User, at: datetime
) -> Handover:  # fmt: skip
    """Hand the caseload of ``person``, but for the units ``kept``, to another in one act.

    ``seen`` is the digest of the caseload that was looked at: when it has changed since, CaseloadChanged is raised
    and nothing moves. The same form sent again returns the handover it made.
    """
    handover.lock_station(by)
    done = Handover.objects.for_user(by).filter(key=terms.key).first()
    if done is not None:
        return done
    now = caseload(person, by)
    if now.digest != seen:
        raise CaseloadChanged("核对期间有变化，没有移交。", remedy="下面是最新的清单，请再核对一遍。")
    row = handover.give(person, now.without(kept), terms, counts=now.counts, by=by, at=at)
    _give_complaints(row.complaint_ids, person, terms.receiver, by)
    return row


@transaction.atomic
def take_back(handover_id: int, *, by: User, at: datetime) -> tuple[Handover, int]:
    """Give what was handed over for a time back, open complaints included; how many of the units went back."""
    row, units = handover.take_back(handover_id, by=by, at=at)
    if row.from_officer is not None:
        _give_complaints(row.complaint_ids, row.to_officer, row.from_officer, by)
    return row, units


def _give_complaints(ids: Collection[int], handler: User | None, receiver: User, by: User) -> None:
    """Each with an entry and a message of its own; an officer has a few at a time."""
    for complaint in Complaint.objects.for_user(by).unanswered().filter(pk__in=ids, handler=handler):
        assign_complaint(complaint, by, receiver, "工作移交")


@dataclass(frozen=True)
class Holder:
    """How much somebody, or nobody, has in a station; ``duties`` are those besides the yearly inspections."""

    person: User | None
    units: int
    duties: int
    overdue: int


def holders(by: User, now: datetime) -> tuple[list[Holder], list[Holder]]:
    """The officers of the station of ``by``, and before them those who cannot do it and still have something.

    The latter were disabled, moved away or given another post; None stands for units nobody is responsible for.
    """
    station = by.home_station
    units = _counted(Unit.objects.for_user(by).open(), "officer")
    running = Clock.objects.for_user(by).running().filter(doer=Doer.STATION, owner__isnull=False)
    duties = _counted(running.exclude(rule_code=YEARLY), "owner")
    overdue = _counted(running.overdue(now), "owner")
    here = Q(organisation=station) | Q(organisation__parent=station)
    having = Q(pk__in={*units, *duties, *overdue} - {None}) | (here & Q(is_active=True, role__in=ENFORCERS))
    people = list(User.objects.filter(having).select_related("organisation").order_by("number"))
    found = [Holder(person, units[person.pk], duties[person.pk], overdue[person.pk]) for person in people]
    lost = [one for one in found if one.person is not None and not handover.works_at(one.person, station)]
    if units[None]:
        lost.append(Holder(None, units[None], 0, 0))
    return lost, [one for one in found if one not in lost]


def _counted(rows: QuerySet[Any], whose: str) -> Counter[int | None]:
    return Counter(dict(rows.order_by().values_list(whose).annotate(Count("pk"))))


def orphaned(by: User, now: datetime) -> list[Holder]:
    """What a chief has to hand over: work of people who left, were disabled or given another post, and nobody's."""
    return holders(by, now)[0]
