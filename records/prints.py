"""What the trail told of a paper when it was issued and when it was printed: bound by its chain and each checkpoint."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from records.canonical import digest
from records.models import Document
from trail.models import AuditEntry

ISSUED, PRINTED = "records.issue", "records.print"
# What is hashed of a paper when it is issued, as the screens call it.
PARTS = {"context_sha256": "正文", "strokes_sha256": "签名笔迹", "signed_sha256": "签名登记"}


def bound(context: Mapping[str, Any]) -> dict[str, str]:
    """The hashes of ``context`` by the keys of `PARTS`: its words; what was drawn; who drew it when, where, on what."""
    drawn, given = context.get("signatures") or {}, context.get("signed") or {}
    return {"context_sha256": digest(context), "strokes_sha256": digest(drawn), "signed_sha256": digest(given)}


def changed(document: Document) -> list[str]:
    """Which parts of ``document`` are not those it was issued with, as `PARTS` calls them; empty for one that stands.

    Judged by the frozen hash of its row and by the trail; what neither told then (older papers) is not judged.
    """
    now = bound(document.context)
    told = ({"context_sha256": document.context_sha256}, issued_as(document.pk))
    return [words for part, words in PARTS.items() if any(each.get(part) not in ("", None, now[part]) for each in told)]


def issued_as(document_id: int) -> dict[str, str]:
    """Hash by key of `PARTS`, as far as they were told when the paper was issued."""
    if connection.vendor == "postgresql":
        return _told("issued_as", document_id)
    return _entry(document_id, ISSUED, "after")


def printed_as(document_id: int) -> dict[str, str]:
    """Copy → SHA-256 of its file; empty while it waits to be printed, and for what was printed before this was told.

    A paper is printed once: what tells of it later is not believed.
    """
    if connection.vendor == "postgresql":
        return _told("printed_as", document_id)
    return _entry(document_id, PRINTED, "after__sha256")


def _told(function: str, document_id: int) -> dict[str, str]:
    """Asked past the wall: the public page asks for whoever holds the paper."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [document_id])
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found or {}


def _entry(document_id: int, action: str, value: str) -> dict[str, str]:
    entries = AuditEntry.objects.filter(subject_type="records.document", subject_id=document_id, action=action)
    return entries.order_by("pk").values_list(value, flat=True).first() or {}
