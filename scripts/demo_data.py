"""Make the demo's database ready and write down its accounts, in one process: each start of Django costs a second."""

import os
from io import StringIO
from pathlib import Path

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fire_supervision.settings")
    django.setup()
    # call_command runs no checks: one of them refuses an empty calendar, which load_demo is about to fill.
    call_command("migrate", verbosity=0)
    call_command("make_demo_certificate", stdout=StringIO())
    call_command("make_trail_key", unless_there=True, stdout=StringIO())
    call_command("load_demo")
    with Path(os.environ["DATA_DIR"], "accounts.txt").open("w") as accounts:
        call_command("demo_accounts", stdout=accounts)
