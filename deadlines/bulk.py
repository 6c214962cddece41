"""Stopping, reopening and handing on many duties at once: a statement each, for whoever owns their subjects."""

from datetime import date

from deadlines.models import ClockQuerySet, ClockState
from stations.models import User


def meet_clocks(clocks: ClockQuerySet, on: date) -> int:
    """All of ``clocks``, in whatever state, were met on ``on``; how many there were."""
    return clocks.update(state=ClockState.MET, met_on=on, met_at=None)


def cancel_clocks(clocks: ClockQuerySet, reason: str) -> int:
    """The running ones of ``clocks`` fell away; ``reason`` stays on them. How many there were."""
    return clocks.running().update(state=ClockState.CANCELLED, detail=reason[:200])


def reopen_clocks(clocks: ClockQuerySet, owner: User | None, detail: str) -> int:
    """What ended ``clocks`` has fallen away: they run again, as a duty of ``owner``. How many there were."""
    return clocks.exclude(state=ClockState.RUNNING).update(
        state=ClockState.RUNNING, met_on=None, met_at=None, owner=owner, detail=detail[:200]
    )


def reassign(clocks: ClockQuerySet, owner: User) -> int:
    """Hand the running ones of ``clocks`` to ``owner``, into his police office if he has one; how many there were.

    What was met or cancelled keeps the name it had.
    """
    office = {"office_id": owner.office_id} if owner.office_id is not None else {}
    return clocks.running().update(owner=owner, **office)
