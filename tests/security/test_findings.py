"""What is explained stands, what is new is told, and a reason that outlived its line is told too."""

from pathlib import Path

import pytest

from tests.security.findings import Excuse, Finding, excuses, judge

FOUND = Finding("semgrep", "html-put-together", "records/templatetags/papers.py", "return mark_safe(names)", 49)
EXCUSE = Excuse("semgrep", "html-put-together", "records/templatetags/papers.py", "mark_safe(names)", "x" * 20)


def test_a_finding_with_a_reason_stands() -> None:
    assert judge([FOUND], [EXCUSE], {"semgrep"}) == ([], [])


def test_the_same_mistake_in_another_line_of_the_file_is_told() -> None:
    other = Finding("semgrep", "html-put-together", "records/templatetags/papers.py", "return mark_safe(words)", 60)

    assert judge([FOUND, other], [EXCUSE], {"semgrep"}) == ([other], [])


def test_a_reason_without_a_finding_is_told_only_if_its_scanner_looked() -> None:
    assert judge([], [EXCUSE], {"semgrep"}) == ([], [EXCUSE])
    assert judge([], [EXCUSE], {"bandit"}) == ([], [])


def test_an_explanation_without_a_reason_is_refused(tmp_path: Path) -> None:
    told = 'tool = "bandit"\nrule = "B105"\nplace = "a.py"\nwords = "x"\n'
    (tmp_path / "bare.toml").write_text(f'[[finding]]\n{told}why = "fine"\n')
    (tmp_path / "full.toml").write_text(f'[[finding]]\n{told}why = "the word shown to whoever chose it"\n')

    assert [each.rule for each in excuses(tmp_path / "full.toml")] == ["B105"]
    with pytest.raises(ValueError, match="no reason is given"):
        excuses(tmp_path / "bare.toml")


def test_every_explanation_kept_here_has_its_reason() -> None:
    assert all(len(each.why) >= 20 for each in excuses())
