from celery import shared_task


@shared_task(name="hazards.open_due")
def open_due() -> None: ...


@shared_task(name="hazards.escalate_overdue")
def escalate_overdue() -> None: ...
