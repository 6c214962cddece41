"""消防工作季度通报: of a small bureau, of a large one with every indicator, of a quarter with nothing due."""

from records.models import Kind
from records.samples.edges import ADDRESS, NAME
from records.samples.sample import Context, Sample

INDICATORS: list[Context] = [
    {"name": "检查覆盖率", "done": 1430, "due": 1520, "rate": "94.1%"},
    {"name": "文书备案合格率", "done": 61, "due": 66, "rate": "92.4%"},
    {"name": "隐患按期改正率", "done": 203, "due": 231, "rate": "87.9%"},
]
BULLETIN: Context = {
    "heading": "江城市公安局",
    "number": "江公消〔2026〕3号",
    "issued_on": "2026-10-12",
    "unit_name": "各派出所",
    "period": "2026年第三季度",
    # A paragraph each, as the bureau typed them.
    "situation": ["全市共发生火灾12起，无人员伤亡，直接财产损失8.6万元，同比分别下降14.3%、持平、下降21.8%。"],
    "demands": ["各派出所要盯紧未检查的单位，第四季度前完成年度检查。", "对到期未复查的，逐件落实责任民警。"],
    "station_count": 2,
    # What the bureau's stations did together; only indicators of which something was due.
    "indicators": INDICATORS,
    # `rates` stand in the order of `indicators`, empty where nothing was due; so are rank and points of such a station.
    "stations": [
        {"rank": 1, "name": "城关", "points": "96.25", "rates": ["97.0%", "93.8%", "91.2%"]},
        {"rank": 2, "name": "北关", "points": "88.40", "rates": ["90.6%", "", "84.0%"]},
    ],
    "brigades": ["江城市消防救援大队"],
    "signatures": {},
}
NAMES = (
    "检查覆盖率", "文书备案合格率", "隐患发现率", "隐患按期改正率", "按期复查率", "按期移送率", "举报按期核查率",
    "宣传培训", "档案完整率", "月报报送率",
)  # fmt: skip
HOMES = "城关北关东城西城南关绵山义安张兰连福洪山龙凤三佳宋古开发区"
BULLETIN_LONG: Context = BULLETIN | {
    "number": "江公消〔2026〕128号",
    "situation": [
        "全市共发生火灾128起，死亡1人，受伤3人，直接财产损失286.4万元。从起火原因看，电气故障41起，占32.0%。",
        "从起火场所看，居住场所61起，人员密集场所17起，厂房库房12起，其他38起。",
    ]
    * 3,
    "demands": ["各派出所要对照检查覆盖率逐户排出计划，明确责任民警和完成时限，每周通报进度。"] * 6,
    "station_count": 14,
    "indicators": [{"name": name, "done": 12_430, "due": 13_520, "rate": "91.9%"} for name in NAMES],
    "stations": [
        {
            "rank": place,
            "name": HOMES[2 * place - 2 : 2 * place],
            "points": f"{100 - place}.25",
            "rates": ["100.0%"] * 10,
        }
        for place in range(1, 15)
    ],
}
BULLETIN_EMPTY: Context = BULLETIN | {
    "heading": "江城市公安局经济技术开发区分局",
    "situation": [f"没有发生火灾（{ADDRESS}的{NAME}除外）。"],
    "demands": ["喆翀堃派出所要守住30㎡以下的小门店。"],
    "station_count": 1,
    "indicators": [],
    "stations": [{"rank": None, "name": "喆翀堃", "points": "", "rates": []}],
    "brigades": [],
}
SAMPLES: list[Sample] = [
    Sample(Kind.BULLETIN, "short", BULLETIN),
    Sample(Kind.BULLETIN, "long", BULLETIN_LONG),
    Sample(Kind.BULLETIN, "awkward", BULLETIN_EMPTY),
]
