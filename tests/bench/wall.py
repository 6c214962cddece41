"""What the second wall costs: the list of units of a station and of a bureau, with and without row-level security.

    python -m tests.bench wall             UNITS=200000, or fewer

A PostgreSQL of its own, forty stations with as many units each; the same request by the owner, whom no policy holds,
and by the web's role.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.db import connection

from scripts.services import ServiceError, postgresql
from tests.bench.measure import Measure, report

BASE_DIR = Path(__file__).resolve().parents[2]
UNITS, STATIONS, ROUNDS = int(os.environ.get("UNITS", "200000")), 40, 30
WRITE = """
INSERT INTO units_unit SELECT (jsonb_populate_record(row, jsonb_build_object(
    'id', row.id + i, 'station_id', %s + i %% %s, 'name', '商店' || i, 'name_key', '商店' || i,
    'address', '北大街' || i || '号', 'address_key', '北大街' || i || '号'))).*
FROM units_unit AS row, generate_series(1, %s) AS i WHERE row.id = %s
"""


def main() -> None:
    if "--here" in sys.argv:
        django.setup()
        report(list(measured()))
        return
    with tempfile.TemporaryDirectory(prefix="wall-") as folder:
        # initdb refuses root: the server runs as its own account, which must reach its folder.
        Path(folder).chmod(0o755)
        try:
            with postgresql(Path(folder) / "pg") as url:
                environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder}
                for command in (
                    ["migrate", "--verbosity=0", "--skip-checks"], ["raise_wall", "--make-roles"],
                    ["seed_calendar", "--verbosity=0"],
                ):  # fmt: skip
                    manage = [sys.executable, "manage.py", *command]
                    subprocess.run(manage, cwd=BASE_DIR, env=environment, check=True, stdout=sys.stderr)
                here = [sys.executable, "-m", "tests.bench.wall", "--here"]
                subprocess.run(here, cwd=BASE_DIR, env=environment, check=True)
        except ServiceError:
            report([])


def measured() -> Iterator[Measure]:
    from django.test import Client

    from fire_supervision.wall.policies import APP

    for name, number in _people().items():
        client = Client(SERVER_NAME="localhost")
        client.force_login(_user(number))
        for page, path in (("list", "/units/"), ("search", "/units/?q=商店199")):
            for role, words in (("fire", "without"), (APP, "behind")):
                with connection.cursor() as cursor:
                    cursor.execute(f"SET SESSION AUTHORIZATION {role}")
                taken = median(_milliseconds(client, path) for _ in range(ROUNDS))
                yield Measure(f"{page} of {UNITS:,} units, {name}, {words} the wall", taken, "ms")
                with connection.cursor() as cursor:
                    cursor.execute("RESET SESSION AUTHORIZATION")


def _milliseconds(client: Any, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return (time.perf_counter() - began) * 1000


def _user(number: str) -> Any:
    from stations.models import User

    return User.objects.get(number=number)


def _people() -> dict[str, str]:
    """A station's officer and a bureau's, and the units of forty stations."""
    from stations.models import Organisation, User
    from stations.permissions import Role
    from units.models import Category, Unit

    bureau = Organisation.objects.create(kind="BUREAU", name="江城市公安局")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    stations = [
        Organisation.objects.create(kind="STATION", name=f"{number}号派出所", parent=bureau, bureau_id=bureau.pk)
        for number in range(STATIONS)
    ]
    first = Unit.objects.create(
        bureau_id=bureau.pk, station=stations[0], kind="PREMISES", category=Category.objects.get(code="SHOP"),
        name="商店", name_key="商店", address="北大街", address_key="北大街",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [stations[0].pk, STATIONS, UNITS, first.pk])
        cursor.execute("ANALYZE")
    people = {"a station": (Role.OFFICER, stations[0]), "a bureau": (Role.BUREAU_LEADER, bureau)}
    for number, (role, home) in enumerate(people.values()):
        User.objects.create_user(f"00{number}", None, name="某人", role=role, organisation=home)
    return {name: f"00{number}" for number, name in enumerate(people)}


if __name__ == "__main__":
    main()
