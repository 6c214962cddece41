"""Row-level security on PostgreSQL: raise it after each migrate, or tell what is missing."""

import argparse
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from fire_supervision.wall.policies import ROLES
from fire_supervision.wall.raising import faults, make_roles, raise_wall, roles_made


class Command(BaseCommand):
    help = "Wall every table by row-level security and grant the roles of web and worker what they need; repeatable."
    # It is what the check of the database asks for.
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; say what differs and end with 1")
        parser.add_argument(
            "--make-roles",
            action="store_true",
            help=f"create {' and '.join(ROLES)} first; passwords from FIRE_APP_PASSWORD and FIRE_SWEEPS_PASSWORD",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            self.stdout.write("SQLite has no row-level security; nothing to raise.")
            return
        if options["make_roles"]:
            for line in make_roles({role: os.environ.get(f"{role.upper()}_PASSWORD", "") for role in ROLES}):
                self.stdout.write(line)
        if missing := sorted(set(ROLES) - roles_made()):
            raise CommandError(f"No role is called {' or '.join(missing)}: raise_wall --make-roles, as a superuser.")
        if not options["check"]:
            raise_wall()
            return
        if found := faults():
            raise CommandError("The wall does not stand as it should; run raise_wall:\n" + "\n".join(found))
