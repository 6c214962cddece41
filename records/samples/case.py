"""The contexts of the papers that follow a notice, key by key, as `hazards.case_papers` builds them.

Those by which it reaches its unit: `records.samples.service`.
"""

from records.models import Kind
from records.samples.edges import ADDRESS, NAME
from records.samples.sample import Context, Sample
from records.samples.service import AWKWARD_ADDRESS, HEADING, LIMIT, NOW
from records.samples.visit import AWKWARD_NAME, OFFICERS, SIGNED, UNSIGNED

PARTY: Context = {
    "name": "江城市利群旅馆",
    "credit_code": "92420100MA4KEXXX0T",
    "address": "江城市裕华路180号",
    "person": "李秀兰",
    "phone": "19900000002",
}
AWKWARD_PARTY: Context = {
    "name": AWKWARD_NAME,
    "credit_code": "",
    "address": AWKWARD_ADDRESS,
    "person": "𬱖喆㛃",
    "phone": "",
}
# A station that knows of a unit only its name and address.
BARE_PARTY: Context = PARTY | {"credit_code": "", "person": "", "phone": ""}

# ---------- 延期改正审批表 ----------

EXTENSION: Context = {
    "heading": HEADING,
    "number": "江公（城关）消延字〔2026〕第0001号",
    "unit_name": "江城市利群旅馆",
    "issued_on": "2026-09-28",
    "unit": PARTY,
    "order": LIMIT | {"issued_on": "2026-09-22", "served_on": "2026-09-23"},
    "items": [{"no": 2, "detail": "三层走道2具灭火器压力不足"}],
    "deadline": "2026-09-30",
    "asked_until": "2026-10-22",
    "requested_on": "2026-09-26",
    "reason": "消防器材已订购，厂家下周到货",
    "registrar": "李建平",
    "verdict": {"options": ["同意延期", "不同意"], "chosen": "同意延期", "note": ""},
    # What was granted, which may be less than was asked for; empty when it was refused.
    "until": "2026-10-15",
    "opinion": "情况属实，期间加强值守，同意延期",
    "decider": "王志远",
    "decided_at": "2026-09-28T09:30+08:00",
    "signatures": {},
}
EXTENSION_REFUSED: Context = EXTENSION | {
    "number": "江公（城关）消延字〔2026〕第0002号",
    "unit": BARE_PARTY,
    "verdict": EXTENSION["verdict"] | {"chosen": "不同意"},
    "until": "",
    "opinion": "隐患影响疏散，不同意延期",
}
EXTENSION_LONG: Context = EXTENSION | {
    "unit_name": AWKWARD_NAME,
    "unit": AWKWARD_PARTY,
    "items": [
        {"no": no, "detail": f"第{no}层喷淋、火灾自动报警系统未见维修保养记录，末端试水装置无压力显示，约{no * 120}㎡"}
        for no in range(1, 13)
    ],
    "reason": "系统改造须由原厂更换主机和管网，招标、供货和施工安排已与厂家书面约定，合同和进度表附后。" * 4,
    "opinion": "已实地核实，施工期间停止使用二层以上，专人值守并报社区备案，同意延期至核定日期。" * 4,
}

# What the papers after it say of it, where it was granted for the second and third of their hazards.
GRANTED: list[Context] = [
    {"on": "2026-09-28", "items": [2, 3], "since": "2026-09-30", "until": "2026-10-08", "number": EXTENSION["number"]}
]

# ---------- 复查 ----------

RECHECK: Context = {
    "heading": HEADING,
    "number": "江公（城关）消复字〔2026〕第0001号",
    "unit_name": "江城市利群旅馆",
    "issued_on": "2026-10-09",
    # -1, -2 within its notice.
    "reference": "江公（城关）消限字〔2026〕第0001号-1",
    "kind_of_visit": {"options": ["日常检查", "复查"], "chosen": "复查", "note": ""},
    "unit": {
        "name": "江城市利群旅馆",
        "person": "李秀兰",
        "address": "江城市裕华路180号",
        "nature": "一般单位，小旅店",
        "area": "286",
        "floors": "1至3层",
        "height": "10.5",
    },
    "visited_on": "2026-10-09",
    "officers": OFFICERS,
    "companion": {"name": "李秀兰", "post": "经理"},
    # Why nobody of the unit signs, and who saw that.
    "refusal": "",
    "witness": "",
    "order": LIMIT | {"issued_on": "2026-09-22", "served_on": "2026-09-23"},
    "round": 1,
    "deadline": "2026-09-30",
    # What moved the day of the notice to this one, as in a 移送函; `items` name results.
    "extensions": [],
    # When the unit asked to be re-inspected before the period ended; empty otherwise.
    "requested_on": "",
    "results": [
        {
            "no": 1,
            "detail": "二层走道东侧、西侧各1处，三层走道2处疏散指示标志损坏不亮",
            "result": {"options": ["已改正", "未改正"], "chosen": "已改正", "note": ""},
            "photos": 2,
        },
        {
            "no": 2,
            "detail": "三层走道2具灭火器压力不足",
            "result": {"options": ["已改正", "未改正"], "chosen": "未改正", "note": "仍未更换"},
            "photos": 0,
        },
    ],
    "passed": [1],
    "failed": [2],
    # Who gets what failed after its period; until when it stays open before.
    "referred_to": "江城市消防救援大队",
    "again_on": "",
    "remark": "",
    "signatures": SIGNED,
    # Who signed what, when, where, on whose screen; see records.signatures. {} for what is signed in ink.
    "signed": {},
}
RECHECK_PASSED: Context = RECHECK | {
    "results": [RECHECK["results"][0]],
    "failed": [],
    "referred_to": "",
    "unit": RECHECK["unit"] | {"person": "", "area": "", "floors": "", "height": ""},
    "signatures": UNSIGNED,
}
# Nobody of the unit signs: the two officers do.
RECHECK_REFUSED: Context = RECHECK | {
    "companion": {"name": "", "post": ""},
    "refusal": "被检查单位负责人拒绝签名，已全程录音录像",
    "witness": "村委会委员赵德厚",
    "signatures": SIGNED | {"companion": None},
}
RECHECK_EARLY: Context = RECHECK | {
    "visited_on": "2026-09-25",
    "issued_on": "2026-09-25",
    "requested_on": "2026-09-24",
    "referred_to": "",
    "again_on": "2026-09-30",
}
# Nothing optional is filled in, and what is cannot be read as markup.
RECHECK_AWKWARD: Context = RECHECK_EARLY | {
    "unit_name": NAME,
    "unit": RECHECK["unit"]
    | {"name": NAME, "address": ADDRESS, "person": "", "nature": "", "area": "", "floors": ""}
    | {"height": ""},
    "companion": {"name": "𬱖喆·AISHA Bek", "post": '㛃字号店长 & <b>值班"经理"</b>'},
    "refusal": "店长𬱖喆以“已经换过灯具、标志”为由拒绝签名，民警说明拒签不影响复查结果，"
    "全程录音录像，文件号YY-20260925-07，复查记录留置现场",
    "witness": "赟璟翀（裕华路社区居委会委员）",
    "results": [
        RECHECK["results"][0] | {"detail": 'B1层<b>配电间</b>2#箱旁堆放"可燃物" ≈3.5㎡ & 电动自行车1辆'},
        RECHECK["results"][1],
    ],
    "remark": "店长称灯具型号为LED-3W/220V，<i>下周</i>到货 & 安装。",
    "signatures": SIGNED | {"companion": None},
}
RECHECK_LONG: Context = RECHECK | {
    "unit_name": AWKWARD_NAME,
    "unit": RECHECK["unit"] | {"name": AWKWARD_NAME, "address": AWKWARD_ADDRESS, "person": "𬱖喆㛃"},
    "companion": {"name": "赟璟翀", "post": "㛃字号店长"},
    "results": [
        {
            "no": no,
            "detail": f"第{no}层东侧安全出口处堆放纸箱、折叠桌椅等约{no * 3}㎡，通道净宽不足，电动自行车在楼梯间充电",
            "result": {
                "options": ["已改正", "未改正"],
                "chosen": "未改正" if no % 2 else "已改正",
                "note": "仍堆放可燃物，堃字库房一侧尚余1.5㎡未清理" if no % 2 else "",
            },
            "photos": no,
        }
        for no in range(1, 19)
    ],
    "deadline": "2026-10-08",
    "extensions": GRANTED,
    "passed": list(range(2, 19, 2)),
    "failed": list(range(1, 19, 2)),
    "remark": "复查时现场有施工人员动火作业，已当场制止。" * 6,
}

# ---------- 移送函 ----------

CONTACT: Context = {"name": "李建平", "phone": "19900000003"}
REFERRAL: Context = {
    "heading": HEADING,
    "number": "江公（城关）消移字〔2026〕第0001号",
    "unit_name": "江城市利群旅馆",
    "issued_on": "2026-10-12",
    "to": "江城市消防救援大队",
    "unit": PARTY,
    # `record` is empty for an order from before the system.
    "visits": [{"on": "2026-09-22", "record": "江公（城关）消检字〔2026〕第0012号"}],
    "facts": "2026年9月22日，城关派出所对江城市利群旅馆进行消防监督检查，发现下列消防安全违法行为。",
    "hazards": [
        {"no": 1, "detail": "三层走道2具灭火器压力不足", "violates": "消防法第16条第1款第2项"},
        {"no": 2, "detail": "二层安全出口处堆放布草，通道净宽不足1米", "violates": "消防法第28条"},
    ],
    "basis": "消防法第16条第1款第2项；消防法第28条",
    # Articles that were violated and are not part of the basis.
    "violates": [],
    # 督促整改 without a notice: when, and the numbers of the hazards, [] where it was all of them.
    "urged": [],
    # `deadlines` as the notice names them; `items` as above, of those that were ordered.
    "measures": [
        LIMIT
        | {
            "issued_on": "2026-09-22",
            "deadlines": ["2026-09-30"],
            "served_on": "2026-09-23",
            "extensions": [],
            "rechecks": [{"round": 1, "on": "2026-09-28"}, {"round": 2, "on": "2026-10-09"}],
        }
    ],
    "attachments": [
        {"title": "检查记录", "number": "江公（城关）消检字〔2026〕第0012号", "count": 1, "unit": "份"},
        {"title": LIMIT["title"], "number": LIMIT["number"], "count": 1, "unit": "份"},
        {"title": "送达回证", "number": "江公（城关）消送证字〔2026〕第0001号", "count": 1, "unit": "份"},
        {"title": "复查记录", "number": "江公（城关）消复字〔2026〕第0001号", "count": 1, "unit": "份"},
        {"title": "复查记录", "number": "江公（城关）消复字〔2026〕第0002号", "count": 1, "unit": "份"},
        {"title": "现场照片", "number": "", "count": 3, "unit": "张"},
    ],
    "officers": OFFICERS[:1],
    "contact": CONTACT,
    "signatures": {},
}
REFERRAL_HOUSING: Context = REFERRAL | {
    "number": "江公（城关）消移字〔2026〕第0002号",
    "to": "江城市住房和城乡建设局",
    "unit": BARE_PARTY,
    "facts": "2026年9月22日，城关派出所对江城市利群旅馆进行消防监督检查，发现下列消防安全违法行为。",
    "hazards": [{"no": 1, "detail": "三层加建客房未依法通过消防验收", "violates": "消防法第13条"}],
    "basis": "消防监督检查规定第33条第2款",
    "violates": ["消防法第13条"],
    "measures": [],
    "attachments": REFERRAL["attachments"][:1],
    "contact": CONTACT | {"phone": ""},
}
REFERRAL_LONG: Context = REFERRAL | {
    "unit_name": AWKWARD_NAME,
    "unit": AWKWARD_PARTY,
    "visits": [
        {"on": "2026-09-22", "record": "江公（城关）消检字〔2026〕第0012号"},
        {"on": "2026-10-09", "record": ""},
    ],
    "facts": "2026年9月22日检查发现下列消防安全违法行为。\n该单位负责人两次到所说明情况，称改造工程未完工，未予改正。",
    "hazards": [
        {
            "no": no,
            "detail": f"第{no}层喷淋、火灾自动报警系统未见维修保养记录，末端试水装置无压力显示，面积约{no * 120}㎡",
            "violates": "消防法第16条第1款第3项",
        }
        for no in range(1, 13)
    ],
    "violates": ["消防法第16条第1款第3项"],
    "urged": [{"on": "2026-09-22", "items": [11, 12]}],
    "measures": [
        REFERRAL["measures"][0] | {"extensions": GRANTED},
        NOW | {"issued_on": "2026-09-22", "deadlines": [], "served_on": "", "extensions": [], "rechecks": []},
    ],
    "attachments": [
        *REFERRAL["attachments"][:3],
        {"title": "延期改正审批表", "number": EXTENSION["number"], "count": 1, "unit": "份"},
        *REFERRAL["attachments"][3:],
        {"title": "执法记录视频", "number": "YY-20260923-03", "count": 1, "unit": "段"},
    ],
}

# ---------- 火灾隐患报告 ----------

REPORT: Context = {
    "heading": HEADING,
    "number": "江公（城关）消报字〔2026〕第0001号",
    "unit_name": "江城市利群旅馆",
    "issued_on": "2026-09-22",
    "to": "城关街道办事处",
    "cc": "江城市消防救援大队",
    "unit": PARTY,
    "visited_on": "2026-09-22",
    "record": "江公（城关）消检字〔2026〕第0012号",
    "hazards": [
        {
            "no": 1,
            "detail": "二层安全出口锁闭，营业期间不能开启",
            "violates": "消防法第28条",
            "measure": "立即开启安全出口，营业期间保持畅通",
        }
    ],
    "measures": [NOW | {"issued_on": "2026-09-22", "deadlines": [], "served_on": "", "extensions": [], "rechecks": []}],
    "suggestions": {"options": ["组织整治", "断电断气", "停用", "挂牌督办"], "chosen": ["组织整治"]},
    "contact": CONTACT,
    "signatures": {},
}
REPORT_LONG: Context = REPORT | {
    "unit_name": AWKWARD_NAME,
    "to": "江城市经济技术开发区裕华路街道办事处（翀喆新区管理委员会）",
    "unit": AWKWARD_PARTY,
    "hazards": [
        {
            "no": no,
            "detail": f"第{no}层东侧安全出口处堆放纸箱、折叠桌椅等约{no * 3}㎡，堵塞疏散通道，电动自行车在楼梯间充电",
            "violates": "消防法第28条、第16条第1款第4项",
            "measure": "清除可燃物，恢复疏散宽度，电动自行车移至室外集中充电点",
        }
        for no in range(1, 9)
    ],
    # Of a visit from before reports were made with the order: made when it was handed over.
    "issued_on": "2026-10-12",
    "measures": [
        *REPORT["measures"],
        REFERRAL["measures"][0] | {"extensions": GRANTED, "rechecks": [{"round": 1, "on": "2026-10-09"}]},
    ],
    "suggestions": REPORT["suggestions"] | {"chosen": ["断电断气", "停用", "挂牌督办"]},
    "contact": CONTACT | {"phone": ""},
}


SAMPLES = [
    Sample(Kind.EXTENSION, "short", EXTENSION),
    Sample(Kind.EXTENSION, "refused", EXTENSION_REFUSED),
    Sample(Kind.EXTENSION, "long", EXTENSION_LONG),
    Sample(Kind.RECHECK_RECORD, "short", RECHECK_PASSED),
    Sample(Kind.RECHECK_RECORD, "usual", RECHECK),
    Sample(Kind.RECHECK_RECORD, "early", RECHECK_EARLY),
    Sample(Kind.RECHECK_RECORD, "refused", RECHECK_REFUSED),
    Sample(Kind.RECHECK_RECORD, "awkward", RECHECK_AWKWARD),
    Sample(Kind.RECHECK_RECORD, "long", RECHECK_LONG),
    Sample(Kind.REFERRAL, "short", REFERRAL_HOUSING),
    Sample(Kind.REFERRAL, "usual", REFERRAL),
    Sample(Kind.REFERRAL, "long", REFERRAL_LONG),
    Sample(Kind.HAZARD_REPORT, "short", REPORT),
    Sample(Kind.HAZARD_REPORT, "long", REPORT_LONG),
]
