"""Who is supervised: committees, property companies and small premises."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from fire_supervision.lib import keyring
from fire_supervision.lib.encrypted import EncryptedTextField
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.text import squeezed
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet
from units.names import name_key


class Kind(models.TextChoices):
    """监督检查规定第3条第2款: what a station inspects day by day."""

    PREMISES = "PREMISES", "单位（场所）"
    PROPERTY = "PROPERTY", "物业服务企业"
    COMMITTEE = "COMMITTEE", "居民委员会"
    VILLAGE = "VILLAGE", "村民委员会"


def kinds() -> list[tuple[str, str]]:
    return Kind.choices


COMMITTEES = (Kind.COMMITTEE, Kind.VILLAGE)


class State(models.TextChoices):
    OPEN = "OPEN", "在营"
    CLOSED = "CLOSED", "已关闭"


NEXT = {State.OPEN: {State.CLOSED}, State.CLOSED: {State.OPEN}}


class Category(models.Model):
    """A kind of small premises (九小场所, 国务院安委办 2024); regional size limits come with the risk issue."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=40, unique=True)
    dense = models.BooleanField("人员密集场所", default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "场所类别"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class CategoryAlias(models.Model):
    """How ledgers spell a category; a table, so that a bureau's own words can be added."""

    alias = models.CharField("写法", max_length=40, unique=True, help_text="比较时不计空格、全半角和大小写")
    category = models.ForeignKey(Category, models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name = "类别写法"

    def __str__(self) -> str:
        return self.alias


# What the completeness of an entry counts.
WANTED = (
    "name", "category_id", "credit_code", "address", "committee_id", "area", "floors", "staff", "person", "phone",
    "residents", "gas", "extinguishers", "officer_id",
)  # fmt: skip
WANTED_OF_COMMITTEE = ("name", "official_code", "township", "person", "phone", "officer_id")


def _has_phone(word: str) -> Q:
    """A number kept encrypted is found whole or not at all."""
    normal = keyring.normalised(word)
    if not normal.isdecimal() or len(normal) < keyring.PHONE_DIGITS:
        return Q()
    return Q(phone_index=keyring.index_of(word))


class UnitQuerySet(ScopedQuerySet["Unit"]):
    def open(self) -> Self:
        return self.filter(state=State.OPEN)

    def committees(self) -> Self:
        return self.filter(kind__in=COMMITTEES)

    def matching(self, words: str, places: Collection[str] = ()) -> Self:
        """The units in which every one of ``words`` occurs: name, address, code or person, or it is the whole phone.

        Width, case and white space do not count; a city of ``places`` in front of a name may be written or not.
        """
        found = self
        for word in words.split():
            key = squeezed(word)
            found = found.filter(
                Q(name_key__contains=key)
                | Q(name_key__contains=name_key(word, places))
                | Q(address_key__contains=key)
                | Q(credit_code__contains=key.upper())
                | Q(person__contains=key)
                | _has_phone(word)
            )
        return found

    def unassigned(self) -> Self:
        return self.filter(officer__isnull=True)


class Unit(Scoped):
    """One supervised object. ``last_visited_on`` is the latest visit that stands; what a ledger claims stands apart."""

    kind = models.CharField("类型", max_length=10, choices=kinds, default=Kind.PREMISES)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="units", verbose_name="类别", null=True, blank=True
    )
    name = models.CharField("名称", max_length=120)
    name_key = models.CharField(max_length=120, editable=False)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    official_code = models.CharField("区划代码", max_length=20, blank=True)
    address = models.CharField("地址", max_length=200)
    address_key = models.CharField(max_length=200, editable=False)
    township = models.CharField("乡镇、街道", max_length=60, blank=True)
    committee = models.ForeignKey(
        "self", models.PROTECT, related_name="members", verbose_name="所属社区、村", null=True, blank=True
    )
    building_name = models.CharField("所在建筑", max_length=80, blank=True)
    area = models.DecimalField("建筑面积（㎡）", max_digits=10, decimal_places=2, null=True, blank=True)
    floors = models.CharField("使用层数", max_length=20, blank=True)
    height = models.DecimalField("建筑高度（m）", max_digits=6, decimal_places=2, null=True, blank=True)
    staff = models.PositiveIntegerField("从业人数", null=True, blank=True)
    person = models.CharField("消防安全责任人", max_length=60, blank=True)
    phone = EncryptedTextField("电话", max_length=30, blank=True)
    # Beside it, so that the whole number can be looked up: `set_keys`.
    phone_index = models.CharField(max_length=22, blank=True, default="", db_index=True, editable=False)
    residents = models.BooleanField("住人", null=True, blank=True)
    gas = models.CharField("燃气", max_length=20, blank=True)
    extinguishers = models.PositiveIntegerField("灭火器数", null=True, blank=True)
    is_public_gathering = models.BooleanField("公众聚集场所", default=False)
    is_dense = models.BooleanField("人员密集场所", default=False)
    is_key = models.BooleanField("重点单位", default=False)
    remark = models.CharField("备注", max_length=300, blank=True)
    officer = models.ForeignKey(
        User, models.PROTECT, related_name="units", verbose_name="责任民警", null=True, blank=True
    )
    state = models.CharField("状态", max_length=6, choices=State.choices, default=State.OPEN)
    closed_on = models.DateField("关闭日期", null=True, blank=True)
    closed_reason = models.CharField("关闭原因", max_length=200, blank=True)
    ledger_visit = models.DateField("台账所载最近检查", null=True, blank=True)
    last_visited_on = models.DateField("最近检查", null=True, blank=True)
    twin_of = models.ForeignKey(
        "self", models.SET_NULL, related_name="twins", verbose_name="疑似重复", null=True, blank=True
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ["name_key", "id"]
        indexes = [
            models.Index(fields=["station", "state", "name_key", "id"], name="unit_station"),
            models.Index(fields=["bureau", "state", "name_key", "id"], name="unit_bureau"),
            models.Index(fields=["office", "state", "name_key", "id"], name="unit_office"),
            models.Index(fields=["station", "name_key", "address_key"], name="unit_twin"),
            models.Index(fields=["officer", "state", "last_visited_on"], name="unit_officer"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "credit_code"], condition=~Q(credit_code="") & Q(state="OPEN"), name="unit_code_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="CLOSED") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
                name="unit_closed_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind="PREMISES") | Q(category__isnull=False), name="unit_premises_have_category"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The 一户一档 page, put together above this room; the project keeps its address."""
        return reverse("unit_page", args=[self.pk])

    @property
    def is_committee(self) -> bool:
        return self.kind in COMMITTEES

    @property
    def wanted_facts(self) -> int:
        """How many facts a complete entry has."""
        return len(WANTED_OF_COMMITTEE if self.is_committee else WANTED)

    @property
    def filled_facts(self) -> int:
        wanted = WANTED_OF_COMMITTEE if self.is_committee else WANTED
        return sum(getattr(self, name) not in ("", None) for name in wanted)

    def move_to(self, state: State) -> None:
        """The only place where the state changes; raises RuleError for a step `NEXT` does not know."""
        if state not in NEXT[State(self.state)]:
            raise RuleError(f"{self.name} {self.get_state_display()}，不需要办理。")
        self.state = state
