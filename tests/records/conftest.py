"""A paper of our station, issued but not printed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models.fields.files import FieldFile

from records import actions
from records.models import Document, Kind
from records.samples import visit as samples
from stations.models import User
from units.models import Unit


def content(stored: FieldFile) -> bytes:
    """The bytes of a stored file, closed again."""
    with stored.open("rb") as opened:
        found: bytes = opened.read()
    return found


TUESDAY = date(2026, 9, 22)


@pytest.fixture
def issue(officer: User, unit: Unit) -> Callable[..., Document]:
    """Issue the sample paper of ``kind`` for `unit`."""

    def do(kind: Kind = Kind.ORDER_LIMIT, **fields: Any) -> Document:
        context = {
            Kind.ORDER_LIMIT: samples.ORDER_LIMIT,
            Kind.ORDER_NOW: samples.ORDER_NOW,
            Kind.INSPECTION_RECORD: samples.RECORD,
        }[kind]
        fields = {
            "station": unit.station, "scope": unit, "context": context, "unit_id": unit.pk, "unit_name": unit.name,
            "subject": unit, "actor": officer, "on": TUESDAY,
        } | fields  # fmt: skip
        return actions.issue(kind=kind, **fields)

    return do
