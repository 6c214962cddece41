"""The seals of the offices: what is printed over date and signature."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from stations.models import Organisation, User


class SealQuerySet(models.QuerySet["Seal"]):
    def current(self) -> Self:
        return self.filter(until__isnull=True)

    def for_user(self, user: User | AnonymousUser) -> Self:
        """The seals of the organisations ``user`` keeps as an administrator."""
        if isinstance(user, AnonymousUser):
            return self.none()
        return self.filter(organisation__in=Organisation.objects.managed_by(user))

    def used(self, organisation_id: int, at: datetime) -> Seal | None:
        """What ``organisation_id`` sealed with at that instant, however late the paper is printed."""
        during = Q(since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))
        return self.filter(during, organisation_id=organisation_id).order_by("-since", "-pk").first()


class Seal(models.Model):
    """An office's seal as a picture. Never changed or deleted: a new one ends it, and what it sealed stays sealed."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="seals", verbose_name="机构")
    image = models.FileField("印模", upload_to="seals/")
    sha256 = models.CharField(max_length=64)
    since = models.DateTimeField("启用时间")
    until = models.DateTimeField("停用时间", null=True, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人", null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="停用人", null=True, blank=True)
    end_reason = models.CharField("停用原因", max_length=200, blank=True)

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = "印章"
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation"], condition=Q(until__isnull=True), name="seal_one_in_use"),
            models.CheckConstraint(condition=Q(until__isnull=True) | ~Q(end_reason=""), name="seal_end_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.heading}印章"

    def content(self) -> bytes:
        """The picture as it is kept: PNG, transparent where there is no ink."""
        with self.image.open("rb") as stored:
            content: bytes = stored.read()
        return content
