"""The second wall on a real PostgreSQL: what the web's role sees, writes and may not touch."""

# ruff: noqa: F811 - fixtures are imported from where the rows of every room are laid out

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Assessment, Scheme
from fire_supervision.checks import the_wall_stands
from fire_supervision.lib.errors import RuleError
from fire_supervision.wall.policies import APP, SWEEPS, walled
from fire_supervision.wall.raising import exemptions, faults, raise_wall, unwalled
from fire_supervision.wall.tables import TABLES, Chain, Trail
from hazards.models import Dispatch
from records.models import Document
from stations import actions
from stations.messages import send, send_many
from stations.models import Guidance, Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.reparenting import placed_models
from stations.rules import ROLE_KINDS
from stations.scope import ScopedQuerySet
from stations.wall import Door, reach_of, reach_of_anybody, row_exists, through
from tests.fire_supervision.test_access import Address
from tests.fire_supervision.test_strangers import (  # noqa: F401 - fixtures
    Ids,
    _on_a_friday,
    _opened_by,
    _status,
    _url,
    named,
    office,
    outsiders,
    world,
)  # fmt: skip
from tests.hazards.conftest import conclude, find, open_visit, serve  # noqa: F401 - fixtures
from tests.units.conftest import book  # noqa: F401 - a fixture
from tests.wall import as_app, behind_the_wall
from trail.models import AuditEntry, Checkpoint, Seal
from trail.record import record
from units.models import Category, Unit

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def rows_of(model: type[models.Model]) -> set[int]:
    return set(model._base_manager.values_list("pk", flat=True))


def model_of(label: str) -> type[models.Model]:
    return apps.get_model(label)


# ---------- what is seen ----------


def test_what_nobody_told_is_not_seen(world: Ids) -> None:
    full = {each.label for each in walled() if each.has_policies and rows_of(model_of(each.label))}
    with as_app():
        seen = {label for label in full if rows_of(model_of(label))}
    assert len(full) > 25
    assert seen == set()


def test_who_has_not_signed_in_sees_nothing_and_with_a_token_one_row(world: Ids) -> None:
    paper, sent = Document.objects.latest("pk"), Dispatch.objects.get()
    with as_app(), reach_of_anybody():
        assert (rows_of(Document), rows_of(Dispatch), rows_of(Unit)) == (set(), set(), set())
    with as_app(), reach_of_anybody(paper.token):
        assert (rows_of(Document), rows_of(Dispatch), rows_of(Unit)) == ({paper.pk}, set(), set())
    with as_app(), reach_of_anybody(sent.token):
        assert (rows_of(Document), rows_of(Dispatch), rows_of(Unit)) == (set(), {sent.pk}, set())


def test_every_scoped_table_shows_each_person_what_his_scope_says(
    world: Ids, outsiders: dict[str, User], officer: User, supervisor: User, brigade_leader: User, leader: User
) -> None:
    """`Scope.as_q`, `Scope.covers` and the policy are one and the same; results a bureau published come on top."""
    published = {"assessments.Assessment", "assessments.Bulletin", "records.Document"}
    for person in (*outsiders.values(), officer, supervisor, brigade_leader, leader):
        scope = User.objects.get(pk=person.pk).scope()
        for model in placed_models():
            if model._meta.label in {"units.ImportBatch", *published}:
                continue
            wanted = {row.pk for row in model._base_manager.all() if scope.covers(row)}
            assert set(model._base_manager.filter(scope.as_q()).values_list("pk", flat=True)) == wanted
            with as_app(), reach_of(person):
                assert rows_of(model) == wanted, (person.name, model._meta.label)


@st.composite
def trees(draw: st.DrawFn) -> list[tuple[int | None, list[int]]]:
    """Bureaus, each with the number of one above it or None and, for each of its stations, how many police offices."""
    count = draw(st.integers(1, 4))
    above = [None if n == 0 else draw(st.one_of(st.none(), st.integers(0, n - 1))) for n in range(count)]
    return [(up, draw(st.lists(st.integers(0, 2), min_size=1, max_size=3))) for up in above]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees(), role=st.sampled_from(list(Role)), home=st.integers(0, 100), guided=st.integers(0, 2**12 - 1))
def test_in_any_tree_the_wall_shows_what_the_scope_covers(
    tree: list[tuple[int | None, list[int]]], role: Role, home: int, guided: int, db: None
) -> None:
    with transaction.atomic():
        places = _planted(tree)
        units = [_unit(place) for place in places if place.kind != OrganisationKind.BUREAU]
        person = _person(role, home, places, guided)
        wanted = {unit.pk for unit in units if person.scope().covers(unit)}
        assert set(Unit.objects.for_user(person).values_list("pk", flat=True)) == wanted
        with as_app(), reach_of(person):
            assert rows_of(Unit) == wanted
        transaction.set_rollback(True)


def _planted(tree: list[tuple[int | None, list[int]]]) -> list[Organisation]:
    make, found, bureaus = Organisation.objects.create, [], []
    for number, (up, stations) in enumerate(tree):
        bureau = make(kind="BUREAU", name=f"{number}局", parent=None if up is None else bureaus[up])
        bureau.bureau = bureau
        bureau.save(update_fields=["bureau"])
        bureaus.append(bureau)
        for place, offices in enumerate(stations):
            station = make(kind="STATION", name=f"{number}-{place}所", parent=bureau, bureau=bureau)
            found.append(station)
            found += [
                make(kind="OFFICE", name=f"{number}-{place}-{n}室", parent=station, bureau=bureau)
                for n in range(offices)
            ]
    return bureaus + found


def _unit(place: Organisation) -> Unit:
    category = Category.objects.get(code="SHOP")
    return Unit.objects.create(
        **place.scope_columns(), kind="PREMISES", category=category, name=place.name, name_key=place.name, address="一",
        address_key="一",
    )  # fmt: skip


def _person(role: Role, home: int, places: list[Organisation], guided: int) -> User:
    brigade = Organisation.objects.create(kind="BRIGADE", name="大队")
    stations = [place for place in places if place.kind == OrganisationKind.STATION]
    chosen = [station for number, station in enumerate(stations) if guided >> number & 1]
    Organisation.objects.filter(pk__in=[each.pk for each in chosen]).update(brigade=brigade)
    fitting = [place for place in [*places, brigade] if place.kind in ROLE_KINDS[role]]
    organisation = fitting[home % len(fitting)] if fitting else brigade
    person = User.objects.create_user("900900", None, name="某人", role=role, organisation=organisation)
    if role == Role.SUPERVISOR:
        Guidance.objects.bulk_create(Guidance(station=station, supervisor=person) for station in chosen)
    return User.objects.select_related("organisation__parent").get(pk=person.pk)


# ---------- the pages ----------


def test_with_the_filter_broken_on_purpose_the_wall_gives_nothing_of_another(
    named: list[Address], world: Ids, outsiders: dict[str, User], browse: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, user: self.all())
    monkeypatch.setattr("units.models.batch.ImportBatchQuerySet.for_user", lambda self, user: self.all())
    urls = {each.name: _url(each, world) for each in named}
    clients = {who: browse(user) for who, user in outsiders.items()}

    def opened() -> set[tuple[str, str]]:
        return {
            (who, each.name)
            for who, user in outsiders.items()
            for each in _opened_by(user, named)
            if _status(clients[who], urls[each.name]) != 404
        }

    unfiltered = opened()
    behind_the_wall(monkeypatch)
    score = {("officer of a police office", name) for name in ("assessments:station", "assessments:records")}
    assert len(unfiltered) > 200
    assert opened() == score


def test_a_moved_officer_sees_the_new_set_with_his_next_request(
    unit: Unit, make_unit: Callable[..., Unit], officer: User, sibling: Organisation, system_admin: User,
    browse: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    behind_the_wall(monkeypatch)
    pages = [reverse("unit_page", args=[row.pk]) for row in (unit, make_unit("北关小吃", station=sibling))]
    client = browse(officer)
    assert [client.get(page).status_code for page in pages] == [200, 404]
    User.objects.filter(pk=officer.pk).update(organisation=sibling)
    assert [client.get(page).status_code for page in pages] == [404, 200]


def test_a_system_administrator_moves_a_station_of_which_he_sees_no_row(
    unit: Unit, system_admin: User, leader: User, browse: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    behind_the_wall(monkeypatch)
    east = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东分局", parent=system_admin.organisation)
    Organisation.objects.filter(pk=east.pk).update(bureau=east)
    page = reverse("stations:station_move", args=[unit.station_id])
    answer = browse(system_admin).post(page, {"bureau": east.pk, "reason": "批文", "name": unit.station.name})
    assert answer.status_code == 302
    unit.refresh_from_db()
    assert unit.bureau_id == east.pk
    with as_app(), reach_of(system_admin):
        assert rows_of(Unit) == set()


# ---------- one transaction a request ----------


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renaming an organisation, and then a rule that says no."""
    rename = actions.edit_organisation

    def and_refuse(*args: Any) -> None:
        rename(*args)
        raise RuleError("不能这样改")

    monkeypatch.setattr("stations.views.organisations.actions.edit_organisation", and_refuse)


def test_a_refusal_takes_back_what_the_request_wrote_before_it(
    station: Organisation, system_admin: User, browse: Callable[[User], Client], failing: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    behind_the_wall(monkeypatch)
    form = {"name": "城南派出所", "short_name": "城南", "issuer_name": "", "code_word": "江公"}
    answer = browse(system_admin).post(reverse("stations:organisation_edit", args=[station.pk]), form)
    assert (answer.status_code, "不能这样改" in answer.content.decode()) == (409, True)
    station.refresh_from_db()
    assert station.name == "城关派出所"
    assert not AuditEntry.objects.filter(action="stations.edit_organisation").exists()


def test_a_failed_sign_in_is_kept(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    behind_the_wall(monkeypatch)
    answer = Client().post(reverse("stations:login"), {"number": officer.number, "password": "wrong"})
    assert answer.status_code == 200
    assert AuditEntry.objects.filter(action="stations.sign_in_failed").count() == 1


def test_what_is_sent_after_the_commit_is_sent_once_the_request_is_over(
    unit: Unit, officer: User, browse: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch,
    sent: list[tuple[str, tuple[int, ...]]], django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    behind_the_wall(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        answer = browse(officer).post(reverse("bind_unit", args=[unit.pk]))
    assert answer.status_code == 302
    assert [job for job, _ in sent] == ["desk.bind"]


# ---------- doors ----------


def test_a_door_opens_one_place_and_closes_behind_him(
    unit: Unit, make_unit: Callable[..., Unit], sibling: Organisation, stranger: User
) -> None:
    theirs = make_unit("北关小吃", station=sibling)
    with as_app(), reach_of(stranger):
        assert rows_of(Unit) == {theirs.pk}
        with through(Door.RANKING, unit.bureau_id):
            assert rows_of(Unit) == {unit.pk, theirs.pk}
        assert rows_of(Unit) == {theirs.pk}


def test_a_message_goes_into_another_inbox_and_is_read_by_its_owner_alone(officer: User, stranger: User) -> None:
    with as_app(), reach_of(stranger):
        assert send(officer, about=None, key="a", title="一") is True
        assert send(officer, about=None, key="a", title="一") is False
        send_many([Message(user=officer, key="a", title="一"), Message(user=officer, key="b", title="二")])
        assert rows_of(Message) == set()
    with as_app(), reach_of(officer):
        assert Message.objects.count() == 2
    with as_app():
        assert User.objects.with_unread().get(pk=officer.pk).unread == 2


def test_the_trail_tells_a_row_of_another_from_none_at_all(unit: Unit) -> None:
    with as_app():
        assert (row_exists(Unit, unit.pk), row_exists(Unit, unit.pk + 99)) == (True, False)
        assert row_exists(Checkpoint, 1) is False


# ---------- the trail ----------


@pytest.mark.parametrize("role", [APP, SWEEPS])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("label", [label for label, table in TABLES.items() if isinstance(table.rule, (Trail, Chain))])
def test_neither_role_changes_or_removes_what_the_trail_holds(role: str, verb: str, label: str, officer: User) -> None:
    meta = model_of(label)._meta
    statement = verb.format(meta.db_table, meta.pk.column, meta.pk.column)
    with as_app(role), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_whoever_acts_writes_the_trail_and_reads_in_it_what_is_his(
    officer: User, stranger: User, unit: Unit, audit_admin: User
) -> None:
    with as_app(), reach_of(officer), transaction.atomic():
        entry = record(officer, "units.edit", unit, "修改")
    seen = {}
    for person in (officer, stranger, audit_admin):
        with as_app(), reach_of(person):
            seen[person.name] = rows_of(AuditEntry)
    assert seen == {officer.name: {entry.pk}, stranger.name: set(), audit_admin.name: {entry.pk}}


def test_what_belongs_to_no_bureau_is_read_by_auditors_with_none_above_them(
    audit_admin: User, bureau: Organisation, person: Callable[..., User]
) -> None:
    below = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="城东分局", parent=bureau)
    below.bureau = below
    below.save(update_fields=["bureau"])
    auditor = person(Role.AUDIT_ADMIN, below, "卫审计")
    with transaction.atomic():
        entries = [record(None, "stations.sweep", row, "清理") for row in (None, below)]
    seen = {}
    for reader in (audit_admin, auditor):
        with as_app(), reach_of(reader):
            seen[reader.name] = rows_of(AuditEntry)
    assert seen == {audit_admin.name: {entry.pk for entry in entries}, auditor.name: {entries[1].pk}}


def test_the_web_appends_no_seal(db: None) -> None:
    with as_app(), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Seal.objects.create(sequence=1, entry_id=1, entry_hash="0" * 64, hash="0" * 64)


# ---------- raising, checking ----------


def test_raised_again_it_stands_as_before_and_what_is_missing_is_named(db: None) -> None:
    raise_wall()
    assert faults() == []
    connection.cursor().execute("DROP POLICY wall_app ON units_unit")
    connection.cursor().execute("GRANT DELETE ON hazards_order TO fire_app")
    connection.cursor().execute("DROP TRIGGER wall_place ON hazards_hazard")
    assert faults() == [
        "grant hazards_order fire_app", "policy units_unit wall_app", "trigger hazards_hazard wall_place",
    ]  # fmt: skip
    assert unwalled() == ["hazards_hazard", "units_unit"]
    with pytest.raises(CommandError, match="policy units_unit wall_app"):
        call_command("raise_wall", check=True)
    call_command("raise_wall")
    call_command("raise_wall", check=True)


def test_the_deploy_check_refuses_an_owner_and_a_table_without_its_wall(db: None) -> None:
    assert [error.id for error in the_wall_stands(None, ["default"])] == ["fire_supervision.E010"] * 3
    with as_app():
        assert exemptions() == []
        assert the_wall_stands(None, ["default"]) == []
    connection.cursor().execute("ALTER TABLE units_unit NO FORCE ROW LEVEL SECURITY")
    with as_app():
        (error,) = the_wall_stands(None, ["default"])
    assert (error.id, error.msg) == ("fire_supervision.E011", "Row-level security is not whole on units_unit.")


def test_a_role_gets_its_password_hashed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setenv("FIRE_APP_PASSWORD", "ein langes Wort")
    monkeypatch.delenv("FIRE_SWEEPS_PASSWORD", raising=False)
    monkeypatch.setattr("django.core.management.base.OutputWrapper.write", lambda self, line="": said.append(line))
    with CaptureQueriesContext(connection) as asked:
        call_command("raise_wall", make_roles=True)
    assert said == ["password of fire_app set"]
    assert not [query["sql"] for query in asked if "ein langes Wort" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [APP])
        assert cursor.fetchone()[0].startswith("SCRAM-SHA-256$")


def test_the_sweeps_see_every_station(unit: Unit, make_unit: Callable[..., Unit], sibling: Organisation) -> None:
    theirs = make_unit("北关小吃", station=sibling)
    with as_app(SWEEPS):
        assert rows_of(Unit) == {unit.pk, theirs.pk}


def test_the_list_of_units_is_still_found_by_its_index(unit: Unit, officer: User) -> None:
    with as_app(), reach_of(officer), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT * FROM units_unit WHERE station_id = {officer.station_id}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"(station_id = {officer.station_id})" in plan
    assert ("Index Cond" in plan, "InitPlan" in plan, "SubPlan" in plan) == (True, True, False)


def test_a_bureau_learns_that_a_station_has_its_place_elsewhere_and_no_more(unit: Unit, leader: User) -> None:
    other = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局河东分局")
    placed = Assessment.objects.create(
        bureau=other, station=unit.station, scheme=Scheme.objects.get(), year=2026, quarter=1,
        published_at=datetime(2026, 4, 2, 9, tzinfo=UTC), published_by=leader,
    )  # fmt: skip
    with as_app(), reach_of(leader):
        assert rows_of(Assessment) == set()
        with through(Door.PLACED, unit.station_id):
            assert rows_of(Assessment) == {placed.pk}
        assert rows_of(Assessment) == set()
