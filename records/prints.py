"""Which bytes were printed of a paper, as the trail told in the act: bound by its chain and each later checkpoint."""

import json

from django.db import connection

from trail.models import AuditEntry

PRINTED = "records.print"


def printed_as(document_id: int) -> dict[str, str]:
    """Copy → SHA-256 of its file; empty while it waits to be printed, and for what was printed before this was told.

    A paper is printed once: what tells of it later is not believed. Asked past the wall: the public page asks for
    whoever holds the paper.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT printed_as(%s)", [document_id])
            found = cursor.fetchone()[0]
        return json.loads(found) if isinstance(found, str) else found or {}
    entries = AuditEntry.objects.filter(subject_type="records.document", subject_id=document_id, action=PRINTED)
    return entries.order_by("pk").values_list("after__sha256", flat=True).first() or {}
