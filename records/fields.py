"""What each kind of paper must say, and how much room its form has for it: a table a kind, read by `records.gate`.

``path`` leads through the context: `unit.address`, `problems[].violates` (of each entry). ``label`` is what the
officer calls it; names of the entry it stands in may be used: `第{no}处隐患`. ``box`` is (columns, lines) in full-width
characters of the printed form, ``unless`` a path that stands in for it when it is filled in. ``remedy`` says where it
is mended. ``cites``: it is printed under full titles, as `records.citations` writes them; its box holds that form, and
what has a `citations.flaw` is refused.
"""

from dataclasses import dataclass, replace

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
    cites: bool = False


LEDGER = "在单位档案中改正。"
PEOPLE = "在“人员和签名”中改正。"
CHECKS = "返回检查表改正。"
# The record prints a witness beside what he saw, and nowhere else.
WITNESS_ALONE = "填了见证人，没有注明拒签或不在场的情况；没有拒签的不填见证人"
CATALOGUE = "请维护隐患库的公安机关或消防救援大队在隐患库中改写这一条的违反条款。"
BLOCKED = "返回检查表写明消火栓；灭火器被遮挡的，另选灭火器的隐患表述。"

# Every kind bears its date.
_DATED = Field("issued_on", "成文日期", required=True)

# The people of a visit, as its papers name them (inspections.papers): a notice the officers alone.
_OFFICERS = (
    Field("officers[].name", "检查人员姓名", required=True, box=(8, 2), remedy="请管理员补登姓名。"),
    Field("officers[].certificate", "{name}的执法证号", required=True, box=(8, 3), remedy="请管理员登记执法证号。"),
)
_PEOPLE = (
    *_OFFICERS,
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
    Field("problems[].no", "隐患的序号", required=True),
    Field("problems[].detail", "第{no}处隐患的具体问题", required=True, box=(28, 12), remedy=CHECKS),
    Field("problems[].violates", "第{no}处隐患违反的条款", required=True, box=(28, 4), cites=True, remedy=CATALOGUE),
    *_OFFICERS,
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
    Field("sections[].name", "检查内容的类别", required=True),
    Field("sections[].rows[].text", "第{no}项检查内容", required=True),
    Field("sections[].rows[].note", "“{text}”的情况", box=(26, 38), remedy=CHECKS),
    Field("committee[].text", "第{no}项检查内容", required=True),
    Field("committee[].note", "“{text}”的情况", box=(26, 38), remedy=CHECKS),
    Field("orders[].title", "{number}的文书名称", required=True),
    Field("orders[].number", "{title}的文书号", required=True, box=(26, 2)),
    Field("referrals[].items", "移送的内容", required=True),
    Field("referrals[].to", "移送的接收单位", required=True, box=(26, 3)),
    Field("remark", "备注", box=(26, 40), remedy=PEOPLE),
    *_PEOPLE,
)

# 消防安全责任书: templates/papers/pledge.html, the parties side by side at its end.
_SIGNING = "在签订责任书的表单中改正。"
_PLEDGE = (
    Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。"),
    Field("unit_name", "乙方名称", required=True, box=(25, 5), remedy=LEDGER),
    Field("address", "乙方地址", box=(25, 8), remedy=LEDGER),
    Field("party_a", "甲方名称", required=True, box=(25, 4), remedy=_SIGNING),
    Field("signer_a", "甲方签名人", required=True, box=(17, 2), remedy=_SIGNING),
    Field("signer_b.name", "乙方签名人", required=True, box=(17, 2), remedy=_SIGNING),
    Field("signer_b.post", "乙方签名人职务", box=(17, 2), remedy=_SIGNING),
    Field("since", "责任期限起日", required=True),
    Field("until", "责任期限止日", required=True),
    Field("issued_on", "签订日期", required=True),
    Field("terms[].title", "第{no}条的标题", required=True, box=(28, 1)),
    Field("terms[].text", "第{no}条“{title}”", required=True, box=(28, 12)),
    Field("liability", "法律责任", required=True, box=(28, 12)),
)

# The papers that follow a notice (templates/papers/service_receipt.html and so on): 13 characters in a column of four,
# 34 across three of them.
_SERVICE = "返回登记送达改正。"
_DECISION = "返回审批延期改正。"
_RECHECK = "返回登记复查结果改正。"
_REFER = "返回登记移送改正。"
_OFFICE = Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。")
_HANDLER = (
    Field("officers[].name", "经办民警姓名", required=True, box=(12, 1), remedy="请管理员补登姓名。"),
    Field("officers[].certificate", "{name}的执法证号", required=True, box=(12, 2), remedy="请管理员登记执法证号。"),
)
_ARTICLE = Field(
    "hazards[].violates", "第{no}处隐患违反的条款", required=True, box=(28, 8), cites=True, remedy=CATALOGUE
)
_SERVED_PAPERS = (
    Field("documents[].title", "送达文书的名称", required=True),
    Field("documents[].number", "送达文书的文号", required=True, box=(13, 6)),
    Field("documents[].count", "送达文书的份数", required=True),
)
_RECEIPT = (
    _OFFICE,
    _DATED,
    Field("unit_name", "受送达人", required=True, box=(34, 4), remedy=LEDGER),
    *_SERVED_PAPERS,
    Field("method.chosen", "送达方式", required=True, remedy=_SERVICE),
    Field("place", "送达地点", box=(34, 4), remedy=_SERVICE),
    Field("recipient.name", "收件人", box=(13, 5), remedy=_SERVICE),
    Field("recipient.relation", "与受送达人关系", box=(13, 4), remedy=_SERVICE),
    Field("proxy.name", "代收人", box=(13, 5), remedy=_SERVICE),
    Field("proxy.relation", "代收人与受送达人关系", box=(13, 4), remedy=_SERVICE),
    Field("proxy.reason", "代收理由", box=(13, 16), remedy=_SERVICE),
    Field("refusal.name", "拒收人", box=(13, 5), remedy=_SERVICE),
    Field("refusal.reason", "拒收事由", box=(13, 16), remedy=_SERVICE),
    Field("refusal.witness", "见证人", box=(13, 8), remedy=_SERVICE),
    Field("sending.agent", "受委托机关", box=(34, 3), remedy=_SERVICE),
    Field("sending.tracking_no", "邮件号、委托书文号", box=(34, 2), remedy=_SERVICE),
    Field("electronic.consented_by", "同意人", box=(34, 2), remedy=_SERVICE),
    Field("electronic.consent_no", "确认书编号", box=(34, 3), remedy=_SERVICE),
    Field("electronic.channel", "电子送达的方式", box=(34, 3), remedy=_SERVICE),
    Field("electronic.account", "接收号码", box=(34, 3), remedy=_SERVICE),
    Field("electronic.receipt", "收悉凭据", box=(34, 6), remedy=_SERVICE),
    Field("notice.channel", "公告方式", box=(34, 3), remedy=_SERVICE),
    Field("notice.reason", "公告的原因", box=(34, 8), remedy=_SERVICE),
    Field("assistant", "协助辅警", box=(9, 2), remedy="请管理员改正姓名。"),
    Field("recorder_no", "执法记录仪文件号", box=(34, 3), remedy=_SERVICE),
    Field("note", "备注", box=(34, 8), remedy=_SERVICE),
    *_HANDLER,
)
# What each way of serving leaves on its 送达回证 (程序规定第36条); who hands it over is the same for all.
WAYS: dict[str, dict[str, str]] = {
    "直接送达": {
        "served_at": "送达时间", "place": "送达地点", "recipient.name": "收件人",
        "recipient.relation": "与受送达人关系",
    },
    "代收": {
        "served_at": "送达时间", "place": "送达地点", "proxy.name": "代收人", "proxy.relation": "代收人与受送达人关系",
        "proxy.reason": "代收理由",
    },
    "留置送达": {"served_at": "送达时间", "place": "留置地点", "refusal.reason": "拒收事由"},
    "委托送达": {
        "served_at": "送达时间", "sending.agent": "受委托机关", "sending.tracking_no": "委托书文号",
        "sending.sent_on": "委托日期", "recipient.name": "收件人",
    },
    "邮寄送达": {
        "served_at": "签收时间", "sending.tracking_no": "邮件号", "sending.sent_on": "寄出日期",
        "recipient.name": "签收人",
    },
    "电子送达": {
        "served_at": "收悉时间", "electronic.consented_by": "同意人", "electronic.consented_on": "同意日期",
        "electronic.consent_no": "确认书编号", "electronic.channel": "送达方式", "electronic.account": "接收号码",
        "electronic.receipt": "怎样确认收悉",
    },
    "公告送达": {
        "notice.on": "公告日期", "notice.ends_on": "公告期满日", "notice.channel": "公告方式",
        "notice.reason": "公告的原因",
    },
}  # fmt: skip
LEFT = "留置送达"
_LINK = "返回电子送达改正。"
_CONSENT = (
    _OFFICE,
    _DATED,
    Field("unit_name", "受送达人", required=True, box=(34, 4), remedy=LEDGER),
    *_SERVED_PAPERS,
    Field("consenter.name", "同意人", required=True, box=(13, 5), remedy=_LINK),
    Field("consented_on", "同意日期", required=True, remedy=_LINK),
    Field("channel", "送达方式", required=True, box=(13, 4), remedy=_LINK),
    Field("account", "接收号码", required=True, box=(13, 7), remedy=_LINK),
    Field("words", "确认的内容", required=True, box=(34, 10)),
    *_HANDLER,
)
_EXTENSION = (
    _OFFICE,
    _DATED,
    Field("unit.name", "申请单位名称", required=True, box=(34, 4), remedy=LEDGER),
    Field("unit.address", "单位地址", required=True, box=(34, 7), remedy=LEDGER),
    Field("unit.person", "负责人", box=(13, 5), remedy=LEDGER),
    Field("unit.phone", "联系电话", box=(13, 3), remedy=LEDGER),
    Field("order.title", "责令改正文书的名称", required=True),
    Field("order.number", "责令改正文书的文号", required=True, box=(34, 3)),
    Field("order.issued_on", "责令改正文书的签发日期", required=True),
    Field("items[].no", "隐患的序号", required=True),
    Field("items[].detail", "第{no}项隐患", required=True, box=(34, 10)),
    Field("deadline", "原改正期限", required=True),
    Field("asked_until", "申请延期至", required=True),
    Field("requested_on", "收到申请日期", required=True, remedy="返回登记延期申请改正。"),
    Field("registrar", "登记人", required=True, remedy="请管理员补登姓名。"),
    Field("reason", "申请理由", required=True, box=(34, 10), remedy=_DECISION),
    Field("verdict.chosen", "审批结果", required=True, remedy=_DECISION),
    Field("opinion", "审批意见", required=True, box=(34, 10), remedy=_DECISION),
    Field("decider", "审批人", required=True, box=(13, 2)),
    Field("decided_at", "审批时间", required=True),
)
# On the form of the inspection; the re-inspected hazards stand in a part of their own.
_AGAIN = (
    _OFFICE,
    _DATED,
    *(field for field in _RECORD if field.path.startswith("unit.")),
    Field("visited_on", "复查日期", required=True, remedy=_RECHECK),
    Field("kind_of_visit.chosen", "检查形式", required=True),
    Field("order.title", "责令改正文书的名称", required=True),
    Field("order.number", "责令改正文书的文号", required=True, box=(26, 2)),
    Field("reference", "复查编号", required=True, box=(15, 4)),
    Field("round", "复查次数", required=True),
    Field("deadline", "改正期限", required=True),
    Field("extensions[].on", "批准延期的日期", required=True),
    Field("extensions[].items[]", "批准延期的隐患的序号", required=True),
    Field("extensions[].since", "原改正期限", required=True),
    Field("extensions[].until", "批准延期至的日期", required=True),
    Field("results[].no", "隐患的序号", required=True),
    Field("results[].detail", "第{no}项隐患", required=True, box=(23, 16)),
    Field("results[].result.chosen", "第{no}项的复查结果", required=True, remedy=_RECHECK),
    Field("results[].result.note", "第{no}项的复查情况", box=(15, 16), remedy=_RECHECK),
    Field("remark", "备注", box=(26, 40), remedy=_RECHECK),
    *(replace(field, remedy=_RECHECK) if field.remedy == PEOPLE else field for field in _PEOPLE),
)
# Running text: what it holds is bounded by the sheets one would read.
_PARTY = (
    Field("unit.name", "单位名称", required=True, box=(28, 5), remedy=LEDGER),
    Field("unit.address", "单位地址", required=True, box=(28, 8), remedy=LEDGER),
)
_MEASURES = (
    Field("measures[].title", "已采取的措施的文书名称", required=True),
    Field("measures[].number", "{title}的文书号", required=True),
    Field("measures[].issued_on", "{title}的签发日期", required=True),
    Field("measures[].deadlines[]", "责令改正的期限", required=True),
    Field("measures[].extensions[].on", "批准延期的日期", required=True),
    Field("measures[].extensions[].items[]", "批准延期的隐患的序号", required=True),
    Field("measures[].extensions[].until", "批准延期至的日期", required=True),
    Field("measures[].rechecks[].round", "复查次数", required=True),
    Field("measures[].rechecks[].on", "第{round}次复查的日期", required=True),
)
_LETTER = (
    _OFFICE,
    _DATED,
    Field("to", "接收单位全称", required=True, box=(27, 3), remedy=_REFER),
    *_PARTY,
    Field("visits[].on", "发现时间", required=True),
    Field("facts", "违法事实", required=True, box=(28, 88), remedy=_REFER),
    Field("hazards[].no", "移送的隐患的序号", required=True),
    Field("hazards[].detail", "第{no}处隐患", required=True, box=(28, 12), remedy=CHECKS),
    _ARTICLE,
    Field("basis", "法律依据", required=True, box=(28, 10), cites=True, remedy=_REFER),
    Field("violates[]", "违反的条款", required=True, remedy=CATALOGUE),
    Field("urged[].on", "督促整改的日期", required=True),
    Field("urged[].items[]", "督促整改的隐患的序号", required=True),
    *_MEASURES,
    Field("attachments[].title", "第{no}份附件的名称", required=True),
    Field("attachments[].count", "附件{title}的数量", required=True),
    Field("attachments[].unit", "附件{title}的单位", required=True),
    *_HANDLER,
)
_REPORT = (
    _OFFICE,
    _DATED,
    Field("to", "报告的乡镇人民政府、街道办事处", required=True, box=(27, 3), remedy="返回完成检查填写。"),
    Field("cc", "抄送的消防救援大队", required=True, box=(27, 3)),
    *_PARTY,
    Field("visited_on", "检查日期", required=True),
    *_MEASURES,
    Field("hazards[].no", "隐患的序号", required=True),
    Field("hazards[].detail", "第{no}处隐患", required=True, box=(28, 12), remedy=CHECKS),
    _ARTICLE,
    Field("suggestions.chosen", "建议措施", required=True, remedy="至少选一项。"),
    Field("contact.name", "联系人", required=True, box=(12, 1)),
)

# 消防工作季度通报: running text, and a table of the stations with a narrow column for each indicator.
_WRITING = "在通报草稿中改正。"
_BULLETIN = (
    Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。"),
    Field("issued_on", "成文日期", required=True),
    Field("unit_name", "主送机关", required=True, box=(27, 1)),
    Field("period", "通报的季度", required=True),
    Field("situation", "火灾形势", required=True, remedy=_WRITING),
    Field("situation[]", "火灾形势第{no}段", required=True, remedy=_WRITING),
    Field("demands", "工作要求", required=True, remedy=_WRITING),
    Field("demands[]", "工作要求第{no}段", required=True, remedy=_WRITING),
    Field("station_count", "派出所数", required=True),
    Field("stations", "派出所", required=True),
    Field("stations[].name", "派出所名称", required=True, box=(6, 3), remedy="请管理员登记派出所简称。"),
    Field("indicators[].name", "第{no}项指标的名称", required=True, box=(3, 20)),
    Field("indicators[].done", "{name}的完成数", required=True),
    Field("indicators[].due", "{name}的应办数", required=True),
    Field("indicators[].rate", "{name}的完成率", required=True),
    Field("brigades[]", "抄送的消防救援大队", required=True),
)

# 举报登记 and 举报答复. What the complainant said was written down when he called: no box, a long row runs on.
_TYPED = "已经登记的，在举报页“更正文字”中改正。"
_COMPLAINT = (
    Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。"),
    _DATED,
    Field("unit_name", "被举报单位", required=True, box=(27, 5), remedy=_TYPED),
    Field("address", "地址", box=(27, 8), remedy=_TYPED),
    Field("source", "来源", required=True),
    Field("received_at", "接到时间", required=True),
    Field("received_by", "受理人", required=True),
    Field("content", "举报内容", required=True, remedy=_TYPED),
    Field("category", "类别", required=True),
    Field("jurisdiction", "管辖", required=True),
    Field("handler", "承办人", required=True),
    Field("found", "核查情况和处理", remedy=_TYPED),
    Field("transferred_to", "移送单位", remedy=_TYPED),
    Field("letter_no", "移送文书号", remedy=_TYPED),
    Field("checkers[].name", "核查人姓名", required=True, remedy="请管理员补登姓名。"),
    Field("checkers[].certificate", "核查人{name}的执法证号", required=True, remedy="请管理员登记执法证号。"),
    Field("told_at", "告知时间", required=True),
    Field("told_by", "告知人", required=True),
    Field("manner", "告知方式", required=True, unless="untold"),
    Field("reward", "奖励情况", box=(27, 3)),
)
_REPLY = (
    Field("heading", "机关名称", required=True, box=(21, 2), remedy="请管理员在机构中补登机关名称。"),
    Field("unit_name", "举报人的称呼", required=True),
    Field("register_no", "举报登记编号", required=True, box=(28, 3)),
    Field("received_at", "接到举报的时间", required=True),
    Field("source", "举报来源", required=True),
    Field("premises", "被举报单位", required=True, box=(28, 5)),
    Field("issued_on", "成文日期", required=True),
    Field("told", "告知内容，它印在举报答复上", required=True),
    Field("told[]", "告知内容第{no}段", required=True),
    Field("handler", "承办人", required=True),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.INSPECTION_RECORD: _RECORD,
    Kind.ORDER_NOW: (*_ORDER, Field("ticked[].no", "勾选的违法行为", required=True, remedy=CATALOGUE)),
    Kind.ORDER_LIMIT: (
        *_ORDER,
        Field("problems[].offence", "第{no}处隐患的违法行为", required=True, box=(28, 6), remedy=CHECKS),
        Field("deadlines[].on", "改正期限", required=True, remedy=CHECKS),
    ),
    Kind.PLEDGE: _PLEDGE,
    Kind.SERVICE_RECEIPT: _RECEIPT,
    Kind.SERVICE_CONSENT: _CONSENT,
    Kind.EXTENSION: _EXTENSION,
    Kind.RECHECK_RECORD: _AGAIN,
    Kind.REFERRAL: _LETTER,
    Kind.HAZARD_REPORT: _REPORT,
    Kind.BULLETIN: _BULLETIN,
    Kind.COMPLAINT: _COMPLAINT,
    Kind.COMPLAINT_REPLY: _REPLY,
}
