"""The brigade looks at the papers, a round of review each time one comes back, and at the report of the month."""

from __future__ import annotations

from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from filings.month import Month
from records.models import Document
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet


class Filing(Scoped):
    """A document the brigade has opened; appears when a supervisor first opens it (design, seams)."""

    document = models.OneToOneField(Document, models.PROTECT, related_name="filing", verbose_name="文书")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审查人")
    opened_at = models.DateTimeField("开启时间")

    objects = ScopedQuerySet["Filing"].as_manager()

    class Meta:
        verbose_name = "备案"


class Result(models.TextChoices):
    PASSED = "PASSED", "合格"
    RETURNED = "RETURNED", "退回补正"


class Review(models.Model):
    """One round: passed, or returned with remarks; ``answer`` is the station's word when it files again."""

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="reviews")
    round = models.PositiveSmallIntegerField("轮次")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审查人")
    result = models.CharField("结论", max_length=10, choices=Result.choices)
    decided_at = models.DateTimeField("审查时间")
    answer = models.TextField("补正说明", blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="补正人", null=True, blank=True
    )
    answered_at = models.DateTimeField("补正时间", null=True, blank=True)

    class Meta:
        verbose_name = "审查"
        ordering = ["round"]
        indexes = [models.Index(fields=["round", "decided_at"], name="review_decided")]
        constraints = [
            models.UniqueConstraint(fields=["filing", "round"], name="review_round_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | (Q(answered_by__isnull=False) & ~Q(answer="")),
                name="review_answer_whole",
            ),
        ]


class Defect(models.Model):
    """A code of what goes wrong in papers (domain §5.3); a table, so that a brigade can add its own."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    basis = models.CharField("依据", max_length=100, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "问题类别"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class Remark(models.Model):
    """One remark of a returned round, pinned to a field of the paper."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="remarks")
    defect = models.ForeignKey(Defect, models.PROTECT, related_name="+", verbose_name="问题类别")
    field = models.CharField("栏目", max_length=60, blank=True)
    text = models.CharField("意见", max_length=300)
    answer = models.CharField("补正说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "意见"
        ordering = ["id"]


class MonthlyReportQuerySet(ScopedQuerySet["MonthlyReport"]):
    def current(self) -> Self:
        """Without the versions a later one has replaced."""
        return self.filter(superseded_at__isnull=True)

    def of(self, station_id: int, month: Month) -> Self:
        return self.filter(station_id=station_id, month=month.first)

    def unread(self) -> Self:
        """What the brigade has not acknowledged yet."""
        return self.current().filter(acknowledged_at__isnull=True)


class MonthlyReport(Scoped):
    """月报 as handed in: figures with their definitions, frozen. A correction is a new version with its reason.

    ``figures`` is a list of dicts as `filings.monthly_figures.Figure` has them; ``counted`` holds the ids of the rows
    behind each, done and missed apart, so that a figure handed in leads to exactly its records for ever.
    """

    month = models.DateField("月份", help_text="当月第一天")
    version = models.PositiveSmallIntegerField("版次", default=1)
    figures = models.JSONField("数据", encoder=DjangoJSONEncoder)
    counted = models.JSONField("记录", encoder=DjangoJSONEncoder, default=dict)
    note = models.TextField("本月工作和问题", blank=True)
    reason = models.CharField("更正原因", max_length=200, blank=True)
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报送人")
    handed_in_at = models.DateTimeField("报送时间")
    acknowledged_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="接收人", null=True, blank=True
    )
    acknowledged_at = models.DateTimeField("接收时间", null=True, blank=True)
    superseded_at = models.DateTimeField("更正时间", null=True, blank=True)

    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = "月报"
        ordering = ["-month", "-version"]
        indexes = [
            models.Index(fields=["station", "-month"], name="monthly_station"),
            models.Index(fields=["bureau", "-month"], name="monthly_bureau"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["station", "month", "version"], name="monthly_version_once"),
            models.UniqueConstraint(
                fields=["station", "month"], condition=Q(superseded_at__isnull=True), name="monthly_one_current"
            ),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="monthly_correction_has_reason"),
            models.CheckConstraint(
                # A clock set back between the two must not keep the brigade from acknowledging.
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="monthly_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of_month}月报"

    @property
    def of_month(self) -> Month:
        return Month.of(self.month)
