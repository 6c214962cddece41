"""A frozen paper read field by field: for the phone, for pinning a remark, for the station's answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from records.models import Kind

Context = dict[str, Any]
UNIT_FIELDS = [
    ("name", "单位（场所）名称"), ("person", "法定代表人、主要负责人"), ("address", "地址"), ("nature", "单位性质"),
    ("area", "建筑面积（㎡）"), ("floors", "层数"), ("height", "建筑高度（m）"),
]  # fmt: skip
REFERRED_ITEMS = {1: "未经消防验收", 2: "未经竣工验收消防备案", 3: "未经投入使用、营业前消防安全检查"}


@dataclass(frozen=True)
class Field:
    """One field: ``key`` is what a remark is pinned to, at most 60 characters."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Section:
    """Fields under one heading, in print order; a field with nothing in it is left out of the phone's view."""

    title: str
    fields: list[Field] = field(default_factory=list)

    @property
    def is_filled(self) -> bool:
        return any(each.value for each in self.fields)


def sections(kind: str, context: Context) -> list[Section]:
    """The paper from top to bottom."""
    body = _record(context) if kind == Kind.INSPECTION_RECORD else _order(context)
    return [Section("抬头", list(_head(context))), *body, Section("签名", list(_people(context)))]


def labels(kind: str, context: Context) -> dict[str, str]:
    """The name of every field by its key."""
    return {found.key: found.label for section in sections(kind, context) for found in section.fields}


def _head(context: Context) -> Iterator[Field]:
    yield Field("heading", "机关", context.get("heading", ""))
    yield Field("number", "编号", context.get("number", ""))
    if "unit" in context:
        for key, label in UNIT_FIELDS:
            yield Field(f"unit.{key}", label, str(context["unit"].get(key, "")))
    else:
        yield Field("unit_name", "被检查单位", context.get("unit_name", ""))
    yield Field("visited_on", "检查日期", _day(context.get("visited_on", "")))


def _order(context: Context) -> Iterator[Section]:
    problems = [
        Field(f"problem:{entry['no']}", f"第 {entry['no']} 项问题", _problem(entry))
        for entry in context.get("problems", [])
    ]
    yield Section("违法行为和具体问题", problems)
    deadlines = context.get("deadlines", [])
    if deadlines:
        yield Section("改正期限", [_deadline(number, entry) for number, entry in enumerate(deadlines, start=1)])


def _problem(entry: Context) -> str:
    parts = [entry.get("offence", ""), entry.get("detail", "")]
    said = "：".join(part for part in parts if part)
    return f"{said}（违反{entry['violates']}）" if entry.get("violates") else said


def _deadline(number: int, entry: Context) -> Field:
    items = "、".join(str(item) for item in entry["items"])
    return Field(f"deadline:{number}", f"第 {items} 项改正期限", _day(entry["on"]))


def _record(context: Context) -> Iterator[Section]:
    for place, section in enumerate(context.get("sections", []), start=1):
        yield Section(section["name"], _rows(section["rows"], str(place)))
    if context.get("committee"):
        yield Section("村（居）民委员会履行消防安全职责情况", _rows(context["committee"], "c"))
    yield Section("处理", list(_outcome(context)))


def _rows(rows: list[Context], place: str) -> list[Field]:
    return [
        Field(f"row:{place}.{number}", row["text"], "，".join(part for part in (row["chosen"], row["note"]) if part))
        for number, row in enumerate(rows, start=1)
    ]


def _outcome(context: Context) -> Iterator[Field]:
    orders = "；".join(f"{entry['title']} {entry['number']}" for entry in context.get("orders", []))
    yield Field("orders", "责令改正情况", orders)
    yield Field("referrals", "移送处理的内容", "；".join(_referral(entry) for entry in context.get("referrals", [])))
    yield Field("remark", "备注", context.get("remark", ""))


def _referral(entry: Context) -> str:
    items = "、".join(REFERRED_ITEMS.get(item, str(item)) for item in entry["items"])
    return f"{items}，移送{entry['to']}"


def _people(context: Context) -> Iterator[Field]:
    officers = [f"{person['name']}（{person['certificate'] or '无证号'}）" for person in context.get("officers", [])]
    yield Field("officers", "检查人员", "、".join(officers))
    if "companion" in context:
        named = [context["companion"].get("name", ""), context["companion"].get("post", "")]
        yield Field("companion", "随同人员", " ".join(part for part in named if part))
        yield Field("refusal", "拒签、不在场的情况", context.get("refusal", ""))
    yield Field("issued_on", "成文日期", _day(context.get("issued_on", "")))


def _day(iso: str) -> str:
    """2026-09-22 as 2026年9月22日; a word that is no date stays."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day.year}年{day.month}月{day.day}日"
