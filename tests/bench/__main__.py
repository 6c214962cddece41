"""make bench: what the issues promise in figures, measured on a demo of its own below build/bench.

Each module beside this one measures one thing in a process of its own and hands its measures over as JSON; they are
shown as soon as it ends. One that fails stops no other. Exit code 1 when a figure is over its limit or a module failed.
`python -m tests.bench NAME …` runs only the modules named.
"""

import json
import os
import subprocess
import sys
import time
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path

from tests.bench.measure import Measure, received

BASE_DIR = Path(__file__).resolve().parents[2]
BENCH_DIR = BASE_DIR / "build" / "bench"
# Encrypting costs the same whatever the key.
MADE_UP_KEY = b64encode(bytes(32)).decode()
MODULES = ("pages", "ledger", "papers", "press", "volume", "clocks", "trail", "wall")


def main(wanted: list[str]) -> int:
    environment = bench_environment()
    measures, failed = prepare(environment), list[str]()
    for module in wanted or MODULES:
        found = run(module, environment)
        if found is None:
            failed.append(module)
            continue
        print_table(found)
        measures += found
        # After each, so that what was measured before an interruption is kept.
        keep(measures)
    over = [measure for measure in measures if measure.over]
    print(f"\n{len(measures)} measures, {len(over)} over their limit")
    for measure in over:
        print(f"OVER: {measure.name}: {measure.value:.1f} {measure.unit}, limit {measure.limit:g}")
    for module in failed:
        print(f"FAILED: {module}; what it said stands above")
    return 1 if over or failed else 0


def run(module: str, environment: dict[str, str]) -> list[Measure] | None:
    """The measures of one module; None when it failed, which it has told on stderr."""
    print(f"==> {module}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"tests.bench.{module}"]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    try:
        return received(done.stdout) if done.returncode == 0 else None
    except ValueError:
        print(f"{module} printed no measures: {done.stdout[:200]!r}", file=sys.stderr, flush=True)
        return None


def keep(measures: list[Measure]) -> None:
    rows = [asdict(measure) for measure in measures]
    (BENCH_DIR / "results.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1))


def bench_environment() -> dict[str, str]:
    """As the demo runs, without a broker: nothing here waits for a worker."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "fire_supervision.settings",
        "DEBUG": "false", "DEMO": "true", "HTTPS": "false", "SECRET_KEY": "only-for-measurements", "LOG_LEVEL": "ERROR",
        "ALLOWED_HOSTS": "localhost", "BROKER_URL": "memory://", "STEP_UP": "false", "DATA_DIR": str(BENCH_DIR),
        "STATIC_ROOT": str(BENCH_DIR / "static"), "DATABASE_URL": f"sqlite:///{BENCH_DIR / 'db.sqlite3'}",
        "DATA_KEYS": f"bench:{MADE_UP_KEY}", "INDEX_KEY": MADE_UP_KEY,
    }  # fmt: skip


def prepare(environment: dict[str, str]) -> list[Measure]:
    """A fresh demo each time: dates relative to today, and a former run's imports gone."""
    BENCH_DIR.mkdir(parents=True, exist_ok=True)
    for leftover in BENCH_DIR.glob("db.sqlite3*"):
        leftover.unlink()
    print("==> demo data", file=sys.stderr, flush=True)
    manage(environment, "migrate", "--verbosity=0", "--skip-checks")
    manage(environment, "collectstatic", "--noinput", "--verbosity=0")
    began = time.monotonic()
    manage(environment, "load_demo")
    return [Measure("demo loaded", time.monotonic() - began, "s", limit=60)]


def manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=BASE_DIR, env=environment, check=True, stdout=sys.stderr)


def print_table(measures: list[Measure]) -> None:
    width = max((len(measure.name) for measure in measures), default=0)
    print(f"\n{'measure':<{width}}  {'value':>9}  {'limit':>7}  {'unit':<7}  verdict")
    for measure in measures:
        limit = "" if measure.limit is None else f"{measure.limit:g}"
        verdict = "" if measure.limit is None else "OVER" if measure.over else "ok"
        print(f"{measure.name:<{width}}  {measure.value:>9.1f}  {limit:>7}  {measure.unit:<7}  {verdict}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
