"""make security: every scanner, and what none of them may find unless explained.toml says why it stands.

`python -m tests.security NAME …` runs only the parts named. Exit code 1 for a finding without a reason, a reason
without a finding, a known hole that was not mended in its time, or a scanner that could not look. OFFLINE=1 lets the
audits of packages pass unasked where no advisory service answers; that is said all the same, with the versions they
would have asked about.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from tests.security.attack import attack
from tests.security.findings import Finding, excuses, judge, overdue
from tests.security.scans import CannotLook, bandit, browser_packages, python_packages, semgrep, versions

PARTS: dict[str, tuple[Callable[[], list[Finding]], ...]] = {
    "bandit": (bandit,),
    "semgrep": (semgrep,),
    "packages": (python_packages, browser_packages),
    "wapiti": (attack,),
}
TOOLS = {"bandit": {"bandit"}, "semgrep": {"semgrep"}, "packages": {"pip-audit", "npm-audit"}, "wapiti": {"wapiti"}}


def main(wanted: list[str]) -> int:
    found: list[Finding] = []
    blind: list[str] = []
    looked: set[str] = set()
    for name in wanted or PARTS:
        print(f"==> {name}", flush=True)
        began, before = time.monotonic(), len(found)
        try:
            for part in PARTS[name]:
                found += part()
            looked |= TOOLS[name]
        except CannotLook as reason:
            blind.append(name)
            print(f"    COULD NOT LOOK: {reason}", flush=True)
            continue
        print(f"    {len(found) - before} findings in {time.monotonic() - began:.0f} s", flush=True)
    today = datetime.now(UTC).date()
    known = excuses(today)
    late = overdue(known, today)
    unexplained, stale = judge(found, [each for each in known if each not in late], looked)
    tell(found, unexplained, blind)
    for excuse in late:
        print(f"TIME IS OVER: {excuse.severity} {excuse.rule} of {excuse.words}, to be mended by {excuse.last_day}")
    for excuse in stale:
        print(f"EXPLAINS NOTHING: {excuse.tool} {excuse.rule} {excuse.place}: {excuse.words}")
    offline = blind == ["packages"] and os.environ.get("OFFLINE") == "1"
    return 1 if unexplained or stale or late or (blind and not offline) else 0


def tell(found: list[Finding], unexplained: list[Finding], blind: list[str]) -> None:
    if "packages" in blind:
        print(f"Known holes were NOT looked up. In use: {', '.join(versions())}")
    print("schemathesis: the product has no API and so no OpenAPI document to hold it against")
    print(f"\n{len(found)} findings, {len(found) - len(unexplained)} explained")
    for each in unexplained:
        print(f"UNEXPLAINED: {each}")
    if blind:
        print(f"NOT LOOKED: {', '.join(blind)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
