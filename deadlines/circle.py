"""Who hears of a duty at each step of the ladder: whoever has to do it, the chief, those above."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from django.db.models import Q

from deadlines.models import Clock, Doer, Step
from stations.models import Guidance, Organisation, User
from stations.permissions import Role

EARLY = (Step.SOON, Step.TODAY)


@dataclass(frozen=True)
class Hearers:
    """The people of one step: those who can do it are sent to the act, those who watch over it to its page."""

    doers: list[User]
    watchers: list[User] = field(default_factory=list)

    @property
    def everybody(self) -> list[User]:
        return [*self.doers, *self.watchers]


@dataclass(frozen=True)
class Circle:
    """The people around the duties of some stations, by the id of the organisation they answer for."""

    chiefs: dict[int, list[User]] = field(default_factory=lambda: defaultdict(list))
    guides: dict[int, list[User]] = field(default_factory=lambda: defaultdict(list))
    leaders: dict[int, list[User]] = field(default_factory=lambda: defaultdict(list))
    bureau_officers: dict[int, list[User]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def around(cls, clocks: Iterable[Clock]) -> Self:
        """Two queries however many ``clocks`` there are; their station is read."""
        stations = {clock.station_id: clock.station for clock in clocks}
        brigades = {station.brigade_id for station in stations.values() if station.brigade_id}
        bureaus = {station.bureau_id for station in stations.values() if station.bureau_id}
        own = Q(organisation__in=stations) | Q(organisation__parent__in=stations)
        wanted = Q(own, role=Role.CHIEF)
        wanted |= Q(role=Role.BRIGADE_LEADER, organisation__in=brigades)
        wanted |= Q(role=Role.BUREAU_OFFICER, organisation__in=bureaus)
        circle = cls()
        for person in User.objects.working().filter(wanted).select_related("organisation").order_by("number"):
            circle._place(person)
        for guidance in Guidance.objects.filter(station__in=stations).select_related("supervisor", "substitute"):
            pair = (guidance.supervisor, guidance.substitute)
            circle.guides[guidance.station_id] += [one for one in pair if one is not None and one.is_active]
        return circle

    def _place(self, person: User) -> None:
        match Role(person.role):
            case Role.CHIEF:
                self.chiefs[person.home_station.pk].append(person)
            case Role.BRIGADE_LEADER:
                self.leaders[person.organisation_id].append(person)
            case _:
                self.bureau_officers[person.organisation_id].append(person)

    def of(self, clock: Clock, step: Step) -> Hearers:
        """Who is told of ``step``; the clock's owner and station are read."""
        if clock.doer == Doer.BRIGADE:
            return self._of_brigade(clock, step)
        chiefs, owner = self.chiefs.get(clock.station_id, []), self._owner(clock)
        if step in EARLY:
            return Hearers(owner or chiefs)
        if step == Step.OVERDUE:
            return Hearers(_once([*owner, *chiefs]))
        above = self.guides.get(clock.station_id) or self._leaders(clock.station)
        return Hearers([], _once([*above, *self.bureau_officers.get(clock.bureau_id, [])]))

    def _of_brigade(self, clock: Clock, step: Step) -> Hearers:
        leaders = self._leaders(clock.station)
        answers = self._owner(clock) or self.guides.get(clock.station_id, []) or leaders
        if step in EARLY:
            return Hearers(answers)
        if step == Step.OVERDUE:
            return Hearers(_once([*answers, *leaders]))
        return Hearers(leaders, self.bureau_officers.get(clock.bureau_id, []))

    def _leaders(self, station: Organisation) -> list[User]:
        return self.leaders.get(station.brigade_id or 0, [])

    def _owner(self, clock: Clock) -> list[User]:
        """The owner as long as he reaches the duty; whoever was moved or guides another can do nothing about it."""
        owner = clock.owner
        if owner is None or not owner.is_active:
            return []
        if clock.doer == Doer.BRIGADE:
            return [owner] if owner in self._over(clock) else []
        return [owner] if owner.organisation_id in (clock.station_id, clock.office_id) else []

    def _over(self, clock: Clock) -> list[User]:
        return [*self.guides.get(clock.station_id, []), *self._leaders(clock.station)]


def _once(people: list[User]) -> list[User]:
    return list({person.pk: person for person in people}.values())
