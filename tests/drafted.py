"""What 预览草稿 shows and leaves behind: the papers that would be printed, every row of the database, every file."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from records.models import Document

Drafts = list[tuple[str, dict[str, Any]]]
# Of a session only: each click keeps it.
CLICKED = "django_session"
SHEET = b"%PDF-1.7 a draft"


def caught(monkeypatch: pytest.MonkeyPatch) -> Drafts:
    """The drafts that are asked for from now on, kind and context; none is printed, which would take time."""
    drafts: Drafts = []

    def draft(kind: str, context: dict[str, Any]) -> bytes:
        drafts.append((str(kind), context))
        return SHEET

    monkeypatch.setattr("records.papers.draft", draft)
    return drafts


def everything() -> dict[str, list[Any]]:
    """Every row of every table, and every file kept."""
    rows: dict[str, list[Any]] = {"files": sorted(map(str, Path(settings.MEDIA_ROOT).rglob("*")))}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != CLICKED:
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
                rows[table] = cursor.fetchall()
    return rows


def drafted(client: Client, url: str, form: dict[str, Any]) -> HttpResponse:
    """The answer to 预览草稿 on the form of ``url``, which leaves nothing behind; a refusal is told in the trail."""
    before = everything()
    answer = client.post(url, form | {"draft": "1"})
    after = everything()
    if answer.status_code >= 400:
        before["trail_auditentry"], after["trail_auditentry"] = [], []
    assert after == before
    return answer


def shown_as(answer: HttpResponse) -> str:
    """The name of a PDF that is looked at and that no browser keeps."""
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "application/pdf", "no-store")
    how, _, name = answer["Content-Disposition"].partition("; filename*=utf-8''")
    assert (how, answer.content) == ("inline", SHEET)
    return unquote(name)


def unnumbered(paper: Document) -> tuple[str, dict[str, Any]]:
    """What the draft of an issued paper has to have said."""
    paper.refresh_from_db()
    return paper.kind, {name: value for name, value in paper.context.items() if name != "number"}
