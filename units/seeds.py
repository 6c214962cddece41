"""The kinds of small premises and how ledgers spell them; loaded by a migration into tables."""

# 国务院安委会办公室 2024-01: code, name, and whether 消防法第73条 counts such places among 人员密集场所 (待核定).
CATEGORIES: tuple[tuple[str, str, bool], ...] = (
    ("SCHOOL", "小型学校幼儿园", True),
    ("MEDICAL", "小型医疗机构", True),
    ("SHOP", "小商店", True),
    ("CATERING", "小餐饮", True),
    ("HOTEL", "小旅店", True),
    ("KTV", "小歌舞娱乐", True),
    ("NETBAR", "小网吧", True),
    ("BEAUTY_BATH", "小美容洗浴", True),
    ("WORKSHOP", "小生产加工企业", False),
)

SPELLINGS: dict[str, tuple[str, ...]] = {
    "SCHOOL": ("小学校(幼儿园)", "小学校", "幼儿园", "学校", "培训机构", "托管班", "小型学校", "校外培训机构"),
    "MEDICAL": ("小医院", "诊所", "卫生室", "口腔诊所", "小诊所", "医疗机构", "小型医院"),
    "SHOP": ("小商场", "商铺", "门店", "商店", "小超市", "超市", "便利店", "小型商店", "小商铺"),
    "CATERING": ("餐饮", "餐馆", "小饭店", "饭店", "小餐馆", "餐饮店", "小吃店", "小餐饮场所"),
    "HOTEL": ("旅馆", "小旅馆", "旅店", "宾馆", "招待所", "民宿", "小宾馆", "小旅社"),
    "KTV": ("ktv", "小型公共娱乐场所", "歌舞娱乐", "小歌舞厅", "公共娱乐", "小娱乐场所", "小歌舞娱乐场所"),
    "NETBAR": ("网吧", "网咖", "小网咖", "互联网上网服务营业场所"),
    "BEAUTY_BATH": ("美容美发", "洗浴", "理发店", "美容院", "足浴", "小美容洗浴场所", "美容洗浴", "小洗浴"),
    "WORKSHOP": ("小型加工厂", "小作坊", "加工厂", "小加工企业", "作坊", "生产加工", "小生产加工场所"),
}
ALIASES = {alias: code for code, name, _ in CATEGORIES for alias in (name, *SPELLINGS[code])}
