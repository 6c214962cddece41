"""Work on a file nobody vouches for, in a process of its own: little memory, little time, no network, no other file.

Run as a script it is that process: it limits itself (`sandbox`), then calls ``clean(source, result)`` of the script it
is told, which answers with the reason why the file is refused, or with an empty string.
"""

import os
import resource
import runpy
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

# What the child may hold besides the libraries themselves, write, and compute.
MEMORY, WRITTEN, SECONDS = 192 * 1024 * 1024, 128 * 1024 * 1024, 20
REFUSED = 3


class Refused(Exception):
    """The reason, for the screen, in Simplified Chinese."""


class Overwhelmed(Exception):
    """The file took more memory or time than it is granted, or broke the library that reads it."""


def cleaned(script: Path, upload: IO[bytes]) -> IO[bytes]:
    """What ``script`` makes of ``upload``, in a temporary file open at its beginning. Raises Refused, Overwhelmed."""
    result = TemporaryFile()  # noqa: SIM115 - the caller reads and closes it
    try:
        with TemporaryFile() as source:
            upload.seek(0)
            while chunk := upload.read(1 << 20):
                source.write(chunk)
            source.seek(0)
            _run(script, source, result)
    except BaseException:
        result.close()
        raise
    finally:
        upload.seek(0)
    result.seek(0)
    return result


def _run(script: Path, source: IO[bytes], result: IO[bytes]) -> None:
    command = [sys.executable, "-I", __file__, str(script)]
    with TemporaryDirectory() as folder:
        # Nothing of our environment: the secrets of the product stand in it.
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "TMPDIR": folder}
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and our own script
                command, stdin=source, stdout=result, stderr=subprocess.PIPE, env=environment, cwd=folder, check=False,
                timeout=SECONDS * 2,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Overwhelmed("no answer in time") from None
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == REFUSED:
        raise Refused(said)
    if done.returncode:
        raise Overwhelmed(f"exit {done.returncode}: {said[-500:]}")


def _limit() -> None:
    with suppress(ValueError):  # a lower limit of the machine stays
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(script: str) -> int:
    _limit()
    clean = runpy.run_path(script)["clean"]
    # Its libraries are read; from here on nothing else is, whatever the file makes of them.
    runpy.run_path(str(Path(__file__).with_name("sandbox.py")))["enter"](str(Path.cwd()))
    reason: str = clean(sys.stdin.buffer, sys.stdout.buffer)
    if reason:
        sys.stderr.write(reason)
        return REFUSED
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
