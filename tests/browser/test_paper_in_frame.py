"""The paper beside its review: it shows in a frame of our own under the policy, and the page embeds no other site."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, Response

pytestmark = pytest.mark.browser
SUPERVISOR = "900101"


def test_the_pdf_comes_into_its_frame_and_nothing_is_stopped(open_page: Callable[[str], Page]) -> None:
    """`open_page` fails for whatever the console complains of: the policy, or an embedded file that may not be."""
    page = open_page("desk")
    page.goto("/login/")
    page.get_by_label("警号").fill(SUPERVISOR)
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto("/filings/")
    with page.expect_response(re.compile(r"/papers/\d+/.*ARCHIVE")) as came:
        page.locator("td.c1 a[href^='/filings/'], a.nm[href^='/filings/']").first.click()
    paper: Response = came.value

    assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.headers["cross-origin-embedder-policy"] == "require-corp"
    assert "frame-ancestors 'self'" in paper.headers["content-security-policy"]
    assert page.locator("iframe.paper-frame").is_visible()
    assert page.evaluate("crossOriginIsolated") is True
