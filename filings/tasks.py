from celery import shared_task
from django.utils.timezone import localdate

from filings import actions


@shared_task(name="filings.open_month")
def open_month() -> None:
    actions.open_month(localdate())
