"""A rehearsal: an act run to its end and taken back, for the papers it would issue.

What is read beforehand is by construction what will be issued: the same rules and the same gate in the same act, and no
second place that writes a context.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from fire_supervision.lib.refusals import Fault
from fire_supervision.lib.wall import recall, told
from records.models import Kind
from trail.context import written


@dataclass(frozen=True)
class Rehearsal:
    """What an act did before it was taken back: its papers with their contexts, and the numbers that fell with it."""

    papers: list[tuple[Kind, dict[str, Any]]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)


_running: ContextVar[Rehearsal | None] = ContextVar("rehearsal", default=None)


def rehearse(act: Callable[[], object]) -> Rehearsal:
    """Run ``act`` as it would run now and take it back whole: rows, numbers, locks, entries of the trail, jobs.

    Raises what the act raises. A file it stored would stay: who stores one asks `is_rehearsal` first.
    """
    rehearsal, reach = Rehearsal(), told()
    running, acts = _running.set(rehearsal), written.set(None)
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    finally:
        # PostgreSQL has gone back to what it was told before.
        recall(reach)
        written.reset(acts)
        _running.reset(running)
    return rehearsal


def is_rehearsal() -> bool:
    """Whether what is written now will be taken back."""
    return _running.get() is not None


def unspared(faults: Iterable[Fault]) -> list[Fault]:
    """Without what is said of signatures while a rehearsal runs: a draft is read before anybody has signed."""
    return [fault for fault in faults if not (is_rehearsal() and fault.field.startswith("signatures."))]


def note_paper(kind: Kind, context: dict[str, Any]) -> None:
    """Tell a rehearsal of a paper that was issued."""
    if (rehearsal := _running.get()) is not None:
        rehearsal.papers.append((kind, context))


def note_number(number: str) -> str:
    """``number``, of which a rehearsal now knows that nobody has it."""
    if (rehearsal := _running.get()) is not None:
        rehearsal.numbers.append(number)
    return number
