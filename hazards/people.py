"""Who in the station and in the brigade is told of a hazard."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from stations.models import Guidance, Organisation, User
from stations.permissions import Role


def chiefs_of(stations: Collection[int]) -> dict[int, list[User]]:
    """The chiefs by station; those who sit in a police office count for its station. One query."""
    found: dict[int, list[User]] = defaultdict(list)
    of_them = Q(organisation__in=stations) | Q(organisation__parent__in=stations)
    for chief in User.objects.working().filter(of_them, role=Role.CHIEF).select_related("organisation"):
        if chief.station_id is not None:
            found[chief.station_id].append(chief)
    return found


def supervisors_of(station_id: int) -> list[User]:
    """Who guides the station: the supervisor and the substitute."""
    found = Guidance.objects.filter(station_id=station_id).select_related("supervisor", "substitute").first()
    people = [found.supervisor, found.substitute] if found else []
    return [person for person in people if person is not None and person.is_active]


def leaders_of(brigade: Organisation | None) -> list[User]:
    return list(User.objects.working().filter(organisation=brigade, role=Role.BRIGADE_LEADER)) if brigade else []


def receivers_of(station: Organisation) -> list[User]:
    """Who in the brigade takes what the station hands over: who guides it, without anybody the leaders."""
    return supervisors_of(station.pk) or leaders_of(station.brigade)
