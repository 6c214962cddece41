"""Start-up checks: what is missing, and how to mend it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import DatabaseError
from django.utils.timezone import localdate

from deadlines.models import CalendarYear
from fire_supervision.lib.queue import Job


@register(Tags.database)
def calendar_is_filled(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """No deadline can be computed in a year the calendar does not know."""
    if settings.DEBUG or not databases:
        return []
    try:
        known = CalendarYear.objects.filter(year=localdate().year).exists()
    except DatabaseError:  # before the first migrate there is no table to look into
        return []
    if known:
        return []
    return [
        Error(
            f"The working calendar of {localdate().year} is empty.",
            hint="Run: python manage.py seed_calendar, or enter the year under 规则与日历.",
            id="fire_supervision.E003",
        )
    ]


@register()
def jobs_are_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every name an action sends is a task some worker has; so is every name in the beat schedule."""
    current_app.autodiscover_tasks(force=True)
    wanted = {job.value for job in Job} | {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return [
        Error(f"No task is called {name}.", hint="Name it in the app's tasks.py.", id="fire_supervision.E004")
        for name in sorted(wanted - set(current_app.tasks))
    ]


@register(Tags.security, deploy=True)
def papers_lead_to_a_public_page(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What the QR of a paper says cannot be changed once it is printed."""
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme == "https" and address.hostname not in (None, "localhost", "127.0.0.1", "*"):
        return []
    return [
        Caution(
            f"The QR of a paper leads to {settings.PUBLIC_URL}, which no phone outside opens.",
            hint="Set PUBLIC_URL=https://NAME: it stands on every printed paper.",
            id="fire_supervision.W005",
        )
    ]
