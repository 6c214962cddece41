"""The catalogue of what may be found, and the checklists of the law."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from records.citations import flaw
from records.fills import undecided
from stations.models import Organisation


class Mode(models.TextChoices):
    """How an offence is ordered to be corrected (规定第19、20条)."""

    NOW = "NOW", "立即改正"
    LIMIT = "LIMIT", "限期改正"


def modes() -> list[tuple[str, str]]:
    return Mode.choices


class HazardCategory(models.TextChoices):
    """The chapters of the catalogue."""

    EVAC = "EVAC", "安全疏散"
    ACCESS = "ACCESS", "消防车通道"
    EQUIP = "EQUIP", "消防设施器材"
    ELEC = "ELEC", "用电"
    EBIKE = "EBIKE", "电动自行车"
    GAS = "GAS", "燃气"
    FIREUSE = "FIREUSE", "用火"
    DANGER = "DANGER", "易燃易爆危险品"
    MIXED = "MIXED", "住人和混合经营"
    BUILD = "BUILD", "建筑防火"
    MGMT = "MGMT", "消防安全管理"


def hazard_categories() -> list[tuple[str, str]]:
    return HazardCategory.choices


class HazardTypeQuerySet(models.QuerySet["HazardType"]):
    def in_force(self, on: date) -> Self:
        return self.filter(since__lte=on).filter(Q(until__isnull=True) | Q(until__gte=on))


class HazardType(models.Model):
    """One entry of 隐患库: wording, article, measure, mode, days. Editable; `confirmed` is the bureau's 核定.

    ``order_item`` is the place in 规定第31–33条 a station may order by: `1`…`10`, `31(3)`, `32(n)`, `33(2)`,
    `5?` (may be subsumed, 待核定) or `-` (outside a station's list). See `OrderItemRule`.
    ``violates`` stands on papers; ``hint`` names local and other rules that may apply, for the eyes of who confirms it.
    """

    code = models.CharField("代码", max_length=10, unique=True)
    category = models.CharField("类别", max_length=10, choices=hazard_categories)
    name = models.CharField("标准表述", max_length=200)
    name_key = models.CharField(max_length=200, editable=False)
    violates = models.CharField("违反条款", max_length=200)
    penalty = models.CharField("处罚依据", max_length=300, blank=True)
    hint = models.CharField("其他规定", max_length=300, blank=True, default="")
    order_item = models.CharField("规定条项", max_length=10)
    standard = models.CharField("技术标准", max_length=200, blank=True)
    measure = models.CharField("整改措施", max_length=300)
    mode = models.CharField("方式", max_length=5, choices=modes)
    days = models.PositiveSmallIntegerField("建议天数", default=0)
    severity = models.PositiveSmallIntegerField("级别", default=1)
    refer_to = models.CharField("移送", max_length=60, blank=True)
    report_gov = models.CharField("报告政府", max_length=2, blank=True)
    form_item = models.PositiveSmallIntegerField("通知书勾选项", default=12)
    article_confidence = models.CharField(max_length=3)
    confirmed = models.BooleanField("已核定", default=False)
    since = models.DateField("起", default=date(2009, 5, 1))
    until = models.DateField("止", null=True, blank=True)

    objects = HazardTypeQuerySet.as_manager()

    class Meta:
        verbose_name = "隐患库"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def undecided(self) -> bool:
        """Whether it names several offences: no 责令限期改正通知书 is issued for it."""
        return undecided(self.name)

    @property
    def uncitable(self) -> str:
        """Why no notice, letter or report may cite what it violates; empty where they may."""
        return flaw(self.violates) if self.violates else "没有写明违反条款"


class ItemKind(models.TextChoices):
    """What 规定第31–33条 lets a station do with one item."""

    ORDER = "ORDER", "责令改正"
    URGE = "URGE", "督促整改"
    REFER = "REFER", "书面移送"
    NONE = "NONE", "不在责令范围"


class OrderItemRuleQuerySet(models.QuerySet["OrderItemRule"]):
    def in_force(self, on: date) -> Self:
        return self.filter(since__lte=on).filter(Q(until__isnull=True) | Q(until__gte=on))

    def by_item(self, on: date) -> dict[str, OrderItemRule]:
        """The rules in force on ``on``, by item; the newest version wins."""
        return {rule.item: rule for rule in self.in_force(on).order_by("since")}


class OrderItemRule(models.Model):
    """One item of 规定第31–33条: its words, and what a station may do with what falls under it. Versioned, editable."""

    item = models.CharField("条项", max_length=10)
    kind = models.CharField("处理", max_length=10, choices=ItemKind.choices)
    basis = models.CharField("依据", max_length=120)
    text = models.CharField("条文", max_length=300)
    confirmed = models.BooleanField("已核定", default=False)
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)

    objects = OrderItemRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "责令条项"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["item", "since"], name="order_item_one_version_a_day")]

    def __str__(self) -> str:
        return self.basis


class OrderBasis(models.Model):
    """A bureau's own basis (a provincial rule) for ordering what 规定第33条 does not list."""

    bureau = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="公安机关")
    hazard_type = models.ForeignKey(HazardType, models.CASCADE, related_name="bases", verbose_name="隐患")
    basis = models.CharField("责令依据", max_length=120)

    class Meta:
        verbose_name = "本地责令依据"
        constraints = [models.UniqueConstraint(fields=["bureau", "hazard_type"], name="order_basis_once")]


class Subject(models.TextChoices):
    """Which of the three lists of 规定第31、32条 a checklist is."""

    UNIT = "UNIT", "单位"
    PROPERTY = "PROPERTY", "物业服务企业"
    COMMITTEE = "COMMITTEE", "村（居）民委员会"


class Checklist(models.Model):
    """One version of the official form's rows for one kind of subject."""

    subject = models.CharField("对象", max_length=10, choices=Subject.choices)
    name = models.CharField("名称", max_length=60)
    basis = models.CharField("依据", max_length=100)
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "检查表"
        constraints = [models.UniqueConstraint(fields=["subject", "since"], name="checklist_one_version_a_day")]


class Mark(models.TextChoices):
    PASS = "PASS", "合格"
    FAIL = "FAIL", "不合格"
    NA = "NA", "不涉及"


def marks() -> list[tuple[str, str]]:
    return Mark.choices


class ChecklistItem(models.Model):
    """One row of the official form with its printed values.

    ``values`` is a list of dicts in print order: ``value`` and ``mark``; optional ``hazards`` (catalogue codes offered
    first), ``say`` (how the first of them is worded here), ``then`` ({item code: value} that follows from it),
    ``printed`` (False for an answer the form has no box for) and ``rest`` (what 其余全部合格 sets where it is no pass).
    """

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="items")
    group = models.CharField("栏", max_length=20)
    group_name = models.CharField("栏名", max_length=30)
    order = models.PositiveSmallIntegerField("序")
    code = models.CharField("代码", max_length=30)
    text = models.CharField("项", max_length=120)
    values = models.JSONField("印制选项")
    is_text = models.BooleanField("填写", default=False, help_text="如“其他情况”，填写文字，可以不填")
    hazard_types = models.ManyToManyField(HazardType, related_name="items", verbose_name="可能的隐患")

    class Meta:
        verbose_name = "检查项"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "code"], name="item_code_once"),
            models.UniqueConstraint(fields=["checklist", "order"], name="item_order_once"),
        ]

    def mark_of(self, value: str) -> Mark | None:
        """The mark of a printed value; None for a value the form does not print."""
        return next((Mark(entry["mark"]) for entry in self.values if entry["value"] == value), None)
