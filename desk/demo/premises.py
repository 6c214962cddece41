"""The demo's ledger: committees and about four hundred small premises of 江城市."""

from datetime import date
from decimal import Decimal
from random import Random

from desk.demo.people import GIVEN, SURNAMES, Town
from fire_supervision.lib.keyring import index_of
from fire_supervision.lib.text import squeezed
from stations.models import Organisation
from units.models import Category, Kind, Unit

PER_STATION = 28
STREETS = ("北大街", "裕华路", "朝阳路", "文峰街", "新华南街", "体育路", "绵山大街", "水门北街", "迎翠街", "彦博路")
BRANDS = (
    "万家福",
    "利群",
    "鑫源",
    "佳喆",
    "吉祥",
    "聚友",
    "福兴",
    "顺达",
    "金色年华",
    "康乐",
    "旺角",
    "百味",
    "同心",
    "锦绣",
    "晨曦",
    "宏图",
)
# Category code → what such premises call themselves, and usual floor area.
NAMES: dict[str, tuple[tuple[str, ...], tuple[int, int]]] = {
    "SHOP": (("便利超市", "五金店", "服装店", "日杂商店", "手机店"), (20, 280)),
    "CATERING": (("饭店", "面馆", "火锅店", "小吃店"), (30, 300)),
    "HOTEL": (("旅馆", "宾馆", "民宿"), (120, 480)),
    "KTV": (("歌厅", "量贩KTV"), (120, 200)),
    "NETBAR": (("网吧", "电竞馆"), (80, 200)),
    "BEAUTY_BATH": (("足浴店", "理发店", "美容院"), (20, 200)),
    "MEDICAL": (("诊所", "口腔门诊"), (40, 180)),
    "SCHOOL": (("幼儿园", "培训中心"), (100, 600)),
    "WORKSHOP": (("家具加工厂", "印刷厂", "食品加工坊"), (60, 400)),
}
WEIGHTS = {
    "SHOP": 30,
    "CATERING": 25,
    "HOTEL": 9,
    "KTV": 4,
    "NETBAR": 4,
    "BEAUTY_BATH": 10,
    "MEDICAL": 6,
    "SCHOOL": 6,
    "WORKSHOP": 6,
}


def build(town: Town, today: date, rng: Random) -> list[Unit]:
    """Create two committees, a property company and the premises of each station; returns the open ones."""
    categories = {category.code: category for category in Category.objects.all()}
    for place, station in enumerate(town.stations):
        committees = [
            _committee(station, name, town, rng)
            for name in (f"{STREETS[place % 10]}社区居民委员会", f"{station.short_name}村民委员会")
        ]
        rows = [_property(station, committees[0], town, rng)]
        rows += [
            _shop(station, committees[number % 2], categories, town, today, rng, number)
            for number in range(PER_STATION - 3)
        ]
        Unit.objects.bulk_create(rows)
    return list(Unit.objects.open().select_related("officer", "category", "station").order_by("pk"))


def _person(rng: Random) -> str:
    start = rng.randrange(0, len(GIVEN) - 2, 2)
    return rng.choice(SURNAMES) + GIVEN[start : start + 2]


def _phone(rng: Random) -> str:
    return f"199{rng.randrange(10**8):08d}"


def _common(station: Organisation, name: str, address: str, rng: Random) -> dict[str, object]:
    person, phone = _person(rng), _phone(rng)
    return {
        **station.scope_columns(),
        "name": name,
        "name_key": squeezed(name),
        "address": address,
        "address_key": squeezed(address),
        "person": person,
        "phone": phone,
        "phone_index": index_of(phone),
        "township": f"{station.short_name}街道",
    }


def _committee(station: Organisation, name: str, town: Town, rng: Random) -> Unit:
    kind = Kind.VILLAGE if "村民" in name else Kind.COMMITTEE
    return Unit.objects.create(
        kind=kind,
        officer=rng.choice(town.patrol(station)),
        **_common(station, name, f"{name.removesuffix('居民委员会')}办公楼", rng),
    )


def _property(station: Organisation, committee: Unit, town: Town, rng: Random) -> Unit:
    name = f"江城{rng.choice(BRANDS)}物业服务有限公司{station.short_name}分公司"
    return Unit(
        kind=Kind.PROPERTY,
        committee=committee,
        officer=rng.choice(town.patrol(station)),
        **_common(station, name, f"{rng.choice(STREETS)}{rng.randrange(1, 300)}号", rng),
    )


def _shop(
    station: Organisation,
    committee: Unit,
    categories: dict[str, Category],
    town: Town,
    today: date,
    rng: Random,
    number: int,
) -> Unit:
    code = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    kinds, (low, high) = NAMES[code]
    # No name twice in a station: the demo's pages are read by name.
    name = f"{'新' * (number // len(BRANDS))}{BRANDS[number % len(BRANDS)]}{rng.choice(kinds)}"
    closed = number == 7
    return Unit(
        kind=Kind.PREMISES,
        category=categories[code],
        committee=committee,
        area=Decimal(rng.randrange(low, high)),
        floors=str(rng.choice((1, 1, 1, 2, 3))),
        staff=rng.randrange(1, 20),
        residents=rng.random() < 0.15,
        gas=rng.choice(("无", "无", "管道", "瓶装")),
        extinguishers=rng.randrange(0, 9),
        is_public_gathering=code in ("HOTEL", "KTV", "NETBAR"),
        is_dense=categories[code].dense,
        # A chief finds two units without an officer to give away; every other one has its officer.
        officer=None if number in (5, 6) else rng.choice(town.patrol(station)),
        state="CLOSED" if closed else "OPEN",
        closed_on=date(today.year, 1, 15) if closed else None,
        closed_reason="已关门" if closed else "",
        **_common(station, name, f"{rng.choice(STREETS)}{rng.randrange(1, 300)}号", rng),
    )
