"""报告 (规定第34条): made in the act that orders, handed to the township on the same day."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from deadlines.actions import meet_clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards.issuing import report_key
from hazards.models import SUGGESTED, Hazard, Report, Suggestion
from hazards.paperwork import issue_report
from hazards.people import leaders_of, supervisors_of
from inspections.models import Inspection, State
from records.models import Document
from stations.messages import send
from stations.models import User
from trail.record import record
from units.models import Unit

BASIS = "消防监督检查规定第34条"


def township_of(unit: Unit) -> str:
    """The township or street a unit lies in, as far as the ledger knows."""
    return unit.township or (unit.committee.township if unit.committee else "")


def graves_of(inspection: Inspection) -> QuerySet[Hazard]:
    """What a visit that stands found gravely dangerous; the danger outlives a notice that fell alone."""
    return inspection.hazards.filter(grave=True).exclude(inspection__state=State.VOID).order_by("pk")


def make_report(
    inspection: Inspection, actor: User, township: str, suggestions: Sequence[Suggestion], on: date, graves: int
) -> Document:
    """Make the report of a visit with ``graves`` grave hazards and tell the brigade at once; part of `conclude`.

    Raises Refusal while nobody knows which township it addresses, or nothing is suggested.
    """
    if not township:
        refuse([Fault("township", "请填写报告的乡镇人民政府、街道办事处", BASIS)])
    report = _make(inspection, actor, township, suggestions, on)
    paper = issue_report(report, actor, on)
    station = inspection.station
    people = {*supervisors_of(station.pk), *leaders_of(station.brigade)}
    for person in people:
        send(
            person,
            about=inspection,
            key=f"report:{inspection.pk}",
            title=f"严重威胁公共安全的火灾隐患：{inspection.unit.name}",
            body=f"{station.name} {inspection.visited_on:%Y-%m-%d} 检查发现 {graves} 处，依照规定第34条报告。",
            url=reverse("hazards:report", args=[inspection.pk]),
        )
    return paper


def _make(inspection: Inspection, actor: User, township: str, suggestions: Sequence[Suggestion], on: date) -> Report:
    return Report.objects.create(
        **inspection.scope_columns(),
        inspection=inspection,
        unit_id=inspection.unit_id,
        township=township,
        brigade=inspection.station.brigade,
        suggestions=list(suggestions),
        made_on=on,
        recorded_by=actor,
    )


@transaction.atomic
def deliver_report(
    inspection: Inspection,
    actor: User,
    *,
    sent_on: date,
    receiver: str,
    today: date,
    township: str = "",
    letter_no: str = "",
    suggestions: Sequence[Suggestion] = SUGGESTED,
) -> Report:
    """登记送交: the township has the written report since ``sent_on``; that ends the duty of 规定第34条.

    A visit concluded before reports were made with the order gets its report now, which bears ``today``. One that has
    its paper went where the paper says; ``township`` and ``letter_no`` are asked for the others, ``suggestions`` where
    the paper is made now. Raises RuleError for a second delivery, Refusal for a day that cannot be.
    """
    rows = Inspection.objects.select_for_update(of=("self",)).select_related("station__brigade", "unit")
    locked = rows.get(pk=inspection.pk)
    report = Report.objects.filter(inspection=locked).first()
    if report is not None and report.sent_on is not None:
        raise RuleError("这次检查的书面报告已经登记送交，没有重复登记")
    if not graves_of(locked).exists():
        raise RuleError("这次检查没有认定严重威胁公共安全的火灾隐患", basis=BASIS)
    made_on = report.made_on if report is not None and report.document_id else locked.visited_on
    if not made_on <= sent_on <= today:
        words = f"送交日期应在 {made_on:%Y-%m-%d} 以后、今天以前"
        refuse([Fault("sent_on", words, remedy="核对送交日期。")])
    if report is not None and report.document_id:
        township, letter_no = report.township, report.letter_no
    if not township or not receiver:
        raise RuleError("送交书面报告须写明乡镇、街道和签收人")
    if report is None:
        report = _make(locked, actor, township, suggestions, today)
        letter_no = issue_report(report, actor, today).number
    report.township, report.sent_on, report.receiver, report.letter_no = township, sent_on, receiver, letter_no
    report.save(update_fields=["township", "sent_on", "receiver", "letter_no"])
    meet_clock(report_key(locked), sent_on)
    record(
        actor,
        "hazards.deliver_report",
        report,
        f"书面报告送交{township}：{locked.unit.name}",
        after={"on": sent_on, "receiver": receiver, "letter_no": letter_no},
    )
    return report
