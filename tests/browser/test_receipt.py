"""A notice served by a link: the officer makes it, the addressee opens it on his own phone and signs with a finger."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENS, SIZES
from tests.browser.walking import Walk, reload_until

pytestmark = pytest.mark.browser


def draw(page: Page, pad: str) -> None:
    """A stroke across the pad."""
    page.locator(pad).scroll_into_view_if_needed()
    box = page.locator(pad).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=6)
    page.mouse.up()


def test_the_addressee_signs_on_his_phone_and_the_notice_is_served(
    open_page: Callable[[str], Page], chromium: Browser, demo: str
) -> None:
    folder = SCREENS / "receipt"
    folder.mkdir(parents=True, exist_ok=True)
    walk = Walk(open_page("narrow"), folder, "narrow")
    walk.sign_in("040101")
    page = walk.page
    page.goto("/workbench/")
    waiting = page.locator("main a[href$='/serve/']").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    for order in (href.removesuffix("serve/") for href in waiting):
        page.goto(order + "dispatch/")
        # Of a notice whose period is over no link is made: its own page says so instead.
        if "dispatch" in page.url:
            break
    if "/dispatches/" in page.url:  # the demo has sent this one already
        code = page.locator("textarea").input_value()
    else:
        page.get_by_label("接收号码").fill("13900006688")
        draw(page, "[data-signature]")
        page.evaluate("scrollTo(0, 0)")  # where the pad left it, the bar at the top covers half of a field
        walk.look("发送链接")
        page.locator("button:visible", has_text="生成链接").click()
        page.wait_for_url(re.compile("/dispatches/"))
        code = page.locator("textarea").input_value()
    walk.look("链接")
    link = re.search(r"https?://\S+?(/s/[\w-]+/)", code)
    assert link is not None
    theirs = chromium.new_context(
        viewport=SIZES["narrow"], base_url=demo, locale="zh-CN", has_touch=True, is_mobile=True
    )
    phone = Walk(theirs.new_page(), folder, "narrow")
    phone.page.goto(link[1])
    phone.look("核对号码")
    account = page.locator(".panel-head .end").first.inner_text()[-4:]
    phone.page.get_by_label("接收号码后四位").fill(account)
    phone.page.get_by_role("button", name="打开文书").click()
    expect(phone.page.get_by_text(re.compile("阅读通知书全文|通知书正在制作")).first).to_be_visible()
    reload_until(phone.page, phone.page.get_by_role("link", name="阅读通知书全文"))
    phone.page.get_by_label("姓名").fill("刘桂香")
    phone.page.get_by_label("与受送达人关系").select_option("经营者本人")
    draw(phone.page, "[data-signature]")
    phone.look("确认收悉")
    phone.page.get_by_role("button", name="确认收悉").click()
    expect(phone.page.locator(".note.is-green")).to_contain_text("签名确认收悉")
    phone.look("已确认")
    theirs.close()
    page.goto(order)
    expect(page.locator("h1")).to_contain_text("已送达")
    walk.look("已送达")
    assert [*walk.complaints, *phone.complaints] == []
