"""What each kind of paper must say, and how much room its form has for it: a table a kind, read by `records.gate`.

``path`` leads through the context: `unit.address`, `problems[].violates` (of each entry). ``label`` is what the
officer calls it; names of the entry it stands in may be used: `第{no}处隐患`. ``box`` is (columns, lines) in full-width
characters of the printed form, ``unless`` a path that stands in for it when it is filled in. ``remedy`` says where it
is mended.
"""

from dataclasses import dataclass

from records.models import Kind

Box = tuple[int, int]


@dataclass(frozen=True)
class Field:
    path: str
    label: str
    required: bool = False
    box: Box | None = None
    unless: str = ""
    remedy: str = ""


LEDGER = "在单位档案中改正。"
PEOPLE = "在“人员和签名”中改正。"
CHECKS = "返回检查表改正。"

# The people of a visit, as every paper of it names them (inspections.papers.people_context).
_PEOPLE = (
    Field("officers[].name", "检查人员姓名", required=True, box=(8, 2), remedy="请管理员补登姓名。"),
    Field("officers[].certificate", "{name}的执法证号", required=True, box=(8, 3), remedy="请管理员登记执法证号。"),
    Field("companion.name", "随同人员", required=True, box=(8, 4), unless="refusal", remedy=PEOPLE),
    Field("companion.post", "随同人员职务", box=(8, 4), remedy=PEOPLE),
    Field("refusal", "拒签或不在场的情况", box=(7, 12), remedy=PEOPLE),
    Field("witness", "见证人", box=(7, 4), remedy=PEOPLE),
)
# What both notices say besides their hazards.
_ORDER = (
    Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。"),
    Field("unit_name", "被检查单位名称", required=True, box=(28, 3), remedy=LEDGER),
    Field("visited_on", "检查日期", required=True),
    Field("issued_on", "成文日期", required=True),
    Field("problems[].detail", "第{no}处隐患的具体问题", required=True, box=(28, 12), remedy=CHECKS),
    Field(
        "problems[].violates", "第{no}处隐患违反的条款", required=True, box=(28, 4), remedy="请在隐患库中补登违反条款。"
    ),
    *_PEOPLE,
)
# 检查记录: columns of templates/papers/inspection_record.html in 五号, a row no longer than a page.
_RECORD = (
    Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。"),
    Field("unit.name", "单位（场所）名称", required=True, box=(21, 4), remedy=LEDGER),
    Field("unit.address", "单位地址", required=True, box=(21, 5), remedy=LEDGER),
    Field("unit.person", "法定代表人、主要负责人", box=(6, 4), remedy=LEDGER),
    Field("unit.nature", "单位性质", box=(6, 6), remedy=LEDGER),
    Field("unit.area", "建筑面积", box=(7, 2), remedy=LEDGER),
    Field("unit.floors", "使用层数", box=(7, 3), remedy=LEDGER),
    Field("unit.height", "建筑高度", box=(6, 2), remedy=LEDGER),
    Field("visited_on", "检查日期", required=True),
    Field("issued_on", "成文日期", required=True),
    Field("sections[].rows[].note", "“{text}”的情况", box=(26, 38), remedy=CHECKS),
    Field("committee[].note", "“{text}”的情况", box=(26, 38), remedy=CHECKS),
    Field("orders[].number", "{title}的文书号", required=True, box=(26, 2)),
    Field("referrals[].to", "移送的接收单位", required=True, box=(26, 3)),
    Field("remark", "备注", box=(26, 40), remedy=PEOPLE),
    *_PEOPLE,
)

# 消防安全责任书: templates/papers/pledge.html, the parties side by side at its end.
_SIGNING = "在签订责任书的表单中改正。"
_PLEDGE = (
    Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。"),
    Field("unit_name", "乙方名称", required=True, box=(25, 4), remedy=LEDGER),
    Field("address", "乙方地址", box=(25, 4), remedy=LEDGER),
    Field("party_a", "甲方名称", required=True, box=(25, 3), remedy=_SIGNING),
    Field("signer_a", "甲方签名人", required=True, box=(17, 1), remedy=_SIGNING),
    Field("signer_b.name", "乙方签名人", required=True, box=(17, 1), remedy=_SIGNING),
    Field("signer_b.post", "乙方签名人职务", box=(17, 2), remedy=_SIGNING),
    Field("since", "责任期限起日", required=True),
    Field("until", "责任期限止日", required=True),
    Field("issued_on", "签订日期", required=True),
    Field("terms[].title", "第{no}条的标题", required=True, box=(28, 1)),
    Field("terms[].text", "第{no}条“{title}”", required=True, box=(28, 12)),
    Field("liability", "法律责任", required=True, box=(28, 12)),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.INSPECTION_RECORD: _RECORD,
    Kind.ORDER_NOW: _ORDER,
    Kind.ORDER_LIMIT: (
        *_ORDER,
        Field("problems[].offence", "第{no}处隐患的违法行为", required=True, box=(28, 6), remedy=CHECKS),
        Field("deadlines[].on", "改正期限", required=True, remedy=CHECKS),
    ),
    Kind.PLEDGE: _PLEDGE,
}
