"""Papers bound together for one person: a volume of a unit or of a case as one PDF, a quarter's papers as a zip."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from fire_supervision.lib.errors import RuleError
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet


class BundleKind(models.TextChoices):
    """What is bound; ``subject_id`` is a unit, an inspection, a station."""

    UNIT = "UNIT", "一户一档"
    CASE = "CASE", "一案一卷"
    QUARTER = "QUARTER", "季度文书"


def bundle_kinds() -> list[tuple[str, str]]:
    return BundleKind.choices


class BundleState(models.TextChoices):
    QUEUED = "QUEUED", "等待生成"
    RUNNING = "RUNNING", "正在生成"
    READY = "READY", "可以下载"
    FAILED = "FAILED", "没有做成"
    EXPIRED = "EXPIRED", "已过期"


def bundle_states() -> list[tuple[str, str]]:
    return BundleState.choices


BUNDLE_NEXT: dict[BundleState, frozenset[BundleState]] = {
    BundleState.QUEUED: frozenset({BundleState.RUNNING}),
    # Back to the queue when its worker has fallen silent.
    BundleState.RUNNING: frozenset({BundleState.READY, BundleState.FAILED, BundleState.QUEUED}),
    BundleState.READY: frozenset({BundleState.EXPIRED}),
    BundleState.FAILED: frozenset({BundleState.QUEUED}),
    # What was handed out stays on record with its hash; another one is another bundle.
    BundleState.EXPIRED: frozenset(),
}
IN_WORK = (BundleState.QUEUED, BundleState.RUNNING)
# A bundle that ends its worker is tried this often.
MAX_ATTEMPTS = 3
# A part takes seconds: who has not been heard of for so long has lost the message or the worker.
SILENCE = timedelta(minutes=2)


class BundleQuerySet(ScopedQuerySet["Bundle"]):
    def own(self, user: User) -> Self:
        """Those ``user`` asked for and still reaches: nobody fetches what another had bound."""
        return self.for_user(user).filter(requested_by=user)

    def silent(self, now: datetime) -> Self:
        """Work nobody has touched for `SILENCE`."""
        return self.filter(state__in=IN_WORK, touched_at__lte=now - SILENCE)

    def over(self, now: datetime) -> Self:
        """Files whose days have passed."""
        return self.filter(state=BundleState.READY, expires_at__lte=now)


class Bundle(Scoped):
    """One request, how far it has come, and the file until it expires."""

    kind = models.CharField("种类", max_length=10, choices=bundle_kinds)
    subject_id = models.BigIntegerField()
    # What makes two requests the same: kind, subject and quarter.
    key = models.CharField(max_length=60)
    since = models.DateField("起", null=True, blank=True)
    until = models.DateField("止", null=True, blank=True)
    title = models.CharField("题名", max_length=200)
    state = models.CharField("状态", max_length=10, choices=bundle_states, default=BundleState.QUEUED)
    done = models.PositiveIntegerField("已装订", default=0)
    total = models.PositiveIntegerField("共几件", default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(upload_to="bundles/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    pages = models.PositiveIntegerField("页数", default=0)
    left_out = models.PositiveIntegerField("未装入", default=0)
    error = models.CharField("原因", max_length=200, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    touched_at = models.DateTimeField()
    # What whoever asked reached when it was bound (`Scope.told`); null: bound before this was kept.
    reach = models.JSONField(null=True, default=None)
    ready_at = models.DateTimeField("做成时间", null=True, blank=True)
    expires_at = models.DateTimeField("保留至", null=True, blank=True)

    objects = BundleQuerySet.as_manager()

    class Meta:
        verbose_name = "案卷与打包"
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["requested_by", "-requested_at", "-id"], name="bundle_own"),
            models.Index(fields=["state", "touched_at"], name="bundle_work"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["requested_by", "key"],
                condition=Q(state__in=["QUEUED", "RUNNING"]),
                name="bundle_one_in_work",
            ),
            models.CheckConstraint(
                condition=~Q(state="READY")
                | (~Q(file="") & ~Q(sha256="") & Q(ready_at__isnull=False) & Q(expires_at__isnull=False)),
                name="bundle_ready_has_file",
            ),
            models.CheckConstraint(condition=~Q(state="FAILED") | ~Q(error=""), name="bundle_failed_says_why"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def file_name(self) -> str:
        """What the download is saved as."""
        return f"{self.title}.{'zip' if self.kind == BundleKind.QUARTER else 'pdf'}"

    @property
    def is_there(self) -> bool:
        """Whether it can be fetched: made, and its file not lost from the store."""
        return self.state == BundleState.READY and self.file.storage.exists(str(self.file.name))

    def suits(self, user: User) -> bool:
        """Whether ``user`` reaches today all he reached when it was bound: of less, part of it may not be his."""
        return self.reach is None or user.scope().holds(self.reach)

    @property
    def in_work(self) -> bool:
        return self.state in IN_WORK

    def move_to(self, state: BundleState) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in BUNDLE_NEXT[BundleState(self.state)]:
            raise RuleError(f"{self.title}{self.get_state_display()}，不能改为{state.label}")
        self.state = state
