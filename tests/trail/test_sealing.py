"""Sealing: in order, once, whoever comes late; and what an hour's checkpoint says."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from stations.models import User
from tests.trail.conftest import NOON, entry_at
from trail import actions, keys, sealing
from trail.handing_out import folder, words_for_paper
from trail.models import AuditEntry, Checkpoint, Seal
from trail.record import record
from trail.sealing import COLUMNS, told
from trail.tasks import seal_pending
from trail.verifier import NOTHING, Tree, checkpoint_hash, ed25519, seal_hash, signed_words

Write = Callable[..., list[AuditEntry]]
HOUR = timedelta(hours=1)


def test_entries_are_sealed_once_in_the_order_of_their_ids(write: Write) -> None:
    entries = write(3)
    assert actions.seal_pending() == 3
    assert actions.seal_pending() == 0
    assert list(Seal.objects.order_by("sequence").values_list("sequence", "entry_id")) == [
        (number, entry.pk) for number, entry in enumerate(entries, start=1)
    ]


def test_each_seal_binds_the_one_before_it(write: Write) -> None:
    write(4)
    actions.seal_pending()
    seals = list(Seal.objects.order_by("sequence"))
    assert seals[0].hash == seal_hash(NOTHING, 1, seals[0].entry_hash)
    assert [seal_hash(a.hash, b.sequence, b.entry_hash) for a, b in pairwise(seals)] == [
        seal.hash for seal in seals[1:]
    ]


def test_an_entry_committed_late_gets_a_later_number(officer: User, write: Write) -> None:
    """Two transactions: the one that took its id first ends last."""
    early, late = write(2)
    ids = [early.pk + 100, early.pk + 50]
    for pk in ids:
        with transaction.atomic():
            entry_at(NOON, officer, id=pk)
        actions.seal_pending()
    assert list(Seal.objects.order_by("sequence").values_list("entry_id", flat=True)) == [early.pk, late.pk, *ids]


def test_one_that_came_too_late_for_a_sweep_is_sealed_by_the_checkpoint(
    officer: User, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Counted back from the last seal alone.
    monkeypatch.setattr(sealing, "BATCH", 1)
    (first,) = write(1)
    with transaction.atomic():
        entry_at(NOON, officer, id=first.pk + sealing.LOOK_BACK + 100)
        actions.seal_pending()
        entry_at(NOON, officer, id=first.pk + 1)
    assert actions.seal_pending() == 0
    actions.make_checkpoint(NOON)
    assert Seal.objects.count() == AuditEntry.objects.count() == 3


def test_an_id_somebody_chose_huge_hides_nothing_from_the_sweep(officer: User, write: Write) -> None:
    (first,) = write(1)
    with transaction.atomic():
        entry_at(NOON, officer, id=10**15)
        actions.seal_pending()
        entry_at(NOON, officer, id=first.pk + 1)
    assert actions.seal_pending() == 1
    assert list(Seal.objects.order_by("sequence").values_list("entry_id", flat=True)) == [
        first.pk, 10**15, first.pk + 1,
    ]  # fmt: skip


def test_more_than_a_batch_is_sealed_in_one_go(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    write(5)
    assert actions.seal_pending() == 5


def test_every_column_of_an_entry_is_sealed() -> None:
    assert {field.column for field in AuditEntry._meta.concrete_fields} == set(COLUMNS)


def test_an_act_costs_the_insert_of_its_entry_and_no_more(
    officer: User, django_assert_num_queries: Callable[..., object]
) -> None:
    with transaction.atomic(), django_assert_num_queries(1):  # type: ignore[attr-defined]
        record(officer, "units.change", officer, "修改")


@pytest.mark.parametrize("model", [AuditEntry, Seal, Checkpoint])
@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_database_refuses_to_change_or_remove(model: type, verb: str, write: Write) -> None:
    write(1)
    actions.seal(NOON)
    meta = model._meta  # type: ignore[attr-defined]
    statement = verb.format(meta.db_table, meta.pk.column)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert model.objects.count() == 1  # type: ignore[attr-defined]


# ---------- checkpoints ----------


def test_a_checkpoint_states_everything_sealed_and_is_signed(write: Write, key: Path) -> None:
    write(5)
    made = actions.make_checkpoint(NOON)
    assert made is not None
    tree = Tree()
    for seal in Seal.objects.order_by("sequence"):
        tree.add(seal.hash)
    assert (made.number, made.last_sequence, made.root, made.previous) == (1, 5, tree.root(), NOTHING)
    assert made.head == Seal.objects.get(sequence=5).hash
    made.refresh_from_db()
    words = signed_words(told(made))
    assert ed25519(bytes.fromhex(made.public_key), words, bytes.fromhex(made.signature))
    signing_key = keys.signing_key()
    assert signing_key is not None
    assert made.public_key == keys.public_words(signing_key)


def test_the_next_one_names_the_one_before_and_grows_its_tree(write: Write) -> None:
    write(3)
    first = actions.make_checkpoint(NOON)
    write(4, NOON + HOUR)
    second = actions.make_checkpoint(NOON + HOUR)
    assert first is not None
    assert second is not None
    tree = Tree()
    for seal in Seal.objects.order_by("sequence"):
        tree.add(seal.hash)
    assert (second.number, second.last_sequence, second.root) == (2, 7, tree.root())
    assert second.previous == checkpoint_hash(told(first))


def test_a_checkpoint_is_due_each_hour_even_when_nothing_happened(write: Write) -> None:
    write(1)
    moments = [NOON, NOON + HOUR / 2, NOON + HOUR, NOON + 2 * HOUR]
    made = [actions.seal(moment)[1] for moment in moments]
    assert [each.number if each else None for each in made] == [1, None, 2, 3]
    assert set(Checkpoint.objects.values_list("last_sequence", flat=True)) == {1}


def test_a_clock_set_back_makes_no_checkpoint_before_the_last_one(write: Write) -> None:
    write(1)
    first = actions.make_checkpoint(NOON)
    assert actions.make_checkpoint(NOON - HOUR) == first
    assert Checkpoint.objects.count() == 1


def test_an_empty_trail_is_stated_too(db: None) -> None:
    made = actions.make_checkpoint(NOON)
    assert made is not None
    assert (made.last_sequence, made.head, made.root) == (0, NOTHING, Tree().root())


def test_without_a_key_entries_are_sealed_and_no_checkpoint_is_made(write: Write, settings: Settings) -> None:
    settings.TRAIL_KEY = ""
    write(2)
    assert actions.seal(NOON) == (2, None)
    assert words_for_paper() == ""


def test_a_key_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.TRAIL_KEY = str(tmp_path / "nowhere.pem")
    with pytest.raises(ImproperlyConfigured, match=r"nowhere\.pem cannot be read"):
        keys.signing_key()


def test_the_daily_file_holds_the_last_checkpoint_of_its_day(write: Write) -> None:
    write(1)
    actions.seal(NOON)
    _, last = actions.seal(NOON + HOUR)
    assert last is not None
    assert sorted(path.name for path in folder().iterdir()) == [
        "checkpoint-2026-11-20.json",
        "checkpoint-2026-11-20.txt",
    ]
    assert last.root in (folder() / "checkpoint-2026-11-20.json").read_text()
    text = (folder() / "checkpoint-2026-11-20.txt").read_text()
    assert "第 2 号" in text
    assert "2026-11-20 13:00:00（北京时间）" in text


def test_a_paper_carries_the_sequence_and_sixteen_characters_of_the_root(write: Write) -> None:
    write(2)
    made = actions.make_checkpoint(NOON)
    assert made is not None
    assert words_for_paper() == f"2.{made.root[:16]}"


def test_the_sweep_seals(write: Write) -> None:
    write(2)
    seal_pending()
    assert (Seal.objects.count(), Checkpoint.objects.count()) == (2, 1)
