"""Numbers under concurrency on SQLite: eight officers sign at once, some fail, one is killed with kill -9."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, connections, transaction

from records.models import Document, DocumentCounter
from tests.records.issuing import DAY, Place, Refused, dying, issue, lay_out, sequences

# Threads and processes of its own: most of what it takes is their waiting for each other.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OFFICERS, EACH = 8, 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "db.sqlite3"


@pytest.fixture
def place(db: None, file: Path) -> Iterator[Place]:
    """A station and an officer in a file, copied from the test's database, in which every connection commits."""
    outer = connections["default"]
    outer.ensure_connection()
    # A backup would wait for the test's own transaction to end.
    file.write_bytes(outer.connection.serialize())
    copy = outer.copy()
    copy.settings_dict = outer.settings_dict | {"NAME": str(file)}
    connections["default"] = copy
    yield lay_out()
    copy.close()
    connections["default"] = outer


def sign_all(place: Place, failing: set[int]) -> list[int]:
    """Issue three papers an officer, all at once and each on a connection of its own; the sequences that were kept."""
    start, copy = Barrier(OFFICERS), connections["default"]

    def one(*, fails: bool) -> int | None:
        try:
            with transaction.atomic():
                paper = issue(place)
                if fails:
                    raise Refused
        except Refused:
            return None
        return paper.sequence

    def sign(number: int) -> list[int | None]:
        connections["default"] = copy.copy()
        start.wait()
        try:
            return [one(fails=number in failing) for _ in range(EACH)]
        finally:
            connection.close()

    with ThreadPoolExecutor(OFFICERS) as pool:
        return sorted(found for each in pool.map(sign, range(OFFICERS)) for found in each if found is not None)


def test_eight_at_once_get_every_number_once(place: Place) -> None:
    assert sign_all(place, failing=set()) == list(range(1, OFFICERS * EACH + 1))
    assert sequences() == list(range(1, OFFICERS * EACH + 1))
    assert Document.objects.values("number").distinct().count() == OFFICERS * EACH


def test_acts_undone_leave_no_gap_and_no_double(place: Place) -> None:
    kept = (OFFICERS - 3) * EACH
    assert sign_all(place, failing={0, 3, 6}) == list(range(1, kept + 1))
    assert issue(place).sequence == kept + 1
    assert sequences() == list(range(1, kept + 2))
    assert DocumentCounter.objects.get(year=DAY.year).last == kept + 1


def test_a_process_killed_between_the_number_and_the_commit_leaves_no_gap(place: Place, file: Path) -> None:
    assert issue(place).sequence == 1
    with dying(place, f"sqlite:///{file}") as process:
        assert process.took() == 2
        assert sequences() == [1]
        assert process.kill() == -signal.SIGKILL
    assert [issue(place).sequence, issue(place).sequence] == [2, 3]
    assert sequences() == [1, 2, 3]
