"""What a scanner found, and what was looked at and let stand, with the reason (explained.toml)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

EXPLAINED = Path(__file__).with_name("explained.toml")


@dataclass(frozen=True)
class Finding:
    """One line of one file, or one address; ``words`` are that line, or what the scanner says of the address."""

    tool: str
    rule: str
    place: str
    words: str
    line: int = 0

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        return f"{self.tool} {self.rule} {where}: {self.words}"


@dataclass(frozen=True)
class Excuse:
    """Why findings of one rule at one place stand: ``words`` is a part of the line: a new line is not covered."""

    tool: str
    rule: str
    place: str
    words: str
    why: str

    def covers(self, finding: Finding) -> bool:
        same = (self.tool, self.rule, self.place) == (finding.tool, finding.rule, finding.place)
        return same and self.words in finding.words


def excuses(path: Path = EXPLAINED) -> list[Excuse]:
    """Raises ValueError for one without a reason."""
    found = [Excuse(**entry) for entry in tomllib.loads(path.read_text()).get("finding", [])]
    for excuse in found:
        if len(excuse.why) < 20:
            raise ValueError(f"no reason is given: {excuse}")
    return found


def judge(findings: list[Finding], known: list[Excuse], tools: set[str]) -> tuple[list[Finding], list[Excuse]]:
    """The findings nobody explained, and the explanations of ``tools`` that explain nothing any more."""
    unexplained = [each for each in findings if not any(excuse.covers(each) for excuse in known)]
    asked = [excuse for excuse in known if excuse.tool in tools]
    return unexplained, [excuse for excuse in asked if not any(excuse.covers(each) for each in findings)]
