"""A station is put under another bureau: everything of it goes along, and whoever looks next sees the new set."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from fire_supervision.lib.errors import RuleError
from records.models import Document, DocumentCounter
from stations.actions import move_station
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.reparenting import placed_models
from tests.records.issuing import issue, lay_out
from trail.models import AuditEntry
from units.models import Unit

WHY = "江公发〔2026〕8号"


@pytest.fixture
def east(bureau: Organisation) -> Organisation:
    """A branch below the bureau, so that its administrator keeps both."""
    east = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局河东分局", parent=bureau)
    Organisation.objects.filter(pk=east.pk).update(bureau=east)
    east.refresh_from_db()
    return east


@pytest.fixture
def east_leader(person: Callable[..., User], east: Organisation) -> User:
    return person(Role.BUREAU_LEADER, east, "何东")


def test_every_row_of_the_station_goes_along_and_no_other(
    unit: Unit, make_unit: Callable[..., Unit], sibling: Organisation, east: Organisation, system_admin: User
) -> None:
    office = Organisation.objects.create(
        kind=OrganisationKind.OFFICE, name="东街警务室", parent=unit.station, bureau=unit.bureau
    )
    elsewhere = make_unit("北关小吃", station=sibling)
    moved = move_station(system_admin, unit.station_id, east, WHY)
    assert (moved.bureau, moved.parent) == (east, east)
    for row, bureau in ((unit, east), (elsewhere, sibling.bureau), (office, east)):
        row.refresh_from_db()
        assert row.bureau == bureau
    assert unit.station_id == moved.pk


def test_no_table_keeps_a_row_under_the_old_bureau(unit: Unit, east: Organisation, system_admin: User) -> None:
    station = unit.station
    before = {model._meta.label: model._base_manager.filter(station=station).count() for model in placed_models()}
    move_station(system_admin, station.pk, east, WHY)
    kept = {model._meta.label: model._base_manager.filter(station=station, bureau=east).count()
            for model in placed_models()}  # fmt: skip
    assert kept == before
    assert kept["units.Unit"] == 1


def test_both_bureaus_read_of_it_in_the_trail(station: Organisation, east: Organisation, system_admin: User) -> None:
    old = station.bureau_id
    move_station(system_admin, station.pk, east, WHY)
    entries = AuditEntry.objects.order_by("pk").values_list("action", "bureau_id", "reason")
    assert list(entries) == [("stations.move_station", east.pk, WHY), ("stations.give_away_station", old, WHY)]


def test_entries_written_before_stay_where_they_were(
    station: Organisation, east: Organisation, system_admin: User, bureau: Organisation
) -> None:
    entry = AuditEntry.objects.create(action="units.edit", actor_name="", bureau_id=bureau.pk, station_id=station.pk,
                                      subject_type="", summary="")  # fmt: skip
    move_station(system_admin, station.pk, east, WHY)
    assert AuditEntry.objects.get(pk=entry.pk).bureau_id == bureau.pk


def test_whoever_looks_next_sees_the_new_set(
    unit: Unit, bureau_officer: User, leader: User, east_leader: User, officer: User, east: Organisation,
    system_admin: User, person: Callable[..., User], browse: Callable[[User], Client],
) -> None:  # fmt: skip
    west = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局河西分局")
    Organisation.objects.filter(pk=west.pk).update(bureau=west)
    move_station(system_admin, unit.station_id, Organisation.objects.get(pk=west.pk), WHY)
    page = reverse("unit_page", args=[unit.pk])
    seen = {who.name: browse(who).get(page).status_code for who in (officer, leader, east_leader)}
    assert seen == {officer.name: 200, leader.name: 404, east_leader.name: 404}
    move_station(system_admin, unit.station_id, east, WHY)
    # The upper bureau sees what is below it.
    seen = {who.name: browse(who).get(page).status_code for who in (officer, leader, east_leader)}
    assert seen == {officer.name: 200, leader.name: 200, east_leader.name: 200}


def test_a_moved_officer_sees_the_new_set_with_his_next_request(
    unit: Unit, make_unit: Callable[..., Unit], officer: User, sibling: Organisation, browse: Callable[[User], Client]
) -> None:
    theirs = make_unit("北关小吃", station=sibling)
    client = browse(officer)
    pages = [reverse("unit_page", args=[each.pk]) for each in (unit, theirs)]
    assert [client.get(page).status_code for page in pages] == [200, 404]
    User.objects.filter(pk=officer.pk).update(organisation=sibling)
    assert [client.get(page).status_code for page in pages] == [404, 200]


@pytest.mark.parametrize("wrong", ["same", "office", "brigade", "closed", "reason", "short_name", "name"])
def test_a_station_goes_only_where_it_can(
    wrong: str, station: Organisation, brigade: Organisation, east: Organisation, system_admin: User
) -> None:
    words = {
        "same": "城关派出所已经属于江城市公安局，没有改动",
        "office": "只有派出所能划归另一个公安机关",
        "brigade": "江城市消防救援大队不能接收派出所",
        "closed": "江城市公安局河东分局不能接收派出所",
        "reason": "划归须写明依据",
        "short_name": "江城市公安局河东分局已有简称“城关”的派出所，文书号会重号",
        "name": "江城市公安局河东分局已有同名的机构，或者文书号相同的文书",
    }
    target, pk, why = east, station.pk, WHY
    match wrong:
        case "same":
            assert station.bureau is not None
            target = station.bureau
        case "office":
            pk = brigade.pk
        case "brigade":
            target = brigade
        case "closed":
            east.is_active = False
        case "reason":
            why = " "
        case _:
            short, name = ("城关", "河东派出所") if wrong == "short_name" else ("河东", station.name)
            Organisation.objects.create(kind="STATION", name=name, short_name=short, parent=east, bureau=east)
    with pytest.raises(RuleError) as refused:
        move_station(system_admin, pk, target, why)
    assert refused.value.message == words[wrong]
    station.refresh_from_db()
    assert station.bureau != east
    assert not AuditEntry.objects.exists()


def test_the_page_asks_for_the_name_once_more(
    station: Organisation, east: Organisation, system_admin: User, browse: Callable[[User], Client]
) -> None:
    client, page = browse(system_admin), reverse("stations:station_move", args=[station.pk])
    asked = {"bureau": east.pk, "reason": WHY, "name": "城关所"}
    wrong = client.post(page, asked)
    assert wrong.context["form"].errors == {"name": ["名称不一致，应为“城关派出所”"]}
    assert wrong.context["form"]["reason"].value() == WHY
    right = client.post(page, asked | {"name": "城关派出所"})
    assert right.url == reverse("stations:organisation", args=[station.pk])
    station.refresh_from_db()
    assert station.bureau == east


def test_where_there_is_no_other_bureau_the_page_says_so_and_asks_nothing(
    station: Organisation, system_admin: User, browse: Callable[[User], Client], request: pytest.FixtureRequest
) -> None:
    page = reverse("stations:station_move", args=[station.pk])
    alone = browse(system_admin).get(page).content.decode()
    assert ("没有可以划归的公安机关" in alone, 'name="bureau"' in alone) == (True, False)
    request.getfixturevalue("east")
    both = browse(system_admin).get(page).content.decode()
    assert ("没有可以划归的公安机关" in both, 'name="bureau"' in both) == (False, True)


def test_numbers_go_on_and_papers_keep_theirs(db: None, system_admin: User, east: Organisation) -> None:
    place = lay_out()
    paper = issue(place)
    move_station(system_admin, paper.station_id, east, WHY)
    assert Document.objects.get(pk=paper.pk).number == paper.number
    assert Document.objects.get(pk=paper.pk).bureau == east
    assert DocumentCounter.objects.get(station=paper.station_id).last == paper.sequence
