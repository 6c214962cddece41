"""PostgreSQL and Redis for one test run: private data folder and sockets, gone afterwards.

Both listen on Unix sockets only, in a short folder under the system's temporary directory (a socket path holds at most
107 bytes), so nothing of this machine's own servers is touched and no port can collide.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

START_SECONDS = 30


class ServiceError(Exception):
    """A server is missing or did not start; the message says how to mend it."""


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Yield the environment variables that lead the settings to the two servers."""
    folder = Path(tempfile.mkdtemp(prefix="fire-"))
    try:
        folder.chmod(0o755)
        with ExitStack() as stack:
            database_url = stack.enter_context(postgresql(folder / "pg"))
            broker_url = stack.enter_context(redis(folder / "redis"))
            yield {"DATABASE_URL": database_url, "BROKER_URL": broker_url}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    binaries = postgresql_binaries()
    owner: list[str | Path] = [*as_owner(folder)]
    data, log = folder / "data", folder / "log"
    run(
        [*owner, binaries / "initdb", "-D", data, "-U", "fire", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        "initdb",
    )
    # Durability is not what these tests ask about, and a test cluster lives for minutes.
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
    pg_ctl: list[str | Path] = [*owner, binaries / "pg_ctl", "-D", data, "-w", "-t", str(START_SECONDS)]
    run([*pg_ctl, "-l", log, "-o", settings, "start"], "PostgreSQL")
    try:
        yield f"postgres://fire@/{folder}/postgres"  # a path that starts with // is a socket's folder to django-environ
    finally:
        subprocess.run([*pg_ctl, "-m", "immediate", "stop"], check=False, capture_output=True)


def postgresql_binaries() -> Path:
    """The newest server of the distribution, or the one on the path."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    if not installed:
        raise ServiceError("PostgreSQL is not installed: make setup-test")
    return installed[0].parent


def as_owner(folder: Path) -> list[str]:
    """Create the folder and return the prefix of commands that run as its owner: initdb refuses root."""
    folder.mkdir(mode=0o755)
    if os.geteuid():
        return []
    accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = accounts.get("postgres") or accounts["nobody"]
    os.chown(folder, account.pw_uid, account.pw_gid)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--"]


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    folder.mkdir()
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    try:
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(["redis-server", *options], stdout=log, stderr=log)
    except FileNotFoundError as error:
        raise ServiceError("Redis is not installed: make setup-test") from error
    try:
        deadline = time.monotonic() + START_SECONDS
        while not socket.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"Redis did not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.02)
        yield f"redis+socket://{socket}"
    finally:
        server.terminate()
        server.wait()


def run(command: list[str | Path], name: str) -> None:
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
    if done.returncode:
        raise ServiceError(f"{name} did not start:\n{done.stdout}")
