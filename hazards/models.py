"""What was found, until it is gone or handed over: hazard, order, service, re-inspection, referral, report."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from inspections.models import Finding, HazardType, Inspection, modes
from records.models import Document
from stations.models import Organisation, User
from stations.scope import Scoped, ScopedQuerySet
from units.models import Unit


class Disposition(models.TextChoices):
    """What the law lets a station do with a hazard (domain §1.3, column ord33)."""

    ORDER_NOW = "ORDER_NOW", "责令立即改正"
    ORDER_LIMIT = "ORDER_LIMIT", "责令限期改正"
    URGE = "URGE", "督促整改"
    REFER = "REFER", "书面移送"


def dispositions() -> list[tuple[str, str]]:
    return Disposition.choices


class HazardState(models.TextChoices):
    OPEN = "OPEN", "整改中"
    DUE = "DUE", "待复查"
    TO_REFER = "TO_REFER", "待移送"
    REFERRED = "REFERRED", "已移送"
    CLOSED = "CLOSED", "已销号"
    VOID = "VOID", "已作废"


def hazard_states() -> list[tuple[str, str]]:
    return HazardState.choices


HAZARD_NEXT: dict[HazardState, frozenset[HazardState]] = {
    HazardState.OPEN: frozenset(
        {HazardState.DUE, HazardState.CLOSED, HazardState.TO_REFER, HazardState.REFERRED, HazardState.VOID}
    ),
    HazardState.DUE: frozenset({HazardState.CLOSED, HazardState.TO_REFER, HazardState.VOID}),
    # 消防法60(1)⑦ does not punish ignoring a station: a failed re-inspection leads to the brigade and nowhere else.
    HazardState.TO_REFER: frozenset({HazardState.REFERRED, HazardState.VOID}),
    HazardState.REFERRED: frozenset({HazardState.CLOSED}),
    HazardState.CLOSED: frozenset({HazardState.VOID}),
    HazardState.VOID: frozenset(),
}


class OrderState(models.TextChoices):
    ISSUED = "ISSUED", "待送达"
    SERVED = "SERVED", "已送达"
    CLOSED = "CLOSED", "已办结"
    VOID = "VOID", "已作废"


ORDER_NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ISSUED: frozenset({OrderState.SERVED, OrderState.VOID}),
    OrderState.SERVED: frozenset({OrderState.CLOSED, OrderState.VOID}),
    OrderState.CLOSED: frozenset({OrderState.VOID}),
    OrderState.VOID: frozenset(),
}


class OrderQuerySet(ScopedQuerySet["Order"]):
    def valid(self) -> Self:
        return self.exclude(state=OrderState.VOID)


class Order(Scoped):
    """责令改正: one notice. ``document`` is absent for an order taken over from before the system (存量)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="orders", verbose_name="单位")
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="orders", verbose_name="检查", null=True, blank=True
    )
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="文书", null=True, blank=True
    )
    mode = models.CharField("方式", max_length=5, choices=modes)
    number = models.CharField("文书号", max_length=80)
    issued_on = models.DateField("签发日期")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签发人")
    state = models.CharField("状态", max_length=6, choices=OrderState.choices, default=OrderState.ISSUED)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = "责令改正"
        ordering = ["-issued_on", "-id"]
        indexes = [
            models.Index(fields=["station", "-issued_on", "-id"], name="order_station"),
            models.Index(fields=["bureau", "-issued_on", "-id"], name="order_bureau"),
            models.Index(fields=["office", "-issued_on", "-id"], name="order_office"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["station", "number"], name="order_number_once"),
            models.UniqueConstraint(
                fields=["inspection", "mode"],
                condition=Q(inspection__isnull=False) & ~Q(state="VOID"),
                name="order_one_a_mode",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def move_to(self, state: OrderState) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in ORDER_NEXT[OrderState(self.state)]:
            raise RuleError(f"{self.number}{self.get_state_display()}，不能改为{state.label}")
        self.state = state


class HazardQuerySet(ScopedQuerySet["Hazard"]):
    def unsolved(self) -> Self:
        """What still stands: neither gone, nor void, nor in the brigade's hands."""
        return self.filter(state__in=[HazardState.OPEN, HazardState.DUE, HazardState.TO_REFER])


class Hazard(Scoped):
    """One hazard of one visit, with its own deadline and its own end."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="hazards", verbose_name="单位")
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="hazards", verbose_name="检查", null=True, blank=True
    )
    finding = models.OneToOneField(Finding, models.PROTECT, related_name="hazard", null=True, blank=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="hazards", verbose_name="责令", null=True, blank=True)
    hazard_type = models.ForeignKey(HazardType, models.PROTECT, related_name="+", verbose_name="隐患")
    position = models.PositiveSmallIntegerField("项", default=1)
    wording = models.CharField("表述", max_length=300)
    place = models.CharField("部位", max_length=80, blank=True)
    violates = models.CharField("违反条款", max_length=200)
    order_basis = models.CharField("责令依据", max_length=120, blank=True)
    measure = models.CharField("整改措施", max_length=300)
    severity = models.PositiveSmallIntegerField("级别", default=1)
    grave = models.BooleanField("严重威胁公共安全", default=False)
    disposition = models.CharField("处理", max_length=12, choices=dispositions)
    found_on = models.DateField("发现日期")
    deadline = models.DateField("改正期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=hazard_states, default=HazardState.OPEN)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    closed_how = models.CharField("销号方式", max_length=40, blank=True)

    objects = HazardQuerySet.as_manager()

    class Meta:
        verbose_name = "隐患"
        ordering = ["-found_on", "-id"]
        indexes = [
            models.Index(fields=["station", "-found_on", "-id"], name="hazard_station"),
            models.Index(fields=["bureau", "-found_on", "-id"], name="hazard_bureau"),
            models.Index(fields=["office", "-found_on", "-id"], name="hazard_office"),
            models.Index(fields=["station", "state"], name="hazard_station_state"),
            models.Index(fields=["unit", "state"], name="hazard_unit_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(disposition__in=["ORDER_NOW", "ORDER_LIMIT"])
                | (Q(order__isnull=False) & Q(deadline__isnull=False) & ~Q(order_basis="")),
                name="hazard_order_has_basis",
            ),
            models.CheckConstraint(
                condition=(Q(state="CLOSED") & Q(closed_on__isnull=False)) | ~Q(state="CLOSED"),
                name="hazard_closed_has_day",
            ),
        ]

    def __str__(self) -> str:
        return self.wording

    def move_to(self, state: HazardState, *, on: date | None = None, how: str = "") -> None:
        """The only assignment of the state; ``on`` and ``how`` go with CLOSED. Raises RuleError off the table."""
        if state not in HAZARD_NEXT[HazardState(self.state)]:
            raise RuleError(f"这处隐患{self.get_state_display()}，不能改为{state.label}")
        self.state = state
        if state == HazardState.CLOSED:
            self.closed_on, self.closed_how = on, how


class Method(models.TextChoices):
    """送达方式 (程序规定第36条); the other methods come with their own required fields."""

    DIRECT = "DIRECT", "直接送达"


class Service(models.Model):
    """送达: when, where, into whose hands, by whom."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="service", verbose_name="责令")
    method = models.CharField("送达方式", max_length=10, choices=Method.choices, default=Method.DIRECT)
    served_at = models.DateTimeField("送达时间")
    place = models.CharField("送达地点", max_length=120)
    recipient = models.CharField("收件人", max_length=60)
    relation = models.CharField("与受送达人关系", max_length=40)
    server = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="送达人")
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="第二送达人", null=True, blank=True)
    # 程序规定第52条: one officer with an assistant may serve if the whole act is recorded.
    recorder_no = models.CharField("执法记录仪文件号", max_length=80, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "送达"


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
    remark = models.CharField("备注", max_length=300, blank=True)

    objects = ScopedQuerySet["Reinspection"].as_manager()

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


class Reissue(models.Model):
    """作废重出: which draft corrects which voided inspection, so that its new papers can name the old ones."""

    old = models.OneToOneField(Inspection, models.PROTECT, related_name="reissued_as", verbose_name="作废的检查")
    new = models.OneToOneField(Inspection, models.PROTECT, related_name="reissue_of", verbose_name="更正的检查")
    reason = models.CharField("理由", max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="批准人")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "作废重出"


class Escalation(models.Model):
    """An overdue duty was told to those above; however often the sweep runs, once."""

    clock = models.OneToOneField(Clock, models.PROTECT, related_name="escalation", verbose_name="期限")
    escalated_on = models.DateField("上报日期")

    class Meta:
        verbose_name = "逾期上报"


class Target(models.TextChoices):
    """移送 to whom: since 2019 acceptance belongs to housing, everything else of the 消防法 to the brigade."""

    FIRE_BRIGADE = "FIRE_BRIGADE", "消防救援大队"
    HOUSING = "HOUSING", "住房和城乡建设主管部门"
    GAS = "GAS", "燃气管理部门"
    OTHER = "OTHER", "其他部门"


class Referral(Scoped):
    """移送, as recorded; the letter itself comes with its paper."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="referrals", verbose_name="单位")
    target = models.CharField("移送对象", max_length=12, choices=Target.choices)
    basis = models.CharField("依据", max_length=120)
    facts = models.TextField("违法事实")
    sent_on = models.DateField("移送日期")
    letter_no = models.CharField("移送文书号", max_length=80, blank=True)
    receiver = models.CharField("接收人", max_length=60, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    recorded_at = models.DateTimeField(auto_now_add=True)
    hazards = models.ManyToManyField(Hazard, related_name="referrals", verbose_name="隐患")

    objects = ScopedQuerySet["Referral"].as_manager()

    class Meta:
        verbose_name = "移送"
        ordering = ["-sent_on", "-id"]


class Report(Scoped):
    """规定第34条: the written report to township and brigade, the same day as the order."""

    inspection = models.OneToOneField(Inspection, models.PROTECT, related_name="report", verbose_name="检查")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reports", verbose_name="单位")
    township = models.CharField("报告的乡镇、街道", max_length=60)
    brigade = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="消防救援大队", null=True)
    sent_on = models.DateField("报告日期")
    letter_no = models.CharField("文书号", max_length=80, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet["Report"].as_manager()

    class Meta:
        verbose_name = "火灾隐患报告"
