"""What a measurement is, and how one process hands its measurements to another."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measure:
    """One figure and, where an issue sets one, the limit it must not exceed."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def over(self) -> bool:
        return self.limit is not None and self.value > self.limit


def report(measures: list[Measure]) -> None:
    json.dump([asdict(measure) for measure in measures], sys.stdout)


def received(text: str) -> list[Measure]:
    return [Measure(**fields) for fields in json.loads(text)]


def cpu_ms(call: Callable[[], object]) -> float:
    """Processor time of one call in this process."""
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def resident_mb() -> float:
    """Memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
