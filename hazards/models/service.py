"""送达 and 延期: what follows an order before its re-inspection."""

from __future__ import annotations

from functools import reduce
from operator import and_

from django.db import models
from django.db.models import F, Q

from fire_supervision.lib.encrypted import EncryptedTextField
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.masking import masked
from hazards.models.order import Hazard, Order
from records.models import Document
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet


class Method(models.TextChoices):
    """送达方式 (程序规定第36条), in the order the article tries them."""

    DIRECT = "DIRECT", "直接送达"
    PROXY = "PROXY", "代收"
    LEAVE = "LEAVE", "留置送达"
    ENTRUST = "ENTRUST", "委托送达"
    MAIL = "MAIL", "邮寄送达"
    ELECTRONIC = "ELECTRONIC", "电子送达"
    NOTICE = "NOTICE", "公告送达"


def methods() -> list[tuple[str, str]]:
    return Method.choices


def _asks(method: Method, *needed: Q) -> Q:
    """A service of ``method`` has everything that is ``needed``."""
    return ~Q(method=method) | reduce(and_, needed)


def _filled(field: str) -> Q:
    return ~Q(**{field: ""})


class Service(models.Model):
    """送达: when, where, into whose hands, by whom; what else is asked depends on the method.

    ``served_at`` is the instant the service takes effect: with 公告 the end of its period, else when it was received.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="service", verbose_name="责令")
    method = models.CharField("送达方式", max_length=10, choices=methods, default=Method.DIRECT)
    served_at = models.DateTimeField("送达时间")
    place = models.CharField("送达地点", max_length=120, blank=True)
    recipient = models.CharField("收件人", max_length=60, blank=True)
    relation = models.CharField("与受送达人关系", max_length=40, blank=True)
    # 代收理由, 拒收事由, why a notice had to be published.
    reason = models.CharField("事由", max_length=200, blank=True)
    witness = models.CharField("见证人", max_length=80, blank=True, help_text="姓名和单位")
    agent = models.CharField("受委托机关", max_length=80, blank=True)
    tracking_no = models.CharField("邮件号、委托书号", max_length=60, blank=True)
    sent_on = models.DateField("寄出、委托、公告日期", null=True, blank=True)
    channel = models.CharField("方式、载体", max_length=80, blank=True, help_text="如微信、传真、公告栏、报纸")
    account = EncryptedTextField("接收号码", max_length=80, blank=True)
    consented_by = models.CharField("同意人", max_length=60, blank=True)
    consented_on = models.DateField("同意日期", null=True, blank=True)
    # 电子送达确认书: its number, or where one that was signed on paper is kept.
    consent_no = models.CharField("确认书编号", max_length=80, blank=True, default="")
    receipt = models.CharField("收悉凭据", max_length=120, blank=True)
    server = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="送达人")
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="第二送达人", null=True, blank=True)
    # 程序规定第52条: one officer with an assistant may serve if the whole act is recorded. Services from before the
    # assistant was asked for name none.
    assistant = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="协助辅警", null=True, blank=True
    )
    recorder_no = models.CharField("执法记录仪文件号", max_length=80, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    # Its 送达回证; none for a service from before receipts were made here.
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="送达回证", null=True, blank=True
    )
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "送达"
        constraints = [
            models.CheckConstraint(
                condition=_asks(Method.DIRECT, _filled("place"), _filled("recipient"), _filled("relation"))
                & _asks(Method.PROXY, _filled("place")),
                name="service_handed_over_at_a_place",
            ),
            models.CheckConstraint(
                condition=_asks(Method.PROXY, _filled("recipient"), _filled("relation"), _filled("reason"))
                & _asks(Method.LEAVE, _filled("place"), _filled("reason"), _filled("witness") | _filled("recorder_no")),
                name="service_refusal_has_witness",
            ),
            models.CheckConstraint(
                condition=_asks(
                    Method.ENTRUST,
                    _filled("agent"),
                    _filled("tracking_no"),
                    _filled("recipient"),
                    Q(sent_on__isnull=False),
                )
                & _asks(Method.MAIL, _filled("tracking_no"), _filled("recipient"), Q(sent_on__isnull=False)),
                name="service_sent_has_number",
            ),
            models.CheckConstraint(
                condition=_asks(
                    Method.ELECTRONIC,
                    _filled("consented_by"),
                    Q(consented_on__isnull=False),
                    _filled("consent_no"),
                    _filled("channel"),
                    _filled("account"),
                    _filled("receipt"),
                ),
                name="service_electronic_has_consent",
            ),
            models.CheckConstraint(
                condition=_asks(Method.NOTICE, _filled("reason"), _filled("channel"), Q(sent_on__isnull=False)),
                name="service_notice_has_reason",
            ),
        ]

    @property
    def is_published(self) -> bool:
        return self.method == Method.NOTICE

    @property
    def words(self) -> str:
        """How and into whose hands, in one line: `直接送达，刘桂香签收`."""
        told = {
            Method.PROXY: f"{self.recipient}（{self.relation}）代收",
            Method.LEAVE: f"拒收事由：{self.reason}",
            Method.ENTRUST: f"{self.agent}代为送达，{self.recipient}签收",
            Method.MAIL: f"邮件号 {self.tracking_no}，{self.recipient}签收",
            Method.ELECTRONIC: f"{self.channel} {masked(self.account)}，{self.receipt}",
            Method.NOTICE: f"{self.channel}，{self.sent_on:%Y-%m-%d} 公告" if self.sent_on else self.channel,
        }
        return f"{self.get_method_display()}，" + told.get(Method(self.method), f"{self.recipient}签收")


class ExtensionState(models.TextChoices):
    REQUESTED = "REQUESTED", "待审批"
    APPROVED = "APPROVED", "同意延期"
    REFUSED = "REFUSED", "不同意"
    FELL = "FELL", "已失效"


def extension_states() -> list[tuple[str, str]]:
    return ExtensionState.choices


EXTENSION_NEXT: dict[ExtensionState, frozenset[ExtensionState]] = {
    # It falls when the order is voided or the period is over before anybody decided.
    ExtensionState.REQUESTED: frozenset({ExtensionState.APPROVED, ExtensionState.REFUSED, ExtensionState.FELL}),
    ExtensionState.APPROVED: frozenset(),
    ExtensionState.REFUSED: frozenset(),
    ExtensionState.FELL: frozenset(),
}


class Extension(Scoped):
    """延期: the unit asks for more time for hazards of one period; the chief decides, with a reason."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="extensions", verbose_name="责令")
    hazards = models.ManyToManyField(Hazard, related_name="extensions", verbose_name="隐患")
    deadline = models.DateField("原改正期限")
    until = models.DateField("延期至")
    requested_on = models.DateField("申请日期")
    reason = models.CharField("申请理由", max_length=200)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    state = models.CharField("状态", max_length=10, choices=extension_states, default=ExtensionState.REQUESTED)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审批人", null=True, blank=True)
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="审批表", null=True, blank=True
    )

    objects = ScopedQuerySet["Extension"].as_manager()

    class Meta:
        verbose_name = "延期"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "deadline"], condition=Q(state="REQUESTED"), name="extension_one_waiting"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("deadline")), name="extension_gives_time"),
            models.CheckConstraint(
                condition=~Q(state__in=["APPROVED", "REFUSED"])
                | (Q(decided_by__isnull=False) & Q(decided_at__isnull=False) & ~Q(decision="")),
                name="extension_decided_has_reason",
            ),
        ]

    def move_to(self, state: ExtensionState) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in EXTENSION_NEXT[ExtensionState(self.state)]:
            raise RuleError(f"这份延期申请{self.get_state_display()}，不能改为{state.label}")
        self.state = state
