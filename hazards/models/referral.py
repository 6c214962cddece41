"""What leaves the station: 移送 and 报告; what the papers of a visit were replaced by."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from fire_supervision.lib.errors import RuleError
from hazards.models.order import Hazard
from inspections.models import Inspection
from records.models import Document
from stations.models import Organisation, User
from stations.permissions import Can
from stations.scope import Scoped, ScopedQuerySet
from units.models import Unit


class Target(models.TextChoices):
    """移送 to whom: since 2019 acceptance belongs to housing, everything else of the 消防法 to the brigade."""

    FIRE_BRIGADE = "FIRE_BRIGADE", "消防救援大队"
    HOUSING = "HOUSING", "住房和城乡建设主管部门"
    GAS = "GAS", "燃气管理部门"
    OTHER = "OTHER", "其他部门"


class ReferralResult(models.TextChoices):
    """What the receiving authority did. A station fines nobody and seals nothing (消防法第53条)."""

    FINE = "FINE", "罚款"
    SEAL = "SEAL", "临时查封"
    CLOSURE = "CLOSURE", "责令停产停业、停止使用或者停止施工"
    NONE = "NONE", "不予处罚"
    OTHER = "OTHER", "其他处理"


# 罚款, 查封, 三停 are written decisions and have a number; what else was done is told in words.
DECISIONS = frozenset({ReferralResult.FINE, ReferralResult.SEAL, ReferralResult.CLOSURE})


def results() -> list[tuple[str, str]]:
    return ReferralResult.choices


class ReferralState(models.TextChoices):
    SENT = "SENT", "待接收"
    RECEIVED = "RECEIVED", "办理中"
    ANSWERED = "ANSWERED", "已反馈"


def referral_states() -> list[tuple[str, str]]:
    return ReferralState.choices


REFERRAL_NEXT: dict[ReferralState, frozenset[ReferralState]] = {
    ReferralState.SENT: frozenset({ReferralState.RECEIVED}),
    ReferralState.RECEIVED: frozenset({ReferralState.ANSWERED}),
    ReferralState.ANSWERED: frozenset(),
}


class ReferralQuerySet(ScopedQuerySet["Referral"]):
    def waiting_for(self, user: User) -> Self:
        """What ``user`` has to take over: the brigade its own, a station officer the receipts others write."""
        return self._recorded_by(user).filter(state=ReferralState.SENT)

    def under_way_for(self, user: User) -> Self:
        """What was received and ``user`` has to record the result of."""
        return self._recorded_by(user).filter(state=ReferralState.RECEIVED)

    def _recorded_by(self, user: User) -> Self:
        """The SQL side of `Referral.recorded_with`."""
        rows = self.for_user(user)
        if user.can(Can.ANSWER_REFERRALS):
            return rows.filter(target=Target.FIRE_BRIGADE)
        return rows.exclude(target=Target.FIRE_BRIGADE) if user.can(Can.REFER) else rows.none()


class Referral(Scoped):
    """移送, and what came of it: the receipt and the result.

    ``document`` is its letter, numbered ``letter_no``; a referral from before the letters were made here has at most a
    number. ``authority`` is whom the letter addresses, in full.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="referrals", verbose_name="单位")
    target = models.CharField("移送对象", max_length=12, choices=Target.choices)
    authority = models.CharField("接收单位", max_length=80, blank=True)
    basis = models.CharField("依据", max_length=120)
    facts = models.TextField("违法事实")
    sent_on = models.DateField("移送日期")
    letter_no = models.CharField("移送文书号", max_length=80, blank=True)
    receiver = models.CharField("接收人", max_length=60, blank=True)
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="移送函", null=True, blank=True
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    recorded_at = models.DateTimeField(auto_now_add=True)
    hazards = models.ManyToManyField(Hazard, related_name="referrals", verbose_name="隐患")
    state = models.CharField("状态", max_length=10, choices=referral_states, default=ReferralState.SENT)
    received_on = models.DateField("接收日期", null=True, blank=True)
    received_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="登记接收人", null=True, blank=True
    )
    result = models.CharField("处理结果", max_length=10, choices=results, blank=True)
    result_on = models.DateField("处理日期", null=True, blank=True)
    result_no = models.CharField("决定书文号", max_length=80, blank=True)
    fine = models.DecimalField("罚款金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    result_note = models.CharField("处理情况", max_length=200, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="登记结果人", null=True, blank=True
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = "移送"
        ordering = ["-sent_on", "-id"]
        indexes = [
            models.Index(fields=["station", "-sent_on", "-id"], name="referral_station"),
            models.Index(fields=["bureau", "-sent_on", "-id"], name="referral_bureau"),
            models.Index(fields=["office", "-sent_on", "-id"], name="referral_office"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="SENT") | (Q(received_on__isnull=False) & Q(received_by__isnull=False)),
                name="referral_received_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="ANSWERED")
                | (~Q(result="") & Q(result_on__isnull=False) & Q(answered_by__isnull=False)),
                name="referral_answered_has_result",
            ),
            models.CheckConstraint(
                condition=(Q(result="FINE") & Q(fine__gt=0)) | (~Q(result="FINE") & Q(fine__isnull=True)),
                name="referral_fine_has_amount",
            ),
        ]

    def move_to(self, state: ReferralState) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in REFERRAL_NEXT[ReferralState(self.state)]:
            raise RuleError(f"这次移送{self.get_state_display()}，不能改为{state.label}")
        self.state = state

    @property
    def recorded_with(self) -> Can:
        """What records receipt and result: the brigade enters its own, the station what others wrote back."""
        return Can.ANSWER_REFERRALS if self.target == Target.FIRE_BRIGADE else Can.REFER

    @property
    def result_words(self) -> str:
        """`罚款 5,000.00 元，江消行罚〔2026〕0012号`; empty without a result."""
        amount = f" {self.fine:,.2f} 元" if self.fine is not None else ""
        return "，".join(filter(None, [f"{self.get_result_display()}{amount}".strip(), self.result_no]))


class Suggestion(models.TextChoices):
    """What a report may ask the government for; 待核定."""

    ORGANISE = "ORGANISE", "组织整治"
    CUT_OFF = "CUT_OFF", "断电断气"
    STOP = "STOP", "停用"
    LISTED = "LISTED", "挂牌督办"


# Ticked beforehand where a report is made; the officer sees it there and changes it.
SUGGESTED = (Suggestion.ORGANISE,)


class Report(Scoped):
    """规定第34条: the written report to township and brigade, made in the same act as the order.

    The brigade reads it here; the township has it on ``sent_on``, none while it is still on the way. ``suggestions``
    are values of `Suggestion`; a report from before its papers were made here has none.
    """

    inspection = models.OneToOneField(Inspection, models.PROTECT, related_name="report", verbose_name="检查")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reports", verbose_name="单位")
    township = models.CharField("报告的乡镇、街道", max_length=60)
    brigade = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="消防救援大队", null=True)
    suggestions = models.JSONField("建议措施", default=list)
    made_on = models.DateField("报告日期")
    sent_on = models.DateField("送交日期", null=True, blank=True)
    receiver = models.CharField("签收人", max_length=60, blank=True)
    letter_no = models.CharField("文书号", max_length=80, blank=True)
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="报告", null=True, blank=True
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet["Report"].as_manager()

    class Meta:
        verbose_name = "火灾隐患报告"

    @property
    def suggested(self) -> list[str]:
        """What was suggested, in words and in the order of the paper."""
        return [each.label for each in Suggestion if each in self.suggestions]


class Reissue(models.Model):
    """作废重出: which draft corrects which voided inspection, so that its new papers can name the old ones."""

    old = models.OneToOneField(Inspection, models.PROTECT, related_name="reissued_as", verbose_name="作废的检查")
    new = models.OneToOneField(Inspection, models.PROTECT, related_name="reissue_of", verbose_name="更正的检查")
    reason = models.CharField("理由", max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="批准人")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "作废重出"
