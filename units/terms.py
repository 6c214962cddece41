"""核定: a bureau settles what its units pledge. It writes a version of its own; no version in force is touched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from records import gate
from records.models import Kind
from stations.models import Organisation, User
from trail.record import record
from units.models import PledgeTerms, Unit


@dataclass(frozen=True)
class Text:
    """``items``: {"title", "text"} in the order they are printed."""

    items: Sequence[dict[str, str]]
    liability: str


@dataclass(frozen=True)
class Versions:
    """The versions of one kind as a bureau reads them: the one that holds, one to come, those that held before."""

    present: PledgeTerms
    coming: PledgeTerms | None
    former: list[PledgeTerms]

    @property
    def every(self) -> list[PledgeTerms]:
        return [*([self.coming] if self.coming else []), self.present, *self.former]


def terms_on(unit: Unit, day: date) -> PledgeTerms:
    """What ``unit`` pledges on ``day``."""
    held = PledgeTerms.objects.read_by(unit.bureau_id).filter(kind=unit.kind).in_force(day).first()
    assert held is not None, "the migration loads a version of every kind"
    return held


def versions_of(bureau_id: int | None, day: date, kind: str = "") -> dict[str, Versions]:
    """Kind → its versions on ``day``, or only those of ``kind``. One query."""
    rows = PledgeTerms.objects.read_by(bureau_id).select_related("confirmed_by").order_by("kind", "-version")
    by_kind: dict[str, list[PledgeTerms]] = {}
    for row in rows.filter(**({"kind": kind} if kind else {})):
        by_kind.setdefault(row.kind, []).append(row)
    return {kind: _sorted(rows, day) for kind, rows in by_kind.items()}


def _sorted(rows: list[PledgeTerms], day: date) -> Versions:
    begun = [row for row in rows if not row.is_coming(day)]
    present = max(begun, key=lambda row: (row.since or date.min, row.version))
    coming = next((row for row in rows if row.is_coming(day)), None)
    return Versions(present, coming, [row for row in begun if row != present])


@transaction.atomic
def settle_terms(actor: User, kind: str, text: Text, since: date, reason: str, *, on: date) -> PledgeTerms:
    """From ``since``, today (``on``) at the earliest, units of ``kind`` of the actor's bureau pledge ``text``.

    The same text as the shipped one confirms it. What was signed keeps its version. Raises Refusal for what was typed
    wrongly, RuleError while another version is to come.
    """
    versions = _locked(actor, kind, on)
    if versions.coming is not None:
        raise RuleError(
            f"{versions.coming}已核定，{versions.coming.since} 起用，不能再核定一版", remedy="先撤回没有起用的一版。"
        )
    refuse([*_start(versions.present, since, on), *_words(versions.present, text, reason)])
    own = PledgeTerms.objects.create(
        kind=kind, bureau=actor.organisation.bureau, version=max(row.version for row in versions.every) + 1,
        items=list(text.items), liability=text.liability, since=since, confirmed_on=on, confirmed_by=actor,
        reason=reason.strip(),
    )  # fmt: skip
    summary, before = f"核定责任书条款：{own}，{since} 起", _shown(versions.present)
    record(actor, "units.settle_terms", own, summary, before=before, after=_shown(own), reason=reason)
    return own


@transaction.atomic
def withdraw_terms(actor: User, kind: str, *, on: date) -> None:
    """Take back the version that has not begun on ``on``; the present one goes on."""
    coming = _locked(actor, kind, on).coming
    if coming is None:
        raise RuleError("没有尚未起用的条款可以撤回", remedy="已经起用的，只能再核定一版。")
    summary = f"撤回责任书条款：{coming}，原定 {coming.since} 起"
    record(actor, "units.withdraw_terms", coming, summary, before=_shown(coming))
    coming.delete()


def _locked(actor: User, kind: str, on: date) -> Versions:
    """The versions the actor's bureau reads; its own row is the lock, because the first of its own has none."""
    bureau_id = actor.organisation.bureau_id
    if bureau_id is None:
        raise RuleError("责任书条款由公安机关核定")
    Organisation.objects.select_for_update(no_key=True).get(pk=bureau_id)
    return versions_of(bureau_id, on, kind)[kind]


def _start(present: PledgeTerms, since: date, on: date) -> Iterator[Fault]:
    if since < on:
        yield Fault("since", "起用日期不早于今天")
    elif present.since is not None and since <= present.since:
        yield Fault("since", f"现行的一版 {present.since} 起用，新的应在这以后起用")


def _words(present: PledgeTerms, text: Text, reason: str) -> Iterator[Fault]:
    """What speaks against the text: nothing to change, or a paper that could not be issued with it."""
    if not reason.strip():
        yield Fault("reason", "请填写")
    if not text.items:
        yield Fault("terms[0].title", "责任条款至少写一条")
    if present.bureau_id is not None and (list(text.items), text.liability) == (present.items, present.liability):
        yield Fault("terms[0].text", "和现行的条款相同，没有要改的")
    said = gate.check(Kind.PLEDGE, {"terms": list(text.items), "liability": text.liability})
    yield from (fault for fault in said if fault.field.startswith(("terms[", "liability")))


def _shown(terms: PledgeTerms) -> dict[str, Any]:
    return {"version": terms.version, "since": terms.since, "items": terms.items, "liability": terms.liability}
