"""The town the faults strike: stations with their people, premises, and visits that only wait to be concluded."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fire_supervision.lib.text import squeezed
from inspections.models import Answer, Checklist, Finding, HazardType, Inspection, Mark, Mode
from stations.models import Guidance, Organisation, OrganisationKind, User
from stations.permissions import Role
from units.models import Category, Kind, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "chaos-of-one-run-119"
STATIONS = ("城关", "北关", "码头", "河东")
# A Tuesday; the period of eight days ends on a Wednesday, and 国庆 lies before the third day.
VISITED = date(2026, 9, 15)
ENDED = date(2026, 9, 23)
# What the unit asks for, a rest day of 国庆: it moves on to the eighth.
LONGER = date(2026, 10, 5)
LATER = date(2026, 10, 13)
DAYS = (ENDED - VISITED).days


@dataclass(frozen=True)
class Visit:
    """A visit with what the officer will answer when it is concluded."""

    pk: int
    lead: User
    second: User
    chief: User
    grave: bool


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def build(orders: int, chance: random.Random) -> list[Visit]:
    """Visits that lead to at least ``orders`` notices, dealt out to four stations of one bureau."""
    pairs = _people()
    catalogue = {row.code: row for row in HazardType.objects.all()}
    checklist = Checklist.objects.get(subject="UNIT")
    visits, planned = [], 0
    while planned < orders:
        findings = _findings(chance)
        planned += 2 if {"EV01", "EV02"} & set(findings) else 1
        station, lead, second, chief = pairs[len(visits) % len(pairs)]
        visit = _visit(station, lead, second, len(visits), checklist)
        _note(visit, findings, catalogue)
        visits.append(Visit(visit.pk, lead, second, chief, "EV02" in findings))
    return visits


def _findings(chance: random.Random) -> list[str]:
    """Always a notice with a period of eight days; mostly one 立即, some graves, some referrals, some long periods."""
    found = ["EV06", "EQ02"]
    kind = chance.random()
    found += ["EV01"] if kind < 0.65 else ["EV02"] if kind < 0.75 else []
    found += ["BD05"] if chance.random() < 0.15 else []
    return found + (["EQ08"] if chance.random() < 0.2 else [])


def _people() -> list[tuple[Organisation, User, User, User]]:
    """The pair that visits and the chief, of each station; the brigade's supervisor guides them all."""
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局", code_word="江公")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    brigade = Organisation.objects.create(kind=OrganisationKind.BRIGADE, name="江城市消防救援大队")
    supervisor = _person("700001", "陈立新", Role.SUPERVISOR, brigade)
    pairs = []
    for place, short in enumerate(STATIONS):
        station = Organisation.objects.create(
            kind=OrganisationKind.STATION, name=f"{short}派出所", short_name=short, parent=bureau, bureau=bureau,
            brigade=brigade,
        )  # fmt: skip
        Guidance.objects.create(station=station, supervisor=supervisor)
        number = 710000 + place * 100
        chief = _person(str(number), f"{short}所长", Role.CHIEF, station)
        lead = _person(str(number + 1), f"{short}甲", Role.OFFICER, station)
        pairs.append((station, lead, _person(str(number + 2), f"{short}乙", Role.OFFICER, station), chief))
    return pairs


def _person(number: str, name: str, role: Role, organisation: Organisation) -> User:
    certificate = f"江公证{number}" if role in (Role.CHIEF, Role.OFFICER) else ""
    return User.objects.create_user(
        number, PASSWORD, name=name, role=role, organisation=organisation, certificate_no=certificate
    )


def _visit(station: Organisation, lead: User, second: User, place: int, checklist: Checklist) -> Inspection:
    """A draft with every row answered, two officers, and signatures in ink."""
    name = f"{place + 1}号店"
    unit = Unit.objects.create(
        **station.scope_columns(), kind=Kind.PREMISES, category=Category.objects.get(code="SHOP"), name=name,
        name_key=squeezed(name), address=f"北大街{place + 1}号", address_key=squeezed(f"北大街{place + 1}号"),
        township="城关街道办事处", person="店主", officer=lead,
    )  # fmt: skip
    visit = Inspection.objects.create(
        **unit.scope_columns(), unit=unit, checklist=checklist, visited_on=VISITED,
        started_at=moment(VISITED, 8) + timedelta(seconds=place), lead=lead, second=second, showed_id=True,
        companion="店主", companion_post="店主", ink=True,
    )  # fmt: skip
    Answer.objects.bulk_create(
        Answer(inspection=visit, item=item, value=_passing(item.values), mark=Mark.PASS)
        for item in checklist.items.filter(is_text=False)
    )
    return visit


def _passing(values: list[dict[str, str]]) -> str:
    return next(entry["value"] for entry in values if entry["mark"] == Mark.PASS)


def _note(visit: Inspection, codes: list[str], catalogue: dict[str, HazardType]) -> None:
    item = visit.checklist.items.get(code="building_other")
    for code in codes:
        kind = catalogue[code]
        limited = kind.order_item != "33(2)" and kind.mode == Mode.LIMIT
        Finding.objects.create(
            inspection=visit, item=item, hazard_type=kind, place=f"{code}处", wording=f"{code}处{kind.name}"[:300],
            mode="" if kind.order_item == "33(2)" else kind.mode,
            days=(30 if code == "EQ08" else DAYS) if limited else 0,
        )  # fmt: skip
