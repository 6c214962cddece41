"""Files on their way in, shown to clamd before anything of ours opens them. Without VIRUS_SCANNER nobody is asked.

Protocol: clamd(8), INSTREAM with the z prefix. Nothing but the exact word that a file is clean lets it pass.
"""

import logging
import re
import socket
import struct
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import IO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from fire_supervision.lib.confined import Refused

logger = logging.getLogger(__name__)
ADDRESS = re.compile(r"unix:(?P<path>/\S+)|tcp:(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")
CHUNK = 1 << 16
# To be reached, and for the whole of one file: below the minute after which gunicorn gives up on a request.
CONNECT_SECONDS, SECONDS = 3.0, 20.0
ANSWER_BYTES = 4096
CLEAN = "stream: OK"
FOUND = re.compile(r"stream: (?P<name>[\x21-\x7e][\x20-\x7e]{0,199}) FOUND")
AWAY = "暂时不能扫描病毒，文件没有收下。请过几分钟再传；仍不行的，请告诉系统管理员。"


class Away(Exception):
    """The scanner did not answer, or not in its own words; for the log."""


@dataclass(frozen=True)
class Stopped:
    """A file that was not let in: the scanner's name of the virus, or nothing where the scanner was away."""

    virus: str = ""


# What was stopped within this request, for whoever writes the trail; None outside one.
stopped: ContextVar[list[Stopped] | None] = ContextVar("stopped", default=None)


def look_at(upload: IO[bytes]) -> None:
    """Raises Refused, in words for its field, for a file with a virus and for one that could not be looked at."""
    if not settings.VIRUS_SCANNER:
        return
    told = stopped.get()
    if told and not told[-1].virus:
        # Asked a moment ago, for another file of the same form: each would wait for the same silence.
        raise Refused(AWAY)
    try:
        virus = scanned(upload)
    except Away as reason:
        logger.error("a file was refused, the virus scanner is away: %s", reason)
        _keep(Stopped())
        raise Refused(AWAY) from None
    if virus:
        _keep(Stopped(virus))
        raise Refused(f"文件带有病毒（{virus}），没有收下。请先查杀存有它的手机或者电脑。")


def _keep(what: Stopped) -> None:
    if (told := stopped.get()) is not None:
        told.append(what)


def scanned(upload: IO[bytes]) -> str:
    """What the scanner calls the virus in ``upload``; empty for none. Raises Away. The file stands at its beginning."""
    upload.seek(0)
    try:
        answer = _asked(b"zINSTREAM\0", upload)
    finally:
        upload.seek(0)
    if answer == CLEAN:
        return ""
    if found := FOUND.fullmatch(answer):
        return found["name"][:80]
    raise Away(f"it said {answer[:200]!r}")


def version() -> str:
    """As in `ClamAV 1.4.3/27832/Mon Nov 16 08:21:05 2026`: program, number and day of its signatures. Raises Away."""
    return _asked(b"zVERSION\0", None)


def address() -> tuple[str, int] | str:
    """Host and port, or the path of a socket. Raises ImproperlyConfigured."""
    found = ADDRESS.fullmatch(settings.VIRUS_SCANNER)
    if found is None or int(found["port"] or 1) not in range(1, 65536):
        raise ImproperlyConfigured(
            f"VIRUS_SCANNER is {settings.VIRUS_SCANNER!r}; it is unix:/PATH/OF/SOCKET, tcp:HOST:PORT or empty."
        )
    return found["path"] or (found["host"].strip("[]"), int(found["port"]))


def _asked(command: bytes, content: IO[bytes] | None) -> str:
    until = monotonic() + SECONDS
    try:
        with _connected(address()) as connection:
            _send(connection, command, content, until)
            return _answer(connection, until)
    except (OSError, ImproperlyConfigured) as error:
        raise Away(f"{type(error).__name__}: {error}") from None


def _connected(where: tuple[str, int] | str) -> socket.socket:
    if isinstance(where, tuple):
        return socket.create_connection(where, CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(CONNECT_SECONDS)
    try:
        connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, command: bytes, content: IO[bytes] | None, until: float) -> None:
    try:
        _wait(connection, until)
        connection.sendall(command)
        while content is not None and (chunk := content.read(CHUNK)):
            _wait(connection, until)
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        if content is not None:
            connection.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        # It has had enough (StreamMaxLength) and hung up; why, it has said.
        return


def _answer(connection: socket.socket, until: float) -> str:
    """Up to its NUL. Raises Away for an end before that, and for more than an answer is."""
    answer = b""
    while not answer.endswith(b"\0"):
        _wait(connection, until)
        piece = connection.recv(ANSWER_BYTES)
        answer += piece
        if not piece or len(answer) > ANSWER_BYTES:
            raise Away(f"it ended with {answer[-200:]!r}")
    return answer[:-1].decode("utf-8", "replace")


def _wait(connection: socket.socket, until: float) -> None:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    connection.settimeout(left)
