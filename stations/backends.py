"""Signing in by police number, and counting who fails to."""

import re
import unicodedata
from hashlib import sha256
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import Max, Q, Sum
from django.http import HttpRequest

from stations.entrances import KnownDevice
from stations.models import User

# The random id of a device. It outlives the sign-out: it names the device, it opens nothing.
DEVICE_COOKIE = f"{settings.COOKIE_PREFIX}device"
DEVICE_SALT = "stations.device"
DEVICE_DAYS = 400
# What `counter` puts behind a number: longer than any number that can be typed.
_OF_DEVICE = re.compile(r"@[0-9a-f]{64}$")
# How a police number is written, and what is kept of anything else typed in its place: it may be a password.
NUMBER = re.compile(r"[0-9A-Z-]{2,20}")
NO_NUMBER = "不是警号的内容"


class OfficerBackend(AxesStandaloneBackend, ModelBackend):  # type: ignore[misc] # django-axes has no types
    """Django's own behind a lock, and a request fetches the person together with what every page shows of him.

    That is his organisation and the number of his unread messages.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or None; raises PermissionDenied while locked.

        The hash comes first: whether a number exists, is disabled or is locked costs one hash like a wrong password.
        """
        found = ModelBackend.authenticate(self, request, username=username, password=password)
        if request is not None:  # without one nobody tries from outside
            super().authenticate(request, username=username, password=password, **kwargs)
        return found if isinstance(found, User) else None

    def get_user(self, user_id: int) -> User | None:
        people = User.objects.with_unread().select_related("organisation__parent")
        return people.filter(pk=user_id, is_active=True, appointed_by=None).first()


def device_of(request: HttpRequest) -> str:
    """What the device is known by in `KnownDevice`; empty for one that never signed in, or whose cookie was forged."""
    written = request.get_signed_cookie(DEVICE_COOKIE, "", salt=DEVICE_SALT)
    return fingerprint(written) if written else ""


def fingerprint(written: str) -> str:
    return sha256(written.encode()).hexdigest()


def kept(typed: str) -> str:
    """What may be kept of something typed as a police number."""
    return typed if NUMBER.fullmatch(typed) else NO_NUMBER


def is_known(request: HttpRequest, user: User) -> bool:
    """Whether ``user`` has signed in before on the device this request comes from."""
    device = device_of(request)
    return bool(device) and KnownDevice.objects.filter(user=user, device=device).exists()


def counter(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Under what django-axes counts a failure: the number typed, or the number on a device its owner is known on.

    So strangers can lock a number for themselves and for new devices, never for its owner at his own.
    """
    given = credentials or {}
    number = kept(str(given.get("username") or given.get(User.USERNAME_FIELD) or ""))
    device = device_of(request)
    known = KnownDevice.objects.filter(user__number=number, device=device).exists()
    return f"{number}@{device}" if known else number


def failing(request: HttpRequest, address: str, at: Any) -> str:
    """Under whom a failure at the door counts, besides its number.

    A device somebody has signed in on is one by itself, and so is the number it goes on trying while that is locked:
    all else is its ``address``.
    """
    device = device_of(request)
    if device and KnownDevice.objects.filter(device=device).exists():
        return device
    number = typed_number(request.POST.get("number", ""))
    return f"{address} {number}" if minutes_locked(request, number, at) else address


def fail(request: HttpRequest) -> None:
    """Note that this request was a failure at the door."""
    request.failed = True  # type: ignore[attr-defined] # read by `has_failed`


def has_failed(request: HttpRequest) -> bool:
    return getattr(request, "failed", False)


def typed_number(written: str) -> str:
    return unicodedata.normalize("NFKC", written).strip()


def number_of(count: str) -> str:
    """The police number a count of failures belongs to."""
    return _OF_DEVICE.sub("", count)


def count_under(number: str, new: str) -> None:
    """The failures of ``number`` go along to ``new``, which its owner has from now on: no way out of a lock."""
    for attempt in AccessAttempt.objects.filter(Q(username=number) | Q(username__startswith=f"{number}@")):
        username = new + attempt.username.removeprefix(number)
        same = AccessAttempt.objects.filter(
            username=username, ip_address=attempt.ip_address, user_agent=attempt.user_agent
        ).first()
        if same is None:
            AccessAttempt.objects.filter(pk=attempt.pk).update(username=username)
            continue
        failures = same.failures_since_start + attempt.failures_since_start
        last = max(same.attempt_time, attempt.attempt_time)
        AccessAttempt.objects.filter(pk=same.pk).update(failures_since_start=failures, attempt_time=last)
        attempt.delete()


def minutes_locked(request: HttpRequest, number: str, at: Any) -> int:
    """For how many more minutes ``number`` is locked on this device, at least 1; 0 when it is not.

    What is no number is counted as one, but locks nobody out and is never said to be locked.
    """
    if kept(number) == NO_NUMBER:
        return 0
    since = at - settings.AXES_COOLOFF_TIME
    own = AccessAttempt.objects.filter(username=counter(request, {"username": number}), attempt_time__gt=since)
    counted = own.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    if (counted["failures"] or 0) < settings.AXES_FAILURE_LIMIT:
        return 0
    left = counted["last"] + settings.AXES_COOLOFF_TIME - at
    return max(1, -int(-left.total_seconds() // 60))
