"""电子送达: a link to one notice, sent with the addressee's consent; what was done with it is evidence."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from fire_supervision.lib.encrypted import EncryptedTextField
from fire_supervision.lib.errors import RuleError
from hazards.models.lifecycle import OrderState
from hazards.models.order import Order
from records.models import Document, State, new_token
from stations.models import User
from stations.scope import Scoped, ScopedQuerySet
from units.models import Unit


class DispatchState(models.TextChoices):
    SENT = "SENT", "待打开"
    OPENED = "OPENED", "已打开，待确认收悉"
    ACKNOWLEDGED = "ACKNOWLEDGED", "已确认收悉"
    CLOSED = "CLOSED", "已停用"


def dispatch_states() -> list[tuple[str, str]]:
    return DispatchState.choices


DISPATCH_NEXT: dict[DispatchState, frozenset[DispatchState]] = {
    DispatchState.SENT: frozenset({DispatchState.OPENED, DispatchState.CLOSED}),
    DispatchState.OPENED: frozenset({DispatchState.ACKNOWLEDGED, DispatchState.CLOSED}),
    DispatchState.ACKNOWLEDGED: frozenset(),
    DispatchState.CLOSED: frozenset(),
}
# A signed consent from before it was a paper of its own, or whose number is yet to be taken.
SIGNED_HERE = "在屏幕上签名"
RUNNING = (DispatchState.SENT, DispatchState.OPENED)


class DispatchQuerySet(ScopedQuerySet["Dispatch"]):
    def running(self) -> Self:
        """Links that still work; one whose notice was served otherwise, or voided, is dead without a word."""
        return self.filter(state__in=RUNNING, order__state=OrderState.ISSUED)

    def consented(self) -> Self:
        """Links with a 电子送达确认书 of ours that stands, the latest first."""
        return self.filter(document__state=State.ISSUED).order_by("-sent_at")


class Dispatch(Scoped):
    """程序规定第36条: with consent, by a way that proves receipt.

    ``opened_at``: the addressee first read the notice. ``acknowledged_at``: he signed for it, and that serves it.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="dispatches", verbose_name="责令")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    token = models.CharField(max_length=22, unique=True, default=new_token)
    state = models.CharField("状态", max_length=12, choices=dispatch_states, default=DispatchState.SENT)
    consented_by = models.CharField("同意人", max_length=60)
    consented_on = models.DateField("同意日期")
    # 电子送达确认书: signed on the screen, or on paper.
    consent = models.JSONField("确认书签名", null=True, blank=True)
    # What was consented to, with the account it was consented to for: later words bind nobody.
    consent_words = EncryptedTextField("确认书内容", max_length=300, blank=True, default="")
    consent_paper = models.CharField("纸质确认书", max_length=80, blank=True)
    # 电子送达确认书 as a paper of its own, frozen as it was signed; none for one that was signed on paper.
    document = models.OneToOneField(
        Document, models.PROTECT, related_name="+", verbose_name="确认书", null=True, blank=True
    )
    channel = models.CharField("送达方式", max_length=40)
    account = EncryptedTextField("接收号码", max_length=80)
    sent_at = models.DateTimeField("发送时间")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="送达人")
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="第二送达人", null=True, blank=True)
    assistant = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="协助辅警", null=True, blank=True
    )
    recorder_no = models.CharField("执法记录仪文件号", max_length=80, blank=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField("打开时间", null=True, blank=True)
    opened_from = models.CharField("打开的设备", max_length=200, blank=True)
    openings = models.PositiveIntegerField("打开次数", default=0)
    acknowledged_at = models.DateTimeField("确认时间", null=True, blank=True)
    acknowledged_by = models.CharField("确认人", max_length=60, blank=True)
    relation = models.CharField("与受送达人关系", max_length=40, blank=True)
    strokes = models.JSONField("确认人签名", null=True, blank=True)
    # Of what stood on his screen: see `hazards.link_papers.acknowledged_content`; empty from before that was kept.
    context_sha256 = models.CharField("所签内容", max_length=64, blank=True)
    # Degrees (WGS 84) as words, when he agreed to tell them.
    latitude = models.CharField("纬度", max_length=12, blank=True)
    longitude = models.CharField("经度", max_length=12, blank=True)
    closed_why = models.CharField("停用原因", max_length=120, blank=True)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name = "电子送达"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["SENT", "OPENED"]), name="dispatch_one_running"
            ),
            models.CheckConstraint(
                condition=Q(consent__isnull=False) | ~Q(consent_paper=""), name="dispatch_has_consent"
            ),
            models.CheckConstraint(
                condition=~Q(state="ACKNOWLEDGED")
                | (
                    Q(opened_at__isnull=False)
                    & Q(acknowledged_at__isnull=False)
                    & ~Q(acknowledged_by="")
                    & Q(strokes__isnull=False)
                ),
                name="dispatch_acknowledged_is_signed",
            ),
        ]

    def move_to(self, state: DispatchState) -> None:
        """The only assignment of the state; raises RuleError for a move the table does not have."""
        if state not in DISPATCH_NEXT[DispatchState(self.state)]:
            raise RuleError(f"这个送达链接{self.get_state_display()}，不能改为{state.label}")
        self.state = state

    @property
    def is_running(self) -> bool:
        """The Python side of `DispatchQuerySet.running`; its order is read."""
        return self.state in RUNNING and self.order.state == OrderState.ISSUED

    @property
    def consent_no(self) -> str:
        """What the 送达回证 names the consent by; its number is given as the link is made."""
        return self.document.number if self.document else self.consent_paper or SIGNED_HERE

    @property
    def last_four(self) -> str:
        """What the addressee proves by that the link reached him, in small letters: four characters at most.

        Of an address those before the @: behind it stands what half a town has in common.
        """
        return self._own_part[-4:].lower()

    @property
    def last_four_words(self) -> str:
        """What `last_four` is, to whoever was sent the link."""
        if "@" not in self._whole:
            return "本号码后四位"
        return "邮箱@前的最后四位" if len(self._own_part) >= 4 else "邮箱@前的全部字符"

    @property
    def _own_part(self) -> str:
        return self._whole.rpartition("@")[0].strip() or self._whole

    @property
    def _whole(self) -> str:
        return str(self.account).strip().replace("＠", "@")
