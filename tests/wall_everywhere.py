"""A plugin for PostgreSQL: the suite as it stands, each request behind the wall.

python -m pytest -p tests.wall_everywhere -m "not services and not browser and not bench"
"""

from typing import Any

import pytest

# A plugin is loaded before Django is set up: what names a model is imported by the fixtures.


@pytest.fixture(scope="session", autouse=True)
def _raised(django_db_setup: None, django_db_blocker: Any) -> None:
    from fire_supervision.wall.raising import make_roles, raise_wall

    with django_db_blocker.unblock():
        make_roles()
        raise_wall()


@pytest.fixture(autouse=True)
def _behind_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.wall import behind_the_wall

    behind_the_wall(monkeypatch)
