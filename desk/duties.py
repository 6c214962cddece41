"""今日工作: the running clocks of a person as rows with one button each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.calendar import Calendar
from deadlines.ladder import midnight
from deadlines.models import Clock, Doer
from deadlines.rules import words
from stations.models import User
from stations.permissions import Can, Role
from units.yearly import CODE as YEARLY

# The button of a duty that is not his to do who looks at it.
LOOK = "查看"
# What a duty is called on the workbench, the verb of its button, and who may press it.
KINDS: dict[str, tuple[str, str, Can]] = {
    "ORDER_NOW_SERVE": ("送达", "登记送达", Can.SERVE),
    "ORDER_LIMIT_SERVE": ("送达", "登记送达", Can.SERVE),
    "RECHECK": ("复查", "开始复查", Can.REINSPECT),
    "REFER_5WD": ("移送", "登记移送", Can.REFER),
    "REFER_FAILED": ("移送", "登记移送", Can.REFER),
    "REFER_OTHER": ("移送", "登记移送", Can.REFER),
    "REISSUE_LATE": ("作废", "作废重出", Can.VOID_PAPERS),
    "REPORT_GOV": ("报告", "登记报告", Can.REFER),
    # Nobody has to act while a notice hangs out; it is there so that nobody wonders what the order waits for.
    "SERVE_NOTICE": ("公告", LOOK, Can.SERVE),
    "COMPLAINT_EXIT": ("举报", "核查", Can.HANDLE_COMPLAINTS),
    "COMPLAINT_OTHER": ("举报", "核查", Can.HANDLE_COMPLAINTS),
    "COMPLAINT_TRANSFER": ("举报", "移送", Can.HANDLE_COMPLAINTS),
    "COMPLAINT_FEEDBACK": ("举报", "答复", Can.HANDLE_COMPLAINTS),
    "COMPLAINT_NOTJURIS": ("举报", "告知", Can.HANDLE_COMPLAINTS),
    "MONTHLY_REPORT": ("月报", "报送", Can.HAND_IN_REPORTS),
    "FILING_FIX": ("退回", "补正", Can.ANSWER_FILINGS),
    "FILING_REVIEW": ("备案", "审查", Can.REVIEW_FILINGS),
    YEARLY: ("年度检查", "开始检查", Can.INSPECT),
}
SERVICE_CODES = ("ORDER_NOW_SERVE", "ORDER_LIMIT_SERVE")
# A station in ordinary times has a few dozen; beyond this the page would not be read anyway.
LIMIT = 500
# `records` starts the review of a paper and cannot name the page of a higher room.
ACT = {"FILING_REVIEW": "filings:review"}


@dataclass(frozen=True)
class Duty:
    """One row: what, where to, by when in words, and who."""

    kind: str
    button: str
    label: str
    detail: str
    url: str
    words: str
    tone: str
    due_on: date
    owner: str
    reported_on: date | None = None

    @property
    def is_own(self) -> bool:
        """Whether the button acts; else it only shows."""
        return self.button != LOOK


@dataclass(frozen=True)
class Group:
    """Rows under one heading; ``total`` counts those beyond the shown ones too."""

    key: str
    title: str
    duties: list[Duty]

    @property
    def total(self) -> int:
        return len(self.duties)


def own_clocks(user: User, now: datetime) -> list[Clock]:
    """The running duties ``user`` answers for, earliest first.

    An officer sees his own, a chief and everybody above those of the scope. A duty that has not opened yet
    (a re-inspection before the last day of its period) is not work of today. The yearly inspections, hundreds of
    one day, stand apart (`desk.year`).
    """
    clocks = Clock.objects.for_user(user).running().filter(opens_on__lte=localdate(now)).exclude(rule_code=YEARLY)
    if user.role == Role.OFFICER:
        clocks = clocks.filter(owner=user)
    if user.role in (Role.SUPERVISOR, Role.BRIGADE_LEADER):
        clocks = clocks.overdue(now) | clocks.filter(doer=Doer.BRIGADE)
    else:
        clocks = clocks.filter(doer=Doer.STATION)
    rows = clocks.with_reported().select_related("rule", "owner").defer("explanation").order_by("due_on", "id")
    return sorted(rows[:LIMIT], key=ends_at)


def ends_at(clock: Clock) -> datetime:
    """The instant a duty is over: the minute of one in hours, the end of the last day of any other."""
    return clock.due_at or midnight(clock.due_on + timedelta(days=1))


def grouped(clocks: Iterable[Clock], now: datetime, calendar: Calendar, user: User) -> list[Group]:
    """``clocks`` as the sections of ``user``'s workbench; an empty section is left out."""
    sections: dict[str, list[Duty]] = {"over": [], "today": [], "soon": [], "later": []}
    listed = list(clocks)
    unserved = {clock.subject_id for clock in listed if clock.rule_code in SERVICE_CODES}
    for clock in listed:
        duty = _duty(clock, now, calendar, user)
        if clock.rule_code == "RECHECK" and clock.subject_id in unserved and user.can(Can.SERVE):
            # The address leads to the service as long as there is none; the button says so.
            duty = replace(duty, button="先送达")
        sections[duty.tone if duty.tone in sections else "later"].append(duty)
    titles = {"over": "逾期", "today": "今天到期", "soon": "三个工作日内", "later": "以后"}
    return [Group(key, titles[key], rows) for key, rows in sections.items() if rows]


def calendar_around(today: date) -> Calendar:
    """The calendar every clock in sight is counted on, loaded once a page."""
    return Calendar.load(today - timedelta(days=400), today + timedelta(days=400))


def act_of(clock: Clock, user: User) -> tuple[str, str, str]:
    """What the duty is called, the verb of its button and where it leads: to the act, or only to a look at it."""
    kind, verb, capability = KINDS.get(clock.rule_code) or (clock.rule.name, "办理", Can.INSPECT)
    if not user.can(capability):
        return kind, LOOK, clock.look_url or clock.url
    if clock.rule_code == YEARLY:
        # `units` stands left of the visits and knows only the page of the unit.
        return kind, verb, f"{reverse('inspections:start')}?unit={clock.unit_id}"
    act = ACT.get(clock.rule_code)
    return kind, verb, reverse(act, args=[clock.subject_id]) if act else clock.url


def is_ones_work(clock: Clock, user: User) -> bool:
    """Whether a duty of a unit can be the next step there for ``user``: a review is the brigade's, not a station's."""
    return clock.doer == Doer.STATION or user.can(Can.REVIEW_FILINGS)


def _duty(clock: Clock, now: datetime, calendar: Calendar, user: User) -> Duty:
    said, tone = words(clock, now, calendar)
    kind, button, url = act_of(clock, user)
    reported_at: datetime | None = getattr(clock, "reported_at", None)  # from with_reported
    return Duty(
        kind=kind,
        button=button,
        # The kind stands in front of the row already: 复查：鑫源旅馆 → 鑫源旅馆.
        label=clock.label.partition("：")[2] or clock.label,
        detail=clock.detail,
        url=url,
        words=said,
        tone=tone,
        due_on=clock.due_on,
        owner=clock.owner.name if clock.owner else "未分配",
        reported_on=localdate(reported_at) if reported_at else None,
    )


def tomorrow_words(today: date, calendar: Calendar) -> str:
    """A word about tomorrow where it is not what its weekday says: it moves deadlines."""
    tomorrow = today + timedelta(days=1)
    name = calendar.name_of(tomorrow)
    if calendar.is_working(tomorrow) and tomorrow.weekday() >= 5:
        return "明天调休上班，计入工作日"
    if not calendar.is_working(tomorrow) and tomorrow.weekday() < 5:
        return f"明天{name}放假，不计工作日"
    return ""
