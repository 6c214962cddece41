"""A volume of 60 pages and more, bound by a warm worker: papers as printed, scans as phones make them, photographs."""

import statistics
import time
from io import BytesIO
from pathlib import Path

import django
from django.core.files.base import ContentFile
from django.utils import timezone

from tests.bench.measure import Measure, cpu_ms, report
from tests.frozen import bend

PAGES, PAPERS, SCANS, PHOTOS = 60, 32, 6, 18
TIMES = 3


def main() -> None:
    django.setup()
    from desk.volume import ask_unit
    from desk.volume_binding import bind
    from records.models import Bundle

    unit, officer = a_thick_dossier()
    spans, processor, peaks, bundle = [], [], [], Bundle()
    for _ in range(TIMES + 1):
        asked = ask_unit(unit, officer, timezone.now())
        forget_peak()
        began = time.perf_counter()
        processor.append(cpu_ms(lambda asked=asked: bind(asked.pk, timezone.now())))
        spans.append(time.perf_counter() - began)
        peaks.append(peak_mb())
        bundle = Bundle.objects.get(pk=asked.pk)
        assert (bundle.state, bundle.left_out) == ("READY", 0), bundle.error
    assert bundle.pages >= PAGES
    # The first one warms up.
    report(
        [
            Measure("pages of the volume", bundle.pages, "pages"),
            Measure("warm volume, by the clock, median of 3", statistics.median(spans[1:]), "s", limit=10),
            Measure("warm volume, of the processor, median of 3", statistics.median(processor[1:]) / 1000, "s"),
            Measure("worker's memory at its peak", max(peaks), "MB", limit=300),
            Measure("its file", bundle.size / 1e6, "MB"),
        ]
    )


def a_thick_dossier():
    """The unit with the most papers, those of its neighbours added until it has enough; everything printed."""
    from django.db.models import Count

    from desk.volume_contents import of_unit
    from inspections.models import Photo
    from records import actions
    from records.models import Document

    busiest = Document.objects.valid().exclude(unit_id=None).values("unit_id").annotate(n=Count("pk")).order_by("-n")[0]
    from units.models import Unit

    unit = Unit.objects.select_related("station").get(pk=busiest["unit_id"])
    of_station = Document.objects.valid().filter(station=unit.station).exclude(unit_id=None)
    wanted = list(of_station.order_by("pk").values_list("pk", flat=True)[:PAPERS])
    bend(Document.objects.filter(pk__in=wanted), unit_id=unit.pk)
    officer = Document.objects.get(pk=wanted[0]).issued_by
    # What the volume binds, not what bears the number of the unit: papers of a complaint do not.
    for paper in of_unit(unit, officer).papers:
        actions.render(paper.pk)
    for number, paper in enumerate(Document.objects.filter(unit_id=unit.pk)[:SCANS]):
        actions.add_scan(paper, ContentFile(picture((2550, 3600), number), "scan.jpg"), "", officer)
    visit = unit.inspections.done().first()
    for number in range(PHOTOS):
        photo = Photo(inspection=visit, sha256=f"{number:064d}", taken_at=timezone.now(), uploaded_by=officer)
        photo.file.save("bench.jpg", ContentFile(picture((2048, 1536), number)))
    return unit, officer


def picture(size: tuple[int, int], seed: int) -> bytes:
    """A photograph's worth of detail: some 300 to 900 kB."""
    from PIL import Image

    noise = Image.effect_noise((size[0] // 4, size[1] // 4), 40 + seed).resize(size)
    buffer = BytesIO()
    noise.convert("RGB").save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """The most this process held since `forget_peak`."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    main()
