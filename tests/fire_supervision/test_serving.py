"""What gunicorn says of itself: nothing, wherever it is started."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

CONFIG = "--config=fire_supervision/serving.py"
# Stands for the product: what the server adds is asked for here.
APP = "def app(environ, start):\n    start('200 OK', [('Content-Length', '2')])\n    return [b'ok']\n"
STARTS = ("Dockerfile", "docker-compose.yml", "scripts/demo.py", "tests/chaos/crew.py")


# Two lengths, or none that can be believed: where a request ends must be no matter of opinion between proxy and server.
SMUGGLED = {
    "length and pieces": ("Content-Length: 4", "Transfer-Encoding: chunked"),
    "pieces and length": ("Transfer-Encoding: chunked", "Content-Length: 4"),
    "two lengths": ("Content-Length: 4", "Content-Length: 40"),
    "two lengths in one": ("Content-Length: 4, 40",),
    "a length with a sign": ("Content-Length: +4",),
    "pieces under another name": ("Transfer-Encoding: chunked, identity",),
    "pieces twice": ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    "a blank before the colon": ("Transfer-Encoding : chunked",),
    "a folded line": ("Transfer-Encoding:", " chunked"),
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where gunicorn answers for the plain application."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "plain.py").write_text(APP)
    command = [sys.executable, "-m", "gunicorn", "plain:app", CONFIG, f"--bind=unix:{folder / 'door'}"]
    with subprocess.Popen(
        [*command, f"--pythonpath={folder}"], cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL
    ) as server:
        try:
            yield folder / "door"
        finally:
            server.terminate()


def answered(door: Path, request: bytes) -> str:
    """What comes back on the socket; waits until somebody listens there."""
    deadline = time.monotonic() + 20
    while True:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            try:
                line.connect(str(door))
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
                continue
            line.sendall(request)
            return b"".join(iter(lambda: line.recv(4096), b"")).decode()


@pytest.mark.slow
def test_no_answer_names_the_program_that_gave_it(door: Path) -> None:
    good = answered(door, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    broken = answered(door, b"GET / HTTP/9.9\r\n\r\n")

    assert (good.split()[1], broken.split()[1]) == ("200", "400")
    assert re.findall(r"(?mi)^server: (.*?)\r$", good) == ["web"]
    assert "gunicorn" not in (good + broken).lower()


@pytest.mark.slow
def test_a_request_whose_end_is_a_matter_of_opinion_is_refused(door: Path) -> None:
    def status(*lines: str, body: str = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n") -> list[str]:
        said = "\r\n".join(("POST / HTTP/1.1", "Host: x", *lines, "Connection: close", "", body))
        return re.findall(r"HTTP/1\.\d (\d+)", answered(door, said.encode()))

    assert status("Content-Length: 4", body="0123") == ["200"]
    assert status("Transfer-Encoding: chunked", body="0\r\n\r\n") == ["200"]
    told = {name: status(*lines) for name, lines in SMUGGLED.items()}
    # One answer each: what came behind was not taken for a request.
    assert {name: said for name, said in told.items() if said not in (["400"], ["501"])} == {}


@pytest.mark.slow
def test_its_own_lines_are_of_the_form_of_all_others(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(APP)
    door = tmp_path / "door"
    command = [sys.executable, "-m", "gunicorn", "plain:app", CONFIG, f"--bind=unix:{door}", f"--pythonpath={tmp_path}"]
    command += ["--access-logfile=-"]
    own = os.environ | {"LOG_FORMAT": "json"}
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            answered(door, b"GET /units/?q=13812345678 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        finally:
            server.terminate()
        access, own_words = server.communicate(timeout=20)

    (line,) = [json.loads(each) for each in access.splitlines()]
    assert (line["logger"], line["method"], line["path"], line["status"]) == ("gunicorn.access", "GET", "/units/", 200)
    assert "q=" not in access
    assert {json.loads(each)["logger"] for each in own_words.splitlines()} == {"gunicorn.error"}


@pytest.mark.parametrize("place", STARTS)
def test_whoever_starts_it_tells_it_so(place: str) -> None:
    told = (settings.BASE_DIR / place).read_text()
    starts = told.count('"fire_supervision.wsgi"')

    assert told.count(f'"{CONFIG}"') == starts
    # The compose file starts what the image starts.
    assert starts == (0 if place == "docker-compose.yml" else 1)
