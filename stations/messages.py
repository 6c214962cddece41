"""In-app messages: one a person, duty and step, however often a sweep tries."""

from collections.abc import Iterable

from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from stations import wall
from stations.models import Message, User
from trail.models import AuditEntry

# 登录与设备: what a message about one's keys leads to.
KEYS = "/me/sessions/"


def send(user: User, *, key: str, title: str, body: str = "", url: str = "") -> bool:
    """Put a message into ``user``'s inbox; False when ``key`` was sent to him before.

    May run inside a transaction: a lost race ends in a savepoint, not in a broken transaction.
    ``url`` is a path of this site, at most 200 characters.
    """
    defaults = {"title": title[:120], "body": body[:300], "url": url}
    with wall.through(wall.Door.INBOX, user.pk):
        _, created = Message.objects.get_or_create(user=user, key=key, defaults=defaults)
    return created


def tell_of_keys(user: User, entry: AuditEntry, title: str) -> None:
    """What changed in the person's keys, as ``entry`` has it: whoever did not ask for it learns of it."""
    send(user, key=f"keys:{entry.pk}", title=title, body="不是本人或者没有要求过的，请立即联系安全管理员。", url=KEYS)


def send_many(messages: Iterable[Message]) -> None:
    """Put all of ``messages`` into their inboxes in one query; what was sent before under its key is passed over."""
    fresh = {(message.user_id, message.key): message for message in messages}
    for message in fresh.values():
        message.title, message.body = message.title[:120], message.body[:300]
    Message.objects.bulk_create(fresh.values(), ignore_conflicts=True)


def take_back(user: User) -> None:
    """Empty the inbox of somebody who was moved: what it told belongs to the place he left, but for his own account.

    The rows stay with their keys, so that no sweep tells him again.
    """
    told = Message.objects.filter(user=user).exclude(Q(key__startswith="keys:") | Q(key__startswith="device:"))
    with wall.through(wall.Door.INBOX, user.pk):
        told.update(title="", body="", url="", read_at=Coalesce("read_at", Now()))


def unread(user: User) -> int:
    """How many messages ``user`` has not read."""
    return Message.objects.filter(user=user, read_at__isnull=True).count()
