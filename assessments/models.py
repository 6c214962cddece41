"""How stations are doing: a scheme of indicators, what was published of a quarter, the bulletin told of it."""

from __future__ import annotations

from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from fire_supervision.lib.errors import RuleError
from records.models import Document
from stations.models import Organisation, User
from stations.scope import Scoped, ScopedQuerySet


class Scheme(models.Model):
    """考核办法: a bureau's own, or the default of the product (no bureau, 待核定)."""

    bureau = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="公安机关", null=True, blank=True
    )
    name = models.CharField("名称", max_length=60)
    since = models.DateField("起")
    confirmed = models.BooleanField("已核定", default=False)

    class Meta:
        verbose_name = "考核办法"
        ordering = ["-since", "-id"]
        constraints = [models.UniqueConstraint(fields=["bureau", "since"], name="scheme_one_version_a_day")]

    def __str__(self) -> str:
        return self.name


class Indicator(models.Model):
    """One indicator: which figure (`assessments.figures`), how many points, how it is said in words."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="indicators")
    code = models.CharField("指标", max_length=30)
    name = models.CharField("名称", max_length=60)
    formula = models.CharField("算法", max_length=200)
    weight = models.DecimalField("分值", max_digits=5, decimal_places=2)
    order = models.PositiveSmallIntegerField("序")

    class Meta:
        verbose_name = "指标"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="indicator_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="indicator_weight_positive"),
        ]


class Assessment(Scoped):
    """A station's quarter as published: frozen figures and points, with the scheme they came from."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年")
    quarter = models.PositiveSmallIntegerField("季度")
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    rank = models.PositiveSmallIntegerField("名次", null=True, blank=True)
    published_at = models.DateTimeField("发布时间")
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")

    # A ranking that is published loses no line and gains none.
    goes_along = False
    objects = ScopedQuerySet["Assessment"].as_manager()

    class Meta:
        verbose_name = "考核结果"
        ordering = ["-year", "-quarter", "rank"]
        indexes = [models.Index(fields=["bureau", "year", "quarter"], name="assessment_bureau")]
        constraints = [
            models.UniqueConstraint(fields=["station", "year", "quarter"], name="assessment_once"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="assessment_quarter"),
        ]


class Score(models.Model):
    """One indicator of a published quarter; ``due`` 0 means 无应办 and no points were at stake."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="scores")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    done = models.PositiveIntegerField("完成")
    due = models.PositiveIntegerField("应办")
    weight = models.DecimalField("分值", max_digits=6, decimal_places=3)
    # The share that earns all points: 1, the pace of the year, or the mean of the bureau.
    target = models.DecimalField("满分比例", max_digits=8, decimal_places=6, default=Decimal(1))
    points = models.DecimalField("得分", max_digits=6, decimal_places=3, null=True, blank=True)
    # The ids of the rows counted, so that a published figure leads to exactly its records for ever.
    detail = models.JSONField(encoder=DjangoJSONEncoder, default=dict)

    class Meta:
        verbose_name = "得分"
        constraints = [models.UniqueConstraint(fields=["assessment", "indicator"], name="score_once")]


class BulletinState(models.TextChoices):
    DRAFT = "DRAFT", "起草中"
    ISSUED = "ISSUED", "已印发"
    VOID = "VOID", "已撤回"


def bulletin_states() -> list[tuple[str, str]]:
    return BulletinState.choices


BULLETIN_NEXT: dict[BulletinState, frozenset[BulletinState]] = {
    BulletinState.DRAFT: frozenset({BulletinState.ISSUED}),
    BulletinState.ISSUED: frozenset({BulletinState.VOID}),
    BulletinState.VOID: frozenset(),
}


class Bulletin(Scoped):
    """季度通报 of a bureau; its scope is the bureau's own: stations read it in assessments, not among their papers."""

    year = models.PositiveSmallIntegerField("年")
    quarter = models.PositiveSmallIntegerField("季度")
    # Typed in: what burned is the brigade's to count (消防法第51条).
    situation = models.TextField("火灾形势")
    demands = models.TextField("工作要求")
    signer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签发领导")
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    edited_at = models.DateTimeField("起草时间")
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="文书", null=True, blank=True
    )
    state = models.CharField("状态", max_length=6, choices=bulletin_states, default=BulletinState.DRAFT)
    void_reason = models.CharField("撤回理由", max_length=200, blank=True)

    objects = ScopedQuerySet["Bulletin"].as_manager()

    class Meta:
        verbose_name = "季度通报"
        ordering = ["-year", "-quarter", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["bureau", "year", "quarter"], condition=~Q(state="VOID"), name="bulletin_once_a_quarter"
            ),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="bulletin_quarter"),
            models.CheckConstraint(
                condition=Q(state="DRAFT", document__isnull=True) | (~Q(state="DRAFT") & Q(document__isnull=False)),
                name="bulletin_issued_has_paper",
            ),
            models.CheckConstraint(
                condition=(Q(state="VOID") & ~Q(void_reason="")) | (~Q(state="VOID") & Q(void_reason="")),
                name="bulletin_void_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.quarter}季度通报"

    def move_to(self, state: BulletinState) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in BULLETIN_NEXT[BulletinState(self.state)]:
            raise RuleError(f"这份通报{self.get_state_display()}，不能改为{state.label}")
        self.state = state
