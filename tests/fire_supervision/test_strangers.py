"""Every address that names a row × everybody it does not belong to: the same 404 as for a row that is not there."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from deadlines.models import Clock
from desk.volume import ask_unit
from filings.actions import Objection, hand_in, return_filing
from filings.models import Defect
from filings.month import Month
from hazards import actions
from hazards.models import AfterPhoto, Dispatch, Disposition, Extension, Order, Reinspection, Target
from hazards.plan import Decision
from inspections.actions import add_photo
from inspections.actions import start as start_visit
from inspections.models import Finding, HazardType, Inspection, Mode
from records.actions import add_scan
from records.models import Copy, DocumentFile
from records.samples.visit import STROKES
from records.sealing import set_seal
from stations.models import Guidance, Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.rules import ROLE_KINDS
from stations.views.keys import mark_of
from tests.conftest import Explaining
from tests.fire_supervision.test_access import Address, addresses_of
from tests.hazards.conftest import EVE, VISITED, conclude, find, moment, open_visit, serve  # noqa: F401 - fixtures
from tests.inspections.complaints import received
from tests.inspections.conftest import picture
from tests.stations.keys import session_of, totp_of
from tests.units.conftest import book  # noqa: F401 - a fixture
from tests.units.pledges import signed
from trail.models import AuditEntry, Run, RunKind
from trail.runs import ask, do
from units.importing import upload
from units.models import Handover, Unit

Ids = dict[str, dict[str, Any]]
TODAY = date(2026, 10, 9)
# Addresses whose values choose no row of a station: of the person himself, of the bureau of whoever asks, of everybody.
NOBODYS = {
    "deadlines:confirm_year", "deadlines:rule", "deadlines:change_rule", "deadlines:confirm_rule",
    "deadlines:withdraw_rule", "inspections:hazard_type", "inspections:basis", "stations:organisation_create",
    "assessments:quarter", "assessments:publish", "assessments:bureau_records", "assessments:bulletin",
    "assessments:bulletin_edit", "assessments:bulletin_draft", "assessments:bulletin_issue",
    "assessments:bulletin_withdraw", "assessments:bulletin_file", "trail:checkpoint", "trail:ask",
    "units:terms_of", "units:settle_terms", "units:withdraw_terms",
}  # fmt: skip


# Of the outsiders the one whose post opens most of a station, walked by the fast tests; the slow ones walk the others.
NEXT_DOOR = "chief next door"


@pytest.fixture(autouse=True)
def _on_a_friday() -> Iterator[None]:
    with time_machine.travel(moment(TODAY, 9), tick=False):
        yield


@pytest.fixture
def office(station: Organisation, bureau: Organisation) -> Organisation:
    return Organisation.objects.create(kind=OrganisationKind.OFFICE, name="东街警务室", parent=station, bureau=bureau)


@pytest.fixture
def world(
    unit: Unit, make_unit: Callable[..., Unit], officer: User, partner: User, chief: User, supervisor: User,
    bureau_officer: User, audit_admin: User, station: Organisation, open_visit: Callable[..., Inspection],  # noqa: F811 - a fixture
    find: Callable[..., Finding],  # noqa: F811 - a fixture
    conclude: Callable[..., Any], serve: Callable[..., Order], book: Callable[..., Path],  # noqa: F811 - a fixture
) -> Ids:  # fmt: skip
    """One row of every kind in our station, and the values by which each address names it."""
    Unit.objects.filter(pk=unit.pk).update(township="城关街道办事处")
    visit = open_visit(unit)
    limited, now = find(visit, "EV06", days=8), find(visit, "EV02")
    find(visit, "BD05")
    conclude(visit, {now.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    order = serve(Order.objects.get(mode=Mode.LIMIT), date(2026, 9, 23))
    handed_over = actions.refer(
        [visit.hazards.get(hazard_type__code="BD05")], officer, target=Target.FIRE_BRIGADE,
        basis="消防监督检查规定第33条第2款", facts="见检查记录", sent_on=VISITED, today=VISITED,
    )  # fmt: skip
    actions.open_due(EVE)
    again = Reinspection.objects.get(order=order)
    waiting = Extension.objects.create(
        **order.scope_columns(), order=order, deadline=EVE, until=TODAY, requested_on=VISITED, reason="订货",
        requested_by=officer,
    )  # fmt: skip
    hazard = order.hazards.get(finding=limited)
    after = AfterPhoto(reinspection=again, hazard=hazard, sha256="0" * 64, uploaded_by=officer)
    after.file.save("after.jpg", ContentFile(picture().read()))
    paper = order.document
    assert paper is not None
    DocumentFile.objects.create(
        document=paper, copy=Copy.UNIT, file=ContentFile(b"%PDF-", "1.pdf"), sha256="0" * 64, size=5
    )
    scan = add_scan(paper, ContentFile(b"%PDF-", "scan.pdf"), "", officer)
    return_filing(
        paper, supervisor, [Objection(Defect.objects.get(code="VAGUE"), "写明数量")], round_=1, at=moment(EVE)
    )
    september = {"pk": station.pk, "year": 2026, "number": 9}
    handed_in = hand_in(station, Month(2026, 9), chief, note="", at=moment(TODAY))
    draft = start_visit(officer, make_unit("老李面馆", address="北大街63号"), TODAY, moment(TODAY))
    item = draft.checklist.items.get(code="building_other")
    photo = add_photo(draft, officer, picture(), moment(TODAY))
    finding = Finding.objects.create(
        inspection=draft, item=item, hazard_type=HazardType.objects.get(code="EV06"), place="走道",
        wording="走道标志不亮", mode=Mode.LIMIT, days=7,
    )  # fmt: skip
    twin = make_unit("万家福超市", address="北大街64号", twin_of=unit)
    with book(("城关派出所", "万家福", "商铺", None, "北大街", 40, "", "")).open("rb") as ledger:
        batch = upload(File(ledger, "台账.xlsx"), by=bureau_officer)
    entry = AuditEntry.objects.filter(actor_id=officer.pk).latest("id")
    told = Message.objects.filter(user=chief).latest("id")
    held = Handover.objects.create(
        **station.scope_columns(), from_officer=officer, to_officer=partner, reason="AWAY", until=TODAY, state="HELD",
        handed_by=chief, handed_at=moment(TODAY),
    )  # fmt: skip
    sent = Dispatch.objects.create(
        **order.scope_columns(), order=order, unit=unit, consented_by="刘桂香", consented_on=VISITED, consent=STROKES,
        channel="短信", account="13900006688", sent_at=moment(VISITED), sent_by=officer,
    )  # fmt: skip
    seal = set_seal(station, ContentFile(b"PNG", "seal.png"), None, moment(VISITED))
    bundle = ask_unit(unit, officer, moment(TODAY))
    own = {
        "stations:message": {"pk": told.pk},
        "stations:read": {"pk": told.pk},
        "stations:end_session": {"mark": mark_of(session_of(officer))},
        "stations:factor_name": (key := {"kind": "totp", "pk": totp_of(officer).pk}),
        "stations:factor_remove": key,
        "stations:reset_factors": {"pk": officer.pk},
        "stations:organisation": {"pk": station.pk},
        "stations:guide": {"pk": station.pk},
        "stations:station_move": {"pk": station.pk},
        "desk:hand_over": {"pk": officer.pk},
        "desk:take_back": {"pk": held.pk},
        "records:pattern": {"pk": station.bureau_id, "kind": "REFERRAL"},
        "records:official_start": {"pk": station.bureau_id, "kind": "BULLETIN"},
        "records:seal": {"pk": station.pk},
        "records:end_seal": {"pk": station.pk},
        "records:seal_image": {"pk": station.pk, "seal_pk": seal.pk},
        "trail:entry": {"pk": entry.pk},
        "trail:export_file": {"pk": trail_export(audit_admin, moment(TODAY)).pk},
        "deadlines:clock": {"pk": Clock.objects.filter(unit_id=unit.pk).latest("id").pk},
        "records:file": {"pk": paper.pk, "copy": "unit"},
        "records:scan_file": {"pk": paper.pk, "scan_pk": scan.pk},
        "conclude": {"pk": draft.pk},
        "hazards:draft": {"pk": draft.pk, "kind": "inspection_record"},
        "desk:bundle": {"pk": bundle.pk},
        "desk:download": {"pk": bundle.pk},
        "desk:again": {"pk": bundle.pk},
        "bind_case": {"pk": visit.pk},
        "units:decide_twin": {"pk": twin.pk},
        "units:pledge": {"pk": (pledge := signed(unit, officer, on=VISITED)).pk},
        "units:pledge_void": {"pk": pledge.pk},
        "units:import_rejected_of": {"pk": batch.pk, "kind": "PREMISES"},
        "inspections:begin": {"unit_id": unit.pk},
        "inspections:detail": {"pk": visit.pk},
        "inspections:answer": {"pk": draft.pk, "item_id": item.pk},
        "inspections:choose": {"pk": draft.pk, "item_id": item.pk},
        "inspections:pass_rest": {"pk": draft.pk, "group": "BUILDING"},
        "inspections:undo_pass": {"pk": draft.pk, "group": "BUILDING"},
        "inspections:finding": {"pk": draft.pk, "finding_id": finding.pk},
        "inspections:remove_finding": {"pk": draft.pk, "finding_id": finding.pk},
        "inspections:period": {"pk": draft.pk, "code": "EV06"},
        "inspections:photo": {"pk": draft.pk, "photo_id": photo.pk},
        "inspections:remove_photo": {"pk": draft.pk, "photo_id": photo.pk},
        "hazards:enter_order": {"pk": unit.pk},
        "hazards:void_order": {"pk": order.pk},
        "hazards:reinspect": {"pk": again.pk},
        "hazards:decide_extension": {"pk": waiting.pk},
        "hazards:dispatched": {"pk": sent.pk},
        "hazards:close_dispatch": {"pk": sent.pk},
        "hazards:photo": {"pk": after.pk},
        "hazards:referral": {"pk": handed_over.pk},
        "hazards:receive": {"pk": handed_over.pk},
        "hazards:answer": {"pk": handed_over.pk},
        "filings:monthly_report": september,
        "filings:hand_in": september,
        "filings:monthly_rows": september | {"code": "VISITS"},
        "filings:acknowledge": {"pk": handed_in.pk},
        "assessments:station": {"year": 2026, "number": 3, "pk": station.pk},
        "assessments:records": {"year": 2026, "number": 3, "pk": station.pk, "code": "COVERAGE"},
    }
    rows = {
        "stations:person": officer.pk, "stations:organisation": station.pk, "units:import": batch.pk,
        "units:": unit.pk, "unit_page": unit.pk, "bind_unit": unit.pk, "records:": paper.pk, "paper_case": paper.pk,
        "inspections:complain": received(officer, unit=unit).pk, "inspections:": draft.pk,
        "hazards:hazard": hazard.pk, "hazards:fixed": hazard.pk, "hazards:refer_visit": visit.pk,
        "hazards:refer": hazard.pk, "hazards:visit": visit.pk, "hazards:report": visit.pk, "hazards:void": visit.pk,
        "hazards:deliver": visit.pk,
        "hazards:": order.pk, "filings:": paper.pk,
    }  # fmt: skip
    return {"own": own, "rows": rows}


@pytest.fixture
def named() -> list[Address]:
    """The addresses that name a row of somebody's."""
    found = addresses_of(get_resolver())
    return [each for each in found if each.values and each.name not in NOBODYS and each.capability is not None]


def trail_export(audit_admin: User, at: datetime) -> Run:
    """A whole export of the trail, with its file."""
    run = ask(RunKind.EXPORT, audit_admin, at, [])
    do(run.pk)
    return run


def _url(address: Address, world: Ids) -> str:
    return reverse(address.name, kwargs=world["own"].get(address.name) or _by_prefix(address, world))


def _by_prefix(address: Address, world: Ids) -> dict[str, Any]:
    start = next((start for start in world["rows"] if address.name.startswith(start)), None)
    assert start is not None, f"{address.name} names a row this table does not know; add it here or to NOBODYS"
    (key,) = address.values
    return {key: world["rows"][start]}


def _status(client: Client, url: str) -> int:
    """The status of a GET, or of a POST where only that is taken; whatever it writes is undone."""
    with transaction.atomic():
        response = client.get(url)
        if response.status_code == 405:
            response = client.post(url)
        if response.streaming:
            # Read to its end, a file closes itself; closed by hand it would take the test's connection along.
            response.getvalue()
        transaction.set_rollback(True)
    return response.status_code


def _opened_by(user: User, named: list[Address]) -> list[Address]:
    return [each for each in named if each.capability is not None and user.can(each.capability)]


@pytest.fixture
def outsiders(
    person: Callable[..., User], sibling: Organisation, brigade: Organisation, office: Organisation
) -> dict[str, User]:
    """People of every post who have nothing to do with our station's rows."""
    make = Organisation.objects.create
    bureau = make(kind=OrganisationKind.BUREAU, name="河东市公安局", code_word="河公")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    bureau.refresh_from_db()
    far = make(kind=OrganisationKind.STATION, name="渡口派出所", parent=bureau, bureau=bureau)
    other_brigade = make(kind=OrganisationKind.BRIGADE, name="河东市消防救援大队")
    people = {
        "officer next door": person(Role.OFFICER, sibling, "孙邻"),
        NEXT_DOOR: person(Role.CHIEF, sibling, "钱邻"),
        "supervisor of the station next door": person(Role.SUPERVISOR, brigade, "周邻"),
        "officer of a police office": person(Role.OFFICER, office, "吴室"),
        "leader of another brigade": person(Role.BRIGADE_LEADER, other_brigade, "郑远"),
        "chief of another bureau": person(Role.CHIEF, far, "冯远"),
    }
    Guidance.objects.create(station=sibling, supervisor=people["supervisor of the station next door"])
    bureau_posts = [role for role in Role if ROLE_KINDS[role] == {OrganisationKind.BUREAU}]
    return people | {role.label: person(role, bureau, "陈远") for role in bureau_posts}


def _found(people: dict[str, User], named: list[Address], world: Ids) -> dict[tuple[str, str], int]:
    """What each of ``people`` is answered, and where, but for the 404s."""
    urls = {each.name: _url(each, world) for each in named}
    found = {}
    for who, user in people.items():
        client = Explaining()
        client.force_login(user)
        answers = {each.name: _status(client, urls[each.name]) for each in _opened_by(user, named)}
        found |= {(who, name): status for name, status in answers.items() if status != 404}
    return found


def test_to_the_chief_next_door_nothing_of_ours_is_there(
    named: list[Address], world: Ids, outsiders: dict[str, User]
) -> None:
    assert _found({NEXT_DOOR: outsiders[NEXT_DOOR]}, named, world) == {}
    opened = {who: len(_opened_by(user, named)) for who, user in outsiders.items()}
    assert opened[NEXT_DOOR] == max(opened.values())


@pytest.mark.slow
def test_what_belongs_to_another_is_as_absent_as_what_is_not_there(
    named: list[Address], world: Ids, outsiders: dict[str, User]
) -> None:
    found = _found({who: user for who, user in outsiders.items() if who != NEXT_DOOR}, named, world)
    # The score is the station's; the rows behind it are listed as far as each person sees them.
    own_score = {("officer of a police office", name): 200 for name in ("assessments:station", "assessments:records")}
    assert found == own_score
    assert {who for who, user in outsiders.items() if not _opened_by(user, named)} == set()


@pytest.mark.slow
def test_whoever_it_belongs_to_opens_every_one_of_them(
    named: list[Address], world: Ids, browse: Callable[[User], Client], officer: User, chief: User, supervisor: User,
    bureau_officer: User, system_admin: User, security_admin: User, audit_admin: User,
) -> None:  # fmt: skip
    people = (officer, chief, supervisor, bureau_officer, system_admin, security_admin, audit_admin)
    clients = [(user, browse(user)) for user in people]
    closed = [
        each.name
        for each in named
        if all(
            _status(client, _url(each, world)) == 404
            for user, client in clients
            if each.capability is not None and user.can(each.capability)
        )
    ]
    assert closed == []


def test_an_officer_of_a_police_office_sees_the_rows_of_his_office_and_no_others(
    world: Ids, office: Organisation, station: Organisation, person: Callable[..., User],
    make_unit: Callable[..., Unit], browse: Callable[[User], Client],
) -> None:  # fmt: skip
    clerk = person(Role.OFFICER, office, "吴室")
    scope = {"bureau_id": station.bureau_id, "station_id": station.pk, "office_id": office.pk}
    mine = make_unit("东街小吃店", address="东街1号", officer=clerk, **scope)
    client = browse(clerk)
    assert client.get(reverse("unit_page", args=[mine.pk])).status_code == 200
    seen = client.get(reverse("units:list")).context["page"].rows
    assert [row.pk for row in seen] == [mine.pk]
    for name in ("records:list", "hazards:list", "inspections:list", "inspections:complaints"):
        assert list(client.get(reverse(name)).context["page"].rows) == [], name
