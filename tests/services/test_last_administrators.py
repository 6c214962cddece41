"""Administrators who take each other's post away in the same moment, on a real PostgreSQL: of each kind one stays."""

# ruff: noqa: F811 - the place is a fixture

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from fire_supervision.lib.errors import RuleError
from stations import actions
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import ADMINISTRATORS, Role
from stations.wall import reach_of
from tests.records.issuing import Place
from tests.services.test_numbers import place  # noqa: F401 - a fixture
from tests.wall import as_app
from trail.context import Origin, current_origin

pytestmark = [pytest.mark.services, pytest.mark.django_db]
TODAY = date(2026, 9, 22)
# In a ring, each taking the next one away.
MANY = 6
NUMBERS = itertools.count(1000)
Act = Callable[[User, User], object]


def _disable(actor: User, person: User) -> object:
    return actions.disable_person(actor, person.pk, "离职")


def _give_another_post(actor: User, person: User) -> object:
    return actions.move_person(actor, person.pk, Role.BUREAU_OFFICER, person.organisation, "调整", TODAY)


def _give_another_bureau(actor: User, person: User) -> object:
    far = Organisation.objects.get(name="远山市公安局")
    return actions.move_person(actor, person.pk, person.role, far, "调整", TODAY)


ACTS: list[Act] = [_disable, _give_another_post, _give_another_bureau]


def _admins(bureau: Organisation, role: Role, count: int) -> list[User]:
    return [
        User.objects.create_user(f"97{next(NUMBERS)}", name="某员", role=role, organisation=bureau)
        for _ in range(count)
    ]


def _at_once(pairs: list[tuple[Act, User, User]]) -> list[str]:
    """What became of each act, all of them begun together, each on a connection of its own as the web's role."""
    start, copy = Barrier(len(pairs)), connections["default"]

    def run(asked: tuple[Act, User, User]) -> str:
        act, actor, person = asked
        connections["default"] = copy.copy()
        connections["default"].ensure_connection()
        start.wait()
        # What the system itself notes in a request is read by that request alone.
        current_origin.set(Origin(str(uuid4()), None))
        try:
            with transaction.atomic(), as_app(), reach_of(actor):
                act(actor, person)
        except RuleError as refused:
            return str(refused)
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pairs)) as pool:
        return list(pool.map(run, pairs))


@pytest.fixture
def bureau(place: Place) -> Organisation:
    far = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="远山市公安局")
    Organisation.objects.filter(pk=far.pk).update(bureau=far)
    for role in (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        # Who confirms those who are moved there.
        User.objects.create_user(f"98{next(NUMBERS)}", name="外局某员", role=role, organisation=far)
    home = place.station.bureau
    assert home is not None
    return home


def left(bureau: Organisation, role: Role) -> int:
    return User.objects.working().filter(role=role, organisation=bureau).count()


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_of_two_who_are_taken_away_at_once_one_stays(bureau: Organisation, role: Role) -> None:
    outsider = User.objects.create_user("970001", name="旁人", role=Role.OFFICER, organisation=bureau)
    for first, second in itertools.combinations_with_replacement(ACTS, 2):
        one, other = _admins(bureau, role, 2)
        told = _at_once([(first, outsider, one), (second, outsider, other)])
        assert left(bureau, role) == 1
        assert sorted(word == "done" for word in told) == [False, True]
        assert next(word for word in told if word != "done").endswith(f"唯一在用的{role.label}")
        User.objects.filter(role=role).update(is_active=False)


def test_of_many_who_take_each_other_away_at_once_one_stays(bureau: Organisation) -> None:
    admins = _admins(bureau, Role.SYSTEM_ADMIN, MANY)
    told = _at_once([(ACTS[n % 3], admin, admins[n - 1]) for n, admin in enumerate(admins)])
    assert left(bureau, Role.SYSTEM_ADMIN) == 1
    assert sum(word == "done" for word in told) == MANY - 1
