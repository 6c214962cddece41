"""The tables of the assessment pages as workbook rows: header, rows."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate

from assessments.coverage import Portion
from assessments.overdue import Late
from assessments.results import Change, Line, QuarterResult, StationResult
from assessments.rows import DAY_NAMES, shown
from stations import personal
from stations.models import User
from stations.personal import Personal
from units.models import Unit

Sheet = tuple[list[str], Iterable[list[Any]]]


def quarter_sheet(result: QuarterResult, rows: list[tuple[StationResult, Change]]) -> Sheet:
    """The ranking with every indicator's figures."""
    names = [line.indicator.name for line in result.stations[0].lines] if result.stations else []
    header = ["名次", "派出所", "得分", "较上季度"]
    header += [f"{name}{part}" for name in names for part in ("完成", "应办", "得分")]
    return header, (_ranked(row, moved) for row, moved in rows)


def _ranked(row: StationResult, moved: Change) -> list[Any]:
    cells: list[Any] = [row.rank, row.station.name, _number(row.points), _number(moved.points)]
    for line in row.lines:
        cells += [line.done, line.due, _number(line.points)]
    return cells


def station_sheet(row: StationResult, moved: Change) -> Sheet:
    """One station, an indicator a row."""
    header = ["指标", "算法", "方案分值", "分摊后分值", "完成", "应办", "完成率%", "较上季度（个百分点）", "得分"]
    return header, (_line(line, moved.rates.get(line.code)) for line in row.lines)


def _line(line: Line, ahead: Decimal | None) -> list[Any]:
    share = line.rate.quantize(Decimal("0.1")) if line.rate is not None else None
    ahead = ahead.quantize(Decimal("0.1")) if ahead is not None else None
    weights = [_number(line.full), _number(line.weight)]
    figures = [line.done, line.due, _number(share), _number(ahead)] if line.due else ["无应办", "无应办", None, None]
    return [line.indicator.name, line.indicator.formula, *weights, *figures, _number(line.points)]


def records_sheet(code: str, rows: QuerySet[Any]) -> Sheet:
    """The rows behind one figure."""
    return ["记录", "派出所", "情况", DAY_NAMES[code], "计入完成"], _records(rows)


def _records(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    for row in rows.order_by("pk").iterator(chunk_size=500):
        told = shown(row)
        yield [told.title, told.station, told.detail, told.on, "是" if told.done else "否"]


def overdue_sheet(rows: list[Late]) -> Sheet:
    """What is overdue, the longest first."""
    header = ["事项", "文书和说明", "派出所", "责任民警", "到期日", "期限", "提醒", "上报日期"]
    return header, (_late(row) for row in rows)


def _late(row: Late) -> list[Any]:
    clock = row.clock
    owner = clock.owner.name if clock.owner else "未分配"
    reported = localdate(row.reported_at) if row.reported_at else None
    sent = "；".join(f"{notice.get_step_display()} {localdate(notice.sent_at)}" for notice in row.sent)
    return [clock.label, clock.detail, clock.station.name, owner, clock.due_on, row.words, sent, reported]


def unvisited_sheet(units: QuerySet[Unit], user: User) -> Sheet:
    """The units still to be visited this year, as ``user`` sees them."""
    header = ["单位", "类别", "地址", "派出所", "责任民警", "责任人", "电话", "最近检查"]
    return header, (_unvisited(unit, user) for unit in units.order_by("name_key", "pk").iterator(chunk_size=500))


def _unvisited(unit: Unit, user: User) -> list[Any]:
    officer = unit.officer.name if unit.officer else "未分配"
    kind = unit.category.name if unit.category else unit.get_kind_display()
    return [
        unit.name, kind, unit.address, unit.station.name, officer, unit.person,
        personal.shown(user, Personal.UNIT_PHONE, unit.phone), unit.last_visited_on,
    ]  # fmt: skip


def portions_sheet(rows: list[Portion]) -> Sheet:
    """Who has visited how many of how many."""
    return ["责任", "已检查", "在册", "未检查"], ([row.name, row.done, row.due, row.left] for row in rows)


def _number(value: Decimal | None) -> float | None:
    """A spreadsheet holds numbers as floats; the points themselves never pass through one."""
    return float(value) if value is not None else None
