"""消防安全责任书: signed on the screen, in ink with long terms, and with a committee as 甲方 in rare characters."""

from records.models import Kind
from records.samples.edges import ADDRESS, NAME, PERSON
from records.samples.sample import Context, Sample
from records.samples.visit import STROKES

TERMS: list[dict[str, str]] = [
    {"title": "消防安全制度", "text": "落实消防安全责任制，制定消防安全制度、操作规程和灭火应急疏散预案。"},
    {"title": "疏散通道和出口", "text": "保障疏散通道、安全出口、消防车通道畅通，不占用、堵塞、封闭。"},
    {"title": "消防设施器材", "text": "按照标准配置消防设施、器材，设置消防安全标志，定期检验、维修，确保完好有效。"},
    {"title": "用电用气用火", "text": "电器产品、燃气用具的安装、使用和维护保养符合消防技术标准和管理规定。"},
    {"title": "不违规住人", "text": "不在生产、储存、经营易燃易爆危险品的建筑物内住人。"},
    {"title": "电动自行车", "text": "不在走道、楼梯间、安全出口停放电动自行车或者为其充电，不携带电池进入室内充电。"},
    {"title": "培训演练", "text": "对从业人员进行消防安全教育培训，组织进行有针对性的消防演练。"},
    {"title": "隐患整改", "text": "及时消除火灾隐患；接到责令改正通知书的，按照要求和期限改正。"},
]
LIABILITY = "乙方违反消防法律、法规的，依法承担相应的法律责任。本责任书不减轻、不免除双方依法应当履行的消防安全职责。"
PLEDGE: Context = {
    "heading": "江城市公安局城关派出所",
    "number": "江公（城关）消责字〔2026〕第0001号",
    "issued_on": "2026-09-22",
    "unit_name": "江城市万家福便利超市",
    "address": "北大街62号",
    # What 甲方 was called on the day; the station itself unless a committee or a property company signs.
    "party_a": "江城市公安局城关派出所",
    "signer_a": "李建平",
    "signer_b": {"name": "刘桂香", "post": "店主"},
    "since": "2026-09-22",
    "until": "2027-09-21",
    "terms_version": 1,
    "terms": TERMS,
    "liability": LIABILITY,
    # None where somebody signs by hand on both copies.
    "signatures": {"party_a": STROKES, "party_b": STROKES},
    # Who drew what, when, where, on whose screen; see records.signatures. {} for what is signed by hand.
    "signed": {},
}
PLEDGE_LONG: Context = PLEDGE | {
    "number": "江公（城关）消责字〔2026〕第1284号",
    "unit_name": "江城市经济技术开发区鑫源物业服务有限责任公司北大街商业综合体第二分公司锦绣花园第三管理处消防控制室",
    "address": "江城市经济技术开发区绵山大街北段128号锦绣花园住宅小区（含一期、二期、三期和地下车库）物业服务中心二层",
    "signer_b": {"name": "欧阳明月", "post": "物业服务中心主任、消防安全管理人"},
    "terms": [{"title": item["title"], "text": item["text"] * 3} for item in TERMS],
    "signatures": {"party_a": None, "party_b": None},
}
PLEDGE_AWKWARD: Context = PLEDGE | {
    "unit_name": NAME,
    "address": ADDRESS,
    "party_a": "江城市城关街道北大街社区居民委员会",
    "signer_a": "张翀喆",
    "signer_b": {"name": PERSON, "post": ""},
    "signatures": {"party_a": None, "party_b": STROKES},
}
SAMPLES: list[Sample] = [
    Sample(Kind.PLEDGE, "short", PLEDGE),
    Sample(Kind.PLEDGE, "long", PLEDGE_LONG),
    Sample(Kind.PLEDGE, "awkward", PLEDGE_AWKWARD),
]
