"""What lies in the browser's storage: nothing personal, nothing for ever, and nothing that bends a script."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SIZES
from tests.browser.walking import arrive, begin_visit

pytestmark = pytest.mark.browser
OFFICER, CHIEF = "040101", "040001"
DAY = 86_400_000
# Each in a name of an object's own machinery; `rules` is a row of the sheet.
PLANTED = (
    '{"__proto__": {"value": "有", "note": "x", "bent": 1}, "constructor": {"prototype": {"bent": 1}},'
    ' "toString": {"value": "有", "note": "x"}, "rules": {"value": "有", "note": "", "turn": 1}}'
)
BENT = "() => [({}).bent, ({}).value, [].bent, Object.getPrototypeOf({}) === Object.prototype, String({})]"
UNBENT = [None, None, None, True, "[object Object]"]


@pytest.fixture
def page(chromium: Browser, demo: str) -> Iterator[Page]:
    context = chromium.new_context(viewport=SIZES["phone"], base_url=demo, locale="zh-CN", has_touch=True)
    page = context.new_page()
    sign_in(page, OFFICER)
    yield page
    context.close()


def sign_in(page: Page, number: str) -> None:
    page.goto("/login/")
    page.get_by_label("警号").fill(number)
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def everything(page: Page) -> str:
    """Both storages, as they are written."""
    return str(page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])"))


def store(page: Page, name: str, text: str) -> None:
    page.evaluate("([name, text]) => localStorage.setItem(name, text)", [name, text])


def stored(page: Page, name: str) -> Any:
    text = page.evaluate("name => localStorage.getItem(name)", name)
    return json.loads(text) if text else None


def test_of_a_complaint_the_words_are_kept_and_never_who_complained(page: Page) -> None:
    page.goto("/inspections/complaints/new/")
    page.get_by_label("被举报单位（场所）").fill("半路登记的小店")
    page.get_by_label("举报内容").fill("后门锁着")
    page.get_by_label("举报人姓名").fill("保密先生")
    page.get_by_label("联系方式").fill("13912345678")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="受理登记").locator("visible=true").click()
    page.wait_for_url(re.compile("/login/"))
    kept = everything(page)
    assert [words in kept for words in ("半路登记的小店", "后门锁着", "保密先生", "13912345678")] == [
        True, True, False, False,
    ]  # fmt: skip

    sign_in_here(page)
    shown = [page.get_by_label(name).input_value() for name in ("举报内容", "举报人姓名", "联系方式")]
    assert shown == ["后门锁着", "", ""]


def sign_in_here(page: Page) -> None:
    page.get_by_label("警号").fill(OFFICER)
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    arrive(page, "/complaints/new/$")  # not of the question, whose address ends in it
    expect(page.locator("#restored")).to_be_visible()


def test_a_telephone_that_is_searched_for_stands_in_no_address(page: Page) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.goto("/inspections/start/")
    with page.expect_response(re.compile(r"/inspections/start/\?q=~")):
        page.locator("#unit-q").press_sequentially("13912345678", delay=5)
    page.goto("/units/")
    page.locator(".filters [name=q]").fill("13912345678")
    page.locator(".filters [name=q]").press("Enter")
    page.wait_for_url(re.compile(r"/units/\?q=~"))

    assert page.locator(".filters [name=q]").input_value() == "13912345678"
    assert [url for url in seen if "1391234" in url] == []


def test_answers_nobody_came_back_for_end_whosever_they_are(page: Page) -> None:
    now = page.evaluate("Date.now()")
    answer = {"value": "有", "note": "通道堆放", "turn": 1}
    store(page, "inspection:990:7", json.dumps({"rules": answer | {"at": now - 31 * DAY}}))
    store(
        page,
        "inspection:991:7",
        json.dumps({"rules": answer | {"at": now - 31 * DAY}, "plan": answer | {"at": now - 29 * DAY}}),
    )
    store(page, "inspection:992:7", json.dumps({"rules": answer}))
    store(page, "inspection:993:7", "no json")
    store(page, "theme", "dark")
    page.goto("/me/")

    assert [stored(page, f"inspection:{visit}:7") is None for visit in range(990, 994)] == [True, False, False, True]
    assert stored(page, "inspection:991:7") == {"plan": answer | {"at": now - 29 * DAY}}
    # From before answers said their time: it is counted from now on.
    assert stored(page, "inspection:992:7")["rules"]["at"] >= now
    assert page.evaluate("localStorage.getItem('theme')") == "dark"


def test_names_of_an_object_s_machinery_in_the_storage_bend_nothing(page: Page) -> None:
    begin_visit(page)
    visit = page.locator("[data-visit]")
    key = f"inspection:{visit.get_attribute('data-visit')}:{visit.get_attribute('data-user')}"
    store(page, key, PLANTED)
    page.evaluate(
        "text => sessionStorage.setItem('typed', text)",
        '{"__proto__": {"bent": 1}, "person": "1", "page": "/", "form": "__proto__", "lost": true,'
        ' "values": [["__proto__", "x"], ["constructor", "y"]]}',
    )
    page.reload()
    page.wait_for_function("key => localStorage.getItem(key) === null", arg=key)

    assert page.evaluate(BENT) == UNBENT
    # What was an answer of this sheet has been sent, the rest is gone.
    assert page.locator("#item-rules input:checked").input_value() == "有"
    page.reload()
    assert page.locator("#item-rules input:checked").input_value() == "有"


@pytest.mark.parametrize("planted", ["null", "[]", '"words"', "7", '{"rules": null}', '{"rules": {"value": 1}}', "{"])
def test_what_is_no_answer_stops_no_page(page: Page, planted: str) -> None:
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    store(page, "inspection:995:7", planted)
    page.evaluate("text => sessionStorage.setItem('typed', text)", planted)
    page.goto("/me/")

    assert broken == []
    assert page.evaluate(BENT) == UNBENT
