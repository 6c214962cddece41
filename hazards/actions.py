"""The acts on a hazard, from the finished visit to its end. Each is one transaction; each locks the order first."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localtime

from deadlines.actions import meet_clock
from deadlines.calendar import Calendar
from fire_supervision.lib.errors import RuleError
from hazards.backlog import OldService, OpenHazard, enter_open_order
from hazards.issuing import issue_papers, papers_of, report_key, serve_key, settle_referral_clocks
from hazards.locking import close_if_ended, locked_order
from hazards.models import (
    Disposition,
    Hazard,
    HazardState,
    Method,
    Order,
    OrderState,
    Referral,
    Report,
    Service,
    Target,
)
from hazards.plan import Decision, findings_of, judge, plan
from hazards.rechecks import Result, reinspect, request_early
from hazards.sweeps import escalate_overdue, open_due, open_due_of
from hazards.voiding import void_papers
from inspections.actions import submit
from inspections.models import Inspection, State
from inspections.rules import is_enforcer
from records.models import Document
from stations.models import User
from trail.record import record

__all__ = [
    "OldService",
    "OpenHazard",
    "Result",
    "conclude",
    "confirm_fixed",
    "enter_open_order",
    "escalate_overdue",
    "open_due",
    "open_due_of",
    "refer",
    "reinspect",
    "report",
    "request_early",
    "serve",
    "void_papers",
]


@transaction.atomic
def conclude(inspection: Inspection, actor: User, decisions: Mapping[int, Decision], at: datetime) -> list[Document]:
    """签发: finish the visit and issue what follows from it; returns the notices, then the record.

    ``decisions`` are the officer's, by finding id; a finding without one takes what the law proposes. A visit that
    was concluded before gives its papers again and changes nothing. Raises RuleError for what is missing or forbidden.
    """
    locked = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    if locked.state == State.SUBMITTED:
        return papers_of(locked)
    submitted = submit(locked, actor, at)
    drawn = plan(submitted, judge(submitted, findings_of(submitted)), decisions, Calendar.load(submitted.visited_on))
    papers = issue_papers(submitted, drawn, actor, localtime(at).date())
    record(
        actor,
        "hazards.conclude",
        submitted,
        f"签发 {len(papers)} 份文书：{submitted.unit.name}，发现 {len(drawn.hazards)} 处隐患",
        after={"papers": [paper.number for paper in papers]},
    )
    return papers


@transaction.atomic
def serve(
    order: Order,
    actor: User,
    *,
    served_at: datetime,
    place: str,
    recipient: str,
    relation: str,
    server: User,
    second: User | None,
    at: datetime,
    recorder_no: str = "",
    note: str = "",
) -> Service:
    """登记直接送达 (程序规定第36条). Raises RuleError for a second service, a time that cannot be, or a lone server."""
    locked = locked_order(order)
    if locked.state != OrderState.ISSUED:
        raise RuleError(f"{locked.number}{locked.get_state_display()}，没有再次登记送达")
    if served_at > at:
        raise RuleError("送达时间在以后，不能登记", remedy="核对送达时间。")
    if localtime(served_at).date() < locked.issued_on:
        raise RuleError(f"送达时间早于签发日期 {locked.issued_on:%Y-%m-%d}", remedy="核对送达时间。")
    _check_servers(locked, server, second, recorder_no)
    service = Service.objects.create(
        order=locked,
        method=Method.DIRECT,
        served_at=served_at,
        place=place,
        recipient=recipient,
        relation=relation,
        server=server,
        second=second,
        recorder_no=recorder_no,
        note=note,
        registered_by=actor,
    )
    locked.move_to(OrderState.SERVED)
    locked.save(update_fields=["state"])
    meet_clock(serve_key(locked), localtime(served_at).date())
    record(actor, "hazards.serve", locked, f"直接送达 {locked.number}，{recipient}签收", after={"at": served_at})
    close_if_ended(locked)
    return service


def _check_servers(order: Order, server: User, second: User | None, recorder_no: str) -> None:
    if not is_enforcer(server, order.station_id):
        raise RuleError("送达人须是本所有执法证的民警", basis="程序规定第52条")
    if second is None and not recorder_no:
        raise RuleError(
            "只有一名民警送达时，须全程录音录像",
            basis="程序规定第52条",
            remedy="填写第二送达人，或者填写执法记录仪文件号。",
        )
    if second == server:
        raise RuleError("两名送达人不能是同一人")
    if second is not None and not is_enforcer(second, order.station_id):
        raise RuleError(
            "第二送达人须是本所有执法证的民警",
            basis="程序规定第52条",
            remedy="民警带辅警送达的，不填第二送达人，填写执法记录仪文件号。",
        )


@transaction.atomic
def confirm_fixed(hazard: Hazard, actor: User, *, on: date, how: str, today: date) -> Hazard:
    """督促后已改正: end a hazard that was urged, not ordered. Raises RuleError for one under an order."""
    locked = Hazard.objects.select_for_update(of=("self",)).get(pk=hazard.pk)
    if locked.disposition != Disposition.URGE:
        raise RuleError("责令改正的隐患由复查销号", basis="消防监督检查规定第20条", remedy="登记复查结果。")
    if on > today or on < locked.found_on:
        raise RuleError("改正日期应在检查以后、今天以前")
    locked.move_to(HazardState.CLOSED, on=on, how=how or "督促后改正")
    locked.save(update_fields=["state", "closed_on", "closed_how"])
    record(actor, "hazards.confirm_fixed", locked, f"督促后改正：{locked.wording}", after={"on": on})
    return locked


@transaction.atomic
def refer(
    hazards: Sequence[Hazard],
    actor: User,
    *,
    target: Target,
    basis: str,
    facts: str,
    sent_on: date,
    today: date,
    letter_no: str = "",
    receiver: str = "",
) -> Referral:
    """登记移送: hand over hazards of one unit. Raises RuleError for one an order still gives time to correct."""
    locked = _locked_for_referral(hazards)
    if sent_on > today or sent_on < max(hazard.found_on for hazard in locked):
        raise RuleError("移送日期应在检查以后、今天以前")
    first = locked[0]
    referral = Referral.objects.create(
        **first.scope_columns(),
        unit_id=first.unit_id,
        target=target,
        basis=basis,
        facts=facts,
        sent_on=sent_on,
        letter_no=letter_no,
        receiver=receiver,
        recorded_by=actor,
    )
    referral.hazards.set(locked)
    for hazard in locked:
        hazard.move_to(HazardState.REFERRED)
        hazard.save(update_fields=["state"])
    _settle_after_referral(locked, sent_on)
    record(actor, "hazards.refer", referral, f"移送{target.label}：{first.unit.name}，{len(locked)} 处隐患")
    return referral


def _locked_for_referral(hazards: Sequence[Hazard]) -> list[Hazard]:
    orders = {hazard.order_id for hazard in hazards if hazard.order_id}
    list(Order.objects.select_for_update(of=("self",)).filter(pk__in=orders).order_by("pk"))
    chosen = Hazard.objects.select_for_update(of=("self",)).filter(pk__in=[hazard.pk for hazard in hazards])
    locked = list(chosen.select_related("unit", "order", "inspection").order_by("pk"))
    if not locked or len({hazard.unit_id for hazard in locked}) != 1:
        raise RuleError("一次移送的隐患应属于同一个单位", remedy="返回重新选择。")
    for hazard in locked:
        if hazard.state == HazardState.REFERRED:
            raise RuleError(f"“{hazard.wording}”已经移送，没有重复登记")
        urged = hazard.state == HazardState.OPEN and hazard.disposition == Disposition.URGE
        if hazard.state != HazardState.TO_REFER and not urged:
            raise RuleError(
                f"“{hazard.wording}”{hazard.get_state_display()}，不能移送",
                basis="消防监督检查规定第20条",
                remedy="期限届满后复查，仍未改正的再移送。",
            )
    return locked


def _settle_after_referral(hazards: Sequence[Hazard], on: date) -> None:
    for inspection in {hazard.inspection for hazard in hazards if hazard.order_id is None and hazard.inspection}:
        settle_referral_clocks(inspection, on)
    for order in {hazard.order for hazard in hazards if hazard.order is not None}:
        if not order.hazards.filter(state=HazardState.TO_REFER).exists():
            for number in order.reinspections.values_list("number", flat=True):
                meet_clock(f"refer_failed:{order.pk}:{number}", on)
        close_if_ended(order)


@transaction.atomic
def report(
    inspection: Inspection, actor: User, *, township: str, sent_on: date, today: date, letter_no: str = ""
) -> Report:
    """登记书面报告 (规定第34条): to the township and the brigade, of what gravely threatens public safety."""
    locked = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    if Report.objects.filter(inspection=locked).exists():
        raise RuleError("这次检查已经登记过书面报告，没有重复登记")
    if not locked.hazards.filter(grave=True).exclude(state=HazardState.VOID).exists():
        raise RuleError("这次检查没有认定严重威胁公共安全的火灾隐患", basis="消防监督检查规定第34条")
    if sent_on > today or sent_on < locked.visited_on:
        raise RuleError("报告日期应在检查以后、今天以前")
    written = Report.objects.create(
        **locked.scope_columns(),
        inspection=locked,
        unit_id=locked.unit_id,
        township=township,
        brigade=locked.station.brigade,
        made_on=sent_on,
        sent_on=sent_on,
        letter_no=letter_no,
        recorded_by=actor,
    )
    meet_clock(report_key(locked), sent_on)
    record(actor, "hazards.report", written, f"书面报告{township}和消防救援大队：{locked.unit.name}")
    return written
