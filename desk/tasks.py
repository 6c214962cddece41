"""Volumes and zips in the background; how far each has come stands in the database, so each of these can run twice."""

from celery import shared_task
from django.utils import timezone

from records import bundles


@shared_task(name="desk.bind")
def bind(bundle_id: int) -> None:
    from desk import volume_binding  # noqa: PLC0415 - what binds volumes is held by who binds them

    volume_binding.bind(bundle_id, timezone.now())


@shared_task(name="desk.bind_pending")
def bind_pending() -> None:
    bundles.bind_pending(timezone.now())


@shared_task(name="desk.expire_bundles")
def expire_bundles() -> None:
    bundles.expire(timezone.now())
