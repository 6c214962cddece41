"""What somebody who owns the database may do to the trail, chosen at random: SQL and no scruples.

Each tampering runs in a transaction that is undone after the verification. The triggers are switched off as a superuser
does it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from trail import keys
from trail.exporting import lines
from trail.models import AuditEntry, Checkpoint, Seal
from trail.sealing import COLUMNS, plain
from trail.verifier import NOTHING, Report, Tree, checkpoint_hash, entry_hash, key_id, seal_hash, signed_words, verify

ENTRY, SEAL, CHECKPOINT = "trail_auditentry", "trail_seal", "trail_checkpoint"
LONG_AGO = timedelta(hours=1)


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def stored(at: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(at)


@contextmanager
def superuser() -> Iterator[None]:
    """Triggers off; everything undone at the end."""
    with transaction.atomic():
        for table in (ENTRY, SEAL, CHECKPOINT):
            if connection.vendor == "postgresql":
                run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            else:
                run(f"DROP TRIGGER {table}_no_UPDATE")
                run(f"DROP TRIGGER {table}_no_DELETE")
        yield
        transaction.set_rollback(True)


@dataclass
class Stage:
    """What there is to bend: everything here is known to whoever bends it, but for the deployer's key."""

    rng: Random
    held: dict[str, Any]
    keys: list[str]

    def __post_init__(self) -> None:
        self.seals = list(Seal.objects.order_by("sequence"))
        self.checkpoints = list(Checkpoint.objects.order_by("number"))
        self.covered = [seal for seal in self.seals if seal.sequence <= self.held["last_sequence"]]
        self.entries = {row["id"]: row for row in AuditEntry.objects.values(*COLUMNS)}
        self.before = datetime.fromisoformat(self.held["at"]) - LONG_AGO

    def seal(self) -> Seal:
        return self.rng.choice(self.covered)

    def verified(self) -> Report:
        return verify(lines(), held=[self.held], keys=self.keys, check_signature=keys.check)


def _other(rng: Random, column: str, old: Any) -> Any:
    """Another value a column would hold."""
    if column == "at":
        return stored(old + rng.choice([-1, 1]) * timedelta(microseconds=rng.choice([1, 999, 10**6, 10**9, 10**13])))
    if column == "id":
        return old + 10**9 + rng.randrange(10**6)
    if column in ("before", "after"):
        return json.dumps(_bent(rng, old), ensure_ascii=False)
    if column == "address":
        return rng.choice([each for each in ("10.0.0.8", "192.168.1.1", "::1", None) if each != old])
    if column.endswith("_id") and column != "request_id":
        return rng.choice([each for each in (None, 0, 1, (old or 0) + 1, 2**40) if each != old])
    return _word(rng, old)


def _word(rng: Random, old: str) -> str:
    place = rng.randrange(len(old) + 1)
    bent = rng.choice([old[:place] + rng.choice("甲a \u200bé") + old[place:], old + " ", old[1:], ""])
    return bent if bent != old else old + "."


def _bent(rng: Random, old: dict[str, Any]) -> dict[str, Any]:
    if not old:
        return {"a": None}
    name = rng.choice(sorted(old))
    without = {key: value for key, value in old.items() if key != name}
    value = old[name]
    other = str(value) + "1" if not isinstance(value, int | float) or isinstance(value, bool) else value + 1
    return rng.choice([without, without | {name: other}, without | {name + "_": value}, old | {"加": 0}])


# ---------- entries ----------


def edit(stage: Stage) -> str:
    entry, column = stage.entries[stage.rng.choice(stage.seals).entry_id], stage.rng.choice(COLUMNS)
    run(f"UPDATE {ENTRY} SET {column} = %s WHERE id = %s", _other(stage.rng, column, entry[column]), entry["id"])
    return f"edit {column} of {entry['id']}"


def edit_many(stage: Stage) -> str:
    count = stage.rng.randrange(2, 10)
    chosen = ", ".join(str(stage.seal().entry_id) for _ in range(count))
    run(f"UPDATE {ENTRY} SET actor_name = '别人' WHERE id IN ({chosen})")
    return f"another actor in up to {count} entries"


def delete(stage: Stage) -> str:
    seal = stage.rng.choice(stage.seals)
    run(f"DELETE FROM {ENTRY} WHERE id = %s", seal.entry_id)
    return f"delete entry {seal.entry_id}"


def delete_with_seal(stage: Stage) -> str:
    seal = stage.seal()
    run(f"DELETE FROM {ENTRY} WHERE id = %s", seal.entry_id)
    run(f"DELETE FROM {SEAL} WHERE sequence = %s", seal.sequence)
    return f"delete entry {seal.entry_id} and its seal"


def delete_seal(stage: Stage) -> str:
    seal = stage.seal()
    run(f"DELETE FROM {SEAL} WHERE sequence = %s", seal.sequence)
    return f"delete seal {seal.sequence}"


def _new_entry(stage: Stage) -> int:
    like = stage.entries[stage.seal().entry_id]
    begin = min(entry["at"] for entry in stage.entries.values())
    at = begin + (stage.before - begin) * stage.rng.random()
    pk = 10**12 + stage.rng.randrange(10**6)
    columns = [column for column in COLUMNS if column not in ("id", "at", "before", "after")]
    names = ", ".join(["id", "at", "before", "after", *columns])
    marks = ", ".join(["%s"] * len(COLUMNS))
    values = [like[column] for column in columns]
    run(f"INSERT INTO {ENTRY} ({names}) VALUES ({marks})", pk, stored(at), "{}", "{}", *values)
    return pk


def insert(stage: Stage) -> str:
    return f"insert entry {_new_entry(stage)} into the past"


def insert_and_let_seal(stage: Stage) -> str:
    """Back-dated, and sealed by the honest sealer afterwards."""
    pk = _new_entry(stage)
    _append_seal(pk, Seal.objects.latest("sequence"))
    return f"insert entry {pk} into the past, sealed today"


def _append_seal(pk: int, last: Seal) -> None:
    content = entry_hash(plain(AuditEntry.objects.values(*COLUMNS).get(pk=pk)))
    values = (last.sequence + 1, pk, content, seal_hash(last.hash, last.sequence + 1, content))
    run(f"INSERT INTO {SEAL} (sequence, entry_id, entry_hash, hash) VALUES (%s, %s, %s, %s)", *values)


# ---------- seals ----------


def reorder(stage: Stage) -> str:
    one, two = stage.rng.sample(stage.covered, 2)
    run(f"UPDATE {SEAL} SET entry_id = -1 WHERE sequence = %s", one.sequence)
    for seal, other in ((two, one), (one, two)):
        values = (other.entry_id, other.entry_hash, seal.sequence)
        run(f"UPDATE {SEAL} SET entry_id = %s, entry_hash = %s WHERE sequence = %s", *values)
    if stage.rng.random() < 0.5:
        rewrite(stage.covered[0].sequence)
    return f"swap {one.sequence} and {two.sequence}"


def swap_contents(stage: Stage) -> str:
    """Two entries trade everything but their ids."""
    one, two = stage.rng.sample(stage.covered, 2)
    names = [column for column in COLUMNS if column != "id"]
    chosen = ", ".join(f"{name} = (SELECT {name} FROM {ENTRY} WHERE id = %s)" for name in names)
    run(f"UPDATE {ENTRY} SET {chosen} WHERE id = %s", *[two.entry_id] * len(names), one.entry_id)
    return f"{one.entry_id} tells what {two.entry_id} tells"


def edit_seal(stage: Stage) -> str:
    seal, column = stage.seal(), stage.rng.choice(["entry_hash", "hash", "entry_id", "sequence"])
    old = getattr(seal, column)
    if isinstance(old, int):
        other: object = old + 10**9
    else:
        place = stage.rng.randrange(64)
        digit = stage.rng.choice([each for each in "0123456789abcdef" if each != old[place]])
        other = old[:place] + digit + old[place + 1 :]
    run(f"UPDATE {SEAL} SET {column} = %s WHERE sequence = %s", other, seal.sequence)
    return f"{column} of seal {seal.sequence}"


def cut_tail(stage: Stage) -> str:
    keep = stage.rng.randrange(len(stage.covered))
    run(f"DELETE FROM {ENTRY} WHERE id NOT IN (SELECT entry_id FROM {SEAL} WHERE sequence <= %s)", keep)
    run(f"DELETE FROM {SEAL} WHERE sequence > %s", keep)
    if stage.rng.random() < 0.8:
        run(f"DELETE FROM {CHECKPOINT} WHERE last_sequence > %s", keep)
    return f"cut everything after {keep}"


def rewrite(begin: int) -> None:
    """Compute the chain anew from ``begin`` on, as the sealer would have."""
    head = NOTHING
    for seal in Seal.objects.order_by("sequence"):
        entry = AuditEntry.objects.values(*COLUMNS).filter(pk=seal.entry_id).first()
        if seal.sequence >= begin and entry is not None:
            content = entry_hash(plain(entry))
            words = (content, seal_hash(head, seal.sequence, content), seal.sequence)
            run(f"UPDATE {SEAL} SET entry_hash = %s, hash = %s WHERE sequence = %s", *words)
            head = words[1]
        else:
            head = seal.hash


def rewrite_chain(stage: Stage) -> str:
    """Edit an entry, then every seal after it; some sign the checkpoints anew, with a key of their own."""
    seal = stage.seal()
    column = stage.rng.choice([each for each in COLUMNS if each != "id"])
    other = _other(stage.rng, column, stage.entries[seal.entry_id][column])
    run(f"UPDATE {ENTRY} SET {column} = %s WHERE id = %s", other, seal.entry_id)
    rewrite(seal.sequence)
    how = stage.rng.choice(["", "drop", "resign", "resign with the name of the key"])
    if how == "drop":
        run(f"DELETE FROM {CHECKPOINT} WHERE last_sequence >= %s", seal.sequence)
    elif how:
        resign(stage, take_name="name" in how)
    return f"rewrite from {seal.sequence} on after {column}; {how}"


def resign(stage: Stage, *, take_name: bool) -> None:
    key = Ed25519PrivateKey.generate()
    hashes = list(Seal.objects.order_by("sequence").values_list("hash", flat=True))
    previous = NOTHING
    for checkpoint in stage.checkpoints:
        tree = Tree()
        for seal in hashes[: checkpoint.last_sequence]:
            tree.add(seal)
        public = checkpoint.public_key if take_name else keys.public_words(key)
        words = {
            "version": 1, "number": checkpoint.number, "at": plain({"at": checkpoint.at})["at"], "root": tree.root(),
            "last_sequence": checkpoint.last_sequence, "count": checkpoint.last_sequence, "previous": previous,
            "head": hashes[checkpoint.last_sequence - 1], "public_key": public, "key_id": key_id(public),
        }  # fmt: skip
        words["signature"] = key.sign(signed_words(words)).hex()
        previous = checkpoint_hash(words)
        peaks = json.dumps([[size, node.hex()] for size, node in tree.peaks])
        columns = ("root", "head", "previous", "public_key", "key_id", "signature")
        chosen = ", ".join(f"{column} = %s" for column in ("peaks", *columns))
        values = (peaks, *(words[column] for column in columns), checkpoint.number)
        run(f"UPDATE {CHECKPOINT} SET {chosen} WHERE number = %s", *values)


# ---------- checkpoints ----------


def edit_checkpoint(stage: Stage) -> str:
    checkpoint = stage.rng.choice(stage.checkpoints)
    column = stage.rng.choice(
        ["at", "last_sequence", "head", "root", "previous", "key_id", "public_key", "signature", "peaks", "number"]
    )
    old = getattr(checkpoint, column)
    if column == "at":
        other: object = stored(old + timedelta(seconds=stage.rng.choice([-7200, -1, 1, 7200])))
    elif column == "peaks":
        other = json.dumps([*old[:-1], [old[-1][0], "f" * 64]])
    elif isinstance(old, int):
        other = old + stage.rng.choice([1, 7, 1000])
        other = old + 1000 if column == "number" else other
    else:
        place = stage.rng.randrange(len(old))
        other = old[:place] + ("0" if old[place] != "0" else "1") + old[place + 1 :]
        other = stage.rng.choice([other, old.upper()]) if old.upper() != old else other
    run(f"UPDATE {CHECKPOINT} SET {column} = %s WHERE number = %s", other, checkpoint.number)
    return f"{column} of checkpoint {checkpoint.number}"


def delete_checkpoint(stage: Stage) -> str:
    number = stage.rng.choice(stage.checkpoints).number
    run(f"DELETE FROM {CHECKPOINT} WHERE number = %s", number)
    return f"delete checkpoint {number}"


TAMPERINGS: tuple[Callable[[Stage], str], ...] = (
    edit, edit, edit, edit_many, delete, delete_with_seal, delete_seal, insert, insert_and_let_seal, reorder,
    swap_contents, edit_seal, cut_tail, rewrite_chain, edit_checkpoint, delete_checkpoint,
)  # fmt: skip


def tampered(stage: Stage) -> tuple[str, Report]:
    """One tampering at random and what the verifier says of it; undone afterwards."""
    chosen = stage.rng.choice(TAMPERINGS)
    with superuser():
        what = chosen(stage)
        report = stage.verified()
    return f"{chosen.__name__}: {what}", report
