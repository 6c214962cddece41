"""What the pages of a complaint show: its clocks in words, its steps, the next act, what was done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localtime

from deadlines.calendar import Calendar
from deadlines.models import Clock
from deadlines.rules import words
from deadlines.story import Entry, NextAct, Shown
from inspections.models import OF_COMPLAINT, Complaint, ComplaintState, Jurisdiction
from trail.models import AuditEntry

STATE_TONE = {
    ComplaintState.RECEIVED: "blue",
    ComplaintState.CHECKED: "blue",
    ComplaintState.TO_TRANSFER: "amber",
    ComplaintState.TRANSFERRED: "blue",
    ComplaintState.ANSWERED: "green",
    ComplaintState.NOT_OURS: "line",
    ComplaintState.WITHDRAWN: "line",
}
# What the first day of each of its clocks was.
BEGAN = "接到举报"
# What of the trail belongs to the story of a complaint; the rest is told by its own fields.
TOLD_BY_TRAIL = (
    "inspections.assign_complaint",
    "inspections.recategorise_complaint",
    "inspections.correct_complaint",
    "inspections.reissue_reply",
    "inspections.show_complainant",
)


@dataclass(frozen=True)
class Row:
    """A complaint of the list, with the colour of its state and the chip of its next duty."""

    complaint: Complaint
    tone: str
    next: Shown | None


def shown_clocks(complaints: Iterable[Complaint], now: datetime) -> dict[int, list[Shown]]:
    """The running clocks of each complaint, the first to end first; two queries however many there are."""
    ids = [complaint.pk for complaint in complaints]
    running = Clock.objects.running().filter(subject_type=OF_COMPLAINT, subject_id__in=ids).select_related("rule")
    calendar = Calendar.load()
    found: dict[int, list[Shown]] = {}
    for clock in running.order_by("due_on", "pk"):
        found.setdefault(clock.subject_id, []).append(Shown(clock, *words(clock, now, calendar), BEGAN))
    return found


def rows(complaints: Sequence[Complaint], now: datetime) -> list[Row]:
    found = shown_clocks(complaints, now)
    return [
        Row(one, STATE_TONE[ComplaintState(one.state)], _first(_waiting(one, found.get(one.pk, []))))
        for one in complaints
    ]


def _waiting(complaint: Complaint, clocks: Sequence[Shown]) -> list[Shown]:
    """The clocks of the act the complaint waits for: a check before the answer that follows it."""
    prefix = DUTY.get(ComplaintState(complaint.state), "")
    return [one for one in clocks if prefix and one.clock.key.startswith(prefix)]


DUTY = {
    ComplaintState.RECEIVED: "complaint_check:",
    ComplaintState.CHECKED: "complaint_answer:",
    ComplaintState.TO_TRANSFER: "complaint_transfer:",
    ComplaintState.TRANSFERRED: "complaint_transfer:",
}


def _first(clocks: Sequence[Shown]) -> Shown | None:
    return clocks[0] if clocks else None


def next_act(complaint: Complaint, clocks: Sequence[Shown]) -> NextAct:
    """The one act a complaint waits for."""
    chip = _first(_waiting(complaint, clocks))
    tone = {"over": "red", "today": "amber"}.get(chip.tone, "") if chip else ""
    match ComplaintState(complaint.state):
        case ComplaintState.RECEIVED:
            text = "两名民警到场核查；制作检查记录的，先开始检查，完成后在这里关联。"
            return NextAct("下一步：核查", text, "登记核查", _to("check", complaint), chip, tone)
        case ComplaintState.TO_TRANSFER:
            text = "移送有管辖权的单位，并告知举报人。"
            return NextAct("下一步：移送并告知", text, "登记移送", _to("transfer", complaint), chip, tone)
        case ComplaintState.TRANSFERRED:
            text = f"已移送{complaint.transferred_to}，还没有告知举报人。"
            return NextAct("下一步：告知举报人", text, "登记告知", _to("answer", complaint), chip, tone)
        case ComplaintState.CHECKED:
            text = f"核查结论：{complaint.get_truth_display()}。无法告知的注明原因。"
            return NextAct("下一步：告知核查结果", text, "登记告知", _to("answer", complaint), chip, tone)
        case ComplaintState.ANSWERED if complaint.untold:
            return NextAct("已办结", f"无法告知举报人：{complaint.untold}")
        case ComplaintState.ANSWERED:
            return NextAct("已办结", "已告知举报人。")
        case ComplaintState.NOT_OURS:
            return NextAct(
                "不属公安机关职责", "已告知举报人向有关主管机关举报。" if not complaint.untold else complaint.untold
            )
        case _:
            return NextAct("登记已撤销", complaint.withdrawn_reason)


def _to(act: str, complaint: Complaint) -> str:
    return reverse(f"inspections:complaint_{act}", args=[complaint.pk])


def steps(complaint: Complaint) -> list[dict[str, str]]:
    """受理, the work, the answer."""
    if complaint.state == ComplaintState.WITHDRAWN:
        return [{"words": "受理", "state": "done"}, {"words": "撤销登记", "state": "red"}]
    told = "done" if complaint.told_at else ""
    match Jurisdiction(complaint.jurisdiction):
        case Jurisdiction.NOT_POLICE:
            return [{"words": "受理", "state": "done"}, {"words": "当场告知", "state": told}]
        case Jurisdiction.OTHER_POLICE:
            work, done = "移送", complaint.transferred_at
        case _:
            work, done = "核查", complaint.checked_at
    last = "无法告知，已注明" if complaint.untold else "告知举报人"
    return [
        {"words": "受理", "state": "done"},
        {"words": work, "state": "done" if done else "now"},
        {"words": last, "state": told or ("now" if done else "")},
    ]


def timeline(complaint: Complaint, act: NextAct) -> list[Entry]:
    """办理经过, newest first, the next act on top; who looked at the complainant stands in it."""
    received = f"{complaint.get_source_display()}，{complaint.get_category_display()}"
    entries = [Entry(complaint.received_at, "受理登记", received, by=f"受理人 {complaint.received_by.name}")]
    entries += _done(complaint)
    trail = AuditEntry.objects.filter(subject_type=OF_COMPLAINT, subject_id=complaint.pk, action__in=TOLD_BY_TRAIL)
    entries += [Entry(one.at, one.summary.split("：")[0], _story(one), by=one.actor_name) for one in trail]
    ordered = sorted(entries, key=lambda entry: entry.when)[::-1]
    if act.shown is None:
        return ordered
    clock = act.shown.clock
    until = f"{localtime(clock.due_at):%Y-%m-%d %H:%M}" if clock.due_at else f"{clock.due_on:%Y-%m-%d}"
    title = act.title.removeprefix("下一步：")
    return [Entry(f"{until} 前", title, f"承办人 {complaint.handler.name}", "next"), *ordered]


def _story(entry: AuditEntry) -> str:
    """What was changed, behind the number in the summary, and why."""
    change = entry.summary.partition("，")[2]
    return "，".join(filter(None, [change, entry.reason and f"事由：{entry.reason}"]))


def _done(complaint: Complaint) -> list[Entry]:
    entries = []
    if complaint.checked_at is not None:
        people = "、".join(person.name for person in (complaint.first, complaint.second) if person is not None)
        title = f"核查：{complaint.get_truth_display()}"
        tone = "red" if complaint.truth in ("TRUE", "PARTLY") else "green"
        entries.append(Entry(complaint.checked_at, title, tone=tone, links=_visit(complaint), by=f"核查人 {people}"))
    if complaint.transferred_at is not None:
        text = complaint.letter_no
        entries.append(Entry(complaint.transferred_at, f"移送{complaint.transferred_to}", text, "green"))
    if complaint.told_at is not None:
        teller = complaint.told_by.name if complaint.told_by else ""
        title = "注明无法告知" if complaint.untold else f"{complaint.get_manner_display()}告知举报人"
        entries.append(Entry(complaint.told_at, title, complaint.untold, "green", by=teller))
    if complaint.withdrawn_at is not None:
        entries.append(Entry(complaint.withdrawn_at, "撤销登记", complaint.withdrawn_reason, "red"))
    return entries


def _visit(complaint: Complaint) -> list[dict[str, str]]:
    if complaint.inspection_id is None:
        return []
    return [{"url": reverse("inspections:detail", args=[complaint.inspection_id]), "label": "检查记录"}]
