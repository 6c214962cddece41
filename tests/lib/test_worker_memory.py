"""What a worker that prints papers holds, and what it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parents[2]
# All that a worker loads at its start, and what the first paper loads.
PRINTING = """
import sys
import django
django.setup()
from fire_supervision.celery import app
app.loader.import_default_modules()
from fire_supervision.lib import pdf
from records import papers
pdf._printer()
print(*sorted({"holidays", "openpyxl", "pikepdf", "xlsxwriter"} & set(sys.modules)))
"""


@pytest.mark.slow
def test_a_worker_that_prints_holds_nothing_that_reads_workbooks_binds_or_seeds() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "fire_supervision.settings", "DEBUG": "true"}
    done = subprocess.run(
        [sys.executable, "-c", PRINTING], cwd=BASE_DIR, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ""
