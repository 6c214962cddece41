"""One clock for every process of a run. It can be set back or forward while they live, as an administrator does it.

The shift stands in eight bytes of a file that each process maps. Only the wall clock moves: `time.monotonic` goes on,
as on a machine whose clock is set.
"""

import mmap
import os
import runpy
import signal
import struct
import sys
import threading
from datetime import datetime
from pathlib import Path

import time_machine
from time_machine import _time_machine

VARIABLE = "CHAOS_CLOCK"
_SECOND = 1_000_000_000


class Clock:
    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), 8)

    def time_ns(self) -> int:
        """Now, in nanoseconds; only after `install`."""
        shift: int = struct.unpack_from("<q", self._bytes)[0]
        return _time_machine.original_time_ns() + shift

    def shift(self, seconds: float) -> None:
        """Move the clock of every process by ``seconds``; back when they are negative."""
        before: int = struct.unpack_from("<q", self._bytes)[0]
        struct.pack_into("<q", self._bytes, 0, before + int(seconds * _SECOND))

    def set(self, moment: datetime) -> None:
        self.shift(moment.timestamp() - self.time_ns() / _SECOND)

    def install(self) -> None:
        """From here on this process and its children live by this clock."""
        time_machine.travel(0).start()
        time_machine.traveller_stack[-1] = _Shared(self)


class _Shared(time_machine.Traveller):
    def __init__(self, clock: Clock) -> None:
        super().__init__(0, None, tick=True)
        self._clock = clock

    def time_ns(self) -> int:
        return self._clock.time_ns()


def _end_with_the_run() -> None:
    """Nothing lives on when the run itself is killed: its end of our standard input closes then."""
    # Not through sys.stdin: a child forked meanwhile would inherit its lock, locked.
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """``python -m tests.chaos.clock [--tied] MODULE ARGUMENT …`` runs the module by the clock of the run."""
    Clock(Path(os.environ[VARIABLE])).install()
    del sys.argv[0]
    if sys.argv[0] == "--tied":
        del sys.argv[0]
        threading.Thread(target=_end_with_the_run, daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
