from celery import shared_task
from django.utils.timezone import localdate

from hazards import actions


@shared_task(name="hazards.open_due")
def open_due() -> None:
    actions.open_due(localdate())


@shared_task(name="hazards.escalate_overdue")
def escalate_overdue() -> None:
    actions.escalate_overdue(localdate())
