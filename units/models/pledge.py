"""消防安全责任书: who pledged what, until when; thin, since what was signed is the frozen paper."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from fire_supervision.lib.errors import RuleError
from records.models import Document
from stations.models import Organisation, User
from stations.scope import Scoped, ScopedQuerySet
from units.models.unit import Unit, kinds

DAY = timedelta(days=1)


class PledgeTermsQuerySet(models.QuerySet["PledgeTerms"]):
    def read_by(self, bureau_id: int | None) -> Self:
        """The shipped versions and those of the bureau; without one the shipped alone."""
        return self.filter(Q(bureau__isnull=True) | Q(bureau=bureau_id) if bureau_id else Q(bureau__isnull=True))

    def in_force(self, day: date) -> Self:
        """Those that have begun by ``day``, the one that holds first: the bureau's own before the shipped one."""
        begun = self.filter(Q(since__isnull=True) | Q(since__lte=day))
        return begun.order_by(F("since").desc(nulls_last=True), "-version")


class PledgeTerms(models.Model):
    """责任条款 for one kind of unit. No form is statutory: what is shipped is 待核定; a bureau settles its own.

    A version holds from ``since`` until the next one begins; a shipped one, without bureau and day, until the first.
    """

    kind = models.CharField("单位类型", max_length=10, choices=kinds)
    bureau = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="公安机关", null=True, blank=True
    )
    version = models.PositiveSmallIntegerField("版本")
    # [{"title": 消防安全制度, "text": …}], in the order they are printed.
    items = models.JSONField("责任条款", encoder=DjangoJSONEncoder)
    liability = models.TextField("法律责任")
    since = models.DateField("起用日期", null=True, blank=True)
    confirmed_on = models.DateField("核定日期", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="核定人", null=True, blank=True
    )
    reason = models.CharField("理由", max_length=200, blank=True)

    objects = PledgeTermsQuerySet.as_manager()

    class Meta:
        verbose_name = "责任书条款"
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "version"], condition=Q(bureau__isnull=True), name="pledge_terms_shipped_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "bureau", "version"], condition=Q(bureau__isnull=False), name="pledge_terms_own_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "bureau", "since"], condition=Q(bureau__isnull=False), name="pledge_terms_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(bureau__isnull=True, since__isnull=True)
                | Q(bureau__isnull=False, since__isnull=False, confirmed_on__isnull=False, confirmed_by__isnull=False),
                name="pledge_terms_own_is_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}第 {self.version} 版"

    def is_coming(self, day: date) -> bool:
        """Whether it is settled and has not begun on ``day``."""
        return self.since is not None and self.since > day


class PledgeState(models.TextChoices):
    ACTIVE = "ACTIVE", "有效"
    ENDED = "ENDED", "已终止"
    VOID = "VOID", "已作废"


def pledge_states() -> list[tuple[str, str]]:
    return PledgeState.choices


class Standing(models.TextChoices):
    """How a pledge stands on a day, in the words of the pages: its state says only what was done to it."""

    COMING = "COMING", "未生效"
    RUNNING = "RUNNING", "有效"
    OVER = "OVER", "已终止"
    VOID = "VOID", "已作废"


# ENDED goes back to ACTIVE when the pledge that took its place is void, and ends earlier when the unit closes first.
PLEDGE_NEXT: dict[PledgeState, frozenset[PledgeState]] = {
    PledgeState.ACTIVE: frozenset({PledgeState.ENDED, PledgeState.VOID}),
    PledgeState.ENDED: frozenset({PledgeState.ACTIVE, PledgeState.ENDED, PledgeState.VOID}),
    PledgeState.VOID: frozenset(),
}


class PledgeQuerySet(ScopedQuerySet["Pledge"]):
    def running_on(self, day: date) -> Self:
        """The pledges whose term covers ``day``; the SQL side of `Pledge.runs_on`."""
        covered = Q(ended_on__isnull=True, until__gte=day) | Q(ended_on__gte=day)
        return self.exclude(state=PledgeState.VOID).filter(covered, since__lte=day)

    def coming_on(self, day: date) -> Self:
        """Those signed whose term begins after ``day``; one ended before that never runs."""
        runs = Q(ended_on__isnull=True) | Q(ended_on__gte=F("since"))
        return self.exclude(state=PledgeState.VOID).filter(runs, since__gt=day)

    def over(self, today: date) -> Self:
        """Those whose term has run out and that nobody has ended yet."""
        return self.filter(state=PledgeState.ACTIVE, until__lt=today)


class Pledge(Scoped):
    """One 责任书 of a unit. 甲方 is the station unless ``party_a`` names a committee or a property company."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pledges", verbose_name="单位")
    # In words: what the parties were called on the day they signed.
    party_a = models.CharField("甲方", max_length=120)
    signer_a = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="甲方签名民警", null=True, blank=True
    )
    person_a = models.CharField("甲方签名人", max_length=60, blank=True)
    signer_b = models.CharField("乙方签名人", max_length=60)
    post_b = models.CharField("职务", max_length=40, blank=True)
    since = models.DateField("责任期限起")
    until = models.DateField("责任期限止")
    signed_on = models.DateField("签订日期")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办民警")
    terms = models.ForeignKey(PledgeTerms, models.PROTECT, related_name="+", verbose_name="条款")
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="文书", null=True, blank=True
    )
    follows = models.ForeignKey(
        "self", models.PROTECT, related_name="followers", verbose_name="接续", null=True, blank=True
    )
    state = models.CharField("状态", max_length=6, choices=pledge_states, default=PledgeState.ACTIVE)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    void_reason = models.CharField("作废理由", max_length=200, blank=True)
    # The form's own key: sent twice, it is one pledge.
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = "消防安全责任书"
        ordering = ["-signed_on", "-id"]
        indexes = [
            models.Index(fields=["unit", "-signed_on", "-id"], name="pledge_unit"),
            models.Index(fields=["station", "state", "until"], name="pledge_station"),
            models.Index(fields=["state", "until"], name="pledge_over"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(state="ACTIVE"), name="pledge_one_active_a_unit"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="pledge_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(signer_a__isnull=False, person_a="") | (Q(signer_a__isnull=True) & ~Q(person_a="")),
                name="pledge_one_signs_for_a",
            ),
            models.CheckConstraint(
                condition=Q(state="ACTIVE", ended_on__isnull=True)
                | Q(state="ENDED", ended_on__isnull=False)
                | Q(state="VOID"),
                name="pledge_ended_has_day",
            ),
            models.CheckConstraint(
                condition=(Q(state="VOID") & ~Q(void_reason="")) | (~Q(state="VOID") & Q(void_reason="")),
                name="pledge_void_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_a}与乙方 {self.since} 至 {self.until}"

    def get_absolute_url(self) -> str:
        return reverse("units:pledge", args=[self.pk])

    @property
    def by_whom(self) -> str:
        """Who signed for 甲方."""
        return self.signer_a.name if self.signer_a else self.person_a

    @property
    def last_day(self) -> date:
        """The last day of the term: the agreed one, or the day it was ended on."""
        return self.ended_on or self.until

    def runs_on(self, day: date) -> bool:
        """Whether its term covers ``day``; the Python side of `PledgeQuerySet.running_on`."""
        return self.state != PledgeState.VOID and self.since <= day <= self.last_day

    def standing(self, day: date) -> Standing:
        """How it stands on ``day``; the Python side of `PledgeQuerySet.running_on` and `coming_on`."""
        if self.state == PledgeState.VOID:
            return Standing.VOID
        if self.runs_on(day):
            return Standing.RUNNING
        return Standing.COMING if day < self.since <= self.last_day else Standing.OVER

    def move_to(self, state: PledgeState, *, ended_on: date | None = None, reason: str = "") -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in PLEDGE_NEXT[PledgeState(self.state)]:
            raise RuleError(f"这份责任书{self.get_state_display()}，不能改为{state.label}")
        self.state, self.ended_on, self.void_reason = state, ended_on, reason
