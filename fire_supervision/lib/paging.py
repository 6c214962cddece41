"""Keyset paging: a page costs the same at row 50 and at row 900,000."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import F, Model, Q, QuerySet

PAGE_SIZE = 50
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of a list. Cursors are opaque words for the URL, empty at either end."""

    rows: list[M]
    total: int
    next_cursor: str
    previous_cursor: str


def page_of(queryset: QuerySet[M], order: Sequence[str], cursor: str = "", *, size: int = PAGE_SIZE) -> Page[M]:
    """The page of ``queryset`` after (or before) ``cursor`` in ``order``.

    ``order`` names plain columns or annotations, each with an optional ``-``; ``pk`` is appended to make it total.
    A null sorts last in either direction. A cursor that cannot be read counts as the first page.
    """
    keys = [*order, "-pk" if order and order[0].startswith("-") else "pk"]
    backwards, values = _read(cursor, len(keys))
    window = queryset
    if values is not None:
        try:
            window = queryset.filter(_beyond(queryset.model, keys, values, backwards))
            found = _fetch(window, keys, backwards, size)
        except (ValueError, TypeError):
            backwards, values = False, None
            found = _fetch(queryset, keys, False, size)
    else:
        found = _fetch(queryset, keys, False, size)
    more = len(found) > size
    rows = found[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, values is not None)
    return Page(
        rows=rows,
        total=queryset.order_by().count(),
        next_cursor=_write(rows[-1], keys, False) if rows and has_next else "",
        previous_cursor=_write(rows[0], keys, True) if rows and has_previous else "",
    )


def _fetch(queryset: QuerySet[M], keys: list[str], backwards: bool, size: int) -> list[M]:
    ordering = []
    for key in keys:
        descending = key.startswith("-") is not backwards
        column = F(key.removeprefix("-"))
        # Reading backwards turns "nulls last" round as well. Said of a column without nulls, it would only keep the
        # database from reading in the order of an index: 200,000 duties end on the last day of the year.
        nulls = {"nulls_first" if backwards else "nulls_last": True} if _may_be_null(queryset.model, key) else {}
        ordering.append(column.desc(**nulls) if descending else column.asc(**nulls))
    return list(queryset.order_by(*ordering)[: size + 1])


def _may_be_null(model: type[Model], key: str) -> bool:
    """Whether nulls may stand in a column; in one that is counted for the list (an annotation) they may."""
    filled = {field.name for field in model._meta.concrete_fields if not field.null}
    return key.removeprefix("-") not in {"pk", *filled}


def _beyond(model: type[Model], keys: list[str], values: list[Any], backwards: bool) -> Q:
    condition = Q(pk__in=[])
    equal = Q()
    for key, value in zip(keys, values, strict=True):
        column = key.removeprefix("-")
        ahead = "lt" if key.startswith("-") is not backwards else "gt"
        if value is None:
            step = Q(**{f"{column}__isnull": False}) if backwards else None
            same = Q(**{f"{column}__isnull": True})
        else:
            step = Q(**{f"{column}__{ahead}": value})
            if not backwards and _may_be_null(model, key):
                step |= Q(**{f"{column}__isnull": True})
            same = Q(**{column: value})
        if step is not None:
            condition |= equal & step
        equal &= same
    if values[0] is not None and not _may_be_null(model, keys[0]):
        # Says nothing new, but is what an index can begin at.
        begin = "lte" if keys[0].startswith("-") is not backwards else "gte"
        condition &= Q(**{f"{keys[0].removeprefix('-')}__{begin}": values[0]})
    return condition


def _plain(value: Any) -> Any:
    return (
        value.isoformat() if isinstance(value, date | datetime) else str(value) if isinstance(value, Decimal) else value
    )


def _write(row: Model, keys: list[str], backwards: bool) -> str:
    values = [_plain(getattr(row, key.removeprefix("-"))) for key in keys]
    return urlsafe_b64encode(json.dumps([backwards, values]).encode()).decode()


def _read(cursor: str, length: int) -> tuple[bool, list[Any] | None]:
    try:
        backwards, values = json.loads(urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError):
        return False, None
    if not isinstance(values, list) or len(values) != length or not all(_scalar(value) for value in values):
        return False, None
    return bool(backwards), values


def _scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)
