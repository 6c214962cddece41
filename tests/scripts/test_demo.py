"""make demo starts three programs and leaves none behind."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

# A program that starts one of its own, says both process numbers, and waits for ever.
PARENT = (
    "import subprocess, sys, os, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(os.getpid(), child.pid, flush=True); time.sleep(600)"
)


@pytest.fixture
def demo(script, monkeypatch):
    module = script("demo")
    # The handlers are of the process, which here is the test runner.
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    monkeypatch.setitem(module.COLOURS, "one", "0")
    monkeypatch.setitem(module.COLOURS, "two", "0")
    return module


def alive(process: int) -> bool:
    """A zombie that waits for its reaper is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_taken_port_is_refused_with_the_way_out(demo):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=rf"Port {port} cannot be used .* make demo PORT={port + 1}"):
            demo.refuse_taken_port("127.0.0.1", port)
    assert demo.refuse_taken_port("127.0.0.1", port) is None


def test_a_second_demo_of_the_same_folder_is_refused(demo, tmp_path):
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        demo.refuse_second_demo(first)
        with pytest.raises(SystemExit, match="already running"):
            demo.refuse_second_demo(second)


def test_the_secret_key_is_kept_and_readable_by_its_owner_only(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "DEMO_DIR", tmp_path)
    key = demo.secret_key()
    assert demo.secret_key() == key
    assert len(key) >= 60
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_demo_runs_with_production_settings_whatever_the_shell_says(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "DEMO_DIR", tmp_path)
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/production")
    environment = demo.demo_environment("127.0.0.1", 8000)
    assert environment["DEBUG"] == "false"
    assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path / 'db.sqlite3'}"
    assert environment["BROKER_URL"] == "filesystem://"
    assert "*" not in environment["ALLOWED_HOSTS"]


def test_when_one_program_dies_the_others_end_with_their_children(demo, capfd):
    programs = {"one": [sys.executable, "-c", PARENT], "two": [sys.executable, "-c", "raise SystemExit(3)"]}
    children = {name: demo.start(name, command, dict(os.environ)) for name, command in programs.items()}
    try:
        said = ""

        def both_processes_known():
            nonlocal said
            said += capfd.readouterr().out
            return "one    |" in said

        assert wait_for(both_processes_known)
        parent, child = map(int, said.split("one    |")[1].split()[:2])
        assert (alive(parent), alive(child)) == (True, True)
        assert demo.watch(children) == 1
        assert "two ended with code 3; stopping the others" in capfd.readouterr().out
    finally:
        demo.end(children)
    assert wait_for(lambda: not alive(parent) and not alive(child))
