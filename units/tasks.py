from celery import shared_task


@shared_task(name="units.import_batch")
def import_batch(batch_id: int) -> None: ...


@shared_task(name="units.import_pending")
def import_pending() -> None: ...
