"""Whether the trail holds."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from trail import keys
from trail.exporting import lines
from trail.verifier import lines_of, read_checkpoint, read_key, verify, words_of


class Command(BaseCommand):
    help = (
        "Verify EXPORT, or the database itself without one, against checkpoints held elsewhere. "
        "Codes: 0 it holds, 1 something was changed, 2 a file cannot be read, 3 nothing found but nothing held "
        "outside, 4 the chain holds but entries are withheld."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("export", type=Path, nargs="?")
        parser.add_argument("--checkpoint", type=Path, action="append", default=[])
        parser.add_argument("--paper", action="append", default=[])
        parser.add_argument("--public-key", type=Path, action="append", default=[])

    def handle(self, *args: Any, export: Path | None, **options: Any) -> None:
        try:
            report = verify(
                lines_of(export) if export else lines(),
                held=[read_checkpoint(path) for path in options["checkpoint"]],
                keys=[read_key(path) for path in options["public_key"]],
                papers=options["paper"],
                check_signature=keys.check,
            )
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            self.stderr.write(f"文件无法读取：{error}")
            sys.exit(2)
        self.stdout.write(words_of(report))
        if report.exit_code:
            sys.exit(report.exit_code)
