"""wapiti against the demo on loopback, as nobody and as each kind of person, within three quarters of an hour."""

import json
import os
import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from itertools import chain
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from tests.demo import running_demo
from tests.security.findings import Finding
from tests.security.scans import BASE_DIR, CannotLook

WAPITI = BASE_DIR / "var" / "tools" / "attack" / "bin" / "wapiti"
PASSWORD = "xiaofang-demo-119"
# Nobody, 辅警, 民警, 所长, two 消防监督员, 大队领导, 分局业务民警, 局领导, 系统管理员, 安全管理员, 审计管理员.
EVERYBODY = (
    "nobody", "040201", "040101", "040001", "900101", "900102", "900001", "800001", "800002", "700001", "700002",
    "700003",
)  # fmt: skip
# What each act and each file needs a proof of its own for; the rest is open to whoever has just signed in.
EACH_TIME = ("VOID_PAPERS", "EXPORT")
# Those that ask outside for help (ssrf, log4shell …) or look for other products (wp_enum …) have nothing to find here.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,http_headers,information_disclosure,methods,permanentxss,redirect,"
    "sql,upload,xss"
)
# To walk, and for each module at most: most of the modules end long before. ATTACK_SECONDS=20 for a first look.
SECONDS = int(os.environ.get("ATTACK_SECONDS", "90"))
MODULE_SECONDS = min(SECONDS, 20)
# Whoever sees no more than the sign-in page finds eight addresses with its scripts.
INSIDE = 30
# Library files are not ours; the others end a session, of whoever walks or of the next: everybody is attacked as.
LEFT_ALONE = (
    "/static/*", "/logout/", "/me/sessions/*", "/password/", "/people/*/password/", "/people/*/disable/",
    "/people/*/move/", "/step-up/*", "/settings/sign-in/*/factors/", "/settings/sign-in/*/sessions/",
    "/settings/sign-in/sessions/",
)  # fmt: skip
# As many as the demo has processes for pages.
AT_ONCE = 2


def attack() -> list[Finding]:
    """Everything found, an address named without its numbers, so that a run finds what the last one did."""
    # From one address come more requests than from a bureau: the rates have tests of their own.
    os.environ.update(dict.fromkeys(("RATE_SIGN_IN", "RATE_VERIFY", "RATE_RECEIPT", "RATE_CSP_REPORT"), "0"))
    # As somebody who has just proved who he is, from the first page to the last.
    os.environ.update(STEP_UP_HOURS="24", STEP_UP_MINUTES="600")
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder) / "data") as address:
        people = os.environ.get("ATTACK_AS", "").split() or EVERYBODY
        with ThreadPoolExecutor(AT_ONCE) as at_once:
            found = at_once.map(lambda number: _attack_as(number, address, Path(folder)), people)
            return sorted(set().union(*found), key=str)


def _attack_as(number: str, address: str, folder: Path) -> set[Finding]:
    report, began = folder / f"{number}.json", time.monotonic()
    command = [
        str(WAPITI), "--url", f"{address}/", "--module", MODULES, "--scope", "domain", "--format", "json",
        "--output", str(report), "--flush-session", "--store-session", str(folder / number), "--no-bugreport",
        "--max-scan-time", str(SECONDS), "--max-attack-time", str(MODULE_SECONDS), "--max-links-per-page", "40",
        "--max-files-per-dir", "8", "--depth", "6", "--tasks", "4", "--verbose", "0",
        # Not --drop-set-cookie: it takes the session away as well.
        *chain.from_iterable(("--exclude", address + path) for path in LEFT_ALONE),
    ]  # fmt: skip
    cookies = "" if number == "nobody" else _session(address, number)
    if cookies:
        command += ["--cookie-value", cookies]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not report.exists():
        raise CannotLook(f"wapiti wrote no report for {number}: {(done.stderr or done.stdout)[-300:]}")
    told = json.loads(report.read_text())
    if told["infos"]["crawled_pages_nbr"] < (INSIDE if cookies else 2):
        raise CannotLook(f"wapiti saw no page as {number}")
    if cookies and not _is_in(address, cookies):
        raise CannotLook(f"{number} was signed out on the way: what came after was not attacked")
    pages, took = told["infos"]["crawled_pages_nbr"], time.monotonic() - began
    print(f"    {number}: {pages} pages in {took:.0f} s", flush=True)
    return set(_findings(told))


def _findings(told: dict[str, dict[str, list[dict[str, str]]]]) -> list[Finding]:
    kinds = {**told["vulnerabilities"], **told["anomalies"]}
    return [
        Finding("wapiti", kind, re.sub(r"\d+", "N", urlsplit(row["path"]).path), f"{row['method']} {row['info']}"[:200])
        for kind, rows in kinds.items()
        for row in rows
    ]


def _session(address: str, number: str) -> str:
    """Sign in as a browser does and prove it once more for what asks each time; the cookies of the session."""
    jar = CookieJar()
    opener = build_opener(HTTPCookieProcessor(jar))
    _send(opener, f"{address}/login/", number=number, password=PASSWORD)
    for capability in EACH_TIME:
        answer = _send(opener, f"{address}/step-up/?for={capability}&next=/me/", password=PASSWORD)
        if urlsplit(answer).path != "/me/":
            raise CannotLook(f"{number} could not prove himself for {capability}: {answer}")
    cookies = ";".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    if not _is_in(address, cookies):
        raise CannotLook(f"{number} was not let in")
    return cookies


def _send(opener: OpenerDirector, page: str, **typed: str) -> str:
    """Fill in the form of a page and send it; the address it leads to."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', opener.open(page).read().decode())
    if token is None:
        raise CannotLook(f"{page} has no form")
    body = urlencode({"csrfmiddlewaretoken": token[1], **typed}).encode()
    return str(opener.open(Request(page, body, {"Referer": page})).geturl())


def _is_in(address: str, cookies: str) -> bool:
    """Whether the first page shows itself, not the door, nor a key that is still owed."""
    answer = build_opener().open(Request(f"{address}/", headers={"Cookie": cookies.replace(";", "; ")}))
    return not urlsplit(answer.geturl()).path.startswith(("/login/", "/password/", "/me/factors/"))
