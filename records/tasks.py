"""Printing in the background."""

from celery import shared_task
from django.utils import timezone

from records import actions


@shared_task(name="records.render")
def render(document_id: int) -> None:
    actions.render(document_id)


@shared_task(name="records.render_pending")
def render_pending() -> None:
    actions.render_pending(timezone.now())
