"""The whole trail as a file."""

import gzip
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from trail.exporting import as_bytes, lines, taken_by
from trail.record import record


class Command(BaseCommand):
    help = "Write entries, seals and checkpoints as JSON Lines to FILE (packed when it ends in .gz)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        with transaction.atomic():
            entry = record(None, "trail.export_all", None, f"审计记录：导出全部（命令行，{file.name}）"[:300])
        count = 0
        with gzip.open(file, "wb") if file.suffix == ".gz" else file.open("wb") as out:
            for line in lines(taken=taken_by(entry, "命令行")):
                count += line["kind"] in ("sealed", "entry")
                out.write(as_bytes(line))
        self.stdout.write(f"{count} entries to {file}")
