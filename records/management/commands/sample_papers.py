"""Every paper to look at, in every copy, with short, long and awkward content."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from django.core.management.base import BaseCommand

from fire_supervision.lib.signing import sign
from records.models import FORMS, Copy
from records.samples import SAMPLES
from records.samples.printing import drafted, printed
from records.samples.sample import Sample

Print = Callable[[], bytes]


class Command(BaseCommand):
    help = (
        "Print the samples of every paper into DIR as they would be issued, and each kind as a draft; writes no rows."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, metavar="DIR")
        parser.add_argument("--kind", nargs="+", default=[], help="only these, for example order_limit")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["dir"]
        folder.mkdir(parents=True, exist_ok=True)
        wanted = tuple(f"{kind.lower()}-" for kind in options["kind"]) or ""
        self.stdout.write(f"{'file':<44} {'pages':>5} {'kB':>5} {'ms':>6}")
        for name, write in sheets():
            if not name.startswith(wanted):
                continue
            began = time.perf_counter()
            content = write()
            spent = (time.perf_counter() - began) * 1000
            (folder / name).write_bytes(content)
            self.stdout.write(f"{name:<44} {pages(content):>5} {len(content) / 1000:>5.0f} {spent:>6.0f}")


def sheets() -> Iterator[tuple[str, Print]]:
    """Each file by name, and how it is printed: every sample in every copy, then one of each kind as a draft."""
    for sample in SAMPLES:
        for copy in FORMS[sample.kind].copies:
            yield f"{sample.kind}-{sample.name}-{copy}.pdf".lower(), partial(issued, sample, copy)
    for kind, sample in {sample.kind: sample for sample in reversed(SAMPLES)}.items():
        yield f"{kind}-{sample.name}-draft.pdf".lower(), partial(drafted, sample)


def issued(sample: Sample, copy: Copy) -> bytes:
    return sign(printed(sample, copy))


def pages(content: bytes) -> int:
    with pikepdf.open(BytesIO(content)) as pdf:
        return len(pdf.pages)
