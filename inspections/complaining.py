"""The acts on a complaint, from the call to the answer (监督检查规定第18条, 程序规定第60、61条).

Nothing that is written anywhere else may name the complainant: not the trail, not a clock, not a message.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate, localtime

from deadlines.actions import cancel_clock, meet_clock, reassign
from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.keyring import index_of
from inspections.complaint_clocks import (
    answer_key,
    check_key,
    due_words,
    rename_clocks,
    start_check,
    start_clocks,
    start_transfer,
    transfer_key,
)
from inspections.complaint_corrections import readings, typed_fields
from inspections.complaint_entries import Call, Check, Told, Transfer
from inspections.complaint_issuing import PAPERS, issue_papers
from inspections.complaint_secrecy import refuse_named
from inspections.models import (
    OF_COMPLAINT,
    UNANSWERED,
    UNTOUCHED,
    Complaint,
    ComplaintCategory,
    ComplaintState,
    Inspection,
    Jurisdiction,
    State,
)
from inspections.rules import is_enforcer
from records.models import Kind
from records.numbers import format_number, locked_counter, take
from stations.messages import send
from stations.models import User
from trail.models import AuditEntry
from trail.record import record
from units.models import Unit

PROCEDURE = "《公安机关办理行政案件程序规定》第61条"
CHECKING = "《消防监督检查规定》第18条"
NO_WAY = "匿名举报，没有留下联系方式"
# What is written when the complainant is told, or cannot be.
TELLING = ("told_at", "told_by", "manner", "told", "untold", "reward")
OPENING = {
    Jurisdiction.OURS: ComplaintState.RECEIVED,
    Jurisdiction.OTHER_POLICE: ComplaintState.TO_TRANSFER,
    Jurisdiction.NOT_POLICE: ComplaintState.NOT_OURS,
}


@transaction.atomic
def receive_complaint(actor: User, call: Call, *, key: UUID, at: datetime) -> Complaint:
    """Register what came in and start its clocks from that instant; a second submit of the form ``key`` adds nothing.

    What is no police matter is told in the same act. Raises RuleError for an instant to come, a handler who may not
    check, and a matter of somebody else's without what the complainant was told.
    """
    station, year = actor.home_station, localdate(call.received_at).year
    # Whoever sends the same form again waits here and then finds what the first one wrote.
    locked_counter(station, Kind.COMPLAINT, year)
    known = Complaint.objects.for_user(actor).filter(form_key=key).first()
    if known is not None:
        return known
    _passed(call.received_at, at, "接到时间")
    unit = Unit.objects.for_user(actor).get(pk=call.unit.pk) if call.unit else None
    columns = unit.scope_columns() if unit else actor.organisation.scope_columns()
    _may_handle(call.handler, columns)
    sequence = take(station, Kind.COMPLAINT, year)
    complaint = Complaint(
        **columns, year=year, sequence=sequence, number=format_number(station, Kind.COMPLAINT, year, sequence),
        source=call.source, received_at=call.received_at, received_by=actor, anonymous=not call.complainant,
        complainant=call.complainant, contact=call.contact,
        contact_index=index_of(call.contact), unit=unit, content=call.content,
        premises=unit.name if unit else call.premises, address=unit.address if unit else call.address,
        category=call.category, jurisdiction=call.jurisdiction, handler=call.handler,
        state=OPENING[call.jurisdiction], form_key=key,
    )  # fmt: skip
    typed = {"content": call.content} | ({} if unit else {"premises": call.premises, "address": call.address})
    refuse_named(complaint, actor, typed)
    if call.jurisdiction == Jurisdiction.NOT_POLICE:
        _tell(complaint, actor, call.told, at)
    complaint.save(force_insert=True)
    if complaint.told_at is not None:
        issue_papers(complaint, actor, at)
        complaint.save(update_fields=PAPERS)
    start_clocks(complaint)
    after = {
        "source": call.source, "category": call.category, "jurisdiction": call.jurisdiction,
        "anonymous": complaint.anonymous, "handler": call.handler.pk, "received_at": call.received_at,
    }  # fmt: skip
    words = f"受理举报：{complaint.number}，{complaint.premises}"
    _hand(complaint, actor, record(actor, "inspections.receive_complaint", complaint, words, after=after))
    return complaint


@transaction.atomic
def check_complaint(complaint: Complaint, actor: User, result: Check, at: datetime) -> Complaint:
    """Write down what the check found; the check clock is met at its instant.

    With nobody to tell, that is noted and the complaint is done. Raises RuleError for a second check, a wrong instant,
    fewer than two officers of the station, and a visit that is not of this unit since the complaint.
    """
    row = _locked(complaint, actor)
    if row.checked_at is not None:
        raise RuleError(f"{row.number} 的核查已经登记，没有重复登记。", remedy="打开这件举报查看核查情况。")
    _passed(result.at, at, "核查时间", since=row.received_at)
    _two_officers(row, result)
    _of_this_unit(row, result.inspection)
    refuse_named(row, actor, {"found": result.found})
    row.checked_at, row.first, row.second = result.at, result.first, result.second
    row.truth, row.found, row.inspection = result.truth, result.found, result.inspection
    row.move_to(ComplaintState.CHECKED)
    after = {"truth": result.truth, "checked_at": result.at, "first": result.first.pk, "second": result.second.pk}
    if not row.can_be_told:
        _tell(row, actor, Told(at, untold=NO_WAY, reward=result.reward), at)
        row.move_to(ComplaintState.ANSWERED)
        issue_papers(row, actor, at)
        after["rewarded"] = bool(result.reward)
    written = ("state", "checked_at", "first", "second", "truth", "found", "inspection")
    row.save(update_fields=[*written, *TELLING, *PAPERS])
    meet_clock(check_key(row), localdate(result.at), result.at)
    words = f"核查举报：{row.number}，{row.get_truth_display()}"
    record(actor, "inspections.check_complaint", row, words, before={"state": complaint.state}, after=after)
    return row


@transaction.atomic
def transfer_complaint(complaint: Complaint, actor: User, move: Transfer, at: datetime) -> Complaint:
    """Hand the complaint over to whose it is. The clock is met once the complainant is told as well (程序规定第61条).

    What was taken for ours loses its check and gets the clock of a transfer, from the instant it came in.
    """
    row = _locked(complaint, actor)
    if row.transferred_at is not None:
        raise RuleError(f"{row.number} 的移送已经登记，没有重复登记。", remedy="打开这件举报查看移送情况。")
    _passed(move.at, at, "移送时间", since=row.received_at)
    refuse_named(row, actor, {"to": move.to, "letter_no": move.letter_no})
    row.transferred_at, row.transferred_to, row.letter_no = move.at, move.to, move.letter_no
    row.jurisdiction = Jurisdiction.OTHER_POLICE
    row.move_to(ComplaintState.TRANSFERRED)
    for key in (check_key(row), answer_key(row)):
        cancel_clock(key, "不属本所管辖，已移送")
    start_transfer(row)
    told = move.told if row.can_be_told else Told(at, untold=NO_WAY)
    if told is not None:
        _answered(row, actor, told, at)
    moved = ("state", "jurisdiction", "transferred_at", "transferred_to", "letter_no")
    row.save(update_fields=[*moved, *TELLING, *PAPERS])
    after = {"to": move.to, "letter_no": move.letter_no, "transferred_at": move.at, "state": row.state}
    words = f"移送举报：{row.number}，{move.to}"
    record(actor, "inspections.transfer_complaint", row, words, before={"state": complaint.state}, after=after)
    return row


@transaction.atomic
def answer_complaint(complaint: Complaint, actor: User, told: Told, at: datetime) -> Complaint:
    """Tell the complainant the result, or note why he cannot be told (规定第18条第2款); that ends the complaint."""
    row = _locked(complaint, actor)
    if row.told_at is not None:
        raise RuleError(f"{row.number} 已经登记告知，没有重复登记。", remedy="打开这件举报查看告知情况。")
    _answered(row, actor, told, at)
    row.save(update_fields=["state", *TELLING, *PAPERS])
    words = f"无法告知举报人：{row.number}" if told.untold else f"告知举报人：{row.number}"
    after = {"told_at": told.at, "manner": told.manner, "untold": bool(told.untold), "state": row.state}
    after["rewarded"] = bool(told.reward)
    record(actor, "inspections.answer_complaint", row, words, before={"state": complaint.state}, after=after)
    return row


@transaction.atomic
def assign_complaint(complaint: Complaint, actor: User, handler: User, reason: str) -> Complaint:
    """Give the complaint and its running clocks to ``handler``; the one who has it already keeps it."""
    row = _locked(complaint, actor)
    _open(row, UNANSWERED, "改派")
    _on_case(row, actor, "改派")
    refuse_named(row, actor, {"reason": reason})
    _may_handle(handler, row.scope_columns())
    if handler.pk == row.handler_id:
        return row
    before, row.handler = row.handler, handler
    row.save(update_fields=["handler"])
    reassign(Clock.objects.of(OF_COMPLAINT, row.pk), handler)
    words = f"改派举报：{row.number}，{before.name} → {handler.name}"
    entry = record(
        actor, "inspections.assign_complaint", row, words,
        before={"handler": before.pk}, after={"handler": handler.pk}, reason=reason,
    )  # fmt: skip
    _hand(row, actor, entry)
    return row


@transaction.atomic
def recategorise_complaint(complaint: Complaint, actor: User, category: ComplaintCategory, reason: str) -> Complaint:
    """Put the category right; the clock follows, counted anew from the instant the complaint came in."""
    row = _locked(complaint, actor)
    _open(row, UNTOUCHED, "改类别")
    refuse_named(row, actor, {"reason": reason})
    if category == row.category:
        return row
    before, row.category = row.category, category
    if row.state == ComplaintState.RECEIVED:
        cancel_clock(check_key(row), f"类别改为{category.label}")
        row.category_round += 1
        start_check(row)
    row.save(update_fields=["category", "category_round"])
    words = f"改举报类别：{row.number}，{ComplaintCategory(before).label} → {category.label}"
    record(
        actor, "inspections.recategorise_complaint", row, words,
        before={"category": before}, after={"category": category}, reason=reason,
    )  # fmt: skip
    return row


@transaction.atomic
def correct_complaint(complaint: Complaint, actor: User, words: dict[str, str], reason: str) -> Complaint:
    """Put typed words (`typed_fields`) right while no paper carries them; the entry keeps what they were and are.

    Raises RuleError for whoever is not on the case, once the complaint is dealt with, and for words that name the
    complainant. Where nothing differs nothing is written.
    """
    row = _locked(complaint, actor)
    _open(row, UNANSWERED, "更正")
    _on_case(row, actor, "更正文字")
    changed = {name: words[name] for name in typed_fields(row) if name in words and words[name] != getattr(row, name)}
    refuse_named(row, actor, {"reason": reason} | changed)
    if not changed:
        return row
    told = {name: readings(row, getattr(row, name), text) for name, text in changed.items()}
    for name, text in changed.items():
        setattr(row, name, text)
    row.save(update_fields=[*changed])
    rename_clocks(row)
    record(
        actor, "inspections.correct_complaint", row, f"更正举报登记：{row.number}", reason=reason,
        before={name: old for name, (old, _) in told.items()}, after={name: new for name, (_, new) in told.items()},
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_complaint(complaint: Complaint, actor: User, reason: str, at: datetime) -> Complaint:
    """Take a wrong or double registration back; the number stays used. A second call changes nothing."""
    row = _locked(complaint, actor)
    if row.state == ComplaintState.WITHDRAWN:
        return row
    _open(row, UNTOUCHED, "撤销")
    refuse_named(row, actor, {"reason": reason})
    if not reason.strip():
        raise RuleError("撤销登记要写明理由。", remedy="如“与某号重复登记”。")
    row.move_to(ComplaintState.WITHDRAWN)
    row.withdrawn_at, row.withdrawn_reason = at, reason.strip()[:200]
    row.save(update_fields=["state", "withdrawn_at", "withdrawn_reason"])
    for key in (check_key(row), answer_key(row), transfer_key(row)):
        cancel_clock(key, "举报登记已撤销")
    before, after = {"state": complaint.state}, {"state": row.state}
    words = f"撤销举报登记：{row.number}"
    record(actor, "inspections.withdraw_complaint", row, words, before=before, after=after, reason=reason)
    return row


@transaction.atomic
def show_complainant(complaint: Complaint, actor: User, reason: str) -> Complaint:
    """The complaint with whoever made it, for those on the case only; every look leaves an entry with its reason."""
    row = _locked(complaint, actor)
    _on_case(row, actor, "查看举报人")
    if not reason.strip():
        raise RuleError("查看举报人要写明事由。", remedy="如“核实地址”“告知结果”。")
    refuse_named(row, actor, {"reason": reason})
    record(actor, "inspections.show_complainant", row, f"查看举报人：{row.number}", reason=reason.strip()[:100])
    return row


# ---------- what each act stands on ----------


def _locked(complaint: Complaint, actor: User) -> Complaint:
    rows = Complaint.objects.for_user(actor).select_related("handler__organisation", "station", "unit")
    return rows.select_for_update(of=("self",)).get(pk=complaint.pk)


def _open(row: Complaint, states: tuple[ComplaintState, ...], act: str) -> None:
    if row.state not in states:
        raise RuleError(f"{row.number} {row.get_state_display()}，不能{act}。")


def _on_case(row: Complaint, actor: User, act: str) -> None:
    if not row.is_on_case(actor):
        raise RuleError(
            f"只有受理人、承办人和所长可以{act}。", basis=PROCEDURE, remedy=f"请与承办人 {row.handler.name} 联系。"
        )


def _may_handle(handler: User, columns: dict[str, int | None]) -> None:
    """The handler checks on the spot, and has to see what he handles."""
    scope = handler.scope()
    seen = columns["station_id"] in scope.stations or columns["office_id"] in scope.offices
    if not seen or not is_enforcer(handler, columns["station_id"] or 0):
        raise RuleError(
            f"{handler.name} 不能承办：须是本所登记了执法证号的民警。", basis=CHECKING, remedy="请另选一名民警。"
        )


def _passed(instant: datetime, now: datetime, name: str, since: datetime | None = None) -> None:
    if instant > now:
        raise RuleError(f"{name}不能晚于现在。", remedy="请核对日期和时间。")
    if since is not None and instant < since:
        began = f"{localtime(since):%Y-%m-%d %H:%M}"
        raise RuleError(f"{name}不能早于接到举报的时间 {began}。", remedy="请核对日期和时间。")


def _two_officers(row: Complaint, result: Check) -> None:
    if result.first.pk == result.second.pk:
        raise RuleError("核查人须是两名民警。", basis="《行政处罚法》第42条", remedy="请另选第二核查人。")
    for person in (result.first, result.second):
        if not is_enforcer(person, row.station_id):
            raise RuleError(
                f"{person.name} 不能做核查人：须是本所登记了执法证号的民警。", basis="《行政处罚法》第42条",
                remedy="辅警只能协助，请另选一名民警。",
            )  # fmt: skip


def _of_this_unit(row: Complaint, visit: Inspection | None) -> None:
    """A visit that answers the complaint was made to its unit and finished since."""
    if visit is None:
        return
    fits = visit.unit_id == row.unit_id and visit.state == State.SUBMITTED
    if not fits or visit.finished_at is None or visit.finished_at < row.received_at:
        raise RuleError("所选的检查不是接到举报后对这家单位完成的检查。", remedy="请重新选择，或者不关联检查。")


def _answered(row: Complaint, actor: User, told: Told, at: datetime) -> None:
    """Note what the complainant was told and stop the clock that waited for it, at the later of the two instants."""
    if row.state == ComplaintState.CHECKED and row.checked_at is not None and told.at < row.checked_at:
        raise RuleError("告知时间不能早于核查时间。", remedy="请核对日期和时间。")
    _tell(row, actor, told, at)
    row.move_to(ComplaintState.ANSWERED)
    if row.transferred_at is not None:
        done = max(row.transferred_at, told.at)
        meet_clock(transfer_key(row), localdate(done), done)
    else:
        meet_clock(answer_key(row), localdate(told.at), told.at)
    issue_papers(row, actor, at)


def _tell(row: Complaint, actor: User, told: Told | None, at: datetime) -> None:
    if told is None or not (told.manner or told.untold):
        raise RuleError(
            "没有写明怎样告知举报人。", basis=f"{CHECKING}、{PROCEDURE}", remedy="选择告知方式；无法告知的写明原因。"
        )
    _passed(told.at, at, "告知时间", since=row.received_at)
    refuse_named(row, actor, {"told": told.words, "untold": told.untold, "reward": told.reward})
    row.told_at, row.told_by, row.reward = told.at, actor, told.reward
    # What could not be told was told in no manner.
    row.manner, row.told, row.untold = ("", "", told.untold) if told.untold else (told.manner, told.words, "")


def _hand(row: Complaint, actor: User, entry: AuditEntry) -> None:
    """Tell the handler what was given to him, unless he took it himself."""
    if row.handler_id == actor.pk or row.state not in UNANSWERED:
        return
    due = Clock.objects.running().of(OF_COMPLAINT, row.pk).order_by("due_on").first()
    until = f"，{due_words(due)} 前办理" if due else ""
    send(
        row.handler, about=row, key=f"complaint_given:{entry.pk}", title=f"交办举报：{row.premises}",
        body=f"{row.number}，{row.get_category_display()}{until}", url=row.get_absolute_url(),
    )  # fmt: skip
