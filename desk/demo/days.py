"""The days of the demo's history: what is still to come of it, and the clock it pretends to live by."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from django.utils.timezone import localdate, make_aware

from deadlines.calendar import Calendar

DAY = timedelta(days=1)
Act = Callable[[date], object]


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of ``day`` in local time."""
    return make_aware(datetime.combine(day, time(hour, minute)))


@contextmanager
def pretending(now: datetime) -> Iterator[None]:
    """Let `auto_now_add` write the day the history tells of."""
    with patch("django.utils.timezone.now", return_value=now):
        yield


@dataclass
class Days:
    """The agenda: what is done on which day, up to yesterday."""

    today: date
    calendar: Calendar
    agenda: dict[date, list[Act]] = field(default_factory=lambda: defaultdict(list))

    def on(self, day: date, act: Act) -> None:
        """Put ``act`` on the agenda; what falls on today or later stays undone and is the demo's work of today."""
        if day >= self.today:
            return
        if day > localdate():
            self.agenda[day].append(act)
        else:
            act(day)

    def working_after(self, day: date, steps: int) -> date:
        for _ in range(steps):
            day = self.calendar.next_working(day)
        return day

    def working_before(self, day: date, steps: int) -> date:
        while steps:
            day -= DAY
            steps -= self.calendar.is_working(day)
        return day
