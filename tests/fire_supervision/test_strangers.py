"""Every address that names a row × everybody it does not belong to: the same 404 as for a row that is not there."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from stations.models import Guidance, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.rules import ROLE_KINDS
from tests.conftest import Explaining
from tests.fire_supervision.test_access import Address, addresses_of
from tests.fire_supervision.world import EVERYBODYS, TODAY, Ids, Place, lay_out
from tests.fire_supervision.world import by_prefix as _by_prefix  # noqa: F401 - for the tests of the wall
from tests.fire_supervision.world import url_of as _url
from tests.hazards.conftest import moment
from units.models import Unit

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
    unit: Unit, officer: User, partner: User, chief: User, supervisor: User, bureau_officer: User, audit_admin: User,
    station: Organisation,
) -> Ids:  # fmt: skip
    """One row of every kind in our station, and the values by which each address names it."""
    Unit.objects.filter(pk=unit.pk).update(township="城关街道办事处")
    unit.refresh_from_db()
    return lay_out(Place(station, officer, partner, chief, supervisor, bureau_officer, audit_admin), unit)


@pytest.fixture
def named() -> list[Address]:
    """The addresses that name a row of somebody's."""
    found = addresses_of(get_resolver())
    return [each for each in found if each.values and each.name not in EVERYBODYS and each.capability is not None]


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


@pytest.mark.slow
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
