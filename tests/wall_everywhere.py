"""A plugin for PostgreSQL: the suite as it stands, each request behind the wall. `make test` runs PostgreSQL with it.

python -m pytest -p tests.wall_everywhere -m "not services and not browser and not bench"
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError

# Of the stage, whose requests pass the test's client by. A plugin is loaded before Django is set up: what names a model
# is imported by the fixtures.
os.environ["WALL"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _raised(django_db_setup: None, django_db_blocker: Any) -> None:
    from fire_supervision.wall.raising import make_roles, raise_wall

    with django_db_blocker.unblock():
        try:
            make_roles()
        except DatabaseError:
            # Roles belong to the whole server: another worker of the same run has just made them.
            make_roles()
        raise_wall()


@pytest.fixture(autouse=True)
def _behind_the_wall() -> Iterator[None]:
    from tests.wall import behind_the_wall

    # Not the fixture: what a test patches is put back while its transaction still stands.
    with pytest.MonkeyPatch.context() as patch:
        behind_the_wall(patch)
        yield
