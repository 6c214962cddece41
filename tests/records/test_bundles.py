"""下载与案卷 as an act: asked for once, made once, given up with a reason, gone after its days."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from pytest_django import Settings

from fire_supervision.lib.errors import RuleError
from records import bundles
from records.models import Bundle, BundleKind, BundleState
from records.models.bundle import MAX_ATTEMPTS, SILENCE
from stations.models import User
from trail.models import AuditEntry
from units.models import Unit

NOW = datetime(2026, 9, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
SOON = NOW + timedelta(seconds=5)
LATER = NOW + SILENCE


@pytest.fixture
def ask(unit: Unit, officer: User) -> Callable[..., Bundle]:
    def do(**fields: Any) -> Bundle:
        values = {
            "kind": BundleKind.UNIT, "subject_id": unit.pk, "title": "万家福便利超市消防监督管理档案",
            "scope": unit.scope_columns(), "actor": officer, "at": NOW,
        } | fields  # fmt: skip
        return bundles.request(**values)

    return do


def made(bundle: Bundle, content: bytes = b"%PDF-1", at: datetime = SOON) -> Bundle:
    """As a worker makes it."""
    taken = bundles.take(bundle.pk, at)
    assert taken is not None
    bundles.progress(taken, 1, 1, at)
    bundles.finish(taken, ContentFile(content), sha256="a" * 64, pages=3, left_out=0, at=at)
    return Bundle.objects.get(pk=bundle.pk)


def files() -> list[str]:
    return default_storage.listdir("bundles")[1] if default_storage.exists("bundles") else []


def test_the_same_request_while_one_is_in_work_is_that_one(ask: Callable[..., Bundle], sent: list[Any]) -> None:
    first = ask()
    assert ask().pk == first.pk
    bundles.take(first.pk, SOON)
    assert ask().pk == first.pk
    assert AuditEntry.objects.filter(action="records.request_bundle").count() == 1


def test_a_request_is_sent_once_it_is_committed(
    ask: Callable[..., Bundle], sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        bundle = ask()
        ask()
    assert sent == [("desk.bind", (bundle.pk,))]


def test_another_person_another_quarter_and_one_that_is_made_are_requests_of_their_own(
    ask: Callable[..., Bundle], chief: User
) -> None:
    first = ask()
    others = [ask(actor=chief), ask(kind=BundleKind.CASE), ask(since=NOW.date(), until=NOW.date())]
    made(first)
    assert len({first.pk, ask().pk, *(other.pk for other in others)}) == 5


def test_the_database_keeps_a_second_one_out_too(ask: Callable[..., Bundle]) -> None:
    bundle = ask()
    bundle.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        bundle.save(force_insert=True)


def test_what_is_made_has_its_file_its_hash_and_its_days(ask: Callable[..., Bundle], settings: Settings) -> None:
    settings.BUNDLE_DAYS = 3
    bundle = made(ask())
    assert (bundle.state, bundle.sha256, bundle.size, bundle.pages, bundle.done) == ("READY", "a" * 64, 6, 3, 1)
    assert bundle.expires_at == SOON + timedelta(days=3)
    assert files() == [f"{bundle.pk}-1.pdf"]


def test_only_one_worker_takes_it(ask: Callable[..., Bundle]) -> None:
    bundle = ask()
    assert bundles.take(bundle.pk, SOON) is not None
    assert bundles.take(bundle.pk, SOON) is None


def test_a_killed_worker_leaves_one_file_when_another_has_made_it(ask: Callable[..., Bundle]) -> None:
    bundle = ask()
    dead = bundles.take(bundle.pk, NOW)
    assert dead is not None
    default_storage.save(f"bundles/{bundle.pk}-1.pdf", ContentFile(b"half"))
    assert bundles.bind_pending(NOW + SILENCE - timedelta(seconds=1)) == 0
    assert bundles.bind_pending(LATER) == 1

    ready = made(bundle, b"%PDF-2", LATER)

    assert files() == [f"{bundle.pk}-2.pdf"]
    assert (ready.state, ready.attempts) == ("READY", 2)
    with ready.file.open("rb") as stored:
        assert stored.read() == b"%PDF-2"


def test_a_worker_that_was_only_slow_stops_and_takes_its_file_along(ask: Callable[..., Bundle]) -> None:
    bundle = ask()
    slow = bundles.take(bundle.pk, NOW)
    assert slow is not None
    bundles.bind_pending(LATER)
    made(bundle, at=LATER)
    with pytest.raises(bundles.Overtaken):
        bundles.progress(slow, 1, 2, LATER)
    with pytest.raises(bundles.Overtaken):
        bundles.finish(slow, ContentFile(b"late"), sha256="b" * 64, pages=1, left_out=0, at=LATER)
    bundles.fail(slow, "出错")
    assert files() == [f"{bundle.pk}-2.pdf"]
    assert Bundle.objects.get().state == BundleState.READY


def test_what_ends_its_worker_each_time_is_given_up_and_can_be_tried_again(
    ask: Callable[..., Bundle], officer: User
) -> None:
    bundle, now = ask(), NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        taken = bundles.take(bundle.pk, now)
        assert taken is not None
        assert taken.attempts == attempt
        default_storage.save(f"bundles/{bundle.pk}-{attempt}.pdf", ContentFile(b"half"))
        now += SILENCE
        bundles.bind_pending(now)

    bundle.refresh_from_db()
    assert (bundle.state, bundle.error) == ("FAILED", bundles.INTERRUPTED)
    assert files() == []
    again = bundles.renew(bundle, officer, now)
    assert (again.pk, again.state, again.attempts, again.error) == (bundle.pk, "QUEUED", 0, "")
    assert made(again, at=now).state == BundleState.READY


def test_progress_is_a_sign_of_life(ask: Callable[..., Bundle]) -> None:
    taken = bundles.take(ask().pk, NOW)
    assert taken is not None
    bundles.progress(taken, 3, 10, LATER - timedelta(seconds=1))
    assert bundles.bind_pending(LATER) == 0
    row = Bundle.objects.get()
    assert (row.done, row.total) == (3, 10)


def test_a_message_that_was_lost_is_sent_again_once_for_each_silence(
    ask: Callable[..., Bundle], sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    bundle = ask()
    with django_capture_on_commit_callbacks(execute=True):
        assert [bundles.bind_pending(LATER), bundles.bind_pending(LATER)] == [1, 0]
    assert sent == [("desk.bind", (bundle.pk,))]


def test_each_download_leaves_an_entry_with_the_hash(ask: Callable[..., Bundle], officer: User) -> None:
    bundle = made(ask())
    for _ in range(2):
        with bundles.hand_out(bundle, officer, SOON) as content:
            assert content.read() == b"%PDF-1"
    entries = AuditEntry.objects.filter(action="records.download_bundle")
    assert [(entry.actor_id, entry.after) for entry in entries] == [
        (officer.pk, {"sha256": "a" * 64, "pages": 3}) for _ in range(2)
    ]


def test_what_is_not_made_yet_is_not_handed_out(ask: Callable[..., Bundle], officer: User) -> None:
    bundle = ask()
    with pytest.raises(RuleError, match="还不能下载"):
        bundles.hand_out(bundle, officer, NOW)


def test_a_file_is_taken_away_when_its_days_are_over_and_made_anew_on_request(
    ask: Callable[..., Bundle], officer: User, settings: Settings
) -> None:
    bundle = made(ask())
    last = SOON + timedelta(days=settings.BUNDLE_DAYS)
    assert bundles.expire(last - timedelta(seconds=1)) == 0
    bundles.hand_out(bundle, officer, last - timedelta(seconds=1)).close()
    with pytest.raises(RuleError, match="已过期"):
        bundles.hand_out(bundle, officer, last)
    assert [bundles.expire(last), bundles.expire(last)] == [1, 0]
    assert files() == []

    bundle.refresh_from_db()
    assert (bundle.state, bundle.sha256) == ("EXPIRED", "a" * 64)
    with pytest.raises(RuleError, match="已过期"):
        bundles.hand_out(bundle, officer, last)
    new = bundles.renew(bundle, officer, last)
    assert new.pk != bundle.pk
    assert (new.state, new.title) == ("QUEUED", bundle.title)


def test_a_file_that_is_gone_counts_as_expired(ask: Callable[..., Bundle], officer: User) -> None:
    bundle = made(ask())
    default_storage.delete(bundle.file.name)
    with pytest.raises(RuleError, match="已过期"):
        bundles.hand_out(bundle, officer, SOON)


def test_a_person_reaches_only_what_he_asked_for_himself_and_still_sees(
    ask: Callable[..., Bundle], officer: User, chief: User, stranger: User
) -> None:
    ask()
    assert [Bundle.objects.own(who).count() for who in (officer, chief, stranger)] == [1, 0, 0]
    officer.organisation = stranger.organisation
    officer.save()
    assert Bundle.objects.own(User.objects.get(pk=officer.pk)).count() == 0
