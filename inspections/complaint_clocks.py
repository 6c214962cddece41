"""The clocks of a complaint: which rule, from when, under which key; and what they promise before they are started."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate, localtime

from deadlines.actions import meet_clock, start_clock
from deadlines.calendar import Calendar
from deadlines.models import Clock, Unit
from deadlines.rules import compute, rule_on
from inspections.models import OF_COMPLAINT, Complaint, ComplaintCategory, Jurisdiction

CHECK_RULE = {ComplaintCategory.EXIT: "COMPLAINT_EXIT", ComplaintCategory.OTHER: "COMPLAINT_OTHER"}
TRANSFER_RULE, ANSWER_RULE, TOLD_RULE = "COMPLAINT_TRANSFER", "COMPLAINT_FEEDBACK", "COMPLAINT_NOTJURIS"


def check_key(complaint: Complaint) -> str:
    """The key of the check clock; a change of category begins the next round."""
    return f"complaint_check:{complaint.pk}:{complaint.category_round}"


def transfer_key(complaint: Complaint) -> str:
    return f"complaint_transfer:{complaint.pk}"


def answer_key(complaint: Complaint) -> str:
    return f"complaint_answer:{complaint.pk}"


def start_clocks(complaint: Complaint) -> None:
    """Start what a complaint just registered makes a duty of; what was told on the spot is met at once."""
    match Jurisdiction(complaint.jurisdiction):
        case Jurisdiction.OURS:
            start_check(complaint)
            if complaint.can_be_told:
                _start(complaint, ANSWER_RULE, answer_key(complaint), "答复举报")
        case Jurisdiction.OTHER_POLICE:
            start_transfer(complaint)
        case Jurisdiction.NOT_POLICE:
            key = f"complaint_told:{complaint.pk}"
            _start(complaint, TOLD_RULE, key, "告知举报人")
            if complaint.told_at is not None:
                meet_clock(key, localdate(complaint.told_at), complaint.told_at)


def start_check(complaint: Complaint) -> None:
    _start(complaint, CHECK_RULE[ComplaintCategory(complaint.category)], check_key(complaint), "核查举报")


def start_transfer(complaint: Complaint) -> None:
    _start(complaint, TRANSFER_RULE, transfer_key(complaint), "移送举报")


def _start(complaint: Complaint, code: str, key: str, title: str) -> None:
    # Not under the number of the unit: its clocks go to whoever takes the unit over, a complaint stays with its
    # handler; and the page of a unit is open to people who may not know that there was a complaint.
    start_clock(
        code, key=key, subject=complaint, label=f"{title}：{complaint.premises}",
        detail=f"{complaint.number}，{complaint.get_category_display()}", url=complaint.get_absolute_url(),
        look_url=complaint.get_absolute_url(), scope=complaint, owner=complaint.handler,
        started_on=localdate(complaint.received_at), started_at=complaint.received_at,
    )  # fmt: skip


def rename_clocks(complaint: Complaint) -> None:
    """Call its running duties by what is complained of now: whoever sees the duty reads it there."""
    for clock in Clock.objects.running().of(OF_COMPLAINT, complaint.pk):
        title = clock.label.partition("：")[0]
        Clock.objects.filter(pk=clock.pk).update(label=f"{title}：{complaint.premises}")


def due_words(clock: Clock) -> str:
    """The end of a running clock, to the minute where it counts hours: 11-23 09:15."""
    return f"{localtime(clock.due_at):%m-%d %H:%M}" if clock.due_at else f"{clock.due_on:%m-%d}"


@dataclass(frozen=True)
class Promise:
    """A clock that would start: `24 小时内核查，到 11-23 09:15`."""

    words: str
    basis: str
    confirmed: bool
    provisional: bool


def promises(
    category: ComplaintCategory, jurisdiction: Jurisdiction, at: datetime, reachable: bool, bureau_id: int | None
) -> list[Promise]:
    """What registering a complaint that came in at ``at`` would start; ``reachable``: there is somebody to tell."""
    match jurisdiction:
        case Jurisdiction.OURS:
            wanted = [(CHECK_RULE[category], "核查")] + [(ANSWER_RULE, "告知结果")] * reachable
        case Jurisdiction.OTHER_POLICE:
            wanted = [(TRANSFER_RULE, "移送并告知")]
        case _:
            wanted = [(TOLD_RULE, "告知")]
    calendar = Calendar.load()
    return [_promise(code, verb, at, calendar, bureau_id) for code, verb in wanted]


def _promise(code: str, verb: str, at: datetime, calendar: Calendar, bureau_id: int | None) -> Promise:
    on = localdate(at)
    rule = rule_on(code, on, bureau_id)
    explained = compute(rule, on, calendar, at=at)
    span = f"{rule.amount} {rule.get_unit_display()}内" if rule.amount else rule.get_unit_display()
    end = f"{localtime(explained.due_at):%m-%d %H:%M}" if explained.due_at else f"{explained.due_on:%m-%d}"
    words = f"{span}{verb}" + ("" if rule.unit == Unit.ON_THE_SPOT else f"，到 {end}")
    return Promise(words, rule.basis, rule.confirmed, explained.provisional)
