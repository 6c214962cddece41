"""What the source must not do, held by its text: put words into a page as HTML, call out but by a setting."""

import ast
import re
from pathlib import Path

import pytest

from tests.security.cryptography import ROOMS, ROOT

AS_HTML = re.compile(
    r"\.(?:innerHTML|outerHTML)\b(?!\s*===)|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser"
    r"|\beval\(|new Function|javascript:"
)
CALLS_OUT = {
    "aiohttp", "asyncio", "ftplib", "http.client", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket", "ssl",
    "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc.client",
}  # fmt: skip


def test_no_script_puts_words_into_a_page_as_html() -> None:
    found = {path.name: AS_HTML.findall(path.read_text()) for path in sorted((ROOT / "static" / "js").glob("*.js"))}
    assert {"app.js", "inspection.js", "verify.js"} <= set(found)
    # The verdict of the public check, a fragment the server has escaped.
    assert {name: said for name, said in found.items() if said} == {"verify.js": [".innerHTML"]}


@pytest.mark.parametrize("word", ["node.innerHTML = name;", "node.insertAdjacentHTML('beforeend', name)", "eval(name)"])
def test_such_a_line_is_seen_and_text_is_not(word: str) -> None:
    assert AS_HTML.search(word)
    assert not AS_HTML.search("node.textContent = name; retrieval(name)")


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names & CALLS_OUT


@pytest.mark.slow
def test_nothing_is_called_but_what_a_setting_names() -> None:
    """Database and broker besides, by their libraries; mail by Django, for EMAIL_URL."""
    found = {str(path.relative_to(ROOT)): _imported(path) for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == {
        # VIRUS_SCANNER
        "fire_supervision/lib/viruses.py": {"socket"},
        # Of the host itself: is the port free, does web answer.
        "scripts/demo.py": {"socket", "http.client"},
        "scripts/healthcheck.py": {"http.client"},
    }


def test_each_part_something_is_said_to_is_written_down() -> None:
    told = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in ("DATABASE_URL", "BROKER_URL", "VIRUS_SCANNER", "EMAIL_URL") if name not in told] == []
    runs = told[told.index("## What runs") :].partition("\n## ")[0]
    assert [part for part in ("PostgreSQL", "Redis", "clamd") if part not in runs] == []
