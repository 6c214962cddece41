"""A passkey from enrolling to signing in with it, in Chromium with an authenticator of its own (WebAuthn by CDP)."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.axe import findings, sideways

pytestmark = pytest.mark.browser

# Nobody else walks with it, and it may end with an account that asks for a passkey.
NUMBER = "900102"


def with_authenticator(page: Page) -> None:
    """A security key in the computer that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def gives_password(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("警号").fill(NUMBER)
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_a_passkey_is_made_asked_for_and_removed(open_page: Callable[[str], Page]) -> None:
    page = open_page("phone")
    with_authenticator(page)
    gives_password(page)
    page.wait_for_url("**/workbench/")

    page.goto("/me/factors/passkey/")
    assert findings(page) == []
    page.get_by_label("名称").fill("值班手机")
    page.get_by_role("button", name="创建通行密钥").click()
    page.wait_for_url("**/me/factors/")
    expect(page.get_by_text("值班手机").first).to_be_visible()
    assert (findings(page), sideways(page)) == ([], 0)
    page.get_by_role("button", name="生成 10 个恢复码").click()
    expect(page.locator("ul.codes li")).to_have_count(10)
    assert (findings(page), sideways(page)) == ([], 0)

    page.goto("/me/")
    page.get_by_role("button", name="退出登录").last.click()
    page.wait_for_url("**/login/")
    gives_password(page)
    page.wait_for_url("**/login/second/")
    assert (findings(page), sideways(page)) == ([], 0)
    page.get_by_role("button", name="用通行密钥验证").click()
    page.wait_for_url("**/workbench/")

    page.goto("/me/factors/")
    page.get_by_role("link", name="移除").click()
    page.get_by_role("dialog").get_by_role("button", name="移除").click()
    expect(page.get_by_text("还没有启用")).to_be_visible()
