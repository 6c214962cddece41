"""Re-inspections on a real PostgreSQL, a real Redis and a real Celery worker that is killed, with its broker emptied.

Each test has a database of its own, copied from the test database: what a worker sees must be committed.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis
from django.conf import settings
from django.db import connection, connections
from django.utils.timezone import localdate

from deadlines.models import Clock
from fire_supervision.celery import app
from fire_supervision.wall.policies import SWEEPS
from hazards import actions
from hazards.models import Hazard, Reinspection
from hazards.sweeps import BATCH
from inspections.models import HazardType, Mode
from stations.models import Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from trail.models import AuditEntry
from units.models import Category, Unit

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BASE_DIR = Path(__file__).resolve().parents[2]
ORDERS = 120
COPY = "sweeps"
WAIT = 60


# ---------- a database, a broker, a worker ----------


@pytest.fixture
def committed(db: None) -> Iterator[None]:
    """A copy of the test database that every process sees; in it, the test runs in no transaction."""
    outer = connections["default"]
    outer.close()  # a database somebody is connected to cannot be copied; the test's own transaction ends with it
    _on_server(
        f'DROP DATABASE IF EXISTS "{COPY}" WITH (FORCE)',
        f'CREATE DATABASE "{COPY}" TEMPLATE "{outer.settings_dict["NAME"]}"',
    )
    copy = outer.copy()
    copy.settings_dict = outer.settings_dict | {"NAME": COPY}
    connections["default"] = copy
    yield
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


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A worker of two processes on the copy, in a process group of its own; killed at the end if it still lives."""
    known = connection.settings_dict
    env = os.environ | {"DATABASE_URL": f"postgres://{SWEEPS}@/{known['HOST']}/{COPY}"}
    command = [sys.executable, "-m", "celery", "-A", "fire_supervision", "worker", "-c", "2", "-l", "ERROR"]
    process = subprocess.Popen(command, cwd=BASE_DIR, env=env, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, parent and children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def flush() -> None:
    """FLUSHALL: every message that waits or is being worked on is gone."""
    redis.Redis(unix_socket_path=urlsplit(settings.BROKER_URL).path).flushall()


def beat() -> None:
    """What the beat sends once a minute."""
    app.send_task("hazards.open_due")


def until(done: Callable[[], bool]) -> None:
    """Wait until ``done``; fails the test when it takes too long."""
    limit = time.monotonic() + WAIT
    while not done():
        assert time.monotonic() < limit, f"waited {WAIT} s in vain"
        time.sleep(0.02)


# ---------- what is due ----------


@pytest.fixture
def due(committed: None, request: pytest.FixtureRequest) -> set[int]:
    """The clocks of as many old orders whose period ended some days ago; nobody has swept yet."""
    flush()  # what another test left in the broker is none of this one's
    today = localdate()
    kind, category = HazardType.objects.get(code="EV06"), Category.objects.get(code="SHOP")
    station, officer, chief = _people()
    for number in range(getattr(request, "param", ORDERS)):
        name = f"{number}号店"
        unit = Unit.objects.create(
            **station.scope_columns(), kind="PREMISES", category=category, name=name, name_key=name, address=name,
            address_key=name, officer=officer,
        )  # fmt: skip
        _enter(unit, chief, officer, kind, number, today)
    return set(Clock.objects.filter(rule_code="RECHECK").values_list("pk", flat=True))


def _people() -> tuple[Organisation, User, User]:
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河西市公安局", code_word="河公")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    station = Organisation.objects.create(
        kind=OrganisationKind.STATION, name="码头派出所", short_name="码头", parent=bureau, bureau=bureau
    )
    make = User.objects.create_user
    officer = make("880001", name="何码", role=Role.OFFICER, organisation=station, certificate_no="河公证1")
    chief = make("880002", name="江头", role=Role.CHIEF, organisation=station, certificate_no="河公证2")
    return station, officer, chief


def _enter(unit: Unit, chief: User, officer: User, kind: HazardType, number: int, today: date) -> None:
    ended = today - timedelta(days=number % 5)
    actions.enter_open_order(
        unit, chief, mode=Mode.LIMIT, number=f"消限字第{number:04d}号", issued_on=ended - timedelta(days=9),
        issued_by=officer, hazards=[actions.OpenHazard(kind, "走道", f"{unit.name}走道标志损坏", ended)],
        service=actions.OldService(ended - timedelta(days=8), "店主", officer), today=today,
    )  # fmt: skip


def opened() -> int:
    return Reinspection.objects.count()


def each_once(due: set[int]) -> None:
    """The set of effects equals the set of causes: nothing lost, nothing doubled."""
    assert Counter(Reinspection.objects.values_list("clock_id", flat=True)) == Counter(due)
    assert set(Hazard.objects.values_list("state", flat=True)) == {"DUE"}
    told = Counter(Message.objects.filter(key__startswith="recheck:").values_list("user__number", flat=True))
    assert told == {"880001": len(due), "880002": len(due)}
    assert AuditEntry.objects.filter(action="hazards.open_due").count() == len(due)


# ---------- the tests ----------


def test_two_beats_deliver_the_same_sweep_and_each_re_inspection_opens_once(due: set[int]) -> None:
    with worker():
        for _ in range(6):
            beat()
        until(lambda: opened() == len(due))
        beat()
    each_once(due)


# Several batches, each a transaction: a kill falls into one of them or between two.
@pytest.mark.parametrize("due", [3 * BATCH], indirect=True)
def test_a_worker_killed_and_a_broker_emptied_at_any_point_lose_and_double_nothing(due: set[int]) -> None:
    chance = random.Random(20261010)  # the same points each time
    interrupted = 0
    while (before := opened()) < len(due):
        with worker() as process:
            beat()
            beat()
            until(lambda before=before: opened() > before)  # type: ignore[misc]
            time.sleep(chance.random() * 0.05)
            kill(process)
            flush()
            interrupted += before < opened() < len(due)
    assert interrupted >= 1  # it was killed in the middle of its work
    with worker():
        beat()
        until(lambda: opened() == len(due))
    each_once(due)


def test_a_worker_that_lives_on_hears_the_beat_again_after_its_broker_was_emptied(due: set[int]) -> None:
    with worker():
        until(lambda: bool(app.control.ping(timeout=0.5)))
        flush()
        beat()
        until(lambda: opened() == len(due))
    each_once(due)


def test_four_sweeps_at_once_share_the_work(due: set[int]) -> None:
    start, today, copy = Barrier(4), localdate(), connections["default"]

    def sweep(_: int) -> int:
        connections["default"] = copy.copy()
        start.wait()
        try:
            return actions.open_due(today)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(sweep, range(4)))
    assert sum(shares) == len(due)
    assert actions.open_due(today) == 0
    each_once(due)
