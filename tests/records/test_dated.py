"""No paper is older than what it tells; papers from before a key was added print as they did."""

from typing import Any

import pytest

from records import papers
from records.dated import CITED
from records.gate import check
from records.models import Copy, Kind
from records.samples.case import RECHECK, REFERRAL
from tests.records.test_gate import with_at
from tests.records.test_gate_leaves import FIRSTS

Context = dict[str, Any]


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in CITED.items() for path in paths])
def test_a_paper_is_not_dated_before_what_it_cites(kind: Kind, path: str) -> None:
    [(context, place)] = [
        (sample.context, place) for each, leaf, sample, place, _ in FIRSTS if (each, leaf) == (kind, path)
    ]
    on = context["issued_on"]
    assert check(kind, with_at(context, place, on)) == []
    [fault] = [each for each in check(kind, with_at(context, place, "2027-01-04")) if each.field == "issued_on"]
    assert fault.message == f"成文日期 {on} 早于文中 2027-01-04 的{CITED[kind][path]}"


def without(context: Context, *keys: str) -> Context:
    return {key: value for key, value in context.items() if key not in keys}


def test_letters_and_records_from_before_extensions_were_named_print_as_they_did() -> None:
    measures = [without(each, "extensions") for each in REFERRAL["measures"]]
    letter = without(REFERRAL, "urged") | {"measures": measures}
    for kind, now, before in (
        (Kind.REFERRAL, REFERRAL, letter),
        (Kind.RECHECK_RECORD, RECHECK, without(RECHECK, "extensions")),
    ):
        assert check(kind, before) == []
        assert papers.html(kind, before, Copy.ARCHIVE) == papers.html(kind, now, Copy.ARCHIVE)
