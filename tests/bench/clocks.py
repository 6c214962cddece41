"""The sweeps over 200,000 running clocks, 2,000 due: wall time, queries a batch; the cost of starting one clock.

Measured on a copy of the demo (SQLite) and on a PostgreSQL of its own where one is installed. The rows are written in
bulk, by one statement from a clock of each of ten stations.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.db import connection, transaction

from scripts.services import ServiceError, postgresql
from tests.bench.measure import Measure, received, report

BASE_DIR = Path(__file__).resolve().parents[2]
STATIONS, RUNNING, DUE, FEW = 10, 200_000, 2_000, 500
# One clock for each number, like that of one of the stations; none of them has a next step before it is given one.
COPY = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s),
     t AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM deadlines_clock WHERE key LIKE 'bench:%%')
INSERT INTO deadlines_clock ({columns})
SELECT {values} FROM n JOIN t ON t.place = n.i %% {stations}
"""


def main() -> None:
    if "--here" in sys.argv:
        django.setup()
        report(list(measured(sys.argv[-1])))
        return
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as found:
        for name, url in found.items():
            environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder}
            manage = [sys.executable, "manage.py"]
            for command in (["migrate", "--verbosity=0", "--skip-checks"], ["seed_calendar", "--verbosity=0"]):
                subprocess.run([*manage, *command], cwd=BASE_DIR, env=environment, check=True, stdout=sys.stderr)
            here = [sys.executable, "-m", "tests.bench.clocks", "--here", name]
            done = subprocess.run(here, cwd=BASE_DIR, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            measures += received(done.stdout)
    report(measures)


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """The addresses of the databases by name."""
    copy = folder / "db.sqlite3"
    # Through SQLite, since part of the database may still stand in its write-ahead log.
    with sqlite3.connect(Path(os.environ["DATA_DIR"]) / "db.sqlite3") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    found = {"SQLite": f"sqlite:///{copy}"}
    try:
        with tempfile.TemporaryDirectory(prefix="fire-") as place:
            Path(place).chmod(0o755)
            with postgresql(Path(place) / "pg", durable=True) as url:
                yield found | {"PostgreSQL": url}
    except ServiceError as missing:
        print(f"    {missing}", file=sys.stderr)
        yield found


def measured(name: str) -> Iterator[Measure]:
    from django.utils.timezone import localdate, now

    from deadlines.actions import remind
    from deadlines.models import Clock
    from hazards.actions import open_due

    at = now()
    today = localdate(at)
    with transaction.atomic():
        units = world()
        started = [timed(lambda unit=unit: start(unit, f"bench:{unit.pk}", today)) for unit in units]
    yield Measure(f"{name}: starting a clock", max(count for _, count in started), "queries", limit=2)
    yield Measure(f"{name}: starting a clock", sorted(span for span, _ in started)[len(started) // 2] * 1000, "ms")
    copy_clocks()
    drain(remind, at)
    yield Measure(f"{name}: running clocks", Clock.objects.running().count(), "")
    own = list(Clock.objects.filter(key__startswith="many:").order_by("pk").values_list("pk", flat=True)[: DUE + FEW])
    few, _ = batches(remind, at, own[:FEW])
    began = time.process_time()
    many, seconds = batches(remind, at, own[FEW:])
    busy = (time.process_time() - began) * 1000
    yield Measure(f"{name}: reminding of {DUE} due", seconds, "s", limit=5)
    yield Measure(f"{name}: reminding of {DUE} due, processor of this process", busy, "ms")
    yield Measure(f"{name}: queries a batch of {FEW}, {FEW} due", few, "queries")
    yield Measure(f"{name}: queries a batch of {FEW}, {DUE} due", many, "queries", limit=few)
    drain(open_due, today)
    orders(units, today)
    seconds, count = timed(lambda: expect(open_due(today), DUE))
    yield Measure(f"{name}: opening {DUE} re-inspections", seconds, "s", limit=5)
    yield Measure(f"{name}: opening {DUE} re-inspections", count, "queries")


def timed(call: Callable[[], Any]) -> tuple[float, int]:
    """Wall seconds and queries of one call; counted without keeping them, which would take longer than they do."""
    asked = 0

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal asked
        asked += not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        began = time.perf_counter()
        call()
        seconds = time.perf_counter() - began
    return seconds, asked


def drain(sweep: Callable[[Any], int], at: Any) -> None:
    """What the demo has due, sent before anything is measured."""
    while sweep(at):
        pass


def batches(remind: Callable[[datetime], int], at: datetime, clocks: list[int]) -> tuple[float, float]:
    """Let ``clocks`` be overdue since midnight and sweep: queries a batch, wall seconds."""
    from django.utils.timezone import localdate

    from deadlines.models import Clock
    from deadlines.sweeps import BATCH

    yesterday = localdate(at) - timedelta(days=1)
    for first in range(0, len(clocks), 500):
        Clock.objects.filter(pk__in=clocks[first : first + 500]).update(due_on=yesterday, next_at=at)
    seconds, count = timed(lambda: expect(remind(at), len(clocks)))
    # The last look finds nothing, in one query.
    return (count - 1) / (len(clocks) / BATCH), seconds


def expect(found: int, wanted: int) -> None:
    assert found == wanted, f"{found} instead of {wanted}"


def world() -> list[Any]:
    """Ten stations with a chief, an officer and a guide each; the unit of each."""
    from stations.models import Guidance, Organisation, User
    from units.models import Category, Kind, Unit

    bureau = Organisation.objects.create(kind="BUREAU", name="测量公安局")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    brigade = Organisation.objects.create(kind="BRIGADE", name="测量消防救援大队")
    User.objects.create_user(number="9bench", name="吴明", role="BUREAU_OFFICER", organisation=bureau)
    units = []
    for number in range(STATIONS):
        station = Organisation.objects.create(
            kind="STATION", name=f"测量{number}派出所", parent=bureau, bureau=bureau, brigade=brigade
        )
        post = {"name": "李平", "organisation": station}
        officer = User.objects.create_user(number=f"1bench{number}", role="OFFICER", **post)
        User.objects.create_user(number=f"2bench{number}", role="CHIEF", **post)
        guide = User.objects.create_user(number=f"3bench{number}", name="陈立", role="SUPERVISOR", organisation=brigade)
        Guidance.objects.create(station=station, supervisor=guide)
        units.append(
            Unit.objects.create(
                **station.scope_columns(), name=f"测量{number}店", kind=Kind.PREMISES, address=f"测量路{number}号",
                category=Category.objects.order_by("pk").first(), officer=officer,
            )
        )  # fmt: skip
    return units


def start(unit: Any, key: str, on: date) -> None:
    from deadlines.actions import start_clock

    start_clock(
        "RECHECK", key=key, subject=unit, label=f"复查：{unit.name}", url="/", look_url="/", scope=unit,
        unit_id=unit.pk, owner=unit.officer, started_on=on, detail="测量字〔2026〕第0001号，1 处隐患",
    )  # fmt: skip


def copy_clocks() -> None:
    from deadlines.models import Clock

    columns = [field.column for field in Clock._meta.concrete_fields if not field.primary_key]
    changed = {"key": "'many:' || n.i", "next_at": "NULL"}
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    statement = COPY.format(columns=", ".join(columns), values=values, stations=STATIONS)
    with connection.cursor() as cursor:
        cursor.execute(statement, [RUNNING])


def orders(units: list[Any], today: date) -> None:
    """2,000 served orders whose period ends today, each with one hazard and its clock."""
    from deadlines.actions import Start, start_clocks
    from hazards.issuing import recheck_key
    from hazards.models import Disposition, Hazard, Order, OrderState
    from inspections.models import HazardType, Mode

    kind = HazardType.objects.get(code="EV06")
    for unit in units:
        made = Order.objects.bulk_create(
            Order(
                **unit.scope_columns(), unit=unit, mode=Mode.LIMIT, number=f"测量字第{number:04d}号", issued_on=today,
                issued_by=unit.officer, state=OrderState.SERVED,
            )
            for number in range(DUE // STATIONS)
        )  # fmt: skip
        Hazard.objects.bulk_create(
            Hazard(
                **unit.scope_columns(), unit=unit, order=order, hazard_type=kind, wording="走道标志不亮",
                violates=kind.violates, order_basis="消防法第60条", measure=kind.measure, found_on=today,
                deadline=today, disposition=Disposition.ORDER_LIMIT,
            )
            for order in made
        )  # fmt: skip
        start_clocks(
            "RECHECK",
            [
                Start(
                    key=recheck_key(order, today), subject=order, label=f"复查：{unit.name}", url="/", scope=order,
                    unit_id=unit.pk, owner=unit.officer, started_on=today,
                )
                for order in made
            ],
        )  # fmt: skip


if __name__ == "__main__":
    main()
