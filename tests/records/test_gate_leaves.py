"""Nothing a paper prints as filled in may be blank: the gate asks for it, or a table here says why it may be."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from records import papers
from records.canonical import SIGNING
from records.gate import check
from records.models import FORMS, Copy, Kind
from records.samples import SAMPLES
from records.samples.sample import Sample
from tests.records.test_gate import with_at

Context = dict[str, Any]
# By kind, what its form prints where it is known and leaves or strikes out where it is not; `[]` for each entry.
_UNIT = {
    "unit.person": "the ledger may not know him: ／",
    "unit.nature": "the ledger may not know it: ／",
    "unit.area": "the ledger may not know it: ／",
    "unit.floors": "the ledger may not know it: ／",
    "unit.height": "the ledger may not know it: ／",
}
_PEOPLE = {
    "companion.post": "he may have none, or not tell",
    "witness": "only beside a refusal, and where somebody else was there",
    "remark": "only where there is something to remark: ／",
}
_PARTY = {
    "unit.credit_code": "the ledger may not know it: ／",
    "unit.person": "the ledger may not know him: ／",
    "unit.phone": "the ledger may not know it: ／",
}
OPTIONAL: dict[Kind, dict[str, str]] = {
    Kind.INSPECTION_RECORD: _UNIT
    | _PEOPLE
    | {
        "committee[].note": "beside a ticked box, only where there is something to say",
        "sections[].rows[].note": "beside a ticked box or in a row of words, only where there is something to say",
    },
    Kind.SERVICE_RECEIPT: {
        "refusal.name": "who refuses need not tell his name",
        "refusal.witness": "a recording stands in for him (程序规定第36条)",
        "note": "only where there is something to remark: ／",
        "recipient.elsewhere": "only where he signed another paper than this",
    },
    Kind.SERVICE_CONSENT: {"assistant": "two officers need none"},
    Kind.EXTENSION: {
        "unit.person": _PARTY["unit.person"],
        "unit.phone": _PARTY["unit.phone"],
        "order.served_on": "a receipt of an order from before the system may be missing: ／",
    },
    Kind.RECHECK_RECORD: _UNIT
    | _PEOPLE
    | {
        "order.served_on": "a receipt of an order from before the system may be missing: ／",
        "results[].photos": "none need be taken",
        "results[].result.note": "beside a ticked box, only where there is something to say",
        "requested_on": "only where the unit asked to be re-inspected early",
        "extensions[].number": "granted before its paper was made here",
    },
    Kind.REFERRAL: _PARTY
    | {
        "visits[].record": "none for an order from before the system",
        "attachments[].number": "photographs have none",
        "measures[].served_on": "what is not served yet",
        "measures[].extensions[].number": "granted before its paper was made here",
        "contact.phone": "the account may know none: ／",
    },
    Kind.HAZARD_REPORT: _PARTY
    | {
        "record": "issued in the same act, it has no number while the report is a draft",
        "hazards[].measure": "the catalogue may ask for none in particular",
        "measures[].served_on": "issued in the same act and not served yet",
        "measures[].extensions[].number": "granted before its paper was made here",
        "contact.phone": "the account may know none: ／",
    },
    Kind.COMPLAINT: {
        "address": "the caller may not know it: ／",
        "visited_on": "the check may have been none of our visits",
        "reward": "most complaints are not rewarded: ／",
        "told": "what was said to him by word of mouth need not be written down; a written reply has its own paper",
    },
    Kind.PLEDGE: {"address": "the ledger may not know it: ／", "signer_b.post": "he may have none"},
    Kind.BULLETIN: {
        "stations[].rank": "of a station with nothing due: ／",
        "stations[].points": "of a station with nothing due: ／",
        "stations[].rates[]": "of a station with nothing due: ／",
    },
}
# The choices a form prints are its own words; what is chosen of them is looked at.
PRINTED_CHOICES = re.compile(r"(^|\.)options\[\d+\]$")


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every filled text and number of a context that is neither its number, a signature nor a printed choice."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if place or key not in {*SIGNING, "number"}:
                yield from leaves(each, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, f"{place}[{index}]")
    elif value not in ("", None) and not isinstance(value, bool) and not PRINTED_CHOICES.search(place):
        yield place, value


def general(place: str) -> str:
    return re.sub(r"\[\d+\]", "[]", place)


def firsts() -> list[tuple[Kind, str, Sample, str, Any]]:
    """Each leaf of each kind where it stands first: the first entry of its list in the first sample that fills it."""
    found: dict[tuple[Kind, str], tuple[Sample, str, Any]] = {}
    for sample in SAMPLES:
        for place, value in leaves(sample.context):
            found.setdefault((sample.kind, general(place)), (sample, place, value))
    return [(kind, leaf, *rest) for (kind, leaf), rest in found.items()]


FIRSTS = firsts()


def sheet(kind: Kind, context: Context) -> str:
    copies = FORMS[kind].copies
    return papers.html(kind, context, Copy.ARCHIVE if Copy.ARCHIVE in copies else next(iter(copies)))


def is_printed(kind: Kind, context: Context, blank: Context) -> bool:
    try:
        return sheet(kind, blank) != sheet(kind, context)
    except (TypeError, ValueError, KeyError):
        return True


def blanked(sample: Sample, place: str, value: Any) -> Context:
    return with_at(sample.context, place, "" if isinstance(value, str) else None)


@pytest.mark.parametrize(
    ("kind", "leaf", "sample", "place", "value"), FIRSTS, ids=[f"{kind}-{leaf}".lower() for kind, leaf, *_ in FIRSTS]
)
def test_what_is_printed_is_asked_for_or_said_to_be_optional(
    kind: Kind, leaf: str, sample: Sample, place: str, value: Any
) -> None:
    assert check(kind, sample.context) == []
    blank = blanked(sample, place, value)
    refused, optional = bool(check(kind, blank)), leaf in OPTIONAL.get(kind, {})
    assert refused or optional or not is_printed(kind, sample.context, blank), f"{kind} {leaf}"
    # A reason nobody needs would hide what goes missing later.
    assert not (refused and optional), f"{kind} {leaf}"


def test_what_is_said_to_be_optional_is_printed_by_some_sample() -> None:
    known = {(kind, leaf) for kind, leaf, *_ in FIRSTS}
    assert [(kind, leaf) for kind, leaves in OPTIONAL.items() for leaf in leaves if (kind, leaf) not in known] == []
    assert {kind for kind, _ in known} == set(Kind)


def test_every_kind_demands_its_date() -> None:
    for kind in Kind:
        sample = next(sample for sample in SAMPLES if sample.kind == kind)
        assert [fault.message for fault in check(kind, sample.context | {"issued_on": " "})][:1] == [
            f"没有填写{'签订日期' if kind == Kind.PLEDGE else '成文日期'}"
        ]
