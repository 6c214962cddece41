"""The demo as a user starts it, in a folder of its own, and the distribution's Chromium in front of it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
START_SECONDS = 240


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """`make demo` without its install step; the address once it is ready, and everything ended afterwards."""
    port = free_port()
    environment = os.environ | {"DEMO_DIR": str(folder), "SWEEP_SECONDS": "2", "LOG_LEVEL": "WARNING"}
    for name in ("DEBUG", "DATABASE_URL", "BROKER_URL", "DATA_DIR", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    log = folder.parent / "demo.log"
    with log.open("w") as output:
        demo = subprocess.Popen(
            [sys.executable, "scripts/demo.py", "--port", str(port)],
            cwd=BASE_DIR,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_ready(demo, log)
            yield f"http://localhost:{port}"
        finally:
            demo.send_signal(signal.SIGINT)
            try:
                demo.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(demo.pid, signal.SIGKILL)


def _wait_until_ready(demo: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = monotonic() + START_SECONDS
    while "ready after" not in log.read_text(errors="replace"):
        if demo.poll() is not None or monotonic() > give_up:
            pytest.fail(f"the demo did not start:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            demo.wait(0.2)
        except subprocess.TimeoutExpired:
            continue


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
