"""Samples printed as they would be issued: numbered, sealed, with a QR and the context inside."""

from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from django.utils.timezone import get_default_timezone

from records import papers
from records.demo_seals import drawn
from records.marks import Marks, public_address
from records.models import Copy
from records.samples.sample import Sample
from records.seals import Stamp, opaque

# No paper has this token: the QR of a sample leads to the page that says so.
NOWHERE = "yangben-yangben-sample"


def printed(sample: Sample, copy: Copy) -> bytes:
    """The PDF of ``sample`` as it is frozen, not signed; the same bytes each time."""
    return papers.written(sample.kind, sample.context, copy, sample_marks(sample))


def drafted(sample: Sample) -> bytes:
    """The PDF of ``sample`` before it is issued: without its number, under 草稿."""
    return papers.draft(sample.kind, {key: value for key, value in sample.context.items() if key != "number"})


def sample_marks(sample: Sample) -> Marks:
    at = datetime(2026, 9, 22, 15, 30, tzinfo=get_default_timezone())
    return Marks(address=public_address(NOWHERE), at=at, seal=_stamp(sample.context["heading"]))


@lru_cache(maxsize=8)
def _stamp(office: str) -> Stamp:
    """The seal of the demo: 演示专用 stands across it."""
    content = drawn(office).read()
    return Stamp(opaque(content), sha256(content).hexdigest())
