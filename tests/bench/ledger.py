"""The ledger file through `manage.py import_units`: wall time and peak memory of that process, on a copied demo."""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import Measure, report

BASE_DIR = Path(__file__).resolve().parents[2]
LEDGER = BASE_DIR / "tests" / "data" / "ledger_jiexiu.xlsx"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "db.sqlite3"
        # Through SQLite, since part of the database may still stand in its write-ahead log.
        with sqlite3.connect(Path(os.environ["DATA_DIR"]) / "db.sqlite3") as source, sqlite3.connect(copy) as target:
            source.backup(target)
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{copy}", "DATA_DIR": folder}
        command = [sys.executable, "manage.py", "import_units", str(LEDGER)]
        began = time.monotonic()
        subprocess.run(command, cwd=BASE_DIR, env=environment, check=True, stdout=sys.stderr)
        seconds = time.monotonic() - began
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    report(
        [
            Measure("ledger imported", seconds, "s", limit=10),
            Measure("ledger imported, peak memory", peak_mb, "MB", limit=200),
        ]
    )


if __name__ == "__main__":
    main()
