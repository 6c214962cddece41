"""Every address × method × person × owner of the row: the answer that `matrix.txt` says.

The slow suite walks all of it on SQLite; on PostgreSQL `tests/services/test_wall_answers.py` does, with row-level
security and without, and holds each answer to the same table.
"""

# ruff: noqa: F811 - the stage is a fixture

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.urls import get_resolver

from stations.models import User
from stations.permissions import ROLE_CAN, Can, Role
from tests.fire_supervision.matrix import EVERYBODY, OTHERS, OUTSIDE, REACH, Line, line_to_add, lines
from tests.fire_supervision.stage import (  # noqa: F401 - fixtures
    Owner,
    Stage,
    _files_stay_in_the_test_and_passwords_are_cheap,
    stage,
)
from tests.fire_supervision.test_access import Address, addresses_of
from tests.fire_supervision.world import EVERYBODYS

# The fast sample takes every so many cases; a prime, so that it falls on every method, person and owner.
THINNED = 197
# Filled in by who made the visit; who came to the station later is led to read it.
SHEETS = {"inspections:fill", "inspections:people"}


@dataclass(frozen=True)
class Case:
    address: Address
    who: str
    method: str
    owner: Owner


def owners(address: Address) -> Iterable[Owner]:
    """Whose rows the address can name."""
    if not address.values:
        return (Owner.OWN,)
    return (Owner.OWN, Owner.MISSING) if address.name in EVERYBODYS else Owner


def cases(addresses: list[Address], people: Iterable[str]) -> Iterator[Case]:
    """GET and POST of everybody's rows; HEAD and what is never taken of one's own."""
    for who in people:
        for address in addresses:
            yield from (Case(address, who, method, owner) for owner in owners(address) for method in ("GET", "POST"))
            yield from (Case(address, who, method, Owner.OWN) for method in ("HEAD", *OTHERS))


@pytest.fixture(scope="module")
def table() -> dict[str, Line]:
    return lines()


@pytest.fixture(scope="module")
def addresses() -> list[Address]:
    # The page of our own parts is there under DEBUG alone.
    return [each for each in addresses_of(get_resolver()) if each.name != "styleguide"]


def test_every_address_has_its_line_and_every_line_an_address(table: dict[str, Line], addresses: list[Address]) -> None:
    missing = [line_to_add(each) for each in addresses if each.name not in table]
    assert not missing, "add to tests/fire_supervision/matrix.txt, looked at and corrected:\n" + "\n".join(missing)
    assert set(table) - {each.name for each in addresses} == set()
    said = {name: line.capability for name, line in table.items()}
    assert said == {each.name: each.capability for each in addresses}
    assert {line.rows for line in table.values()} == set(REACH)


# What is open to whoever only looks: the trail tells of each number seen and each volume asked for.
LOOKS = {"bind_unit", "bind_case", "desk:again", "units:phone"}
ACTS = {
    Role.BUREAU_LEADER: (LOOKS, {Can.EXPORT}),
    # The ledger, but not whether a unit is in it, and no paper of the station; the brigade's own decision on what was
    # filed, and nothing of a unit.
    Role.ASSISTANT: ({"units:phone"}, {Can.EDIT_UNITS}),
    Role.SUPERVISOR: (
        LOOKS | {"filings:pass", "filings:return", "filings:acknowledge"}, {Can.EXPORT, Can.REVIEW_FILINGS},
    ),
}  # fmt: skip


@pytest.mark.parametrize("role", list(ACTS))
def test_a_leader_signs_nothing_an_assistant_keeps_the_ledger_and_a_supervisor_reviews(
    role: Role, table: dict[str, Line]
) -> None:
    looking = {Can.OWN_ACCOUNT, Can.SEARCH, Can.CATALOGUE, *(can for can in Can if can.startswith("VIEW_"))}
    open_to = [line for line in table.values() if line.capability in ROLE_CAN[role] - {Can.OWN_ACCOUNT}]
    buttons = {line.name for line in open_to if line.takes == {"POST"} and line.answers["POST"].to(role) != 403}
    assert (buttons, {line.capability for line in open_to} - looking) == ACTS[role]


def test_there_are_ten_thousand_cases_and_nobody_is_left_out(addresses: list[Address]) -> None:
    every = list(cases(addresses, EVERYBODY))
    assert len(every) == len(set(every)) > 20_000
    assert {(case.who, case.method, case.owner) for case in every} >= {
        (who, method, owner) for who in EVERYBODY for method in ("GET", "POST") for owner in Owner
    }
    thinned = every[::THINNED]
    assert len(thinned) > 120
    assert {case.who for case in thinned} == set(EVERYBODY)
    assert {case.owner for case in thinned} == set(Owner)


def wrong(stage: Stage, table: dict[str, Line], tried: Iterable[Case]) -> list[str]:
    """The cases that are answered otherwise than the table says."""
    found = []
    for case in tried:
        expected = table[case.address.name].status(case.who, case.method, case.owner)
        response = stage.ask(case.who, case.method, stage.url(case.address, case.owner))
        led = response.get("Location", "").startswith("/login/?next=")
        if response.status_code != expected or led != _is_led_to_sign_in(table[case.address.name], case):
            found.append(f"{case.address.name} {case.method} {case.who} {case.owner}: "
                         f"{response.status_code}, not {expected}")  # fmt: skip
    return found


def _is_led_to_sign_in(line: Line, case: Case) -> bool:
    return line.capability is not None and case.who in OUTSIDE and case.method not in OTHERS


@pytest.mark.slow
@pytest.mark.django_db
def test_a_sample_of_the_matrix_is_answered_as_the_table_says(
    stage: Stage, table: dict[str, Line], addresses: list[Address]
) -> None:
    assert wrong(stage, table, list(cases(addresses, EVERYBODY))[::THINNED]) == []


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("who", EVERYBODY)
def test_the_whole_matrix_is_answered_as_the_table_says(
    who: str, stage: Stage, table: dict[str, Line], addresses: list[Address]
) -> None:
    found = wrong(stage, table, cases(addresses, [who]))
    assert not found, f"{len(found)} answers:\n" + "\n".join(found)


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.OFFICER, Role.CHIEF])
def test_whoever_was_moved_has_the_new_station_and_no_more_the_old_one(
    role: Role, stage: Stage, table: dict[str, Line], addresses: list[Address]
) -> None:
    """With the session he had: nobody signs in again because of it."""
    placed = [each for each in addresses if table[each.name].rows == "station"]
    moved = {Owner.OWN: Owner.SIBLING, Owner.SIBLING: Owner.OWN}
    found = []
    with transaction.atomic():
        User.objects.filter(pk=stage.people[role].pk).update(organisation=stage.places[Owner.SIBLING].station)
        for address in placed:
            for owner, as_if in moved.items():
                expected = table[address.name].status(role, "GET", as_if)
                if address.name in SHEETS and expected == 200:
                    expected = 302
                status = stage.ask(role, "GET", stage.url(address, owner)).status_code
                if status != expected:
                    found.append(f"{address.name} {owner}: {status}, not {expected}")
        transaction.set_rollback(True)
    assert not found, "\n".join(found)
    assert len(placed) > 60
