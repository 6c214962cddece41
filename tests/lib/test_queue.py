"""Handing work to the queue while its broker is away: the page goes on, the sweep sends it again."""

from collections.abc import Callable

import pytest
from celery import current_app
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from fire_supervision.lib import queue
from fire_supervision.lib.queue import _send  # as imported: in a test the module's own is replaced

Attempts = list[tuple[int, ...]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set what the time is."""
    now = {"at": 1000.0}
    monkeypatch.setattr(queue.time, "monotonic", lambda: now["at"])
    monkeypatch.setattr(queue, "_send", _send)
    monkeypatch.setitem(queue._broker, "away_until", 0.0)
    return lambda at: now.update(at=at)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Attempts:
    """What was tried; every attempt fails."""
    tried: Attempts = []

    def refuse(_name: str, args: tuple[int, ...], queue: str) -> None:
        assert queue == "celery"
        tried.append(args)
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", refuse)
    return tried


@pytest.mark.django_db
def test_only_the_first_of_many_papers_waits_for_a_broker_that_is_away(
    clock: Callable[[float], None], attempts: Attempts,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        for number in (1, 2, 3):
            queue.after_commit(queue.Job.RENDER, number)
    assert attempts == [(1,)]


def test_after_a_pause_the_broker_is_asked_again(clock: Callable[[float], None], attempts: Attempts) -> None:
    _send(queue.Job.RENDER, (1,), queue.DEFAULT)
    clock(1000.0 + queue.PAUSE_SECONDS - 1)
    _send(queue.Job.RENDER, (2,), queue.DEFAULT)
    clock(1000.0 + queue.PAUSE_SECONDS)
    _send(queue.Job.RENDER, (3,), queue.DEFAULT)
    assert attempts == [(1,), (3,)]
