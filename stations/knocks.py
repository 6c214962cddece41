"""Counting who asks how often at the doors that are open to everybody."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import F

from stations.entrances import Knock

WINDOW = timedelta(minutes=10)


def knocks(door: str, who: str, at: datetime) -> tuple[int, datetime]:
    """How many of ``who`` are counted at ``door``, and until when."""
    counted = Knock.objects.filter(key=_key(door, who), until__gt=at).values_list("count", "until")
    return counted.first() or (0, at)


@transaction.atomic
def knock(door: str, who: str, at: datetime) -> tuple[int, datetime]:
    """Count one more request of ``who`` at ``door``; how many there are now, and until when they are counted.

    Two first ones at the same instant may count as one.
    """
    key = _key(door, who)
    if not Knock.objects.filter(key=key, until__gt=at).update(count=F("count") + 1):
        # What is over goes when something new comes: nothing is kept of whom, and nothing piles up.
        Knock.objects.filter(until__lte=at).delete()
        first = Knock(key=key, until=at + WINDOW, count=1)
        Knock.objects.bulk_create(
            [first], update_conflicts=True, unique_fields=["key"], update_fields=["until", "count"]
        )
    return Knock.objects.values_list("count", "until").get(key=key)


def _key(door: str, who: str) -> str:
    return sha256(f"{door}:{who}".encode()).hexdigest()
