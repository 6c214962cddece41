"""A request that uses something up holds the row of its session until it ends, on a real PostgreSQL."""

# ruff: noqa: F811 - the copy of the database is imported from where it was first needed

from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from stations.sessions import COUNTED, SessionStore
from tests.services.test_sweeps import committed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_another_tab_of_the_same_person_does_not_wait_while_a_file_is_made(committed: None) -> None:
    """It reads the row and cannot note its click; a lock to wait for would fail here at once."""
    first = SessionStore()
    first["export_given"] = {"reason": "日常工作核对"}
    first.create()
    shared, later = connections["default"], timezone.now() + COUNTED + timedelta(seconds=1)
    exporting, other = SessionStore(first.session_key), SessionStore(first.session_key)
    connections["default"] = tab = shared.copy()
    try:
        with transaction.atomic():
            assert dict(exporting.items())["export_given"] == {"reason": "日常工作核对"}
            assert exporting.replace({"export_given": {}})
            connections["default"] = shared
            assert other["export_given"] == {"reason": "日常工作核对"}
            with shared.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            other.touch(later)
            connections["default"] = tab
    finally:
        tab.close()
        connections["default"] = shared
    after = SessionStore(first.session_key)
    assert after["export_given"] == {}
    assert after.row is not None
    assert after.row.used_at < later
    after.touch(later)
    assert SessionStore.get_model_class().objects.get(pk=first.session_key).used_at == later
