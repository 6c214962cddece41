"""Words that stand in every text of a foreign row, and where to look for them in what was answered."""

import gzip
import re
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

from fire_supervision.lib.encrypted import EncryptedJSONField

# 甲 stands in the rows of the station next door, 乙 in those of another bureau.
NEIGHBOUR, FAR = "暗号甲", "暗号乙"
# Drawn anew for each answer: the token of a form, the nonce of a page, the key of a form, the id of a request.
DRAWN = re.compile(r'[A-Za-z0-9]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|nonce[=-]"?[\w+/=-]+|\b[0-9a-f]{32}\b')
Rows = dict[type[models.Model], set[Any]]
# What a program reads or a rule holds: another word there would be another kind of row, not the row of another.
KEPT = {
    "context", "code", "kind", "kinds", "state", "subject_type", "job", "series", "url", "key", "form_key", "target",
    "round", "password", "session_key", "session_data", "group", "measure", "order_item", "app_label", "model",
    "codename", "user_agent", "path", "action", "actor_type", "method", "tense", "colour", "key_id", "algorithm",
    "signature", "needs",
}  # fmt: skip
# Columns of JSON that are read by name, and what a Chinese text is known by.
READ = {"mapping", "survey", "items", "values"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
_KEPT_ENDS = ("_url", "sha256", "_hash", "_key", "_index", "token", "digest", "_code")


def rows_now() -> Rows:
    """The keys of every row there is."""
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in _models()}


def made_since(before: Rows) -> Rows:
    return {model: keys - before[model] for model, keys in rows_now().items()}


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]


def plant(rows: Rows, mark: str, *, names: bool = False) -> set[str]:
    """Put ``mark`` before every text of ``rows``, those inside JSON too; the columns that have it now.

    Organisations have it in their ``names`` when asked: within a bureau everybody reads those in rankings and lists of
    addressees. The trail cannot be changed; what is to stand in it has to be written into it.
    """
    planted = set()
    for model, keys in rows.items():
        if (model._meta.label == "stations.Organisation" and not names) or model._meta.app_label == "trail" or not keys:
            continue
        for field in model._meta.concrete_fields:
            put = _put if _is_words(field) else _put_within if _holds_words(field) else None
            if put is not None and put(model, keys, field, mark):
                planted.add(f"{model._meta.label}.{field.name}")
    return planted


def _is_words(field: models.Field[Any, Any]) -> bool:
    name = field.name
    text = isinstance(field, (models.CharField, models.TextField)) and not field.choices
    return text and not field.unique and name not in KEPT and not name.endswith(_KEPT_ENDS)


def _holds_words(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, (models.JSONField, EncryptedJSONField)) and field.name not in READ


def _put_within(model: type[models.Model], keys: set[Any], field: models.Field[Any, Any], mark: str) -> bool:
    """False where there is no word in any row: numbers, codes and dates are left as they are."""
    changed = False
    for pk, value in model._base_manager.filter(pk__in=keys).values_list("pk", field.name):
        if (marked := _marked(value, mark)) != value:
            model._base_manager.filter(pk=pk).update(**{field.name: marked})
            changed = True
    return changed


def _marked(value: Any, mark: str) -> Any:
    """``value`` with ``mark`` before each of its Chinese texts, however deep; what it calls them stays."""
    if isinstance(value, dict):
        return {key: _marked(each, mark) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, mark) for each in value]
    return mark + value if isinstance(value, str) and CHINESE.search(value) and mark not in value else value


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
