"""Clearing out what people came in by, in the background."""

from celery import shared_task
from django.utils import timezone

from stations import securing


@shared_task(name="stations.clear_out")
def clear_out() -> None:
    securing.clear_out(timezone.now())
