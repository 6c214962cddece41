"""The visit that is filled in at the door."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q

from fire_supervision.lib.errors import RuleError
from inspections.models.catalogue import Checklist, ChecklistItem, HazardType, marks, modes
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet
from units.models import Unit


class State(models.TextChoices):
    DRAFT = "DRAFT", "检查中"
    SUBMITTED = "SUBMITTED", "已完成"
    DISCARDED = "DISCARDED", "已放弃"
    VOID = "VOID", "已作废"


NEXT: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.DISCARDED}),
    State.SUBMITTED: frozenset({State.VOID}),
    State.DISCARDED: frozenset(),
    State.VOID: frozenset(),
}


class InspectionQuerySet(ScopedQuerySet["Inspection"]):
    def done(self) -> Self:
        return self.filter(state=State.SUBMITTED)


class Inspection(Scoped):
    """A visit, from the first answer at the door to the finished draft; `hazards.conclude` turns it into papers."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="inspections", verbose_name="单位")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="+", verbose_name="检查表")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    visited_on = models.DateField("检查日期")
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    lead = models.ForeignKey(User, models.PROTECT, related_name="inspections", verbose_name="检查人")
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="第二检查人", null=True, blank=True)
    assistant = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="协助辅警", null=True, blank=True
    )
    showed_id = models.BooleanField("已出示执法证件", default=False)
    companion = models.CharField("随同人员", max_length=60, blank=True)
    companion_post = models.CharField("随同人员职务", max_length=40, blank=True)
    refusal = models.CharField("拒签或不在场的情况", max_length=200, blank=True)
    witness = models.CharField("见证人", max_length=60, blank=True)
    ink = models.BooleanField("纸面手签", default=False, help_text="打印后在纸面上签名，扫描件附在文书后")
    remark = models.CharField("备注", max_length=500, blank=True)
    # The form's own key: a second submit of the same form creates nothing.
    submit_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = "检查"
        ordering = ["-visited_on", "-id"]
        indexes = [
            models.Index(fields=["station", "-visited_on", "-id"], name="inspection_station"),
            models.Index(fields=["bureau", "-visited_on", "-id"], name="inspection_bureau"),
            models.Index(fields=["office", "-visited_on", "-id"], name="inspection_office"),
            models.Index(fields=["unit", "-visited_on"], name="inspection_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="SUBMITTED") | (Q(second__isnull=False) & Q(finished_at__isnull=False)),
                name="inspection_two_officers",
            ),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | ~Q(second=F("lead")), name="inspection_second_differs"
            ),
            models.UniqueConstraint(fields=["unit", "lead"], condition=Q(state="DRAFT"), name="inspection_one_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.visited_on}"

    def move_to(self, state: State) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in NEXT[State(self.state)]:
            raise RuleError(f"这次检查{self.get_state_display()}，不能改为{state.label}")
        self.state = state


class Answer(models.Model):
    """What was seen for one row of the form, saved as it is given."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="answers")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    value = models.CharField("所选", max_length=40, blank=True)
    mark = models.CharField(max_length=4, choices=marks, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "检查结果"
        constraints = [models.UniqueConstraint(fields=["inspection", "item"], name="answer_once")]


class Finding(models.Model):
    """A hazard chosen from the catalogue for a failed row: where, how many, in which words, until when."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="findings")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    hazard_type = models.ForeignKey(HazardType, models.PROTECT, related_name="+", verbose_name="隐患")
    place = models.CharField("部位", max_length=80)
    quantity = models.CharField("数量", max_length=20, blank=True)
    wording = models.CharField("表述", max_length=300)
    # Blank for 规定第33条第2款: what is only referred has no period.
    mode = models.CharField("方式", max_length=5, choices=modes, blank=True)
    days = models.PositiveSmallIntegerField("改正天数", default=0)
    fixed_on_spot = models.BooleanField("已当场改正", default=False)
    grave = models.BooleanField("严重威胁公共安全", default=False)

    class Meta:
        verbose_name = "发现"
        ordering = ["item__order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "item", "hazard_type", "place"], name="finding_once"),
            models.CheckConstraint(condition=~Q(mode="LIMIT") | Q(days__gt=0), name="finding_limit_has_days"),
        ]


class Photo(models.Model):
    """A photograph of a row or a finding, re-encoded on arrival."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="photos")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+", null=True, blank=True)
    file = models.ImageField(upload_to="photos/%Y/%m/")
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField("拍摄时间")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "照片"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["inspection", "item", "sha256"], name="photo_once")]


class Signer(models.TextChoices):
    LEAD = "LEAD", "检查人"
    SECOND = "SECOND", "第二检查人"
    COMPANION = "COMPANION", "随同人员"


class Signature(models.Model):
    """Vector strokes drawn at the door: a list of strokes, each a list of [x, y, t] points, t in milliseconds.

    It is bound to what stood on the screen: see `inspections.papers.signed_content`. A signature from before that was
    kept has no hash and counts as 未绑定.
    """

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="signatures")
    signer = models.CharField(max_length=10, choices=Signer.choices)
    name = models.CharField("姓名", max_length=60)
    strokes = models.JSONField()
    signed_at = models.DateTimeField("签名时间")
    context_sha256 = models.CharField("所签内容", max_length=64, blank=True)
    place = models.CharField("签名地点", max_length=120, blank=True)
    # Degrees (WGS 84) as words, of the screen signed on, when its holder agreed to tell them.
    latitude = models.CharField("纬度", max_length=12, blank=True)
    longitude = models.CharField("经度", max_length=12, blank=True)
    held_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="持机人", null=True, blank=True)

    class Meta:
        verbose_name = "签名"
        constraints = [models.UniqueConstraint(fields=["inspection", "signer"], name="signature_once")]
