"""What an officer enters at the door, as plain values between the forms and the actions."""

from dataclasses import dataclass
from typing import Any

from fire_supervision.lib.errors import RuleError
from inspections.bases import only_referred
from inspections.models import HazardType, Mode
from inspections.rules import compose
from stations.models import User


@dataclass(frozen=True)
class FindingDraft:
    """What the officer says of a hazard: where, in which words, how many, until when."""

    place: str
    words: str
    quantity: str = ""
    mode: str = Mode.LIMIT
    days: int = 0
    fixed_on_spot: bool = False
    grave: bool = False

    def values(self, hazard_type: HazardType) -> dict[str, Any]:
        """Field values of `Finding`; raises RuleError for a period the rules do not have."""
        mode, days = ("", 0) if only_referred(hazard_type.order_item) else (self.mode, self.days)
        if mode == Mode.LIMIT and days < 1:
            raise RuleError("限期改正要写明天数。", remedy="填写 1 天以上的期限，或改为立即改正。")
        now = mode == Mode.NOW
        wording = compose(self.place, self.words, self.quantity)
        if len(wording) > 300:
            raise RuleError("隐患表述超过 300 字。", remedy="请写短一些，细节写在说明里。")
        return {
            "place": self.place, "quantity": self.quantity, "wording": wording, "mode": mode,
            "days": 0 if now else days, "fixed_on_spot": self.fixed_on_spot and now, "grave": self.grave,
        }  # fmt: skip


@dataclass(frozen=True)
class People:
    """Who was there. ``refusal`` says why nobody of the unit signs, ``witness`` who saw it.

    ``ink``: all sign on the printed paper.
    """

    second: User | None
    assistant: User | None = None
    showed_id: bool = False
    companion: str = ""
    companion_post: str = ""
    refusal: str = ""
    ink: bool = False
    remark: str = ""
    witness: str = ""
