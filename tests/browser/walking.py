"""A person at a browser."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

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
