"""An order as its worker prints it (text, items, seal, QR, one sheet), its hazards as a table over the seal on one
sheet, an order with its 附页, and a table over several sheets; beside the same pages by headless Chromium.

No kind has table, seal and QR on one sheet: a notice bears its table on 附页, a record bears no seal. So the hazards
of an order are laid out here on the form of the records, over the seal, with everything else a paper has.

Times of ours are of the processor, so that a busy neighbour slows no paper; the race with Chromium, whose processes are
its own, is by the wall clock, in turns. Chromium writes a plain PDF, so the plain one of ours runs against it.
"""

import os
import shutil
import statistics
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import django
from playwright.sync_api import sync_playwright

from tests.bench.measure import Measure, cpu_ms, report
from tests.bench.press import page_count

TIMES, WARM = 60, 5
# At most half of Chromium's time; of a table over several sheets, laid out row by row, at most half as much again.
SHARE, TABLE_SHARE = 50, 150
MAX_KB = 200
# Three sheets and their table; a sheet of an order and one of 附页.
TABLE_MS, ANNEXED_MS = 450, 300
# Of the table on one sheet, and of 附页.
ROWS, ANNEXED_ROWS = 10, 8
SEALED_TABLE = """{% extends "papers/_form.html" %}{% load papers %}
{% block table %}
<table class="form">
  <colgroup><col class="narrow"><col><col class="outcome"></colgroup>
  <thead><tr><th>项</th><th>具体问题</th><th>违反的条款</th></tr></thead>
  {% for problem in problems %}
    <tbody><tr><th>{{ problem.no }}</th><td>{{ problem.detail }}</td><td>{{ problem.violates|cited }}</td></tr></tbody>
  {% endfor %}
</table>
{% endblock table %}
{% block close %}
<div class="close">
  <div class="beside"><p>检查人（签名）：{% include "papers/_signature.html" with drawn=signed.lead %}</p></div>
  {% include "papers/_seal.html" with name=heading %}
</div>
{% endblock close %}
"""
FACES = {
    "FandolFang": "FandolFang-Regular.otf",
    "FandolSong": "FandolSong-Bold.otf",
    "FandolHei": "FandolHei-Regular.otf",
    "LXGW WenKai": "LXGWWenKai-Regular.ttf",
    "LXGW WenKai Light": "LXGWWenKai-Light.ttf",
    "Noto Serif CJK SC": "NotoSerifCJK-Regular.ttc",
    "DejaVu Sans": "DejaVuSans.ttf",
}
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    django.setup()
    from records.models import Copy, Kind
    from records.samples import case, visit
    from records.samples.printing import printed
    from records.samples.sample import Sample

    orders = [Sample(Kind.ORDER_NOW, "bench", visit.ORDER_NOW), Sample(Kind.ORDER_LIMIT, "bench", visit.ORDER_LIMIT)]
    cold = wall_ms(lambda: printed(orders[0], Copy.UNIT))
    measures = [Measure("first order of a process", cold, "ms")]
    for order in orders:
        plain, archival = partial(plain_pdf, order, Copy.UNIT), partial(printed, order, Copy.UNIT)
        measures += warm(order.kind.label, plain, archival)
    signed, signing = signing_ms(archival())
    measures += [
        Measure("signing it (PAdES, P-256) adds, median", signing, "ms", limit=25),
        Measure("its file, PDF/A-3b with context, signed", len(signed) / 1000, "kB", limit=MAX_KB),
    ]
    table = Sample(Kind.RECHECK_RECORD, "bench", case.RECHECK_LONG)
    measures.append(
        Measure(
            f"warm {name_of(table)}, PDF/A-3b, median",
            median(cpu_ms, partial(printed, table, Copy.ARCHIVE)),
            "ms",
            limit=TABLE_MS,
        )
    )
    annexed = Sample(Kind.ORDER_LIMIT, "bench", with_rows(visit.ORDER_LIMIT, ANNEXED_ROWS))
    assert page_count(printed(annexed, Copy.UNIT)) == 2
    measures.append(
        Measure(
            f"warm {annexed.kind.label} with its 附页 of {ANNEXED_ROWS} rows, PDF/A-3b, median",
            median(cpu_ms, partial(printed, annexed, Copy.UNIT)),
            "ms",
            limit=ANNEXED_MS,
        )
    )
    measures += beside_chromium(orders[0], Copy.UNIT, SHARE) + beside_chromium(table, Copy.ARCHIVE, TABLE_SHARE)
    report(measures + sealed_table(Sample(Kind.ORDER_LIMIT, "bench", with_rows(visit.ORDER_LIMIT, ROWS))))


def warm(name: str, plain, archival) -> list[Measure]:
    return [
        Measure(f"warm {name}, plain PDF, median", median(cpu_ms, plain), "ms", limit=120),
        Measure(f"warm {name}, PDF/A-3b, median", median(cpu_ms, archival), "ms", limit=150),
    ]


def with_rows(context, count: int):
    """An order of ``count`` hazards."""
    problem, until = context["problems"][0], context["deadlines"][0]
    problems = [problem | {"no": no, "detail": f"第{no}层走道{no}处疏散指示标志损坏不亮"} for no in range(1, count + 1)]
    return context | {"problems": problems, "deadlines": [until | {"items": list(range(1, count + 1))}]}


def sealed_table(order) -> list[Measure]:
    """One sheet with a table of the hazards, the seal and the QR, by every limit the issue sets for such a sheet."""
    from django.template import engines

    from records import papers
    from records.models import Copy
    from records.samples.printing import printed

    page, usual = engines["django"].from_string(SEALED_TABLE), papers.render_to_string
    papers.render_to_string = lambda name, values=None: page.render(values) if values else usual(name)
    try:
        archival, name = partial(printed, order, Copy.UNIT), f"table of {ROWS} rows, seal and QR on one sheet"
        assert page_count(archival()) == 1
        measures = warm(name, partial(plain_pdf, order, Copy.UNIT), archival)
        signed, signing = signing_ms(archival())
        measures.append(Measure("signing it adds, median", signing, "ms", limit=25))
        measures.append(Measure("its file, PDF/A-3b with context, signed", len(signed) / 1000, "kB", limit=MAX_KB))
        return measures + beside_chromium(order, Copy.UNIT, SHARE, name)
    finally:
        papers.render_to_string = usual


def name_of(sample) -> str:
    """A table is named with how much it holds."""
    rows = len(sample.context.get("results", []))
    return f"{sample.kind.label} of {rows} rows" if rows else sample.kind.label


def wall_ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def median(clock: Callable[[Callable[[], object]], float], call: Callable[[], object]) -> float:
    for _ in range(WARM):
        call()
    return statistics.median(clock(call) for _ in range(TIMES))


def plain_pdf(order, copy) -> bytes:
    """The same page as PDF 1.7: neither PDF/A nor the context inside."""
    from records.samples.printing import printed

    with extras_seen(lambda extras: replace(extras, variant=None, attached={})):
        return printed(order, copy)


@contextmanager
def extras_seen(change) -> Iterator[None]:
    """Let ``change`` see, and answer with others, what goes into each PDF besides its page."""
    from fire_supervision.lib import pdf as printer

    written = printer._written
    printer._written = lambda document, extras: written(document, change(extras))
    try:
        yield
    finally:
        printer._written = written


def signing_ms(content: bytes) -> tuple[bytes, float]:
    """``content`` signed with a certificate made here, and how long that takes once the key is loaded."""
    from django.test import override_settings
    from django.utils.timezone import now

    from fire_supervision.lib.signing import sign
    from records.management.commands.make_demo_certificate import self_signed

    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        for path, part in zip(paths, self_signed("测量", now() - timedelta(days=1), timedelta(days=9)), strict=True):
            path.write_bytes(part)
        with override_settings(SIGNING_CERTIFICATE=str(paths[0]), SIGNING_KEY=str(paths[1])):
            signed = sign(content)
            assert signed != content
            return signed, median(cpu_ms, lambda: sign(content))


# ---------- Chromium ----------


def beside_chromium(order, copy, share: float, name: str = "") -> list[Measure]:
    """The same words, style sheet, faces, seal and QR, in turns by both, each warm; ours in ``share`` per cent."""
    ours = partial(plain_pdf, order, copy)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder, "order.html")
        page_file.write_text(for_a_browser(order, copy))
        path = shutil.which("chromium") or os.environ.get("CHROMIUM", "")
        with playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS) as browser:
            page = browser.new_page()

            def theirs() -> bytes:
                page.goto(page_file.as_uri())
                page.evaluate("document.fonts.ready")
                return page.pdf(prefer_css_page_size=True, print_background=True)

            for _ in range(WARM):
                size = len(theirs()), len(ours())
            spans = [(wall_ms(theirs), wall_ms(ours)) for _ in range(TIMES // 2)]
    chromium, here = (statistics.median(each) for each in zip(*spans, strict=True))
    return [
        Measure(f"headless Chromium, the same {name or name_of(order)}, wall clock", chromium, "ms"),
        Measure("ours beside it, plain PDF, wall clock", here, "ms"),
        Measure("ours of Chromium's time", here / chromium * 100, "%", limit=share),
        Measure("Chromium's file", size[0] / 1000, "kB"),
        Measure("ours beside it", size[1] / 1000, "kB", limit=MAX_KB),
    ]


def for_a_browser(order, copy) -> str:
    """The page with its style sheet, faces and pictures named as a browser finds them."""
    from django.conf import settings

    from records import papers
    from records.samples.printing import printed, sample_marks

    pictures: dict[str, bytes] = {}
    with extras_seen(lambda extras: pictures.update(extras.pictures) or extras):
        printed(order, copy)
    html = papers.html(order.kind, order.context, copy, sample_marks(order))
    for address, content in pictures.items():
        html = html.replace(address, f"data:image/png;base64,{b64encode(content).decode()}")
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{(settings.PAPER_FONTS_DIR / file).resolve().as_uri()}") }}'
        for family, file in FACES.items()
    )
    return html.replace("</head>", f"<style>{faces}{papers._stylesheet()}</style></head>")


if __name__ == "__main__":
    main()
