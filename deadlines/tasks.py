from celery import shared_task
from django.utils import timezone

from deadlines import actions


@shared_task(name="deadlines.remind")
def remind() -> None:
    actions.remind(timezone.now())
