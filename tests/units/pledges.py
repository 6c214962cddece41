"""Pledges for the tests: what both parties type and draw, and a signed one."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.utils.timezone import get_current_timezone

from records.samples.visit import STROKES
from records.signatures import Place
from stations.models import User
from units import pledging
from units.models import Pledge, PledgeTerms, Unit
from units.papers import shown_digest
from units.terms import Text, settle_terms, terms_on

DOOR = Place("北大街62号")
SIGNED = date(2026, 9, 22)
LAST = date(2027, 9, 21)


def morning(day: date) -> datetime:
    """Ten o'clock of ``day``."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=get_current_timezone())


def signing(signer: User, **changes: Any) -> pledging.Signing:
    """A year from `SIGNED` between our station and the shopkeeper, signed on the screen."""
    agreed = {"since": SIGNED, "until": LAST, "signer_b": "刘桂香", "post_b": "店主", "signer_a": signer}
    return pledging.Signing(**agreed | {"strokes_a": STROKES, "strokes_b": STROKES, "place": DOOR} | changes)


def seen(unit: Unit, on: date = SIGNED) -> str:
    """What the form of ``unit`` says it showed."""
    return shown_digest(unit, terms_on(unit, on))


def signed(unit: Unit, officer: User, on: date = SIGNED, **changes: Any) -> Pledge:
    return pledging.sign_pledge(unit, officer, signing(officer, **changes), key=uuid4(), at=morning(on))


def settled(
    actor: User, kind: str = "PREMISES", since: date = SIGNED, on: date = SIGNED, **changes: Any
) -> PledgeTerms:
    """The shipped text of ``kind`` settled by ``actor``'s bureau, with ``changes`` of items or liability."""
    shipped = PledgeTerms.objects.get(kind=kind, bureau=None)
    text = {"items": shipped.items, "liability": shipped.liability} | changes
    return settle_terms(actor, kind, Text(**text), since, "经法制部门审核", on=on)
