"""new_password: for the administrator nobody is left to help; everybody else asks his administrator."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from stations import actions
from stations.backends import typed_number
from stations.models import User


class Command(BaseCommand):
    help = "Give one person a new first password and print it once. Every session of his ends; the trail tells."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="police number")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.working().filter(number=typed_number(options["number"]).upper()).first()
        if person is None:
            raise CommandError(f"Nobody at work has the number {options['number']}.")
        _, password = actions.reset_password(None, person.pk, timezone.now())
        self.stdout.write(f"{person.get_role_display()} {person.number} {person.name} {password}")
