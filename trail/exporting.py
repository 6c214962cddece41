"""The whole trail as lines of JSON, in constant memory."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from trail.models import NOBODYS, AuditEntry, Checkpoint, Seal
from trail.sealing import COLUMNS, plain, told
from trail.verifier import VERSION

CHUNK = 1000
Line = dict[str, Any]


def lines(bureau_ids: Collection[int] | None = None, taken: Mapping[str, Any] | None = None) -> Iterator[Line]:
    """Header (with ``taken`` as its mark), checkpoints, each seal with its entry, the unsealed entries, end.

    ``bureau_ids``: entries of other bureaus stay away, and without NOBODYS those of none; their seals alone are told.
    What is appended meanwhile belongs to the next export; as nothing is ever changed, no snapshot is needed.
    """
    last, count = last_sequence(), 0
    yield from head(last, taken)
    for line in sealed(last, bureau_ids):
        count += 1
        yield line
    yield from tail(last, bureau_ids, count)


def last_sequence() -> int:
    """How far an export that begins now goes."""
    return Seal.objects.aggregate(last=Max("sequence"))["last"] or 0


def head(last: int, taken: Mapping[str, Any] | None = None) -> Iterator[Line]:
    """What stands before the first seal."""
    yield opening(last, taken)
    for checkpoint in Checkpoint.objects.filter(last_sequence__lte=last).order_by("number").iterator():
        yield {"kind": "checkpoint", **told(checkpoint), "peaks": checkpoint.peaks}


def opening(last: int, taken: Mapping[str, Any] | None = None) -> Line:
    """The first line. It may stand twice: a verifier of before there were marks reads over ``taken``."""
    line: Line = {"kind": "trail", "version": VERSION, "last_sequence": last}
    return line | {"taken": dict(taken)} if taken else line


def taken_by(entry: AuditEntry, who: str, where: str = "") -> dict[str, Any]:
    """Who takes a file out, when and what for, and which ``entry`` of the trail tells so: what can be compared."""
    at = timezone.localtime(entry.at)
    return {"by": who, "of": where, "at": f"{at:%Y-%m-%d %H:%M:%S}", "reason": entry.reason, "entry": entry.pk}


def tail(last: int, bureau_ids: Collection[int] | None, count: int) -> Iterator[Line]:
    """What stands behind the last of ``count`` seals."""
    pending = 0
    for line in _pending(last, bureau_ids):
        pending += 1
        yield line
    yield {"kind": "end", "sealed": count, "pending": pending}


def sealed(last: int, bureau_ids: Collection[int] | None, after: int = -1) -> Iterator[Line]:
    """Each seal up to ``last`` with its entry, in order, from the one that follows ``after`` on."""
    while True:
        seals = list(Seal.objects.filter(sequence__gt=after, sequence__lte=last).order_by("sequence")[:CHUNK].values())
        if not seals:
            return
        wanted = [seal["entry_id"] for seal in seals]
        entries = {row["id"]: row for row in AuditEntry.objects.filter(pk__in=wanted).values(*COLUMNS)}
        for seal in seals:
            entry = entries.get(seal["entry_id"])
            line = {"kind": "sealed", **seal, "entry": plain(entry) if entry else None}
            if entry and not _told(entry, bureau_ids):
                line |= {"entry": None, "withheld": True}
            yield line
        after = seals[-1]["sequence"]


def _pending(last: int, bureau_ids: Collection[int] | None) -> Iterator[Line]:
    sealed = Seal.objects.filter(entry_id=OuterRef("pk"), sequence__lte=last)
    after = 0
    while True:
        found = AuditEntry.objects.filter(~Exists(sealed), pk__gt=after).order_by("pk")
        rows = list(found.values(*COLUMNS)[:CHUNK])
        if not rows:
            return
        yield from ({"kind": "entry", "entry": plain(row)} for row in rows if _told(row, bureau_ids))
        after = rows[-1]["id"]


def _told(entry: dict[str, Any], bureau_ids: Collection[int] | None) -> bool:
    return bureau_ids is None or (entry["bureau_id"] or NOBODYS) in bureau_ids


def as_bytes(line: Line) -> bytes:
    """A line of the file."""
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"
