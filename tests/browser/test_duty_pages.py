"""Every page of the duties, as its reader sees it, at a desk and on the narrowest phone: axe, and nothing sideways."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SCREENS
from tests.browser.walking import Walk

pytestmark = pytest.mark.browser
# Where each role looks: a page by its address, or one that is followed from the first such link of the page before.
Step = tuple[str, str, str]
OFFICER: tuple[Step, ...] = (
    ("今日工作", "/workbench/", ""),
    ("期限", "/deadlines/clocks/", ""),
    ("一项期限", "", "main a[href^='/deadlines/clocks/']:not([href*='?'])"),
    ("隐患-待复查", "/hazards/?state=DUE", "main a.nm"),
    ("隐患-已移送", "/hazards/?state=REFERRED", "main a.nm"),
    ("隐患-已接收", "/hazards/?state=ACCEPTED", "main a.nm"),
    ("隐患-已销号", "/hazards/?state=CLOSED", "main a.nm"),
    ("移送", "/hazards/referrals/", ""),
    ("举报", "/inspections/complaints/", ""),
    ("受理举报", "/inspections/complaints/new/", ""),
    ("一件举报", "/inspections/complaints/", "main a.nm"),
    ("期限规则", "/deadlines/rules/", ""),
    ("一条规则", "/deadlines/rules/RECHECK/", ""),
)
CHIEF: tuple[Step, ...] = (
    ("所长-今日工作", "/workbench/", ""),
    ("延期", "/hazards/extensions/", ""),
    ("审批延期", "", "main a[href^='/hazards/extensions/']:not([href*='?'])"),
    ("工作移交", "/handover/", ""),
    ("核对移交", "", "main a[href^='/handover/']"),
    ("月报", "/filings/monthly/", ""),
)
BRIGADE: tuple[Step, ...] = (
    ("监督员-工作台", "/workbench/", ""),
    ("监督员-移送", "/hazards/referrals/", ""),
    ("一次移送", "", "main a[href^='/hazards/referrals/']:not([href*='?'])"),
    ("监督员-月报", "/filings/monthly/", ""),
)
BUREAU: tuple[Step, ...] = (
    ("分局-工作台", "/workbench/", ""),
    ("修改规则", "/deadlines/rules/FILING_REVIEW/change/", ""),
    ("日历", "/deadlines/calendar/", ""),
    ("导入日历", "/deadlines/calendar/import/", ""),
)
ROLES = {"040101": OFFICER, "040001": CHIEF, "900101": BRIGADE, "800001": BUREAU}


@pytest.mark.parametrize("number", ROLES)
@pytest.mark.parametrize("size", ["narrow", "desk"])
def test_the_pages_of_the_duties_fit_and_can_be_read_by_everybody(
    open_page: Callable[[str], Page], size: str, number: str
) -> None:
    folder = SCREENS / f"duties-{size}"
    folder.mkdir(parents=True, exist_ok=True)
    walk = Walk(open_page(size), folder, size)
    walk.sign_in(number)
    for name, address, link in ROLES[number]:
        if address:
            walk.page.goto(address)
        if link:
            walk.page.goto(walk.page.locator(link).first.get_attribute("href") or "")
        walk.look(f"{number}-{name}")
    assert walk.complaints == [], "\n".join(walk.complaints)
