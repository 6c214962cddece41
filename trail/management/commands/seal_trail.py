"""Sealing from cron, where no beat runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from trail import actions
from trail.handing_out import write_daily_file


class Command(BaseCommand):
    help = "Seal what is unsealed in the trail, with a checkpoint each hour, or at once with --checkpoint."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--checkpoint", action="store_true", help="make a checkpoint now")

    def handle(self, *args: Any, checkpoint: bool, **options: Any) -> None:
        count, made = actions.seal(timezone.now())
        if checkpoint and made is None and (made := actions.make_checkpoint(timezone.now())) is not None:
            write_daily_file(made)
        self.stdout.write(f"sealed {count}" + (f", checkpoint {made.number} {made.short}" if made else ""))
