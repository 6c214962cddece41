"""Numbers of papers: one gap-free series a station, kind and year."""

from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import transaction
from django.db.models import F

from records.models import DocumentCounter, Kind
from records.patterns import patterns_of, printed
from records.rehearsing import note_number
from stations.models import Organisation


@dataclass(frozen=True)
class GivenUp:
    """A number that a register gave to what came in, and that no paper will bear: taken back, with the reason."""

    kind: Kind
    number: str
    reason: str
    on: date


def given_up(station: Organisation, year: int) -> list[GivenUp]:
    """The numbers of ``year`` that were taken back before a paper was made under them, as used as void ones.

    Every register that numbers what comes in, in whatever room, tells its own: its table has `numbers_given_up`.
    """
    registers = [model for model in apps.get_models() if hasattr(model, "numbers_given_up")]
    return [number for register in registers for number in register.numbers_given_up(station, year)]


def take(station: Organisation, kind: Kind, year: int) -> int:
    """The next number of the series, locked until the surrounding transaction ends.

    A rollback gives the number back, so take it as late as possible. Raises RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number belongs into the transaction of its paper")
    counter = locked_counter(station, kind, year)
    DocumentCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1, before_start=None)
    return counter.last + 1


def locked_counter(station: Organisation, kind: Kind, year: int) -> DocumentCounter:
    """The counter row of the series, created when the year's first paper asks for it, and locked."""
    counter, _ = DocumentCounter.objects.select_for_update().get_or_create(station=station, kind=kind, year=year)
    return counter


def format_number(station: Organisation, kind: Kind, year: int, number: int) -> str:
    """The number as printed, by the bureau's pattern: 江公（城关）消限字〔2026〕第0001号.

    One from names or a pattern older than the bound of one line is longer, and breaks: nobody at the door can mend it.
    """
    return note_number(printed(patterns_of(station.bureau_id)[kind], station, kind, year, number))
