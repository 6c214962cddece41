from celery import shared_task


@shared_task(name="records.render")
def render(document_id: int) -> None: ...


@shared_task(name="records.render_pending")
def render_pending() -> None: ...
