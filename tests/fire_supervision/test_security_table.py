"""docs/security.md says of every requirement how it is met, by tests there are, or that it is not."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tests.security.table import Row, full_name, page, rows

# Requirements of levels 1 and 2 of OWASP ASVS 5.0, counted by section: V9, V10 and V17 have none that applies (no
# self-contained tokens, no OAuth, no WebRTC).
ASVS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4,
    "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2,
    "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
# Of level 3 those that are asked of this product by name.
ASVS_3 = [
    "1.2.10", "3.4.7", "3.4.8", "3.5.8", "4.1.4", "5.2.6", "5.3.3", "6.3.5", "6.3.7", "6.3.8", "6.5.6", "7.5.3",
    "8.3.2", "8.3.3", "13.4.6", "14.2.6", "15.2.5", "16.5.4",
]  # fmt: skip
DENGBAO = [
    *(f"8.1.4.1 {letter}" for letter in "abcd"),
    *(f"8.1.4.2 {letter}" for letter in "abcdefg"),
    *(f"8.1.4.3 {letter}" for letter in "abcd"),
    *(f"8.1.4.4 {letter}" for letter in "abcdef"),
    "8.1.4.5", "8.1.4.6", "8.1.4.7 a", "8.1.4.7 b", "8.1.4.8 a", "8.1.4.8 b", "8.1.4.9 a", "8.1.4.9 b", "8.1.4.9 c",
    "8.1.4.10 a", "8.1.4.10 b", "8.1.4.11 a", "8.1.4.11 b",
]  # fmt: skip
EVERY = [*rows("asvs"), *rows("asvs3"), *rows("dengbao")]


@cache
def names_in(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def is_there(test: str) -> bool:
    """``test`` as tests/…/test_x.py::test_name, or a file alone."""
    path, _, name = test.partition("::")
    names = names_in(settings.BASE_DIR / path)
    return name in names if name else bool(names)


def test_every_requirement_has_its_row() -> None:
    counted: dict[str, int] = {}
    for row in rows("asvs"):
        section = row.key.rpartition(".")[0]
        counted[section] = counted.get(section, 0) + 1

    assert counted == ASVS
    assert len({row.key for row in rows("asvs")}) == sum(ASVS.values())
    assert [row.key for row in rows("asvs3")] == ASVS_3
    assert [row.key for row in rows("dengbao")] == DENGBAO


def test_level_3_is_held_by_tests_alone() -> None:
    assert [row.key for row in rows("asvs3") if not row.tests or row.na] == []


def test_every_test_that_is_named_is_there() -> None:
    assert [(row.key, test) for row in EVERY for test in row.tests if not is_there(full_name(test))] == []


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.key)
def test_a_row_is_met_by_a_test_or_says_what_it_is(row: Row) -> None:
    assert row.what
    assert row.tests or row.na or row.deployer or row.open
    # Whatever is said in place of a test says why.
    assert all(len(words) >= 6 for words in (row.na, row.deployer, row.open) if words)
    assert not (row.na and (row.tests or row.open))
    assert row.how or not row.tests


def test_the_page_is_what_the_list_says() -> None:
    assert (settings.BASE_DIR / "docs" / "security.md").read_text() == page(), "python -m tests.security.table"


def test_every_test_named_anywhere_on_the_page_is_there() -> None:
    text = (settings.BASE_DIR / "docs" / "security.md").read_text()
    named = set(re.findall(r"tests/[\w/]+\.py(?:::\w+)?", text))

    assert len(named) > 100
    assert sorted(test for test in named if not is_there(test)) == []
