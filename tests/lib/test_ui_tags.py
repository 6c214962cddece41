"""The tags every template uses: words, pictures, lists, forms."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from fire_supervision.lib.figures import percent
from fire_supervision.lib.paging import Page


def rendered(source: str, path: str = "/units/", **context: Any) -> str:
    return Template(source).render(Context({"request": RequestFactory().get(path), **context}))


# ---------- words ----------


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ x|d }}", "2026-03-05"),
        ("{{ x|dt }}", "2026-03-05"),
        ("{{ x|dcn }}", "2026年3月5日"),
        ("{{ x|dmd }}", "3月5日"),
        ("{{ x|weekday }}", "星期四"),
    ],
)
def test_a_legal_date_is_written_the_same_way_everywhere(source: str, words: str) -> None:
    assert rendered(source, x=date(2026, 3, 5)) == words
    assert rendered(source, x=None) == ""


def test_an_instant_is_shown_in_shanghai_and_not_in_utc() -> None:
    late = datetime(2026, 3, 5, 16, 30, tzinfo=UTC)
    assert rendered("{{ x|d }} {{ x|dt }} {{ x|dcn }}", x=late) == "2026-03-06 2026-03-06 00:30 2026年3月6日"


@pytest.mark.parametrize(
    ("number", "words"), [(9_999, "9999"), (10_000, "10\u202f000"), (-12_345, "-12\u202f345"), (0, "0")]
)
def test_numbers_are_grouped_only_above_9999(number: int, words: str) -> None:
    assert rendered("{{ n|grouped }}", n=number) == words


def test_a_rate_is_exact_and_says_when_nothing_was_due() -> None:
    assert rendered("{% pct 61 64 %}") == "95.3%"
    assert rendered("{% pct 1 16 %}") == "6.3%"  # 6.25: halves go up, as the officer does it by hand
    assert rendered("{% pct 0 0 %}") == "无应办"


@given(part=st.integers(0, 10**9), whole=st.integers(1, 10**9))
def test_a_rate_is_never_off_by_more_than_half_a_tenth(part: int, whole: int) -> None:
    shown = Decimal(percent(part, whole).removesuffix("%"))
    assert abs(shown * whole - 100 * part) <= Decimal("0.05") * whole


# ---------- clocks ----------


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("江公（城关）消限字〔2026〕第0001号", ["江公（城关）消限字〔2026〕第0001号"]),
        ("江公（城关）消限字〔2026〕第0001号-1", ["江公（城关）消限字〔2026〕第0001号-1"]),
        ("江公消〔2026〕3号", ["江公消〔2026〕3号"]),
        (
            "已责令改正，江公消即字〔2026〕第0003号；复查：江公消复字〔2026〕第0004号。",
            ["江公消即字〔2026〕第0003号；", "江公消复字〔2026〕第0004号。"],
        ),
        ("没有文书号", []),
        (None, []),
    ],
)
def test_the_numbers_of_papers_are_kept_whole(words: str | None, whole: list[str]) -> None:
    shown = rendered("{{ words|docno }}", words=words)
    assert re.findall(r'<span class="docno">(.*?)</span>', shown) == whole
    assert re.sub(r"<[^>]*>", "", shown) == (words or "")


def test_the_mark_behind_a_number_never_begins_a_line() -> None:
    page = '{{ words|docno:"，" }}'
    assert rendered(page, words="〔2026〕第0001号") == '<span class="docno">〔2026〕第0001号，</span>'
    assert rendered(page, words=None) == "，"


def test_what_stands_beside_a_number_stays_text() -> None:
    shown = rendered("{{ words|docno }}", words="<b>甲&乙</b>〔2026〕第0001号")
    assert shown == '&lt;b&gt;甲&amp;乙&lt;/b&gt;<span class="docno">〔2026〕第0001号</span>'


def test_only_an_overdue_clock_is_filled_red() -> None:
    assert 'class="clock clock-over"' in rendered('{% chip "逾期 3 个工作日" "over" %}')
    assert rendered('{% chip "限期 10月16日" "later" %}') == '<span class="clock">限期 10月16日</span>'
    assert rendered('{% chip "" "over" %}') == ""


def test_a_clock_that_can_be_explained_is_a_link() -> None:
    assert rendered('{% chip "限期" "later" "/why/" %}') == '<a class="clock" href="/why/">限期</a>'


def test_the_last_day_stands_behind_the_clock() -> None:
    shown = rendered("{% clock due 'later' '还剩 9 天' %}", due=date(2026, 10, 16))
    assert shown == '<span class="clock">还剩 9 天</span> <time class="due" datetime="2026-10-16">2026-10-16</time>'


def test_words_of_a_clock_are_escaped() -> None:
    assert rendered("{% chip words '' %}", words="<b>") == '<span class="clock">&lt;b&gt;</span>'


# ---------- pictures ----------


def test_an_icon_points_into_the_sprite_and_is_silent_beside_words() -> None:
    silent = '<svg class="bi" aria-hidden="true"><use href="/static/icons.svg#bell"/></svg>'
    assert rendered('{% icon "bell" %}') == silent
    assert 'role="img" aria-label="消息"' in rendered('{% icon "bell" "消息" %}')


def test_a_bar_shows_its_share_and_where_it_should_be() -> None:
    shown = rendered("{% bar 6 48 mark=0.098 %}")
    assert '<rect class="v" width="12.5" height="6"/>' in shown
    assert '<rect class="mark" x="9.8" width="1" height="6"/>' in shown
    assert 'width="100" height="6"/></svg>' in rendered("{% bar 60 48 %}")
    assert '<rect class="v" width="0" height="6"/></svg>' in rendered("{% bar 0 0 %}")


def test_a_sparkline_breaks_where_a_figure_is_missing() -> None:
    shown = rendered("{% spark values %}", values=[1, 2, None, 3, 4])
    assert shown.count("<path") == 2
    assert 'aria-label="近5期 1、2、无、3、4"' in shown
    assert rendered("{% spark values %}", values=[1]) == ""


# ---------- lists ----------


def test_a_link_keeps_the_filters_and_starts_from_the_first_page() -> None:
    path = "/units/?risk=high&cursor=abc&export=xlsx"
    assert rendered("{% qs sort='name' %}", path) == "?risk=high&amp;sort=name"
    assert rendered("{% qs cursor='def' %}", path) == "?risk=high&amp;cursor=def"
    assert rendered("{% qs risk=None %}", path) == "?"


def test_a_column_sorts_up_first_and_then_turns() -> None:
    assert 'href="?sort=name"' in rendered("{% sort 'name' '单位' %}")
    assert 'href="?sort=-name"' in rendered("{% sort 'name' '单位' %}", "/units/?sort=name")
    assert 'href="?sort=name"' in rendered("{% sort 'name' '单位' %}", "/units/?sort=-name")


@pytest.mark.parametrize(
    ("query", "narrowed"), [("", "False"), ("?sort=name&cursor=x", "False"), ("?q=", "False"), ("?q=旅馆", "True")]
)
def test_a_list_is_narrowed_by_words_and_not_by_order_or_page(query: str, narrowed: str) -> None:
    assert rendered("{% narrowed as n %}{{ n }}", f"/units/{query}") == narrowed


def test_the_count_names_its_denominator_and_export_keeps_the_filter() -> None:
    page: Page[Any] = Page(rows=[], total=34, next_cursor="", previous_cursor="")
    source = '{% include "_list_meta.html" with unit="户" export=True of=198 %}'
    shown = rendered(source, "/units/?risk=high", page=page)
    assert "<b>34</b> 户，共 198 户" in shown
    assert 'href="?risk=high&amp;export=xlsx"' in shown
    assert "清除筛选" in shown


def test_the_pager_turns_only_where_there_is_a_page() -> None:
    page: Page[Any] = Page(rows=[1, 2], total=9, next_cursor="n", previous_cursor="")
    shown = rendered('{% include "_pager.html" with unit="户" %}', "/units/?risk=high", page=page)
    assert "本页 2 户" in shown
    assert 'rel="next" href="?risk=high&amp;cursor=n"' in shown
    assert 'rel="prev"' not in shown


# ---------- forms ----------


class UnitForm(forms.Form):
    name = forms.CharField(label="名称", error_messages={"required": "请填写名称"}, help_text="与营业执照一致")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲")])
    gas = forms.ChoiceField(label="燃气", choices=[("no", "无"), ("pipe", "管道")], widget=forms.RadioSelect)
    closed = forms.BooleanField(label="停业", required=False)

    def clean(self) -> None:
        raise forms.ValidationError("派出所今天不能登记")


def wrong_form() -> UnitForm:
    form = UnitForm({"kind": "a", "gas": "no"})
    assert not form.is_valid()
    return form


def test_an_error_says_the_same_at_the_field_and_in_the_summary() -> None:
    summary = rendered('{% include "_error_summary.html" %}', form=wrong_form())
    assert '<a href="#id_name">名称：请填写名称</a>' in summary
    assert "<li>派出所今天不能登记</li>" in summary
    at_field = rendered("{% field form.name %}", form=wrong_form())
    assert '<div class="invalid-feedback" id="id_name_error"><p>请填写名称</p></div>' in at_field
    assert 'aria-describedby="id_name_helptext id_name_error"' in at_field
    assert 'class="form-control is-invalid"' in at_field


def test_a_form_without_errors_has_no_summary() -> None:
    assert rendered('{% include "_error_summary.html" %}', form=UnitForm()).strip() == ""


def test_crispy_draws_the_same_summary_and_field_errors() -> None:
    shown = rendered("{% load crispy_forms_tags %}{{ form|crispy }}", form=wrong_form())
    assert '<a href="#id_name">名称：请填写名称</a>' in shown
    assert '<div class="invalid-feedback" id="id_name_error"><p>请填写名称</p></div>' in shown


@pytest.mark.parametrize(("name", "classes"), [("kind", "form-select"), ("closed", "form-check-input")])
def test_a_widget_gets_the_class_of_its_kind(name: str, classes: str) -> None:
    assert f'class="{classes}"' in rendered("{% control field %}", field=UnitForm()[name])


def test_choices_are_a_group_with_its_question() -> None:
    shown = rendered("{% field form.gas %}", form=UnitForm())
    assert "<legend>燃气</legend>" in shown
    assert '<label class="form-check-label" for="id_gas_1">管道</label>' in shown
