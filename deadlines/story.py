"""What the page of a case tells: its clocks in words, what has to be done now, one line for each act."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from deadlines.models import Clock, ClockState
from deadlines.rules import Days


@dataclass(frozen=True)
class Shown:
    """A clock as a chip: its words now and their tone; ``began`` is what its first day was."""

    clock: Clock
    words: str
    tone: str
    began: str = ""

    @property
    def days(self) -> Days:
        """The explanation for the `days` tag, its first day with what it was."""
        first = [day | {"label": self.began or day["label"]} for day in self.clock.days[:1]]
        return [*first, *self.clock.days[1:]]

    @property
    def ended(self) -> str:
        """When it was met and whether in time, or why it fell away; empty while it runs."""
        if self.clock.state == ClockState.CANCELLED:
            return f"已撤销：{self.clock.detail}"
        if self.clock.met_on is None:
            return ""
        return f"{self.clock.met_on:%Y-%m-%d} 完成，{'逾期' if self.clock.was_late else '按时'}"

    @property
    def basis(self) -> str:
        rule = self.clock.rule
        return f"{rule.basis}：{rule.text}" if rule.text else rule.basis

    @property
    def due(self) -> date | datetime:
        return self.clock.due_at or self.clock.due_on


@dataclass(frozen=True)
class NextAct:
    """What has to be done now and why; no button when there is nothing this person may do."""

    title: str
    text: str = ""
    button: str = ""
    url: str = ""
    shown: Shown | None = None
    tone: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of 办理经过, in the keys of `_timeline.html`; ``clocks`` are those the act ended or waits for."""

    when: Any
    title: str
    text: str = ""
    tone: str = ""
    links: list[dict[str, str]] = field(default_factory=list)
    by: str = ""
    clocks: list[Shown] = field(default_factory=list)
