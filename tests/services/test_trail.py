"""The trail on a real PostgreSQL: who is refused, how what a superuser does is found, many writers and two sealers."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from fire_supervision.wall.policies import SWEEPS
from stations.models import User
from tests.trail.conftest import NOON, entry_at, key  # noqa: F401 - a fixture
from tests.trail.tampering import Stage, run, tampered
from tests.wall import as_app
from trail import actions
from trail.exporting import lines
from trail.models import AuditEntry, Checkpoint, Run, RunKind, Seal
from trail.record import record
from trail.runs import verified
from trail.sealing import LOCK, told
from trail.verifier import verify

pytestmark = [pytest.mark.services, pytest.mark.django_db]
COPY, APP = "trail_copy", "trail_test_app"
TABLES = ("trail_auditentry", "trail_seal", "trail_checkpoint")
VERBS = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}", "UPDATE {0} SET {1} = {1} WHERE false")


@pytest.fixture(autouse=True)
def _files_in_the_test(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def sealed(officer: User) -> Checkpoint:
    """Three hours of entries with their checkpoints."""
    made = None
    for hour in range(3):
        with transaction.atomic():
            for number in range(20):
                at = NOON + timedelta(hours=hour, minutes=-number - 1)
                entry_at(at, officer, summary=f"第 {hour} 时第 {number} 条")
        made = actions.make_checkpoint(NOON + timedelta(hours=hour))
    assert made is not None
    return made


@pytest.fixture
def committed(db: None) -> Iterator[None]:
    """A copy of the test database that every connection sees; in it, the test runs in no transaction."""
    outer = connections["default"]
    outer.close()  # a database somebody is connected to cannot be copied; the test's own transaction ends with it
    _on_server(f'DROP DATABASE IF EXISTS "{COPY}" WITH (FORCE)')
    _on_server(f'CREATE DATABASE "{COPY}" TEMPLATE "{outer.settings_dict["NAME"]}"')
    copy = outer.copy()
    copy.settings_dict = outer.settings_dict | {"NAME": COPY}
    connections["default"] = copy
    yield
    copy.close()
    connections["default"] = outer
    _on_server(f'DROP DATABASE "{COPY}" WITH (FORCE)')


def _on_server(statement: str) -> None:
    known = connection.settings_dict
    place = {"host": known["HOST"], "user": known["USER"], "port": known["PORT"] or None}
    with closing(psycopg2.connect(dbname="template1", **place)) as server:
        server.autocommit = True
        server.cursor().execute(statement)


@pytest.fixture
def app_role() -> str:
    """A role as the web has one: it reads and appends."""
    run(f"DROP ROLE IF EXISTS {APP}")
    run(f"CREATE ROLE {APP} NOLOGIN NOBYPASSRLS")
    for table in TABLES:
        run(f"GRANT SELECT, INSERT ON {table} TO {APP}")
    return APP


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", VERBS)
def test_the_owner_himself_is_refused(verb: str, table: str, sealed: Checkpoint) -> None:
    columns = {"trail_auditentry": "id", "trail_seal": "sequence", "trail_checkpoint": "number"}
    with pytest.raises(DatabaseError, match=f"append-only: [A-Z]+ of {table}"), transaction.atomic():
        run(verb.format(table, columns[table]))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", VERBS)
def test_the_role_of_the_web_is_refused(verb: str, table: str, sealed: Checkpoint, app_role: str) -> None:
    columns = {"trail_auditentry": "id", "trail_seal": "sequence", "trail_checkpoint": "number"}
    with transaction.atomic():
        run(f"SET LOCAL ROLE {app_role}")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            run(verb.format(table, columns[table]))
        run("RESET ROLE")


def test_a_role_that_may_no_more_than_read_and_append_writes_and_seals(sealed: Checkpoint) -> None:
    count = Seal.objects.count()
    with as_app(SWEEPS), transaction.atomic():
        record(None, "units.change", None, "修改")
        assert actions.seal_pending() == 1
        made = actions.make_checkpoint(timezone.now())
    assert made is not None
    assert (made.last_sequence, verify(lines(), held=[told(made)]).exit_code) == (count + 1, 0)


def test_a_session_that_plays_a_replica_is_refused_too(sealed: Checkpoint) -> None:
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run("DELETE FROM trail_auditentry")


def test_what_a_superuser_does_is_found(sealed: Checkpoint) -> None:
    """150 of the 10,000 of `make trail`, chosen by a seed."""
    stage = Stage(Random(8032), told(sealed), [])
    assert stage.verified().exit_code == 0
    missed = [what for what, report in (tampered(stage) for _ in range(150)) if report.exit_code != 1]
    assert missed == []
    assert stage.verified().exit_code == 0


# ---------- many at once ----------


def _own_connection(work: Callable[[], int]) -> Callable[[object], int]:
    copy = connections["default"]

    def do(_: object) -> int:
        connections["default"] = copy.copy()
        try:
            return work()
        finally:
            connection.close()

    return do


def test_two_sealers_and_writers_who_commit_late_leave_one_whole_chain(committed: None) -> None:
    stop, rng = threading.Event(), Random(5)

    def write() -> int:
        for _ in range(40):
            with transaction.atomic():
                for _ in range(rng.randrange(1, 4)):
                    record(None, "units.change", None, "修改")
                stop.wait(rng.random() / 100)
        return 0

    def seal() -> int:
        count = 0
        while not stop.is_set():
            count += actions.seal_pending()
        return count

    with ThreadPoolExecutor(8) as pool:
        sealers = [pool.submit(_own_connection(seal), None) for _ in range(2)]
        list(pool.map(_own_connection(write), range(6)))
        stop.set()
        count = sum(each.result() for each in sealers)
    made = actions.make_checkpoint(timezone.now())
    assert made is not None
    assert count <= made.last_sequence == AuditEntry.objects.count() == Seal.objects.count() >= 240
    report = verified()
    assert (report.findings, report.sealed) == ([], made.last_sequence)


def test_a_sealer_goes_home_while_another_one_seals(committed: None) -> None:
    with transaction.atomic():
        record(None, "units.change", None, "修改")
    known = connection.settings_dict
    with closing(psycopg2.connect(host=known["HOST"], user=known["USER"], dbname=COPY)) as rival:
        rival.cursor().execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        assert actions.seal_pending() == 0
        rival.rollback()
    assert actions.seal_pending() == 1


def test_a_sealer_down_for_hours_leaves_nothing_to_find(committed: None, officer: User) -> None:
    begin = datetime(2026, 11, 19, 0, tzinfo=UTC)
    actions.make_checkpoint(begin)
    for minute in range(0, 600, 5):
        with transaction.atomic():
            entry_at(begin + timedelta(minutes=minute), officer)
    made = actions.make_checkpoint(begin + timedelta(hours=10))
    assert made is not None
    assert verify(lines(), held=[told(made)]).findings == []


def test_two_clicks_at_once_have_one_run_made(committed: None, officer: User) -> None:
    begin = threading.Barrier(6)

    def ask() -> int:
        begin.wait()
        return actions.ask(RunKind.VERIFY, officer, NOON, [1]).pk

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(_own_connection(ask), range(6)))
    assert made == {Run.objects.get().pk}
    assert AuditEntry.objects.filter(action="trail.verify").count() == 1
