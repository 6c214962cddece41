"""What the tests of the papers of a case share: their people and head, and the ways to the rows they witness."""

from collections.abc import Callable
from datetime import date
from typing import Any

from hazards import actions
from hazards.models import Hazard, Referral, Reinspection, Target
from records.models import Document, Kind
from stations.models import User

Recheck = Callable[..., Reinspection]
Conclude = Callable[..., list[Document]]
NEXT, AGAIN, SENT = date(2026, 9, 23), date(2026, 10, 9), date(2026, 10, 12)
OFFICERS = [
    {"name": "李建平", "certificate": "江公证100001"},
    {"name": "张海涛", "certificate": "江公证100002"},
]
PARTY = {
    "name": "万家福便利超市",
    "credit_code": "",
    "address": "北大街62号",
    "person": "刘桂香",
    "phone": "19900000001",
}
LIMIT = {"title": "责令限期改正通知书", "number": "江公（城关）消限字〔2026〕第0001号"}
FIRST, SECOND = (
    "二层走道疏散指示标志缺失、损坏、被遮挡或指示方向错误",
    "三层走道灭火器压力不足、过期、锈蚀、软管损坏等失效",
)
NOBODY = {"name": "", "relation": ""}


def head(number: str, on: date, unit: str = "万家福便利超市") -> dict[str, Any]:
    return {
        "heading": "江城市公安局城关派出所", "unit_name": unit, "number": f"江公（城关）消{number}",
        "issued_on": on.isoformat(), "signatures": {},
    }  # fmt: skip


def paper(kind: Kind) -> Document:
    return Document.objects.valid().get(kind=kind)


def number_of(kind: Kind) -> str:
    return paper(kind).number


def refer(hazard: Hazard, officer: User, **fields: Any) -> Referral:
    values = {
        "target": Target.FIRE_BRIGADE, "basis": hazard.violates, "facts": "灭火器压力不足。", "sent_on": SENT,
        "today": SENT,
    } | fields  # fmt: skip
    return actions.refer([hazard], officer, **values)


def shape(value: Any) -> Any:
    """The keys of a context and of the tables in it; what a list holds is looked at by its first entry."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items() if name != "signatures"}
    return shape(value[0]) if isinstance(value, list) and value and isinstance(value[0], dict) else None
