"""Words of an address that stand for a row."""

import pytest

from fire_supervision.lib.text import is_number


@pytest.mark.parametrize("word", ["0", "7", "9" * 18])
def test_figures_are_a_number(word: str) -> None:
    assert is_number(word)
    assert int(word) < 2**63


@pytest.mark.parametrize("word", ["", "-1", "+1", "1.0", " 1", "²", "١", "１", "9" * 19, "9" * 5_000, "1e3", "一"])
def test_what_python_or_the_database_would_stumble_over_is_none(word: str) -> None:
    assert not is_number(word)
