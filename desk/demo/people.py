"""The organisations and people of the demo: 江城市, an invented city with stations named as in the sample ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from records.demo_seals import drawn
from records.sealing import set_seal
from stations.models import Guidance, Organisation, OrganisationKind, Posting, User
from stations.permissions import Role

STATIONS = (
    "东南",
    "义安",
    "义棠",
    "北关",
    "北坛",
    "城关",
    "宋古",
    "张兰",
    "洪山",
    "绵山",
    "西关",
    "西南",
    "连福",
    "龙凤",
)
MAIN = "北关"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭"
GIVEN = "建平志远海涛立新长河明哲国栋小川文博晓峰家骏思源雨桐佳宁子昂若溪振华永康春生秋实向阳广林"


@dataclass(frozen=True)
class Town:
    """Everybody the demo's history needs."""

    bureau: Organisation
    brigade: Organisation
    stations: list[Organisation]
    chiefs: dict[int, User]
    officers: dict[int, list[User]]
    supervisors: dict[int, User]
    bureau_officer: User
    bureau_leader: User

    def patrol(self, station: Organisation) -> list[User]:
        """Who takes a unit; the first officer has most of the main station, so that his first page is full."""
        people = self.officers[station.pk]
        return [people[0], people[0], *people] if station.short_name == MAIN else people

    def partner(self, officer: User, rng: Random) -> User:
        """Somebody else of the same station."""
        return rng.choice([person for person in self.officers[officer.organisation_id] if person != officer])


def build(today: date, rng: Random) -> Town:
    """Create organisations, people and guidance."""
    hashed = make_password(settings.DEMO_PASSWORD)
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局", code_word="江公")
    bureau.bureau = bureau
    bureau.save(update_fields=["bureau"])
    brigade = Organisation.objects.create(kind=OrganisationKind.BRIGADE, name="江城市消防救援大队")
    stations = [
        Organisation.objects.create(
            kind=OrganisationKind.STATION,
            name=f"{name}派出所",
            short_name=name,
            issuer_name=f"江城市公安局{name}派出所",
            code_word="江公",
            parent=bureau,
            bureau=bureau,
            brigade=brigade,
        )
        for name in STATIONS
    ]
    names = _names(rng)

    def person(number: str, role: Role, home: Organisation, *, certificate: bool = False) -> User:
        user = User(
            number=number,
            name=next(names),
            role=role,
            organisation=home,
            password=hashed,
            certificate_no=f"江公证字{number}" if certificate else "",
        )
        user.save()
        Posting.objects.create(user=user, organisation=home, role=role, since=date(today.year - 1, 1, 1))
        return user

    chiefs, officers = {}, {}
    for place, station in enumerate(stations, start=1):
        chiefs[station.pk] = person(f"{place:02d}0001", Role.CHIEF, station, certificate=True)
        count = 3 if station.short_name == MAIN else 2
        officers[station.pk] = [
            person(f"{place:02d}01{number:02d}", Role.OFFICER, station, certificate=True)
            for number in range(1, count + 1)
        ]
        if station.short_name == MAIN:
            person(f"{place:02d}0201", Role.ASSISTANT, station)
    person("900001", Role.BRIGADE_LEADER, brigade)
    guides = [person(f"9001{number:02d}", Role.SUPERVISOR, brigade) for number in range(1, 6)]
    supervisors = {}
    # The main station's supervisor comes first, so that 900101 has work on the first page.
    ordered = sorted(stations, key=lambda station: station.short_name != MAIN)
    for place, station in enumerate(ordered):
        guide = guides[place // 3]
        Guidance.objects.create(station=station, supervisor=guide, substitute=guides[(place // 3 + 1) % len(guides)])
        supervisors[station.pk] = guide
    bureau_officer = person("800001", Role.BUREAU_OFFICER, bureau)
    bureau_leader = person("800002", Role.BUREAU_LEADER, bureau)
    for office in (bureau, *stations):
        set_seal(office, drawn(office.heading), None, timezone.now())
    for number, role in (("700001", Role.SYSTEM_ADMIN), ("700002", Role.SECURITY_ADMIN), ("700003", Role.AUDIT_ADMIN)):
        person(number, role, bureau)
    return Town(bureau, brigade, stations, chiefs, officers, supervisors, bureau_officer, bureau_leader)


def _names(rng: Random) -> Iterator[str]:
    """Invented names, none twice."""
    pairs = [f"{first}{GIVEN[place : place + 2]}" for first in SURNAMES for place in range(0, len(GIVEN) - 1, 2)]
    rng.shuffle(pairs)
    yield from pairs


def accounts() -> list[tuple[str, str, str]]:
    """Number, role and organisation of the accounts to try, one of each role."""
    main = f"{STATIONS.index(MAIN) + 1:02d}"
    numbers = [
        f"{main}0101",
        f"{main}0001",
        f"{main}0201",
        "900101",
        "900001",
        "800001",
        "800002",
        "700001",
        "700002",
        "700003",
    ]
    found = {user.number: user for user in User.objects.filter(number__in=numbers).select_related("organisation")}
    return [
        (number, found[number].get_role_display(), f"{found[number].organisation} {found[number].name}")
        for number in numbers
        if number in found
    ]
