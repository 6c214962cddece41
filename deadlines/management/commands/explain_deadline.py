"""manage.py explain_deadline: the last day of a rule from a day, and the reason of every day to it."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import is_naive, localtime, make_aware

from deadlines.calendar import Calendar
from deadlines.models import DeadlineRule, Unit
from deadlines.rules import Explained, compute
from deadlines.versions import amount_of, version_for
from stations.models import Organisation, OrganisationKind


class Command(BaseCommand):
    help = "Print the last day of a rule in ISO form, then the rule, its article and every day with its reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rule", metavar="RULE", help="a code such as RECHECK; a wrong one lists them all")
        parser.add_argument("date", metavar="DATE", help="2026-09-30; for a rule in hours 2026-09-30T22:15")
        parser.add_argument("--bureau", metavar="NAME", help="count by this bureau's own versions")

    def handle(self, *args: Any, rule: str, date: str, bureau: str | None = None, **options: Any) -> None:
        day, at = _read(date)
        version = version_for(rule.upper(), day, _bureau_id(bureau))
        if version is None:
            codes = DeadlineRule.objects.order_by("code").values_list("code", flat=True).distinct()
            raise CommandError(f"没有规则 {rule}。可用的代码：{' '.join(codes)}")
        if version.unit == Unit.HOURS and at is None:
            raise CommandError(f"{version.code} 按小时计算，要写明时刻，如 {day}T22:15")
        calendar = Calendar.load(day)
        try:
            explained = compute(version, day, calendar, at=at)
        except OverflowError:
            raise CommandError(f"从 {day} 起算的期限超出了日历") from None
        self.stdout.write("\n".join(_lines(version, day, explained, calendar)))


def _read(written: str) -> tuple[date, datetime | None]:
    """The day and, where a time was written, the instant, in Asia/Shanghai unless an offset says otherwise."""
    try:
        return date.fromisoformat(written), None
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise CommandError(f"看不懂日期 {written}，应写成 2026-09-30 或者 2026-09-30T22:15") from None
    at = make_aware(at) if is_naive(at) else at
    return localtime(at).date(), at


def _bureau_id(name: str | None) -> int | None:
    if name is None:
        return None
    bureaus = dict(Organisation.objects.filter(kind=OrganisationKind.BUREAU).values_list("name", "pk"))
    if name not in bureaus:
        raise CommandError(f"没有公安机关“{name}”。已登记的：{'、'.join(bureaus) or '无'}")
    return bureaus[name]


def _lines(rule: DeadlineRule, start: date, explained: Explained, calendar: Calendar) -> Iterator[str]:
    yield explained.due_on.isoformat()
    if explained.due_at is not None:
        yield localtime(explained.due_at).isoformat()
    state = "已核定" if rule.confirmed else "待核定"
    yield f"规则 {rule.code} {rule.name}：{amount_of(rule)}，从{rule.trigger or '开始之日'}起算（{state}）"
    yield f"依据 {rule.basis}：{rule.text}"
    if not rule.holds_on(start):
        yield f"注意 这一版本自 {rule.since} 起施行，{start} 没有施行中的版本，照此推算"
    if explained.provisional:
        years = range(start.year, explained.due_on.year + 1)
        unsettled = "、".join(str(year) for year in years if not calendar.confirmed(year))
        yield f"暂定 {unsettled} 年的放假安排尚未公布或者核定，公布后重新计算"
    yield from _days(rule, explained)


def _days(rule: DeadlineRule, explained: Explained) -> Iterator[str]:
    counted = 0
    for day in explained.days:
        counted += day["kind"] in ("count", "due")
        yield f"{day['date']} {_reason(rule, day, counted)}"


def _reason(rule: DeadlineRule, day: dict[str, Any], counted: int) -> str:
    """计入 第2个工作日（周六补班）, 不计 国庆节, 到期 …"""
    if day["kind"] == "start":
        return "不计 开始之日不计入"
    if day["kind"] == "skip":
        return f"不计 {day['label']}" + ("" if rule.unit == Unit.WORKING_DAYS else "，顺延")
    nth = {Unit.WORKING_DAYS: f"第{counted}个工作日", Unit.CALENDAR_DAYS: f"第{counted}日"}.get(Unit(rule.unit), "")
    why = f"（{day['label']}）" if day["label"] else ""
    return f"计入{' ' if nth else ''}{nth}{why}" + ("，到期" if day["kind"] == "due" else "")
