"""The paper beside its review: it shows in a frame of our own under the policy, and the page embeds no other site."""

import re
from collections.abc import Callable
from time import monotonic

import pytest
from django.conf import settings
from playwright.sync_api import Page, Response, expect

pytestmark = pytest.mark.browser
SUPERVISOR = "900101"


def until_printed(page: Page, review: str) -> None:
    """The worker prints the demo's history; asked for beside the page, so that no frame is cut short on its way."""
    give_up = monotonic() + 300
    while "paper-frame" not in page.request.get(review).text():
        assert monotonic() < give_up, "the paper was not printed in five minutes"
        page.wait_for_timeout(2000)


def is_paper(response: Response) -> bool:
    """Not what the browser's viewer hands on to itself under the same address, which has no head."""
    return re.search(r"/papers/\d+/.*ARCHIVE", response.url) is not None and "content-type" in response.headers


def test_the_pdf_comes_into_its_frame_and_nothing_is_stopped(open_page: Callable[[str], Page]) -> None:
    """`open_page` fails for whatever the console complains of: the policy, or an embedded file that may not be."""
    page = open_page("desk")
    page.goto("/login/")
    page.get_by_label("警号").fill(SUPERVISOR)
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto("/filings/")
    review = page.locator("td.c1 a[href^='/filings/'], a.nm[href^='/filings/']").first.get_attribute("href") or ""
    until_printed(page, review)
    with page.expect_response(is_paper) as came:
        page.goto(review)
    paper: Response = came.value

    assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.headers["cross-origin-embedder-policy"] == "require-corp"
    assert "frame-ancestors 'self'" in paper.headers["content-security-policy"]
    expect(page.locator("iframe.paper-frame")).to_be_visible()
    assert page.evaluate("crossOriginIsolated") is True
