"""The statutory clock: the working-day calendar, the rules with their articles, the running duties."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.timezone import localdate

from stations.models import Organisation, User
from stations.permissions import Can
from stations.scope import Scoped, ScopedQuerySet


class DayKind(models.TextChoices):
    """How a listed day differs from its weekday."""

    OFF = "OFF", "放假"
    WORK = "WORK", "调休上班"


class CalendarDay(models.Model):
    """A day that is not what its weekday says. An edited row wins over the seed."""

    day = models.DateField("日期", unique=True)
    kind = models.CharField("类别", max_length=4, choices=DayKind.choices)
    name = models.CharField("名称", max_length=40, help_text="如“国庆节”")
    edited = models.BooleanField("人工维护", default=False)

    class Meta:
        verbose_name = "日历"
        ordering = ["day"]


class CalendarYear(models.Model):
    """Whether the State Council's notice for a year has been entered (confirmed) or the days are a forecast."""

    year = models.PositiveSmallIntegerField("年份", unique=True)
    confirmed = models.BooleanField("已核定", default=False)
    # A file that named every day of the year: the seed, which knows less, leaves the year alone.
    imported = models.BooleanField("整年导入", default=False)

    class Meta:
        verbose_name = "日历年份"
        ordering = ["year"]


class Unit(models.TextChoices):
    """What an amount counts."""

    WORKING_DAYS = "WORKING_DAYS", "个工作日"
    CALENDAR_DAYS = "CALENDAR_DAYS", "日"
    HOURS = "HOURS", "小时"
    ON_THE_SPOT = "ON_THE_SPOT", "当场"
    SAME_DAY = "SAME_DAY", "当日"
    YEAR_END = "YEAR_END", "每年一次"
    DAY_OF_MONTH = "DAY_OF_MONTH", "次月几日前"


def rule_units() -> list[tuple[str, str]]:
    return Unit.choices


class Binding(models.TextChoices):
    """Whom the article binds; for a station many are defaults a province adopted (domain §0-5)."""

    STATION = "STATION", "派出所"
    BRIGADE = "BRIGADE", "消防救援机构（派出所参照）"
    LOCAL = "LOCAL", "本系统默认"


class Doer(models.TextChoices):
    """Who has to do it; nobody in a station can do anything about a duty of the brigade."""

    STATION = "STATION", "派出所"
    BRIGADE = "BRIGADE", "消防救援大队"


class DeadlineRule(models.Model):
    """One version of one rule; the days it is in force decide which version a new clock takes.

    A row without a bureau is what the product ships. A bureau that changes or confirms a value writes a version of
    its own, which goes before the shipped one in that bureau only.
    """

    code = models.CharField("代码", max_length=30)
    name = models.CharField("名称", max_length=60)
    trigger = models.CharField("起算", max_length=80, blank=True, help_text="从什么时候算起，如“检查之日”")
    amount = models.PositiveSmallIntegerField("数量")
    unit = models.CharField("单位", max_length=15, choices=rule_units)
    # 公告期限不得少于六十日: here a longer period is the stricter one.
    at_least = models.BooleanField("不得少于", default=False)
    counts_first = models.BooleanField("首日计入", default=False, help_text="程序规定第35条：开始之日不计入")
    basis = models.CharField("依据", max_length=100)
    text = models.TextField("条文", blank=True)
    binding = models.CharField("约束对象", max_length=10, choices=Binding.choices)
    doer = models.CharField("办理单位", max_length=10, choices=Doer.choices, default=Doer.STATION)
    region = models.CharField("地区", max_length=40, blank=True, help_text="数值取自哪个地区的规定；空为全国")
    bureau = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="公安机关", null=True, blank=True
    )
    # Both count working days; a rule in hours counts them in hours.
    remind_before = models.PositiveSmallIntegerField("提前提醒", default=1)
    escalate_after = models.PositiveSmallIntegerField("逾期后上报", default=3)
    confirmed = models.BooleanField("已核定", default=False)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="核定人", null=True, blank=True
    )
    confirmed_on = models.DateField("核定日期", null=True, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True, help_text="本局为什么核定或者修改")
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "期限规则"
        ordering = ["code", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "since"], condition=Q(bureau__isnull=True), name="rule_one_version_a_day"
            ),
            models.UniqueConstraint(
                fields=["code", "bureau", "since"],
                condition=Q(bureau__isnull=False),
                name="rule_one_bureau_version_a_day",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="rule_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Whether ``day`` lies within its time; the Python side of `ground.in_force`."""
        return self.since <= day and (self.until is None or day <= self.until)

    @property
    def is_law(self) -> bool:
        """Whether the law itself sets the value for a station, so that a bureau may only be stricter."""
        return self.bureau_id is None and self.confirmed and self.binding == Binding.STATION


class ClockState(models.TextChoices):
    RUNNING = "RUNNING", "进行中"
    MET = "MET", "已完成"
    CANCELLED = "CANCELLED", "已撤销"


def clock_states() -> list[tuple[str, str]]:
    return ClockState.choices


# A duty in hours is judged by the instant it was met, where that was kept, every other one by the day.
BY_INSTANT = Q(due_at__isnull=False, met_at__isnull=False)
ON_TIME = (BY_INSTANT & Q(met_at__lte=F("due_at"))) | (~BY_INSTANT & Q(met_on__lte=F("due_on")))


def is_over(now: datetime) -> Q:
    """The condition that a period is over at ``now``, whatever became of it."""
    over = Q(due_at__isnull=True, due_on__lt=localdate(now)) | Q(due_at__lt=now)
    # An hour that has passed lies on a day that has come, which is what the indexes are kept by.
    return Q(over, due_on__lte=localdate(now))


COMPLAINT_RULES = (
    "COMPLAINT_EXIT", "COMPLAINT_OTHER", "COMPLAINT_TRANSFER", "COMPLAINT_FEEDBACK", "COMPLAINT_NOTJURIS",
)  # fmt: skip
# A duty is known to those who may see what it is about: that there was a complaint is confidential.
SEEN_WITH = {Can.VIEW_COMPLAINTS: COMPLAINT_RULES, Can.VIEW_REPORTS: ("MONTHLY_REPORT",)}


class ClockQuerySet(ScopedQuerySet["Clock"]):
    def for_user(self, user: User | AnonymousUser) -> Self:
        """The duties in the scope of ``user``, without those about what his role may not see."""
        rows = super().for_user(user)
        if isinstance(user, AnonymousUser):
            return rows
        hidden = [code for capability, codes in SEEN_WITH.items() if not user.can(capability) for code in codes]
        return rows.exclude(rule_code__in=hidden) if hidden else rows

    def running(self) -> Self:
        return self.filter(state=ClockState.RUNNING)

    def overdue(self, now: datetime) -> Self:
        """Running clocks whose period is over at ``now``; the SQL side of `Clock.is_overdue`."""
        return self.running().filter(is_over(now))

    def on_time(self) -> Self:
        """Clocks met within their period; the SQL side of `Clock.was_late`, which is its opposite."""
        return self.filter(ON_TIME, state=ClockState.MET)

    def with_reported(self) -> Self:
        """Each clock with ``reported_at``, the instant those above were told; None while they were not."""
        told = Notice.objects.filter(clock=OuterRef("pk"), step=Step.ABOVE)
        return self.annotate(reported_at=Subquery(told.values("sent_at")[:1]))

    def of(self, subject_type: str, subject_id: int) -> Self:
        return self.filter(subject_type=subject_type, subject_id=subject_id)


class Clock(Scoped):
    """One duty with a date, a reason and an owner. Started and stopped only by the actions that own the subject.

    The subject is named by plain values (its label and the URL of its page), because it lives in a higher room.
    """

    rule_code = models.CharField("规则", max_length=30)
    rule = models.ForeignKey(DeadlineRule, models.PROTECT, related_name="+", verbose_name="规则版本")
    key = models.CharField(max_length=120, unique=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    label = models.CharField("事项", max_length=200)
    detail = models.CharField("说明", max_length=200, blank=True)
    # Where it is done, and where it is looked at by whoever watches over it and cannot do it himself.
    url = models.CharField(max_length=200)
    look_url = models.CharField(max_length=200, blank=True)
    unit_id = models.BigIntegerField("单位编号", null=True, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="clocks", verbose_name="责任人", null=True, blank=True)
    doer = models.CharField("办理单位", max_length=10, choices=Doer.choices, default=Doer.STATION)
    started_on = models.DateField("起算日")
    # A re-inspection shows from the morning its period ends, not from the day it was ordered.
    opens_on = models.DateField("开始办理")
    due_on = models.DateField("到期日")
    due_at = models.DateTimeField("到期时刻", null=True, blank=True)
    met_on = models.DateField("完成日", null=True, blank=True)
    met_at = models.DateTimeField("完成时刻", null=True, blank=True, help_text="按小时计的期限才有")
    # When the next step of the reminders is due; null when all were sent. The sweep looks at nothing else.
    next_at = models.DateTimeField("下一次提醒", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=clock_states, default=ClockState.RUNNING)
    provisional = models.BooleanField("暂定", default=False, help_text="跨入尚未核定的年份")
    explanation = models.JSONField("逐日说明", encoder=DjangoJSONEncoder, default=list)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = "期限"
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["station", "state", "due_on", "id"], name="clock_station_due"),
            models.Index(fields=["bureau", "state", "due_on", "id"], name="clock_bureau_due"),
            models.Index(fields=["office", "state", "due_on", "id"], name="clock_office_due"),
            models.Index(fields=["owner", "state", "due_on", "id"], name="clock_owner_due"),
            models.Index(fields=["subject_type", "subject_id"], name="clock_subject"),
            models.Index(fields=["state", "due_on"], name="clock_due"),
            models.Index(fields=["next_at", "id"], condition=Q(state="RUNNING"), name="clock_next_step"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="MET") & Q(met_on__isnull=False)) | (~Q(state="MET") & Q(met_on__isnull=True)),
                name="clock_met_has_day",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def needs(self) -> str:
        """What one must be able to see to be told of this duty; empty where its place is enough."""
        return next((need for need, codes in SEEN_WITH.items() if self.rule_code in codes), "")

    def is_overdue(self, now: datetime) -> bool:
        """Whether the period is over at ``now``: a day after its last one, an hour to the minute.

        The Python side of `ClockQuerySet.overdue`.
        """
        over = self.due_on < localdate(now) if self.due_at is None else self.due_at < now
        return over and self.state == ClockState.RUNNING

    @property
    def days(self) -> list[dict[str, Any]]:
        """The explanation with real dates, as `{% days %}` draws it; JSON keeps them as words."""
        return [{**day, "date": date.fromisoformat(str(day["date"]))} for day in self.explanation]

    @property
    def was_late(self) -> bool:
        """Whether it was met after its period; one in hours by the instant, the others by the day."""
        if self.met_at is not None and self.due_at is not None:
            return self.met_at > self.due_at
        return self.met_on is not None and self.met_on > self.due_on


class Step(models.TextChoices):
    """The ladder of reminders; the later ones go higher up."""

    SOON = "SOON", "临近到期"
    TODAY = "TODAY", "今天到期"
    OVERDUE = "OVERDUE", "逾期"
    ABOVE = "ABOVE", "逾期上报"


def ladder_steps() -> list[tuple[str, str]]:
    return Step.choices


class Notice(models.Model):
    """One step of one clock was sent; however often the sweep runs, once."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="notices", verbose_name="期限")
    step = models.CharField("步骤", max_length=10, choices=ladder_steps)
    sent_at = models.DateTimeField("发出时间")

    class Meta:
        verbose_name = "提醒"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["clock", "step"], name="notice_once_a_step")]
