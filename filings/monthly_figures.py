"""What the monthly report counts (统计口径). A figure is the number of the rows behind it; nothing is typed twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Sum, Value
from django.utils.timezone import get_current_timezone

from filings.month import Month
from hazards.models import (
    Disposition,
    Hazard,
    HazardState,
    Order,
    OrderState,
    Outcome,
    Referral,
    ReferralResult,
    Reinspection,
    Report,
)
from inspections.models import Complaint, ComplaintState, Inspection, Mode, Truth
from inspections.models import State as VisitState
from units.models import COMMITTEES, Kind, Pledge, PledgeState, State, Unit

Rows = QuerySet[Any]
# Done and missed ids of the rows behind a figure.
Ids = dict[str, list[int]]
DONE, MISSED = "done", "missed"
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Measure:
    """One figure: its group, its words, the rows of a month; ``done`` marks those that count where ``of`` is shown.

    ``part`` is a figure that is contained in the one above it, ``amount`` a column to add up instead of counting.
    ``day`` is the column of the day a row is counted by, empty for what stands on the last day of the month.
    """

    code: str
    group: str
    label: str
    unit: str
    said: str
    rows: Callable[[Month], Rows]
    day: str
    done: Q | None = None
    part: bool = False
    amount: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure as shown and as frozen; ``of`` is the number of rows it is a share of, None for a plain count."""

    code: str
    group: str
    label: str
    unit: str
    said: str
    part: bool
    value: str
    of: int | None = None

    @property
    def number(self) -> Decimal | int:
        amount = Decimal(self.value)
        return int(amount) if amount == int(amount) else amount


def _within(column: str, month: Month) -> Q:
    return Q(**{f"{column}__range": (month.first, month.last)})


def _visits(*kinds: str) -> Callable[[Month], Rows]:
    def rows(month: Month) -> Rows:
        visits = Inspection.objects.done().filter(_within("visited_on", month))
        return visits.filter(unit__kind__in=kinds) if kinds else visits

    return rows


def _found(*conditions: Q) -> Callable[[Month], Rows]:
    return lambda month: Hazard.objects.exclude(state=HazardState.VOID).filter(_within("found_on", month), *conditions)


def _gone(month: Month) -> Rows:
    return Hazard.objects.filter(_within("closed_on", month), state=HazardState.CLOSED)


def _ended(month: Month) -> Rows:
    return Hazard.objects.exclude(state=HazardState.VOID).filter(_within("deadline", month))


def _orders(mode: Mode) -> Callable[[Month], Rows]:
    return lambda month: Order.objects.valid().filter(_within("issued_on", month), mode=mode)


def _again(month: Month) -> Rows:
    return Reinspection.objects.exclude(order__state=OrderState.VOID).filter(_within("done_on", month))


def _sent(month: Month) -> Rows:
    return Referral.objects.filter(_within("sent_on", month))


def _answered(*results: ReferralResult) -> Callable[[Month], Rows]:
    def rows(month: Month) -> Rows:
        answered = Referral.objects.exclude(result="").filter(_within("result_on", month))
        return answered.filter(result__in=results) if results else answered

    return rows


def _reported(month: Month) -> Rows:
    return Report.objects.filter(_within("sent_on", month)).exclude(inspection__state=VisitState.VOID)


def _complained(column: str, *conditions: Q) -> Callable[[Month], Rows]:
    """The complaints something happened to at an instant of the month; those taken down by mistake are not counted."""

    def rows(month: Month) -> Rows:
        since, until = _midnight(month.first), _midnight(month.next.first)
        within = Q(**{f"{column}__gte": since, f"{column}__lt": until})
        return Complaint.objects.exclude(state=ComplaintState.WITHDRAWN).filter(within, *conditions)

    return rows


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=get_current_timezone())


def listed(month: Month) -> QuerySet[Unit]:
    """The units on the ledger when the month ended (or now): registered by then, not closed by then."""
    known = Unit.objects.filter(created_at__lt=_midnight(month.next.first))
    return known.filter(Q(state=State.OPEN) | Q(closed_on__gt=month.last))


def _covered(month: Month) -> Rows:
    visits = Inspection.objects.done().filter(
        unit=OuterRef("pk"), visited_on__range=(date(month.year, 1, 1), month.last)
    )
    covered: Rows = listed(month).annotate(counts=Exists(visits))
    return covered


def _pledges(month: Month) -> Rows:
    return Pledge.objects.exclude(state=PledgeState.VOID).filter(_within("signed_on", month))


def _pledged(month: Month) -> Rows:
    running = Pledge.objects.running_on(month.last).filter(unit=OuterRef("pk"))
    pledged: Rows = listed(month).annotate(pledged=Exists(running))
    return pledged


FAILED = Outcome.objects.filter(reinspection=OuterRef("pk"), passed=False)
MEASURES = {
    measure.code: measure
    for measure in (
        Measure("VISITS", "检查", "检查单位", "家次", "检查日期在本月、已完成的检查", _visits(), "visited_on"),
        Measure("VISITS_PREMISES", "检查", "九小场所等单位", "家次", "其中对单位（场所）的检查",
                _visits(Kind.PREMISES), "visited_on", part=True),
        Measure("VISITS_PROPERTY", "检查", "物业服务企业", "家次", "其中对物业服务企业的检查",
                _visits(Kind.PROPERTY), "visited_on", part=True),
        Measure("VISITS_COMMITTEE", "检查", "村（居）民委员会", "家次", "其中对村民委员会、居民委员会的检查",
                _visits(*COMMITTEES), "visited_on", part=True),
        Measure("COVERED", "检查", "本年累计检查", "户", "本年1月1日至月末检查过的户数 ÷ 月末在册户数",
                _covered, "last_visited_on", done=Q(counts=True)),
        Measure("FOUND", "隐患", "发现火灾隐患或者违法行为", "处", "发现日期在本月的隐患，作废的不计",
                _found(), "found_on"),
        Measure("GRAVE", "隐患", "严重威胁公共安全", "处", "其中认定为严重威胁公共安全的",
                _found(Q(grave=True)), "found_on", part=True),
        Measure("URGED", "隐患", "督促整改", "处", "其中处理方式为督促整改的",
                _found(Q(disposition=Disposition.URGE)), "found_on", part=True),
        Measure("GONE", "隐患", "已整改销号", "处", "销号日期在本月的隐患", _gone, "closed_on"),
        Measure("RECTIFIED", "隐患", "到期整改", "处", "改正期限在本月的隐患中已销号的 ÷ 改正期限在本月的隐患",
                _ended, "deadline", done=Q(state=HazardState.CLOSED)),
        Measure("ORDERS_NOW", "文书", "责令立即改正通知书", "份", "签发日期在本月，作废的不计",
                _orders(Mode.NOW), "issued_on"),
        Measure("ORDERS_LIMIT", "文书", "责令限期改正通知书", "份", "签发日期在本月，作废的不计",
                _orders(Mode.LIMIT), "issued_on"),
        Measure("AGAIN", "复查", "复查", "家次", "复查日期在本月", _again, "done_on"),
        Measure("AGAIN_PASSED", "复查", "复查合格", "家次", "复查的隐患全部改正的 ÷ 本月的复查",
                _again, "done_on", done=~Q(Exists(FAILED))),
        Measure("REFERRED", "移送和报告", "移送", "件", "移送日期在本月", _sent, "sent_on"),
        Measure("ANSWERED", "移送和报告", "收到处理结果", "件", "接收单位处理日期在本月", _answered(), "result_on"),
        Measure("FINED", "移送和报告", "罚款", "件", "其中处理结果为罚款的",
                _answered(ReferralResult.FINE), "result_on", part=True),
        Measure("FINES", "移送和报告", "罚款金额", "元", "上列罚款金额合计",
                _answered(ReferralResult.FINE), "result_on", part=True, amount="fine"),
        Measure("SEALED", "移送和报告", "临时查封", "件", "其中处理结果为临时查封的",
                _answered(ReferralResult.SEAL), "result_on", part=True),
        Measure("STOPPED", "移送和报告", "责令“三停”", "件", "其中责令停产停业、停止使用或者停止施工的",
                _answered(ReferralResult.CLOSURE), "result_on", part=True),
        Measure("REPORTED", "移送和报告", "书面报告乡镇、街道", "件", "送交日期在本月的火灾隐患报告",
                _reported, "sent_on"),
        Measure("COMPLAINTS", "举报", "受理举报", "件", "接到时间在本月的举报，撤销的不计",
                _complained("received_at"), "received_at"),
        Measure("CHECKED", "举报", "核查", "件", "核查时间在本月", _complained("checked_at"), "checked_at"),
        Measure("TRUE", "举报", "属实、部分属实", "件", "其中核查结论为属实、部分属实的",
                _complained("checked_at", Q(truth__in=[Truth.TRUE, Truth.PARTLY])), "checked_at", part=True),
        Measure("TOLD", "举报", "办结", "件", "告知举报人或者写明无法告知原因的时间在本月",
                _complained("told_at"), "told_at"),
        Measure("PLEDGES", "责任书", "签订消防安全责任书", "份", "签订日期在本月，作废的不计", _pledges, "signed_on"),
        Measure("PLEDGED", "责任书", "责任书签订率", "户", "月末有责任书在执行的户数 ÷ 月末在册户数", _pledged, "",
                done=Q(pledged=True)),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """The figures of a station's month and the rows behind them."""

    figures: list[Figure]
    ids: dict[str, Ids] = field(default_factory=dict)


def count(station_id: int, month: Month) -> Counted:
    """Everything of one station and month, from two queries."""
    ids: dict[str, Ids] = {code: {DONE: [], MISSED: []} for code in MEASURES}
    parts = [_ids(measure, month, station_id) for measure in MEASURES.values()]
    for code, pk, done in parts[0].union(*parts[1:], all=True):
        ids[code][DONE if done else MISSED].append(pk)
    return Counted([_figure(measure, ids[measure.code]) for measure in MEASURES.values()], ids)


def _ids(measure: Measure, month: Month, station_id: int) -> Rows:
    rows = marked(measure, month).filter(station_id=station_id).order_by()
    listed: Rows = rows.annotate(code_word=Value(measure.code, CharField())).values_list("code_word", "pk", "counted")
    return listed


def marked(measure: Measure, month: Month) -> Rows:
    """The rows of a measure, each with ``counted``."""
    done = Value(True) if measure.done is None else measure.done
    rows: Rows = measure.rows(month).annotate(counted=ExpressionWrapper(done, output_field=BooleanField()))
    return rows


def _figure(measure: Measure, ids: Ids) -> Figure:
    done, missed = len(ids[DONE]), len(ids[MISSED])
    value = str(_amount(measure, ids[DONE]) if measure.amount else done)
    of = None if measure.done is None else done + missed
    return Figure(measure.code, measure.group, measure.label, measure.unit, measure.said, measure.part, value, of)


def _amount(measure: Measure, pks: list[int]) -> Decimal:
    """A query only where there is something to add up."""
    if not pks:
        return Decimal(0)
    total: Decimal | None = Referral.objects.filter(pk__in=pks).aggregate(total=Sum(measure.amount))["total"]
    return (total or Decimal(0)).quantize(CENT)
