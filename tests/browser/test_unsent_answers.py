"""An answer given without a network or after the session ended is kept on the device and sent once, later."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import SIZES
from tests.browser.walking import begin_visit

pytestmark = pytest.mark.browser
OFFICER = "040101"
KEPT = "() => Object.keys(localStorage).filter((key) => key.startsWith('inspection:')).length"


@pytest.fixture
def sheet(chromium: Browser, demo: str) -> Iterator[Page]:
    """The sheet of a fresh visit on a phone. Errors in the console are expected here: the network is taken away."""
    context = chromium.new_context(viewport=SIZES["phone"], base_url=demo, locale="zh-CN", has_touch=True)
    page = context.new_page()
    page.goto("/login/")
    sign_in(page)
    begin_visit(page)
    page.locator(".tabs [data-tab=mgmt]").click()
    yield page
    context.close()


def sign_in(page: Page) -> None:
    page.get_by_label("警号").fill(OFFICER)
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def choose(page: Page, row: str, value: str) -> None:
    page.locator(f"#item-{row} label", has_text=re.compile(f"^{value}$")).click()


def middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def stored(page: Page) -> list[str]:
    """The values the server knows of the group in view, once nothing waits on the device."""
    all_sent(page)
    page.reload()
    page.locator(".tabs [data-tab=mgmt]").click()
    return [row.input_value() for row in page.locator("[data-group=mgmt] input:checked").all()]


def all_sent(page: Page) -> None:
    page.wait_for_function(f"() => !({KEPT})()")


def test_answers_given_without_a_network_are_sent_when_it_is_back(sheet: Page) -> None:
    sheet.context.set_offline(True)
    choose(sheet, "rules", "有")
    choose(sheet, "checks", "组织开展")
    expect(sheet.locator("#unsent")).to_contain_text("2 项没有送到服务器")
    sheet.context.set_offline(False)
    expect(sheet.locator(".progress-head")).to_contain_text("2 / 22 项")
    expect(sheet.locator("#unsent")).to_be_hidden()
    assert stored(sheet) == ["有", "组织开展"]


def test_answers_given_after_the_session_ended_are_sent_after_signing_in(sheet: Page) -> None:
    sheet.context.clear_cookies(name="sessionid")
    choose(sheet, "rules", "有")
    choose(sheet, "drill", "组织")
    expect(sheet.locator("#unsent")).to_contain_text("登录已过期")
    sheet.get_by_role("link", name="重新登录").click()
    sign_in(sheet)
    expect(sheet.locator(".progress-head")).to_contain_text("2 / 22 项")
    assert stored(sheet) == ["有", "组织"]


def test_signing_in_again_in_another_tab_is_enough(sheet: Page) -> None:
    sheet.context.clear_cookies()
    choose(sheet, "plan", "有")
    expect(sheet.locator("#unsent")).to_be_visible()
    other = sheet.context.new_page()
    other.goto("/login/")
    sign_in(other)
    other.close()
    sheet.get_by_role("button", name="再送一次").click()
    expect(sheet.locator("#unsent")).to_be_hidden()
    assert stored(sheet) == ["有"]


def test_the_last_of_many_quick_answers_stands(sheet: Page) -> None:
    for value in ("有", "无", "有"):
        # By the page itself: a row that has just come back is another element than the one found a moment ago.
        sheet.evaluate("value => document.querySelector(`#item-rules input[value=${value}]`).click()", value)
    expect(sheet.locator("#unsent")).to_be_hidden()
    expect(sheet.locator(".progress-head")).to_contain_text("1 / 22 项")
    assert stored(sheet) == ["有"]


def test_an_answer_that_comes_back_under_the_finger_does_not_lose_the_tap(sheet: Page) -> None:
    held: list[Route] = []
    sheet.route(re.compile(r"/rows/\d+/$"), lambda route: held.append(route), times=1)
    second = sheet.locator("#item-rules label", has_text=re.compile("^无$"))
    second.scroll_into_view_if_needed()
    there = middle(second)
    sheet.clock.install()
    with sheet.expect_request(re.compile(r"/rows/\d+/$")):
        choose(sheet, "rules", "有")
    # At once, as a quick thumb does: what the page still does for the first tap must not let go of the second.
    sheet.mouse.move(*there)
    sheet.mouse.down()
    sheet.clock.run_for(500)
    [answer] = held
    answer.continue_()
    all_sent(sheet)
    assert sheet.locator("#item-rules input:checked").input_value() == "有"
    sheet.mouse.up()
    expect(sheet.locator("#item-rules input:checked")).to_have_value("无")
    expect(sheet.locator(".progress-head")).to_contain_text("1 / 22 项")
    assert stored(sheet) == ["无"]
