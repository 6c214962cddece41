"""The embedded broker under two hands: a message is there whole, once, or not at all."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from fire_supervision.lib import spool


@pytest.fixture
def channel(tmp_path: Path) -> Any:
    spool.install()
    options = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path)}
    with Connection("filesystem://localhost", transport_options=options) as connection:
        yield connection.channel()


def test_the_oldest_message_of_the_queue_comes_first_and_once(channel: Any, tmp_path: Path) -> None:
    for number in (1, 2):
        channel._put("celery", {"number": number})
    channel._put("bulk", {"number": 3})
    assert [channel._get("celery")["number"], channel._get("celery")["number"]] == [1, 2]
    with pytest.raises(Empty):
        channel._get("celery")
    assert channel._get("bulk") == {"number": 3}
    assert list(tmp_path.iterdir()) == []


def test_a_message_half_written_is_not_seen(channel: Any, tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001_a.celery.part").write_text('{"number"')
    with pytest.raises(Empty):
        channel._get("celery")


@pytest.mark.slow
def test_many_writers_and_readers_lose_and_double_nothing(channel: Any) -> None:
    wanted, read = 400, []
    done = threading.Event()

    def write(start: int) -> None:
        for number in range(start, wanted, 4):
            channel._put("celery", {"number": number})

    def drain() -> None:
        while True:
            finished = done.is_set()
            try:
                read.append(channel._get("celery")["number"])
            except Empty:
                if finished:
                    return

    writers = [threading.Thread(target=write, args=(start,)) for start in range(4)]
    readers = [threading.Thread(target=drain) for _ in range(4)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert sorted(read) == list(range(wanted))
