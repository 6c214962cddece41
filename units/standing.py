"""How a unit stands with its 责任书 on a day: what runs, what is signed ahead, whether it is time to sign anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from units.models import Pledge, Standing

# What the pages call 即将到期: a help for planning the next round, no term of any rule.
SOON = timedelta(days=30)
TONES = {Standing.COMING: "blue", Standing.RUNNING: "green", Standing.OVER: "line", Standing.VOID: "red"}


@dataclass(frozen=True)
class Pledged:
    """``running`` today, ``coming`` signed and not begun, ``soon``: nothing will run `SOON` from today."""

    running: Pledge | None
    coming: Pledge | None
    soon: bool

    @property
    def shown(self) -> Pledge | None:
        """The one that counts: what runs, else what is to come."""
        return self.running or self.coming

    @property
    def words(self) -> str:
        if self.running is None:
            return Standing.COMING.label if self.coming else "没有签订"
        return "即将到期" if self.soon else Standing.RUNNING.label

    @property
    def tone(self) -> str:
        if self.running is None:
            return TONES[Standing.COMING] if self.coming else "line"
        return "amber" if self.soon else TONES[Standing.RUNNING]


def pledged(pledges: Sequence[Pledge], today: date) -> Pledged:
    """``pledges`` of one unit, at least all that run today or later."""
    running = next((pledge for pledge in pledges if pledge.runs_on(today)), None)
    ahead = [pledge for pledge in pledges if pledge.standing(today) == Standing.COMING]
    coming = min(ahead, key=lambda pledge: pledge.since, default=None)
    soon = running is not None and not any(pledge.runs_on(today + SOON) for pledge in pledges)
    return Pledged(running, coming, soon)
