"""Whether a paper still says what was signed: recomputed from its frozen context alone, years later too.

A room whose papers are signed on a screen puts `signed` beside `signatures` into the context: ``content``, what stood
on the screen, ``sha256`` of it, and ``by``: signer → name, at, place, latitude, longitude, held_by, sha256,
strokes_sha256. Both keys are no part of what is hashed; see `records.canonical`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from fire_supervision.lib.refusals import Fault
from records.canonical import digest
from records.fills import ticked_of
from records.gate import STRUCK
from records.models import Document
from stations.models import User

Context = Mapping[str, Any]
LABELS = {"lead": "检查人", "second": "第二检查人", "companion": "随同人员"}
# Who signs in the very act that issues the paper. Without `signed`, from before it was kept, bound to the paper itself.
IN_THE_ACT = {"party_a": "甲方", "party_b": "乙方", "recipient": "收件人", "consenter": "同意人"}
# Where the paper names the signer who is nobody of the station.
NAMED_IN = {"companion": "companion", "party_b": "signer_b", "recipient": "recipient", "consenter": "consenter"}
# Compared in their own way: the paper adds sentences to the remark when it is issued.
APART = frozenset({"remark", "findings", "receivers"})
# What the page of a link shows besides; the receipt prints none of it.
SHOWN_ALONE = frozenset({"notice_sha256", "file_sha256", "hazards", "words"})
# What a notice of a visit does not print of it; the record prints everything.
NOT_ON_NOTICES = frozenset({"subject", "unit", "sections", "committee", "companion", "refusal", "witness"})
# What contents from before lack, of a visit and of each of its findings: the newest first.
LATER: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"receivers"}), frozenset({"until", "box", "chosen"})),
    (frozenset(), frozenset({"offence"})),
)
# How a hazard is noted: to be corrected at once, or within days.
NOW, LIMIT = "NOW", "LIMIT"
# Where no last day was kept, the days alone are compared. An end on a rest day moves to the next working day, and the
# calendar is no part of a paper: a date may be later by as much as rest days ever followed each other, never earlier.
LONGEST_REST = timedelta(days=14)


@dataclass(frozen=True)
class Place:
    """Where somebody signed: in words, and in degrees as words where the screen told them."""

    words: str = ""
    latitude: str = ""
    longitude: str = ""


NOWHERE = Place()


def unplaced(place: Place) -> list[Fault]:
    """What speaks against signing on a screen at ``place``: neither words nor what the device tells."""
    if place.words.strip(STRUCK) or (place.latitude and place.longitude):
        return []
    return [Fault("place", "没有写明签名地点", remedy="填写地点，或者附上本机定位。")]


def given(name: str, strokes: Any, *, sha256: str, at: datetime, place: Place, held_by: User | None) -> dict[str, str]:
    """What a paper keeps of one drawn signature beside its strokes; ``sha256`` is of the content that was signed."""
    return {
        "name": name,
        "at": localtime(at).isoformat(timespec="seconds"),
        "place": place.words,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "held_by": f"{held_by.name}（{held_by.number}）" if held_by else "",
        "sha256": sha256,
        "strokes_sha256": digest(strokes),
    }


@dataclass(frozen=True)
class Signed:
    """One drawn signature: ``at`` in ISO words, ``held_by`` whose screen it was, ``agrees`` with what is printed.

    ``agrees`` is None for one that is bound to nothing: from before that was kept.
    """

    label: str
    name: str
    at: str
    place: str
    held_by: str
    sha256: str
    agrees: bool | None


def check(document: Document) -> list[Signed]:
    """The signatures drawn on ``document``, in the order its form names them."""
    drawn = (document.context.get("signatures") or {}).items()
    return [_checked(document, signer, strokes) for signer, strokes in drawn if strokes]


def _checked(document: Document, signer: str, strokes: Any) -> Signed:
    if signer in IN_THE_ACT and not document.context.get("signed"):
        return _issued_with(document, signer)
    return _signed(document.context, signer, strokes)


def _issued_with(document: Document, signer: str) -> Signed:
    return Signed(
        label=IN_THE_ACT[signer],
        name="",
        at=localtime(document.issued_at).isoformat(timespec="seconds"),
        place="",
        held_by="",
        sha256=document.context_sha256,
        agrees=digest(document.context) == document.context_sha256 if document.context_sha256 else None,
    )


def _signed(context: Context, signer: str, strokes: Any) -> Signed:
    given = (context.get("signed") or {}).get("by", {}).get(signer, {})
    return Signed(
        label=(LABELS | IN_THE_ACT).get(signer, ""),
        name=given.get("name") or _named(context).get(signer, ""),
        at=given.get("at", ""),
        place=_where(given),
        held_by=given.get("held_by", ""),
        sha256=given.get("sha256", ""),
        agrees=_agrees(context, signer, given, strokes) if given.get("sha256") else None,
    )


def _where(given: Context) -> str:
    degrees = f"{given['latitude']}，{given['longitude']}" if given.get("latitude") else ""
    return "，".join(filter(None, [given.get("place", ""), degrees]))


def _named(context: Context) -> dict[str, str]:
    """Whose name stands on the paper for each signer."""
    officers = [person["name"] for person in context.get("officers", [])]
    others = {signer: (context.get(key) or {}).get("name", "") for signer, key in NAMED_IN.items()}
    return dict(zip(("lead", "second"), officers, strict=False)) | {"party_a": context.get("signer_a", "")} | others


def _agrees(context: Context, signer: str, given: Context, strokes: Any) -> bool:
    """Whether this hand, under this name, signed this content, and the paper prints nothing else than it."""
    known = versions(context["signed"].get("content") or {})
    # Judged by what this hand was bound to, not by what was put beside it later.
    content = next((each for each in known if digest(each) == given["sha256"]), None)
    return (
        content is not None
        and digest(strokes) == given.get("strokes_sha256")
        and given["name"] == _named(context).get(signer)
        and _prints(context, content)
    )


def digests(content: Context) -> list[str]:
    """The hashes a signature of ``content`` may be bound to: its own, and those from before all of it was kept."""
    return [digest(each) for each in versions(content)]


def versions(content: Context) -> list[Context]:
    """``content``, then as it was kept formerly."""
    found = [content]
    for left_out, of_findings in LATER if "findings" in content else ():
        former = _without(found[-1], left_out)
        found.append({**former, "findings": [_without(finding, of_findings) for finding in former["findings"]]})
    return found


def _without(content: Context, keys: frozenset[str]) -> dict[str, Any]:
    return {key: content[key] for key in content if key not in keys}


def _prints(context: Context, content: Context) -> bool:
    """Whether what ``context`` prints is what ``content`` says of it."""
    apart = APART if "findings" in content else frozenset()
    same = all(context[key] == content[key] for key in content.keys() & context.keys() - apart)
    if "findings" in content:
        return same and _prints_visit(context, content)
    return same and content.keys() - context.keys() <= SHOWN_ALONE


def _prints_visit(context: Context, content: Context) -> bool:
    """What a visit's papers write in their own words: the unit, the remark, the hazards."""
    unit = context.get("unit_name", content["unit"]["name"]) == content["unit"]["name"]
    remark = context.get("remark", content["remark"]).startswith(content["remark"])
    hazards = _orders_noted if context.keys() & {"problems", "deadlines", "ticked"} else _records_all
    return unit and remark and hazards(context, content) and _prints_referrals(context, content)


def _records_all(context: Context, content: Context) -> bool:
    """Whether the record leaves out nothing of what was signed, and names each hazard beside its row."""
    rows = [row for section in context.get("sections", []) for row in section["rows"]]
    notes = [row["note"] for row in (*rows, *context.get("committee", []))]
    named = all(any(finding["wording"] in note for note in notes) for finding in content["findings"])
    return named and content.keys() <= context.keys() | APART


def _orders_noted(context: Context, content: Context) -> bool:
    """Whether a notice prints noted hazards of its own mode alone, each once, as they were signed.

    What was noted may still be urged or handed over instead, of which the notice says nothing: fewer pass, none do not.
    """
    problems, left, ordered = context.get("problems", []), list(content["findings"]), []
    for problem in problems:
        same = next((finding for finding in left if _is_of(problem, finding, context, content["visited_on"])), None)
        if same is None:
            return False
        left.remove(same)
        ordered.append(same)
    dated = _dated(context) <= {problem.get("no") for problem in problems}
    whole = content.keys() <= context.keys() | APART | NOT_ON_NOTICES
    return bool(problems) and dated and whole and _ticks(context, ordered)


def _ticks(context: Context, ordered: Sequence[Context]) -> bool:
    """Whether the boxes of the notice are those of the hazards it orders."""
    if "deadlines" in context or not all("box" in finding for finding in ordered):
        return True
    return bool(context.get("ticked") == ticked_of((finding["box"], finding["chosen"]) for finding in ordered))


def _is_of(problem: Context, finding: Context, context: Context, visited_on: str) -> bool:
    """Whether ``problem`` of a notice is ``finding`` of the visit; what older contents did not keep is not compared."""
    mode = LIMIT if "deadlines" in context else NOW
    noted_as = NOW if finding.get("fixed") else finding.get("mode", mode)
    return (
        (problem["detail"], problem["violates"], mode) == (finding["wording"], finding["violates"], noted_as)
        and problem.get("offence") in (None, finding.get("offence", problem.get("offence")))
        and (mode == NOW or _ends(problem, context["deadlines"], finding, visited_on))
    )


def _ends(problem: Context, deadlines: Sequence[Context], finding: Context, visited_on: str) -> bool:
    """Whether one date alone is printed for ``problem``: the last day that was signed.

    Where only the days were, their last one or the working day it may have moved to.
    """
    dates = [entry["on"] for entry in deadlines if problem.get("no") in entry["items"]]
    days, until = finding.get("days"), finding.get("until")
    if until or days is None:
        return days is None or dates == [until]
    earliest = date.fromisoformat(visited_on) + timedelta(days=days)
    return len(dates) == 1 and earliest <= date.fromisoformat(dates[0]) <= earliest + LONGEST_REST


def _dated(context: Context) -> set[int]:
    return {number for entry in context.get("deadlines", []) for number in entry["items"]}


def _prints_referrals(context: Context, content: Context) -> bool:
    """Whether the record hands over no more than was noted to be (such a hazard has no mode), and to whom it said."""
    pairs = [(item, referral["to"]) for referral in context.get("referrals", []) for item in referral["items"]]
    noted = [finding for finding in content["findings"] if not finding.get("mode")]
    if len(pairs) > len(noted) or not all(referral["items"] for referral in context.get("referrals", [])):
        return False
    return "receivers" not in content or all(to == content["receivers"][item - 1] for item, to in pairs)
