"""Imports, yearly clocks, the terms of pledges in the background: the state is in the database, each can run twice."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from units import importing, pledging, yearly
from units.models import ImportBatch

# A handful of rows takes well under a second; a batch nobody touched for so long has lost its message or its worker.
SILENCE = timedelta(minutes=2)


@shared_task(name="units.import_batch")
def import_batch(batch_id: int) -> None:
    importing.advance(batch_id, timezone.localdate())


@shared_task(name="units.import_pending")
def import_pending() -> None:
    """Take up what was never sent or died half-way."""
    for batch_id in ImportBatch.objects.waiting(timezone.now() - SILENCE).values_list("pk", flat=True):
        importing.advance(batch_id, timezone.localdate())


@shared_task(name="units.open_year")
def open_year() -> None:
    """Give every open unit its yearly clock: on 1 January all of them, and whatever entered the ledger without."""
    yearly.open_year(timezone.localdate())


@shared_task(name="units.end_pledges")
def end_pledges() -> None:
    pledging.end_over(timezone.localdate())
