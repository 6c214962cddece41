"""Beat goes on sending when the clock of the machine is set back, and after a start with a file from later."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from celery import Celery

from fire_supervision.beat import Scheduler

NOON = datetime(2026, 10, 10, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def app() -> Celery:
    app = Celery("beat", broker="memory://", set_as_current=False)
    sweeps = {name: {"task": name, "schedule": 60} for name in ("remind", "open_due")}
    app.conf.update(timezone="Asia/Shanghai", beat_schedule=sweeps, beat_cron_starting_deadline=None)
    return app


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(Scheduler, "apply_entry", lambda _self, entry, producer=None: names.append(entry.task))
    return names


def beat(app: Celery, folder: Path) -> Scheduler:
    return Scheduler(app=app, schedule_filename=str(folder / "schedule"))


def work_off(scheduler: Scheduler) -> float:
    """Tick until nothing is due; the seconds until the next look."""
    while (pause := scheduler.tick()) == 0:
        pass
    return pause


def test_each_sweep_goes_out_every_minute(app: Celery, tmp_path: Path, sent: list[str]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        scheduler = beat(app, tmp_path)
        work_off(scheduler)
        clock.shift(MINUTE)
        assert work_off(scheduler) <= 60
    assert sorted(sent) == ["open_due", "remind"]


def test_a_clock_set_back_an_hour_delays_a_sweep_by_a_minute_at_most(
    app: Celery, tmp_path: Path, sent: list[str]
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        scheduler = beat(app, tmp_path)
        work_off(scheduler)
        clock.shift(-HOUR)
        assert work_off(scheduler) <= 60
        clock.shift(MINUTE)
        work_off(scheduler)
        clock.shift(MINUTE)
        work_off(scheduler)
    assert sorted(sent) == ["open_due", "open_due", "remind", "remind"]


def test_a_beat_that_starts_with_a_file_from_later_sends_within_a_minute(
    app: Celery, tmp_path: Path, sent: list[str]
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        first = beat(app, tmp_path)
        work_off(first)
        first.close()
        clock.shift(-HOUR)
        second = beat(app, tmp_path)
        work_off(second)
        clock.shift(MINUTE)
        work_off(second)
        second.close()
    assert sorted(sent) == ["open_due", "remind"]
