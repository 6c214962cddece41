"""What is explained stands, what is new is told, and a reason that outlived its line is told too."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.security import __main__ as security
from tests.security.findings import DAYS, Excuse, Finding, excuses, judge, overdue
from tests.security.scans import CannotLook

TODAY = date(2026, 11, 22)

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

    assert [each.rule for each in excuses(TODAY, tmp_path / "full.toml")] == ["B105"]
    with pytest.raises(ValueError, match="no reason is given"):
        excuses(TODAY, tmp_path / "bare.toml")


def test_every_explanation_kept_here_has_its_reason() -> None:
    assert all(len(each.why) >= 20 for each in excuses(date.max))


# ---------- known holes ----------


def hole(severity: str = "high", since: str = "2026-11-20", tool: str = "pip-audit", rule: str = "GHSA-0000") -> str:
    """As it stands in explained.toml."""
    why = 'why = "the parser with the hole is never called"'
    told = f'tool = "{tool}"\nrule = "{rule}"\nplace = "requirements.txt"\nwords = "pillow 12.0.0"\n{why}\n'
    return f"[[finding]]\n{told}" + f'severity = "{severity}"\n' * bool(severity) + f"since = {since}\n" * bool(since)


@pytest.mark.parametrize(
    ("told", "good"),
    [
        (hole(), True),
        (hole(since=f"{TODAY}"), True),
        (hole(since=""), False),
        (hole(severity=""), False),
        (hole(severity="harmless"), False),
        (hole(since="2026-11-23"), False),
        (hole("high", tool="npm-audit", rule="high"), True),
        (hole("low", tool="npm-audit", rule="high"), False),
    ],
)
def test_a_known_hole_has_its_severity_and_the_day_it_was_known(tmp_path: Path, told: str, good: bool) -> None:
    (tmp_path / "told.toml").write_text(told)
    if good:
        assert len(excuses(TODAY, tmp_path / "told.toml")) == 1
    else:
        with pytest.raises(ValueError, match=r"a known hole has|npm says"):
            excuses(TODAY, tmp_path / "told.toml")


@pytest.mark.parametrize("severity", DAYS)
def test_a_known_hole_stands_until_its_time_is_over(severity: str) -> None:
    known = Excuse("pip-audit", "GHSA-0000", "requirements.txt", "pillow 12.0.0", "x" * 20, severity, date(2026, 11, 1))
    last = date(2026, 11, 1) + timedelta(DAYS[severity])
    assert (overdue([known, EXCUSE], last), overdue([known, EXCUSE], last + timedelta(1))) == ([], [known])


def test_the_worse_a_hole_the_sooner_and_the_page_says_the_same_days() -> None:
    assert list(DAYS.values()) == sorted(DAYS.values())
    told = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| (critical|high|moderate|low)\b.*?\| (\d+) days? \|", told, re.MULTILINE)
    assert {severity: int(days) for severity, days in rows} == DAYS


HOLE = Finding("pip-audit", "GHSA-0000", "requirements.txt", "pillow 12.0.0")


@pytest.mark.parametrize(("since", "code", "told"), [("2026-11-10", 0, ""), ("2026-11-01", 1, "TIME IS OVER: high")])
def test_the_command_refuses_a_hole_that_was_not_mended_in_time(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    time_machine: object,
    since: str,
    code: int,
    told: str,
) -> None:
    time_machine.move_to(TODAY, tick=False)  # type: ignore[attr-defined]
    (tmp_path / "told.toml").write_text(hole(since=since))
    monkeypatch.setattr(security, "excuses", lambda today: excuses(today, tmp_path / "told.toml"))
    monkeypatch.setattr(security, "PARTS", {"packages": (lambda: [HOLE],)})
    assert security.main(["packages"]) == code
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(("offline", "code"), [("", 1), ("1", 0)])
def test_where_nobody_answers_it_says_so_and_lists_the_versions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], offline: str, code: int
) -> None:
    def nobody() -> list[Finding]:
        raise CannotLook("no advisory service answered")

    monkeypatch.setenv("OFFLINE", offline)
    monkeypatch.setattr(security, "PARTS", {"packages": (nobody,)})
    assert security.main(["packages"]) == code
    told = capsys.readouterr().out
    assert "Known holes were NOT looked up. In use: " in told
    assert re.search(r"\bdjango 5\.2", told)
    assert "NOT LOOKED: packages" in told
