"""The register of complaints 举报: what was reported, who looks into it, and what the complainant was told."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.models import Clock
from fire_supervision.lib.encrypted import EncryptedTextField
from fire_supervision.lib.errors import RuleError
from inspections.models.visits import Inspection
from records.models import Document, Kind
from records.numbers import GivenUp
from stations.models import Organisation, User
from stations.permissions import Can, Role
from stations.scope import Scoped, ScopedQuerySet
from units.models import Unit

OF_COMPLAINT = "inspections.complaint"


class Source(models.TextChoices):
    """How a complaint came in."""

    CALL = "CALL", "来电"
    LETTER = "LETTER", "来信"
    VISIT = "VISIT", "来访"
    WEB = "WEB", "网络"
    P110 = "P110", "110"
    P12345 = "P12345", "12345"
    P96119 = "P96119", "96119"
    PASSED_ON = "PASSED_ON", "转办"


class ComplaintCategory(models.TextChoices):
    """What is reported decides how soon it is looked into (规定第18条)."""

    EXIT = "EXIT", "疏散、停用设施类"
    OTHER = "OTHER", "其他"


class Jurisdiction(models.TextChoices):
    """Whose it is (程序规定第61条)."""

    OURS = "OURS", "属本所管辖"
    OTHER_POLICE = "OTHER_POLICE", "不属本所管辖"
    NOT_POLICE = "NOT_POLICE", "不属公安职责"


class Truth(models.TextChoices):
    """What the check found of it."""

    TRUE = "TRUE", "属实"
    PARTLY = "PARTLY", "部分属实"
    FALSE = "FALSE", "不属实"
    UNKNOWN = "UNKNOWN", "无法核实"


class Manner(models.TextChoices):
    """How the complainant was told."""

    SPOKEN = "SPOKEN", "当面口头"
    PHONE = "PHONE", "电话"
    WRITTEN = "WRITTEN", "书面"
    MESSAGE = "MESSAGE", "短信"
    WEB = "WEB", "网络平台"
    THROUGH = "THROUGH", "经转办单位"


class ComplaintState(models.TextChoices):
    RECEIVED = "RECEIVED", "待核查"
    CHECKED = "CHECKED", "待答复"
    TO_TRANSFER = "TO_TRANSFER", "待移送"
    TRANSFERRED = "TRANSFERRED", "已移送待告知"
    ANSWERED = "ANSWERED", "已办结"
    NOT_OURS = "NOT_OURS", "不属公安职责"
    WITHDRAWN = "WITHDRAWN", "已撤销"


COMPLAINT_NEXT: dict[ComplaintState, frozenset[ComplaintState]] = {
    ComplaintState.RECEIVED: frozenset({ComplaintState.CHECKED, ComplaintState.TRANSFERRED, ComplaintState.WITHDRAWN}),
    ComplaintState.TO_TRANSFER: frozenset({ComplaintState.TRANSFERRED, ComplaintState.WITHDRAWN}),
    ComplaintState.CHECKED: frozenset({ComplaintState.ANSWERED}),
    ComplaintState.TRANSFERRED: frozenset({ComplaintState.ANSWERED}),
    ComplaintState.ANSWERED: frozenset(),
    ComplaintState.NOT_OURS: frozenset(),
    ComplaintState.WITHDRAWN: frozenset(),
}
UNANSWERED = (
    ComplaintState.RECEIVED, ComplaintState.TO_TRANSFER, ComplaintState.CHECKED, ComplaintState.TRANSFERRED,
)  # fmt: skip
# Nothing was done about it yet, so that its category or its existence may still be put right.
UNTOUCHED = (ComplaintState.RECEIVED, ComplaintState.TO_TRANSFER)


def complaint_sources() -> list[tuple[str, str]]:
    return Source.choices


def complaint_categories() -> list[tuple[str, str]]:
    return ComplaintCategory.choices


def complaint_states() -> list[tuple[str, str]]:
    return ComplaintState.choices


def jurisdictions() -> list[tuple[str, str]]:
    return Jurisdiction.choices


def truths() -> list[tuple[str, str]]:
    return Truth.choices


def manners() -> list[tuple[str, str]]:
    return Manner.choices


class ComplaintQuerySet(ScopedQuerySet["Complaint"]):
    def unanswered(self) -> Self:
        """Those somebody still has to do something about."""
        return self.filter(state__in=UNANSWERED)

    def overdue(self, now: datetime) -> Self:
        """Those a duty of which is over at ``now``."""
        late = Clock.objects.overdue(now).filter(subject_type=OF_COMPLAINT)
        return self.filter(pk__in=late.values("subject_id"))


def on_case_of(user: User) -> Q:
    """The SQL side of `Complaint.is_on_case`."""
    heads = Q(station_id=user.organisation_id) if user.role == Role.CHIEF else Q()
    return Q(received_by=user) | Q(handler=user) | heads


class Complaint(Scoped):
    """One complaint, from the call to the answer.

    ``complainant`` and ``contact`` are confidential: no list, export, message, clock or entry of the trail may carry
    them; `complaining.show_complainant` is the only way to them.
    """

    # Who is told of one must be able to see complaints.
    needs: ClassVar[Can] = Can.VIEW_COMPLAINTS

    year = models.PositiveSmallIntegerField("年度")
    sequence = models.PositiveIntegerField("顺序号")
    number = models.CharField("编号", max_length=80)
    source = models.CharField("来源", max_length=10, choices=complaint_sources)
    received_at = models.DateTimeField("接到时间")
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="受理人")
    anonymous = models.BooleanField("匿名", default=False)
    complainant = EncryptedTextField("举报人", max_length=60, blank=True)
    contact = EncryptedTextField("联系方式", max_length=60, blank=True)
    # Beside it, so that whoever calls again is found, by those on the case.
    contact_index = models.CharField(max_length=22, blank=True, default="", db_index=True, editable=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="complaints", verbose_name="台账单位", null=True, blank=True
    )
    # In words also where the unit is known: the register says what it was called on that day.
    premises = models.CharField("被举报单位", max_length=120)
    address = models.CharField("地址", max_length=200, blank=True)
    content = models.TextField("举报内容")
    category = models.CharField("类别", max_length=5, choices=complaint_categories)
    # A change of category starts a clock of its own; the key of each carries the round.
    category_round = models.PositiveSmallIntegerField(default=1)
    jurisdiction = models.CharField("管辖", max_length=15, choices=jurisdictions)
    handler = models.ForeignKey(User, models.PROTECT, related_name="complaints", verbose_name="承办人")
    state = models.CharField("状态", max_length=15, choices=complaint_states)

    checked_at = models.DateTimeField("核查时间", null=True, blank=True)
    first = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核查人", null=True, blank=True)
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="第二核查人", null=True, blank=True)
    truth = models.CharField("核查结论", max_length=10, choices=truths, blank=True)
    found = models.TextField("核查情况和处理", blank=True)
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="complaints", verbose_name="检查", null=True, blank=True
    )

    transferred_at = models.DateTimeField("移送时间", null=True, blank=True)
    transferred_to = models.CharField("移送单位", max_length=80, blank=True)
    letter_no = models.CharField("移送文书号", max_length=80, blank=True)

    told_at = models.DateTimeField("告知时间", null=True, blank=True)
    told_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="告知人", null=True, blank=True)
    manner = models.CharField("告知方式", max_length=10, choices=manners, blank=True)
    told = models.TextField("告知内容", blank=True)
    untold = models.CharField("无法告知的原因", max_length=200, blank=True)
    # In the officer's words: who pays how much for what is a rule of the place.
    reward = models.CharField("奖励情况", max_length=120, blank=True)

    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="登记表", null=True, blank=True
    )
    reply = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="答复", null=True, blank=True)

    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销理由", max_length=200, blank=True)
    # The form's own key: a second submit of the same form registers nothing.
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = "举报"
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["station", "-received_at", "-id"], name="complaint_station"),
            models.Index(fields=["bureau", "-received_at", "-id"], name="complaint_bureau"),
            models.Index(fields=["office", "-received_at", "-id"], name="complaint_office"),
            models.Index(fields=["handler", "state"], name="complaint_handler"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["station", "year", "sequence"], name="complaint_sequence_once"),
            models.CheckConstraint(
                condition=Q(anonymous=True, complainant="")
                | (Q(anonymous=False) & ~Q(complainant="") & ~Q(contact="")),
                name="complaint_named_or_anonymous",
            ),
            models.CheckConstraint(
                condition=(Q(checked_at__isnull=True) & Q(truth=""))
                | (Q(first__isnull=False, second__isnull=False) & ~Q(second=F("first")) & ~Q(truth="")),
                name="complaint_checked_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="CHECKED") | Q(checked_at__isnull=False), name="complaint_checked"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["RECEIVED", "TO_TRANSFER"])
                | Q(checked_at__isnull=True, transferred_at__isnull=True, told_at__isnull=True),
                name="complaint_untouched",
            ),
            models.CheckConstraint(
                condition=(Q(transferred_at__isnull=True) & Q(transferred_to="") & ~Q(state="TRANSFERRED"))
                | (Q(transferred_at__isnull=False, jurisdiction="OTHER_POLICE") & ~Q(transferred_to="")),
                name="complaint_transferred_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ANSWERED", "NOT_OURS"])
                | (Q(told_at__isnull=False, told_by__isnull=False) & (~Q(manner="") | ~Q(untold=""))),
                name="complaint_told_or_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="ANSWERED") | Q(checked_at__isnull=False) | Q(transferred_at__isnull=False),
                name="complaint_answered_after_work",
            ),
            models.CheckConstraint(
                condition=(Q(state="NOT_OURS") & Q(jurisdiction="NOT_POLICE"))
                | (~Q(state="NOT_OURS") & ~Q(jurisdiction="NOT_POLICE")),
                name="complaint_not_ours",
            ),
            models.CheckConstraint(
                condition=(~Q(state="WITHDRAWN") & Q(withdrawn_at__isnull=True))
                | (Q(state="WITHDRAWN", withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="complaint_withdrawn_has_reason",
            ),
        ]

    @classmethod
    def numbers_given_up(cls, station: Organisation, year: int) -> list[GivenUp]:
        """The numbers of registrations that were withdrawn: see `records.numbers.given_up`."""
        rows = cls.objects.filter(station=station, year=year, state=ComplaintState.WITHDRAWN).order_by("sequence")
        told = rows.values_list("number", "withdrawn_reason", "withdrawn_at")
        return [GivenUp(Kind.COMPLAINT, number, reason, localdate(at)) for number, reason, at in told]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inspections:complaint", args=[self.pk])

    @property
    def can_be_told(self) -> bool:
        """Whether there is a way to reach the complainant; an anonymous one may have left a number."""
        return bool(self.contact)

    def is_on_case(self, user: User) -> bool:
        """Whether ``user`` may know who complained: he took it down, handles it, or heads the station."""
        heads = user.role == Role.CHIEF and user.organisation_id == self.station_id
        return heads or user.pk in (self.received_by_id, self.handler_id)

    def move_to(self, state: ComplaintState) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in COMPLAINT_NEXT[ComplaintState(self.state)]:
            raise RuleError(f"{self.number} {self.get_state_display()}，不能改为{state.label}")
        self.state = state
