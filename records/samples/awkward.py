"""The papers of the most awkward unit: its name, address and people, and words that hold markup and mixed widths.

And, of the forms that are filled in in several ways, the long ones of the others.
"""

from records.models import Kind
from records.samples import case, service, visit
from records.samples.edges import ADDRESS, NAME, PERSON, brimming
from records.samples.sample import Context, Sample

FOUND = 'B1层<b>配电间</b>2#箱旁堆放“可燃物”≈3.5㎡ & 电动自行车１辆，"FIRE EXIT"标志被遮挡'
OFFICERS: list[Context] = [
    {"name": "欧阳堃翀㛃", "certificate": "江公证Ｎ-100001号"},
    {"name": "𬱟·Ａ喆", "certificate": "No.100002/A"},
]
COMPANION: Context = {"name": PERSON, "post": "店长 & <i>值班</i>"}
_PARTY: Context = {"name": NAME, "credit_code": "", "address": ADDRESS, "person": PERSON, "phone": ""}
_UNIT: Context = {
    "name": NAME, "person": PERSON, "address": ADDRESS, "nature": "一般单位，小餐饮", "area": "0.5", "floors": "B1",
    "height": "",
}  # fmt: skip
_PEOPLE: Context = {"officers": OFFICERS, "companion": COMPANION, "signatures": visit.SIGNED}
_OFFICERS: Context = {"officers": OFFICERS, "signatures": visit.SIGNED_BY_OFFICERS}

RECORD: Context = visit.RECORD | _PEOPLE | {
    "unit": _UNIT,
    "sections": [
        section | {"rows": [row | {"note": FOUND if row["note"] else ""} for row in section["rows"]]}
        for section in visit.SECTIONS
    ],
    "orders": [],
    "referrals": [{"items": [1, 2, 3], "to": "江城市住房和城乡建设局（Ｂ座 & <2F>）"}],
    "remark": FOUND,
}  # fmt: skip
ORDER_NOW: Context = visit.ORDER_NOW | _OFFICERS | {
    "unit_name": NAME,
    "problems": [{"no": 1, "detail": FOUND, "violates": "消防法第28条；第16条第1款第2、4项"}],
}  # fmt: skip
ORDER_LIMIT: Context = visit.ORDER_LIMIT | _OFFICERS | {
    "unit_name": NAME,
    "problems": [
        {"no": 1, "offence": "电气线路私拉乱接", "detail": FOUND, "violates": '《江城市消防条例》第28条"&<2>"'},
    ],
    "deadlines": [{"items": [1], "on": "2026-12-31"}],
    "signatures": visit.UNSIGNED_BY_OFFICERS,
}  # fmt: skip
RECEIPT: Context = service.RECEIPT_LEFT | {
    "unit_name": NAME,
    "place": ADDRESS,
    "refusal": {"name": PERSON, "relation": "", "reason": FOUND, "witness": PERSON},
    "note": FOUND,
}
CONSENT: Context = service.CONSENT | {
    "unit_name": NAME,
    "consenter": {"name": PERSON},
    "channel": "E-mail & 微信（ＷｅＣｈａｔ）",
    "account": "<xiaofang>+喆&119@jiangcheng.example",
    "officers": OFFICERS,
}
EXTENSION: Context = case.EXTENSION | {
    "unit_name": NAME,
    "unit": _PARTY,
    "items": [{"no": 1, "detail": FOUND}],
    "reason": FOUND,
    "registrar": OFFICERS[0]["name"],
    "opinion": '同意，"堃翀㛃" & 𬱟<落实>',
    "decider": OFFICERS[1]["name"],
}
REFERRAL: Context = case.REFERRAL | {
    "unit_name": NAME,
    "unit": _PARTY,
    "facts": FOUND,
    "basis": "消防法第16条第1款第2项",
    "hazards": [{"no": 1, "detail": FOUND, "violates": "消防法第28条"}],
    "violates": ["消防法第28条"],
    "attachments": [{"title": "现场照片<1—3> & 视频", "number": "", "count": 1, "unit": "张"}],
    "officers": OFFICERS[:1],
    "contact": {"name": OFFICERS[0]["name"], "phone": ""},
}
REPORT: Context = case.REPORT | {
    "unit_name": NAME,
    "to": "江城市经济技术开发区裕华路街道办事处（翀喆新区管理委员会 & <Ｂ>）",
    "unit": _PARTY,
    "hazards": [{"no": 1, "detail": FOUND, "violates": "消防法第28条", "measure": FOUND}],
    "contact": {"name": OFFICERS[0]["name"], "phone": ""},
}

MORE_LONG = [
    Sample(Kind.INSPECTION_RECORD, "long-refused", visit.RECORD_REFERRED),
    Sample(
        Kind.INSPECTION_RECORD,
        "long-committee",
        visit.RECORD_COMMITTEE | {"committee": [row | {"note": FOUND} for row in visit.COMMITTEE_ROWS]},
    ),
    Sample(Kind.EXTENSION, "long-known", case.EXTENSION),
    Sample(
        Kind.RECHECK_RECORD,
        "refused-long",
        brimming(Kind.RECHECK_RECORD, case.RECHECK_REFUSED, "refusal", "witness"),
    ),
    Sample(Kind.SERVICE_RECEIPT, "long", service.RECEIPT_LEFT),
    Sample(Kind.SERVICE_RECEIPT, "long-direct", service.RECEIPT),
    Sample(Kind.SERVICE_RECEIPT, "long-proxy", service.RECEIPT_PROXY),
    Sample(Kind.SERVICE_RECEIPT, "long-entrusted", service.RECEIPT_ENTRUSTED),
    Sample(Kind.SERVICE_RECEIPT, "long-electronic", service.RECEIPT_ELECTRONIC),
    Sample(Kind.SERVICE_RECEIPT, "long-published", service.RECEIPT_PUBLISHED),
]
SAMPLES = [
    *MORE_LONG,
    Sample(Kind.INSPECTION_RECORD, "awkward", RECORD),
    Sample(Kind.ORDER_NOW, "awkward", ORDER_NOW),
    Sample(Kind.ORDER_LIMIT, "awkward", ORDER_LIMIT),
    Sample(Kind.SERVICE_RECEIPT, "awkward", RECEIPT),
    Sample(Kind.SERVICE_CONSENT, "awkward", CONSENT),
    Sample(Kind.EXTENSION, "awkward", EXTENSION),
    Sample(Kind.REFERRAL, "awkward", REFERRAL),
    Sample(Kind.HAZARD_REPORT, "awkward", REPORT),
]
