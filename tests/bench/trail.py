"""The trail on a PostgreSQL of its own: what it costs an act, 1,000,000 honest entries, 10,000 random tamperings.

    python -m tests.bench trail            all of it, minutes (make trail)
    ENTRIES=10000 TAMPERINGS=200 SEED=7    smaller, or other tamperings

The honest million is written as life writes it: six writers at once, some of whom commit late, two sealers, both away
for a while, a checkpoint every few seconds. Each tampering is a superuser's: triggers off, SQL, undone afterwards.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING
from unittest.mock import patch

import django
from django.db import connection, transaction
from django.utils import timezone

from scripts.services import ServiceError, postgresql
from tests.bench.measure import Measure, report, resident_mb

if TYPE_CHECKING:
    from tests.records.issuing import Place

BASE_DIR = Path(__file__).resolve().parents[2]
ENTRIES, TAMPERINGS = int(os.environ.get("ENTRIES", "1000000")), int(os.environ.get("TAMPERINGS", "10000"))
SEED = int(os.environ.get("SEED", "119"))
WRITERS, SEALERS, CHUNK = 6, 2, 2_000
PAPERS, VISITS, COST = 300, 150, 10
# Written by the database itself: what is measured is the sealing, not Django's inserts.
WRITE = """
INSERT INTO trail_auditentry (at, actor_id, actor_name, actor_number, bureau_id, station_id, office_id, action,
    subject_type, subject_id, summary, before, after, reason, request_id, address)
SELECT clock_timestamp(), i %% 300, '李建平', '040101', 1, i %% 14, NULL, 'units.change', 'units.unit', i,
    '修改单位：北大街' || i || '号', jsonb_build_object('面积', i),
    jsonb_build_object('面积', i + 0.5, '名', '甲' || i), '', gen_random_uuid()::text, '10.0.0.7'
FROM generate_series(%s, %s) AS i
"""


def main() -> None:
    if "--here" in sys.argv:
        django.setup()
        report(list(measured()))
        return
    with tempfile.TemporaryDirectory(prefix="trail-") as folder:
        # initdb refuses root: the server runs as its own account, which must reach its folder.
        Path(folder).chmod(0o755)
        try:
            with postgresql(Path(folder) / "pg") as url:
                environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder, "TRAIL_KEY": f"{folder}/key.pem"}
                manage = [sys.executable, "manage.py"]
                for command in (
                    ["migrate", "--verbosity=0", "--skip-checks"], ["seed_calendar", "--verbosity=0"],
                    ["make_trail_key", f"{folder}/key.pem"],
                ):  # fmt: skip
                    subprocess.run([*manage, *command], cwd=BASE_DIR, env=environment, check=True, stdout=sys.stderr)
                here = [sys.executable, "-m", "tests.bench.trail", "--here"]
                subprocess.run(here, cwd=BASE_DIR, env=environment, check=True)
        except ServiceError:
            report([])


def measured() -> Iterator[Measure]:
    # In this order: the story of the tamperings lies before everything else.
    yield from tamperings()
    yield from cost()
    yield from honest()


def say(words: str) -> None:
    print(f"    {words}", file=sys.stderr, flush=True)


# ---------- what an act pays ----------


def cost() -> Iterator[Measure]:
    """What the trail takes of the throughput: of whole visits submitted, and beside it of bare papers.

    The acts themselves, without the request around them, which would only make the share smaller.
    """
    from tests.records.issuing import issue, lay_out

    place = lay_out()
    yield from _share("visits submitted", _visits(place), VISITS, COST)
    yield from _share("papers issued", itertools.repeat(partial(issue, place)), PAPERS, None)


def _visits(place: "Place") -> Iterator[Callable[[], object]]:
    """Visits with every row answered and a hazard, each ready to be concluded: order, record, clocks, report none."""
    from hazards.actions import conclude
    from stations.models import User
    from stations.permissions import Role
    from tests.hazards.conftest import moment, note_hazard, visits_by
    from units.models import Category, Kind, Unit

    partner = User.objects.create_user("990002", name="何岸", role=Role.OFFICER, organisation=place.station)
    for each in (place.officer, partner):
        each.certificate_no = f"河公证{each.number}"
        each.save(update_fields=["certificate_no"])
    start = visits_by(place.officer, partner)
    for number in itertools.count(1):
        unit = Unit.objects.create(
            name=f"渡口旅馆{number}号", kind=Kind.PREMISES, category=Category.objects.get(code="SHOP"),
            address=f"渡口街{number}号", person="何船", officer=place.officer, **place.station.scope_columns(),
        )  # fmt: skip
        visit = start(unit)
        note_hazard(visit, "EV06", place="二层走道", days=8)
        yield partial(conclude, visit, place.officer, {}, moment(visit.visited_on, 11))


def _share(name: str, acts: Iterator[Callable[[], object]], times: int, limit: float | None) -> Iterator[Measure]:
    """``name`` one after the other, each second one without the trail; to prepare an act is not counted.

    The median of each: whatever else the machine does meanwhile falls on both alike.
    """
    with_, bare = list[float](), list[float]()
    for number in range(2 * times):
        act = next(acts)
        with ExitStack() as stack:
            if number % 2:
                for patched in _without_trail():
                    stack.enter_context(patched)
            began = time.perf_counter()
            with transaction.atomic():
                act()
            (bare if number % 2 else with_).append(time.perf_counter() - began)
    whole, rest = median(with_), median(bare)
    yield Measure(f"{name} a second, with the trail", 1 / whole, "")
    yield Measure("the same without it", 1 / rest, "")
    yield Measure(f"the trail costs of {name}", max(0.0, (whole - rest) / whole * 100), "%", limit=limit)


def _without_trail() -> Iterator[AbstractContextManager[object]]:
    from trail.models import AuditEntry

    yield patch.object(AuditEntry, "save")
    yield patch.object(AuditEntry.objects, "bulk_create")
    yield patch("records.actions.words_for_paper", return_value="")


# ---------- tampering ----------


def tamperings() -> Iterator[Measure]:
    """What the verifier missed of random tamperings; each missed one is named on the error stream."""
    from tests.trail.conftest import entry_at
    from tests.trail.tampering import Stage, tampered
    from trail import actions
    from trail.sealing import told

    begin, made = timezone.now() - timedelta(days=1), None
    for hour in range(4):
        with transaction.atomic():
            for minute in range(12):
                entry_at(begin + timedelta(hours=hour, minutes=minute * 4), None, summary=f"第 {hour} 时第 {minute} 条")
        made = actions.make_checkpoint(begin + timedelta(hours=hour + 1))
    assert made is not None
    stage = Stage(Random(SEED), told(made), [])
    assert stage.verified().exit_code == 0, stage.verified().findings[:3]
    missed, began = 0, time.perf_counter()
    for number in range(TAMPERINGS):
        what, found = tampered(stage)
        if found.exit_code != 1:
            missed += 1
            print(f"MISSED {what}", file=sys.stderr)
        if number % 1000 == 999:
            say(f"{number + 1} tamperings, {missed} missed, {time.perf_counter() - began:.0f} s")
    assert stage.verified().exit_code == 0
    yield Measure(f"{TAMPERINGS} tamperings of a superuser (seed {SEED}), missed", missed, "", limit=0)


# ---------- honesty ----------


def honest() -> Iterator[Measure]:
    """A million entries under all the weather there is, none of which is anybody's fault."""
    from trail.exporting import lines
    from trail.models import Seal
    from trail.runs import verified
    from trail.sealing import make_checkpoint

    sealed_before = Seal.objects.count()
    began = time.perf_counter()
    _written_and_sealed()
    seconds = time.perf_counter() - began
    make_checkpoint(timezone.now())
    count = Seal.objects.count() - sealed_before
    say(f"{count} sealed after {seconds:.0f} s")
    yield Measure("honest entries, written late and sealed by two", count, "")
    yield Measure("written and sealed, a second", count / seconds, "")
    before, began = resident_mb(), time.perf_counter()
    found = verified()
    yield Measure("the same, flagged", found.total, "", limit=0)
    for each in found.findings[:5]:
        say(f"FLAGGED {each}")
    per_million = 1e6 / max(1, found.sealed)
    yield Measure("verification of the database, a million entries", (time.perf_counter() - began) * per_million, "s")
    yield Measure("its memory grew by", resident_mb() - before, "MB", limit=60)
    yield from _elsewhere(lines, per_million)


def _elsewhere(lines: Callable[[], Iterator[dict[str, object]]], per_million: float) -> Iterator[Measure]:
    """The export, and the one-file verifier on it, as an outsider runs it."""
    import json

    from trail.handing_out import as_json
    from trail.sealing import last_checkpoint

    with tempfile.TemporaryDirectory() as folder:
        export, held = Path(folder, "export.jsonl"), Path(folder, "checkpoint.json")
        before, began = resident_mb(), time.perf_counter()
        with export.open("wb") as file:
            for line in lines():
                file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        yield Measure("export, a million entries", (time.perf_counter() - began) * per_million, "s")
        yield Measure("its memory grew by", resident_mb() - before, "MB", limit=60)
        last = last_checkpoint()
        assert last is not None
        held.write_bytes(as_json(last))
        program = [sys.executable, "-I", "-S", str(BASE_DIR / "trail" / "verifier.py")]
        began = time.perf_counter()
        done = subprocess.run([*program, str(export), "--checkpoint", str(held)], check=False, stdout=sys.stderr)
        seconds = (time.perf_counter() - began) * per_million
        yield Measure("the one-file verifier, a million entries", seconds, "s")
        yield Measure("its code (0: it holds)", done.returncode, "", limit=0)


def _written_and_sealed() -> None:
    from trail.sealing import make_checkpoint, seal_pending

    rng, done = Random(SEED), threading.Event()
    chunks = iter(range(0, ENTRIES, CHUNK))
    lock = threading.Lock()

    def write(_: object) -> None:
        while (begin := _next(chunks, lock)) is not None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(WRITE, [begin, min(begin + CHUNK, ENTRIES) - 1])
                # Every tenth is committed when others with higher ids have long been sealed.
                time.sleep(rng.choice([0] * 9 + [3]))
        connection.close()

    def seal(number: int) -> None:
        # Both away at first, as after a night without a worker.
        done.wait(5 + number)
        while not done.is_set():
            seal_pending()
            if number == 0:
                make_checkpoint(timezone.now())
            done.wait(1)
        connection.close()

    with ThreadPoolExecutor(WRITERS + SEALERS) as pool:
        sealers = [pool.submit(seal, number) for number in range(SEALERS)]
        try:
            list(pool.map(write, range(WRITERS)))
        finally:
            done.set()
        for each in sealers:
            each.result()


def _next(numbers: Iterator[int], lock: threading.Lock) -> int | None:
    with lock:
        return next(numbers, None)


if __name__ == "__main__":
    main()
