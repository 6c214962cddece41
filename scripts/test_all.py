"""make test: the whole suite on SQLite, again on PostgreSQL with Redis and a Celery worker, then in Chromium.

On PostgreSQL every request of a test is made as the web's role, behind row-level security.

`test_all.py PART …` runs only the parts named; the walks of `make wall` run only when they are. The last line is the
sum over the parts; a part that ran no test fails.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

from services import ServiceError, services

BASE_DIR = Path(__file__).resolve().parent.parent
RESULTS = BASE_DIR / "build" / "test"
# Whoever is done takes from the other's queue: slow tests stand side by side, and one core had them all at the end.
BOTH_CORES = ["-n", "2", "--dist", "worksteal"]
BEHIND_THE_WALL = ["-p", "tests.wall_everywhere"]
# The matrix is walked by the part before; whether a file can do harm is no question of the database.
WALKS = "not whole_matrix and not hostile_uploads"
# Part → title, pytest arguments. Services and browser tests start processes of their own and run one at a time.
PARTS = {
    "sqlite": ("SQLite", [*BOTH_CORES, "-m", "not services and not browser and not bench", "tests"]),
    "postgresql": (
        "PostgreSQL",
        [*BEHIND_THE_WALL, *BOTH_CORES, "-m", "not once and not services and not browser and not bench", "tests"],
    ),
    "wall": (
        "PostgreSQL, every answer with row-level security and without",
        [*BEHIND_THE_WALL, *BOTH_CORES, "-m", "once and services", "tests/services"],
    ),
    # The other walks, which make test makes on SQLite alone.
    "walks": (
        "PostgreSQL, the long walks",
        [*BEHIND_THE_WALL, *BOTH_CORES, "-m", "once and not services", "-k", WALKS, "tests/fire_supervision"],
    ),
    "services": ("PostgreSQL, Redis and a Celery worker", ["-m", "services and not once", "tests"]),
    "browser": ("Chromium", ["-m", "browser", "tests"]),
}
ONLY_BY_NAME = {"walks"}
NEED_SERVERS = {"postgresql", "wall", "walks", "services"}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.exit(f"Unknown part: {', '.join(sorted(unknown))}. Parts: {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    RESULTS.mkdir(parents=True, exist_ok=True)
    total: Counter[str] = Counter()
    red = []
    with ExitStack() as stack:
        servers: dict[str, str] = {}
        for part in wanted or [each for each in PARTS if each not in ONLY_BY_NAME]:
            if part in NEED_SERVERS and not servers:
                servers = stack.enter_context(services())
            counts, fine = run(part, servers if part in NEED_SERVERS else {})
            total += counts
            if not fine:
                red.append(part)
    if red:
        print(f"not green: {', '.join(red)}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped", flush=True)
    return 1 if red else 0


def run(part: str, servers: dict[str, str]) -> tuple[Counter[str], bool]:
    """Run one part; fine means that pytest ended with 0 and something was tested."""
    title, arguments = PARTS[part]
    print(f"\n==> {title}", flush=True)
    report = RESULTS / f"{part}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", f"--junit-xml={report}", *arguments]
    code = subprocess.run(command, cwd=BASE_DIR, env=os.environ | servers, check=False).returncode
    counts = count(report)
    print(f"    {title}: {dict(counts)} in {time.monotonic() - started:.0f} s", flush=True)
    if not counts["passed"] and not counts["failed"]:
        print(f"    {title}: no test ran", flush=True)
    return counts, code == 0 and counts["passed"] > 0


def count(report: Path) -> Counter[str]:
    """A test that broke in its set-up or tear-down counts as failed; no report counts as one failure."""
    if not report.exists():
        return Counter(failed=1)
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            counts["failed"] += 1
        elif "skipped" in outcomes:
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    return counts


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ServiceError as error:
        sys.exit(str(error))
