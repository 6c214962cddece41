"""A request that uses something up holds the row of its session until it ends, on a real PostgreSQL."""

# ruff: noqa: F811 - the copy of the database is imported from where it was first needed

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connection, connections, transaction
from django.utils import timezone

from stations.actions import end_sessions
from stations.entrances import UserSession
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
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


@pytest.mark.parametrize("first", ["the new key", "the end"])
def test_who_ends_a_session_and_who_gives_it_a_new_key_wait_for_each_other(committed: None, first: str) -> None:
    """Whichever comes first and is not committed yet, no row is left: a DELETE sees none made while it waits."""
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局")
    user = User.objects.create_user("040101", name="李建平", role=Role.BUREAU_OFFICER, organisation=bureau)
    opened = SessionStore()
    opened[SESSION_KEY] = str(user.pk)
    opened.create()
    request = SessionStore(opened.session_key)
    assert request[SESSION_KEY] == str(user.pk)
    raised: list[Exception] = []
    acts: dict[str, Callable[[], object]] = {"the new key": request.cycle_key, "the end": lambda: end_sessions(user)}
    (second,) = set(acts) - {first}
    copy = connections["default"]

    def in_another_connection() -> None:
        connections["default"] = copy.copy()
        try:
            with transaction.atomic():
                acts[second]()
        except SessionInterrupted as interrupted:
            raised.append(interrupted)
        finally:
            connection.close()

    other = threading.Thread(target=in_another_connection)
    with transaction.atomic():
        acts[first]()
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(10)

    assert not UserSession.objects.filter(user=user).exists()
    assert len(raised) == (first == "the end")
