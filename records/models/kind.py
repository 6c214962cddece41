"""The kinds of papers, and what is fixed about each: its words, its number, its copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models


class Kind(models.TextChoices):
    """What is numbered, a series each for a station and a year."""

    INSPECTION_RECORD = "INSPECTION_RECORD", "公安派出所日常消防监督检查记录"
    RECHECK_RECORD = "RECHECK_RECORD", "公安派出所日常消防监督检查记录（复查）"
    ORDER_NOW = "ORDER_NOW", "责令立即改正通知书"
    ORDER_LIMIT = "ORDER_LIMIT", "责令限期改正通知书"
    SERVICE_RECEIPT = "SERVICE_RECEIPT", "送达回证"
    SERVICE_CONSENT = "SERVICE_CONSENT", "电子送达确认书"
    EXTENSION = "EXTENSION", "延期改正审批表"
    REFERRAL = "REFERRAL", "移送函"
    HAZARD_REPORT = "HAZARD_REPORT", "火灾隐患报告"
    COMPLAINT = "COMPLAINT", "举报登记"
    COMPLAINT_REPLY = "COMPLAINT_REPLY", "举报答复"
    PLEDGE = "PLEDGE", "消防安全责任书"
    BULLETIN = "BULLETIN", "消防工作季度通报"


def kinds() -> list[tuple[str, str]]:
    return Kind.choices


# Who complained may be read from them: only whoever may view complaints reaches them (程序规定第61条, 保密).
OF_COMPLAINTS = (Kind.COMPLAINT, Kind.COMPLAINT_REPLY)


class Copy(models.TextChoices):
    """Copies differ in what stands on them, so each is a file of its own: 当事人签收 is on the archive copy only.

    Sorted backwards the codes stand in the order in which copies are listed and printed: what is handed over first.
    """

    UNIT = "UNIT", "交单位"
    RECEIVER = "RECEIVER", "交接收人"
    RECEIPT = "RECEIPT", "回执"
    CC = "CC", "抄送"
    ARCHIVE = "ARCHIVE", "存档"


def copies() -> list[tuple[str, str]]:
    return Copy.choices


@dataclass(frozen=True)
class Form:
    """``word`` is the 文书代字 of its number; ``official``: numbered as 公文, without 第 and leading zeros (GB/T 9704).

    ``copies``: what each copy is called, the one handed over first; ``copies_line``: what the paper says of them.
    ``reviewed``: the brigade looks at it. ``officers``: how many are named on it at least (行政处罚法第42条: two).
    """

    word: str
    copies: Mapping[Copy, str] = field(default_factory=lambda: {Copy.ARCHIVE: "存档"})
    copies_line: str = ""
    official: bool = False
    reviewed: bool = False
    officers: int = 0

    def name_of(self, copy: Copy) -> str:
        """What a printed copy of this kind is called; by its general name where the kind has no such copy now."""
        return self.copies.get(copy, copy.label)

    def mark_of(self, copy: Copy) -> str:
        """What stands at the foot of a copy, so that those of one paper are told apart; a single one needs none."""
        return f"{self.name_of(copy)}联" if len(self.copies) > 1 else ""


def _handed(copy: Copy, to: str, kept: str = "存档") -> dict[Copy, str]:
    """Two copies: one for the other side, one for the files."""
    return {copy: to, Copy.ARCHIVE: kept}


_FILED = {Copy.ARCHIVE: "附卷"}
# The orders as 制作和使用说明 has it (公通字〔2009〕21号); who keeps the copies of the others no national form
# says: 待核定.
_ORDER = (_handed(Copy.UNIT, "交被检查单位"), "一式两份，一份交被检查单位（场所），一份存档。")
FORMS: dict[Kind, Form] = {
    Kind.INSPECTION_RECORD: Form("检", reviewed=True, officers=2),
    Kind.RECHECK_RECORD: Form("复", officers=2),
    Kind.ORDER_NOW: Form("即", *_ORDER, reviewed=True, officers=2),
    Kind.ORDER_LIMIT: Form("限", *_ORDER, reviewed=True, officers=2),
    # 程序规定第52条: one officer may serve with an assistant if the whole act is recorded.
    Kind.SERVICE_RECEIPT: Form("送证", _FILED, "一份，附卷。", officers=1),
    Kind.SERVICE_CONSENT: Form("电送", _FILED, "一份，附卷。", officers=1),
    Kind.EXTENSION: Form("延", _FILED, "一份，附卷。审批结果由送达人告知申请单位。"),
    Kind.REFERRAL: Form(
        "移",
        {Copy.RECEIVER: "交接收单位", Copy.RECEIPT: "回执", Copy.ARCHIVE: "附卷"},
        "一式三份，一份交接收单位，一份作回执，一份附卷。",
        officers=1,
    ),
    Kind.HAZARD_REPORT: Form(
        "报",
        {Copy.RECEIVER: "报送", Copy.CC: "抄送", Copy.ARCHIVE: "存档"},
        "一式三份，一份报送，一份抄送，一份存档。",
    ),
    Kind.COMPLAINT: Form("举"),
    Kind.COMPLAINT_REPLY: Form("举复", _handed(Copy.RECEIVER, "交举报人"), "一式两份，一份交举报人，一份存档。"),
    Kind.PLEDGE: Form("责", _handed(Copy.UNIT, "交乙方", "甲方存档"), "一式两份，双方各执一份。"),
    Kind.BULLETIN: Form("", official=True),
}


# Sent or published under the seal: nobody signs them on the spot, and what comes back is a slip.
LETTERS = (Kind.REFERRAL, Kind.HAZARD_REPORT, Kind.COMPLAINT_REPLY, Kind.BULLETIN)
# What is voided and issued anew by itself while what it witnesses stands; any other falls with its act.
FALL_ALONE = (Kind.SERVICE_RECEIPT, Kind.REFERRAL, Kind.COMPLAINT_REPLY)


def kinds_of_station() -> list[Kind]:
    """What a station numbers; the rest are 公文, which its bureau issues in a series of its own."""
    return [kind for kind in Kind if not FORMS[kind].official]
