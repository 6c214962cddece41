"""Passwords found in breaches: a file of SHA-1 hashes, sorted, searched where it lies. No service is asked."""

import os
import re
from hashlib import sha1
from pathlib import Path
from typing import BinaryIO

# HASH:COUNT, as haveibeenpwned's downloader writes it, or the hash alone.
LINE = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\r?\n?")
HASH = 40
# Looked at by `fault`: enough to tell another file, another order or half a download; the whole has forty gigabytes.
PROBES = 64


def holds(place: str, password: str) -> bool:
    """Whether the file at ``place`` lists ``password``: some thirty-five short reads. Raises OSError."""
    wanted = sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with Path(place).open("rb") as file:
        low, high = 0, _size(file)
        # The first line that is not before the wanted one begins at low, at high or between them.
        while low < high:
            middle = (low + high) // 2
            line = _line_at(file, middle)
            if line and _hash(line) < wanted:
                low = file.tell()
            else:
                high = middle
        return _hash(_line_at(file, low)) == wanted


def fault(place: str) -> str:
    """What is wrong with the file at ``place``, in words; empty when it can be searched."""
    try:
        with Path(place).open("rb") as file:
            size = _size(file)
            lines = [_line_at(file, size * number // PROBES) for number in range(PROBES)]
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    lines = [line for line in lines if line]
    if not lines:
        return "is empty"
    if not all(LINE.fullmatch(line) for line in lines):
        return "holds lines other than HASH:COUNT (SHA-1 in hexadecimal)"
    hashes = [_hash(line) for line in lines]
    return "" if hashes == sorted(hashes) else "is not sorted by its hashes"


def _size(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _line_at(file: BinaryIO, offset: int) -> bytes:
    """The first line that begins at ``offset`` or behind it; empty behind the last."""
    file.seek(max(offset - 1, 0))
    if offset:
        file.readline()
    return file.readline()


def _hash(line: bytes) -> bytes:
    return line[:HASH].upper()
