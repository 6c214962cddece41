"""`python -m tests.security.table` writes the tables of docs/security.md from docs/security.toml."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- begin: python -m tests.security.table -->", "<!-- end -->"
TITLES = {
    "1": "V1 Encoding and sanitisation", "2": "V2 Validation and business logic", "3": "V3 Web frontend",
    "4": "V4 Web service", "5": "V5 Files", "6": "V6 Authentication", "7": "V7 Sessions", "8": "V8 Authorisation",
    "11": "V11 Cryptography", "12": "V12 Communication", "13": "V13 Configuration", "14": "V14 Data protection",
    "15": "V15 Secure coding", "16": "V16 Logging and errors",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One requirement, in our words: what holds it, by which tests, and what is left to others or to do."""

    key: str
    what: str
    how: str = ""
    tests: list[str] = field(default_factory=list)
    na: str = ""
    deployer: str = ""
    open: str = ""

    @property
    def state(self) -> str:
        if self.na:
            return f"not applicable: {self.na}"
        left = [f"deployer: {self.deployer}"] * bool(self.deployer) + [f"open: {self.open}"] * bool(self.open)
        return "; ".join([*(["met"] if self.tests and not self.open else ["in part"] if self.tests else []), *left])


def rows(standard: str) -> list[Row]:
    """Of `asvs` (levels 1 and 2), `asvs3` or `dengbao`, in their order."""
    told = tomllib.loads((DOCS / "security.toml").read_text())[standard]
    return [Row(key, **facts) for key, facts in told.items()]


def full_name(test: str) -> str:
    path, _, name = test.partition("::")
    return f"tests/{path}.py::{name}"


def table(found: list[Row]) -> str:
    head = "| | requirement | control | test | state |\n|---|---|---|---|---|\n"
    return head + "".join(
        f"| {row.key} | {row.what} | {row.how} | {'<br>'.join(f'`{full_name(each)}`' for each in row.tests)} | "
        f"{row.state} |\n"
        for row in found
    )


def written() -> str:
    """Everything between the two marks."""
    asvs = rows("asvs")
    parts = [
        f"### {title}\n\n{table([row for row in asvs if row.key.split('.')[0] == chapter])}"
        for chapter, title in TITLES.items()
    ]
    third = f"### Of level 3, what is asked of this product\n\n{table(rows('asvs3'))}"
    return "\n".join([*parts, third, f"## 等级保护三级, GB/T 22239-2019 §8.1.4\n\n{table(rows('dengbao'))}"])


def page() -> str:
    """docs/security.md with its tables written anew."""
    before, _, rest = (DOCS / "security.md").read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n\n{written()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    (DOCS / "security.md").write_text(page())
