"""200 orders printed by one warm process, as its worker does: time of one, and whether memory stays flat."""

import statistics
import time
from itertools import cycle, islice

import django

from tests.bench.measure import Measure, report, resident_mb

PAPERS = 200
GROWTH_MB = 20


def main() -> None:
    django.setup()
    from records import papers
    from records.models import Copy, Document, Kind

    orders = list(Document.objects.filter(kind=Kind.ORDER_LIMIT).order_by("pk")[:40])
    cold = timed(lambda: papers.pdf(orders[0], Copy.ARCHIVE))
    # Each once: the first time a glyph is drawn its outline is kept.
    for order in orders:
        papers.pdf(order, Copy.ARCHIVE)
    before, spans, peak = resident_mb(), [], 0.0
    for order in islice(cycle(orders), PAPERS):
        spans.append(timed(lambda order=order: papers.pdf(order, Copy.ARCHIVE)))
        peak = max(peak, resident_mb())
    report(
        [
            Measure("first order of a process", cold, "ms"),
            Measure("warm order, median of 200", statistics.median(spans), "ms", limit=150),
            Measure("warm order, slowest of 200", max(spans), "ms"),
            Measure("worker's memory after 200 orders", resident_mb(), "MB"),
            Measure("its growth over 200 orders, at most", peak - before, "MB", limit=GROWTH_MB),
        ]
    )


def timed(call) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
