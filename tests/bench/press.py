"""Many papers: two workers side by side for 500 orders each, 300 issued papers as one file, 300 printed afresh as one.

The orders are those of the demo, so that no two papers are of the same characters.
"""

import io
import multiprocessing
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import django

from tests.bench.measure import Measure, report, resident_mb

PAPERS, DIFFERENT, STACK = 500, 60, 300
GROWTH_MB, WORKER_MB, PAGE_MS = 20, 200, 100
WORKERS, A_SECOND = 2, 13
# A worker that broke down while it warmed up must not leave the others waiting for ever.
WARM_SECONDS = 300


def main() -> None:
    django.setup()
    report([*two_workers(), *bound(), *afresh()])


# ---------- two workers ----------


def two_workers() -> list[Measure]:
    """As Celery's prefork does: one process loads every task and the addresses, and is split; warm, then together."""
    from django.db import connections

    from fire_supervision.celery import app

    app.loader.import_default_modules()
    connections.close_all()
    split = multiprocessing.get_context("fork")
    start, found = split.Barrier(WORKERS + 1), split.SimpleQueue()
    workers = [split.Process(target=worker, args=(start, found)) for _ in range(WORKERS)]
    for each in workers:
        each.start()
    start.wait(WARM_SECONDS)
    began = time.perf_counter()
    figures = [found.get() for _ in workers]
    seconds = time.perf_counter() - began
    for each in workers:
        each.join()
    growth, peak = (max(each) for each in zip(*figures, strict=True))
    count = WORKERS * PAPERS
    return [
        Measure(f"{count} orders as PDF/A-3b on {WORKERS} workers: a second", count / seconds, ""),
        Measure("the same: one comes every", seconds / count * 1000, "ms", limit=1000 / A_SECOND),
        Measure(f"memory of a worker over {PAPERS} orders, at most", peak, "MB", limit=WORKER_MB),
        Measure("its growth, at most", growth, "MB", limit=GROWTH_MB),
    ]


def worker(start, found) -> None:
    """Print each order once, wait for the others, print `PAPERS`; put growth and peak of the memory into ``found``."""
    from records import papers
    from records.models import Copy

    orders = demo_orders()
    for order in orders:
        papers.pdf(order, Copy.ARCHIVE)
    start.wait(WARM_SECONDS)
    before = peak = resident_mb()
    for order in islice(cycle(orders), PAPERS):
        papers.pdf(order, Copy.ARCHIVE)
        peak = max(peak, resident_mb())
    found.put((peak - before, peak))


def demo_orders():
    from records.models import Document, Kind

    return list(Document.objects.filter(kind__in=(Kind.ORDER_LIMIT, Kind.ORDER_NOW)).order_by("pk")[:DIFFERENT])


# ---------- for printing in one go ----------


def bound() -> list[Measure]:
    """合并打印: the files as they were frozen, read from the disk and written as one."""
    from fire_supervision.lib.pdf_stack import stacked
    from records import papers
    from records.models import Copy

    with tempfile.TemporaryDirectory() as folder:
        for number, order in enumerate(demo_orders()):
            Path(folder, f"{number}.pdf").write_bytes(papers.pdf(order, Copy.ARCHIVE))
        paths = list(islice(cycle(sorted(Path(folder).iterdir())), STACK))
        began = time.perf_counter()
        with stacked(path.open("rb") for path in paths) as stack:
            seconds = time.perf_counter() - began
            pages = page_count(stack.read())
    return [
        Measure(f"{STACK} issued papers bound for printing", seconds * 1000, "ms"),
        Measure("the same, a page", seconds / pages * 1000, "ms", limit=PAGE_MS),
    ]


def afresh() -> list[Measure]:
    """What never was issued: as many drafts laid out and written as one document, their faces embedded once."""
    from fire_supervision.lib import pdf as printer
    from records import papers
    from records.marks import Marks
    from records.models import Copy, Kind

    orders = list(islice(cycle(demo_orders()), STACK))
    papers.draft(Kind(orders[0].kind), orders[0].context)
    began = time.process_time()
    sheets = []
    for order in orders:
        html = papers.html(Kind(order.kind), order.context, Copy.UNIT, Marks(draft=True))
        document = printer._laid_out(html, papers._stylesheet(), printer.NOTHING)
        sheets += document.pages
    content = document.copy(sheets).write_pdf()
    seconds = time.process_time() - began
    return [
        Measure(f"{STACK} drafts printed as one document, a page", seconds / len(sheets) * 1000, "ms", limit=PAGE_MS),
        Measure("its file", len(content) / 1000, "kB"),
    ]


def page_count(content: bytes) -> int:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


if __name__ == "__main__":
    main()
