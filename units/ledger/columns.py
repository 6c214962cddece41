"""What the columns of a ledger can mean, and which meaning a heading suggests."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

IGNORE = ""


class Field(StrEnum):
    """A column of the ledger that a workbook's column can be mapped to; the value is what is stored."""

    STATION = "station"
    COMMITTEE = "committee"
    NAME = "name"
    CATEGORY = "category"
    CREDIT_CODE = "credit_code"
    OFFICIAL_CODE = "official_code"
    ADDRESS = "address"
    TOWNSHIP = "township"
    AREA = "area"
    FLOORS = "floors"
    STAFF = "staff"
    PERSON = "person"
    PHONE = "phone"
    RESIDENTS = "residents"
    GAS = "gas"
    EXTINGUISHERS = "extinguishers"
    LEDGER_VISIT = "ledger_visit"
    REMARK = "remark"

    @property
    def label(self) -> str:
        """The words of the screens and of ``--map``."""
        return LABELS[self]


class Source(StrEnum):
    """Where a column's meaning comes from."""

    AUTO = "auto"
    REMEMBERED = "remembered"
    CONFIRM = "confirm"
    GIVEN = "given"
    NONE = "none"


LABELS = {
    Field.STATION: "派出所",
    Field.COMMITTEE: "社区（村）",
    Field.NAME: "名称",
    Field.CATEGORY: "类别",
    Field.CREDIT_CODE: "信用代码",
    Field.OFFICIAL_CODE: "区划代码",
    Field.ADDRESS: "地址",
    Field.TOWNSHIP: "乡镇街道",
    Field.AREA: "面积",
    Field.FLOORS: "层数",
    Field.STAFF: "从业人数",
    Field.PERSON: "责任人",
    Field.PHONE: "电话",
    Field.RESIDENTS: "是否住人",
    Field.GAS: "燃气",
    Field.EXTINGUISHERS: "灭火器数",
    Field.LEDGER_VISIT: "上次检查",
    Field.REMARK: "备注",
}
BY_LABEL = {label: field for field, label in LABELS.items()}

# Headings met in station ledgers, without white space, brackets and what stands in them.
ALIASES: dict[Field, str] = {
    Field.STATION: "所属派出所 管辖派出所 辖区派出所 列管派出所 派出所 派出所名称",
    Field.COMMITTEE: "社区 所属社区 社区村 村居 村社区 所属村居 村居委会 所属村社区",
    Field.NAME: "场所名称 单位名称 名称 店名 门店名称 商户名称 企业名称 字号 招牌名称",
    Field.CATEGORY: "场所类别 类别 单位类别 场所类型 九小场所类别 类型 场所性质 行业类别",
    Field.CREDIT_CODE: "统一社会信用代码 信用代码 社会信用代码 营业执照号 统一代码 营业执照代码",
    Field.OFFICIAL_CODE: "区划代码 代码 行政区划代码 统计用区划代码",
    Field.ADDRESS: "详细地址 地址 场所地址 单位地址 经营地址 门牌地址 所在位置",
    Field.TOWNSHIP: "街道 乡镇 乡镇街道 街道乡镇 所属乡镇 所属街道 镇街",
    Field.AREA: "面积 建筑面积 经营面积 营业面积 使用面积",
    Field.FLOORS: "层数 楼层 所在楼层 建筑层数 所在层数",
    Field.STAFF: "从业人数 从业人员 员工人数 从业人员数 人数",
    Field.PERSON: "消防安全责任人姓名 消防安全责任人 消防安全管理人姓名 消防安全管理人 责任人姓名 责任人 负责人 "
    "负责人姓名 经营者 经营者姓名 业主 业主姓名 联系人 法定代表人 法人 姓名",
    Field.PHONE: "消防安全责任人电话 消防安全管理人电话 责任人电话 负责人电话 经营者电话 业主电话 "
    "电话 联系电话 手机 手机号 手机号码 联系方式 电话号码",
    Field.RESIDENTS: "是否住人 住人情况 有无住人 住人 夜间住人",
    Field.GAS: "燃气 用气情况 燃气使用 是否用气 燃气类型 使用燃气",
    Field.EXTINGUISHERS: "灭火器数 灭火器 灭火器数量 灭火器具数",
    Field.LEDGER_VISIT: "最近检查日期 上次检查 上次检查日期 检查日期 最近检查时间 检查时间",
    Field.REMARK: "备注 说明 备考",
}
_FIELD_OF = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split()}
_BRACKETS = re.compile(r"\(([^)]*)\)")
_UNIT = re.compile(r"^(m2|平方米|平米|家|人|具|个|层|元)$")


@dataclass(frozen=True)
class Column:
    """A column of a sheet: where it stands, what it is called, what it holds first, and what it is taken for."""

    sheet: str
    index: int
    label: str
    first_values: tuple[str, ...]
    field: str
    source: Source


def heading_key(label: str) -> str:
    """A heading as it is compared and remembered: NFKC, no white space, a unit in brackets left out."""
    text = "".join(unicodedata.normalize("NFKC", label).split())
    return _BRACKETS.sub(lambda found: "" if _UNIT.match(found[1]) else found[1], text).replace("/", "").strip(":")


def sheet_key(sheet: str, label: str) -> str:
    """The heading of one sheet of a workbook."""
    return f"{sheet}!{heading_key(label)}"


def recognised(label: str) -> Field | None:
    """The field that ``label`` names outright, or whose lower level does."""
    last = label.rsplit(" / ", 1)[-1]
    return _FIELD_OF.get(heading_key(label)) or _FIELD_OF.get(heading_key(last))


def suspected(label: str) -> Field | None:
    """The field whose longest known heading occurs in ``label``; for a person to confirm."""
    key = heading_key(label.rsplit(" / ", 1)[-1])
    inside = [alias for alias in _FIELD_OF if len(alias) >= 2 and alias in key]
    return _FIELD_OF[max(inside, key=len)] if inside else None


def suggest(
    sheet: str, labels: Sequence[str], *, given: Mapping[str, str], remembered: Mapping[str, str]
) -> list[tuple[str, Source]]:
    """Field and source for each of ``labels``; ``given`` beats ``remembered`` beats the headings.

    Both are keyed by ``heading_key``, ``given`` also by ``sheet_key`` for one sheet only. A field is given away
    once: the surest column takes it.
    """
    found: list[tuple[str, Source]] = [(IGNORE, Source.NONE)] * len(labels)
    taken: set[str] = set()
    passes = (
        (Source.GIVEN, lambda label: given.get(sheet_key(sheet, label), given.get(heading_key(label)))),
        (Source.REMEMBERED, lambda label: remembered.get(heading_key(label))),
        (Source.AUTO, recognised),
        (Source.CONFIRM, suspected),
    )
    for source, look_up in passes:
        for index, label in enumerate(labels):
            field = look_up(label) if label and found[index][1] is Source.NONE else None
            if field is None or field in taken:
                continue
            found[index] = (str(field), source)
            if field != IGNORE:
                taken.add(field)
    return found


def parse_map(pairs: Iterable[str]) -> dict[str, str]:
    """``列名=字段`` pairs as ``heading_key → field``; 字段 by its Chinese or its code name; none leaves it out."""
    mapping = {}
    for pair in pairs:
        label, equals, target = pair.rpartition("=")
        if not equals or not label:
            raise ValueError(f"“{pair}”应写成 列名=字段")
        field = BY_LABEL.get(target.strip(), target.strip())
        if field != IGNORE and field not in set(Field):
            raise ValueError(f"没有“{target}”这个字段。可用的字段：{'、'.join(BY_LABEL)}")
        mapping[heading_key(label)] = str(field)
    return mapping
