"""Counting running duties anew when a day of their calendar changes: in batches, each with the same few queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from deadlines.calendar import Calendar
from deadlines.circle import Circle
from deadlines.ladder import ladder
from deadlines.models import Clock, ClockQuerySet, Notice, Step
from deadlines.rules import USES_CALENDAR, compute
from deadlines.seed import SeedDay
from stations.messages import send_many
from stations.models import Message, User
from stations.reach import place_of
from trail.record import record_many

BATCH = 500
# The reminders of a duty reach this far behind its last day, counted in working days across the longest holiday.
LADDER_REACH = timedelta(days=60)
FIELDS = ("due_on", "provisional", "explanation", "next_at")
NAMED = 3


@dataclass
class Moved:
    """What a recount did: how many duties were counted anew with another result, and whose last day moved."""

    recounted: int = 0
    clocks: int = 0
    of_somebody: list[tuple[Clock, date]] = field(default_factory=list)

    def __str__(self) -> str:
        """`12 项期限重算，其中 3 项改期`, for the summary of an act."""
        return f"{self.recounted} 项期限重算，其中 {self.clocks} 项改期"

    def add(self, clock: Clock, was: date) -> None:
        self.clocks += 1
        if clock.owner_id is not None:
            self.of_somebody.append((clock, was))


def recount(actor: User | None, first: date, last: date, cause: str) -> Moved:
    """Count anew the running duties that the days ``first`` to ``last`` can move. Call it in the act's transaction.

    One entry of the trail for each duty whose last day moved, with the reason ``cause``. The act then records what it
    did and calls `tell_owners`. Every batch of 500 costs the same few queries.
    """
    moved, calendar = Moved(), Calendar.load()
    for clocks in _batches(_touched(first, last)):
        sent = _steps_sent(clocks)
        days = {clock.pk: clock.due_on for clock in clocks}
        changed = [clock for clock in clocks if _counted_anew(clock, calendar, sent[clock.pk])]
        moved.recounted += len(changed)
        Clock.objects.bulk_update(changed, FIELDS)
        changed = [clock for clock in changed if clock.due_on != days[clock.pk]]
        for clock in changed:
            moved.add(clock, days[clock.pk])
        record_many(actor, [_entry(clock, days[clock.pk], cause) for clock in changed])
    return moved


def tell_owners(moved: Moved, key: str, cause: str) -> None:
    """One message an owner, station and kind of duty, however many moved; whoever answers for one whose owner has left
    hears of it. ``key`` names the act: a repeat sends nothing."""
    circle = Circle.around(clock for clock, _ in moved.of_somebody)
    told: dict[tuple[User, int, str], list[tuple[Clock, date]]] = defaultdict(list)
    for clock, was in moved.of_somebody:
        for person in circle.of(clock, Step.SOON).doers:
            told[person, clock.station_id, clock.needs].append((clock, was))
    send_many(_message(person, key, clocks, cause) for (person, _, _), clocks in told.items())


def _message(owner: User, key: str, clocks: list[tuple[Clock, date]], cause: str) -> Message:
    clock, was = clocks[0]
    place = place_of(clock)
    key = f"{key}:{clock.station_id}:{clock.needs}"
    if len(clocks) == 1:
        title, body = f"改期：{clock.label}", f"到期日由 {was} 改为 {clock.due_on}。{cause}。"
        return Message(user=owner, key=key, title=title, body=body, url=clock.url, **place)
    named = "；".join(f"{clock.label} 改为 {clock.due_on}" for clock, _ in clocks[:NAMED])
    more = f"等 {len(clocks)} 项" if len(clocks) > NAMED else ""
    title = f"{len(clocks)} 项期限改期"
    return Message(user=owner, key=key, title=title, body=f"{cause}。{named}{more}。", **place)


def moving(days: Mapping[date, SeedDay | None]) -> int:
    """How many running duties would get another last day if ``days`` were listed as said."""
    if not days:
        return 0
    calendar = Calendar.load().changed(days)
    touched = _touched(min(days), max(days)).only(
        "started_on", "due_on", "rule__code", "rule__unit", "rule__amount", "rule__counts_first"
    )
    counted = (compute(clock.rule, clock.started_on, calendar).due_on != clock.due_on for clock in touched.iterator())
    return sum(counted)


def _touched(first: date, last: date) -> ClockQuerySet:
    """Running duties a holiday can move, whose days or reminders reach ``first`` to ``last``.

    A yearly duty ends on 31 December whatever day that is: counting all units anew would change nothing.
    """
    reach = Clock.objects.running().filter(started_on__lte=last, due_on__gte=first - LADDER_REACH)
    return reach.filter(rule__unit__in=USES_CALENDAR).select_related("rule").order_by("pk")


def _batches(touched: ClockQuerySet) -> Iterator[list[Clock]]:
    after, rows = 0, touched.select_related("rule", "station", "owner__organisation")
    while clocks := list(rows.filter(pk__gt=after).select_for_update(of=("self",))[:BATCH]):
        yield clocks
        after = clocks[-1].pk


def _steps_sent(clocks: Iterable[Clock]) -> dict[int, set[str]]:
    sent: dict[int, set[str]] = defaultdict(set)
    for clock_id, step in Notice.objects.filter(clock__in=clocks).values_list("clock_id", "step"):
        sent[clock_id].add(step)
    return sent


def _counted_anew(clock: Clock, calendar: Calendar, sent: set[str]) -> bool:
    """Whether counting ``clock`` by ``calendar`` gives something else; the clock takes it over."""
    explained = compute(clock.rule, clock.started_on, calendar)
    before = _result(clock)
    clock.due_on, clock.provisional = explained.due_on, explained.provisional
    clock.explanation = explained.days
    clock.next_at = _next_step(clock, calendar, sent)
    return before != _result(clock)


def _result(clock: Clock) -> tuple[Any, ...]:
    return clock.due_on, clock.provisional, clock.next_at, [day["label"] for day in clock.explanation]


def _next_step(clock: Clock, calendar: Calendar, sent: set[str]) -> datetime | None:
    """The first step of the new ladder that was not sent; one that has passed meanwhile is for the sweep to judge.

    A quiet period, of which nobody is ever reminded, stays quiet.
    """
    if clock.next_at is None and not sent:
        return None
    rungs = ladder(clock.rule, clock.opens_on, clock.due_on, None, calendar)
    return next((at for step, at in rungs if step not in sent), None)


def _entry(clock: Clock, was: date, cause: str) -> tuple[str, Clock, str]:
    return "deadlines.recount", clock, f"{clock.label} 的到期日由 {was} 改为 {clock.due_on}（{cause}）"
