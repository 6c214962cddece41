"""A ledger on its way into the house: the uploaded file, its rows as understood, what its columns mean."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from fire_supervision.lib.encrypted import EncryptedJSONField
from fire_supervision.lib.errors import RuleError
from stations.models import Organisation, User
from units.models.unit import Unit


class BatchState(models.TextChoices):
    UPLOADED = "UPLOADED", "待对应列"
    CHECKING = "CHECKING", "核对中"
    READY = "READY", "待核对"
    QUEUED = "QUEUED", "等待导入"
    RUNNING = "RUNNING", "导入中"
    DONE = "DONE", "已导入"
    FAILED = "FAILED", "未导入"


# What may follow what; a batch that was read can be mapped anew until the import is asked for.
NEXT_BATCH = {
    BatchState.UPLOADED: {BatchState.CHECKING},
    BatchState.CHECKING: {BatchState.READY, BatchState.FAILED},
    BatchState.READY: {BatchState.CHECKING, BatchState.QUEUED},
    BatchState.QUEUED: {BatchState.RUNNING},
    BatchState.RUNNING: {BatchState.DONE},
    BatchState.DONE: set(),
    BatchState.FAILED: {BatchState.CHECKING},
}
WORKING = (BatchState.CHECKING, BatchState.QUEUED, BatchState.RUNNING)


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def for_user(self, user: User | AnonymousUser) -> Self:
        """A bureau's imports for who sees the bureau, a station's own for who sees the station."""
        if isinstance(user, AnonymousUser):
            return self.none()
        scope = user.scope()
        return self.filter(Q(bureau_id__in=scope.bureaus) | Q(station_id__in=scope.stations))

    def waiting(self, since: datetime) -> Self:
        """Work that nobody has touched since ``since``: its message was lost or its worker died."""
        return self.filter(state__in=WORKING, touched_at__lt=since)


class ImportBatch(models.Model):
    """One uploaded ledger: the file, what was understood of it, and how far the import has come."""

    bureau = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    station = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    name = models.CharField("文件名", max_length=200)
    file = models.FileField(upload_to="ledgers/%Y/%m/")
    sha256 = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=10, choices=BatchState.choices, default=BatchState.UPLOADED)
    survey = models.JSONField("表格结构", default=dict)
    mapping = models.JSONField("列的对应", default=dict)
    totals = models.JSONField("合计", default=dict)
    done = models.PositiveIntegerField("已处理", default=0)
    size = models.PositiveIntegerField("总行数", default=0)
    error = models.CharField("原因", max_length=300, blank=True)
    touched_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "导入"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def move_to(self, state: BatchState) -> None:
        """The only place where the state changes; raises RuleError for a step `NEXT_BATCH` does not know."""
        if state not in NEXT_BATCH[BatchState(self.state)]:
            raise RuleError(f"这次导入{self.get_state_display()}，不能转为{state.label}。", remedy="返回导入页查看。")
        self.state = state


class RowKind(models.TextChoices):
    PREMISES = "premises", "场所"
    COMMITTEE = "committee", "村居委会"


def row_kinds() -> list[tuple[str, str]]:
    return RowKind.choices


class Outcome(models.TextChoices):
    """What the import did with a row; blank while it has not come to it."""

    CREATED = "created", "新增"
    UPDATED = "updated", "更新"
    UNCHANGED = "unchanged", "没有变化"


def outcomes() -> list[tuple[str, str]]:
    return Outcome.choices


class ImportRow(models.Model):
    """One row of the ledger as understood: values, the reason beside each bad cell, what became of it."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    sheet = models.CharField("工作表", max_length=40)
    number = models.PositiveIntegerField("行")
    kind = models.CharField("类型", max_length=10, choices=row_kinds)
    # Telephones among them: what a ledger says of people is encrypted as in the register itself.
    cells = EncryptedJSONField("原文", default=list)
    values = EncryptedJSONField("内容", default=dict)
    problems = models.JSONField("问题", default=list)
    result = models.CharField("结果", max_length=20)
    outcome = models.CharField("处理", max_length=10, choices=outcomes, blank=True)
    unit = models.ForeignKey(Unit, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "导入行"
        ordering = ["batch", "id"]
        indexes = [models.Index(fields=["batch", "result", "id"], name="row_result")]
        constraints = [models.UniqueConstraint(fields=["batch", "sheet", "number"], name="row_once")]

    def __str__(self) -> str:
        return f"{self.sheet} 第 {self.number} 行"


class ColumnMemory(models.Model):
    """What a bureau once said a column means; suggested for its next file."""

    bureau = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    header = models.CharField("列名", max_length=120)
    field = models.CharField("字段", max_length=40, blank=True)

    class Meta:
        verbose_name = "列的记忆"
        constraints = [models.UniqueConstraint(fields=["bureau", "header"], name="memory_once")]

    def __str__(self) -> str:
        return self.header
