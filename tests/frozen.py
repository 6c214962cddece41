"""What only somebody who owns the database does to an issued paper: the triggers that freeze it are off meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

TABLES = ("records_document", "records_documentfile", "records_scan")
TRIGGERS = [f"{table}_{name}" for table in TABLES for name in ("frozen", "kept")]


@contextmanager
def thawed() -> Iterator[None]:
    with transaction.atomic():
        again = _off()
        yield
        _run(*again)


def bend(rows: models.QuerySet[Any], **values: object) -> None:
    """Write over what is frozen in ``rows``."""
    with thawed():
        rows.update(**values)


def _off() -> list[str]:
    """Switch the triggers off; the statements that switch them on again."""
    if connection.vendor == "postgresql":
        # A table whose foreign keys are still to be looked at is not altered.
        now, later = "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"
        owners = [(trigger.rpartition("_")[0], trigger) for trigger in TRIGGERS]
        _run(now, *(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in owners))
        return [now, *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in owners), later]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'records_%'")
        again = [sql for (sql,) in cursor.fetchall()]
    assert len(again) == len(TRIGGERS)
    _run(*(f"DROP TRIGGER {trigger}" for trigger in TRIGGERS))
    return again


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
