"""The contexts of the papers by which a notice reaches its unit, key by key, as `hazards.case_papers` builds them."""

from records.models import Kind
from records.samples.sample import Context, Sample
from records.samples.visit import AWKWARD_NAME, OFFICERS, STROKES

HEADING = "江城市公安局城关派出所"
LIMIT: Context = {"title": "责令限期改正通知书", "number": "江公（城关）消限字〔2026〕第0001号"}
NOW: Context = {"title": "责令立即改正通知书", "number": "江公（城关）消即字〔2026〕第0003号"}
AWKWARD_ADDRESS = "江城市经济技术开发区裕华路与迎宾大道交叉口东北角第三产业服务中心大楼裙房一层至四层"

# ---------- 送达回证 ----------

WAYS = ["直接送达", "代收", "留置送达", "委托送达", "邮寄送达", "电子送达", "公告送达"]


def way(chosen: str) -> Context:
    return {"options": WAYS, "chosen": chosen, "note": ""}


_EMPTY: Context = {
    "recipient": {"name": "", "relation": "", "elsewhere": ""},
    "proxy": {"name": "", "relation": "", "reason": ""},
    "refusal": {"name": "", "relation": "", "reason": "", "witness": ""},
    "sending": {"agent": "", "tracking_no": "", "sent_on": ""},
    "electronic": {
        "consented_by": "", "consented_on": "", "consent_no": "", "channel": "", "account": "", "receipt": "",
    },
    "notice": {"on": "", "ends_on": "", "channel": "", "reason": ""},
}  # fmt: skip
RECEIPT: Context = _EMPTY | {
    "heading": HEADING,
    "number": "江公（城关）消送证字〔2026〕第0001号",
    "unit_name": "江城市利群旅馆",
    "issued_on": "2026-09-23",
    "documents": [LIMIT | {"count": 1}],
    "method": way("直接送达"),
    # The instant it was received, as the clock stood; empty with 公告.
    "served_at": "2026-09-23T15:00+08:00",
    "place": "江城市裕华路180号",
    # `elsewhere`: where the addressee's signature is to be found, if not on this paper.
    "recipient": {"name": "李秀兰", "relation": "经理", "elsewhere": ""},
    "officers": OFFICERS,
    "assistant": "",
    "recorder_no": "",
    "note": "",
    # Drawn where the addressee acknowledged a link on his own telephone; `signed` tells of what, when and where.
    "signatures": {"recipient": None},
    "signed": {},
}
RECEIPT_PROXY: Context = RECEIPT | {
    "method": way("代收"),
    "recipient": _EMPTY["recipient"],
    "proxy": {"name": "李建国", "relation": "成年家属", "reason": "经理外出进货，三日内不能返回"},
}
RECEIPT_LEFT: Context = RECEIPT | {
    "unit_name": AWKWARD_NAME,
    "documents": [NOW | {"count": 1}],
    "method": way("留置送达"),
    "place": AWKWARD_ADDRESS,
    "recipient": _EMPTY["recipient"],
    "refusal": {
        "name": "𬱖喆㛃",
        "relation": "",
        "reason": "对检查认定的面积（1268.5㎡）不认可，经说明后仍拒绝接收并拒绝签名，文书留置于一层收银台",
        "witness": "赟璟翀（裕华路社区居民委员会堃字网格）",
    },
    "officers": OFFICERS[:1],
    "assistant": "周小川",
    "recorder_no": "YY-20260923-03",
    "note": "送达过程全程录音录像",
}
# Nobody to witness the refusal: it was recorded (程序规定第36条).
RECEIPT_UNWITNESSED: Context = RECEIPT | {
    "method": way("留置送达"),
    "recipient": _EMPTY["recipient"],
    "refusal": {
        "name": "李秀兰",
        "relation": "",
        "reason": "称面积认定有误，拒绝接收、拒绝签名，文书留置于一层收银台",
        "witness": "",
    },
    "recorder_no": "YY-20260923-04",
}
RECEIPT_ENTRUSTED: Context = RECEIPT | {
    "issued_on": "2026-09-25",
    "method": way("委托送达"),
    "sending": {"agent": "河东市公安局渡口派出所", "tracking_no": "渡委〔2026〕3号", "sent_on": "2026-09-23"},
    "served_at": "2026-09-25T10:30+08:00",
}
RECEIPT_MAILED: Context = RECEIPT | {
    "issued_on": "2026-09-25",
    "method": way("邮寄送达"),
    "recipient": {"name": "李秀兰", "relation": "", "elsewhere": "签收见邮件回执"},
    "sending": {"agent": "", "tracking_no": "EMS1029384756CN", "sent_on": "2026-09-23"},
    "served_at": "2026-09-25T10:30+08:00",
}
RECEIPT_ELECTRONIC: Context = RECEIPT | {
    "method": way("电子送达"),
    "place": "",
    "recipient": {"name": "李秀兰", "relation": "主要负责人", "elsewhere": ""},
    "electronic": {
        "consented_by": "李秀兰",
        "consented_on": "2026-09-22",
        "consent_no": "江公（城关）消电送字〔2026〕第0001号",
        "channel": "微信",
        "account": "lixiulan180",
        "receipt": (
            "2026年9月22日16时40分发送链接，2026年9月23日14时52分打开链接，2026年9月23日15时00分李秀兰签名确认收悉"
        ),
    },
    "signatures": {"recipient": STROKES},
}
# By the officer's own hand, on a consent that was signed on paper.
RECEIPT_FAXED: Context = RECEIPT_ELECTRONIC | {
    "recipient": {"name": "李秀兰", "relation": "经理", "elsewhere": "收悉见凭据"},
    "electronic": {
        "consented_by": "李秀兰",
        "consented_on": "2026-09-21",
        "consent_no": "纸质确认书第3号，附一楼店铺案卷",
        "channel": "传真",
        "account": "0311-88880000",
        "receipt": "传真回执，2026年9月23日15时00分对方签注“收到”后传回",
    },
    "signatures": {"recipient": None},
}
# 电子送达确认书, signed on the officer's screen when the link was made.
CONSENT: Context = {
    "heading": HEADING,
    "number": "江公（城关）消电送字〔2026〕第0001号",
    "unit_name": "江城市利群旅馆",
    "issued_on": "2026-09-22",
    "documents": [LIMIT | {"count": 1}],
    "words": (
        "本单位（本人）同意公安派出所以电子方式向下面的号码送达消防监督文书。"
        "文书在手机上打开并签名确认的时间为送达时间。号码变更的，及时告知派出所。"
    ),
    "consenter": {"name": "李秀兰"},
    "consented_on": "2026-09-22",
    "channel": "微信",
    "account": "lixiulan180",
    "officers": OFFICERS,
    "assistant": "",
    "signatures": {"consenter": STROKES},
    # Who signed what, when, on whose screen; see records.signatures.
    "signed": {},
}
CONSENT_LONG: Context = CONSENT | {
    "unit_name": AWKWARD_NAME,
    "documents": [NOW | {"count": 1}],
    "consenter": {"name": "𬱖喆㛃（赟璟翀堃消防安全管理人）"},
    "channel": "本单位登记的电子邮件和手机短信",
    "account": "xiaofang.anquan.guanli.ren.1268@jiangcheng-disanchanye-fuwuzhongxin.example",
}
CONSENT_ALONE: Context = CONSENT | {
    "officers": OFFICERS[:1],
    "assistant": "周小川",
    "channel": "短信",
    "account": "19900000002",
}
RECEIPT_PUBLISHED: Context = RECEIPT | {
    "method": way("公告送达"),
    "served_at": "",
    "place": "江城市裕华路180号大门",
    "recipient": _EMPTY["recipient"],
    "notice": {
        "on": "2026-09-23",
        "ends_on": "2026-11-23",
        "channel": "张贴公告",
        "reason": "两次上门无人，邮件退回，经理下落不明",
    },
}


SAMPLES = [
    Sample(Kind.SERVICE_RECEIPT, "short", RECEIPT),
    Sample(Kind.SERVICE_RECEIPT, "proxy", RECEIPT_PROXY),
    Sample(Kind.SERVICE_RECEIPT, "left", RECEIPT_LEFT),
    Sample(Kind.SERVICE_RECEIPT, "unwitnessed", RECEIPT_UNWITNESSED),
    Sample(Kind.SERVICE_RECEIPT, "entrusted", RECEIPT_ENTRUSTED),
    Sample(Kind.SERVICE_RECEIPT, "mailed", RECEIPT_MAILED),
    Sample(Kind.SERVICE_RECEIPT, "electronic", RECEIPT_ELECTRONIC),
    Sample(Kind.SERVICE_RECEIPT, "faxed", RECEIPT_FAXED),
    Sample(Kind.SERVICE_RECEIPT, "published", RECEIPT_PUBLISHED),
    Sample(Kind.SERVICE_CONSENT, "short", CONSENT),
    Sample(Kind.SERVICE_CONSENT, "long", CONSENT_LONG),
    Sample(Kind.SERVICE_CONSENT, "alone", CONSENT_ALONE),
]
