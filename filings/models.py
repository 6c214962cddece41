"""The brigade looks at the papers: one filing a document, a round of review each time it comes back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

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
