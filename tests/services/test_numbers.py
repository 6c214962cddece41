"""Numbers under concurrency, on a real PostgreSQL: sixty-four officers sign at once, some fail, one is killed."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg2
import pytest
from django.db import connection, connections, transaction

from records.models import Document, DocumentCounter
from tests.records.issuing import DAY, Place, Refused, dying, issue, lay_out, sequences

pytestmark = [pytest.mark.services, pytest.mark.django_db]
OFFICERS, COPY = 64, "numbers"


@pytest.fixture
def place(db: None) -> Iterator[Place]:
    """A station and an officer in a copy of the test database, where every connection sees what is committed."""
    outer = connections["default"]
    outer.close()  # a database somebody is connected to cannot be copied; the test's own transaction ends with it
    _on_server(
        f'DROP DATABASE IF EXISTS "{COPY}" WITH (FORCE)',
        f'CREATE DATABASE "{COPY}" TEMPLATE "{outer.settings_dict["NAME"]}"',
    )
    copy = outer.copy()
    copy.settings_dict = outer.settings_dict | {"NAME": COPY}
    connections["default"] = copy
    yield lay_out()
    copy.close()
    connections["default"] = outer
    _on_server(f'DROP DATABASE "{COPY}" WITH (FORCE)')


def _on_server(*statements: str) -> None:
    known = connection.settings_dict
    server = psycopg2.connect(host=known["HOST"], user=known["USER"], port=known["PORT"] or None, dbname="template1")
    server.autocommit = True
    try:
        for statement in statements:
            server.cursor().execute(statement)
    finally:
        server.close()


def sign_all(place: Place, failing: set[int]) -> list[int]:
    """Issue a paper an officer, all at once and each on a connection of its own; the sequences that were kept."""
    start, copy = Barrier(OFFICERS), connections["default"]

    def sign(number: int) -> int | None:
        connections["default"] = copy.copy()
        connections["default"].ensure_connection()
        start.wait()
        try:
            with transaction.atomic():
                paper = issue(place)
                if number in failing:
                    raise Refused
        except Refused:
            return None
        else:
            return paper.sequence
        finally:
            connection.close()

    with ThreadPoolExecutor(OFFICERS) as pool:
        return sorted(found for found in pool.map(sign, range(OFFICERS)) if found is not None)


def test_sixty_four_papers_at_once_get_the_numbers_one_to_sixty_four(place: Place) -> None:
    assert connection.vendor == "postgresql"
    assert sign_all(place, failing=set()) == list(range(1, OFFICERS + 1))
    assert sequences() == list(range(1, OFFICERS + 1))
    numbers = set(Document.objects.values_list("number", flat=True))
    assert numbers == {f"河公（渡口）消限字〔2026〕第{n:04d}号" for n in range(1, OFFICERS + 1)}


def test_a_third_of_the_acts_undone_leaves_no_gap_and_no_double(place: Place) -> None:
    failing = set(range(0, OFFICERS, 3))
    kept = OFFICERS - len(failing)
    rounds = [sign_all(place, failing=failing), sign_all(place, failing=set())]
    assert rounds == [list(range(1, kept + 1)), list(range(kept + 1, kept + OFFICERS + 1))]
    assert sequences() == list(range(1, kept + OFFICERS + 1))
    assert DocumentCounter.objects.get(year=DAY.year).last == kept + OFFICERS


def test_a_process_killed_between_the_number_and_the_commit_leaves_no_gap(place: Place) -> None:
    known = connection.settings_dict
    url = f"postgres://{known['USER']}@/{known['HOST']}/{COPY}"
    taken = [issue(place).sequence]
    with dying(place, url) as process:
        assert process.took() == 2
        assert sequences() == [1]
        assert process.kill() == -signal.SIGKILL
    taken += [issue(place).sequence, issue(place).sequence]
    assert taken == [1, 2, 3]
    assert sequences() == [1, 2, 3]
