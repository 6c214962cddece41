"""A trail with a key, some entries and a checkpoint."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from stations.models import User
from tests.stations.conftest import queries  # noqa: F401 - a fixture
from trail.keys import new_pair
from trail.models import AuditEntry

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def key(settings: Settings, tmp_path: Path) -> Path:
    """The key of the deployer, its public half beside it; files of the trail stay in the test."""
    settings.DATA_DIR = tmp_path / "data"
    path = tmp_path / "key.pem"
    secret, public = new_pair()
    path.write_bytes(secret)
    path.with_suffix(".public.pem").write_bytes(public)
    settings.TRAIL_KEY = str(path)
    return path


@pytest.fixture
def write(officer: User) -> Callable[..., list[AuditEntry]]:
    """Write ``count`` entries, a minute apart, the last one just before ``until``."""

    def do(count: int, until: datetime = NOON, **fields: Any) -> list[AuditEntry]:
        written = []
        with transaction.atomic():
            for number in range(count, 0, -1):
                at = until - timedelta(minutes=number)
                written.append(entry_at(at, officer, summary=f"第 {number} 条：登记“好又多”\t门市 é\u0301𠮷", **fields))
        return written

    return do


def entry_at(at: datetime, officer: User | None, summary: str = "修改", **fields: Any) -> AuditEntry:
    """An entry of that instant, in the transaction of the caller."""
    after = {"面积": 62.5, "楼层": [1, 2], "名": "乙", "空": None, "大": 12345678901234567890}
    entry = AuditEntry(
        actor_id=officer.pk if officer else None, actor_name="李建平", actor_number="040101", action="units.change",
        subject_type="units.unit", subject_id=7, summary=summary, before={"名": "甲"}, after=after, address="10.0.0.7",
        **fields,
    )  # fmt: skip
    with patch("django.utils.timezone.now", return_value=at):
        entry.save(force_insert=True)
    return entry


def export(folder: Path, name: str = "export.jsonl") -> Path:
    path = folder / name
    call_command("export_trail", str(path), stdout=StringIO())
    return path


def alone(*arguments: str | Path) -> tuple[int, str]:
    """The verifier as an outsider runs it: that one file, no site packages, not our folder."""
    program = project.BASE_DIR / "trail" / "verifier.py"
    command = [sys.executable, "-I", "-S", str(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=60)
    return done.returncode, done.stdout + done.stderr
