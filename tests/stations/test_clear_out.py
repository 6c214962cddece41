"""Every night what nobody comes in by any more is removed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.conf import settings

from stations import securing
from stations.entrances import KnownDevice, Telephone, UserSession
from stations.models import User
from stations.tasks import clear_out
from tests.stations.keys import session_of, totp_of

NOW = datetime(2026, 9, 22, 3, 20, tzinfo=ZoneInfo("Asia/Shanghai"))


def known(user: User, days: dict[str, int]) -> None:
    """Devices ``user`` signed in on last so many days ago."""
    KnownDevice.objects.bulk_create(
        KnownDevice(user=user, device=device, words="电脑", used_at=NOW - timedelta(days=ago))
        for device, ago in days.items()
    )


def left(user: User) -> list[str]:
    return list(KnownDevice.objects.filter(user=user).order_by("-used_at").values_list("device", flat=True))


def test_devices_not_used_for_half_a_year_go_but_for_the_last_three(officer: User, partner: User) -> None:
    known(officer, {"a": 1, "b": 179, "c": 180, "d": 181, "e": 400})
    known(partner, {"f": 300, "g": 400, "h": 500, "i": 600})

    securing.clear_out(NOW)

    assert (left(officer), left(partner)) == (["a", "b", "c"], ["f", "g", "h"])


def test_devices_in_use_stay_however_many(officer: User) -> None:
    known(officer, {str(number): number for number in range(10)})

    securing.clear_out(NOW)

    assert len(left(officer)) == 10


def test_signing_in_on_a_device_again_keeps_it(officer: User) -> None:
    known(officer, {"a": 200, "b": 1, "c": 2, "d": 3})
    securing.know_device(officer, "a", "电脑", NOW)

    securing.clear_out(NOW)

    assert left(officer) == ["a", "b", "c", "d"]


def test_sessions_that_ended_go_and_those_open_stay(officer: User) -> None:
    with time_machine.travel(NOW, tick=False):
        over, open_now = session_of(officer), session_of(officer)
    UserSession.objects.filter(pk=over.pk).update(expire_date=NOW - timedelta(seconds=1))

    securing.clear_out(NOW)

    assert [each.pk for each in UserSession.objects.all()] == [open_now.pk]


def test_secrets_nobody_scanned_go(officer: User) -> None:
    with time_machine.travel(NOW - timedelta(minutes=10), tick=False):
        enrolled = totp_of(officer)
        Telephone.objects.create(user=officer, confirmed=False, name="")
    with time_machine.travel(NOW - timedelta(minutes=9), tick=False):
        waiting = Telephone.objects.create(user=officer, confirmed=False, name="")

    securing.clear_out(NOW)

    assert list(Telephone.objects.order_by("pk")) == [enrolled, waiting]


def test_it_is_done_every_night(officer: User) -> None:
    known(officer, {str(number): 1000 + number for number in range(5)})

    clear_out()

    assert settings.CELERY_BEAT_SCHEDULE[clear_out.name]["task"] == clear_out.name

    assert left(officer) == ["0", "1", "2"]
