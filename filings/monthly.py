"""月报: the duty opens when a month has ended, the chief hands in, a correction is a new version, the brigade reads."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.actions import Start, meet_clock, start_clock, start_clocks
from deadlines.models import Clock
from filings.models import MonthlyReport
from filings.month import Month
from filings.monthly_figures import count, listed
from fire_supervision.lib.errors import RuleError
from stations.models import Organisation, User
from stations.permissions import Can, Role
from trail.record import record

RULE = "MONTHLY_REPORT"


def key_of(station_id: int, month: Month) -> str:
    """The key of the duty to hand in."""
    return f"monthly:{station_id}:{month.word}"


def address(name: str, station_id: int, month: Month, *more: object) -> str:
    """The page ``name`` of a station's month."""
    return reverse(f"filings:{name}", args=[station_id, month.year, month.number, *more])


def open_month(today: date) -> int:
    """Start the duty to report the month that ended last, for every station that had a ledger by then; how many.

    A station that came later owes nothing for it, and the months before are nobody's duty any more.
    """
    month = Month.of(today).previous
    fresh = list(_owing(month).select_related("bureau").order_by("bureau", "pk"))
    return sum(_open(list(stations), month) for _, stations in groupby(fresh, key=lambda station: station.bureau_id))


def _owing(month: Month) -> QuerySet[Organisation]:
    known = Clock.objects.filter(rule_code=RULE, started_on=month.last, subject_id=OuterRef("pk"))
    ledger = listed(month).filter(station=OuterRef("pk"))
    return Organisation.objects.stations().filter(~Exists(known), Exists(ledger))


@transaction.atomic
def _open(stations: list[Organisation], month: Month) -> int:
    """``stations`` are of one bureau."""
    ids = [station.pk for station in stations]
    # A sweep beside this one waits here, and then finds nothing that is still owed.
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    stations = list(_owing(month).filter(pk__in=ids).select_related("bureau").order_by("pk"))
    chiefs = _chiefs(stations)
    opened = start_clocks(RULE, [_duty(station, month, chiefs.get(station.pk)) for station in stations])
    if opened:
        record(None, "filings.open_month", stations[0].bureau, f"{month}月报开始报送，{opened} 个派出所")
    return opened


def _chiefs(stations: Iterable[Organisation]) -> dict[int, User]:
    """The first working chief of each station."""
    chiefs = User.objects.working().filter(role=Role.CHIEF, organisation__in=stations).order_by("-number")
    return {chief.organisation_id: chief for chief in chiefs}


def _duty(station: Organisation, month: Month, chief: User | None) -> Start:
    return Start(
        key=key_of(station.pk, month),
        subject=station,
        label=f"月报：{month}",
        detail=station.name,
        url=address("hand_in", station.pk, month),
        look_url=address("monthly_report", station.pk, month),
        scope=station,
        owner=chief,
        started_on=month.last,
        opens_on=month.next.first,
    )


@transaction.atomic
def hand_in(
    station: Organisation, month: Month, actor: User, *, note: str, at: datetime, version: int = 0, reason: str = ""
) -> MonthlyReport:
    """Freeze the figures of ``month`` as they are now and hand them to the brigade.

    ``version`` is the one the page showed as handed in, 0 for none; handing in on top of it is a correction and
    needs a ``reason``. Raises RuleError for a month that still runs and when somebody else was first.
    """
    # The lock on the station lets one of two tabs hand in and tells the other.
    station = Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=station.pk)
    if not actor.can(Can.HAND_IN_REPORTS):
        raise RuleError("月报由所长报送", remedy="请所长登录后办理。")
    today = localdate(at)
    if today <= month.last:
        raise RuleError(f"{month}还没有结束，不能报送", remedy=f"{month.next.first} 起可以报送。")
    before = MonthlyReport.objects.of(station.pk, month).current().select_related("handed_in_by").first()
    _may_follow(before, version, reason)
    report = _freeze(station, month, actor, note, at, before, reason)
    _meet(station, month, actor, today)
    return report


def _may_follow(before: MonthlyReport | None, version: int, reason: str) -> None:
    if before is None and version:
        raise RuleError("没有可以更正的月报", remedy="打开月报，重新核对后报送。")
    if before is not None and before.version != version:
        when = f"{localdate(before.handed_in_at)}"
        raise RuleError(
            f"{before}已由{before.handed_in_by.name}于 {when} 报送（第 {before.version} 版）",
            remedy="打开月报核对；数据有变化的，写明原因后更正。",
        )
    if before is not None and not reason.strip():
        raise RuleError("更正月报须写明原因")


def _freeze(
    station: Organisation,
    month: Month,
    actor: User,
    note: str,
    at: datetime,
    before: MonthlyReport | None,
    reason: str,
) -> MonthlyReport:
    if before is not None:
        before.superseded_at = at
        before.save(update_fields=["superseded_at"])
    counted = count(station.pk, month)
    report = MonthlyReport.objects.create(
        **station.scope_columns(),
        month=month.first,
        version=before.version + 1 if before else 1,
        figures=[asdict(figure) for figure in counted.figures],
        counted=counted.ids,
        note=note,
        reason=reason if before else "",
        handed_in_by=actor,
        handed_in_at=at,
    )
    said = {figure.code: figure.value for figure in counted.figures}
    if before is None:
        record(actor, "filings.hand_in", report, f"报送{station.name}{month}月报", after=said)
    else:
        was = {figure["code"]: figure["value"] for figure in before.figures}
        summary = f"更正{station.name}{month}月报，第 {report.version} 版"
        record(actor, "filings.correct_month", report, summary, before=was, after=said, reason=reason)
    return report


def _meet(station: Organisation, month: Month, actor: User, today: date) -> None:
    if Month.of(today).previous == month:
        # Handed in before the first sweep of the day: the duty is kept all the same.
        start_clock(RULE, **vars(_duty(station, month, _chiefs([station]).get(station.pk, actor))))
    meet_clock(key_of(station.pk, month), today)


@transaction.atomic
def acknowledge(report: MonthlyReport, actor: User, at: datetime) -> MonthlyReport:
    """The brigade has read the report. RuleError when it was read before or replaced by a correction."""
    report = MonthlyReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if report.superseded_at is not None:
        raise RuleError(f"{report}已经更正，这一版不再接收", remedy="打开月报，看更正后的一版。")
    if report.acknowledged_by is not None:
        raise RuleError(f"{report}已由{report.acknowledged_by.name}接收")
    report.acknowledged_by, report.acknowledged_at = actor, at
    report.save(update_fields=["acknowledged_by", "acknowledged_at"])
    summary = f"接收{report.station.name}{report}，第 {report.version} 版"
    record(actor, "filings.acknowledge", report, summary, after={"acknowledged_by": actor.pk})
    return report
