"""The process that opens hostile files: what it is left, and what it is not, tried in earnest."""

import io
from pathlib import Path

import pytest

from fire_supervision.checks import files_are_opened_within_walls
from fire_supervision.lib import confined, sandbox

# Stands for a library broken by what it reads: it tries what an intruder would.
INTRUDER = """
import os, socket, tempfile
import xml.dom.minidom  # what a library takes only when it needs it

def tries(secret, parent):
    yield "tcp", lambda: socket.create_connection(("127.0.0.1", 1), timeout=1)
    yield "udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    yield "unix", lambda: socket.socketpair()
    yield "environment", lambda: open(f"/proc/{parent}/environ", "rb").read()
    yield "key", lambda: open(secret, "rb").read()
    yield "place", lambda: os.listdir(os.path.dirname(secret))
    yield "planted", lambda: open(secret + ".new", "w")
    yield "program", lambda: os.execv("/bin/true", ["true"])
    yield "process", lambda: os.fork()
    yield "signal", lambda: os.kill(parent, 0)
    yield "library", lambda: __import__("csv")
    yield "folder", lambda: tempfile.TemporaryFile().write(b"x")
    yield "named", lambda: tempfile.NamedTemporaryFile().write(b"x")

def clean(source, result):
    secret = source.read().decode()
    for name, attempt in tries(secret, os.getppid()):
        try:
            attempt()
        except OSError as error:
            said = type(error).__name__
        else:
            said = "done"
        result.write(f"{name} {said}\\n".encode())
    return ""
"""
# Which wall keeps it from what: a machine that lacks one (check --deploy says so) is held to the other.
WALLS = {
    "Landlock": ["environment", "key", "place", "planted"],
    "libseccomp": ["tcp", "udp", "unix", "program", "process", "signal"],
}
LEFT = ["library", "folder", "named"]


def test_a_broken_library_reaches_no_network_no_key_and_no_other_process(tmp_path: Path) -> None:
    script, secret = tmp_path / "intruder.py", tmp_path / "data" / "secret_key"
    secret.parent.mkdir()
    script.write_text(INTRUDER)
    secret.write_text("the key of the product")
    with confined.cleaned(script, io.BytesIO(str(secret).encode())) as result:
        told = dict(line.split() for line in result.read().decode().splitlines())
    kept_out = [each for wall, kept in WALLS.items() if wall not in sandbox.lacking() for each in kept]
    assert {name for name, said in told.items() if said == "PermissionError"} == set(kept_out)
    assert [told[name] for name in LEFT] == ["done", "done", "done"]


def test_what_it_was_given_to_write_in_is_gone_however_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    script = tmp_path / "dying.py"
    script.write_text("import os\ndef clean(source, result):\n    open('rest', 'w').write('x')\n    os.abort()\n")
    with pytest.raises(confined.Overwhelmed, match="exit -"):
        confined.cleaned(script, io.BytesIO(b""))
    assert [path.name for path in tmp_path.iterdir()] == ["dying.py"]


def test_what_a_machine_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_landlock", lambda _libc: 0)
    monkeypatch.setattr(sandbox, "_seccomp", lambda: None)
    assert sandbox.lacking() == ["Landlock", "libseccomp"]
    assert [each.id for each in files_are_opened_within_walls(None)] == ["fire_supervision.W034"]


def test_nothing_is_said_where_both_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "lacking", list)
    assert files_are_opened_within_walls(None) == []
