"""Whose rows somebody may be told of today, as a condition of SQL and as a yes.

A message tells of a row of a higher room and carries its place: who has left the place is neither told nor shown what
he was told before. Both follow `User.scope`; bureaus stand two or three levels high, four are followed. On PostgreSQL
`unread_messages` (stations/migrations/0012_unread_in_reach.py) says the same once more.
"""

from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import F, Q

from stations.permissions import ROLE_CAN, Can, Role

if TYPE_CHECKING:
    from stations.models import Message, Organisation, User

AT_STATION = (Role.ASSISTANT, Role.OFFICER, Role.CHIEF)
OF_BUREAU = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER)
# What not everybody who reaches a row may know of it.
NEEDS = (Can.VIEW_COMPLAINTS, Can.VIEW_REPORTS)
_BUREAUS = [f"station__bureau{'__parent' * level}" for level in range(4)]


class Placed(Protocol):
    """A row that carries its place; where it has ``needs``, a capability without which it is not to be known."""

    def scope_columns(self) -> dict[str, int | None]: ...


def place_of(about: Placed) -> dict[str, Any]:
    """The columns of a message about ``about``.

    With a station its bureau is left out: it is the one the station stands under when somebody looks. What is a
    bureau's own names it as its station too.
    """
    place, needs = about.scope_columns(), {"needs": getattr(about, "needs", "")}
    if place["station_id"] == place["bureau_id"]:
        return {"bureau_id": place["bureau_id"], **needs}
    return place | {"bureau_id": None, **needs}


def roles_with(need: str) -> list[str]:
    return [role.value for role, may in ROLE_CAN.items() if need in may]


def in_reach() -> Q:
    """The condition over messages that today their person reaches the place they tell of, and may know of it."""
    here = F("user__organisation")
    guided = Q(station__guidance__supervisor=F("user")) | Q(station__guidance__substitute=F("user"))
    above = Q(*((each, here) for each in _BUREAUS), _connector=Q.OR)
    place = Q(bureau__isnull=True, station__isnull=True)
    place |= Q(station__isnull=True, bureau=F("user__organisation__bureau"))
    place |= Q(Q(station=here) | Q(office=here), user__role__in=AT_STATION)
    place |= Q(user__role=Role.BRIGADE_LEADER, station__brigade=here, station__is_active=True)
    place |= Q(guided, user__role=Role.SUPERVISOR)
    place |= Q(above, user__role__in=OF_BUREAU)
    known = Q(needs="")
    for need in NEEDS:
        known |= Q(needs=need, user__role__in=roles_with(need))
    return place & known


def reaches(message: "Message", stations: "dict[int, Organisation]") -> bool:
    """Whether the person of an unsaved ``message`` is told it; ``stations`` as `stations_of` fetched them."""
    user = message.user
    if not user.is_active or (message.needs and not user.can(Can(message.needs))):
        return False
    if message.station_id is None:
        return message.bureau_id in (None, user.bureau_id)
    return _is_of(user, message, stations)


def _is_of(user: "User", message: "Message", stations: "dict[int, Organisation]") -> bool:
    if user.role in AT_STATION:
        return user.organisation_id in (message.station_id, message.office_id)
    station = stations[message.station_id or 0]
    match Role(user.role):
        case Role.BRIGADE_LEADER:
            return station.is_active and station.brigade_id == user.organisation_id
        case Role.SUPERVISOR:
            guidance = getattr(station, "guidance", None)
            return guidance is not None and user.pk in (guidance.supervisor_id, guidance.substitute_id)
        case Role.BUREAU_OFFICER | Role.BUREAU_LEADER:
            return user.organisation_id in _upwards(station)
        case _:
            return False


def _upwards(station: "Organisation") -> list[int]:
    found: list[int] = []
    each = station.bureau
    while each is not None and len(found) < len(_BUREAUS):
        found.append(each.pk)
        each = each.parent
    return found
