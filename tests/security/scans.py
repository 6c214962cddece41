"""The scanners that read: bandit, semgrep with the rules of the house, the audits of what we depend on."""

import json
import os
import re
import subprocess
from pathlib import Path

from tests.security.findings import Finding

BASE_DIR = Path(__file__).resolve().parents[2]
SCAN = BASE_DIR / "var" / "tools" / "scan" / "bin"
RULES = Path(__file__).with_name("rules")
ROOMS = (
    "fire_supervision", "trail", "stations", "deadlines", "records", "units", "inspections", "hazards", "filings",
    "assessments", "desk", "scripts", "manage.py",
)  # fmt: skip
PAGES = ("templates", "static/js")
# Neither looks for a newer release of itself, nor tells anybody what it saw.
QUIET = ["--metrics=off", "--disable-version-check"]


class CannotLook(Exception):
    """A scanner could not do its work; nothing may be concluded from its silence."""


def bandit() -> list[Finding]:
    answer = _run(
        [SCAN / "bandit", "--configfile", "pyproject.toml", "--recursive", "--quiet", "--format=json", *ROOMS]
    )
    return [
        Finding(
            "bandit",
            each["test_id"],
            each["filename"],
            _line(each["filename"], each["line_number"]),
            each["line_number"],
        )
        for each in json.loads(answer)["results"]
    ]


def semgrep() -> list[Finding]:
    """The rules of the house, after they were held against their own bad and good lines."""
    command = [SCAN / "semgrep", "scan", *QUIET]
    _run([*command, "--test", RULES], good=(0,))
    answer = json.loads(_run([*command, "--config", RULES / "house.yml", "--json", "--quiet", *ROOMS, *PAGES]))
    if answer["errors"]:
        raise CannotLook(f"semgrep: {answer['errors'][0].get('message', answer['errors'][0])}")
    return [
        Finding(
            "semgrep",
            each["check_id"].rsplit(".", 1)[-1],
            each["path"],
            _line(each["path"], each["start"]["line"]),
            each["start"]["line"],
        )
        for each in answer["results"]
    ]


def python_packages() -> list[Finding]:
    """Known holes in what the lock names. Raises CannotLook when the advisories were not to be had.

    Without --strict the audit skips what it could not ask about and ends with 0.
    """
    command = [
        SCAN / "pip-audit",
        "--strict",
        "--disable-pip",
        "--require-hashes",
        "--format=json",
        "--progress-spinner=off",
    ]
    done = subprocess.run(
        [*command, "-r", "requirements.txt"], cwd=BASE_DIR, capture_output=True, text=True, check=False
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        raise CannotLook(f"pip-audit: {_last(done.stderr)}") from None
    if skipped := [each["name"] for each in packages if "skip_reason" in each]:
        raise CannotLook(f"pip-audit was not told about {', '.join(skipped)}")
    return [
        Finding("pip-audit", hole["id"], "requirements.txt", f"{package['name']} {package['version']}")
        for package in packages
        for hole in package["vulns"]
    ]


def browser_packages() -> list[Finding]:
    """Known holes in what the browser is sent. Raises CannotLook as above."""
    done = subprocess.run(
        ["npm", "audit", "--omit=dev", "--json"], cwd=BASE_DIR, capture_output=True, text=True, check=False
    )
    try:
        holes = json.loads(done.stdout)["vulnerabilities"]
    except (ValueError, KeyError):
        raise CannotLook(f"npm audit: {_last(done.stderr or done.stdout)}") from None
    return [Finding("npm-audit", hole["severity"], "package-lock.json", name) for name, hole in holes.items()]


def versions() -> list[str]:
    """What would have been asked about: name and version of everything the product runs with."""
    python = re.findall(r"^([\w.-]+)==([^ ;\\]+)", (BASE_DIR / "requirements.txt").read_text(), re.MULTILINE)
    browser = json.loads((BASE_DIR / "package-lock.json").read_text())["packages"]
    sent = {
        path.removeprefix("node_modules/"): row["version"]
        for path, row in browser.items()
        if path and not (row.get("dev") or row.get("optional"))
    }
    return [f"{name} {version}" for name, version in [*python, *sent.items()]]


def _run(command: list[str | Path], good: tuple[int, ...] = (0, 1)) -> str:
    """What the scanner printed; bandit ends with 1 when it found something."""
    environment = os.environ | {"SEMGREP_SEND_METRICS": "off", "PATH": f"{SCAN}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise CannotLook(f"{Path(command[0]).name} ended with {done.returncode}: {_last(done.stderr or done.stdout)}")
    return done.stdout


def _line(path: str, number: int) -> str:
    return (BASE_DIR / path).read_text().splitlines()[number - 1].strip()


def _last(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
