"""The faults of `make chaos`, one at a time and small: PostgreSQL restarted, the clock set back, the broker emptied.

Each runs on a database of its own, as in `test_sweeps`; the auditor of the chaos reads it afterwards.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections
from django.utils.timezone import localdate, now

from deadlines.actions import remind
from deadlines.models import Clock, Notice
from filings.actions import open_month
from fire_supervision.celery import app
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Hazard, Order, Reinspection
from hazards.rechecks import Company, Result
from records.models import Document, Kind
from stations.models import Message, User
from tests.chaos.audit import audit
from tests.services.test_sweeps import BASE_DIR, committed, due, flush, kill, until, worker  # noqa: F401 - fixtures
from trail.models import AuditEntry
from units.models import Unit

sys.path.insert(0, str(BASE_DIR / "scripts"))
import services

pytestmark = [pytest.mark.services, pytest.mark.django_db]
THREADS = 4


def at_once(work: Callable[[], int]) -> list[int]:
    """Do ``work`` in four threads that start together, each on a connection of its own."""
    start, copy = Barrier(THREADS), connections["default"]

    def run(_: int) -> int:
        connections["default"] = copy.copy()
        start.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def each_step_once() -> Counter[int]:
    """How often each person was told; that nobody was told anything twice is checked on the way."""
    steps = Notice.objects.values_list("clock_id", "step")
    assert len(set(steps)) == len(steps)
    keys = Message.objects.values_list("user_id", "title", "body", "url")
    assert len(set(keys)) == len(keys)
    return Counter(Message.objects.filter(key__startswith="clock:").values_list("user_id", flat=True))


def test_four_sweeps_at_once_and_a_clock_set_back_an_hour_remind_once(due: set[int]) -> None:  # noqa: F811 - a fixture
    moment = now() + timedelta(days=14)
    assert sum(at_once(lambda: remind(moment))) == Notice.objects.count() > 0
    told = each_step_once()
    assert at_once(lambda: remind(moment - timedelta(hours=1))) == [0] * THREADS
    assert at_once(lambda: remind(moment)) == [0] * THREADS
    assert each_step_once() == told


def test_a_day_that_comes_twice_opens_each_re_inspection_once(due: set[int]) -> None:  # noqa: F811 - a fixture
    today = localdate()
    assert sum(at_once(lambda: actions.open_due(today))) == len(due)
    assert sum(at_once(lambda: actions.open_due(today - timedelta(days=1)))) == 0
    assert sum(at_once(lambda: actions.open_due(today))) == 0
    assert Reinspection.objects.count() == len(due)


def test_four_sweeps_at_once_open_the_month_of_a_station_once(due: set[int]) -> None:  # noqa: F811 - a fixture
    Unit.objects.update(created_at=now() - timedelta(days=70))
    at_once(lambda: open_month(localdate()) or 0)
    assert Clock.objects.filter(rule_code="MONTHLY_REPORT").count() == 1
    assert AuditEntry.objects.filter(action="filings.open_month").count() == 1


def test_reminders_whose_broker_is_emptied_and_whose_worker_is_killed_come_once(due: set[int]) -> None:  # noqa: F811 - a fixture
    Clock.objects.filter(pk__in=due).update(next_at=now() - timedelta(minutes=1))
    waiting = Clock.objects.running().filter(next_at__lte=now())
    for _ in range(2):
        with worker() as process:
            app.send_task("deadlines.remind")
            app.send_task("deadlines.remind")
            until(lambda: bool(app.control.ping(timeout=0.5)))
            kill(process)
            flush()
    with worker():
        app.send_task("deadlines.remind")
        until(lambda: not waiting.exists())
    each_step_once()
    known = Notice.objects.filter(clock__in=due).values_list("clock_id", flat=True)
    late = Clock.objects.filter(pk__in=due, due_on__lte=localdate()).values_list("pk", flat=True)
    assert set(known) >= set(late)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_restarted_in_the_middle_of_acts_loses_and_doubles_none(due: set[int], mode: str) -> None:  # noqa: F811 - a fixture
    """Four officers work off the re-inspections; whoever gets an error looks again and tries again."""
    actions.open_due(localdate())
    visits = list(Reinspection.objects.select_related("order").order_by("pk"))
    officer, chief = User.objects.order_by("number")
    folder, half, queue = Path(connection.settings_dict["HOST"]), Event(), iter(visits)
    errors: list[BaseException] = []

    def work() -> int:
        done = 0
        for visit in queue:
            done += insist(visit, officer, chief, errors)
            if visit.pk > visits[len(visits) // 3].pk:
                half.set()
        return done

    with ThreadPoolExecutor(1) as pool:
        restart = pool.submit(lambda: half.wait() and services.restart_postgresql(folder, mode))
        assert sum(at_once(work)) == len(visits)
        restart.result()
    connection.close()
    assert errors  # somebody was in the middle of an act
    assert Counter(
        AuditEntry.objects.filter(action="hazards.reinspect").values_list("subject_id", flat=True)
    ) == Counter(visit.pk for visit in visits)
    assert set(Hazard.objects.values_list("state", flat=True)) == {"CLOSED"}
    assert set(Order.objects.values_list("state", flat=True)) == {"CLOSED"}
    assert set(Clock.objects.filter(pk__in=due).values_list("state", flat=True)) == {"MET"}
    papers = Document.objects.filter(kind=Kind.RECHECK_RECORD).order_by("sequence")
    assert list(papers.values_list("sequence", flat=True)) == list(range(1, len(visits) + 1))
    found = [finding.says for finding in audit(localdate(), settings.MEDIA_ROOT)]
    # Nobody prints here.
    others = ("notice of", "yearly", "monthly", "printed paper")
    assert [says for says in found if not says.startswith(others)] == []


def insist(visit: Reinspection, officer: User, chief: User, errors: list[BaseException]) -> int:
    """Register the result until it stands."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            hazards = visit.order.hazards.values_list("pk", flat=True)
            actions.reinspect(
                visit, officer, results={pk: Result(passed=True) for pk in hazards}, done_on=localdate(), lead=officer,
                second=chief, today=localdate(), company=Company("刘桂香", "店主"),
            )  # fmt: skip
        except (DatabaseError, InterfaceError) as error:
            errors.append(error)
            connection.close()
        except RuleError:
            return 1  # it stands: the answer was lost with the connection, not the act
        else:
            return 1
    raise AssertionError(f"{visit} was not registered: {errors[-1]}")
