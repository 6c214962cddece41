"""What an officer reads when something cannot be done."""

import pytest
from django.template.loader import render_to_string

from fire_supervision.lib.errors import RuleError


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "403_foreign", "404", "405", "413", "429", "500"])
def test_an_error_page_stands_without_a_request_and_leads_back(page: str) -> None:
    shown = render_to_string(f"{page}.html")
    assert shown.count("<h1>") == 1
    assert '<a class="btn btn-primary" href="/">回到工作台</a>' in shown


def test_a_missing_capability_is_named_and_who_has_it() -> None:
    shown = render_to_string("403.html", {"exception": "作废文书"})
    assert "您的岗位不包含“作废文书”。" in shown
    assert "<dt>可以办理</dt><dd>所长</dd>" in shown


def test_a_refusal_that_is_no_matter_of_posts_is_told_in_its_own_words() -> None:
    shown = render_to_string("403.html", {"exception": "这些检查结果是另一个账号填写的"})
    assert "<p>这些检查结果是另一个账号填写的。</p>" in shown
    assert "岗位" not in shown


@pytest.mark.parametrize("page", ["409.html", "_409.html"])
def test_a_refusal_says_why_by_which_article_and_what_can_be_done(page: str) -> None:
    refusal = RuleError("还没有送达，不能登记复查", basis="监督检查规定第20条", remedy="先登记送达")
    shown = render_to_string(page, {"refusal": refusal})
    assert "<b>还没有送达，不能登记复查</b>" in shown
    assert "<dt>依据</dt><dd>监督检查规定第20条</dd>" in " ".join(shown.split()).replace("> <", "><")
    assert "<dt>可以</dt><dd>先登记送达</dd>" in " ".join(shown.split()).replace("> <", "><")


def test_a_refusal_without_an_article_shows_only_its_reason() -> None:
    assert "<dt>" not in render_to_string("_409.html", {"refusal": RuleError("已经签发")})
