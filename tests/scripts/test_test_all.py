"""The closing line of `make test` counts what pytest reported, and nothing is taken for green by silence."""

from collections import Counter
from contextlib import nullcontext

import pytest


@pytest.fixture
def test_all(script):
    return script("test_all")


def test_a_broken_set_up_counts_as_a_failure_and_a_test_is_counted_once(test_all, tmp_path):
    report = tmp_path / "part.xml"
    report.write_text(
        "<testsuites><testsuite><testcase name='a'/><testcase name='b'><failure/><error/></testcase>"
        "<testcase name='c'><error/></testcase><testcase name='d'><skipped/></testcase></testsuite></testsuites>"
    )
    assert test_all.count(report) == Counter(passed=1, failed=2, skipped=1)


def test_a_part_that_left_no_report_counts_as_one_failure(test_all, tmp_path):
    assert test_all.count(tmp_path / "missing.xml") == Counter(failed=1)


# Each starts a pytest of its own.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("suite", "code", "summed", "fine"),
    [
        ("def test_one(): pass", 0, {"passed": 1}, True),
        ("def test_one(): assert False", 1, {"failed": 1}, False),
        ("", 5, {}, False),
    ],
)
def test_a_part_is_fine_only_when_something_ran_and_nothing_failed(
    test_all, tmp_path, monkeypatch, capsys, suite, code, summed, fine
):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(suite)
    monkeypatch.setattr(test_all, "RESULTS", tmp_path)
    arguments = ["-c", str(tmp_path / "pytest.ini"), "-p", "no:django", "-p", "no:env", str(tmp_path)]
    monkeypatch.setitem(test_all.PARTS, "trial", ("Trial", arguments))
    assert test_all.run("trial", {}) == (Counter(summed), fine)
    assert ("no test ran" in capsys.readouterr().out) is (code == 5)


def test_an_unknown_part_is_refused_by_name(test_all):
    with pytest.raises(SystemExit, match="Unknown part: postgres"):
        test_all.main(["postgres"])


@pytest.mark.parametrize(
    ("named", "expected"),
    [([], ["sqlite", "postgresql", "wall", "services", "browser"]), (["wall", "walks"], ["wall", "walks"])],
)
def test_the_long_walks_behind_the_wall_run_only_when_they_are_named(test_all, tmp_path, monkeypatch, named, expected):
    servers = {"DATABASE_URL": "postgres://"}
    ran = {}

    def run(part, told):
        ran[part] = told
        return Counter(passed=1), True

    monkeypatch.setattr(test_all, "RESULTS", tmp_path)
    monkeypatch.setattr(test_all.signal, "signal", lambda *_: None)
    monkeypatch.setattr(test_all, "services", lambda: nullcontext(servers))
    monkeypatch.setattr(test_all, "run", run)
    assert test_all.main(named) == 0
    assert list(ran) == expected
    assert {part for part, told in ran.items() if not told} == set(expected) & {"sqlite", "browser"}
