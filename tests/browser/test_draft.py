"""预览草稿 opens beside the form: what is typed stays, the button of the act stays, and Enter means the act."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.axe import sideways
from tests.browser.walking import Walk, arrive

pytestmark = pytest.mark.browser
SIGNER = "刘桂香（草稿）"


@pytest.mark.parametrize("size", ["desk", "narrow"])
def test_a_draft_opens_beside_the_form_and_leaves_it_as_it_is(
    size: str, open_page: Callable[[str], Page], tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = open_page(size)
    walk = Walk(page, tmp_path_factory.mktemp("drafts"), size)
    walk.sign_in("040101")
    page.goto("/units/pledges/?pledge=none")
    walk.follow(page.locator("a[href$='/pledge/']").first, r"/units/\d+/pledge/$")
    sign = page.url
    page.get_by_label("单位签名人").fill(SIGNER)
    assert not sideways(page)

    with page.context.expect_event("response", _is_paper) as came, page.expect_popup() as opened:
        page.get_by_role("button", name="预览草稿").click()
    paper: Response = came.value
    assert (paper.status, paper.request.method, paper.headers["cache-control"]) == (200, "POST", "no-store")
    assert opened.value.url == sign

    expect(page.get_by_label("单位签名人")).to_have_value(SIGNER)
    act = page.locator("button:visible").filter(has_text=re.compile("签发(责任书| 1 份责任书)"))
    expect(act).to_be_enabled()
    # Enter in a field is the act, not the draft: it refuses here, on this page, because nobody has signed.
    page.get_by_label("单位签名人").press("Enter")
    expect(page.get_by_role("heading", name="请改正下面的问题")).to_be_visible()
    arrive(page, r"/units/\d+/pledge/$")
    assert len(page.context.pages) == 2


def _is_paper(response: Response) -> bool:
    """Not what the browser's viewer hands on to itself under the same address, which has no head."""
    return response.headers.get("content-type") == "application/pdf"
