"""Numbers and issued documents."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from fire_supervision.lib.encrypted import EncryptedJSONField
from fire_supervision.lib.errors import RuleError
from records.models.kind import FALL_ALONE, LETTERS, OF_COMPLAINTS, Kind, kinds
from stations.models import Organisation, User
from stations.permissions import Can
from stations.scope import Scoped, ScopedQuerySet


class DocumentCounter(models.Model):
    """The last number given in one series: one station, kind and year. Locked while a number is taken."""

    station = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=kinds)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField("已用到", default=0)
    # Numbers given on paper before the series began here, or by a register that kept no paper: no gap of ours.
    skipped = models.PositiveIntegerField("此前使用", default=0)
    # What ``last`` was before a start was set, until a number is taken after it: so long the start can be corrected.
    before_start = models.PositiveIntegerField("设定前用到", null=True, blank=True)

    class Meta:
        verbose_name = "文书编号"
        constraints = [models.UniqueConstraint(fields=["station", "kind", "year"], name="counter_once")]

    @property
    def used(self) -> int:
        """The last number that is taken for good: what is set as a start and was not used yet is not among them."""
        return self.last if self.before_start is None else self.before_start


def new_token() -> str:
    """What the QR of a paper asks by: 128 bits that tell nothing and cannot be guessed."""
    return secrets.token_urlsafe(16)


class State(models.TextChoices):
    ISSUED = "ISSUED", "有效"
    VOID = "VOID", "已作废"


class ReviewState(models.TextChoices):
    """Where the brigade's review of a paper stands; `filings` moves it through `records.actions.mark_reviewed`."""

    PENDING = "PENDING", "待审查"
    PASSED = "PASSED", "合格"
    RETURNED = "RETURNED", "退回补正"
    REFILED = "REFILED", "已补正待审"
    EXEMPT = "EXEMPT", "不送审"


def review_states() -> list[tuple[str, str]]:
    return ReviewState.choices


REVIEW_NEXT: dict[ReviewState, frozenset[ReviewState]] = {
    ReviewState.PENDING: frozenset({ReviewState.PASSED, ReviewState.RETURNED, ReviewState.EXEMPT}),
    ReviewState.RETURNED: frozenset({ReviewState.REFILED}),
    ReviewState.REFILED: frozenset({ReviewState.PASSED, ReviewState.RETURNED}),
    ReviewState.PASSED: frozenset(),
    ReviewState.EXEMPT: frozenset(),
}
# A paper that cannot be printed is tried this often, then parked until somebody asks again.
MAX_ATTEMPTS = 3


class DocumentQuerySet(ScopedQuerySet["Document"]):
    def for_user(self, user: User | AnonymousUser) -> Self:
        """The papers in reach; those of complaints only for whoever may view complaints."""
        rows = super().for_user(user)
        if isinstance(user, User) and user.can(Can.VIEW_COMPLAINTS):
            return rows
        return rows.exclude(kind__in=OF_COMPLAINTS)

    def valid(self) -> Self:
        return self.filter(state=State.ISSUED)

    def unrendered(self) -> Self:
        """Papers whose files are still to be printed."""
        return self.filter(rendered_at__isnull=True)

    def to_print(self) -> Self:
        """Unprinted papers that are not parked; the SQL side of `Document.is_parked`."""
        return self.unrendered().filter(render_attempts__lt=MAX_ATTEMPTS)


class Document(Scoped):
    """An issued paper: a number, a dict and a template; the dict is kept. Never edited, only voided."""

    kind = models.CharField("种类", max_length=20, choices=kinds)
    year = models.PositiveSmallIntegerField("年度")
    sequence = models.PositiveIntegerField("顺序号")
    number = models.CharField("文书号", max_length=80)
    unit_id = models.BigIntegerField("单位编号", null=True, blank=True)
    unit_name = models.CharField("单位名称", max_length=120)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    # Names and telephones among it: no query looks inside. Hash and signatures are over the plain values.
    context = EncryptedJSONField("内容")
    # Of `records.canonical.canonical(context)`: what the signatures on the paper are bound to is part of it.
    context_sha256 = models.CharField(max_length=64, blank=True)
    token = models.CharField(max_length=22, unique=True, default=new_token)
    # The last checkpoint of the trail when the paper was issued, as its QR carries it; empty before the first.
    checkpoint = models.CharField("审计检查点", max_length=40, blank=True)
    template_version = models.PositiveSmallIntegerField("式样版本", default=1)
    issued_on = models.DateField("成文日期")
    issued_at = models.DateTimeField("签发时间", auto_now_add=True)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签发人")
    state = models.CharField("状态", max_length=6, choices=State.choices, default=State.ISSUED)
    void_reason = models.CharField("作废理由", max_length=200, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, related_name="replaces", null=True, blank=True)
    review_state = models.CharField("审查", max_length=10, choices=review_states, default=ReviewState.PENDING)
    reviewed_on = models.DateField("审查日期", null=True, blank=True)
    rendered_at = models.DateTimeField("打印时间", null=True, blank=True)
    render_attempts = models.PositiveSmallIntegerField(default=0)
    render_sent_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "文书"
        ordering = ["-issued_on", "-id"]
        indexes = [
            models.Index(fields=["station", "-issued_on", "-id"], name="document_station"),
            models.Index(fields=["bureau", "-issued_on", "-id"], name="document_bureau"),
            models.Index(fields=["office", "-issued_on", "-id"], name="document_office"),
            models.Index(fields=["review_state", "station"], name="document_review"),
            models.Index(fields=["unit_id", "-issued_on"], name="document_unit"),
            models.Index(fields=["subject_type", "subject_id"], name="document_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["station", "kind", "year", "sequence"], name="document_sequence_once"),
            models.UniqueConstraint(fields=["bureau", "number"], name="document_number_once_a_bureau"),
            models.CheckConstraint(condition=~Q(state="VOID") | ~Q(void_reason=""), name="document_void_has_reason"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        return Kind(self.kind).label

    @property
    def status(self) -> str:
        """有效, 已作废, 被取代: what the public page says of it."""
        return "被取代" if self.replaced_by_id else str(self.get_state_display())

    @property
    def issuer(self) -> str:
        """Who issued it, in the words it bears; a context without them is spoken of by today's name of its office."""
        return str(self.context.get("heading") or self.station.heading)

    @property
    def is_letter(self) -> bool:
        return self.kind in LETTERS

    @property
    def scan_word(self) -> str:
        """What a scan of the paper is called: of one that is signed in ink, or of one that bears the seal."""
        return "盖章件" if self.is_letter else "签名件"

    @property
    def is_void(self) -> bool:
        return self.state == State.VOID

    @property
    def falls_alone(self) -> bool:
        """Whether it can be voided and issued anew by itself."""
        return self.kind in FALL_ALONE and not self.is_void

    @property
    def is_parked(self) -> bool:
        """Whether printing was given up; the Python side of `DocumentQuerySet.to_print`."""
        return self.rendered_at is None and self.render_attempts >= MAX_ATTEMPTS

    def move_to(self, state: State, *, reason: str, at: datetime) -> None:
        """Void it: the only assignment of the state. Raises RuleError when it is void already."""
        if self.is_void or state != State.VOID:
            raise RuleError(f"{self.number}{self.get_state_display()}，不能改为{state.label}")
        self.state, self.void_reason, self.voided_at = state, reason, at

    def move_review_to(self, state: ReviewState, on: date) -> None:
        """The only assignment of the review state; raises RuleError for a move the table does not have."""
        if state not in REVIEW_NEXT[ReviewState(self.review_state)]:
            raise RuleError(f"{self.number}{self.get_review_state_display()}，不能改为{state.label}")
        self.review_state = state
        if state in (ReviewState.PASSED, ReviewState.RETURNED):
            self.reviewed_on = on
