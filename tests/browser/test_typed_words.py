"""What was typed into a form outlives the end of the session, for the person who typed it alone."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SIZES

pytestmark = pytest.mark.browser
OFFICER, CHIEF = "040101", "040001"


@pytest.fixture
def form(chromium: Browser, demo: str) -> Iterator[Page]:
    """A new unit half written; the session ends before it is sent."""
    context = chromium.new_context(viewport=SIZES["desk"], base_url=demo, locale="zh-CN")
    page = context.new_page()
    page.goto("/login/")
    sign_in(page, OFFICER)
    page.goto("/units/new/")
    page.get_by_label("名称").fill("半路登记的小店")
    page.get_by_label("地址").fill("北大街1号")
    context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="登记").locator("visible=true").click()
    page.wait_for_url(re.compile("/login/"))
    yield page
    context.close()


def sign_in(page: Page, number: str) -> None:
    page.get_by_label("警号").fill(number)
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def test_the_form_is_filled_again_after_signing_in(form: Page) -> None:
    sign_in(form, OFFICER)
    expect(form.locator("#restored")).to_be_visible()
    assert (form.get_by_label("名称").input_value(), form.get_by_label("地址").input_value()) == (
        "半路登记的小店",
        "北大街1号",
    )
    form.reload()
    assert form.get_by_label("名称").input_value() == ""


def test_somebody_else_at_the_same_desk_sees_nothing_of_it(form: Page) -> None:
    sign_in(form, CHIEF)
    expect(form.locator("#restored")).to_be_hidden()
    assert form.get_by_label("名称").input_value() == ""
    assert form.evaluate("sessionStorage.getItem('typed')") is None


# ---------- proving again who one is ----------

NEW = "/units/new/"
# Not the question, whose address ends in it.
AT_FORM = re.compile(f"//[^/]+{NEW}$")


@pytest.fixture
def asked(chromium: Browser, demo: str) -> Iterator[Page]:
    """A new unit half written; sending it asks who one is, as at the end of a shift."""
    context = chromium.new_context(viewport=SIZES["phone"], base_url=demo, locale="zh-CN")
    page = context.new_page()
    page.goto("/login/")
    sign_in(page, OFFICER)
    page.goto(NEW)
    page.get_by_label("名称").fill("半路登记的小店")
    question = f"/step-up/?for=ISSUE_PAPERS&next={NEW}"
    page.route(
        AT_FORM,
        lambda route: (
            route.fulfill(status=302, headers={"Location": question})
            if route.request.method == "POST"
            else route.fallback()
        ),
    )
    page.get_by_role("button", name="登记").locator("visible=true").click()
    page.wait_for_url(re.compile("/step-up/"))
    yield page
    context.close()


def is_filled(page: Page) -> None:
    page.wait_for_url(AT_FORM)
    expect(page.locator("#restored")).to_be_visible()
    assert page.get_by_label("名称").input_value() == "半路登记的小店"


def test_the_form_is_filled_again_after_the_proof(asked: Page) -> None:
    asked.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    asked.get_by_role("button", name="确认").click()
    is_filled(asked)


def test_the_form_is_filled_again_after_cancelling(asked: Page) -> None:
    asked.get_by_role("link", name="取消").click()
    is_filled(asked)


def test_the_words_wait_while_one_looks_elsewhere(asked: Page) -> None:
    asked.goto("/me/")
    expect(asked.locator("#restored")).to_be_hidden()
    asked.goto(NEW)
    is_filled(asked)
    asked.goto(NEW)
    assert asked.get_by_label("名称").input_value() == ""
