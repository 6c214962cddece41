"""Acts and sweeps in children that are killed: at any line, because nobody knows at which.

Reads one order a line (JSON) on its standard input and answers each with one line. A child does what a web worker or a
task does, in a process of its own; the parent sends SIGKILL after a part of the time the same work usually takes.
"""

import json
import os
import random
import select
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import django

STARTED, TIMEOUT = b"!", 30.0


def main() -> None:
    django.setup()
    chance = random.Random(int(sys.argv[1]))
    usual: dict[str, float] = defaultdict(lambda: 0.1)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(strike(order, chance, usual)), flush=True)


def strike(order: dict[str, Any], chance: random.Random, usual: dict[str, float]) -> dict[str, Any]:
    """Run the order in ``order["copies"]`` children; the outcome of the first, and how many were killed."""
    work = press if order["do"] == "press" else sweep
    seed = chance.random()
    # One in eight may finish: from it the others learn how long the work takes.
    kill = order["kill"] and chance.random() > 0.125
    children = [fork(lambda pipe: work(order, pipe)) for _ in range(order["copies"])]
    outcomes = [hit(*child, seed * usual[order["kind"]] if kill else None) for child in children]
    took = [outcome["seconds"] for outcome in outcomes if outcome["said"]]
    if took:
        usual[order["kind"]] = (usual[order["kind"]] + 3 * max(took)) / 4
    return {"said": outcomes[0]["said"], "killed": sum(outcome["killed"] for outcome in outcomes)}


def fork(work: Callable[[int], None]) -> tuple[int, int]:
    """The child's number and the end of the pipe it speaks through."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child:
        os.close(theirs)
        return child, ours
    try:
        work(theirs)
    except BaseException as error:  # the database may be away; the officer sees an error page and tries again
        os.write(2, f"{error!r}\n".encode())
    finally:
        os._exit(0)


def hit(child: int, pipe: int, delay: float | None) -> dict[str, Any]:
    """Kill the child ``delay`` seconds after it began its act; what it said before, and how long it took."""
    began, said, killed = 0.0, "", False
    if heard(pipe, TIMEOUT) == STARTED:
        began = time.monotonic()
        said = heard(pipe, TIMEOUT if delay is None else delay).decode()
        killed = delay is not None and not said
    seconds = time.monotonic() - began
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(pipe)
    return {"said": said, "killed": killed, "seconds": seconds}


def heard(pipe: int, seconds: float) -> bytes:
    ready, _, _ = select.select([pipe], [], [], seconds)
    return os.read(pipe, 100) if ready else b""


def press(order: dict[str, Any], pipe: int) -> None:
    """The form of a page, opened, filled in and sent, by the code of the web worker."""
    from django.test import Client

    from stations.models import User
    from tests.chaos.forms import NoForm, read_form

    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    client.force_login(User.objects.get(pk=order["user"]))
    try:
        body = read_form(client.get(order["path"]).content.decode()).filled(order["answers"])
    except NoForm:
        return
    os.write(pipe, STARTED)
    answer = client.post(order["path"], body, content_type="application/x-www-form-urlencoded")
    os.write(pipe, f"{answer.status_code} {answer.get('Location', '')}".encode())


def sweep(_order: dict[str, Any], pipe: int) -> None:
    """Everything beat sends, one after the other, by the code of the worker."""
    from django.conf import settings

    from fire_supervision.celery import app

    app.loader.import_default_modules()
    os.write(pipe, STARTED)
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        app.tasks[entry["task"]]()
    os.write(pipe, b"swept")


if __name__ == "__main__":
    main()
