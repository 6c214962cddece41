"""复查: the visit, its result for each hazard, its photographs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from deadlines.models import Clock
from hazards.models.order import Hazard, Order
from records.models import Document
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet
from units.models import Unit


class Reinspection(Scoped):
    """复查: opened by the sweep when a period has ended, or early when the unit asks; -1, -2 within its order."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="reinspections", verbose_name="责令")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reinspections", verbose_name="单位")
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField("次")
    deadline = models.DateField("改正期限")
    early = models.BooleanField("单位申请提前复查", default=False)
    requested_on = models.DateField("申请日期", null=True, blank=True)
    opened_at = models.DateTimeField("开启时间", auto_now_add=True)
    done_on = models.DateField("复查日期", null=True, blank=True)
    lead = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="复查人", null=True, blank=True)
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="第二复查人", null=True, blank=True)
    companion = models.CharField("随同人员", max_length=60, blank=True)
    companion_post = models.CharField("随同人员职务", max_length=40, blank=True)
    refusal = models.CharField("拒签或不在场的情况", max_length=200, blank=True)
    witness = models.CharField("见证人", max_length=60, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="复查记录", null=True, blank=True
    )

    objects = ScopedQuerySet["Reinspection"].as_manager()
    # What it found by hazard, where it was read for the page of a case (`cases.visits_of`).
    found: dict[int, Outcome]

    class Meta:
        verbose_name = "复查"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="reinspection_number_once"),
            # However often the sweep runs, a period that has ended opens one re-inspection.
            models.UniqueConstraint(fields=["clock"], condition=Q(early=False), name="reinspection_opened_once"),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | (Q(lead__isnull=False) & Q(second__isnull=False)),
                name="reinspection_two_officers",
            ),
        ]

    @property
    def full_number(self) -> str:
        """The number of the notice with -1, -2 behind it; its order is read."""
        return f"{self.order.number}-{self.number}"


class Outcome(models.Model):
    """The result of a re-inspection for one hazard: 销号 or not."""

    reinspection = models.ForeignKey(Reinspection, models.PROTECT, related_name="outcomes")
    hazard = models.ForeignKey(Hazard, models.PROTECT, related_name="outcomes", verbose_name="隐患")
    passed = models.BooleanField("已改正")
    note = models.CharField("情况", max_length=200, blank=True)

    class Meta:
        verbose_name = "复查结果"
        constraints = [models.UniqueConstraint(fields=["reinspection", "hazard"], name="outcome_once")]


class AfterPhoto(models.Model):
    """What one hazard looked like at a re-inspection, re-encoded on arrival."""

    reinspection = models.ForeignKey(Reinspection, models.PROTECT, related_name="photos")
    hazard = models.ForeignKey(Hazard, models.PROTECT, related_name="after_photos")
    file = models.ImageField(upload_to="photos/%Y/%m/")
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = "复查照片"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["reinspection", "hazard", "sha256"], name="after_photo_once")]
