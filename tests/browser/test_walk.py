"""The walk: import → inspect → order → paper → re-inspection opened → filing reviewed → the leader's page.

Done once as on a phone and once at a desk, on the demo as `make demo` starts it; a picture of every step is kept.
"""

import re
from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BASE_DIR, SCREENS
from tests.browser.walking import Walk, arrive, begin_visit

pytestmark = pytest.mark.browser
LEDGER = BASE_DIR / "tests" / "data" / "ledger_jiexiu.xlsx"
# The worker reads the ledger, prints a paper, or beat comes round; all of it behind the demo's history.
SLOW = 300_000
OpenPage = Callable[[str], Page]


@pytest.fixture
def walk(open_page: OpenPage, request: pytest.FixtureRequest) -> Walk:
    size: str = request.param
    folder = SCREENS / size
    folder.mkdir(parents=True, exist_ok=True)
    return Walk(open_page(size), folder, size)


@pytest.mark.parametrize("walk", ["phone", "desk"], indirect=True)
def test_the_walk_from_the_ledger_to_the_assessment(walk: Walk) -> None:
    import_the_ledger(walk)
    unit = inspect_with_two_hazards(walk)
    order = issue_and_read_the_paper(walk, unit)
    number = serve_the_order(walk, order)
    reinspect_what_beat_opened(walk, number)
    review_the_filing(walk)
    see_the_quarter(walk)
    assert walk.complaints == [], "\n".join(walk.complaints)


def import_the_ledger(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("800001")
    page.goto("/units/import/")
    walk.look("导入台账")
    page.get_by_label("台账").set_input_files(LEDGER)
    walk.press("上传")
    page.wait_for_url(re.compile(r"/columns/"), timeout=SLOW)
    walk.look("对应列")
    walk.press("下一步：核对各行")
    expect(page.get_by_text("可导入").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".figure").first).to_contain_text("2912")
    walk.look("核对各行")
    walk.press("^导入 3125 行")
    expect(page.get_by_text("导入完成")).to_be_visible(timeout=SLOW)
    walk.look("导入结果")


def inspect_with_two_hazards(walk: Walk) -> str:
    """An extinguisher that failed (限期) and a blocked passage (立即, not corrected at once); the unit's name."""
    page = walk.page
    walk.sign_in("040101")
    walk.look("今日工作")
    page.goto("/inspections/start/")
    walk.look("选单位")
    unit = begin_visit(page)
    answer(page, "疏散通道", "堵塞")
    choose_hazard(walk, "route", place="二层走道", quantity="1")
    answer(page, "灭火器", "失效")
    choose_hazard(walk, "extinguishers", place="一层收银台旁", quantity="2")
    answer_the_rest(page)
    walk.look("检查表填完")
    page.reload()
    expect(page.locator(".hz")).to_have_count(2)
    sign_for_everybody(walk)
    return unit


def tab_of(page: Page, question: str) -> None:
    """Open the group whose row asks ``question``."""
    section = page.locator("section[data-group]").filter(has=page.locator(".q", has_text=question))
    page.locator(f".tabs [data-tab='{section.first.get_attribute('data-group')}']").click()


def answer(page: Page, question: str, value: str) -> None:
    tab_of(page, question)
    row = page.locator(".check").filter(has=page.locator(".q", has_text=re.compile(rf"{question}$")))
    with page.expect_response(re.compile(r"/rows/\d+/$")):
        row.locator("label", has_text=re.compile(rf"^{value}$")).click()


def choose_hazard(walk: Walk, row: str, *, place: str, quantity: str) -> None:
    """Take the first entry of the sheet that opens by itself for a failing row."""
    page = walk.page
    sheet = page.locator("#sheet")
    expect(sheet.get_by_role("button", name=re.compile("^采用"))).to_be_visible()
    sheet.get_by_label("部位").fill(place)
    sheet.get_by_label("数量").fill(quantity)
    walk.look(f"隐患库-{row}")
    sheet.get_by_role("button", name=re.compile("^采用")).click()
    expect(page.locator(f"#item-{row} .hz")).to_be_visible()


def answer_the_rest(page: Page) -> None:
    for tab in page.locator(".tabs [data-tab]").all():
        tab.click()
        section = page.locator("section[data-group]:visible")
        rest = section.get_by_role("button", name="其余全部合格")
        if rest.count():
            rest.click()
            expect(section.get_by_role("button", name=re.compile("^撤销"))).to_be_visible()
        for group in section.locator("[role=radiogroup]").all():
            if group.locator("input:checked").count() == 0:
                with page.expect_response(re.compile(r"/rows/\d+/$")):
                    group.locator("label").first.click()


def sign_for_everybody(walk: Walk) -> None:
    page = walk.page
    walk.follow(page.get_by_role("link", name="人员签名"), "/people/$")
    page.get_by_label("第二检查人", exact=True).select_option(index=1)
    page.get_by_label(re.compile("出示执法证件")).check()
    page.get_by_label("随同人员姓名").fill("刘桂香")
    page.get_by_label(re.compile("职务")).fill("店长")
    walk.press("^保存$")
    expect(page.get_by_text("已保存", exact=True)).to_be_visible()  # else the pads are those of the page that goes
    for pad in page.locator(".pad:visible").all():
        draw(page, pad)
    walk.look("人员和签名")
    walk.press("下一步：将要产生")
    arrive(page, "/conclude/$")


def draw(page: Page, pad: "Page | object") -> None:
    """Three strokes with the mouse, as a finger would."""
    pad.scroll_into_view_if_needed()  # type: ignore[attr-defined] # a Locator
    box = pad.bounding_box()  # type: ignore[attr-defined]
    assert box is not None
    for start in (0.2, 0.45, 0.7):
        page.mouse.move(box["x"] + box["width"] * start, box["y"] + box["height"] * 0.3)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * (start + 0.12), box["y"] + box["height"] * 0.7, steps=6)
        page.mouse.up()


def issue_and_read_the_paper(walk: Walk, unit: str) -> str:
    """Returns the address of the notice that has to be served on the spot."""
    page = walk.page
    expect(page.get_by_text("将要产生")).to_be_visible()
    for group in page.locator("#conclude [role=radiogroup]").all():
        if group.locator("input:checked").count() == 0:
            group.locator("label").first.click()
    expect(page.locator(".outcome")).to_contain_text("责令立即改正通知书")
    expect(page.locator(".outcome")).to_contain_text("责令限期改正通知书")
    walk.look("将要产生")
    walk.press("^签发")
    expect(page.get_by_text("已签发 3 份文书")).to_be_visible()
    walk.look("通知书")
    order = page.url
    page.goto("/papers/")
    expect(page.locator("table")).to_contain_text(unit)
    paper = page.locator("tr").filter(has_text="责令限期改正通知书").filter(has_text=unit)
    walk.follow(paper.get_by_role("link").first, r"/papers/\d+/$")
    link = page.locator("a[href*='/files/']").first
    expect(link).to_be_visible(timeout=SLOW)
    walk.look("文书")
    response = page.request.get(link.get_attribute("href") or "")
    assert response.headers["content-type"] == "application/pdf"
    assert response.body().startswith(b"%PDF")
    return order


def serve_the_order(walk: Walk, order: str) -> str:
    """The notice ordering correction at once is handed over on the spot; its number."""
    page = walk.page
    page.goto(order)
    number = re.search(r"\S+消即字〔\d{4}〕第\d{4}号", page.locator(".page-head").inner_text())
    assert number is not None
    walk.press("登记送达")
    page.get_by_label("收件人", exact=True).fill("刘桂香")
    page.get_by_label("与受送达人关系").fill("店长")
    if not page.get_by_label(re.compile("^第二送达人")).input_value():
        page.get_by_label(re.compile("^第二送达人")).select_option(index=1)
    walk.look("登记送达")
    page.locator("button[form=act]:not([name]):visible").click()
    expect(page.get_by_text(re.compile("^已登记送达："))).to_be_visible()
    return number[0].rstrip("，")


def reinspect_what_beat_opened(walk: Walk, number: str) -> None:
    """立即改正 not corrected on the spot ends the same day: beat opens the re-inspection within a sweep."""
    page = walk.page

    def opened() -> bool:
        page.goto("/workbench/")
        return page.locator(".duty").filter(has_text=number).filter(has_text="复查").count() > 0

    give_up = monotonic() + SLOW / 1000
    while not opened() and monotonic() < give_up:
        page.wait_for_timeout(1000)
    walk.look("复查已开启")
    duty = page.locator(".duty").filter(has_text=number).filter(has_text="复查").first
    walk.follow(duty.get_by_role("link", name="开始复查"), r"/reinspections/\d+/$")
    for group in page.locator("[role=radiogroup]").all():
        group.locator("label.ok").click()
    page.get_by_label("第二复查人", exact=True).select_option(index=1)
    for pad in page.locator(".pad:visible").all():
        draw(page, pad)
    walk.look("复查")
    page.locator("button[form=act]:not([name]):visible").click()
    expect(page.get_by_text("已销号").first).to_be_visible()
    walk.look("已销号")


def review_the_filing(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("900101")
    walk.look("监督员工作台")
    page.goto("/filings/")
    walk.look("备案审查")
    walk.follow(page.locator("tbody a.nm").first, r"/filings/\d+/")
    walk.look("审查一件")
    page.locator("button[form=pass-form]:visible").click()
    expect(page.locator(".alert, .note, .banner").filter(has_text="合格").first).to_be_visible()


def see_the_quarter(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("800002")
    expect(page.locator(".figure").first).to_be_visible()
    expect(page.locator(".chart svg, .chart canvas").first).to_be_visible()
    walk.look("局领导工作台")
    page.goto("/assessments/")
    walk.look("季度考核")
    walk.follow(page.locator("tbody a.nm").first, r"/assessments/\d+/")
    walk.look("派出所得分")
    walk.sign_in("040001")
    walk.look("所长工作台")
    page.goto("/assessments/coverage/")
    walk.look("检查进度")
