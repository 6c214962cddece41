"""The verifier: what was left alone holds, and whatever was done to it is found."""

import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest_django import Settings

from stations.models import User
from tests.trail import tampering
from tests.trail.conftest import NOON, alone, entry_at, export
from tests.trail.tampering import TAMPERINGS, Stage, superuser, tampered
from trail import actions, keys
from trail.exporting import lines
from trail.handing_out import as_json
from trail.models import NOBODYS, AuditEntry, Checkpoint
from trail.runs import verified
from trail.sealing import told
from trail.verifier import Tree, Verifier, ed25519, lines_of, verify, words_of

Write = Callable[..., list[AuditEntry]]
HOUR = timedelta(hours=1)


@pytest.fixture
def stage(write: Write) -> Stage:
    """Four hours with a checkpoint each, some entries sealed since, one not yet."""
    made = None
    for hour in range(4):
        write(8, NOON + hour * HOUR)
        made = actions.make_checkpoint(NOON + hour * HOUR)
    write(3, NOON + 3 * HOUR + timedelta(minutes=5))
    actions.seal_pending()
    write(1, NOON + 3 * HOUR + timedelta(minutes=6))
    assert made is not None
    return Stage(Random(119), told(made), [])


def test_a_trail_nobody_touched_holds(stage: Stage) -> None:
    report = stage.verified()
    assert (report.findings, report.exit_code) == ([], 0)
    assert (report.sealed, report.pending, report.checkpoints) == (35, 1, 4)


def test_without_anything_held_outside_it_is_said_that_a_cut_tail_would_not_show(stage: Stage) -> None:
    report = verify(lines())
    assert (report.total, report.exit_code) == (0, 3)
    assert "不能证明尾部未被截去" in words_of(report)


@pytest.mark.parametrize(
    "what", sorted(set(TAMPERINGS), key=lambda each: each.__name__), ids=lambda each: each.__name__
)
def test_each_way_to_bend_the_trail_is_found(what: Callable[[Stage], str], stage: Stage) -> None:
    for _ in range(6):
        with superuser():
            told_of = what(stage)
            report = stage.verified()
        assert report.exit_code == 1, told_of
    assert stage.verified().exit_code == 0


@pytest.mark.slow
def test_500_ways_chosen_at_random_are_found(stage: Stage) -> None:
    missed = [what for what, report in (tampered(stage) for _ in range(500)) if report.exit_code != 1]
    assert missed == []


@pytest.mark.parametrize("column", tampering.COLUMNS)
def test_an_edit_of_any_column_names_the_entry(column: str, stage: Stage) -> None:
    seal = stage.covered[9]
    old = stage.entries[seal.entry_id][column]
    with superuser():
        other = tampering._other(stage.rng, column, old)
        tampering.run(f"UPDATE trail_auditentry SET {column} = %s WHERE id = %s", other, seal.entry_id)
        found = stage.verified().findings
    code = "DELETED" if column == "id" else "EDITED"
    assert (code, f"第 10 号封（记录 {seal.entry_id}）") in [(each.code, each.place) for each in found]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (tampering.delete, "DELETED"), (tampering.delete_with_seal, "SEQUENCE"), (tampering.delete_seal, "UNSEALED"),
        (tampering.insert, "UNSEALED"), (tampering.insert_and_let_seal, "BACKDATED"), (tampering.reorder, "ROOT"),
        (tampering.cut_tail, "CUT"), (tampering.rewrite_chain, "ROOT"),
        (tampering.delete_checkpoint, "CHECKPOINT_GONE"),
    ],
)  # fmt: skip
def test_what_was_done_is_called_by_its_name(what: Callable[[Stage], str], code: str, stage: Stage) -> None:
    stage.covered = stage.covered[:20]
    stage.seals = stage.covered
    stage.checkpoints = stage.checkpoints[3:] if code == "CHECKPOINT_GONE" else stage.checkpoints
    stage.rng = Random(2)
    with superuser():
        what(stage)
        codes = {each.code for each in stage.verified().findings}
    assert code in codes


def test_an_entry_may_be_dated_a_quarter_of_an_hour_before_the_checkpoint_it_missed(
    officer: User, write: Write
) -> None:
    write(2)
    held = actions.make_checkpoint(NOON)
    assert held is not None
    with transaction.atomic():
        entry_at(NOON - timedelta(minutes=15), officer)
    actions.seal_pending()
    assert verify(lines(), held=[told(held)]).exit_code == 0
    with transaction.atomic():
        late = entry_at(NOON - timedelta(minutes=15, microseconds=1), officer)
    actions.seal_pending()
    report = verify(lines(), held=[told(held)])
    assert [(each.code, each.place) for each in report.findings] == [("BACKDATED", f"第 4 号封（记录 {late.pk}）")]


def test_an_old_checkpoint_proves_what_was_before_it_and_still_fits(stage: Stage) -> None:
    first = told(stage.checkpoints[0])
    assert verify(lines(), held=[first]).exit_code == 0
    paper = stage.checkpoints[1].short
    assert verify(lines(), papers=[paper]).exit_code == 0
    with superuser():
        tampering.run("UPDATE trail_auditentry SET summary = '' WHERE id = %s", stage.covered[3].entry_id)
        tampering.rewrite(1)
        tampering.run("DELETE FROM trail_checkpoint")
        assert [each.code for each in verify(lines(), papers=[paper]).findings] == ["ROOT"]


def test_a_checkpoint_signed_with_another_key_is_none(stage: Stage) -> None:
    own = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    report = verify(lines(), held=[stage.held], keys=[own])
    assert {each.code for each in report.findings} == {"KEY"}


# ---------- the file ----------


@pytest.fixture
def files(stage: Stage, tmp_path: Path, key: Path) -> tuple[Path, Path, Path]:
    checkpoint = tmp_path / "checkpoint.json"
    checkpoint.write_bytes(as_json(stage.checkpoints[-1]))
    return export(tmp_path), checkpoint, key.with_suffix(".public.pem")


@pytest.mark.slow
def test_the_one_file_verifies_an_export_without_the_product(files: tuple[Path, Path, Path]) -> None:
    exported, checkpoint, public = files
    code, said = alone(exported, "--checkpoint", checkpoint, "--public-key", public)
    assert (code, said.splitlines()[-1]) == (0, "结论：完整，与所持检查点一致。")
    assert alone(exported)[0] == 3
    assert alone(exported, "--paper", Checkpoint.objects.get(number=2).short)[0] == 0


@pytest.mark.parametrize(
    "bend",
    [
        lambda rows: rows[:-1],
        lambda rows: rows[:20] + rows[21:],
        lambda rows: [*rows[:20], rows[21], rows[20], *rows[22:]],
        lambda rows: [*rows[:20], rows[20], *rows[20:]],
        lambda rows: rows[1:],
        lambda rows: rows[:4] + rows[5:],
        lambda rows: [row.replace("李建平", "李建乎") for row in rows],
        lambda rows: [*rows[:10], "{", *rows[10:]],
        lambda rows: [*rows[:10], "[]", *rows[11:]],
        lambda rows: [*rows[:10], '{"kind": "sealed"}', *rows[10:]],
        lambda rows: [*rows[:-1], rows[2], rows[-1]],
        lambda rows: [*rows[:3], rows[3].replace('"signature": "', '"signature": "zz'), *rows[4:]],
    ],
)
def test_a_bent_file_is_found(bend: Callable[[list[str]], list[str]], files: tuple[Path, Path, Path]) -> None:
    exported, checkpoint, _ = files
    exported.write_text("\n".join(bend(exported.read_text().splitlines())) + "\n")
    held = json.loads(checkpoint.read_text())
    assert verify(lines_of(exported), held=[held], check_signature=keys.check).exit_code == 1


def test_the_command_says_the_same_with_the_same_codes(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    exported, checkpoint, _ = files
    call_command("verify_trail", str(exported), checkpoint=[checkpoint])
    assert "完整" in capsys.readouterr().out
    call_command("verify_trail", checkpoint=[checkpoint])
    assert "完整" in capsys.readouterr().out
    exported.write_text(exported.read_text().replace("李建平", "李建乎"))
    for arguments, code in (([str(exported)], 1), ([str(tmp_path / "none")], 2)):
        with pytest.raises(SystemExit) as ended:
            call_command("verify_trail", *arguments, checkpoint=[checkpoint])
        assert ended.value.code == code


def test_a_packed_export_is_read_too(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, checkpoint, _ = files
    code, said = alone(export(tmp_path, "export.jsonl.gz"), "--checkpoint", checkpoint)
    assert (code, "已封 35 条" in said) == (0, True)


@pytest.mark.parametrize("content", ["{}", "nothing", "[]"])
def test_a_file_that_is_no_checkpoint_is_refused(content: str, files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    exported, *_ = files
    (tmp_path / "no.json").write_text(content)
    code, said = alone(exported, "--checkpoint", tmp_path / "no.json")
    assert (code, said.startswith("文件无法读取")) == (2, True)


def test_entries_of_other_bureaus_are_withheld_and_their_seals_are_not(stage: Stage, officer: User) -> None:
    with transaction.atomic():
        entry_at(NOON + 3 * HOUR, officer, bureau_id=77)
    actions.seal_pending()
    report = verify(lines({NOBODYS, 1}), held=[stage.held])
    assert (report.exit_code, report.withheld, report.sealed) == (4, 1, 37)
    assert verify(lines({NOBODYS, 77}), held=[stage.held]).exit_code == 0
    assert verify(lines({77}), held=[stage.held]).withheld == 36


def test_a_file_that_withholds_most_says_so_and_not_that_it_is_whole(
    officer: User, write: Write, tmp_path: Path
) -> None:
    write(12, bureau_id=77)
    write(2)
    made = actions.make_checkpoint(NOON)
    assert made is not None
    held = tmp_path / "checkpoint.json"
    held.write_bytes(as_json(made))
    exported = tmp_path / "export.jsonl"
    exported.write_text("".join(json.dumps(line) + "\n" for line in lines({NOBODYS, 1})))
    code, said = alone(exported, "--checkpoint", held)
    assert (code, "14 条中有 12 条未导出内容" in said, "完整" in said) == (4, True, False)
    assert alone(exported)[0] == 3
    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail", str(exported), checkpoint=[held])
    assert ended.value.code == 4


def test_what_is_told_cannot_be_called_withheld(stage: Stage) -> None:
    for bent in ({"withheld": True}, {"withheld": 1, "entry": None}, {"withheld": "nein", "entry": None}):
        rows = [{**line, **bent} if line.get("sequence") == 5 else line for line in lines()]
        assert verify(rows, held=[stage.held]).exit_code == 1


def test_a_key_that_is_there_is_never_written_over(key: Path, tmp_path: Path) -> None:
    call_command("make_trail_key", tmp_path / "new.pem")
    assert (tmp_path / "new.pem").stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    with pytest.raises(CommandError, match="there already"):
        call_command("make_trail_key", key)
    assert key.read_bytes() == before


def _bent(row: str, old: str, new: str) -> str:
    assert old in row
    return row.replace(old, new, 1)


@pytest.mark.parametrize(
    "more",
    ['"summary": "别的", ', '"id": 1, ', '"after": {}, ', '"actor_name": "李建平", '],
)
def test_a_line_that_says_a_thing_twice_is_refused(more: str, files: tuple[Path, Path, Path]) -> None:
    exported, checkpoint, _ = files
    rows = exported.read_text().splitlines()
    # The first of two is what a person reads, the last is what was hashed.
    rows[20] = _bent(rows[20], '"entry": {', '"entry": {' + more)
    exported.write_text("\n".join(rows) + "\n")
    report = verify(lines_of(exported), held=[json.loads(checkpoint.read_text())], check_signature=keys.check)
    assert ("LINE", "不认识的一行：同一个名称出现两次") in [(each.code, each.words) for each in report.findings]


def test_a_checkpoint_that_says_a_thing_twice_is_none(files: tuple[Path, Path, Path]) -> None:
    exported, checkpoint, _ = files
    checkpoint.write_text(_bent(checkpoint.read_text(), "{", '{"number": 9, '))
    assert alone(exported, "--checkpoint", checkpoint)[0] == 2


def test_any_doubled_name_at_any_depth_is_refused(files: tuple[Path, Path, Path]) -> None:
    exported, checkpoint, _ = files
    held, rows = json.loads(checkpoint.read_text()), exported.read_text().splitlines()

    @given(st.data())
    def check(data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(rows) - 1))
        names = sorted(set(re.findall(r'"(\w+)": ', rows[at])))
        name = data.draw(st.sampled_from(names))
        value = json.dumps(data.draw(st.one_of(st.none(), st.integers(), st.text(max_size=4))))
        bent = [*rows[:at], _bent(rows[at], f'"{name}": ', f'"{name}": {value}, "{name}": '), *rows[at + 1 :]]
        place = exported.with_name("bent.jsonl")
        place.write_text("\n".join(bent) + "\n")
        assert verify(lines_of(place), held=[held], check_signature=keys.check).exit_code == 1

    check()


@pytest.mark.slow
def test_no_number_however_large_passes_or_breaks_it(stage: Stage) -> None:
    told_lines = list(lines())
    names = ("sequence", "entry_id", "number", "last_sequence", "count", "sealed", "pending")
    large = st.one_of(
        st.integers(min_value=2**63), st.integers(max_value=-1), st.floats(), st.booleans(), st.just(10**5000),
    )  # fmt: skip

    @given(st.sampled_from(range(len(told_lines))), large)
    def check(at: int, value: float) -> None:
        bent = {name: value for name in names if name in told_lines[at]}
        assume(bent and all(value != told_lines[at][name] for name in bent))
        assert verify([*told_lines[:at], told_lines[at] | bent, *told_lines[at + 1 :]]).exit_code == 1

    check()


def test_ids_invented_at_random_cost_no_more_than_their_lines() -> None:
    verifier = Verifier()
    for number in range(2_000):
        verifier._doubled(number * 10**12 + 1)
    assert sum(map(sys.getsizeof, verifier.seen.values())) + sys.getsizeof(verifier.seen) < 400_000
    assert (verifier._doubled(10**12 + 1), verifier._doubled(2)) == (True, False)


# ---------- the mathematics ----------

# RFC 8032, 7.1: secret, public, message, signature.
VECTORS = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_signatures_of_the_standard_hold(public: str, message: str, signature: str) -> None:
    given_ = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert ed25519(*given_)
    assert not ed25519(given_[0], given_[1] + b"\0", given_[2])
    # s + L is the same number to a careless eye.
    s = int.from_bytes(given_[2][32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert not ed25519(*given_[:2], given_[2][:32] + s.to_bytes(32, "little"))
    assert not ed25519(b"\xff" * 32, *given_[1:])


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_our_verification_says_what_the_library_says(secret: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = key.public_key().public_bytes_raw(), bytearray(key.sign(message))
    assert ed25519(public, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert ed25519(public, message, bytes(signature)) == keys.check(public, message, bytes(signature)) is False


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40), st.integers(0, 40))
def test_the_tree_is_that_of_rfc_6962_and_grows_from_its_peaks(leaves: list[bytes], at: int) -> None:
    tree = Tree()
    for number, leaf in enumerate(leaves):
        if number == at:
            tree = Tree((size, node.hex()) for size, node in tree.peaks)
        tree.add(leaf.hex())
    assert tree.root() == _root(leaves).hex()


def _root(leaves: list[bytes]) -> bytes:
    """As the standard defines it, section 2.1."""
    import hashlib

    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:half]) + _root(leaves[half:])).digest()


@pytest.mark.slow
def test_a_line_of_any_shape_is_a_finding_and_never_an_error(stage: Stage) -> None:
    @given(st.lists(st.dictionaries(st.sampled_from(["kind", "sequence", "hash", "entry", "at"]), _JSON, max_size=5)))
    def check(rows: list[dict[str, Any]]) -> None:
        assert verify(rows, held=[stage.held]).exit_code == 1

    check()


_JSON = st.one_of(
    st.none(), st.integers(), st.text(max_size=5), st.sampled_from(["sealed", "entry", "checkpoint", "trail", "end"]),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)  # fmt: skip


def test_who_took_a_file_is_said_and_a_mark_that_is_none_is_found(stage: Stage) -> None:
    taken = {"by": "命令行", "of": "", "at": "2026-11-20 12:00:00", "reason": "迎检\x1b[2J", "entry": 7}
    report = verify(lines(taken=taken), held=[stage.held])
    assert (report.exit_code, report.taken) == (0, "命令行，2026-11-20 12:00:00，迎检?[2J（见审计记录 7）")
    assert words_of(report).splitlines()[0] == f"导出：{report.taken}"
    for bent in ({"by": 1}, {"reason": "长" * 201}, {"entry": "7"}, {"entry": 0}):
        assert verify(lines(taken=taken | bent), held=[stage.held]).exit_code == 1
    rows = [{**line, "taken": []} if line["kind"] == "trail" else line for line in lines()]
    assert verify(rows, held=[stage.held]).exit_code == 1


def test_nothing_stands_behind_the_end(stage: Stage) -> None:
    told_lines = list(lines())
    more = {"kind": "entry", "entry": {**stage.entries[stage.seals[0].entry_id], "id": 10_000, "at": "2026-12-31"}}
    assert [each.code for each in verify([*told_lines, more]).findings] == ["LINE"]


@pytest.mark.parametrize("words", ["35.0", "35.", "35", "x.0123456789abcdef", "35.0123456789ABCDEF"])
def test_words_too_short_to_be_of_a_paper_prove_nothing(words: str, stage: Stage) -> None:
    with pytest.raises(ValueError, match="应为 封号"):
        verify(lines(), papers=[words])


def test_checkpoints_of_a_former_key_hold_where_its_public_half_is_kept(
    stage: Stage, settings: Settings, tmp_path: Path
) -> None:
    key = keys.signing_key()
    assert key is not None
    former, new = tmp_path / "former.pem", tmp_path / "new.pem"
    former.write_bytes(keys.public_pem(keys.public_words(key)))
    new.write_bytes(keys.new_pair()[0])
    settings.TRAIL_KEY = str(new)
    actions.make_checkpoint(NOON + 5 * HOUR)
    assert {each.code for each in verified().findings} == {"KEY"}
    settings.TRAIL_FORMER_KEYS = [str(former)]
    assert verified().findings == []
