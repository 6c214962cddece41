from celery import shared_task
from django.utils.timezone import localdate

from hazards import actions


@shared_task(name="hazards.open_due")
def open_due() -> None:
    actions.open_due(localdate())


@shared_task(name="hazards.effect_notices")
def effect_notices() -> None:
    actions.effect_notices(localdate())


@shared_task(name="hazards.end_links")
def end_links() -> None:
    actions.end_links(localdate())


@shared_task(name="hazards.fell_extensions")
def fell_extensions() -> None:
    actions.fell_extensions(localdate())
