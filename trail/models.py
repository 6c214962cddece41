"""Who did what, append-only. Everything is a copied value: every room can write here, and nothing named can vanish."""

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


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
