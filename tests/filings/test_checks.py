from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadlines.models import ClockState
from filings.checks import DOUBT, RIGHT, WRONG, Duty, Evidence, Found, HazardFact, examine
from records.models import Kind
from records.samples.visit import ORDER_LIMIT, RECORD

GOOD = HazardFact(
    no=1, place="三层走道", quantity="", wording="三层走道2具灭火器压力不足", category="EQUIP", limit=True, days=3,
    usual_days=3, violates="消防法第16条第1款第2项", usual_violates="消防法第16条第1款第2项",
)  # fmt: skip


def evidence(**changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "kind": Kind.ORDER_LIMIT, "context": deepcopy(ORDER_LIMIT), "today": date(2026, 9, 24), "showed_id": True,
        "ink": False,
        "scans": 0, "photos": 2, "repeated_photos": 0, "number_follows": True, "hazards": [GOOD], "duties": [],
    }  # fmt: skip
    return Evidence(**values | changes)


def problems(given: Evidence) -> list[tuple[str, str, str, str]]:
    """Level, words, defect, field of everything that is not in order."""
    return [(row.level, row.text, row.defect, row.field) for row in examine(given) if row.level != RIGHT]


def changed(context: dict[str, Any], **values: Any) -> dict[str, Any]:
    return deepcopy(context) | values


def test_a_good_order_is_said_to_be_in_order_point_by_point() -> None:
    assert examine(evidence()) == [
        Found(RIGHT, "要素齐全"),
        Found(RIGHT, "两名民警，执法证号齐全"),
        Found(RIGHT, "两名民警已签名"),
        Found(RIGHT, "每处隐患写明了部位和数量"),
        Found(RIGHT, "改正期限不超过隐患库建议天数"),
        Found(RIGHT, "违反条款与隐患库一致"),
        Found(RIGHT, "与本所近期记录没有雷同"),
        Found(RIGHT, "照片 2 张"),
        Found(RIGHT, "文书号连续"),
    ]


def test_a_good_record_has_no_problem() -> None:
    assert problems(evidence(kind=Kind.INSPECTION_RECORD, context=deepcopy(RECORD))) == []


def test_one_officer_is_wrong() -> None:
    context = changed(ORDER_LIMIT, officers=ORDER_LIMIT["officers"][:1])
    assert problems(evidence(context=context)) == [(WRONG, "检查人员只有 1 名", "SIGNATURE", "officers")]


def test_an_officer_without_certificate_is_wrong() -> None:
    first, second = ORDER_LIMIT["officers"]
    context = changed(ORDER_LIMIT, officers=[first, second | {"certificate": ""}])
    assert problems(evidence(context=context)) == [(WRONG, "张海涛没有执法证号", "SIGNATURE", "officers")]


def test_a_visit_without_shown_certificates_is_wrong_and_an_old_order_is_not_asked() -> None:
    assert problems(evidence(showed_id=False)) == [(WRONG, "没有记载出示执法证件", "NO_ID", "officers")]
    assert problems(evidence(showed_id=None)) == []


def test_a_missing_signature_is_wrong_until_the_ink_is_scanned() -> None:
    context = changed(ORDER_LIMIT, signatures=ORDER_LIMIT["signatures"] | {"second": None})
    assert problems(evidence(context=context)) == [(WRONG, "第二检查人没有签名", "SIGNATURE", "officers")]
    assert problems(evidence(context=context, scans=1)) == []


def test_ink_on_paper_is_doubted_until_its_scan_is_there() -> None:
    unsigned = changed(ORDER_LIMIT, signatures={"lead": None, "second": None, "companion": None})
    assert problems(evidence(context=unsigned, ink=True)) == [
        (DOUBT, "在纸面上签名，还没有附扫描件", "SIGNATURE", "officers")
    ]
    assert problems(evidence(context=unsigned, ink=True, scans=1)) == []


def test_a_companion_signs_or_the_refusal_is_noted() -> None:
    """Where the paper names him: a record, or a notice from before its 签收 was left to ink."""
    signatures = ORDER_LIMIT["signatures"] | {"companion": None}
    context = changed(ORDER_LIMIT, companion={"name": "李秀兰", "post": "经理"}, signatures=signatures)
    assert problems(evidence(context=ORDER_LIMIT)) == []
    assert problems(evidence(context=context)) == [
        (WRONG, "随同人员没有签名，也没有注明原因", "SIGNATURE", "companion")
    ]
    assert problems(evidence(context=context | {"refusal": "拒绝签名，已录像"})) == []


@pytest.mark.parametrize(
    ("hazard", "found"),
    [
        (replace(GOOD, place=""), (WRONG, "第 1 项没有写明部位", "VAGUE", "problem:1")),
        (replace(GOOD, wording="三层走道灭火器压力不足"), (DOUBT, "第 1 项没有写明数量", "VAGUE", "problem:1")),
        (replace(GOOD, place="", wording="灭火器损坏"), (WRONG, "第 1 项没有写明部位、数量", "VAGUE", "problem:1")),
    ],
)
def test_wording_without_place_or_number_is_found(hazard: HazardFact, found: tuple[str, str, str, str]) -> None:
    assert problems(evidence(hazards=[hazard])) == [found]


@pytest.mark.parametrize(
    "hazard",
    [
        replace(GOOD, wording="三层走道灭火器压力不足", quantity="2具"),
        replace(GOOD, wording="三层走道两具灭火器压力不足"),
        replace(GOOD, wording="堆放纸箱约3平方米"),
        replace(GOOD, place="", wording="未制定消防安全制度", category="MGMT"),
    ],
)
def test_wording_with_a_count_or_without_need_of_one_is_in_order(hazard: HazardFact) -> None:
    assert problems(evidence(hazards=[hazard])) == []


def test_a_storey_is_a_place_and_not_a_count() -> None:
    assert problems(evidence(hazards=[replace(GOOD, wording="三层灭火器损坏")])) == [
        (DOUBT, "第 1 项没有写明数量", "VAGUE", "problem:1")
    ]


def test_a_longer_period_than_the_catalogue_is_pinned_to_its_deadline() -> None:
    assert problems(evidence(hazards=[replace(GOOD, days=30)])) == [
        (DOUBT, "第 1 项限 30 天，隐患库建议 3 天", "DEADLINE", "deadline:1")
    ]


@given(days=st.integers(1, 90), usual=st.integers(1, 90))
def test_only_a_longer_period_is_doubted(days: int, usual: int) -> None:
    found = problems(evidence(hazards=[replace(GOOD, days=days, usual_days=usual)]))
    assert bool(found) == (days > usual)


def test_another_article_than_the_catalogue_is_doubted() -> None:
    assert problems(evidence(hazards=[replace(GOOD, violates="消防法第28条")])) == [
        (DOUBT, "第 1 项引用消防法第28条，隐患库为消防法第16条第1款第2项", "ARTICLE", "problem:1")
    ]


def duty(code: str, met: date | None, state: ClockState = ClockState.RUNNING) -> Duty:
    return Duty(code, "送达", date(2026, 9, 25), met, ClockState.MET if met else state)


@pytest.mark.parametrize(
    ("given_duty", "today", "found"),
    [
        (duty("ORDER_LIMIT_SERVE", None), date(2026, 9, 25), []),
        (
            duty("ORDER_LIMIT_SERVE", None),
            date(2026, 9, 26),
            [(WRONG, "送达逾期，还没有办理", "LATE_SERVICE", "")],
        ),
        (
            duty("ORDER_LIMIT_SERVE", date(2026, 9, 28)),
            date(2026, 9, 30),
            [(WRONG, "送达逾期，2026-09-28 才办理", "LATE_SERVICE", "")],
        ),
        (duty("ORDER_LIMIT_SERVE", date(2026, 9, 25)), date(2026, 9, 30), []),
        (duty("RECHECK", None), date(2026, 10, 1), [(WRONG, "送达逾期，还没有办理", "LATE_RECHECK", "")]),
        (duty("REFER_5WD", None), date(2026, 10, 1), [(WRONG, "送达逾期，还没有办理", "NOT_REFERRED", "")]),
        (duty("REPORT_GOV", None), date(2026, 10, 1), [(WRONG, "送达逾期，还没有办理", "NOT_REPORTED", "")]),
        (duty("RECHECK", None, ClockState.CANCELLED), date(2026, 10, 1), []),
    ],
)
def test_a_duty_beyond_its_last_day_is_wrong(
    given_duty: Duty, today: date, found: list[tuple[str, str, str, str]]
) -> None:
    assert problems(evidence(duties=[given_duty], today=today)) == found


def test_the_same_words_at_another_unit_are_doubted() -> None:
    assert problems(evidence(hazards=[replace(GOOD, copied_from="好又多超市")])) == [
        (DOUBT, "第 1 项的部位和表述与好又多超市的记录完全相同", "REPEATED", "problem:1")
    ]


def test_photos_used_before_or_missing_are_doubted() -> None:
    assert problems(evidence(repeated_photos=1)) == [(DOUBT, "照片 1 张在别的检查里用过", "REPEATED", "")]
    assert problems(evidence(photos=0)) == [(DOUBT, "发现隐患，没有照片", "NO_PHOTO", "")]
    assert problems(evidence(photos=0, hazards=[])) == []


def test_a_gap_before_the_number_is_wrong() -> None:
    assert problems(evidence(number_follows=False)) == [(WRONG, "上一个顺序号的文书不在系统里", "NUMBER_GAP", "number")]


def test_a_row_without_an_answer_is_wrong_at_its_place() -> None:
    context = deepcopy(RECORD)
    context["sections"][2]["rows"][1]["chosen"] = ""
    assert problems(evidence(kind=Kind.INSPECTION_RECORD, context=context)) == [
        (WRONG, "疏散通道没有填写", "MISSING", "row:3.2")
    ]


def test_what_is_wrong_stands_first() -> None:
    context = changed(ORDER_LIMIT, officers=[])
    levels = [row.level for row in examine(evidence(context=context, photos=0))]
    assert levels == sorted(levels, key=[WRONG, DOUBT, RIGHT].index)
    assert levels[:2] == [WRONG, DOUBT]
