"""Sealing the trail: after the act, in order, by one sealer at a time. The act itself pays nothing for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef, QuerySet

from trail import keys
from trail.models import AuditEntry, Checkpoint, Seal
from trail.verifier import NOTHING, VERSION, Tree, checkpoint_hash, entry_hash, instant, key_id, seal_hash, signed_words

COLUMNS = (
    "id", "at", "actor_id", "actor_name", "actor_number", "bureau_id", "station_id", "office_id", "action",
    "subject_type", "subject_id", "summary", "before", "after", "reason", "request_id", "address",
)  # fmt: skip
BATCH = 1000
CHECKPOINT_EVERY = timedelta(hours=1)
# A sweep looks back so many entries for those committed late; each checkpoint looks through all of them.
LOOK_BACK = 10_000
# Of the lock of the sealers, among the advisory locks of the database: the bytes of "trail".
LOCK = 0x747261696C


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """The columns of an entry as they are hashed and exported."""
    return values | {"at": instant(values["at"])}


def unsealed() -> QuerySet[AuditEntry]:
    """Every entry that has no seal, oldest first."""
    return AuditEntry.objects.filter(~Exists(Seal.objects.filter(entry_id=OuterRef("pk")))).order_by("pk")


def recent_unsealed() -> QuerySet[AuditEntry]:
    """The unsealed entries among the last ones: what a sweep costs does not grow with the trail.

    Counted back from the smallest of the ids sealed last: one that somebody chose, huge, must not hide what follows.
    """
    latest = Seal.objects.order_by("-sequence")[:BATCH]
    last = latest.aggregate(smallest=Min("entry_id"))["smallest"] or 0
    return unsealed().filter(pk__gt=last - LOOK_BACK)


@contextmanager
def sole_sealer(*, wait: bool) -> Iterator[bool]:
    """A transaction in which nobody else seals; False when somebody does and ``wait`` is not asked for.

    PostgreSQL: an advisory lock, for the role of the worker may not lock rows it may not change. SQLite: a transaction
    is alone from its begin.
    """
    with transaction.atomic():
        if connection.vendor != "postgresql":
            yield True
            return
        with connection.cursor() as cursor:
            if wait:
                cursor.execute("SELECT pg_advisory_xact_lock(%s), true", [LOCK])
            else:
                cursor.execute("SELECT NULL, pg_try_advisory_xact_lock(%s)", [LOCK])
            _, alone = cursor.fetchone()
        yield alone


def seal_pending(*, thorough: bool = False, wait: bool = False) -> int:
    """Seal what is unsealed, in batches of a transaction each; how many were sealed.

    ``thorough`` looks through the whole trail for entries committed late. Run twice, or by two at once, each entry is
    sealed once: a rival goes home, or with ``wait`` takes its turn.
    """
    total = 0
    while True:
        with sole_sealer(wait=wait) as alone:
            count = _seal_batch(thorough=thorough) if alone else 0
        total += count
        if count < BATCH:
            return total


def _seal_batch(*, thorough: bool) -> int:
    entries = (unsealed() if thorough else recent_unsealed()).values(*COLUMNS)[:BATCH]
    last = Seal.objects.order_by("-sequence").first()
    sequence, head = (last.sequence, last.hash) if last else (0, NOTHING)
    seals = []
    for values in entries:
        sequence += 1
        content = entry_hash(plain(values))
        head = seal_hash(head, sequence, content)
        seals.append(Seal(sequence=sequence, entry_id=values["id"], entry_hash=content, hash=head))
    Seal.objects.bulk_create(seals)
    return len(seals)


def last_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-number").first()


def checkpoint_due(now: datetime) -> bool:
    last = last_checkpoint()
    return last is None or last.at + CHECKPOINT_EVERY <= now


def make_checkpoint(now: datetime) -> Checkpoint | None:
    """Seal everything there is, then state what it amounts to, signed; None without a key.

    ``now`` must be read before the call: whatever was committed by then is covered. Nothing new is stated too: it
    proves that nothing happened, so that nothing can be dated into a quiet night later.
    """
    key = keys.signing_key()
    if key is None:
        return None
    # Looking through everything is dear: first what a sweep finds, however much that is.
    seal_pending(wait=True)
    seal_pending(thorough=True, wait=True)
    with sole_sealer(wait=True):
        before = last_checkpoint()
        if before is not None and before.at >= now:
            return before
        tree, last = _grown(before)
        checkpoint = Checkpoint(
            number=before.number + 1 if before else 1,
            at=now,
            last_sequence=last.sequence if last else 0,
            head=last.hash if last else NOTHING,
            root=tree.root(),
            peaks=[[size, node.hex()] for size, node in tree.peaks],
            previous=checkpoint_hash(told(before)) if before else NOTHING,
            public_key=(public := keys.public_words(key)),
            key_id=key_id(public),
        )
        checkpoint.signature = key.sign(signed_words(told(checkpoint))).hex()
        checkpoint.save(force_insert=True)
    return checkpoint


def _grown(before: Checkpoint | None) -> tuple[Tree, Seal | None]:
    """The tree over all seals: the last checkpoint's and what came since, or anew where that one was bent."""
    begin, tree = (before.last_sequence, Tree(before.peaks)) if before else (0, Tree())
    if before is not None and tree.root() != before.root:
        begin, tree = 0, Tree()
    for seal in Seal.objects.filter(sequence__gt=begin).order_by("sequence").values_list("hash", flat=True).iterator():
        tree.add(seal)
    return tree, Seal.objects.order_by("-sequence").first()


def told(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as it is signed and handed out."""
    names = ("number", "last_sequence", "head", "root", "previous", "key_id", "public_key", "signature")
    words = {name: getattr(checkpoint, name) for name in names}
    return words | {"version": VERSION, "at": instant(checkpoint.at), "count": checkpoint.last_sequence}
