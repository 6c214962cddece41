"""Words that stand in every text of a foreign row, and where to look for them in what was answered."""

import gzip
import zipfile
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.http import HttpResponseBase
from pypdf import PdfReader
from pypdf.errors import PdfReadError

# 甲 stands in the rows of the station next door, 乙 in those of another bureau.
NEIGHBOUR, FAR = "暗号甲", "暗号乙"
Rows = dict[type[models.Model], set[Any]]
# What a program reads or a rule holds: another word there would be another kind of row, not the row of another.
KEPT = {
    "context", "code", "kind", "kinds", "state", "subject_type", "job", "series", "url", "key", "form_key", "target",
    "round", "password", "session_key", "session_data", "group", "measure", "order_item", "app_label", "model",
    "codename", "user_agent", "path", "action", "actor_type", "method", "tense", "colour", "key_id", "algorithm",
    "signature",
}  # fmt: skip
_KEPT_ENDS = ("_url", "sha256", "_hash", "_key", "_index", "token", "digest", "_code")


def rows_now() -> Rows:
    """The keys of every row there is."""
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in _models()}


def made_since(before: Rows) -> Rows:
    return {model: keys - before[model] for model, keys in rows_now().items()}


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]


def plant(rows: Rows, mark: str) -> set[str]:
    """Put ``mark`` before every text of ``rows``; the columns that have it now.

    Organisations keep their names, which everybody reads in rankings and lists of addressees; the trail cannot be
    changed, and carries what it was told about people and units that have the mark from the start.
    """
    planted = set()
    for model, keys in rows.items():
        if model._meta.label == "stations.Organisation" or model._meta.app_label == "trail" or not keys:
            continue
        for field in model._meta.concrete_fields:
            if _is_words(field) and _put(model, keys, field, mark):
                planted.add(f"{model._meta.label}.{field.name}")
    return planted


def _is_words(field: models.Field[Any, Any]) -> bool:
    name = field.name
    text = isinstance(field, (models.CharField, models.TextField)) and not field.choices
    return text and not field.unique and name not in KEPT and not name.endswith(_KEPT_ENDS)


def _put(model: type[models.Model], keys: set[Any], field: models.Field[Any, Any], mark: str) -> bool:
    """False where the column is too short or the database holds a rule about it."""
    most = getattr(field, "max_length", None)
    if most and most <= len(mark):
        return False
    try:
        with transaction.atomic():
            for pk, words in model._base_manager.filter(pk__in=keys).values_list("pk", field.name):
                if mark not in (words or ""):
                    model._base_manager.filter(pk=pk).update(**{field.name: f"{mark}{words or ''}"[:most]})
    except IntegrityError:
        return False
    return True


def text_of(response: HttpResponseBase) -> str:
    """Everything that was answered, as one can read it: headers, page, sheets of a workbook, text of a PDF."""
    headers = "\n".join(f"{name}: {unquote(value)}" for name, value in response.items())
    body: bytes = getattr(response, "whole", None) or getattr(response, "content", b"")
    return f"{headers}\n{_read(body)}"


def _read(body: bytes) -> str:
    if body.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(body)) as files:
            return "\n".join(f"{name}\n{_read(files.read(name))}" for name in files.namelist())
    if body.startswith(b"\x1f\x8b"):
        return _read(gzip.decompress(body))
    words = body.decode(errors="replace")
    if body.startswith(b"%PDF"):
        # A few bytes that stand for a paper were read above.
        with suppress(PdfReadError):
            words += "\n".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages)
    return words


def bears(text: str, mark: str) -> bool:
    """Whether ``mark`` stands in ``text``, plain, in an address or in JSON."""
    return any(
        form in text for form in (mark, quote(mark), quote(mark).lower(), mark.encode("unicode_escape").decode())
    )
