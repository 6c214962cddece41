"""make demo: the product on one machine and in one terminal, with nothing but files under var/demo.

Starts web, worker and beat, prefixes their lines, and stops all three on Ctrl-C or as soon as one of them dies.
"""

import argparse
import base64
import fcntl
import hashlib
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import IO

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_DIR = Path(os.environ.get("DEMO_DIR") or BASE_DIR / "var" / "demo")
READY_SECONDS = 60
# A worker on the broker of files needs up to nine to notice; a task cut short is taken up again after the next start.
STOP_SECONDS = 5
COLOURS = {"web": "36", "worker": "33", "beat": "35"}


class Stopped(Exception):
    """Ctrl-C, or a signal that means the same."""


def main() -> int:
    started = time.monotonic()
    options = read_options()
    DEMO_DIR.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    children: dict[str, subprocess.Popen[str]] = {}
    try:
        with (DEMO_DIR / "lock").open("w") as lock:
            refuse_second_demo(lock)
            refuse_taken_port(options.host, options.port)
            environment = demo_environment(options.host, options.port)
            prepare(environment)
            programs = commands(options.host, options.port)
            say(", ".join(programs))
            # The pages first: on two cores, three programs that start together take three times as long.
            children["web"] = start("web", programs.pop("web"), environment)
            wait_until_ready(options.host, options.port, children)
            children.update({name: start(name, command, environment) for name, command in programs.items()})
            greet(options.host, options.port, time.monotonic() - started)
            threading.Thread(target=tell_papers, args=(DEMO_DIR / "db.sqlite3",), daemon=True).start()
            return watch(children)
    except Stopped:
        print("\n==> stopping", flush=True)
        return 0
    finally:
        end(children)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    return parser.parse_args()


def stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def refuse_second_demo(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("The demo of this folder is already running in another terminal.")


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another: make demo PORT={port + 1}")


def demo_environment(host: str, port: int) -> dict[str, str]:
    """Production's settings, except that there is no TLS on loopback and the database and the broker are files."""
    return os.environ | {
        "DEBUG": "false",
        "DEMO": "true",
        "HTTPS": "false",
        "SECRET_KEY": secret_key(),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]" if host in ("127.0.0.1", "localhost") else "*",
        # What the QR of a paper says; for a visitor with a phone: HOST=0.0.0.0 PUBLIC_URL=http://NAME:8000 make demo.
        "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://localhost:{port}",
        "DATA_DIR": str(DEMO_DIR),
        "SIGNING_CERTIFICATE": str(DEMO_DIR / "signing" / "certificate.pem"),
        "SIGNING_KEY": str(DEMO_DIR / "signing" / "key.pem"),
        "TRAIL_KEY": str(DEMO_DIR / "trail" / "key.pem"),
        "DATA_KEYS": f"demo:{kept_key('data_key')}",
        "INDEX_KEY": kept_key("index_key"),
        "STATIC_ROOT": str(DEMO_DIR / "static"),
        "DATABASE_URL": f"sqlite:///{DEMO_DIR / 'db.sqlite3'}",
        "BROKER_URL": "filesystem://",
        # What production looks for each minute, a visitor of the demo does not want to wait for.
        "SWEEP_SECONDS": os.environ.get("SWEEP_SECONDS", "15"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        "PYTHONUNBUFFERED": "1",
        # Seven lines about root, each time, of a worker that eats only what its own folder feeds it.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        "PYTHONPATH": str(BASE_DIR),
    }


def secret_key() -> str:
    """Kept, so that a session survives the next start."""
    path = DEMO_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(60))
    return path.read_text()


def kept_key(name: str) -> str:
    """A file with 32 random bytes; without it nobody reads a telephone of the demo again."""
    path = DEMO_DIR / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return str(path.resolve())


def prepare(environment: dict[str, str]) -> None:
    say("database and demo data")
    run(environment, "scripts/demo_data.py")
    collect_static(environment)


def collect_static(environment: dict[str, str]) -> None:
    """Compressing takes seconds, so only when an asset changed."""
    stamp = DEMO_DIR / "static.stamp"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(assets()))).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        say("static files")
        run(environment, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0")
        stamp.write_text(digest)


def assets() -> Iterator[Path]:
    for folder in ("dist", "js", "img"):
        yield from (path for path in (BASE_DIR / "static" / folder).rglob("*") if path.is_file())


def run(environment: dict[str, str], *command: str) -> None:
    code = subprocess.run([sys.executable, *command], cwd=BASE_DIR, env=environment, check=False).returncode
    if code:
        sys.exit(f"{' '.join(command[:2])} failed with code {code}. To begin anew: make clean-demo")


def commands(host: str, port: int) -> dict[str, list[str]]:
    gunicorn = [
        "-m",
        "gunicorn",
        "fire_supervision.wsgi",
        "--config=fire_supervision/serving.py",
        f"--bind={host}:{port}",
        "--workers=2",
        "--log-level=warning",
    ]
    celery = ["-m", "celery", "--quiet", "-A", "fire_supervision.celery"]
    return {
        "web": [sys.executable, *gunicorn],
        # The papers of the demo's history are printed after the start: pages come first.
        "worker": ["nice", "-n", "10", sys.executable, *celery, "worker", "--concurrency=2", "--loglevel=INFO"],
        "beat": [sys.executable, *celery, "beat", "--pidfile=", "--loglevel=WARNING"],
    }


def start(name: str, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order. setpriv ends the
    # program also when this process is killed without a chance to do so.
    child = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", "--", *command],
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    threading.Thread(target=relay, args=(name, child.stdout), daemon=True).start()
    return child


def relay(name: str, stream: IO[str]) -> None:
    label = f"{name:<6} |"
    if sys.stdout.isatty():
        label = f"\033[{COLOURS[name]}m{label}\033[0m"
    with stream:
        for line in stream:
            print(label, line, end="", flush=True)


def wait_until_ready(host: str, port: int, children: dict[str, subprocess.Popen[str]]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers(host, port):
        if dead := first_dead(children):
            sys.exit(f"==> {dead} ended before the first page came (its last lines are above).")
        if time.monotonic() > deadline:
            sys.exit(f"==> no page after {READY_SECONDS} s (see the lines above).")
        time.sleep(0.1)


def answers(host: str, port: int) -> bool:
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)  # noqa: S104 - compared only
    try:
        connection.request("GET", "/", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def greet(host: str, port: int, seconds: float) -> None:
    print((DEMO_DIR / "accounts.txt").read_text())
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104 - compared only
    print(f"==> ready after {seconds:.0f} s:  http://{shown}:{port}/   (Ctrl-C stops everything)\n", flush=True)


def tell_papers(database: Path) -> None:
    """Say how far the worker has come with the papers of the demo's history, until it is through."""
    counts = "SELECT count(*), count(rendered_at) FROM records_document"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        total, printed = connection.execute(counts).fetchone()
        while printed < total:
            print(f"==> papers printed: {printed} / {total}", flush=True)
            time.sleep(10)
            total, printed = connection.execute(counts).fetchone()
    print(f"==> papers printed: {printed} / {total}", flush=True)


def watch(children: dict[str, subprocess.Popen[str]]) -> int:
    while not (dead := first_dead(children)):
        time.sleep(0.2)
    print(f"\n==> {dead} ended with code {children[dead].returncode}; stopping the others", flush=True)
    return 1


def first_dead(children: dict[str, subprocess.Popen[str]]) -> str | None:
    return next((name for name, child in children.items() if child.poll() is not None), None)


def end(children: dict[str, subprocess.Popen[str]]) -> None:
    """Ask each, wait, then end what is left of its process group."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        kill_group(child.pid)
        child.wait()


def kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def say(text: str) -> None:
    print(f"==> {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
