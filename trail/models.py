"""Who did what, append-only. Everything is a copied value: every room can write here, and nothing named can vanish."""

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

# In a list of bureaus, what belongs to none: the system's own work, whoever is not signed in, the brigade's affairs.
NOBODYS = 0


class AppendOnlyQuerySet(models.QuerySet["AuditEntry"]):
    """Reads and appends; refuses to change or remove what was written."""

    def update(self, **kwargs: object) -> NoReturn:
        raise TypeError("audit entries are append-only")

    def delete(self) -> NoReturn:
        raise TypeError("audit entries are append-only")


class AuditEntry(models.Model):
    """One act: who, when, from where, what, on what, before and after."""

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField("操作人编号", null=True)
    actor_name = models.CharField("操作人", max_length=60)
    actor_number = models.CharField("警号", max_length=20, blank=True)
    bureau_id = models.BigIntegerField(null=True)
    station_id = models.BigIntegerField(null=True)
    office_id = models.BigIntegerField(null=True)
    action = models.CharField("动作", max_length=60)
    subject_type = models.CharField("对象类别", max_length=60)
    subject_id = models.BigIntegerField("对象编号", null=True)
    summary = models.CharField("摘要", max_length=300)
    before = models.JSONField("变更前", encoder=DjangoJSONEncoder, default=dict)
    after = models.JSONField("变更后", encoder=DjangoJSONEncoder, default=dict)
    reason = models.TextField("理由", blank=True)
    request_id = models.CharField("请求编号", max_length=36, blank=True)
    address = models.GenericIPAddressField("地址", null=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["bureau_id", "-id"], name="audit_bureau"),
        ]

    def __str__(self) -> str:
        return self.summary

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an entry that is written already is refused."""
        if not self._state.adding:
            raise TypeError("audit entries are append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("audit entries are append-only")


class Seal(models.Model):
    """That an entry stood in the trail, as it was, in this order: a link of the hash chain. Appended only.

    No foreign key: an entry that was taken away is told by the seal it leaves behind.
    """

    sequence = models.BigIntegerField("封号", primary_key=True)
    entry_id = models.BigIntegerField("记录编号", unique=True)
    entry_hash = models.CharField("记录摘要", max_length=64)
    hash = models.CharField("链摘要", max_length=64)

    class Meta:
        verbose_name = "审计记录封"

    def __str__(self) -> str:
        return f"第 {self.sequence} 号封"


class Checkpoint(models.Model):
    """What all seals up to one amount to at an instant, signed with the deployer's key. Appended only."""

    number = models.BigIntegerField("检查点号", primary_key=True)
    at = models.DateTimeField("时间")
    last_sequence = models.BigIntegerField("最后封号")
    head = models.CharField("链头", max_length=64)
    root = models.CharField("根", max_length=64)
    # The complete subtrees, so that the next root costs what was sealed since and not all there is.
    peaks = models.JSONField("子树", default=list)
    previous = models.CharField("上一检查点", max_length=64)
    key_id = models.CharField("密钥编号", max_length=16)
    public_key = models.CharField("公钥", max_length=64)
    signature = models.CharField("签名", max_length=128)

    class Meta:
        verbose_name = "审计检查点"

    def __str__(self) -> str:
        return f"第 {self.number} 号检查点"

    @property
    def short(self) -> str:
        """As it stands on a paper: the last sequence and the first 64 bits of the root."""
        return f"{self.last_sequence}.{self.root[:16]}"


class RunKind(models.TextChoices):
    """What the audit administrator has done in the background."""

    VERIFY = "VERIFY", "核验"
    EXPORT = "EXPORT", "导出全部"
    CHECKPOINT = "CHECKPOINT", "立即生成检查点"


class RunState(models.TextChoices):
    WAITING = "WAITING", "等待"
    RUNNING = "RUNNING", "进行中"
    DONE = "DONE", "完成"
    FAILED = "FAILED", "未完成"


class Run(models.Model):
    """One verification, export or checkpoint somebody asked for, and what came of it."""

    kind = models.CharField("事项", max_length=10, choices=RunKind.choices)
    state = models.CharField("状态", max_length=8, choices=RunState.choices, default=RunState.WAITING)
    asked_by_id = models.BigIntegerField("操作人编号", null=True)
    asked_by_name = models.CharField("操作人", max_length=60)
    asked_at = models.DateTimeField("时间")
    # Whose entries the export tells in full; null for all.
    bureau_ids = models.JSONField("范围", null=True, default=None)
    started_at = models.DateTimeField("开始", null=True)
    # It is done in slices: who has taken one when, how often one was taken without an end, and where the next begins.
    taken_at = models.DateTimeField("接手", null=True)
    tries = models.PositiveSmallIntegerField("接手次数", default=0)
    position = models.JSONField("位置", null=True, default=None)
    total = models.BigIntegerField("共", default=0)
    finished_at = models.DateTimeField("结束", null=True)
    sealed = models.BigIntegerField("已封", default=0)
    pending = models.BigIntegerField("待封", default=0)
    found = models.BigIntegerField("问题", default=0)
    words = models.TextField("结果", blank=True)

    class Meta:
        verbose_name = "审计核验"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=False) | models.Q(state__in=["WAITING", "RUNNING"]),
                name="run_finished_has_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return min(100, self.sealed * 100 // self.total) if self.total else 0

    @property
    def file_name(self) -> str:
        return f"trail-export-{self.pk}.jsonl.gz"


class AlarmKind(models.TextChoices):
    """What alarms by itself."""

    SIGN_IN = "SIGN_IN", "登录失败过多"
    LOCK = "LOCK", "多次锁定账号"
    REFUSAL = "REFUSAL", "连续访问被拒绝"
    EXPORT = "EXPORT", "大量导出"
    VERIFICATION = "VERIFICATION", "审计记录核验未通过"
    STANDSTILL = "STANDSTILL", "审计记录停止封存"
    PAPER = "PAPER", "文书登记被改动"
    POST = "POST", "三员账号变动"


class Alarm(models.Model):
    """What the last minutes of the trail gave reason to tell a person. Once: while it is open, no second is raised."""

    kind = models.CharField("事项", max_length=12, choices=AlarmKind.choices)
    # Of whom or what: a person, an address, a verification. One open alarm for each.
    about = models.CharField(max_length=80)
    # Null: of the whole installation, or of an address nobody belongs to.
    bureau_id = models.BigIntegerField(null=True)
    words = models.CharField("内容", max_length=300)
    # The filter of the trail that shows the entries; empty where the integrity page tells more.
    query = models.CharField(max_length=200, blank=True)
    raised_at = models.DateTimeField("时间")
    mailed_at = models.DateTimeField("邮件", null=True)
    acknowledged_at = models.DateTimeField("处置时间", null=True)
    acknowledged_by_id = models.BigIntegerField("处置人编号", null=True)
    acknowledged_by_name = models.CharField("处置人", max_length=60, blank=True)
    note = models.CharField("处置情况", max_length=200, blank=True)

    class Meta:
        verbose_name = "安全告警"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=models.Q(acknowledged_at=None), name="alarm_open_once"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=AlarmKind.values), name="alarm_kind_known"),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None) | ~models.Q(note=""), name="alarm_answered_with_words"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
