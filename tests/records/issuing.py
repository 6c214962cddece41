"""Papers issued from several connections and processes at once: a place to issue them, and one that dies at it.

Run as a program it issues a paper, says its sequence, and waits inside the transaction until it is killed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()

from django.db import transaction

from records import actions
from records.models import Document, Kind
from records.samples.visit import ORDER_LIMIT
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role

BASE_DIR = Path(__file__).resolve().parents[2]
DAY = date(2026, 9, 22)
LIFE = 120  # seconds; nobody waits for a process whose test has gone


class Refused(Exception):
    """Something after the number went wrong; the whole act is undone."""


@dataclass(frozen=True)
class Place:
    station: Organisation
    officer: User


def lay_out() -> Place:
    """A bureau, a station and an officer."""
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局", code_word="河公")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    bureau.refresh_from_db()
    station = Organisation.objects.create(
        kind=OrganisationKind.STATION, name="渡口派出所", short_name="渡口", parent=bureau, bureau=bureau
    )
    return Place(station, User.objects.create_user("990001", name="何渡", role=Role.OFFICER, organisation=station))


def issue(place: Place) -> Document:
    """An order of the station, through the one way there is."""
    return actions.issue(
        kind=Kind.ORDER_LIMIT, station=place.station, scope=place.station, context=ORDER_LIMIT, unit_id=None,
        unit_name="渡口旅馆", subject=place.station, actor=place.officer, on=DAY,
    )  # fmt: skip


def sequences() -> list[int]:
    """What is kept, in order."""
    return list(Document.objects.order_by("sequence").values_list("sequence", flat=True))


class Dying:
    """A process that has taken a number and has not committed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def took(self) -> int:
        """The sequence it holds; waits until it has one."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def kill(self) -> int:
        """kill -9; the code the process ends with."""
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait()


@contextmanager
def dying(place: Place, database_url: str) -> Iterator[Dying]:
    command = [sys.executable, "-m", "tests.records.issuing", str(place.station.pk), str(place.officer.pk)]
    env = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "fire_supervision.settings"}
    with subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Dying(process)
        finally:
            process.kill()


def die(station: int, officer: int) -> None:
    with transaction.atomic():
        place = Place(Organisation.objects.get(pk=station), User.objects.get(pk=officer))
        print(issue(place).sequence, flush=True)
        time.sleep(LIFE)


if __name__ == "__main__":
    die(*map(int, sys.argv[1:]))
