"""rotate_keys: encrypt everything anew under the newest of DATA_KEYS, so that the older ones can be dropped.

What numbers are looked up by is brought to what the product compares now.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from fire_supervision.lib import keyring
from fire_supervision.lib.encrypted import encrypted_columns, index_column, indexed_columns, keys_in_use, rotate_column
from stations.actions import note_rotation


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say which keys are needed; 1 if an old one")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        if check:
            self._check()
            return
        done = {}
        for table, pk, column in encrypted_columns():
            done[f"{table}.{column}"] = rotate_column(DEFAULT_DB_ALIAS, table, column, pk)
            self.stdout.write(f"{table}.{column}: {done[f'{table}.{column}']}")
        for table, pk, column, index in indexed_columns():
            done[f"{table}.{index}"] = index_column(DEFAULT_DB_ALIAS, table, column, index, pk)
            self.stdout.write(f"{table}.{index}: {done[f'{table}.{index}']}")
        note_rotation(keyring.newest(), done)
        self.stdout.write(f"Under the key {keyring.newest()} now; rotate_keys --check says when the others can go.")

    def _check(self) -> None:
        newest, old = keyring.newest(), set()
        for place, counts in keys_in_use(DEFAULT_DB_ALIAS).items():
            for key, count in sorted(counts.items()):
                self.stdout.write(f"{place}: {count} under {key or 'NO KEY'}")
            old |= {key or "NO KEY" for key in counts} - {newest}
        if old:
            raise CommandError(f"Still needed: {', '.join(sorted(old))}. Run: python manage.py rotate_keys")
        self.stdout.write(f"Everything is under {newest}; no older key is needed.")
