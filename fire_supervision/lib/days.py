"""A running clock drawn as a calendar: whole weeks, and the reasons in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

WEEKDAYS = "一二三四五六日"
DAY = timedelta(days=1)
OUTSIDE: Mapping[str, Any] = {"kind": "out", "label": ""}
CLASSES = {"start": "start", "skip": "off", "count": "count", "due": "due"}


@dataclass(frozen=True)
class DrawnDay:
    """One square: ``shown`` is 9-28 where a drawing or month begins, else the day; ``kinds`` its CSS classes.

    ``after_gap`` marks the first square behind weeks that were left out.
    """

    date: date
    shown: str
    words: str
    kinds: str
    work: bool
    after_gap: bool


@dataclass(frozen=True)
class DrawnClock:
    """The squares in whole weeks, the facts below them (term, words), and all of it in one sentence."""

    squares: list[DrawnDay]
    facts: list[tuple[str, str]]
    spoken: str


def explain(explanation: Sequence[Mapping[str, Any]], today: date | None) -> DrawnClock:
    """Draw ``explanation``: dicts ``date``, ``kind`` (start, skip, count, due, out), ``label``, optional ``work``."""
    rows = sorted(explanation, key=lambda row: row["date"])
    if not rows:
        return DrawnClock([], [], "")
    facts = _facts(rows)
    return DrawnClock(_squares(rows, today), facts, "；".join(f"{term}：{words}" for term, words in facts))


def _squares(rows: Sequence[Mapping[str, Any]], today: date | None) -> list[DrawnDay]:
    known = {row["date"]: row for row in rows}
    # Only weeks that say something: 每年至少一次 is a first and a last day with a year between.
    mondays = sorted({day - DAY * day.weekday() for day in known})
    counted, before = 0, OUTSIDE
    squares: list[DrawnDay] = []
    for day in (monday + DAY * step for monday in mondays for step in range(7)):
        row = known.get(day, OUTSIDE)
        counted += row["kind"] in ("count", "due")
        gap = bool(squares) and squares[-1].date + DAY != day
        words = _words(row, before, counted)
        squares.append(_square(day, row, words, today, begins=not squares or gap or day.day == 1, gap=gap))
        before = row
    return squares


def _words(row: Mapping[str, Any], before: Mapping[str, Any], counted: int) -> str:
    """What stands in a square: 第 2 日, 到期, or why the day is off (once for a run of them)."""
    if row["kind"] == "skip":
        return "休" if row.get("label") == before.get("label") else _short(row.get("label", ""))
    if row["kind"] == "start":
        # 改正期限届满 is the day officers look for; any other first day only says where counting begins.
        return "届满" if str(row.get("label", "")).endswith("届满") else "起算"
    return {"count": f"第 {counted} 日", "due": "到期"}.get(row["kind"], "")


def _square(day: date, row: Mapping[str, Any], words: str, today: date | None, *, begins: bool, gap: bool) -> DrawnDay:
    kind = CLASSES.get(row["kind"], "out")
    return DrawnDay(
        date=day,
        shown=f"{day.month}-{day.day}" if begins else str(day.day),
        words=words,
        kinds=f"{kind} today" if day == today else kind,
        work=bool(row.get("work")),
        after_gap=gap,
    )


def _short(reason: str) -> str:
    """A square holds two characters: 国庆节放假 → 国庆, 周末 → 休."""
    return "休" if not reason or reason.startswith(("周", "星期", "公休", "休")) else reason[:2]


def _facts(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    start = [row for row in rows if row["kind"] == "start"]
    skipped = [row for row in rows if row["kind"] == "skip"]
    counted = [row for row in rows if row["kind"] in ("count", "due")]
    facts = []
    if start:
        facts.append(("起算", f"{_cn(start[0]['date'])}{start[0].get('label', '')}，当日不计入"))
    if skipped:
        facts.append(("跳过", "；".join(_run(run) for run in _runs(skipped))))
    if any(after["date"] - before["date"] > DAY for before, after in pairwise(rows)):
        # The days between are not listed, so they cannot be counted here.
        facts.append(("到期", _cn(rows[-1]["date"])))
    elif counted:
        total = f"，共 {len(counted)} 日" if start else ""
        facts.append(("计入", "；".join(_run(run) for run in _runs(counted)) + total))
    return facts


def _runs(rows: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Neighbouring days with the same reason, together."""
    listed = list(rows)
    runs = [listed[:1]]
    for before, row in pairwise(listed):
        if row["date"] - before["date"] == DAY and _reason(row) == _reason(before):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _reason(row: Mapping[str, Any]) -> str:
    if row["kind"] == "skip":
        return f"（{row['label']}）" if row.get("label") else ""
    return f"（星期{WEEKDAYS[row['date'].weekday()]}，调休上班）" if row.get("work") else ""


def _run(run: Sequence[Mapping[str, Any]]) -> str:
    first, last = run[0]["date"], run[-1]["date"]
    if first == last:
        words = _cn(first)
    else:
        words = f"{_cn(first)}至{last.day}日" if first.month == last.month else f"{_cn(first)}至{_cn(last)}"
    return words + _reason(run[0])


def _cn(day: date) -> str:
    return f"{day.month}月{day.day}日"
