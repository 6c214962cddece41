"""Why a date is what it is, in one line."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from deadlines.calendar import Calendar
from deadlines.rules import Days

DAY = timedelta(days=1)
# A longer period speaks for itself.
MANY = 10


def why(days: Days) -> str:
    """`10-08、10-09、10-10（周六补班）；10-01 至 10-07 国庆节放假`; empty when there is nothing to explain."""
    counted = [day for day in days if day["kind"] in ("count", "due")]
    if len(days) < 2 or len(counted) > MANY:
        return ""
    spelled = "、".join(_short(day) + (f"（{day['label']}）" if day.get("work") else "") for day in counted)
    rested = "；".join(_rest(run) for run in _runs([day for day in days if day["kind"] == "skip"]))
    return "；".join(filter(None, [spelled, rested]))


def _short(day: dict[str, Any]) -> str:
    return f"{day['date']:%m-%d}"


def _rest(run: list[dict[str, Any]]) -> str:
    label = run[0]["label"]
    reason = label if label in ("", "周末") else f"{label}放假"
    span = _short(run[0]) if len(run) == 1 else f"{_short(run[0])} 至 {_short(run[-1])}"
    return f"{span} {reason}".strip()


def _runs(days: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    runs = [days[:1]] if days else []
    for before, day in pairwise(days):
        if day["date"] - before["date"] == DAY and day["label"] == before["label"]:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def period_words(visited_on: date, days: int, last: date, calendar: Calendar) -> str:
    """Why a period of ``days`` ends on ``last``: counted from the visit, moved off a rest day."""
    plain = visited_on + DAY * days
    if plain == last:
        return f"检查之日起 {days} 日"
    return f"检查之日起 {days} 日为 {plain:%m-%d}（{calendar.name_of(plain)}），顺延到 {last:%m-%d}"
