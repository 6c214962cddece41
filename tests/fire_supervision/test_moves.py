"""Somebody is moved, or a station: with the session he has he acts on exactly the new set, from his next request on."""

# ruff: noqa: F811 - the stage and the table are fixtures

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.urls import reverse

from assessments.quarters import Quarter
from desk import volume_binding
from desk.volume import ask_case, ask_quarter, ask_unit
from fire_supervision.lib.errors import RuleError
from inspections.models import Inspection
from records.models import Bundle, BundleState, Document
from stations import actions
from stations.messages import send
from stations.models import Message, Organisation, User
from stations.permissions import ROLE_CAN, Role
from tests.desk.volumes import printed
from tests.fire_supervision.crawling import Walk
from tests.fire_supervision.marks import NEIGHBOUR, bears, plant, text_of
from tests.fire_supervision.matrix import Line
from tests.fire_supervision.stage import (  # noqa: F401 - fixtures
    Owner,
    Stage,
    _files_stay_in_the_test_and_passwords_are_cheap,
    _session,
    stage,
)
from tests.fire_supervision.test_absent import told
from tests.fire_supervision.test_access import Address
from tests.fire_supervision.test_markers import starts
from tests.fire_supervision.test_matrix import SHEETS, addresses, table  # noqa: F401 - fixtures
from tests.fire_supervision.world import TODAY
from tests.hazards.conftest import moment
from units.models import Unit

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db]
NOW = moment(TODAY, 9)
# 丙 stands in the rows of the station that is left.
LEFT = "暗号丙"
METHODS = ("GET", "POST")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def move(stage: Stage, role: Role, place: Owner) -> None:
    """Under his running session: `move_person` ends it, a second tab may have been under way."""
    User.objects.filter(pk=stage.people[role].pk).update(organisation=stage.places[place].station)


def opened(role: Role, addresses: list[Address], table: dict[str, Line], rows: str = "station") -> list[Address]:
    """The addresses of ``rows`` whose capability ``role`` has."""
    wanted = {name for name, line in table.items() if line.rows == rows and line.capability in ROLE_CAN[role]}
    return [each for each in addresses if each.name in wanted]


def newcomer(line: Line, method: str) -> int:
    """The answer to whoever came to the station after the visit: as to its chief, who was not there either."""
    status = line.answers[method].to(Role.CHIEF)
    return 302 if line.name in SHEETS and method == "GET" else status


# ---------- somebody is moved ----------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CHIEF, Role.ASSISTANT])
def test_whoever_was_moved_acts_in_the_new_station_and_no_more_in_the_old_one(
    role: Role, stage: Stage, addresses: list[Address], table: dict[str, Line]
) -> None:
    found, acts = [], 0
    with undone():
        move(stage, role, Owner.SIBLING)
        for address in opened(role, addresses, table):
            line = table[address.name]
            for method in (each for each in METHODS if each in line.takes):
                gone = told(stage.ask(role, method, stage.url(address, Owner.MISSING)))
                if told(stage.ask(role, method, stage.url(address, Owner.OWN))) != gone or gone[0] != 404:
                    found.append(f"{method} {address.name} of the old station: not as absent as what is not there")
                status = stage.ask(role, method, stage.url(address, Owner.SIBLING)).status_code
                expected = line.answers[method].to(role) if role == Role.ASSISTANT else newcomer(line, method)
                if status != expected:
                    found.append(f"{method} {address.name} of the new one: {status}, not {expected}")
                acts += method == "POST"
    assert not found, "\n".join(found)
    assert acts > (10 if role == Role.ASSISTANT else 50)


@pytest.mark.parametrize("role", [Role.CHIEF])
def test_no_list_search_choice_or_workbook_tells_him_of_the_station_he_left(role: Role, stage: Stage) -> None:
    with undone():
        # People keep their names, and he his keys and sessions.
        own = {"stations", "otp_totp"}
        rows = stage.rows[Owner.OWN].items()
        left = {model: keys for model, keys in rows if model is Message or model._meta.app_label not in own}
        assert len(plant(left, LEFT)) > 60
        move(stage, role, Owner.SIBLING)
        world = stage.worlds[Owner.OWN]
        numbers = (stage.places[Owner.OWN].station.pk, stage.places[Owner.OWN].partner.pk, world["rows"]["unit_page"])
        found, reached = [], 0
        for url, response in Walk(stage, role, starts(stage, role), numbers, most=250).answers():
            text = text_of(response)
            reached += bears(text, NEIGHBOUR)
            if bears(text, LEFT):
                found.append(url)
    assert found == []
    assert reached > 50


def _asked(stage: Stage, actor: User) -> list[Bundle]:
    world = stage.worlds[Owner.OWN]
    unit = Unit.objects.get(pk=world["rows"]["unit_page"])
    visit = Inspection.objects.get(pk=world["own"]["bind_case"]["pk"])
    return [
        ask_unit(unit, actor, NOW), ask_case(visit, actor, NOW),
        ask_quarter(stage.places[Owner.OWN].station, Quarter(2026, 3), actor, NOW),
    ]  # fmt: skip


@pytest.mark.parametrize("bound", ["before", "after"])
def test_what_he_had_bound_of_the_old_station_is_not_handed_to_him_after_the_move(stage: Stage, bound: str) -> None:
    role = Role.CHIEF
    with undone():
        for paper in Document.objects.filter(station=stage.places[Owner.OWN].station):
            printed(paper)
        actor = User.objects.get(pk=stage.people[role].pk)
        asked = [bundle.pk for bundle in _asked(stage, actor)]
        if bound == "after":
            move(stage, role, Owner.SIBLING)
        for pk in asked:
            volume_binding.bind(pk, NOW)
        move(stage, role, Owner.SIBLING)
        absent = [_files(stage, role, pk) for pk in asked]
        listed = [
            reverse("desk:bundle", args=[pk]) in text_of(stage.ask(role, "GET", reverse("bundles"))) for pk in asked
        ]
        move(stage, role, Owner.OWN)
        ready = [_files(stage, role, pk) for pk in asked if Bundle.objects.get(pk=pk).state == BundleState.READY]
    assert absent == [(404, 404, 404)] * 3
    assert listed == [False] * 3
    # Bound after the move, they have come to nothing: the job reaches no further than whoever asked.
    assert ready == ([(302, 200, 302)] * 3 if bound == "before" else [])


def _files(stage: Stage, role: str, pk: int) -> tuple[int, ...]:
    """What is answered about a bundle: its row, its file, asking for it again."""
    asked = (("GET", "bundle"), ("GET", "download"), ("POST", "again"))
    return tuple(stage.ask(role, method, reverse(f"desk:{name}", args=[pk])).status_code for method, name in asked)


def _moved(stage: Stage) -> None:
    move(stage, Role.OFFICER, Owner.SIBLING)


def _other_post(stage: Stage, role: Role, other: Role) -> None:
    User.objects.filter(pk=stage.people[role].pk).update(role=other)


def _given_away(stage: Stage) -> None:
    far = Organisation.objects.get(pk=stage.places[Owner.OTHER].station.bureau_id)
    actions.move_station(stage.people[Role.SYSTEM_ADMIN], stage.places[Owner.OWN].station.pk, far, "行政区划调整")


def _guided_by_another(stage: Stage) -> None:
    station, other = stage.places[Owner.OWN].station, stage.places[Owner.SIBLING].supervisor
    actions.set_guidance(stage.people[Role.SECURITY_ADMIN], station, other, None)


def _under_another_brigade(stage: Stage) -> None:
    far = Organisation.objects.get(pk=stage.places[Owner.OTHER].station.brigade_id)
    station = stage.places[Owner.OWN].station
    actions.edit_organisation(stage.people[Role.SYSTEM_ADMIN], station.pk, {"brigade": far})


@pytest.mark.parametrize(
    ("act", "roles"),
    [
        (_moved, [Role.OFFICER]),
        (lambda stage: _other_post(stage, Role.BRIGADE_LEADER, Role.SUPERVISOR), [Role.BRIGADE_LEADER]),
        (lambda stage: _other_post(stage, Role.OFFICER, Role.SYSTEM_ADMIN), [Role.OFFICER]),
        (_given_away, [Role.BUREAU_OFFICER, Role.BUREAU_LEADER]),
        (_guided_by_another, [Role.SUPERVISOR]),
        (_under_another_brigade, [Role.SUPERVISOR, Role.BRIGADE_LEADER]),
    ],
)
def test_the_inbox_tells_of_the_station_whoever_reaches_it_and_nobody_else(
    act: Callable[[Stage], None], roles: list[Role], stage: Stage
) -> None:
    page = reverse("stations:messages")
    with undone():
        told = [Role.OFFICER, Role.CHIEF, Role.SUPERVISOR, Role.BRIGADE_LEADER, Role.BUREAU_OFFICER, Role.BUREAU_LEADER]
        for role in told:
            assert send(stage.people[role], about=stage.places[Owner.OWN].station, key="x", title=LEFT)
        before = [role for role in told if bears(text_of(stage.ask(role, "GET", page)), LEFT)]
        act(stage)
        after = [role for role in told if bears(text_of(stage.ask(role, "GET", page)), LEFT)]
    assert before == told
    assert after == [role for role in told if role not in roles]


# ---------- a station is moved ----------


@contextmanager
def gone_over(stage: Stage) -> Iterator[None]:
    """Inside, the station of everybody here belongs to the bureau of the far one."""
    with undone():
        _given_away(stage)
        yield


def wrong(
    stage: Stage, who: str, asked: Iterable[Address], table: dict[str, Line], role: Role, owner: Owner
) -> list[str]:
    """Where ``who`` is answered about our station's rows otherwise than ``role`` would be about ``owner``'s."""
    found = []
    for address in asked:
        line = table[address.name]
        for method in (each for each in METHODS if each in line.takes):
            expected = line.status(role, method, owner)
            status = stage.ask(who, method, stage.url(address, Owner.OWN)).status_code
            if status != expected:
                found.append(f"{method} {address.name} {who}: {status}, not {expected}")
    return found


@pytest.mark.parametrize("role", [Role.BUREAU_OFFICER, Role.BUREAU_LEADER])
def test_the_bureau_a_station_has_left_sees_and_does_nothing_of_it_any_more(
    role: Role, stage: Stage, addresses: list[Address], table: dict[str, Line]
) -> None:
    with gone_over(stage):
        found = wrong(stage, role, opened(role, addresses, table), table, role, Owner.OTHER)
    assert not found, "\n".join(found)


def test_the_bureau_it_came_to_sees_and_does_what_its_own_officers_may(
    stage: Stage, addresses: list[Address], table: dict[str, Line]
) -> None:
    role = Role.BUREAU_OFFICER
    stage.cookies["far"] = _session(stage.places[Owner.OTHER].bureau_officer)
    assert wrong(stage, "far", opened(role, addresses, table), table, role, Owner.OTHER) == []
    with gone_over(stage):
        found = wrong(stage, "far", opened(role, addresses, table), table, role, Owner.OWN)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", [Role.CHIEF, Role.BRIGADE_LEADER])
def test_its_own_people_and_its_brigade_go_on_as_before(
    role: Role, stage: Stage, addresses: list[Address], table: dict[str, Line]
) -> None:
    with gone_over(stage):
        found = wrong(stage, role, opened(role, addresses, table), table, role, Owner.OWN)
    assert not found, "\n".join(found)


def test_its_accounts_are_the_business_of_the_administrators_it_came_to(
    stage: Stage, addresses: list[Address], table: dict[str, Line]
) -> None:
    with gone_over(stage):
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
            # Patterns of numbers, alarms and the trail are the bureau's, which has not moved.
            kept = [
                each for each in opened(role, addresses, table, "bureau")
                if not each.name.startswith(("records:pattern", "records:official", "trail:"))
            ]  # fmt: skip
            assert len(kept) >= 3
            assert wrong(stage, role, kept, table, role, Owner.OTHER) == []


def test_a_refusal_of_the_rules_is_no_way_round(stage: Stage) -> None:
    """What is asked of a row before the move is done after it only as far as the new place allows."""
    with gone_over(stage), pytest.raises(RuleError, match="没有签发过文书"):
        ask_quarter(stage.places[Owner.OWN].station, Quarter(2026, 3), stage.people[Role.BUREAU_OFFICER], NOW)
