"""Load the demo: an invented city with two quarters of history up to yesterday."""

from datetime import date, timedelta
from random import Random
from time import monotonic
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.timezone import localdate, now

from desk.demo import people, premises
from desk.demo.days import moment, pretending
from desk.demo.history import History
from fire_supervision.lib.queue import held
from records.models import Document
from stations.models import User
from trail.actions import seal

SEED = 119


class Command(BaseCommand):
    help = "Load the demo into an empty database; a database that holds it already is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--today", type=date.fromisoformat, default=None, help="the day the history ends before")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            if not people.accounts():
                raise CommandError("The database holds other people; the demo goes into an empty one.")
            self.stdout.write("    already loaded (make clean-demo begins anew)")
            return
        started = monotonic()
        today: date = options["today"] or localdate()
        call_command("seed_calendar", verbosity=0)
        # The history's papers are printed by the sweep after the start, behind whatever somebody does meanwhile.
        with held(), transaction.atomic():
            rng = Random(SEED)  # noqa: S311 - the demo is the same on every machine
            self.stdout.write("    organisations, people, units")
            with pretending(moment(first_day(today), 8)):
                town = people.build(today, rng)
                units = premises.build(town, today, rng)
            History(town, units, today, rng, self.stdout.write).run(first_day(today))
        # Months of history nobody has sealed would alarm with the first sweep.
        seal(now())
        papers = Document.objects.count()
        self.stdout.write(f"    loaded in {monotonic() - started:.0f} s; the worker now prints {papers} papers")


def first_day(today: date) -> date:
    """The first day of the second whole quarter before the one ``today`` lies in."""
    month = 3 * ((today.month - 1) // 3) + 1
    day = date(today.year, month, 1)
    for _ in range(2):
        day -= timedelta(days=1)
        day = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return day
