"""Handing work to Celery without importing a task."""

import logging
from enum import StrEnum
from functools import partial

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


class Job(StrEnum):
    """Every task an action may send; a start-up check refuses a name no worker knows."""

    RENDER = "records.render"
    IMPORT_BATCH = "units.import_batch"


def _send(job: Job, args: tuple[int, ...]) -> None:
    try:
        current_app.send_task(job.value, args=args)
    except Exception:  # the broker is away: the row is committed and the next sweep sends it again
        logger.exception("could not queue %s%s", job.value, args)


def after_commit(job: Job, *args: int) -> None:
    """Send ``job`` with ids once the surrounding transaction has committed; a rollback sends nothing."""
    transaction.on_commit(partial(_send, job, args))
