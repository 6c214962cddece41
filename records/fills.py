"""What the printed words of the visit's three forms need besides their context: boxes ticked, alternatives struck out.

Forms and wording: 公通字〔2009〕21号 and the versions in use at stations (依法移送消防救援机构予以处罚).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from records.models import Kind

Fill = Callable[[Mapping[str, Any]], dict[str, Any]]

# The twelve items of 责令立即改正通知书. A tuple holds alternatives: those that do not apply are struck out.
NOW_ITEMS: list[tuple[str | tuple[str, ...], ...]] = [
    (("消防设施、器材", "消防安全标志"), "的配置、设置不符合标准"),
    (("消防设施、器材", "消防安全标志"), "未保持完好有效"),
    (("损坏", "挪用"), "消防设施、器材"),
    ("擅自", ("拆除", "停用"), "消防设施、器材"),
    (("占用", "堵塞", "封闭"), "疏散通道、安全出口"),
    (("埋压", "圈占", "遮挡"), ("消火栓",), ("，占用防火间距",)),
    ("违反消防安全规定进入", ("生产", "储存"), "易燃易爆危险品场所"),
    ("违反规定使用明火作业",),
    ("在具有火灾、爆炸危险的场所", ("吸烟", "使用明火")),
    (("占用", "堵塞", "封闭"), "消防车通道，妨碍消防车通行"),
    ("人员密集场所外墙门窗上设置影响逃生、灭火救援的障碍物",),
    ("其他消防安全违法行为和火灾隐患",),
]
HYDRANT = 6
# How officers and the catalogue say what an alternative prints.
SAID = {
    "消防设施、器材": ("设施", "器材", "灭火器", "消火栓", "防火门", "指示标志", "照明", "应急灯", "报警", "喷淋"),
    "消防安全标志": ("标志",),
    "占用": ("堆放", "停放", "停车", "储物"),
    "堵塞": ("封堵",),
    "封闭": ("锁闭", "上锁", "锁死"),
    "，占用防火间距": ("防火间距",),
}
# 移送 items of the record, in the order they are printed.
REFERRAL_ITEMS = [
    "建筑物未依法通过消防验收，擅自投入使用",
    "建筑物未依法进行竣工验收消防备案",
    "公众聚集场所未依法通过使用、营业前消防安全检查，擅自投入使用、营业",
]

_HAN, _ASIDE = "[\u3007\u3400-\u9fff]", "[\\s（）()《》“”]*"
_STROKE = re.compile(f"{_HAN}{_ASIDE}[/／]|[/／]{_ASIDE}{_HAN}")
# A quantity by another: 人/㎡, 30元/m³, L/秒, 2次/年. What is counted in words on both sides has its number before it.
_COUNT = "(?:平方米|立方米|毫米|厘米|千克|公斤|小时|分钟|季度|[次人元个升米克吨处台户日天周月年秒])"
_SIGN = "(?:min|kg|km|cm|mm|[㎡㎥%℃]|[mM][²³23]?|MJ|kJ|kW|[hsdLWV])"
_QUOTIENT = re.compile(
    rf"(?<![A-Za-z]){_SIGN}\s*[/／]\s*{_COUNT}"
    rf"|{_COUNT}\s*[/／]\s*{_SIGN}(?![A-Za-z])"
    rf"|\d\s*{_COUNT}\s*[/／]\s*{_COUNT}"
)


def chosen_in(item: int, words: str) -> list[str]:
    """The alternatives of printed item ``item`` (1 to 12) that ``words`` speak of; empty when they name none."""
    parts = (part for part in NOW_ITEMS[item - 1] if isinstance(part, tuple))
    return list(chain.from_iterable(_spoken_of(part, words) for part in parts))


def ticked_of(named: Iterable[tuple[int, Sequence[str]]]) -> list[dict[str, Any]]:
    """The boxes of 责令立即改正通知书 for hazards, each with its printed item and the alternatives its words name."""
    boxes: dict[int, list[Sequence[str]]] = {}
    for item, chosen in named:
        boxes.setdefault(item, []).append(chosen)
    # A hazard that names no alternative may be any of them: then nothing of its item is struck out.
    return [
        {"no": item, "chosen": sorted(set(chain.from_iterable(boxes[item]))) if all(boxes[item]) else []}
        for item in sorted(boxes)
    ]


def pointless(item: int, chosen: Sequence[str]) -> bool:
    """Whether what is blocked under item 6 is none of what it prints: 遮挡 without 消火栓, as of an extinguisher."""
    return item == HYDRANT and bool(chosen) and not {"消火栓", "，占用防火间距"} & set(chosen)


def undecided(words: str) -> bool:
    """Whether ``words`` leave open which of several things is meant: `转门/侧拉门`, but not `GB/T 40248` or `人/㎡`."""
    return _STROKE.search(_QUOTIENT.sub("", words)) is not None


def _spoken_of(alternatives: tuple[str, ...], words: str) -> list[str]:
    """Those of ``alternatives`` that stand in ``words``; where none does, those that are meant by them."""
    named = [each for each in alternatives if each in words]
    return named or [each for each in alternatives if any(said in words for said in SAID.get(each, ()))]


def _listed(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers)


def _order_now(context: Mapping[str, Any]) -> dict[str, Any]:
    ticked = {entry["no"]: entry["chosen"] for entry in context["ticked"]}
    items = [
        {"no": no, "ticked": no in ticked, "parts": list(_parts(parts, ticked.get(no, [])))}
        for no, parts in enumerate(NOW_ITEMS, start=1)
    ]
    return {"items": items, "ticked_numbers": _listed(sorted(ticked))}


def _parts(parts: Sequence[str | tuple[str, ...]], chosen: Sequence[str]) -> Any:
    """The pieces of an item in order: (words, struck out)."""
    for part in parts:
        if isinstance(part, str):
            yield part, False
            continue
        for place, alternative in enumerate(part):
            if place:
                yield "/", False
            yield alternative, bool(chosen) and alternative not in chosen


def _order_limit(context: Mapping[str, Any]) -> dict[str, Any]:
    deadlines = [{"items": _listed(entry["items"]), "on": entry["on"]} for entry in context["deadlines"]]
    return {"count": len(context["problems"]), "deadlines": deadlines}


def _record(context: Mapping[str, Any]) -> dict[str, Any]:
    referrals = [{"numbers": _listed(entry["items"]), "to": entry["to"]} for entry in context["referrals"]]
    ticked = {no for entry in context["referrals"] for no in entry["items"]}
    items = [(no in ticked, no, words) for no, words in enumerate(REFERRAL_ITEMS, start=1)]
    return {"referrals": referrals, "referral_items": items if referrals else []}


def _recheck(context: Mapping[str, Any]) -> dict[str, Any]:
    """Of 责令改正情况 the notice alone; what is handed over ran over its period and is none of the printed items."""
    items = [(False, no, words) for no, words in enumerate(REFERRAL_ITEMS, start=1)]
    return {"orders": [context["order"]], "referral_items": items if context["referred_to"] else []}


def _bulletin(context: Mapping[str, Any]) -> dict[str, Any]:
    """GB/T 9704: the title of a 公文 says what it is about."""
    return {"title": f"关于{context['period']}消防工作情况的通报"}


# A kind that is not here prints its context as it is; dates by the filters of templatetags/papers.
FILL: dict[Kind, Fill] = {
    Kind.ORDER_NOW: _order_now,
    Kind.ORDER_LIMIT: _order_limit,
    Kind.INSPECTION_RECORD: _record,
    Kind.RECHECK_RECORD: _recheck,
    Kind.BULLETIN: _bulletin,
}
