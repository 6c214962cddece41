"""The order and its hazards."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from fire_supervision.lib.errors import RuleError
from hazards.models.lifecycle import (
    HAZARD_NEXT,
    ORDER_NEXT,
    HazardState,
    OrderState,
    dispositions,
    hazard_states,
    order_states,
)
from inspections.models import Finding, HazardType, Inspection, modes
from records.citations import flaw
from records.models import Document
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet
from units.models import Unit


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
    state = models.CharField("状态", max_length=10, choices=order_states, default=OrderState.ISSUED)

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
            # What was entered wrongly and withdrawn may be entered again; a voided paper keeps its number.
            models.UniqueConstraint(
                fields=["station", "number"],
                condition=~Q(state="VOID", document__isnull=True),
                name="order_number_once",
            ),
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


class Withdrawal(models.Model):
    """撤回、单独作废: why an order fell without a visit to correct.

    One from before the system should not have been entered, or no longer stands; one of a visit that stands was served
    after its period had ended. Of an order that is not void the hazards fell that were served late.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="withdrawal", verbose_name="责令")
    reason = models.CharField("理由", max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="批准人")
    decided_on = models.DateField("日期")

    class Meta:
        verbose_name = "撤回、单独作废"


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

    @property
    def article(self) -> str:
        """What a letter or report cites: as it was noted; as the catalogue says now where no paper may cite that."""
        return self.hazard_type.violates if flaw(self.violates) or not self.violates else self.violates

    def move_to(self, state: HazardState, *, on: date | None = None, how: str = "") -> None:
        """The only assignment of the state; ``on`` and ``how`` go with CLOSED. Raises RuleError off the table."""
        if state not in HAZARD_NEXT[HazardState(self.state)]:
            raise RuleError(f"这处隐患{self.get_state_display()}，不能改为{state.label}")
        self.state = state
        if state == HazardState.CLOSED:
            self.closed_on, self.closed_how = on, how
