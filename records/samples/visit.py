"""The contexts of the three papers of a visit, key by key, as the rooms that own the facts build them.

Plain JSON values only. Dates are ISO words (`2026-09-22`); an unknown fact is an empty string, and the paper strikes
its place out. `number` is put in by `records.actions.issue`; everything else comes from the owner.
"""

from records.models import Kind
from records.samples.sample import Context, Sample

# A drawn signature as static/js/signature.js sends it; None where somebody signs by hand.
STROKES = {
    "width": 600,
    "height": 200,
    "strokes": [
        [[60, 60, 0], [140, 55, 30], [220, 50, 60]],
        [[140, 25, 200], [138, 90, 240], [120, 150, 300], [80, 175, 340]],
        [[145, 80, 450], [190, 120, 490], [235, 150, 540]],
        [[300, 50, 700], [380, 45, 740]],
        [[340, 20, 800], [338, 100, 850], [330, 170, 900]],
        [[420, 40, 1000], [470, 90, 1050], [440, 150, 1100], [520, 160, 1180]],
    ],
}
UNSIGNED: Context = {"lead": None, "second": None, "companion": None}
SIGNED: Context = {"lead": STROKES, "second": STROKES, "companion": STROKES}
UNSIGNED_BY_OFFICERS: Context = {"lead": None, "second": None}
SIGNED_BY_OFFICERS: Context = {"lead": STROKES, "second": STROKES}
OFFICERS = [
    {"name": "李建平", "certificate": "江公证100001"},
    {"name": "张海涛", "certificate": "江公证100002"},
]

ORDER_NOW: Context = {
    "heading": "江城市公安局城关派出所",
    "number": "江公（城关）消即字〔2026〕第0003号",
    "unit_name": "江城市万家福便利超市",
    "visited_on": "2026-09-22",
    "issued_on": "2026-09-22",
    # `no` is a printed item 1 to 12; `chosen` the alternatives that apply (records.fills.chosen_in finds them in the
    # wording); the others are struck out, none when it is empty.
    "ticked": [{"no": 5, "chosen": ["堵塞"]}],
    # Printed numbers run over the whole paper; `violates` may be empty.
    "problems": [
        {
            "no": 1,
            "detail": "一层北侧疏散通道堆放饮料纸箱，堵塞疏散通道",
            "violates": "消防法第28条",
        }
    ],
    "officers": OFFICERS,
    # 签收 of the notice is given in ink: nobody of the unit signs it on a screen.
    "signatures": SIGNED_BY_OFFICERS,
    # Who signed what, when, where, on whose screen; see records.signatures. {} for what is signed in ink.
    "signed": {},
}

ORDER_LIMIT: Context = {
    "heading": "江城市公安局城关派出所",
    "number": "江公（城关）消限字〔2026〕第0001号",
    "unit_name": "江城市利群旅馆",
    "visited_on": "2026-09-22",
    "issued_on": "2026-09-22",
    "problems": [
        {
            "no": 1,
            "offence": "疏散指示标志缺失、损坏、被遮挡或指示方向错误",
            "detail": "二层走道东侧、西侧各1处，三层走道2处疏散指示标志损坏不亮",
            "violates": "消防法第16条第1款第2项",
        },
        {
            "no": 2,
            "offence": "灭火器压力不足、过期、锈蚀、软管损坏等失效",
            "detail": "三层走道2具灭火器压力不足",
            "violates": "消防法第16条第1款第2项",
        },
    ],
    # One entry for each printed date; `items` are the `no` of the problems.
    "deadlines": [{"items": [1, 2], "on": "2026-09-30"}],
    "officers": OFFICERS,
    "signatures": SIGNED_BY_OFFICERS,
    "signed": {},
}


def row(text: str, options: list[str], chosen: str, note: str = "") -> Context:
    """One printed row: ``chosen`` is one of ``options``; without options the row is filled in words (``note``)."""
    return {"text": text, "options": options, "chosen": chosen, "note": note}


HELD, RULES, FACE = ["组织开展", "未组织开展"], ["有", "无"], ["完好有效", "损坏", "缺少", "无"]
SECTIONS: list[Context] = [
    {
        "name": "合法性",
        "rows": [
            row("被查建筑物名称", [], "", "利群商住楼"),
            row(
                "建筑物",
                [
                    "1998年9月1日之前竣工建筑且此后未改建（含装修、用途变更）",
                    "依法通过消防验收",
                    "依法进行竣工验收消防备案",
                ],
                "依法通过消防验收",
            ),
            row("其他情况", [], ""),
            row("公众聚集场所", ["是", "否"], "是"),
            row("依法通过投入使用、营业前消防安全检查", ["是", "否", "不涉及"], "是"),
        ],
    },
    {
        "name": "消防安全管理",
        "rows": [
            row("消防安全制度", RULES, "有"),
            row("员工消防安全教育培训", HELD, "组织开展"),
            row("防火检查", HELD, "组织开展"),
            row("灭火和应急疏散预案", RULES, "有"),
            row("消防演练", ["组织", "未组织"], "组织"),
            row("其他情况", [], ""),
        ],
    },
    {
        "name": "建筑防火",
        "rows": [
            row("消防车通道", ["畅通", "被堵塞、占用", "无"], "畅通"),
            row("疏散通道", ["畅通", "堵塞", "锁闭"], "畅通"),
            row("安全出口", ["畅通", "堵塞", "锁闭", "缺少"], "畅通"),
            row("防火门", ["完好有效", "常闭式防火门常开", "损坏", "不涉及"], "完好有效"),
            row("疏散指示标志", FACE, "损坏", "二层走道东侧、西侧各1处，三层走道2处疏散指示标志损坏不亮"),
            row("应急照明", FACE, "完好有效"),
            row("人员密集场所外墙门窗上是否设置影响逃生、灭火救援的障碍物", ["否", "是", "不涉及"], "否"),
            row("其他", [], ""),
        ],
    },
    {
        "name": "消防设施",
        "rows": [
            row("室内消火栓", ["未设置", "完好有效", "损坏", "无水", "配件不齐", "被遮挡、圈占", "不涉及"], "不涉及"),
            row(
                "灭火器",
                ["未配置", "完好有效", "失效", "缺少", "配置类型错误", "设置地点不当"],
                "失效",
                "三层走道2具灭火器压力不足",
            ),
            row("建筑消防设施", ["定期维修保养并记录", "无记录", "未定期维修保养", "不涉及"], "定期维修保养并记录"),
            row("物业服务企业对管理区域内共用消防设施是否维护管理", ["是", "否", "不涉及"], "不涉及"),
        ],
    },
    {
        "name": "危险品管理",
        "rows": [
            row("违反规定使用明火作业或吸烟、使用明火", ["否", "是", "不涉及"], "否"),
            row("违反规定进入生产、储存易燃易爆危险品场所", ["否", "是", "不涉及"], "不涉及"),
            row("生产、储存、经营易燃易爆危险品场所与居住场所设置在同一建筑物内", ["否", "是", "不涉及"], "否"),
        ],
    },
]
COMMITTEE_ROWS = [
    row("消防安全管理人", ["确定", "未确定"], "确定"),
    row("消防安全工作制度", ["有", "无"], "有"),
    row("防火安全公约", ["有", "无"], "无", "未制定村民防火安全公约"),
    row("消防宣传教育", ["开展", "未开展"], "开展"),
    row("防火安全检查", ["开展", "未开展"], "开展"),
    row("消防水源、消防车通道、消防器材", ["维护管理", "未维护管理"], "维护管理"),
    row("多种形式消防组织", ["建立", "未建立"], "建立"),
]

RECORD: Context = {
    "heading": "江城市公安局城关派出所",
    "number": "江公（城关）消检字〔2026〕第0012号",
    # UNIT, PROPERTY or COMMITTEE: which part of the form is filled; the other part is struck out.
    "subject": "UNIT",
    "unit": {
        "name": "江城市利群旅馆",
        "person": "李秀兰",
        "address": "江城市裕华路180号",
        "nature": "一般单位",
        "area": "286",
        "floors": "1至3层",
        "height": "10.5",
    },
    "visited_on": "2026-09-22",
    "issued_on": "2026-09-22",
    "officers": OFFICERS,
    "companion": {"name": "李秀兰", "post": "经理"},
    # Why nobody of the unit signed; printed in place of the signature and in the remarks.
    "refusal": "",
    "witness": "",
    # For UNIT and PROPERTY, in the order of the form; [] for COMMITTEE.
    "sections": SECTIONS,
    # For COMMITTEE; [] otherwise.
    "committee": [],
    # The papers issued with this visit, in the order they are cited.
    "orders": [{"title": "责令限期改正通知书", "number": "江公（城关）消限字〔2026〕第0001号"}],
    # 移送: `items` 1 未验收, 2 未备案, 3 未经营业前检查; one entry a receiver.
    "referrals": [],
    "remark": "已口头督促清理楼顶杂物。",
    "signatures": SIGNED,
    "signed": {},
}

RECORD_COMMITTEE: Context = RECORD | {
    "number": "江公（城关）消检字〔2026〕第0013号",
    "subject": "COMMITTEE",
    "unit": {
        "name": "江城市城关镇石桥村村民委员会",
        "person": "赵德厚",
        "address": "江城市城关镇石桥村",
        "nature": "村民委员会",
        "area": "",
        "floors": "",
        "height": "",
    },
    "companion": {"name": "赵德厚", "post": "村委会主任"},
    "sections": [],
    "committee": COMMITTEE_ROWS,
    "orders": [],
    "remark": "已督促制定村民防火安全公约，并通报城关镇人民政府。",
    "signatures": UNSIGNED,
}

# What is asked of a property company: of itself nothing of 合法性 or 危险品管理, of its buildings what all share.
PROPERTY_SECTIONS: list[Context] = [
    {
        "name": "消防安全管理",
        "rows": [
            row("消防安全制度", RULES, "有"),
            row("员工消防安全教育培训", HELD, "组织开展"),
            row("防火检查", HELD, "组织开展"),
            row("灭火和应急疏散预案", RULES, "有"),
            row("消防演练", ["组织", "未组织"], "未组织", "本年度未组织消防演练"),
            row("其他情况", [], ""),
        ],
    },
    {
        "name": "建筑防火",
        "rows": [
            row("消防车通道", ["畅通", "被堵塞、占用", "无"], "畅通"),
            row("疏散通道", ["畅通", "堵塞", "锁闭"], "畅通"),
            row("安全出口", ["畅通", "堵塞", "锁闭", "缺少"], "畅通"),
            row("疏散指示标志", FACE, "完好有效"),
            row("应急照明", FACE, "完好有效"),
            row("其他", [], ""),
        ],
    },
    {
        "name": "消防设施",
        "rows": [
            row("室内消火栓", ["未设置", "完好有效", "损坏", "无水", "配件不齐", "被遮挡、圈占", "不涉及"], "完好有效"),
            row(
                "灭火器",
                ["未配置", "完好有效", "失效", "缺少", "配置类型错误", "设置地点不当"],
                "完好有效",
            ),
            row(
                "物业服务企业对管理区域内共用消防设施是否维护管理",
                ["是", "否"],
                "否",
                "地下车库防火卷帘故障未修复，物业服务企业未对管理区域内共用消防设施进行维护管理",
            ),
        ],
    },
]
RECORD_PROPERTY: Context = RECORD | {
    "number": "江公（城关）消检字〔2026〕第0015号",
    "subject": "PROPERTY",
    "unit": {
        "name": "江城市安居物业服务有限公司堃翀花园分公司",
        "person": "周文斌",
        "address": "江城市裕华路96号堃翀花园",
        "nature": "物业服务企业",
        "area": "",
        "floors": "",
        "height": "",
    },
    "companion": {"name": "周文斌", "post": "项目经理"},
    "sections": PROPERTY_SECTIONS,
    "orders": [{"title": "责令限期改正通知书", "number": "江公（城关）消限字〔2026〕第0003号"}],
    "remark": "",
}

RECORD_REFERRED: Context = RECORD | {
    "number": "江公（城关）消检字〔2026〕第0014号",
    "companion": {"name": "", "post": ""},
    "refusal": "被检查单位负责人拒绝签名，已全程录音录像",
    "witness": "村委会委员赵德厚",
    "orders": [
        {"title": "责令立即改正通知书", "number": "江公（城关）消即字〔2026〕第0003号"},
        {"title": "责令限期改正通知书", "number": "江公（城关）消限字〔2026〕第0002号"},
    ],
    "referrals": [
        {"items": [1], "to": "江城市住房和城乡建设局"},
        {"items": [3], "to": "江城市消防救援大队"},
    ],
    "signatures": UNSIGNED,
}

# The longest and the most awkward: rare characters, full lists, a name that fills two lines.
AWKWARD_NAME = "江城市喆㛃𬱖餐饮管理有限责任公司裕华路第一百二十八分公司（原江城市国营第三招待所）"
ORDER_NOW_LONG: Context = ORDER_NOW | {
    "unit_name": AWKWARD_NAME,
    "ticked": [
        {"no": 1, "chosen": []},
        {"no": 2, "chosen": ["消防设施、器材"]},
        {"no": 3, "chosen": ["挪用"]},
        {"no": 5, "chosen": ["占用", "堵塞"]},
        {"no": 6, "chosen": ["遮挡", "消火栓"]},
        {"no": 9, "chosen": ["吸烟"]},
        {"no": 12, "chosen": []},
    ],
    "problems": [
        {
            "no": no,
            "detail": f"第{no}层东侧安全出口处堆放纸箱、折叠桌椅等约{no * 3}㎡，通道净宽不足，电动自行车在楼梯间充电",
            "violates": "消防法第28条、第16条第1款第4项",
        }
        for no in range(1, 10)
    ],
    "signatures": UNSIGNED_BY_OFFICERS,
}
ORDER_LIMIT_LONG: Context = ORDER_LIMIT | {
    "unit_name": AWKWARD_NAME,
    "problems": [
        {
            "no": no,
            "offence": "未对建筑消防设施定期组织维修保养",
            "detail": f"第{no}层喷淋、火灾自动报警系统未见维修保养记录，末端试水装置无压力显示，面积约{no * 120}㎡",
            "violates": "消防法第16条第1款第2项",
        }
        for no in range(1, 13)
    ],
    "deadlines": [
        {"items": [1, 2, 3, 4, 5, 6], "on": "2026-09-30"},
        {"items": [7, 8, 9, 10, 11, 12], "on": "2026-10-22"},
    ],
    "signatures": UNSIGNED_BY_OFFICERS,
}
RECORD_LONG: Context = RECORD | {
    "unit": {
        "name": AWKWARD_NAME,
        "person": "𬱖喆㛃",
        "address": "江城市经济技术开发区裕华路与迎宾大道交叉口东北角第三产业服务中心大楼裙房一层至四层",
        "nature": "一般单位，小餐饮",
        "area": "1268.5",
        "floors": "地下1层至地上4层",
        "height": "23.85",
    },
    "sections": [
        section
        | {
            "rows": [
                each | ({"note": "东侧楼梯间、前室堆放可燃物，详见照片1至6，" * 3} if number % 2 else {})
                for number, each in enumerate(section["rows"])
            ]
        }
        for section in SECTIONS
    ],
    "orders": [
        {"title": "责令限期改正通知书", "number": f"江公（城关）消限字〔2026〕第{no:04d}号"} for no in range(1, 5)
    ],
    "remark": "检查时现场有施工人员动火作业，已当场制止。" * 8,
}


SAMPLES = [
    Sample(Kind.INSPECTION_RECORD, "short", RECORD_COMMITTEE),
    Sample(Kind.INSPECTION_RECORD, "usual", RECORD),
    Sample(Kind.INSPECTION_RECORD, "property", RECORD_PROPERTY),
    Sample(Kind.INSPECTION_RECORD, "referred", RECORD_REFERRED),
    Sample(Kind.INSPECTION_RECORD, "long", RECORD_LONG),
    Sample(Kind.ORDER_NOW, "short", ORDER_NOW),
    Sample(Kind.ORDER_NOW, "long", ORDER_NOW_LONG),
    Sample(Kind.ORDER_LIMIT, "short", ORDER_LIMIT),
    Sample(Kind.ORDER_LIMIT, "long", ORDER_LIMIT_LONG),
]
