#!/usr/bin/env python3
"""Whether a trail is the one that was sealed. One file, standard library only: it outlives the product it comes from.

    python3 verifier.py EXPORT.jsonl --checkpoint CHECKPOINT.json [--public-key KEY.pem] [--paper 120.0123456789abcdef]

The product imports its hashing from here, so there is one definition of it; docs/trail.md says it in words.
Longer than the house lets a file be, and not divided: it is handed out, kept elsewhere and read by others as one file.
Exit codes: 0 it holds; 1 something was changed; 2 a file cannot be read; 3 nothing was found, but nothing held outside
was given, so a cut tail would not be seen; 4 the chain holds, but the export withholds entries: of those it proves that
they stood there, not what they said.
"""

import argparse
import base64
import bisect
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

VERSION = 1
NOTHING = "0" * 64
# How long before a checkpoint an entry may be dated that is sealed after it: a task is killed after ten minutes
# (CELERY_TASK_TIME_LIMIT), a request long before, so no transaction is open longer; five more for clocks that differ.
LATE = timedelta(minutes=15)
MOST_SHOWN = 200
# No database gives a larger number to a row.
LARGEST = 2**63 - 1
# Nor has a name or a reason more characters.
LONGEST = 200
# What the QR of a paper carries; fewer digits of the root would convict nobody.
PAPER = re.compile(r"[0-9]{1,18}\.[0-9a-f]{16,64}")
Json = dict[str, Any]
SignatureCheck = Callable[[bytes, bytes, bytes], bool]
_encode = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


# ---------- hashing ----------


def canonical(value: Json) -> bytes:
    """One spelling: keys in order of their code points, no white space, everything beyond ASCII escaped.

    Characters are taken as they are: nothing is normalised, so a look-alike is a change.
    """
    return _encode(value).encode("ascii")


def instant(at: datetime) -> str:
    """UTC with microseconds, of fixed width: such words sort as the instants do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_hash(entry: Json) -> str:
    """Of every column of an entry."""
    return hashlib.sha256(b"trail-entry-1\n" + canonical(entry)).hexdigest()


def seal_hash(previous: str, sequence: int, hash_of_entry: str) -> str:
    """A link of the chain: H(previous ‖ sequence as eight bytes ‖ entry)."""
    words = bytes.fromhex(previous) + sequence.to_bytes(8, "big") + bytes.fromhex(hash_of_entry)
    return hashlib.sha256(b"trail-seal-1\n" + words).hexdigest()


class Tree:
    """The Merkle tree of RFC 6962 over the seals, kept as its complete subtrees: log n hashes, whatever its size."""

    def __init__(self, peaks: Iterable[tuple[int, str]] = ()) -> None:
        self.peaks = [(size, bytes.fromhex(peak)) for size, peak in peaks]

    def add(self, seal: str) -> None:
        """Append the leaf of one seal."""
        size, node = 1, hashlib.sha256(b"\x00" + bytes.fromhex(seal)).digest()
        while self.peaks and self.peaks[-1][0] == size:
            node = hashlib.sha256(b"\x01" + self.peaks.pop()[1] + node).digest()
            size *= 2
        self.peaks.append((size, node))

    def root(self) -> str:
        """The tree head; that of an empty tree is the hash of nothing."""
        if not self.peaks:
            return hashlib.sha256(b"").hexdigest()
        node = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node.hex()


SIGNED = ("version", "number", "at", "last_sequence", "count", "head", "root", "previous", "key_id", "public_key")


def signed_words(checkpoint: Json) -> bytes:
    """What the key of the deployer signs."""
    return b"trail-checkpoint-1\n" + canonical({name: checkpoint[name] for name in SIGNED})


def checkpoint_hash(checkpoint: Json) -> str:
    """What the next checkpoint names as its predecessor; the signature is part of it."""
    return hashlib.sha256(signed_words(checkpoint) + bytes.fromhex(checkpoint["signature"])).hexdigest()


def key_id(public_key: str) -> str:
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


# ---------- Ed25519 (RFC 8032), verification only ----------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    g, h = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    x, y, z, t = f - e, h - g, h + g, f + e
    return (x * y % _P, z * t % _P, y * z % _P, x * t % _P)


def _times(scalar: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point, scalar = _add(point, point), scalar >> 1
    return found


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % _P == 0 and (a[1] * b[2] - b[1] * a[2]) % _P == 0


def _point(words: bytes) -> Point | None:
    """The point spelled by 32 bytes; None for a spelling that is none, or not the only one."""
    y = int.from_bytes(words, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return (x, y, 1, x * y % _P)


_B = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))


def ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` of ``message`` is that of ``public_key``."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, r = _point(public_key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= _L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % _L
    assert _B is not None
    return _same(_times(s, _B), _add(r, _times(k, key)))


# ---------- verification ----------


@dataclass(frozen=True)
class Finding:
    """What is wrong and where: a code for machines, the place, and a sentence."""

    code: str
    place: str
    words: str


@dataclass
class Report:
    """What was read and what was found; ``total`` counts the findings beyond those kept."""

    findings: list[Finding] = field(default_factory=list)
    total: int = 0
    sealed: int = 0
    pending: int = 0
    withheld: int = 0
    checkpoints: int = 0
    anchored: int = 0
    oldest_pending: str = ""
    taken: str = ""

    def add(self, code: str, place: str, words: str) -> None:
        self.total += 1
        if len(self.findings) < MOST_SHOWN:
            self.findings.append(Finding(code, place, words))

    @property
    def exit_code(self) -> int:
        if self.total:
            return 1
        return 3 if not self.anchored else 4 if self.withheld else 0


@dataclass(frozen=True)
class Anchor:
    """A statement about the first ``sequence`` seals: a checkpoint exported or held outside, the words on a paper."""

    sequence: int
    root: str
    head: str
    name: str


class Verifier:
    """Takes the lines of an export in order; memory does not grow with the trail but for one bit an entry."""

    def __init__(
        self,
        held: Iterable[Json] = (),
        papers: Iterable[str] = (),
        keys: Iterable[str] = (),
        check_signature: SignatureCheck = ed25519,
    ) -> None:
        self.report = Report()
        self.held, self.check_signature = list(held), check_signature
        self.keys = set(keys) or {each["public_key"] for each in self.held}
        self.anchors: list[Anchor] = []
        self.checkpoints: list[Json] = []
        self.tree, self.head, self.sequence = Tree(), NOTHING, 0
        # The ids met, 512 to a number: what is invented at random costs no more than its own line.
        self.seen: dict[int, int] = {}
        self.told: Json = {}
        self.begun = self.ended = False
        self.next_anchor = 0
        # Of the checkpoints in order: how many seals they cover, and between which instants entries may be dated.
        self.covered: list[int] = []
        self.earliest: list[str] = []
        self.latest: list[str] = []
        for words in papers:
            self._add_paper(words)
        for each in self.held:
            self._add_held(each)

    def _add_paper(self, words: str) -> None:
        if not PAPER.fullmatch(words):
            raise ValueError(f"{words}：文书上的检查点应为 封号.十六位摘要")
        sequence, _, root = words.partition(".")
        self.anchors.append(Anchor(int(sequence), root, "", f"文书上的检查点 {words}"))
        self.report.anchored += 1

    def _add_held(self, held: Json) -> None:
        name = f"外部保存的第 {held['number']} 号检查点"
        self._check_signature(held, name)
        self.anchors.append(Anchor(held["last_sequence"], held["root"], held["head"], name))
        self.report.anchored += 1

    def _check_signature(self, checkpoint: Json, name: str) -> None:
        key, signature = checkpoint["public_key"], checkpoint["signature"]
        if self.keys and key not in self.keys:
            self.report.add("KEY", name, "签名所用的密钥不是所持的公钥")
        elif (
            not re.fullmatch(r"[0-9a-f]{192}", key + signature)
            or checkpoint["key_id"] != key_id(key)
            or not self.check_signature(bytes.fromhex(key), signed_words(checkpoint), bytes.fromhex(signature))
        ):
            self.report.add("SIGNATURE", name, "签名不成立，检查点被改动或伪造")

    def feed(self, line: Json) -> None:
        """One line of the export. A line that lacks what it must hold is itself a finding."""
        kind = line.get("kind")
        if self.ended:
            self.report.add("LINE", "", "结尾之后还有内容")
        try:
            if kind == "sealed":
                self._sealed(line)
            elif kind == "entry":
                self._pending(line["entry"])
            elif kind == "checkpoint":
                self._checkpoint(line)
            elif kind == "trail":
                self.told = {name: line[name] for name in ("last_sequence", "version")}
                self.report.taken = _taken(line["taken"]) if "taken" in line else self.report.taken
            elif kind == "end":
                self._begin()
                self.ended = line["sealed"] == self.report.sealed and line["pending"] == self.report.pending
            else:
                self.report.add("LINE", "", f"不认识的一行：{line.get('why') or kind}")
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            self.report.add("LINE", f"第 {self.sequence + 1} 号封附近", f"{kind} 这一行残缺或格式不对：{error!r}")

    def _checkpoint(self, found: Json) -> None:
        name = f"第 {_number(found['number'])} 号检查点"
        if self.begun or _number(found["last_sequence"], least=0) != _number(found["count"], least=0):
            raise ValueError(found["count"])
        if instant(datetime.fromisoformat(found["at"])) != found["at"]:
            raise ValueError(found["at"])
        last = self.checkpoints[-1] if self.checkpoints else None
        number = last["number"] + 1 if last else 1
        if found["number"] != number:
            self.report.add("CHECKPOINT_GAP", name, f"应为第 {number} 号：有检查点被删除、插入或调换")
        elif found["previous"] != (checkpoint_hash(last) if last else NOTHING):
            self.report.add("CHECKPOINT_CHAIN", name, "与上一个检查点不相接")
        if last and (found["at"] <= last["at"] or found["last_sequence"] < last["last_sequence"]):
            self.report.add("CHECKPOINT_ORDER", name, "时间或封号早于上一个检查点")
        tree = Tree(found["peaks"])
        if sum(size for size, _ in tree.peaks) != found["count"]:
            self.report.add("CHECKPOINT_COUNT", name, "条数与最后封号不符")
        if tree.root() != found["root"]:
            self.report.add("CHECKPOINT_ROOT", name, "子树与根不符")
        self._check_signature(found, name)
        self.checkpoints.append(found)
        self.report.checkpoints += 1
        self.anchors.append(Anchor(found["last_sequence"], found["root"], found["head"], name))

    def _begin(self) -> None:
        """Before the first seal: every statement is known, in the order of what it covers."""
        if self.begun:
            return
        self.begun = True
        known = {each["number"]: each for each in self.checkpoints}
        for each in self.held:
            kept = known.get(each["number"])
            if kept is None:
                words = "导出中没有这个检查点，已被删除"
                self.report.add("CHECKPOINT_GONE", f"第 {each['number']} 号检查点", words)
            elif checkpoint_hash(kept) != checkpoint_hash(each):
                self.report.add("CHECKPOINT_CHANGED", f"第 {each['number']} 号检查点", "与外部保存的不一致")
        self.anchors.sort(key=lambda each: each.sequence)
        stated = sorted([*self.checkpoints, *self.held], key=lambda each: (each["last_sequence"], each["at"]))
        for each in stated:
            at = datetime.fromisoformat(each["at"])
            self.covered.append(each["last_sequence"])
            self.earliest.append(max(instant(at - LATE), self.earliest[-1] if self.earliest else ""))
            self.latest.append(instant(at + LATE))
        self._compare()

    def _sealed(self, line: Json) -> None:
        self._begin()
        sequence, stated, content = _number(line["sequence"]), line["hash"], line["entry_hash"]
        place = f"第 {sequence} 号封（记录 {line['entry_id']}）"
        if sequence != self.sequence + 1:
            words = f"应为第 {self.sequence + 1} 号：封被删除、插入或调换"
            self.report.add("SEQUENCE", place, words)
        elif seal_hash(self.head, sequence, content) != stated:
            self.report.add("CHAIN", place, "与上一号封不相接，或封号、记录摘要被改动")
        self._entry(line, place)
        self.sequence, self.head = sequence, stated
        self.tree.add(stated)
        self.report.sealed += 1
        self._compare()

    def _entry(self, line: Json, place: str) -> None:
        entry, withheld = line["entry"], line.get("withheld", False)
        if not isinstance(withheld, bool) or (withheld and entry is not None):
            raise ValueError("withheld")
        if self._doubled(_number(line["entry_id"])):
            self.report.add("DOUBLED", place, "这条记录封了两次")
        if withheld:
            self.report.withheld += 1
        elif entry is None:
            self.report.add("DELETED", place, "封在，记录已被删除")
        elif entry["id"] != line["entry_id"] or entry_hash(entry) != line["entry_hash"]:
            self.report.add("EDITED", place, "记录内容与封存时不同，已被改动")
        else:
            self._date(entry["at"], line["sequence"], place)

    def _date(self, at: str, sequence: int, place: str) -> None:
        after = bisect.bisect_left(self.covered, sequence)
        if after and at < self.earliest[after - 1]:
            self.report.add("BACKDATED", place, f"时间 {at} 早于此前检查点所容许的 {self.earliest[after - 1]}，倒签")
        if after < len(self.covered) and at > self.latest[after]:
            self.report.add("POSTDATED", place, f"时间 {at} 晚于封存它的检查点 {self.latest[after]}")

    def _doubled(self, pk: int) -> bool:
        page, bit = self.seen.get(pk >> 9, 0), 1 << (pk & 511)
        self.seen[pk >> 9] = page | bit
        return bool(page & bit)

    def _pending(self, entry: Json) -> None:
        self._begin()
        place = f"待封记录 {_number(entry['id'])}"
        self.report.pending += 1
        self.report.oldest_pending = min(self.report.oldest_pending or entry["at"], entry["at"])
        if self._doubled(entry["id"]):
            self.report.add("DOUBLED", place, "这条记录已经封过")
        elif self.earliest and entry["at"] < self.earliest[-1]:
            self.report.add("UNSEALED", place, f"时间 {entry['at']}，最后一个检查点之前就应封存：事后插入，或封被删除")

    def _compare(self) -> None:
        """Hold what was read so far against every statement about exactly so many seals."""
        while self.next_anchor < len(self.anchors) and self.anchors[self.next_anchor].sequence <= self.sequence:
            anchor = self.anchors[self.next_anchor]
            self.next_anchor += 1
            same = anchor.sequence == self.sequence and (not anchor.head or anchor.head == self.head)
            if not same or not anchor.root or not self.tree.root().startswith(anchor.root):
                words = f"前 {anchor.sequence} 号封与它不一致：此前有改动、删除、插入或调换"
                self.report.add("ROOT", anchor.name, words)

    def pause(self) -> Json:
        """Where it stands between two seals, as plain values."""
        names = ("sequence", "head", "next_anchor")
        peaks = [[size, node.hex()] for size, node in self.tree.peaks]
        seen = {str(page): f"{bits:x}" for page, bits in self.seen.items()}
        return {name: getattr(self, name) for name in names} | {
            "peaks": peaks, "seen": seen, "report": asdict(self.report),
        }  # fmt: skip

    def resume(self, paused: Json) -> None:
        """Go on from there, after the lines that stand before the first seal were fed anew."""
        self._begin()
        self.sequence, self.head, self.next_anchor = paused["sequence"], paused["head"], paused["next_anchor"]
        self.tree = Tree(paused["peaks"])
        self.seen = {int(page): int(bits, 16) for page, bits in paused["seen"].items()}
        told = paused["report"]
        self.report = Report(**told | {"findings": [Finding(**each) for each in told["findings"]]})

    def finish(self) -> Report:
        """What is known only at the end: what is missing there."""
        self._begin()
        for anchor in self.anchors[self.next_anchor :]:
            words = f"它证明曾有 {anchor.sequence} 号封，现在只有 {self.sequence} 号：尾部被截去"
            self.report.add("CUT", anchor.name, words)
        if not self.ended or self.told != {"last_sequence": self.report.sealed, "version": VERSION}:
            self.report.add("FILE", "", "导出文件不完整：开头、结尾或条数不符")
        return self.report


def _taken(mark: Json) -> str:
    """Who took the file, as its first line says; raises for what is no mark. Its entry is sealed, it is not."""
    words = [mark[name] for name in ("by", "of", "at", "reason")]
    if not all(isinstance(each, str) and len(each) <= LONGEST for each in words):
        raise ValueError("taken")
    told = "，".join(each for each in words if each) + f"（见审计记录 {_number(mark['entry'])}）"
    return "".join(each if each.isprintable() else "?" for each in told)


def _number(value: Any, least: int = 1) -> int:
    """A number of a row; raises ValueError for what no row can have."""
    if type(value) is not int or not least <= value <= LARGEST:
        raise ValueError(f"not the number of a row: {str(value)[:40]}")
    return value


def verify(lines: Iterable[Json], **given: Any) -> Report:
    """The report on an export; ``given`` as `Verifier` takes it."""
    verifier = Verifier(**given)
    for line in lines:
        verifier.feed(line)
    return verifier.finish()


# ---------- command line ----------


def _once(pairs: list[tuple[str, Any]]) -> Json:
    """An object that names nothing twice: of two values one reader shows the first, another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("同一个名称出现两次")
    return found


def lines_of(path: Path) -> Iterator[Json]:
    """The lines of an export, packed or not; one that is no JSON, or says a thing twice, becomes a line of no kind."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        for line in file:
            try:
                found = json.loads(line, object_pairs_hook=_once)
            except (ValueError, RecursionError) as error:
                found = {"kind": None, "why": str(error)[:80]}
            yield found if isinstance(found, dict) else {"kind": None}


def read_key(path: Path) -> str:
    """The 32 bytes of a public key, as hexadecimal, from PEM or from hexadecimal."""
    text = path.read_text().strip()
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return text
    der = base64.b64decode("".join(line for line in text.splitlines() if not line.startswith("-")))
    if len(der) != 44 or der[:12] != bytes.fromhex("302a300506032b6570032100"):
        raise ValueError("不是 Ed25519 公钥")
    return der[12:].hex()


def read_checkpoint(path: Path) -> Json:
    """A checkpoint as it was handed out; raises ValueError when something is missing."""
    found = json.loads(path.read_text(), object_pairs_hook=_once)
    if not isinstance(found, dict) or not {*SIGNED, "signature"} <= set(found):
        raise ValueError("不是检查点文件")
    if instant(datetime.fromisoformat(found["at"])) != found["at"]:
        raise ValueError("检查点文件的时间不对")
    _number(found["number"])
    _number(found["last_sequence"], least=0)
    return found


def words_of(report: Report) -> str:
    """The report as lines for whoever asked."""
    shown = [f"[{each.code}] {each.place}：{each.words}" for each in report.findings]
    if report.total > len(shown):
        shown.append(f"……另有 {report.total - len(shown)} 处")
    counts = f"已封 {report.sealed} 条，待封 {report.pending} 条，检查点 {report.checkpoints} 个"
    counts += f"，未导出内容 {report.withheld} 条（只核对封，不核对内容）" if report.withheld else ""
    verdicts = {
        0: "结论：完整，与所持检查点一致。",
        1: f"结论：发现 {report.total} 处问题，审计记录不可信。",
        3: "结论：未发现问题；没有外部保存的检查点，不能证明尾部未被截去、整条链未被重做。",
        4: f"结论：封与所持检查点一致，没有记录被删除、插入、调换；但 {report.sealed} 条中有 {report.withheld} 条"
        "未导出内容，它们的内容是否被改动，本文件不能证明。",
    }
    shown += [f"导出：{report.taken}"] if report.taken else []
    return "\n".join([*shown, counts, verdicts[report.exit_code]])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="核验导出的审计记录：改动、删除、插入、调换、倒签、截尾。")
    parser.add_argument("export", type=Path, help="导出的 .jsonl 或 .jsonl.gz 文件")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="外部保存的检查点 .json，可多个")
    parser.add_argument("--paper", action="append", default=[], help="文书二维码中的检查点，如 120.0123456789abcdef")
    parser.add_argument("--public-key", type=Path, action="append", default=[], help="部署单位的公钥 .pem，可多个")
    options = parser.parse_args(arguments)
    try:
        held = [read_checkpoint(path) for path in options.checkpoint]
        keys = [read_key(path) for path in options.public_key]
        report = verify(lines_of(options.export), held=held, papers=options.paper, keys=keys)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        print(f"文件无法读取：{error}", file=sys.stderr)
        return 2
    print(words_of(report))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
