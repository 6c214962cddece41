"""The key that signs checkpoints."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trail.keys import new_pair


class Command(BaseCommand):
    help = "Write a new Ed25519 key for TRAIL_KEY, and its public half beside it. One that is there is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="default: DATA_DIR/trail/key.pem")
        parser.add_argument("--unless-there", action="store_true", help="a key that is there is no error")

    def handle(self, *args: Any, file: Path | None, unless_there: bool, **options: Any) -> None:
        path = file or Path(settings.DATA_DIR) / "trail" / "key.pem"
        if path.exists():
            if unless_there:
                return
            raise CommandError(f"{path} is there already; a lost key cannot be made again.")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret, public = new_pair()
        path.touch(mode=0o600)
        path.write_bytes(secret)
        path.with_suffix(".public.pem").write_bytes(public)
        self.stdout.write(f"TRAIL_KEY={path}\nkeep elsewhere: {path.with_suffix('.public.pem')}")
