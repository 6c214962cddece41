"""完成检查 with a report: what is ticked while an answer is on its way stays ticked, and is what will be issued."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import sideways
from tests.browser.test_walk import answer
from tests.browser.walking import Walk, begin_visit

pytestmark = pytest.mark.browser


def test_two_quick_ticks_are_both_kept(
    open_page: Callable[[str], Page], tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = open_page("phone")
    walk = Walk(page, tmp_path_factory.mktemp("ticks"), "phone")
    walk.sign_in("040101")
    begin_visit(page)
    answer(page, "安全出口", "锁闭")
    sheet = page.locator("#sheet")
    sheet.get_by_label("部位").fill("后门")
    sheet.get_by_text("否", exact=True).click()
    sheet.get_by_role("button", name=re.compile("^采用")).click()
    expect(page.locator("#item-exit .hz")).to_be_visible()
    page.goto(re.sub(r"/fill/.*", "/conclude/", page.url))
    report = page.locator("#reporting")
    expect(report).to_be_hidden()
    page.locator("#conclude label").filter(has=page.locator("[name^=grave_][value=yes]")).click()
    expect(report).to_be_visible()

    page.route(re.compile(r"/conclude/\?"), _slowly)
    report.get_by_label("报告的乡镇人民政府").fill("江城镇人民政府")
    boxes = report.get_by_role("checkbox")
    wanted = [not box.is_checked() for box in boxes.all()]
    for box in boxes.all():
        box.click()
    last = page.locator("#plan a[href*='hazard_report']")
    for value, chosen in zip([box.get_attribute("value") for box in boxes.all()], wanted, strict=True):
        expect(last).to_have_attribute("href", _says(f"suggestions={value}", chosen))
    expect(last).to_have_attribute("href", re.compile("township=%E6%B1%9F"))
    assert [box.is_checked() for box in boxes.all()] == wanted
    expect(report.get_by_label("报告的乡镇人民政府")).to_have_value("江城镇人民政府")
    assert not sideways(page)


def _slowly(route: Route) -> None:
    """As over a telephone at the door: the second tick comes before the answer to the first."""
    route.request.frame.page.wait_for_timeout(700)
    route.fallback()


def _says(words: str, said: bool) -> re.Pattern[str]:
    return re.compile(words if said else f"^(?!.*{words})")
