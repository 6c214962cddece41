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
Command = list[str | Path]
_servers: dict[Path, subprocess.Popen[bytes]] = {}


class ServiceError(Exception):
    """A server is missing or did not start; the message says how to mend it."""


@contextmanager
def services(*, durable: bool = False) -> Iterator[dict[str, str]]:
    """Yield the environment variables that lead the settings to the two servers.

    ``durable``: PostgreSQL syncs what it commits, as in production, for whoever pulls the plug; else it is faster.
    """
    folder = Path(tempfile.mkdtemp(prefix="fire-"))
    try:
        folder.chmod(0o755)
        with ExitStack() as stack:
            database_url = stack.enter_context(postgresql(folder / "pg", durable=durable))
            broker_url = stack.enter_context(redis(folder / "redis"))
            yield {"DATABASE_URL": database_url, "BROKER_URL": broker_url}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql(folder: Path, *, durable: bool = False) -> Iterator[str]:
    owner = as_owner(folder)
    initdb: Command = [*owner, postgresql_binaries() / "initdb", "-D", folder / "data", "-U", "fire", "--auth=trust"]
    run([*initdb, "-E", "UTF8", "--locale=C.UTF-8", "-N"], "initdb")
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=100"
    # Durability is not what most tests ask about, and a test cluster lives for minutes.
    settings += "" if durable else " -c fsync=off"
    run([*pg_ctl(folder), "-o", settings, "start"], "PostgreSQL")
    try:
        yield f"postgres://fire@/{folder}/postgres"  # a path that starts with // is a socket's folder to django-environ
    finally:
        subprocess.run([*pg_ctl(folder), "-m", "immediate", "stop"], check=False, capture_output=True)


def restart_postgresql(folder: Path, mode: str) -> None:
    """Restart the cluster of ``folder`` with the settings it has.

    ``mode`` is pg_ctl's: "fast" ends every connection and shuts down cleanly, "immediate" is the plug pulled out.
    """
    run([*pg_ctl(folder), "-m", mode, "restart"], "PostgreSQL")


def pg_ctl(folder: Path) -> Command:
    """The command that governs the cluster of ``folder``, run as its owner."""
    command: Command = [*as_user((folder / "data").stat().st_uid), postgresql_binaries() / "pg_ctl"]
    return [*command, "-D", folder / "data", "-l", folder / "log", "-w", "-t", str(START_SECONDS)]


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
    return as_user(account.pw_uid)


def as_user(uid: int) -> list[str]:
    """The prefix of a command that is to run as ``uid``; nothing when that is who we are."""
    if uid == os.geteuid():
        return []
    return ["setpriv", f"--reuid={uid}", f"--regid={pwd.getpwuid(uid).pw_gid}", "--clear-groups", "--"]


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    folder.mkdir()
    start_redis(folder)
    try:
        yield f"redis+socket://{folder / 'redis.sock'}"
    finally:
        stop_redis(folder)


def start_redis(folder: Path) -> None:
    """Start the broker of ``folder``, empty, and wait until it listens."""
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    try:
        with (folder / "log").open("a") as log:
            server = subprocess.Popen(["redis-server", *options], stdout=log, stderr=log)
    except FileNotFoundError as error:
        raise ServiceError("Redis is not installed: make setup-test") from error
    _servers[folder] = server
    deadline = time.monotonic() + START_SECONDS
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServiceError(f"Redis did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.02)


def stop_redis(folder: Path) -> None:
    """End the broker of ``folder``; everything in it is gone."""
    server = _servers.pop(folder)
    server.terminate()
    server.wait()


def run(command: Command, name: str) -> None:
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
    if done.returncode:
        raise ServiceError(f"{name} did not start:\n{done.stdout}")
