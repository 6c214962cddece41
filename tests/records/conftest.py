"""A paper of our station, issued but not printed; the samples of all papers, printed once a run."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.fields.files import FieldFile
from django.test import override_settings

from records import actions
from records.models import Copy, Document, Kind
from records.samples import Sample
from records.samples import visit as samples
from records.samples.printing import drafted
from records.samples.printing import printed as print_sample
from stations.models import User
from units.models import Unit

# tests/services asks PostgreSQL the same.
collect_ignore = [] if connection.vendor == "sqlite" else ["test_numbers_at_once.py"]


def content(stored: FieldFile) -> bytes:
    """The bytes of a stored file, closed again."""
    with stored.open("rb") as opened:
        found: bytes = opened.read()
    return found


TUESDAY = date(2026, 9, 22)


@pytest.fixture
def issue(officer: User, unit: Unit) -> Callable[..., Document]:
    """Issue the sample paper of ``kind`` for `unit`; of a kind of the other rooms with the context that is given."""

    def do(kind: Kind = Kind.ORDER_LIMIT, **fields: Any) -> Document:
        context = {
            Kind.ORDER_LIMIT: samples.ORDER_LIMIT,
            Kind.ORDER_NOW: samples.ORDER_NOW,
            Kind.INSPECTION_RECORD: samples.RECORD,
        }.get(kind)
        fields = {
            "station": unit.station, "scope": unit, "context": context, "unit_id": unit.pk, "unit_name": unit.name,
            "subject": unit, "actor": officer, "on": TUESDAY,
        } | fields  # fmt: skip
        return actions.issue(kind=kind, **fields)

    return do


@pytest.fixture(scope="session")
def sample_pdf(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sample, Copy | None], bytes]:
    """The PDF of a copy of a sample, or of its draft (None): printed once a run, though it is run on both cores."""
    base = tmp_path_factory.getbasetemp()
    # Under xdist each worker has a folder of its own in one they share.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "samples"
    folder.mkdir(exist_ok=True)

    def do(sample: Sample, copy: Copy | None) -> bytes:
        path = folder / f"{sample.kind}-{sample.name}-{copy or 'DRAFT'}.pdf"
        if not path.exists():
            with override_settings(PUBLIC_URL="https://xf.example"):
                content = print_sample(sample, copy) if copy else drafted(sample)
            # Whoever reads beside us finds all of it or nothing.
            half = Path(f"{path}.{os.getpid()}")
            half.write_bytes(content)
            half.replace(path)
        return path.read_bytes()

    return do
