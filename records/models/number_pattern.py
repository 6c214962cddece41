"""How the numbers of a bureau's papers read."""

from __future__ import annotations

from django.db import models

from records.models.kind import FORMS, Kind, kinds
from stations.models import Organisation, User

# No national rule says how a station numbers: both stand until the bureau confirms its own (待核定).
ENFORCEMENT = "{code}（{station}）消{word}字〔{year}〕第{number:04d}号"
# GB/T 9704-2012 7.2.5: neither 第 nor leading zeros.
OFFICIAL = "{code}消〔{year}〕{number}号"

# A 函 is a 公文; the usual 文书代字 number it with the enforcement papers. Which it is, the bureau says: 待核定 until
# it sets a pattern of its own.
UNSETTLED = (Kind.REFERRAL, Kind.COMPLAINT_REPLY)


class NumberPattern(models.Model):
    """A bureau's pattern for one kind; with an empty kind, for every kind of enforcement without one of its own."""

    bureau = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="公安机关")
    kind = models.CharField("种类", max_length=20, choices=kinds, blank=True)
    pattern = models.CharField("文书号格式", max_length=80)
    confirmed_on = models.DateField("核定日期", null=True, blank=True)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="修改人", null=True, blank=True)
    changed_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        verbose_name = "文书号格式"
        constraints = [models.UniqueConstraint(fields=["bureau", "kind"], name="pattern_once")]


def default_pattern(kind: Kind | None) -> str:
    """What stands while the bureau has set nothing; ``None`` for the enforcement papers together."""
    return OFFICIAL if kind is not None and FORMS[kind].official else ENFORCEMENT
