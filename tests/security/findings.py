"""What a scanner found, and what was looked at and let stand, with the reason (explained.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

# What tells of known holes in what we depend on, and the days within which each is mended, counted from the day it was
# known (docs/operations.md, Known holes): until then a reason may let it stand, afterwards none does.
AUDITS = {"pip-audit", "npm-audit"}
DAYS = {"critical": 3, "high": 14, "moderate": 30, "low": 90}
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
    """Why findings of one rule at one place stand: ``words`` is a part of the line: a new line is not covered.

    A known hole has a ``severity`` as its advisory says, and the day ``since`` when it was known.
    """

    tool: str
    rule: str
    place: str
    words: str
    why: str
    severity: str = ""
    since: date | None = None

    @property
    def last_day(self) -> date | None:
        """Of a known hole; None for what may stand for good."""
        return self.since + timedelta(DAYS[self.severity]) if self.since else None

    def covers(self, finding: Finding) -> bool:
        same = (self.tool, self.rule, self.place) == (finding.tool, finding.rule, finding.place)
        return same and self.words in finding.words


def excuses(today: date, path: Path = EXPLAINED) -> list[Excuse]:
    """Raises ValueError for one without a reason, and for a known hole without its severity or a day that has been."""
    found = [Excuse(**entry) for entry in tomllib.loads(path.read_text()).get("finding", [])]
    for excuse in found:
        if len(excuse.why) < 20:
            raise ValueError(f"no reason is given: {excuse}")
        dated = excuse.severity in DAYS and excuse.since is not None and excuse.since <= today
        if excuse.tool in AUDITS and not dated:
            raise ValueError(f"a known hole has a severity ({', '.join(DAYS)}) and a day since: {excuse}")
        if excuse.tool == "npm-audit" and excuse.severity != excuse.rule:
            raise ValueError(f"npm says another severity: {excuse}")
    return found


def overdue(known: list[Excuse], today: date) -> list[Excuse]:
    """Holes whose time is over: they are explained no longer."""
    return [excuse for excuse in known if excuse.last_day is not None and excuse.last_day < today]


def judge(findings: list[Finding], known: list[Excuse], tools: set[str]) -> tuple[list[Finding], list[Excuse]]:
    """The findings nobody explained, and the explanations of ``tools`` that explain nothing any more."""
    unexplained = [each for each in findings if not any(excuse.covers(each) for excuse in known)]
    asked = [excuse for excuse in known if excuse.tool in tools]
    return unexplained, [excuse for excuse in asked if not any(excuse.covers(each) for each in findings)]
