"""Verification and whole export of a trail of any length, a slice at a time: a task is killed after ten minutes."""

import gzip
import time
from collections.abc import Iterator

from trail import keys
from trail.exporting import Line, as_bytes, head, last_sequence, sealed, tail
from trail.handing_out import exports_folder
from trail.models import Run
from trail.verifier import Verifier, words_of

# Well below the limit of a task (CELERY_TASK_TIME_LIMIT); a paper to print waits behind a slice, not behind the whole.
SLICE_SECONDS = 20.0


def verify(run: Run) -> bool:
    """Verify one slice of the database itself; True when it was the last. ``run`` is told how far it came."""
    last, after, paused = _position(run)
    verifier = Verifier(keys=keys.known(), check_signature=keys.check)
    for line in head(last):
        verifier.feed(line)
    if paused:
        verifier.resume(paused)
    begin = after
    for line in _for_a_while(sealed(last, None, after)):
        verifier.feed(line)
        after = line["sequence"]
    report = verifier.report
    run.sealed, run.found = report.sealed, report.total
    if begin < after < last:
        run.position = {"last": last, "after": after, "paused": verifier.pause()}
        return False
    for line in tail(last, None, report.sealed):
        verifier.feed(line)
    report = verifier.finish()
    run.found, run.pending, run.words = report.total, report.pending, words_of(report)
    return True


def export(run: Run) -> bool:
    """Write one slice of the file; True when it was the last. Raises OSError when the file is gone."""
    last, after, paused = _position(run)
    path, size = exports_folder() / run.file_name, (paused or {}).get("size", 0)
    begin = after
    with path.open("r+b" if paused else "wb") as raw:
        # Of a slice whose worker died, part may stand there already.
        raw.truncate(size)
        raw.seek(size)
        # Packed files one behind the other are one packed file.
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=5) as file:
            for line in () if paused else head(last):
                file.write(as_bytes(line))
            for line in _for_a_while(sealed(last, run.bureau_ids, after)):
                file.write(as_bytes(line))
                run.sealed, after = run.sealed + 1, line["sequence"]
            unfinished = begin < after < last
            for line in () if unfinished else tail(last, run.bureau_ids, run.sealed):
                file.write(as_bytes(line))
                run.pending += line["kind"] == "entry"
    run.words = f"已封 {run.sealed} 条，待封 {run.pending} 条"
    run.position = {"last": last, "after": after, "paused": {"size": path.stat().st_size}}
    return not unfinished


def _position(run: Run) -> tuple[int, int, Line | None]:
    """How far it goes, behind which seal it goes on, and what was kept there."""
    if run.position is None:
        run.total = last_sequence()
        return run.total, -1, None
    return run.position["last"], run.position["after"], run.position["paused"]


def _for_a_while(lines: Iterator[Line]) -> Iterator[Line]:
    until = time.monotonic() + SLICE_SECONDS
    for line in lines:
        yield line
        if time.monotonic() >= until:
            return
