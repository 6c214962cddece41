"""Where a context has somebody choose among the options its form prints."""

from collections.abc import Iterator, Mapping
from typing import Any

from records.canonical import SIGNING


def choices(value: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every dict of ``options`` and what is ``chosen`` of them (words, or a list), with its path: `rows[2].result`."""
    if isinstance(value, Mapping):
        if value.keys() >= {"options", "chosen"}:
            yield place, value
        for key in (key for key in value if key not in SIGNING):
            yield from choices(value[key], f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from choices(each, f"{place}[{index}]")
