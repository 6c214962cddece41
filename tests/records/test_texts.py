"""What a paper knows stands on it: every value of every context is read back from the printed file."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest

from records.canonical import SIGNING
from records.citations import cited
from records.models import FORMS, Copy, Kind
from records.samples import SAMPLES, Sample

# By kind, the places of a context that are no words of the paper, and why; `[]` stands for each entry of a list.
NOT_PRINTED: dict[Kind, dict[str, str]] = {
    Kind.INSPECTION_RECORD: {"subject": "says which part of the form is struck out"},
    Kind.RECHECK_RECORD: {"order.issued_on": "the form asks for the order's number, service and deadline"},
    Kind.EXTENSION: {"unit.credit_code": "the form asks for name, address, person and phone"},
}
# 回执: what the receiver has to know to send it back.
RETURNED = {"heading", "number", "to", "unit.name"}
# What is printed otherwise than `words` says.
PRINTED: dict[tuple[Kind, str], Callable[[str], str]] = {
    (Kind.COMPLAINT_REPLY, "received_at"): lambda moment: words(moment[:10]),
    (Kind.BULLETIN, "stations[].rates[]"): lambda rate: rate.removesuffix("%"),
    **{(kind, "problems[].violates"): cited for kind in (Kind.ORDER_NOW, Kind.ORDER_LIMIT)},
    **{(kind, "hazards[].violates"): cited for kind in (Kind.REFERRAL, Kind.HAZARD_REPORT)},
    **{(Kind.REFERRAL, place): cited for place in ("basis", "violates[]")},
}
COPIES = [(sample, copy) for sample in SAMPLES for copy in FORMS[sample.kind].copies]
# Points from the upper edge of a sheet to where its page number and the QR stand: 297 mm less the lower margin of 35.
FOOT = 742
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def squeezed(words: str) -> str:
    return re.sub(r"\s|　", "", words)


@cache
def read(pdf: bytes) -> str:
    """The words of ``pdf`` in the order they were drawn, without the feet of its sheets.

    So a value that wraps in its cell, or runs on to the next sheet, stays in one piece.
    """
    command = ["pdftotext", "-raw", "-x", "0", "-y", "0", "-W", "596", "-H", str(FOOT), "-", "-"]
    return squeezed(subprocess.run(command, input=pdf, check=True, stdout=subprocess.PIPE).stdout.decode())


def values(context: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is neither empty nor a yes or no, with its place."""
    if isinstance(context, Mapping):
        for key, value in context.items():
            if not path and key in SIGNING:
                continue
            yield from values(value, f"{path}.{key}" if path else key)
    elif isinstance(context, list):
        for value in context:
            yield from values(value, f"{path}[]")
    elif context not in ("", None) and not isinstance(context, bool):
        yield path, context


def words(value: Any) -> str:
    """``value`` as papers print it: 2026-03-05 as 2026年3月5日, an instant with its minute."""
    said = str(value)
    if ISO_MOMENT.match(said):
        at = datetime.fromisoformat(said)
        return f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"
    if ISO_DAY.fullmatch(said):
        on = date.fromisoformat(said)
        return f"{on.year}年{on.month}月{on.day}日"
    return squeezed(said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sample", "copy"), COPIES, ids=[f"{sample.kind}-{sample.name}-{copy}".lower() for sample, copy in COPIES]
)
def test_every_value_of_the_context_can_be_read_on_the_paper(
    sample: Sample, copy: Copy, sample_pdf: Callable[[Sample, Copy], bytes]
) -> None:
    printed = read(sample_pdf(sample, copy))
    excused = set(NOT_PRINTED.get(sample.kind, {}))
    wanted = [
        (place, PRINTED.get((sample.kind, place), words)(value))
        for place, value in values(sample.context)
        if place not in excused and (copy != Copy.RECEIPT or place in RETURNED)
    ]
    assert len(wanted) > 5 if copy != Copy.RECEIPT else len(wanted) == len(RETURNED)
    assert [(place, said) for place, said in wanted if said not in printed] == []


def test_what_need_not_be_printed_is_part_of_some_sample() -> None:
    """An excuse nobody needs any more would hide what goes missing later."""
    known = {kind: {place for s in SAMPLES if s.kind == kind for place, _ in values(s.context)} for kind in Kind}
    assert [(kind, place) for kind, places in NOT_PRINTED.items() for place in places if place not in known[kind]] == []


def test_the_walk_over_a_context_finds_each_value_at_its_place() -> None:
    context = {
        "number": "第1号", "empty": "", "none": None, "yes": True, "signatures": {"lead": "x"},
        "problems": [{"no": 1, "on": "2026-03-05"}, {"no": 2, "signed": "x"}],
    }  # fmt: skip
    assert list(values(context)) == [
        ("number", "第1号"), ("problems[].no", 1), ("problems[].on", "2026-03-05"), ("problems[].no", 2),
        ("problems[].signed", "x"),
    ]  # fmt: skip
    assert [words(value) for value in ("2026-03-05", "2026-03-05T09:05:00+08:00", "第 1　号", 7)] == [
        "2026年3月5日", "2026年3月5日9时05分", "第1号", "7",
    ]  # fmt: skip
