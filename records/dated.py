"""A paper is not older than what it tells: its 成文日期 is on or after every day of the past that it cites.

What lies ahead of it (the end of a period) is not looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fire_supervision.lib.refusals import Fault
from records.models import Kind

# By kind, the paths to the days and what happened on them; `[]` for each entry.
_MEASURES = {
    "measures[].issued_on": "责令改正",
    "measures[].served_on": "送达",
    "measures[].extensions[].on": "批准延期",
    "measures[].rechecks[].on": "复查",
}
CITED: dict[Kind, dict[str, str]] = {
    Kind.EXTENSION: {
        "order.issued_on": "责令改正", "order.served_on": "送达", "requested_on": "申请", "decided_at": "审批",
    },
    Kind.RECHECK_RECORD: {
        "order.issued_on": "责令改正", "order.served_on": "送达", "extensions[].on": "批准延期", "requested_on": "申请",
        "visited_on": "复查",
    },
    Kind.REFERRAL: {"visits[].on": "检查", "urged[].on": "督促整改"} | _MEASURES,
    Kind.HAZARD_REPORT: {"visited_on": "检查"} | _MEASURES,
}  # fmt: skip


def too_old(kind: Kind, context: Mapping[str, Any]) -> Iterator[Fault]:
    """The latest day ``context`` cites, where its own is before it; days that are missing are not compared."""
    issued_on = str(context.get("issued_on") or "").strip()[:10]
    cited = [(day, what) for path, what in CITED.get(kind, {}).items() for day in _days(path.split("."), context)]
    if issued_on and cited and max(cited)[0] > issued_on:
        day, what = max(cited)
        yield Fault("issued_on", f"成文日期 {issued_on} 早于文中 {day} 的{what}", remedy="核对日期。")


def _days(steps: Sequence[str], value: Any) -> Iterator[str]:
    if not steps:
        yield str(value or "")[:10]
        return
    name = steps[0].removesuffix("[]")
    below = value.get(name) if isinstance(value, Mapping) else None
    for each in (below or []) if steps[0].endswith("[]") else [below]:
        yield from _days(steps[1:], each)
