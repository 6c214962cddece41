"""Sessions as rows one can list and end; SESSION_ENGINE. What a request must know of its session comes with its row."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connection, transaction
from django.utils import timezone

from stations.entrances import UserSession
from stations.models import User
from stations.permissions import AT_THE_DOOR, Role

# When it was opened, on what, from where; written at sign-in.
SINCE, DEVICE, ADDRESS = "since", "device", "address"
# What is good for one act: the stamps of `stations.step_up`, the reason of `stations.exports`, what a passkey signs.
ONCE = STAMPS, GIVEN, CHALLENGE = "stamps", "export_given", "challenge"
# Saves a write for each click: idle time is counted no finer.
COUNTED = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """Django's own, with the columns of `UserSession` filled from the data."""

    # The row the data came from; None before the first save.
    row: UserSession | None = None
    _before = ""

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

    def replace(self, data: dict[str, Any]) -> bool:
        """Write ``data`` unless another request has changed the row since this one read it; False when it has.

        What this request holds itself stays as it is.
        """
        if self.row is None:
            return False
        written = self.encode(data)
        same = UserSession.objects.filter(pk=self.session_key, session_data=self.row.session_data)
        if not same.update(session_data=written):
            return False
        self._before, self.row.session_data = self.row.session_data, written
        return True

    def undone(self) -> None:
        """The request has failed: where it was one transaction the row says again what it did before `replace`."""
        if self.row is not None and connection.settings_dict["ATOMIC_REQUESTS"]:
            self.row.session_data = self._before

    def reload(self) -> None:
        """Read the row again; what was changed and not saved is lost."""
        self._session_cache = self.load()

    def save(self, must_create: bool = False) -> None:
        """Django's own, but what another request has used up meanwhile (`ONCE`) does not come back."""
        if must_create or self.row is None or not any(name in self for name in ONCE):
            super().save(must_create)
            return
        with transaction.atomic():
            now = UserSession.objects.select_for_update().filter(pk=self.session_key).first()
            if now is not None and now.session_data != self.row.session_data:
                self._drop_used(self.decode(self.row.session_data), self.decode(now.session_data))
            super().save()

    def cycle_key(self) -> None:
        """Django's own, which asks not whether there still is a session: one that was ended meanwhile stays ended.

        Raises SessionInterrupted, which leads to the sign-in (`fire_supervision.answers`).
        """
        whose: str | None = self.get(SESSION_KEY)
        with transaction.atomic():
            # As `actions.hold_sessions`: whoever ends them sees the new row, or this one sees that the old is gone.
            if whose is not None:
                list(User.objects.select_for_update(no_key=True).filter(pk=whose).values_list("pk"))
            if self.session_key is None or UserSession.objects.filter(pk=self.session_key).exists():
                super().cycle_key()
                return
        self.flush()
        raise SessionInterrupted("the session was ended while a request of it was answered")

    def _drop_used(self, read: dict[str, Any], now: dict[str, Any]) -> None:
        for name in (GIVEN, CHALLENGE):
            if name in read and now.get(name) != read[name] and self.get(name) == read[name]:
                del self[name]
        was, stays = read.get(STAMPS, {}), now.get(STAMPS, {})
        if STAMPS in self:
            self[STAMPS] = {
                name: at for name, at in self[STAMPS].items() if was.get(name) != at or stays.get(name) == at
            }

    def touch(self, now: datetime) -> None:
        """Note that the session is in use, unless another request of it holds the row: that one has just noted it."""
        if self.row is not None and now - self.row.used_at >= COUNTED:
            with transaction.atomic():
                # An export holds it until the file is made; nobody waits for that in another tab.
                free = UserSession.objects.select_for_update(skip_locked=True).filter(pk=self.session_key)
                UserSession.objects.filter(pk__in=free.values("pk")).update(used_at=now)
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
