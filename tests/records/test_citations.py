"""Citations on papers: full titles from one table, articles in Chinese numerals, everything else as it was typed."""

import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from deadlines.models import DeadlineRule
from fire_supervision.lib.refusals import Fault
from inspections.models import HazardType, OrderItemRule
from records import gate
from records.citations import TITLES, cited, flaw, numeral
from records.models import Kind
from records.samples.case import REFERRAL
from records.samples.visit import ORDER_LIMIT, ORDER_NOW

DATA = Path(settings.BASE_DIR) / "inspections/data"
VALUES = {word: number for number, word in enumerate("零一二三四五六七八九")}
PLACE = re.compile(r"第\d[\d、/–-]*[条款项]")
# What the catalogue has no national article for: the gate refuses it until a bureau has written its own.
LOCAL_ALONE = {"EQ10"}


def _read(words: str) -> int:
    """The number that Chinese ``words`` up to 999 say."""
    total, digit = 0, 0
    for word in words:
        if word in "十百":
            total += (digit or 1) * (10 if word == "十" else 100)
            digit = 0
        else:
            digit = VALUES[word]
    return total + digit


@given(st.integers(1, 200))
def test_a_numeral_reads_back_as_the_number_it_was_made_of(number: int) -> None:
    assert _read(numeral(number)) == number
    assert cited(f"消防法第{number}条") == f"《中华人民共和国消防法》第{numeral(number)}条"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (73, "七十三"), (100, "一百"), (101, "一百零一"),
     (110, "一百一十"), (120, "一百二十"), (200, "二百"), (999, "九百九十九")],
)  # fmt: skip
def test_numerals_are_those_of_the_statute_book(number: int, words: str) -> None:
    assert numeral(number) == words


LAW = "《中华人民共和国消防法》"


@pytest.mark.parametrize(
    ("short", "formal"),
    [
        ("消防法第16条第1款第2项", f"{LAW}第十六条第一款第二项"),
        ("消防法第16条第1款第2、4项", f"{LAW}第十六条第一款第二项、第四项"),
        ("消防法第28条；第16条第1款第4项", f"{LAW}第二十八条、第十六条第一款第四项"),
        ("消防法第16条第1款第4项、第9条", f"{LAW}第十六条第一款第四项、第九条"),
        ("消防法第16条/第27条", f"{LAW}第十六条/第二十七条"),
        ("消防法第120条之1", f"{LAW}第一百二十条之一"),
        ("消防监督检查规定第31–33条", "《消防监督检查规定》第三十一条至第三十三条"),
        ("消防监督检查规定第31、32条", "《消防监督检查规定》第三十一条、第三十二条"),
        ("消防法第29条；规定第32条第4项", f"{LAW}第二十九条；《消防监督检查规定》第三十二条第四项"),
        ("程序规定第61条", "《公安机关办理行政案件程序规定》第六十一条"),
        ("应急部令5号第37条", "《高层民用建筑消防安全管理规定》第三十七条"),
        (
            "高层民用建筑消防安全管理规定（应急部令5号）第37条；消防法第28条",
            f"《高层民用建筑消防安全管理规定》（应急部令5号）第三十七条；{LAW}第二十八条",
        ),
        ("消防法第28条（占用消防车通道/妨碍灭火救援）", f"{LAW}第二十八条（占用消防车通道/妨碍灭火救援）"),
        ("依据消防法第60条移送", f"依据{LAW}第六十条移送"),
        ("《消防法》第16条", f"{LAW}第十六条"),
        ("《××省消防条例》第12条", "《××省消防条例》第十二条"),
        ("消防法第十六条第一款", f"{LAW}第十六条第一款"),
    ],
)
def test_a_short_citation_becomes_the_formal_one_and_stays_it(short: str, formal: str) -> None:
    assert (cited(short), cited(formal)) == (formal, formal)


@pytest.mark.parametrize(
    "words",
    [
        "GB 50016-2014 第5.5.18条", "GB 50016 第5章；GB 55037-2022 7.1", "公安部令61号第25、26条",
        "××省公安派出所消防监督检查规定第30条", "沪条例第69条5000-50000元", "违反消防法律、法规的规定", "复查未改正",
        "第3项逾期未改正", "",
    ],
)  # fmt: skip
def test_standards_laws_that_are_not_in_the_table_and_plain_words_stay(words: str) -> None:
    assert cited(words) == words


def test_behind_a_law_that_is_not_in_the_table_nothing_is_taken_for_the_law_before_it() -> None:
    assert cited("消防法第16条；公安部令61号第25条；第26条") == f"{LAW}第十六条；公安部令61号第25条；第26条"


def _shipped() -> set[str]:
    """Every citation of the files the catalogue is loaded from."""
    types = json.loads((DATA / "hazards.json").read_text())
    lists = json.loads((DATA / "checklists.json").read_text())["lists"]
    return {entry[key] for entry in types for key in ("violates", "penalty")} | {entry["basis"] for entry in lists}


def _stays(formal: str) -> list[str]:
    """The articles that still stand in digits in ``formal``, each behind its name."""
    return re.findall(r"([^；、，。：（）/第]*第\d+)[\d、/–-]*条", formal)


def _right(short: str) -> bool:
    formal = cited(short)
    names = set(re.findall(r"《([^》]+)》", formal))
    halves = re.search(r"[一二三四五六七八九十][条款](?:之.)?第\d|[条款项][、或和]第\d", formal)
    return names <= set(TITLES.values()) and not halves and _stays(formal) == [] and cited(formal) == formal


def test_every_citation_of_the_shipped_catalogue_is_converted_and_none_by_half() -> None:
    shipped = _shipped()
    assert len(shipped) > 80
    assert [words for words in shipped if not _right(words)] == []
    known = [words for words in shipped if "消防法第" in words]
    assert [words for words in known if f"《{TITLES['消防法']}》第" not in cited(words)] == []


def test_every_standard_of_the_shipped_catalogue_stays_as_it_is() -> None:
    standards = {entry["standard"] for entry in json.loads((DATA / "hazards.json").read_text())}
    assert len(standards) > 40
    assert [words for words in standards if cited(words) != words] == []


@pytest.mark.django_db
def test_the_catalogue_cites_articles_of_national_law_alone_and_a_hint_tells_the_rest() -> None:
    kinds = list(HazardType.objects.all())
    assert {kind.code for kind in kinds if not kind.violates} == LOCAL_ALONE
    for kind in kinds:
        formal = cited(kind.violates)
        assert set(re.findall(r"《([^》]+)》", formal)) <= set(TITLES.values())
        assert kind.uncitable == ("没有写明违反条款" if kind.code in LOCAL_ALONE else "")
        assert kind.hint or kind.violates
    assert {kind.code for kind in kinds if kind.hint} == {
        "AC01", "AC02", "EQ10", "EB02", "EB04", "EB05", "GA05", "FI04", "DG03", "MX03", "MG02", "MG03",
    }  # fmt: skip


REFUSED = [
    ("消防法第28条；地方条例（如粤办法第25条第3款、新乡条例）", "“如”只是举例，没有写定是哪一部规定"),
    ("例如消防法第28条", "“如”只是举例，没有写定是哪一部规定"),
    ("消防法第16条/第27条", "用“/”并列，没有选定是哪一条"),
    ("消防法第28条（占用消防车通道／妨碍灭火救援）", "用“/”并列，没有选定是哪一条"),
    ("消防法第21条；《江城市消防条例》第69条5000-50000元", "写了金额"),
    ("消防法第28条，个人500元以下", "写了金额"),
    ("消防法第28条，处警告或者五百元", "写了金额"),
    ("沪条例第69条", "“沪条例”不是规定的全称"),
    ("地方条例；消防法第28条", "“地方条例”不是规定的全称"),
    ("消防法第16条第1款第5项；公安部令61号第25、26条", "“公安部令61号”不是规定的全称"),
    ("治安管理处罚法第39条", "“治安管理处罚法”不是规定的全称"),
    ("第28条", "“第28条”没有写明是哪一部规定"),
    ("消防法第28条（占用", "括号不成对"),
    ("消防法第28条）（", "括号不成对"),
    ("《江城市消防条例第9条", "括号不成对"),
]


@pytest.mark.parametrize(("words", "reason"), REFUSED)
def test_no_notice_letter_or_report_cites_an_example_a_choice_an_amount_or_half_a_title(
    words: str, reason: str
) -> None:
    assert flaw(words) == reason
    order = ORDER_NOW | {"problems": [ORDER_NOW["problems"][0] | {"violates": words}]}
    hazards = [REFERRAL["hazards"][0] | {"violates": words}]
    mend = "请维护隐患库的公安机关或消防救援大队在隐患库中改写这一条的违反条款。"
    cases = [
        (Kind.ORDER_NOW, order, "problems[0].violates", f"第1处隐患违反的条款：{reason}", mend),
        (Kind.REFERRAL, REFERRAL | {"hazards": hazards}, "hazards[0].violates", f"第1处隐患违反的条款：{reason}", mend),
        (Kind.REFERRAL, REFERRAL | {"basis": words}, "basis", f"法律依据：{reason}", "返回登记移送改正。"),
    ]
    for kind, context, field, message, remedy in cases:
        assert gate.check(kind, context) == [Fault(field, message, remedy=remedy)]


@pytest.mark.parametrize(
    "words",
    [
        "消防法第28条", "消防监督检查规定第31-33条", "《江城市消防条例》第9-11条", "违反消防法律、法规的规定",
        "根据消防法第60条规定，依法移送", "按照有关规定", "见检查记录", "《广元市消防条例》第9条",
        "高层民用建筑消防安全管理规定（应急部令5号）第37条；消防法第28条", "GB/T 40248-2021 5.1；消防法第16条",
        "《机关、团体、企业、事业单位消防安全管理规定》（公安部令第61号）第25条",
    ],
)  # fmt: skip
def test_full_titles_standards_and_words_of_a_ground_may_stand_there(words: str) -> None:
    assert flaw(words) == ""


@pytest.mark.django_db
def test_the_bases_the_law_tables_ship_are_converted() -> None:
    items = OrderItemRule.objects.values_list("basis", flat=True)
    rules = DeadlineRule.objects.values_list("basis", flat=True)
    bases = {words for words in chain(items, rules) if PLACE.search(words)}
    assert len(bases) > 15
    assert [words for words in bases if PLACE.search(cited(words)) or "》第" not in cited(words)] == []
    assert [words for words in items if flaw(words)] == []


@pytest.mark.django_db
def test_every_article_of_the_catalogue_fits_the_boxes_of_the_papers_in_its_formal_form() -> None:
    problem: dict[str, Any] = ORDER_LIMIT["problems"][0]
    for words in HazardType.objects.exclude(violates="").values_list("violates", flat=True):
        order = ORDER_LIMIT | {"problems": [problem | {"violates": words}, *ORDER_LIMIT["problems"][1:]]}
        letter = REFERRAL | {"basis": words, "hazards": [REFERRAL["hazards"][0] | {"violates": words}]}
        assert (gate.check(Kind.ORDER_LIMIT, order), gate.check(Kind.REFERRAL, letter)) == ([], [])


def test_a_box_holds_the_formal_form() -> None:
    """Four lines of short citations are more once their titles are written out."""
    words = "；".join(["消防法第28条", "程序规定第36条"] * 4)
    context = ORDER_LIMIT | {"problems": [ORDER_LIMIT["problems"][0] | {"violates": words}]}
    faults = [fault for fault in gate.check(Kind.ORDER_LIMIT, context) if fault.field == "problems[0].violates"]
    assert gate.lines_of(words, 28) == 3
    assert [fault.message for fault in faults] == ["第1处隐患违反的条款放不下：栏内每行 28 字、4 行，现在要 6 行"]
