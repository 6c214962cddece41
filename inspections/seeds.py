"""The catalogue and the checklists as they are delivered; migrations load them, bureaus confirm and change them."""

import json
from pathlib import Path
from typing import Any

from fire_supervision.lib.text import squeezed

DATA = Path(__file__).parent / "data"


def hazards() -> list[dict[str, Any]]:
    """Field values of every `HazardType`, in the order of the catalogue."""
    rows: list[dict[str, Any]] = json.loads((DATA / "hazards.json").read_text(encoding="utf-8"))
    return [row | {"name_key": squeezed(row["name"])} for row in rows]


def checklists() -> list[dict[str, Any]]:
    """The three lists of 规定第31、32条: field values of `Checklist` with ``items``, each with its ``codes``."""
    data = json.loads((DATA / "checklists.json").read_text(encoding="utf-8"))
    return [
        {name: entry[name] for name in ("subject", "name", "basis", "since")}
        | {"items": [_item(order, row, data["groups"]) for order, row in enumerate(entry["rows"], start=1)]}
        for entry in data["lists"]
    ]


def _item(order: int, row: dict[str, Any], groups: dict[str, str]) -> dict[str, Any]:
    values = row.get("values", [])
    offered = [code for entry in values for code in entry.get("hazards", [])]
    return {
        "order": order,
        "group": row["group"],
        "group_name": groups[row["group"]],
        "code": row["code"],
        "text": row["text"],
        "values": values,
        "is_text": row.get("is_text", False),
        "codes": list(dict.fromkeys([*offered, *row.get("more", [])])),
    }
