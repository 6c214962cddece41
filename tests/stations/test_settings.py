"""What the security administrator sees and sets."""

from collections.abc import Callable

import pytest
from django.test import Client

from stations.models import User
from stations.permissions import ROLE_CAN, Can, Role


@pytest.fixture
def client(browse: Callable[[User], Client], security_admin: User) -> Client:
    return browse(security_admin)


def test_the_matrix_shows_the_table_the_views_ask(client: Client) -> None:
    context = client.get("/settings/").context

    assert len(context["matrix"]) == len(Can)
    for label, marks in context["matrix"]:
        can = next(can for can in Can if can.label == label)
        assert [role for role, mark in zip(Role, marks, strict=True) if mark] == [
            role for role in Role if can in ROLE_CAN[role]
        ]
