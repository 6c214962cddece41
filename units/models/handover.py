"""移交: one officer's whole caseload in the hands of another."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from fire_supervision.lib.errors import RuleError
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet


class Reason(models.TextChoices):
    """Why a caseload changes hands; one that nobody had is taken in the same act."""

    LEFT = "LEFT", "调离"
    AWAY = "AWAY", "暂时离岗"
    NOBODY = "NOBODY", "原来无人负责"


def reasons() -> list[tuple[str, str]]:
    return Reason.choices


class HandoverState(models.TextChoices):
    DONE = "DONE", "已移交"
    HELD = "HELD", "代管中"
    RETURNED = "RETURNED", "已交回"


def handover_states() -> list[tuple[str, str]]:
    return HandoverState.choices


# Only what was handed over for a time comes back.
HANDOVER_NEXT = {
    HandoverState.DONE: set[HandoverState](),
    HandoverState.HELD: {HandoverState.RETURNED},
    HandoverState.RETURNED: set[HandoverState](),
}


class Handover(Scoped):
    """One caseload handed over in one act. The ids are what was moved, the counts what was seen by whoever moved it."""

    # Made with the form: sent twice, it is one handover.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    from_officer = models.ForeignKey(
        User, models.PROTECT, related_name="handed_over", verbose_name="移交人", null=True, blank=True
    )
    to_officer = models.ForeignKey(User, models.PROTECT, related_name="taken_over", verbose_name="接收人")
    reason = models.CharField("原因", max_length=6, choices=reasons)
    note = models.CharField("说明", max_length=200, blank=True)
    until = models.DateField("预计返岗", null=True, blank=True)
    unit_ids = models.JSONField("单位", default=list)
    clock_ids = models.JSONField("期限", default=list)
    complaint_ids = models.JSONField("举报", default=list)
    counts = models.JSONField("数量", default=dict)
    state = models.CharField("状态", max_length=8, choices=handover_states)
    handed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    handed_at = models.DateTimeField("移交时间")
    returned_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="交回经办人", null=True, blank=True
    )
    returned_at = models.DateTimeField("交回时间", null=True, blank=True)

    objects = ScopedQuerySet["Handover"].as_manager()

    class Meta:
        verbose_name = "移交"
        ordering = ["-handed_at", "-id"]
        indexes = [models.Index(fields=["station", "-handed_at", "-id"], name="handover_station")]
        constraints = [
            models.CheckConstraint(condition=~Q(from_officer=F("to_officer")), name="handover_to_another"),
            models.CheckConstraint(
                condition=Q(from_officer__isnull=True, reason="NOBODY")
                | (Q(from_officer__isnull=False) & ~Q(reason="NOBODY")),
                name="handover_from_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reason="AWAY", until__isnull=False, state__in=["HELD", "RETURNED"])
                | (~Q(reason="AWAY") & Q(until__isnull=True, state="DONE")),
                name="handover_away_until",
            ),
            models.CheckConstraint(
                condition=Q(state="RETURNED", returned_at__isnull=False, returned_by__isnull=False)
                | (~Q(state="RETURNED") & Q(returned_at__isnull=True, returned_by__isnull=True)),
                name="handover_returned_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.to_officer.name}"

    @property
    def giver(self) -> str:
        return self.from_officer.name if self.from_officer else "未分配"

    def move_to(self, state: HandoverState) -> None:
        """The only place where the state changes; raises RuleError for a step `HANDOVER_NEXT` does not know."""
        if state not in HANDOVER_NEXT[HandoverState(self.state)]:
            raise RuleError(f"这次移交{self.get_state_display()}，不能交回。", remedy="需要时重新移交。")
        self.state = state
