"""What strains a form: the most awkward words somebody may be called by, and every box filled to its edge."""

from collections.abc import Mapping
from copy import deepcopy
from itertools import cycle
from typing import Any

from records.citations import cited
from records.fields import FIELDS, Field
from records.gate import lines_of, width
from records.models import Kind
from records.samples.sample import Context

# Sixty characters: rare ones, half and full width beside each other, and what would be markup if it were not text.
NAME = '江城市喆㛃𬱟堃翀（ＡＢＣ）Coffee & Bar<b>"红星"</b>餐饮管理有限责任公司裕华路第１２８分公司(2F)'
PERSON = "𬱖喆㛃·Ａ堃b翀"
ADDRESS = (
    "江城市经济技术开发区裕华路１２８号（Yuhua Rd. 128#）与迎宾大道交叉口东北角第三产业服务中心 B座<1—4>层 A&B区"
    "“堃翀㛃”字101-104室"
)
_WORDS = "消防安全责任落实到人检查巡查整改培训演练每日登记"
_ARTICLE = "消防法第28条"


def brimming(kind: Kind, context: Context, *paths: str) -> Context:
    """``context`` with each text that has a box as long as the gate lets it be, the first of a list for all of it.

    Only those at ``paths``, where some are named.
    """
    full = deepcopy(context)
    for field in (field for field in FIELDS[kind] if not paths or field.path in paths):
        *way, name = field.path.split(".")
        holder = _follow(full, way)
        if field.box and isinstance(holder, dict) and holder.get(name) and isinstance(holder[name], str):
            holder[name] = grown(holder[name], field)
    return full


def _follow(value: Any, way: list[str]) -> Any:
    for step in way:
        value = value.get(step.removesuffix("[]")) if isinstance(value, Mapping) else None
        if step.endswith("[]"):
            value = value[0] if value else None
    return value


def grown(text: str, field: Field) -> str:
    """``text`` with more words behind it, as many as the box of ``field`` holds."""
    columns, room = field.box or (0, 0)
    if field.cites:
        while lines_of(cited(f"{text}；{_ARTICLE}"), columns) <= room:
            text = f"{text}；{_ARTICLE}"
        return text
    text = " ".join(text.split())
    for char in cycle(_WORDS):
        if width(text + char) > columns * room:
            return text
        text += char
    return text
