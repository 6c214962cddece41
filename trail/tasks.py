"""Sealing and verifying in the background."""

from celery import shared_task
from django.utils import timezone

from trail import actions


@shared_task(name="trail.seal_pending")
def seal_pending() -> None:
    actions.seal(timezone.now())


@shared_task(name="trail.run")
def run(pk: int) -> None:
    actions.do(pk)


@shared_task(name="trail.run_pending")
def run_pending() -> None:
    actions.do_pending(timezone.now())
