"""What a measurement is, and how one process hands its measurements to another."""

import json
import os
import statistics
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


def median_ms(call: Callable[[], object], times: int) -> float:
    """Wall time of one warm call."""
    call()
    spans = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        spans.append(time.perf_counter() - began)
    return statistics.median(spans) * 1000


def resident_mb() -> float:
    """Memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
