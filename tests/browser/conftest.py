"""The demo as a user starts it, in a folder of its own, and the distribution's Chromium in front of it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.demo import running_demo

BASE_DIR = Path(__file__).resolve().parents[2]
SCREENS = BASE_DIR / "build" / "screens"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
SIZES = {
    "narrow": {"width": 360, "height": 740},
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1280, "height": 800},
}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a freshly loaded demo, shared by the browser tests; DEMO_URL names one that runs already."""
    if "DEMO_URL" in os.environ:
        yield os.environ["DEMO_URL"]
        return
    with running_demo(tmp_path_factory.mktemp("demo") / "data") as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing: make setup-test installs it")
    # Playwright's five seconds are too few beside the rest of CI; what never comes fails all the same.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, env=os.environ | {"LANGUAGE": "zh_CN"})
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, demo: str) -> Iterator[Callable[[str], Page]]:
    """Open a page of a size (a key of SIZES); an error in the console or a refused resource fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(size: str) -> Page:
        context = chromium.new_context(
            viewport=SIZES[size],
            base_url=demo,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
            has_touch=size != "desk",
            is_mobile=size != "desk",
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: complaints.append(f"{page.url}: {message.text}") if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
