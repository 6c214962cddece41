"""A person at a browser. What leads to another page is followed by what that page shows, or by its address."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import findings, sideways


@dataclass
class Walk:
    """A person at a browser; every step leaves a picture and is looked at by axe."""

    page: Page
    folder: Path
    size: str
    complaints: list[str] = field(default_factory=list)
    steps: int = 0

    def look(self, name: str) -> None:
        """Keep a picture of the whole page and note what axe finds or what sticks out sideways."""
        self.steps += 1
        self.page.wait_for_load_state()
        self.page.screenshot(path=self.folder / f"{self.steps:02d}-{name}.png", full_page=True, caret="initial")
        self.complaints += [f"{name}: {finding}" for finding in findings(self.page)]
        if sideways(self.page):
            self.complaints.append(f"{name}: scrolls sideways")

    def sign_in(self, number: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto("/login/")
        self.page.get_by_label("警号").fill(number)
        self.page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(re.compile(r"/(workbench|people|settings|trail)/"))

    def press(self, name: str) -> None:
        """The visible button or link of that name; the phone has its own at the foot of the page."""
        target = self.page.locator("button:visible, a:visible").filter(has_text=re.compile(name)).first
        target.click()

    def follow(self, link: Locator, to: str) -> None:
        """Click what leads to a page whose path matches ``to``, and wait for it."""
        link.click()
        arrive(self.page, to)


def arrive(page: Page, path: str) -> None:
    """Wait for a page whose path, without what follows a question mark, matches ``path``."""
    page.wait_for_url(lambda url: re.search(path, urlsplit(url).path) is not None)


def reload_until(page: Page, shown: Locator) -> None:
    """Come back to the page until ``shown`` is there, as it asks: the worker prints the demo's history besides."""
    give_up = monotonic() + 300
    while shown.count() == 0 and monotonic() < give_up:
        page.wait_for_timeout(2000)
        page.reload()
    expect(shown).to_be_visible()


def begin_visit(page: Page) -> str:
    """Begin a visit of the first of one's own premises that has none half done; the sheet is open afterwards.

    The name of the unit.
    """
    page.goto("/inspections/start/")
    half_done = {row.inner_text() for row in page.locator("section li", has_text="继续检查").locator("b").all()}
    for row in page.locator("#units li").filter(has_not_text=re.compile("委员会|物业")).all():
        unit = row.locator("b").inner_text()
        if unit not in half_done:
            row.get_by_role("link", name="选择").click()
            page.wait_for_url(re.compile(r"unit="))
            page.locator("button:visible", has_text=re.compile("^开始检查$")).click()
            arrive(page, "/fill/$")
            return unit
    raise AssertionError(f"a visit of each of the premises is half done: {half_done}")
