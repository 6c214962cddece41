"""make chaos: the life of at least 500 orders while everything around them fails; nothing lost, doubled or skipped.

PostgreSQL and Redis are private and real, and so are web server, workers and beats. ORDERS= and SEED= choose how many
orders and which schedule. Exit code 1 when a duty was lost, doubled or skipped, or a kind of fault never struck.
"""

import os
import secrets
import signal
import subprocess
import sys
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import django

from tests.chaos.clock import VARIABLE, Clock
from tests.chaos.crew import BASE_DIR, SWEEP_SECONDS, Crew
from tests.chaos.storm import services


def main() -> int:
    orders, seed = int(os.environ.get("ORDERS") or 500), int(os.environ.get("SEED") or secrets.randbelow(10**6))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"==> {orders} orders, SEED={seed}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="chaos-")))
        servers = stack.enter_context(services.services(durable=True))
        environment = prepare(folder, servers)
        crew = Crew(folder, environment)
        stack.callback(crew.end)
        clock = Clock(folder / "clock")
        clock.install()
        django.setup()
        from tests.chaos.run import Run  # models can be imported only now

        data = Path(servers["BROKER_URL"].removeprefix("redis+socket://")).parents[1]
        return Run(orders, seed, crew, clock, data).run()


def _new_key() -> str:
    return b64encode(secrets.token_bytes(32)).decode()


def prepare(folder: Path, servers: dict[str, str]) -> dict[str, str]:
    """Production's settings on the private servers, an empty database with the law and the calendar in it."""
    environment = os.environ | servers | {
        "DJANGO_SETTINGS_MODULE": "fire_supervision.settings", "DEBUG": "false", "HTTPS": "false", "DEMO": "false",
        "SECRET_KEY": secrets.token_urlsafe(60), "ALLOWED_HOSTS": "localhost", "DATA_DIR": str(folder / "data"),
        "STATIC_ROOT": str(folder / "static"), "SWEEP_SECONDS": str(SWEEP_SECONDS), "LOG_LEVEL": "WARNING",
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges", "PYTHONUNBUFFERED": "1",
        "DATA_KEYS": f"chaos:{_new_key()}", "INDEX_KEY": _new_key(), VARIABLE: str(folder / "clock"),
    }  # fmt: skip
    for command in ("migrate --skip-checks", "seed_calendar", "collectstatic --noinput"):
        manage = [sys.executable, "manage.py", *command.split(), "--verbosity=0"]
        subprocess.run(manage, cwd=BASE_DIR, env=environment, check=True)
    os.environ.update(environment)
    return environment


if __name__ == "__main__":
    try:
        sys.exit(main())
    except services.ServiceError as error:
        sys.exit(str(error))
