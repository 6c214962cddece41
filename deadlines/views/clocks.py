"""期限: every duty with its date, its reason and its owner; one clock day by day, with its reminders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from deadlines.calendar import Calendar
from deadlines.filters import OVER, SOON, TODAY, ClockFilter, standing
from deadlines.ladder import ladder
from deadlines.models import Clock, ClockQuerySet, ClockState, Doer, Step
from deadlines.rules import words
from deadlines.versions import Version
from fire_supervision.lib.paging import page_of
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import ENFORCERS, Can, Role

HEADER = ["事项", "说明", "规则", "派出所", "责任人", "起算日", "到期日", "期限", "状态", "完成日", "暂定"]
EXPORT_MOST = 20_000
CHIPS = ((OVER, "逾期", "red"), (TODAY, "今天到期", "amber"), (SOON, "临近到期", ""))
TOLD = {
    Doer.STATION: {
        Step.SOON: "责任人", Step.TODAY: "责任人", Step.OVERDUE: "责任人、所长", Step.ABOVE: "消防监督员、分局业务民警",
    },
    Doer.BRIGADE: {
        Step.SOON: "消防监督员", Step.TODAY: "消防监督员", Step.OVERDUE: "消防监督员、大队领导",
        Step.ABOVE: "大队领导、分局业务民警",
    },
}  # fmt: skip
DOERS = {Doer.STATION: ENFORCERS, Doer.BRIGADE: frozenset({Role.SUPERVISOR, Role.BRIGADE_LEADER})}


@dataclass(frozen=True)
class Row:
    """A clock with its words and their tone."""

    clock: Clock
    words: str
    tone: str

    @property
    def result(self) -> tuple[str, str]:
        """What became of it, and the colour."""
        if self.clock.state == ClockState.MET:
            return ("迟办", "amber") if self.clock.was_late else ("按期办完", "green")
        return self.clock.get_state_display(), "line"


@requires(Can.VIEW_HAZARDS)
@require_GET
def clocks(request: OfficerRequest) -> HttpResponse:
    now, calendar = timezone.now(), Calendar.load()
    form = ClockFilter(request.GET, user=request.user)
    visible = Clock.objects.for_user(request.user)
    found = form.narrow(visible, now, calendar).select_related("rule", "station", "owner").defer("explanation")
    if request.GET.get("export"):
        lines = _lines(found.order_by(*form.order)[:EXPORT_MOST], now, calendar)
        return exports.table(request, f"期限-{localdate(now):%Y%m%d}.xlsx", "期限", HEADER, lines)
    page, counts = page_of(found, form.order[:1], request.GET.get("cursor", "")), standing(visible, now, calendar)
    context: dict[str, Any] = {
        "nav_key": "clocks",
        "form": form,
        "page": page,
        "rows": [Row(clock, *words(clock, now, calendar)) for clock in page.rows],
        "running": counts["running"],
        "chips": [(key, label, tone, counts[key]) for key, label, tone in CHIPS],
        "only": form.cleaned_data.get("state", ""),
        "several_stations": "station" in form.fields,
        "can_export": request.user.can(Can.EXPORT),
    }
    return render(request, "deadlines/clock_list.html", context)


def _lines(found: ClockQuerySet, now: datetime, calendar: Calendar) -> Iterator[list[object]]:
    for clock in found.iterator(chunk_size=500):
        row = Row(clock, *words(clock, now, calendar))
        running = clock.state == ClockState.RUNNING
        yield [
            clock.label, clock.detail, clock.rule.name, clock.station.name, clock.owner.name if clock.owner else "",
            clock.started_on, clock.due_on, row.words if running else "", "进行中" if running else row.result[0],
            clock.met_on, "暂定" if clock.provisional else "",
        ]  # fmt: skip


@requires(Can.VIEW_HAZARDS)
@require_GET
def clock(request: OfficerRequest, pk: int) -> HttpResponse:
    rows = Clock.objects.for_user(request.user).select_related("rule__bureau", "rule__confirmed_by", "station", "owner")
    found = get_object_or_404(rows, pk=pk)
    now, calendar = timezone.now(), Calendar.load()
    running = found.state == ClockState.RUNNING
    context = {
        "nav_key": "clocks",
        "clock": found,
        "row": Row(found, *words(found, now, calendar)),
        "running": running,
        "today": localdate(now),
        "days": [day | {"label": found.rule.trigger} if day["kind"] == "start" else day for day in found.days],
        "version": Version(found.rule),
        "reminders": reminders(found, now, calendar),
        "act_url": found.url if running and may_do(found, request.user) else "",
    }
    return render(request, "deadlines/clock_detail.html", context)


def may_do(clock: Clock, user: User) -> bool:
    """Whether the duty is one of those ``user`` can do, as far as his post says; the page of the act decides."""
    return user.role in DOERS[Doer(clock.doer)]


@dataclass(frozen=True)
class Reminder:
    """One step: when it is or was due, when it was sent, and to whom; ``passed`` when a later step took its place."""

    step: Step
    at: datetime
    sent_at: datetime | None
    to: str
    passed: bool


def reminders(clock: Clock, now: datetime, calendar: Calendar) -> list[Reminder]:
    """The ladder of ``clock`` with what was sent of it; one that ended, or runs out quietly, has none to come."""
    sent = dict(clock.notices.values_list("step", "sent_at"))
    quiet, to = clock.next_at is None and not sent, TOLD[Doer(clock.doer)]
    runs = clock.state == ClockState.RUNNING and not quiet
    rungs = ladder(clock.rule, clock.opens_on, clock.due_on, clock.due_at, calendar)
    found = [Reminder(step, at, sent.get(step), to[step], at <= now) for step, at in rungs]
    return [row for row in found if row.sent_at or runs]
