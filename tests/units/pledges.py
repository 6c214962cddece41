"""Pledges for the tests: what both parties type and draw, and a signed one."""

from datetime import date
from typing import Any
from uuid import uuid4

from records.samples.visit import STROKES
from stations.models import User
from units import pledging
from units.models import Pledge, Unit

SIGNED = date(2026, 9, 22)
LAST = date(2027, 9, 21)


def signing(signer: User, **changes: Any) -> pledging.Signing:
    """A year from `SIGNED` between our station and the shopkeeper, signed on the screen."""
    agreed = {"since": SIGNED, "until": LAST, "signer_b": "刘桂香", "post_b": "店主", "signer_a": signer}
    return pledging.Signing(**agreed | {"strokes_a": STROKES, "strokes_b": STROKES} | changes)


def signed(unit: Unit, officer: User, on: date = SIGNED, **changes: Any) -> Pledge:
    return pledging.sign_pledge(unit, officer, signing(officer, **changes), key=uuid4(), on=on)
