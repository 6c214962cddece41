"""In-app messages: one a person, duty and step, however often a sweep tries, and none to who has left the place."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from stations import wall
from stations.models import Message, Organisation, User
from stations.permissions import Role
from stations.reach import AT_STATION, Placed, place_of, reaches
from trail.models import AuditEntry

# 登录与设备: what a message about one's keys leads to.
KEYS = "/me/sessions/"


def send(
    user: User | None,
    *,
    about: Placed | None,
    key: str,
    title: str,
    body: str = "",
    url: str = "",
    else_chiefs: bool = False,
) -> bool:
    """Put a message into ``user``'s inbox; False when ``key`` was sent to him before, or it is not his to know.

    ``about`` is the row it tells of, None for what concerns himself: who does not reach its place today, or may not see
    such a row, is not told. With ``else_chiefs`` the chiefs of its station are told in his place, or in nobody's, of
    what somebody has to know. May run inside a transaction: a lost race ends in a savepoint, not in a broken
    transaction. ``url`` is a path of this site, at most 200 characters.
    """
    place = place_of(about) if about is not None else {}
    told = _reached(Message(user=each, key=key, **place) for each in (user,) if each is not None)
    if not told and else_chiefs and place.get("station_id"):
        told = _reached(Message(user=each, key=key, **place) for each in _chiefs(place["station_id"]))
    values = {"title": title[:120], "body": body[:300], "url": url, **place}
    created = [_put(each.user, key, values) for each in told]
    return any(created)


def _chiefs(station_id: int) -> list[User]:
    return list(User.objects.working().of_station(station_id).filter(role=Role.CHIEF).order_by("number"))


def _put(user: User, key: str, values: dict[str, Any]) -> bool:
    with wall.through(wall.Door.INBOX, user.pk):
        _, created = Message.objects.get_or_create(user=user, key=key, defaults=values)
    return created


def tell_of_keys(user: User, entry: AuditEntry, title: str) -> None:
    """What changed in the person's keys, as ``entry`` has it: whoever did not ask for it learns of it."""
    body = "不是本人或者没有要求过的，请立即联系安全管理员。"
    send(user, about=None, key=f"keys:{entry.pk}", title=title, body=body, url=KEYS)


def send_many(messages: Iterable[Message]) -> None:
    """Put all of ``messages`` into their inboxes in one query; what was sent before under its key is passed over.

    Whoever does not reach today what his message tells of is passed over too: at most one query more.
    """
    fresh = {(message.user_id, message.key): message for message in messages}
    told = _reached(fresh.values())
    for message in told:
        message.title, message.body = message.title[:120], message.body[:300]
    Message.objects.bulk_create(told, ignore_conflicts=True)


def _reached(messages: Iterable[Message]) -> list[Message]:
    """Those whose person reaches their place as it is today."""
    listed = list(messages)
    wanted = {each.station_id for each in listed if each.station_id and each.user.role not in AT_STATION}
    above = ("guidance", "bureau__parent__parent__parent")
    stations = Organisation.objects.select_related(*above).in_bulk(wanted) if wanted else {}
    return [each for each in listed if reaches(each, stations)]


def take_back(user: User) -> None:
    """Take out of the inbox of somebody who was moved what has no place and belongs to the post he left: alarms.

    What tells of a place goes with the place. The rows stay with their keys, so that no sweep tells him again.
    """
    placeless = Message.objects.filter(user=user, station__isnull=True, bureau__isnull=True)
    told = placeless.exclude(Q(key__startswith="keys:") | Q(key__startswith="device:"))
    with wall.through(wall.Door.INBOX, user.pk):
        told.update(title="", body="", url="", read_at=Coalesce("read_at", Now()))


def unread(user: User) -> int:
    """How many messages ``user`` has not read."""
    return Message.objects.of(user).unread().count()
