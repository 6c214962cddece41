"""The catalogue and the checklists as they are delivered; migrations load them, bureaus confirm and change them."""

import json
from pathlib import Path
from typing import Any

from fire_supervision.lib.text import squeezed

DATA = Path(__file__).parent / "data"


def hazards() -> list[dict[str, Any]]:
    """Field values of every `HazardType` but its `hint`, which came later than the catalogue, in its order."""
    shipped = ({name: value for name, value in row.items() if name != "hint"} for row in _catalogue())
    return [row | {"name_key": squeezed(row["name"])} for row in shipped]


def hints() -> dict[str, str]:
    """`HazardType.hint` by code, of the entries that have one."""
    return {row["code"]: row["hint"] for row in _catalogue() if "hint" in row}


def _catalogue() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DATA / "hazards.json").read_text(encoding="utf-8"))
    return rows


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
