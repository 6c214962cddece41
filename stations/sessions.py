"""Sessions as rows one can list and end; SESSION_ENGINE. What a request must know of its session comes with its row."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from stations.entrances import UserSession
from stations.permissions import AT_THE_DOOR, Role

# When it was opened, on what, from where; written at sign-in.
SINCE, DEVICE, ADDRESS = "since", "device", "address"
# Saves a write for each click: idle time is counted no finer.
COUNTED = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Django's own, with the columns of `UserSession` filled from the data."""

    # The row the data came from; None before the first save.
    row: UserSession | None = None

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        return UserSession

    def _get_session_from_db(self) -> UserSession | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc] # Django's, without an annotation
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> UserSession:
        now = timezone.now()
        since = data.setdefault(SINCE, now.isoformat())
        row = super().create_model_instance(data)
        assert isinstance(row, UserSession)
        row.user_id = data.get("_auth_user_id")
        row.device, row.address = data.get(DEVICE, ""), data.get(ADDRESS)
        row.since, row.used_at = datetime.fromisoformat(since), now
        return row

    def touch(self, now: datetime) -> None:
        """Note that the session is in use."""
        if self.row is not None and now - self.row.used_at >= COUNTED:
            UserSession.objects.filter(pk=self.session_key).update(used_at=now)
            self.row.used_at = now

    def ended(self, role: Role, now: datetime) -> str:
        """Why a session of ``role`` is over at ``now``: ``idle``, ``long``; empty while it is not."""
        if self.row is None:
            return ""
        if now - self.row.used_at >= idle_time(role):
            return "idle"
        return "long" if now - self.row.since >= timedelta(hours=settings.SESSION_HOURS) else ""

    def seconds_left(self, role: Role, now: datetime) -> int:
        """Until the session ends when nothing more is clicked."""
        row = self.row
        if row is None:
            return int(idle_time(role).total_seconds())
        end = min(row.used_at + idle_time(role), row.since + timedelta(hours=settings.SESSION_HOURS))
        return max(0, int((end - now).total_seconds()))


def idle_time(role: Role) -> timedelta:
    """How long a session of ``role`` lives without a click."""
    minutes = settings.IDLE_MINUTES_DOOR if role in AT_THE_DOOR else settings.IDLE_MINUTES
    return timedelta(minutes=minutes)
