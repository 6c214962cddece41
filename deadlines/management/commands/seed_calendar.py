"""manage.py seed_calendar: fill the working calendar from the holidays package."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deadlines import actions

FIRST, LAST = 2018, 2027


class Command(BaseCommand):
    help = "Fill the working calendar. A day somebody edited and a year somebody confirmed stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--years", default=f"{FIRST}-{LAST}", help="one year or a range, as 2018-2027")

    def handle(self, *args: Any, years: str, **options: Any) -> None:
        try:
            first, last = (int(part) for part in (years.split("-") * 2)[:2])
        except ValueError:
            raise CommandError(f"--years takes one year or a range such as {FIRST}-{LAST}, not {years!r}") from None
        for year in range(first, last + 1):
            written, confirmed = actions.seed_year(year)
            if options["verbosity"] > 0:
                self.stdout.write(f"{year}: {written} days written, {'published' if confirmed else 'a forecast'}")
