"""Clearing out what people came in by, and watching the trail for what must be told, in the background."""

from celery import shared_task
from django.utils import timezone

from stations import alarms, securing


@shared_task(name="stations.watch")
def watch() -> None:
    now = timezone.now()
    alarms.watch(now)
    alarms.mail_waiting(now)


@shared_task(name="stations.clear_out")
def clear_out() -> None:
    securing.clear_out(timezone.now())
