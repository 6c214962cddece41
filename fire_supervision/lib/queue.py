"""Handing work to Celery without importing a task."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import partial

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


class Job(StrEnum):
    """Every task an action may send; a start-up check refuses a name no worker knows."""

    RENDER = "records.render"
    IMPORT_BATCH = "units.import_batch"
    BIND = "desk.bind"
    TRAIL_RUN = "trail.run"


# A worker takes from both in turn, so that a heap of reprints never keeps an officer's paper waiting.
DEFAULT, BULK = "celery", "bulk"
# A visit may issue three papers: only the first of them waits for a broker that is away.
PAUSE_SECONDS = 15.0
_broker = {"away_until": 0.0}
_held: ContextVar[bool] = ContextVar("held", default=False)


def _send(job: Job, args: tuple[int, ...], queue: str) -> None:
    if _held.get() or time.monotonic() < _broker["away_until"]:
        return
    try:
        current_app.send_task(job.value, args=args, queue=queue)
    except Exception:  # the broker is away: the row is committed and the next sweep sends it again
        _broker["away_until"] = time.monotonic() + PAUSE_SECONDS
        logger.exception("could not queue %s%s", job.value, args)


def after_commit(job: Job, *args: int, bulk: bool = False) -> None:
    """Send ``job`` with ids once the surrounding transaction has committed; a rollback sends nothing.

    ``bulk`` is for what nobody waits for at a screen.
    """
    transaction.on_commit(partial(_send, job, args, BULK if bulk else DEFAULT))


@contextmanager
def held() -> Iterator[None]:
    """Send nothing inside: what is committed waits for the sweep that repeats it."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)
