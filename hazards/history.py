"""办理经过: every act, paper, clock and person of a hazard or an order, newest first, and above it what comes next."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.models import ClockState, Step
from deadlines.story import Entry, NextAct, Shown
from fire_supervision.lib.masking import masked
from hazards.cases import Case, outcome_of
from hazards.duties import OF_VISIT
from hazards.issuing import (
    FIXED_ON_THE_SPOT,
    recheck_key,
    refer_key,
    refer_other_key,
    report_key,
    serve_key,
)
from hazards.lateness import late_key
from hazards.models import (
    Dispatch,
    DispatchState,
    Extension,
    ExtensionState,
    HazardState,
    Method,
    Order,
    OrderState,
    Reinspection,
)
from hazards.referral_pages import entries_of_referral
from hazards.rules import ORDERS, binds_from, was_served_late
from stations.models import User

# What is done to end a duty, by the first word of its key.
DUTY = {
    "serve": "送达通知书",
    "notice": "公告期满",
    "recheck": "复查",
    "late": "作废重出",
    "early": "提前复查",
    "refer": "书面移送",
    "refer_other": "移送主管部门",
    "refer_failed": "移送消防救援大队",
    "report": "送交书面报告",
}
HEARD = {
    Step.SOON: "提醒责任人",
    Step.TODAY: "提醒责任人",
    Step.OVERDUE: "告知责任人和所长",
    Step.ABOVE: "报告消防救援大队和分局",
}
Told = tuple[Entry, list[str]]


def _paper(pk: int | None, label: str) -> list[dict[str, str]]:
    """The link to a paper of an act; none for an act from before its papers were made here."""
    return [{"url": reverse("records:document", args=[pk]), "label": label}] if pk else []


def history(case: Case, act: NextAct, now: datetime) -> list[Entry]:
    """Every entry, each with the clocks it ended; a duty that still runs stands on top with its last day."""
    by_key = {one.clock.key: one for one in case.clocks}
    entries = []
    for entry, keys in _acts(case):
        mine = [by_key.pop(key) for key in keys if key in by_key and by_key[key].clock.state != ClockState.RUNNING]
        entries.append(replace(entry, clocks=mine))
    entries += [_unclaimed(one) for one in by_key.values() if one.clock.state != ClockState.RUNNING]
    # Entries of one day stand in the order they happened; newest first turns that round as well.
    past = sorted(entries, key=lambda entry: _day(entry.when))[::-1]
    return [*_ahead(case, act, localdate(now)), *past]


def _day(when: date | datetime) -> date:
    return localdate(when) if isinstance(when, datetime) else when


def _acts(case: Case) -> Iterator[Told]:
    """What happened, in the order of the law, with the keys of the clocks each act ended."""
    yield from _found(case)
    if case.order is not None:
        yield from _ordered(case.order, case)
    yield from _reported(case)
    yield from _reminded(case)
    for extension in case.extensions:
        yield from _extended(extension)
    for visit in case.visits:
        yield from _visited(visit, case)
    for referral in case.referrals:
        sent, *answers = reversed(entries_of_referral(referral))
        page = {"url": reverse("hazards:referral", args=[referral.pk]), "label": "移送情况"}
        yield replace(sent, links=[page, *sent.links]), _referral_keys(case)
        for answer in answers:
            yield answer, []
    yield from _ended(case)
    yield from _voided(case)


def _found(case: Case) -> Iterator[Told]:
    visit, first = case.inspection, case.hazards[0]
    if visit is None:
        return
    one = len(case.hazards) == 1
    told = [first.wording if one else f"{len(case.hazards)} 处隐患", f"照片 {case.photos} 张" if case.photos else ""]
    links = [{"url": reverse("hazards:visit", args=[visit.pk]), "label": "检查记录"}]
    by = f"检查人 {_names(visit.lead, visit.second)}"
    # No hour: every other act of the day came after it, whatever the clock of the tablet said.
    yield Entry(first.found_on, "检查发现", "，".join(filter(None, told)), "red", links, by), []
    fixed = [hazard for hazard in case.hazards if hazard.closed_how == FIXED_ON_THE_SPOT and hazard.closed_on]
    if fixed:
        words = "当场改正，销号" if one else f"当场改正 {len(fixed)} 处，销号"
        yield Entry(fixed[0].closed_on, words, "" if one else "；".join(row.wording for row in fixed), "green"), []


def _ordered(order: Order, case: Case) -> Iterator[Told]:
    paper = order.document
    links = [{"url": reverse("records:document", args=[paper.pk]), "label": order.number}] if paper else []
    title = f"责令{order.get_mode_display()}" + ("" if paper else "（存量）")
    by = f"签发 {order.issued_by.name}"
    yield Entry(order.issued_on, title, "" if paper else order.number, links=links, by=by), []
    for row in case.dispatches:
        yield from _dispatched(row)
    service = getattr(order, "service", None)
    if service is None:
        return
    by = _servers(service.server, service.second, service.assistant)
    more = [
        f"见证人 {service.witness}" if service.witness else "",
        service.recorder_no and f"记录仪 {service.recorder_no}",
    ]
    text = "，".join(filter(None, [service.words, *more]))
    links = _paper(service.document_id, "送达回证")
    if service.method != Method.NOTICE:
        yield Entry(service.served_at, "送达", text, "green", links, by), [serve_key(order), *_lapsed(order, case)]
        return
    keys = [serve_key(order), *_lapsed(order, case)]
    yield Entry(service.sent_on, "公告", f"{text}，事由：{service.reason}", links=links, by=by), keys
    if order.state != OrderState.NOTICED:
        yield Entry(service.served_at, "公告期满，视为送达", "", "green"), [f"notice:{order.pk}"]


def _dispatched(row: Dispatch) -> Iterator[Told]:
    """What became of a link; the signature that served the notice stands once more as its service."""
    links = [{"url": reverse("hazards:dispatched", args=[row.pk]), "label": "送达链接"}]
    text = f"{row.channel} {masked(row.account)}，{row.consented_by} {row.consented_on:%Y-%m-%d} 同意电子送达"
    by = _servers(row.sent_by, row.second, row.assistant)
    yield Entry(row.sent_at, "发送电子送达链接", text, links=links, by=by), []
    if row.opened_at is not None:
        yield Entry(row.opened_at, "首次打开送达链接", f"共打开 {row.openings} 次"), []
    if row.acknowledged_at is not None:
        yield Entry(row.acknowledged_at, "确认收悉", f"{row.acknowledged_by}签名", "green"), []
    if row.state == DispatchState.CLOSED:
        taken_by, at = getattr(row, "taken_back_by", ""), getattr(row, "taken_back_at", None)
        yield Entry(at or row.sent_at, "停用送达链接", row.closed_why, by=f"停用 {taken_by}"), []


def _lapsed(order: Order, case: Case) -> list[str]:
    """The re-inspections that fell away because the order was served after their day."""
    since, published = binds_from(order.service), order.service.is_published
    days = [(one.clock.key, one.clock.started_on) for one in case.clocks if one.clock.key.startswith("recheck:")]
    return [key for key, day in days if day < since and (published or was_served_late(order, day))]


def _reported(case: Case) -> Iterator[Told]:
    report = case.report
    if report is None or case.inspection is None:
        return
    links = [{"url": reverse("hazards:report", args=[case.inspection.pk]), "label": report.letter_no or "书面报告"}]
    made = "严重威胁公共安全，责令的同时报告"
    yield Entry(report.made_on, "报告消防救援大队", made, "red", links, f"报告人 {report.recorded_by.name}"), []
    if report.sent_on is not None:
        number = "" if report.document_id else report.letter_no
        text = "，".join(filter(None, [report.receiver and f"{report.receiver}签收", number]))
        yield Entry(report.sent_on, f"书面报告送交{report.township}", text, "green"), [report_key(case.inspection)]


def _reminded(case: Case) -> Iterator[Told]:
    for one in case.clocks:
        for step in Step:
            if sent_at := getattr(one.clock, f"told_{step}"):
                text = f"{duty_of(one)}期限 {one.clock.due_on:%Y-%m-%d}，{HEARD[step]}"
                tone = "red" if step in (Step.OVERDUE, Step.ABOVE) else ""
                yield Entry(sent_at, step.label, text, tone), []


def _extended(extension: Extension) -> Iterator[Told]:
    asked = f"原期限 {extension.deadline:%Y-%m-%d}，理由：{extension.reason}"
    by = f"登记 {extension.requested_by.name}"
    yield Entry(extension.requested_on, "单位申请延期", asked, by=by), []
    match ExtensionState(extension.state):
        case ExtensionState.APPROVED:
            title, tone = f"同意延期至 {extension.until:%Y-%m-%d}", "green"
        case ExtensionState.REFUSED:
            title, tone = "不同意延期", "red"
        case ExtensionState.FELL:
            # Nobody decided: it fell with its period.
            yield Entry(extension.deadline, "延期申请失效", extension.decision), []
            return
        case _:
            return
    by = f"审批 {extension.decided_by.name}" if extension.decided_by else ""
    moved = extension.state == ExtensionState.APPROVED
    keys = [f"recheck:{extension.order_id}:{extension.deadline.isoformat()}"] if moved else []
    links = _paper(extension.document_id, "审批表")
    yield Entry(extension.decided_at, title, extension.decision, tone, links, by), keys


def _visited(visit: Reinspection, case: Case) -> Iterator[Told]:
    if visit.early:
        yield Entry(visit.requested_on, "单位申请提前复查", f"改正期限 {visit.deadline:%Y-%m-%d}"), []
    else:
        # The period ended that morning, whenever the sweep came round.
        yield Entry(visit.deadline, f"改正期限届满，开启第 {visit.number} 次复查", visit.full_number), []
    if visit.done_on is None:
        return
    outcomes = [outcome for hazard in case.hazards if (outcome := outcome_of(visit, hazard))]
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if not outcomes:
        return
    result = f"{len(failed)} 处未改正" if len(outcomes) > 1 and failed else "未改正" if failed else "已改正，销号"
    notes = [visit.full_number, *(outcome.note for outcome in outcomes), visit.remark]
    company = (f"随同 {visit.companion}" if visit.companion else "", visit.refusal)
    by = "，".join(filter(None, [f"复查人 {_names(visit.lead, visit.second)}", *company]))
    title, links = f"第 {visit.number} 次复查：{result}", _paper(visit.document_id, "复查记录")
    entry = Entry(visit.done_on, title, "；".join(filter(None, notes)), links=links, by=by)
    keys = [f"early:{visit.order_id}:{visit.number}", recheck_key(visit.order, visit.deadline)]
    yield replace(entry, tone="red" if failed else "green"), keys


def _referral_keys(case: Case) -> list[str]:
    keys = [f"refer_failed:{case.order.pk}:{visit.number}" for visit in case.visits] if case.order else []
    visit = case.inspection
    return [*keys, *((refer_key(visit), refer_other_key(visit)) if visit else ())]


def _ended(case: Case) -> Iterator[Told]:
    """What was urged and is gone; other ends stand with the act that brought them."""
    for hazard in case.hazards:
        urged = hazard.state == HazardState.CLOSED and hazard.disposition not in ORDERS and not case.referrals
        if urged and hazard.closed_on and hazard.closed_how != FIXED_ON_THE_SPOT:
            yield Entry(hazard.closed_on, f"销号：{hazard.closed_how}", "", "green"), []


def _voided(case: Case) -> Iterator[Told]:
    withdrawal = getattr(case.order, "withdrawal", None)
    if withdrawal is not None and withdrawal.order.state != OrderState.VOID:
        if any(hazard.state == HazardState.VOID for hazard in case.hazards):
            by, title = f"批准 {withdrawal.decided_by.name}", "作废送达时期限已经届满的隐患"
            yield Entry(withdrawal.decided_on, title, withdrawal.reason, "red", by=by), [late_key(withdrawal.order)]
    elif withdrawal is not None:
        by = f"批准 {withdrawal.decided_by.name}"
        title = "作废通知书" if withdrawal.order.inspection_id else "撤回存量文书"
        yield Entry(withdrawal.decided_on, title, withdrawal.reason, "red", by=by), _fallen(case)
    reissue = getattr(case.inspection, "reissued_as", None)
    if reissue is None:
        return
    links = [{"url": reverse("inspections:detail", args=[reissue.new_id]), "label": "更正的检查"}]
    yield (
        Entry(
            reissue.decided_at, "文书作废，退回更正", reissue.reason, "red", links, f"批准 {reissue.decided_by.name}"
        ),
        _fallen(case),
    )


def _fallen(case: Case) -> list[str]:
    """The duties that ended with the order itself; a reissue was what one of them waited for."""
    keys = [one.clock.key for one in case.clocks if one.clock.state == ClockState.CANCELLED]
    return [*keys, late_key(case.order)] if case.order else keys


def _unclaimed(one: Shown) -> Entry:
    """A clock no act above ended: it stands for itself, on the day it was met or would have ended."""
    return Entry(one.clock.met_on or one.clock.due_on, duty_of(one), one.clock.detail, clocks=[one])


def _ahead(case: Case, act: NextAct, today: date) -> list[Entry]:
    """What comes next, each with its date: running duties, ends of periods; an act without a date stands first."""
    running = [one for one in case.clocks if one.clock.state == ClockState.RUNNING]
    dated = [(one.clock.due_on, _running(one, alone=len(case.hazards) == 1)) for one in running]
    # While a notice hangs out nothing opens on the day of a period.
    opening = {one.clock.started_on for one in running if one.clock.key.startswith("recheck:")}
    ends = opening & {row.deadline for row in case.hazards if row.state == HazardState.OPEN and row.deadline}
    dated += [(day, Entry(day, "改正期限届满", "当天早上开启复查", "next")) for day in ends if day > today]
    ordered = [entry for _, entry in sorted(dated, key=lambda pair: pair[0])[::-1]]
    if act.button and act.shown is None:
        ordered.append(Entry("待办", act.title.removeprefix("下一步："), act.text, "next"))
    return ordered


def _running(one: Shown, *, alone: bool) -> Entry:
    clock = one.clock
    # The duty of a visit names its hazards; on the page of one of them that is its own title again.
    detail = "" if alone and clock.subject_type == OF_VISIT else clock.detail
    owner = f"责任人 {clock.owner.name}" if clock.owner else ""
    return Entry(f"{clock.due_on:%Y-%m-%d} 前", duty_of(one), detail, "next", by=owner, clocks=[one])


def duty_of(one: Shown) -> str:
    """What has to be done to end a duty."""
    return DUTY.get(one.clock.key.partition(":")[0], one.clock.rule.name)


def _servers(server: User, second: User | None, assistant: User | None) -> str:
    return f"送达人 {_names(server, second)}" + (f"，协助辅警 {assistant.name}" if assistant else "")


def _names(*people: User | None) -> str:
    return "、".join(person.name for person in people if person is not None)
