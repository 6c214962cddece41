"""Print the accounts of the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from desk.demo.people import accounts


class Command(BaseCommand):
    help = "Print the accounts of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"\n    警号      岗位            (password of all: {settings.DEMO_PASSWORD})")
        for number, role, where in accounts():
            self.stdout.write(f"    {number}    {role}　{where}")
