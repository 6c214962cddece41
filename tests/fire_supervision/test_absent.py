"""A row of others is as absent as one that is not there: status, headers and page are the same to the last byte."""

# ruff: noqa: F811 - the stage and the table are fixtures

from collections.abc import Iterator

import pytest
from django.http import HttpResponseBase

from stations.permissions import ROLE_CAN, Role
from tests.fire_supervision.marks import DRAWN
from tests.fire_supervision.matrix import REACH, Line
from tests.fire_supervision.stage import (  # noqa: F401 - fixtures
    Owner,
    Stage,
    _files_stay_in_the_test_and_passwords_are_cheap,
    stage,
)
from tests.fire_supervision.test_access import Address
from tests.fire_supervision.test_matrix import addresses, table  # noqa: F401 - fixtures
from tests.fire_supervision.world import EVERYBODYS

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db]


def told(response: HttpResponseBase) -> tuple[int, dict[str, str], str]:
    """All that whoever asked can compare, but for what is drawn anew for each answer."""
    headers = {name: DRAWN.sub("", value) for name, value in response.items()}
    return response.status_code, headers, DRAWN.sub("", getattr(response, "content", b"").decode())


def tried(role: Role, addresses: list[Address], table: dict[str, Line]) -> Iterator[tuple[Address, str, Owner]]:
    """Every address of rows that ``role`` may open, with each method it takes and each place whose rows he misses."""
    for address in addresses:
        line = table[address.name]
        if not address.values or address.name in EVERYBODYS or line.capability not in ROLE_CAN[role]:
            continue
        for owner in (Owner.SIBLING, Owner.OTHER):
            if owner not in REACH[line.rows].get(role, ()):
                yield from ((address, method, owner) for method in ("GET", "POST") if method in line.takes)


@pytest.mark.parametrize("role", list(Role))
def test_what_is_said_of_a_row_of_others_is_what_is_said_of_none(
    role: Role, stage: Stage, addresses: list[Address], table: dict[str, Line]
) -> None:
    found, count = [], 0
    nothing: dict[tuple[str, str], tuple[int, dict[str, str], str]] = {}
    for address, method, owner in tried(role, addresses, table):
        key = (address.name, method)
        if key not in nothing:
            nothing[key] = told(stage.ask(role, method, stage.url(address, Owner.MISSING)))
        if told(stage.ask(role, method, stage.url(address, owner))) != nothing[key]:
            found.append(f"{address.name} {method} {owner}")
        count += 1
    assert not found, "\n".join(found)
    assert {status for status, _, _ in nothing.values()} == {404}
    assert count >= 4
