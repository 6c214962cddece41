"""送达方式 as one table: when the article allows each, what it asks for, who has to sign (程序规定第36条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from hazards.models import Method, Service

BASIS = "程序规定第36条"
# 电子送达确认书: shown to who signs it, and kept with his signature.
CONSENT = (
    "本单位（本人）同意公安派出所以电子方式向下面的号码送达消防监督文书。"
    "文书在手机上打开并签名确认的时间为送达时间。号码变更的，及时告知派出所。"
)
# Above the signature at the link, and part of what it is bound to.
ACKNOWLEDGED = "签名只表示收到这份通知书，不表示同意其内容。"
# Who may sign for a unit or a person when no officer stands beside him (程序规定第36条: 负责人, 本人, 代收的人).
RELATIONS = ("法定代表人", "主要负责人", "经营者本人", "委托代理人", "受指派的工作人员")


@dataclass(frozen=True)
class Ask:
    """One field of `Service` as a way of serving asks for it; ``known`` are usual answers, others may be typed."""

    field: str
    label: str
    hint: str = ""
    needed: bool = True
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """``when`` the article lets one serve like this, in one line; ``signs``: who signs what."""

    method: Method
    when: str
    signs: str
    asks: tuple[Ask, ...]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(ask.field for ask in self.asks)

    def facts(self, service: Service) -> list[tuple[str, str]]:
        """What was registered, each with its label, in the order it was asked for."""
        told = [(ask.label, _spoken(getattr(service, ask.field))) for ask in self.asks]
        return [(label, words) for label, words in told if words]


def _spoken(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value or "")


PLACE = Ask("place", "送达地点")
RECORDER = "没有见证人的，填写拒收过程录音录像的文件号"

_WAYS = (
    Way(
        Method.DIRECT,
        "交给受送达人本人，单位交给负责人；应当先用这种方式",
        "收件人在送达回证或者通知书存档联上签名、盖章，送达人签名。",
        (
            Ask("served_at", "送达时间"),
            PLACE,
            Ask("recipient", "收件人"),
            Ask(
                "relation",
                "与受送达人关系",
                "如法定代表人、负责人、店长",
                known=("法定代表人", "负责人", "店主", "店长"),
            ),
        ),
    ),
    Way(
        Method.PROXY,
        "受送达人不在：成年家属、单位负责人或者居（村）委会代收",
        "代收人签名，注明与受送达人的关系和代收理由，送达人签名。",
        (
            Ask("served_at", "送达时间"),
            PLACE,
            Ask("recipient", "代收人"),
            Ask(
                "relation",
                "代收人与受送达人关系",
                "可以选，也可以另外填写",
                known=("成年家属", "单位负责人", "居民委员会", "村民委员会"),
            ),
            Ask("reason", "代收理由", "受送达人为什么不在"),
        ),
    ),
    Way(
        Method.LEAVE,
        "受送达人或者代收人拒绝接收、拒绝签名：文书留在其处",
        "注明拒收事由和日期，送达人、见证人签名；没有见证人的，全程录音录像。",
        (
            Ask("served_at", "送达时间"),
            Ask("place", "留置地点"),
            Ask("recipient", "拒收人", needed=False),
            Ask("reason", "拒收事由"),
            Ask("witness", "见证人", "姓名和单位，如李秀英（北大街居委会）；没有的填下一项", needed=False),
            Ask("recorder_no", "执法记录仪文件号", RECORDER, needed=False),
        ),
    ),
    Way(
        Method.ENTRUST,
        "无法直接送达：委托其他公安机关代为送达",
        "收件人和受委托机关的送达人签名，送达回证寄回后附卷。",
        (
            Ask("agent", "受委托机关"),
            Ask("tracking_no", "委托书文号"),
            Ask("sent_on", "委托日期"),
            Ask("served_at", "送达时间", "照受委托机关寄回的送达回证填写"),
            Ask("recipient", "收件人"),
            Ask("relation", "与受送达人关系", needed=False),
            Ask("place", "送达地点", needed=False),
        ),
    ),
    Way(
        Method.MAIL,
        "无法直接送达：邮寄",
        "邮件回执由收件人签名，回执附卷。",
        (
            Ask("tracking_no", "邮件号"),
            Ask("sent_on", "寄出日期"),
            Ask("served_at", "签收时间", "照邮件回执填写"),
            Ask("recipient", "签收人"),
            Ask("relation", "与受送达人关系", needed=False),
            Ask("place", "寄达地址", needed=False),
        ),
    ),
    Way(
        Method.ELECTRONIC,
        "受送达人同意：传真、互联网等能确认收悉的方式",
        "受送达人签订电子送达确认书，确认书和收悉凭据附卷。",
        (
            Ask("consented_by", "同意人"),
            Ask("consented_on", "同意日期"),
            Ask("consent_no", "确认书编号", "受送达人签名的电子送达确认书；纸上签的，写它的编号或者存放处"),
            Ask("channel", "送达方式", "如微信、传真、电子邮件", known=("微信", "传真", "电子邮件", "短信")),
            Ask("account", "接收号码", "微信号、传真号、邮箱或者手机号"),
            Ask("served_at", "收悉时间"),
            Ask("receipt", "怎样确认收悉", "如对方回复“收到”的截图、传真回执"),
            Ask("recipient", "收件人", needed=False),
            Ask("relation", "与受送达人关系", needed=False),
        ),
    ),
    Way(
        Method.NOTICE,
        "以上方式都无法送达：公告，期满后视为送达",
        "公告的照片或者版面附卷，送达人签名。",
        (
            Ask("sent_on", "公告日期"),
            Ask(
                "channel",
                "公告方式",
                "如报纸、公安机关网站、张贴在经营场所",
                known=("报纸", "公安机关网站", "张贴公告"),
            ),
            Ask("reason", "公告的原因", "用过哪些方式，为什么无法送达"),
            Ask("place", "张贴地点", needed=False),
        ),
    ),
)
WAYS: dict[Method, Way] = {way.method: way for way in _WAYS}
