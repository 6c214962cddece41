"""What every template of the product has to keep, whoever wrote it."""

import gzip
import re
from pathlib import Path

import pytest

from fire_supervision.context import OWN, RAIL
from fire_supervision.lib.templatetags.ui import CLOCK_ICONS

BASE_DIR = Path(__file__).resolve().parents[2]
# A paper is a document of its own: it is printed, not sent to a browser.
PAGES = sorted(path for path in (BASE_DIR / "templates").rglob("*.html") if "papers" not in path.parts)
ICONS = (BASE_DIR / "static" / "icons.txt").read_text().split()
STYLES = BASE_DIR / "static" / "dist" / "app.css"


def name(path: Path) -> str:
    return str(path.relative_to(BASE_DIR / "templates"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_has_nothing_the_content_security_policy_refuses(page: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", page.read_text(), flags=re.DOTALL)
    assert re.findall(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']|javascript:""", text) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_icon_of_a_page_is_in_the_sprite(page: Path) -> None:
    used = re.findall(r"""{% icon ["']([a-z0-9-]+)["']|symbol=["']([a-z0-9-]+)["']""", page.read_text())
    assert sorted({one or other for one, other in used} - set(ICONS)) == []


def test_every_icon_named_in_code_is_in_the_sprite() -> None:
    assert sorted({entry.icon for entry in (*RAIL, OWN)} - set(ICONS)) == []
    assert sorted(set(CLOCK_ICONS.values()) - set(ICONS)) == []


def test_the_list_of_icons_is_sorted_and_names_each_once() -> None:
    assert sorted(set(ICONS)) == ICONS


@pytest.mark.skipif(not STYLES.exists(), reason="the stylesheet has not been built (npm run build)")
def test_the_stylesheet_stays_small() -> None:
    assert len(gzip.compress(STYLES.read_bytes())) < 25_000
