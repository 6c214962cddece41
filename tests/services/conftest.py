"""Every service test finds the wall raised: workers connect as the role that sweeps."""

from typing import Any

import pytest

from fire_supervision.wall.raising import make_roles, raise_wall


@pytest.fixture(scope="session", autouse=True)
def _wall(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        make_roles()
        raise_wall()
