"""The reminders: what the ladders of the running duties ask for, sent once. State lies in the database alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Case, Count, DateTimeField, Value, When
from django.urls import reverse
from django.utils.timezone import localtime

from deadlines.calendar import Calendar
from deadlines.circle import EARLY, Circle
from deadlines.ladder import Rung, ladder
from deadlines.models import Clock, Notice, Step, Unit
from deadlines.rules import words
from stations.messages import send_many
from stations.models import Message, User
from stations.permissions import Role
from stations.reach import place_of
from trail.record import record_many

BATCH = 500
HEADINGS = {
    Step.SOON: "临近到期",
    Step.TODAY: "今天到期",
    Step.OVERDUE: "逾期",
    Step.ABOVE: "逾期上报",
}
ACTS = {Step.OVERDUE: "deadlines.overdue", Step.ABOVE: "deadlines.escalate"}
# Rule, station, year, owner: how many of the yearly duties still run.
Left = Mapping[tuple[str, int, int, int | None], int]


@dataclass(frozen=True)
class Due:
    """One step of one clock that is to be sent now."""

    clock: Clock
    step: Step


def remind(now: datetime) -> int:
    """Send every step of every running duty that is due at ``now`` and was not sent; how many there were.

    Each batch is one transaction that leaves its clocks waiting for their next step: a sweep killed at any line has
    sent a batch whole or not at all, and one that runs beside another passes over the clocks it holds.
    """
    sent, taken = 0, BATCH
    while taken == BATCH:
        taken, steps = _remind_batch(now)
        sent += steps
    return sent


@transaction.atomic
def _remind_batch(now: datetime) -> tuple[int, int]:
    """How many clocks were looked at and how many steps sent; the queries do not grow with either."""
    clocks = _waiting(now)
    if not clocks:
        return 0, 0
    calendar = Calendar.load()
    known: dict[int, set[str]] = {clock.pk: set() for clock in clocks}
    for clock_id, step in Notice.objects.filter(clock__in=known).values_list("clock", "step"):
        known[clock_id].add(step)
    steps: list[Due] = []
    for clock in clocks:
        rungs = ladder(clock.rule, clock.opens_on, clock.due_on, clock.due_at, calendar)
        steps += [Due(clock, step) for step in due_steps(rungs, known[clock.pk], now)]
        clock.next_at = next((at for _, at in rungs if at > now), None)
    _keep_next(clocks)
    _send(steps, now, calendar)
    return len(clocks), len(steps)


def _waiting(now: datetime) -> list[Clock]:
    """The clocks whose next step has come, locked until the batch is written."""
    rows = Clock.objects.running().filter(next_at__lte=now).order_by("next_at", "pk")
    rows = rows.select_related("rule", "station", "owner__organisation").defer("explanation")
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])


def _keep_next(clocks: list[Clock]) -> None:
    """Write ``next_at``, one case for each instant: clocks by the thousand share a handful of midnights."""
    waiting: dict[datetime, list[int]] = defaultdict(list)
    for clock in clocks:
        if clock.next_at is not None:
            waiting[clock.next_at].append(clock.pk)
    instant = DateTimeField()
    cases = [When(pk__in=keys, then=Value(at, instant)) for at, keys in waiting.items()]
    # Above whoever was told last there is nobody: the clock waits for nothing more.
    Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(next_at=Case(*cases, output_field=instant))


def due_steps(rungs: Sequence[Rung], known: Iterable[str], now: datetime) -> list[Step]:
    """Which steps of a ladder to send at ``now``, when those of ``known`` were sent already.

    Of the early ones the latest, and none once the period is over: nobody needs to hear that it ends soon.
    """
    passed = [step for step, at in rungs if at <= now]
    wanted = passed[-1:] if passed and passed[-1] in EARLY else [step for step in passed if step not in EARLY]
    return [step for step in wanted if step not in known]


def _send(steps: list[Due], now: datetime, calendar: Calendar) -> None:
    if not steps:
        return
    circle, left = Circle.around(due.clock for due in steps), _left(steps)
    Notice.objects.bulk_create(
        [Notice(clock=due.clock, step=due.step, sent_at=now) for due in steps], ignore_conflicts=True
    )
    send_many(message for due in steps for message in _messages(due, circle, left, now, calendar))
    record_many(None, [_entry(due, circle) for due in steps if due.step in ACTS])


def _entry(due: Due, circle: Circle) -> tuple[str, Clock, str]:
    names = "、".join(person.name for person in circle.of(due.clock, due.step).everybody)
    told = f"已告知{names}" if names else "没有可以告知的人"
    return ACTS[due.step], due.clock, f"{due.clock.label}，{_end(due.clock)} 到期未办，{told}"


def _messages(due: Due, circle: Circle, left: Left, now: datetime, calendar: Calendar) -> Iterator[Message]:
    hearers = circle.of(due.clock, due.step)
    write = _yearly if due.clock.rule.unit == Unit.YEAR_END else _single
    said = words(due.clock, now, calendar)[0]
    for person in hearers.doers:
        yield write(due, person, left, said, due.clock.url)
    page = due.clock.look_url or reverse("deadlines:clock", args=[due.clock.pk])
    for person in hearers.watchers:
        yield write(due, person, left, said, page)


def _single(due: Due, person: User, _left: Left, said: str, url: str) -> Message:
    """One message a duty and step."""
    clock = due.clock
    owner = f"责任人{clock.owner.name}" if clock.owner else "没有责任人"
    about = [clock.detail[:120], f"{_end(clock)} 到期", said, f"{clock.station.name}{owner}"]
    body = f"{'，'.join(part for part in about if part)}。依据：{clock.rule.basis}。"
    return Message(
        user=person,
        **place_of(clock),
        key=f"clock:{clock.pk}:{due.step}",
        title=f"{HEADINGS[due.step]}：{clock.label}",
        body=body,
        url=url,
    )


def _yearly(due: Due, person: User, left: Left, said: str, _url: str) -> Message:
    """The yearly duties of a station together: one message a person, step and year, or every shop would be its own."""
    clock, year = due.clock, due.clock.due_on.year
    own = person.pk == clock.owner_id and person.role != Role.CHIEF
    count = sum(
        number for (*of, owner), number in left.items()
        if of == [clock.rule_code, clock.station_id, year] and (not own or owner == person.pk)
    )  # fmt: skip
    day = clock.due_on.isoformat()
    asked = {"rule": clock.rule_code, "station": clock.station_id, "since": day, "until": day}
    asked |= {"owner": person.pk} if own else {}
    return Message(
        user=person,
        **place_of(clock),
        key=f"year:{clock.rule_code}:{clock.station_id}:{year}:{due.step}",
        title=f"{HEADINGS[due.step]}：{clock.rule.name}，{year} 年度还有 {count} 家没有检查",
        body=f"{clock.station.name}，{_end(clock)} 到期，{said}。依据：{clock.rule.basis}。",
        url=f"{reverse('deadlines:clocks')}?{urlencode(asked)}",
    )


def _left(steps: list[Due]) -> Left:
    """How many yearly duties of the stations at hand still run: one query, none when there is no such duty."""
    yearly = [due.clock for due in steps if due.clock.rule.unit == Unit.YEAR_END]
    if not yearly:
        return {}
    running = Clock.objects.running().filter(
        rule_code__in={clock.rule_code for clock in yearly}, station__in={clock.station_id for clock in yearly}
    )
    counted = running.order_by().values_list("rule_code", "station", "due_on__year", "owner").annotate(Count("pk"))
    return {(code, station, year, owner): number for code, station, year, owner, number in counted}


def _end(clock: Clock) -> str:
    """The last day or, for a duty in hours, the minute."""
    if clock.due_at is not None:
        return f"{localtime(clock.due_at):%Y-%m-%d %H:%M}"
    return f"{clock.due_on:%Y-%m-%d}"
