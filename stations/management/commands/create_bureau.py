"""The first step of an installation: the bureau and its three administrators."""

import argparse
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localdate

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.text import tidy
from stations import actions
from stations.forms import clean_police_number
from stations.permissions import Role


def _person(written: str) -> tuple[str, str]:
    """Number and name as the forms keep them: half-width capitals, no white space around."""
    number, colon, name = (tidy(part) for part in written.replace("：", ":").partition(":"))
    if not (number and colon and name):
        raise argparse.ArgumentTypeError(f"{written} is not NUMBER:NAME")
    try:
        return clean_police_number(number), name
    except ValidationError as refused:
        raise argparse.ArgumentTypeError(f"{number}: {refused.message}") from None


class Command(BaseCommand):
    help = "Enter the first bureau with its system, security and audit administrator, and print their passwords once."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="full name of the bureau, e.g. 江城市公安局")
        parser.add_argument("--code-word", required=True, help="机关代字 of its documents, e.g. 江公")
        for role in ("system", "security", "audit"):
            parser.add_argument(f"--{role}", required=True, type=_person, metavar="NUMBER:NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        admins = {
            Role.SYSTEM_ADMIN: options["system"],
            Role.SECURITY_ADMIN: options["security"],
            Role.AUDIT_ADMIN: options["audit"],
        }
        try:
            accounts = actions.found_bureau(tidy(options["name"]), tidy(options["code_word"]), admins, localdate())
        except RuleError as refused:
            raise CommandError(f"{refused.message}（{refused.remedy}）") from refused
        for person, password in accounts:
            self.stdout.write(f"{person.get_role_display()} {person.number} {person.name} {password}")
