"""The gate before what is chosen, ticked, granted, concluded and consented to: each refusal beside its success."""

from collections.abc import Iterator
from typing import Any

import pytest

from records.choices import choices
from records.gate import GRANTED, check
from records.models import Kind
from records.samples import SAMPLES, case, complaint, service, visit
from tests.records.test_gate import with_at

Context = dict[str, Any]


def words(kind: Kind, context: Context) -> list[tuple[str, str]]:
    return [(fault.field, fault.message) for fault in check(kind, context)]


# ---------- one of the printed choices ----------


def chosen_in_samples() -> Iterator[tuple[Kind, Context, str]]:
    """Each choice of each kind where something is chosen, in the first sample that has it."""
    seen = set()
    for sample in SAMPLES:
        for place, choice in choices(sample.context):
            name = place.partition("[")[0]
            if choice["options"] and choice["chosen"] and (sample.kind, name) not in seen:
                seen.add((sample.kind, name))
                yield sample.kind, sample.context, f"{place}.chosen"


CHOSEN = list(chosen_in_samples())


def test_every_kind_that_prints_choices_is_tried() -> None:
    assert {(kind, place.partition("[")[0]) for kind, _, place in CHOSEN} == {
        (Kind.INSPECTION_RECORD, "sections"), (Kind.INSPECTION_RECORD, "committee"),
        (Kind.SERVICE_RECEIPT, "method.chosen"), (Kind.EXTENSION, "verdict.chosen"),
        (Kind.RECHECK_RECORD, "kind_of_visit.chosen"), (Kind.RECHECK_RECORD, "results"),
        (Kind.HAZARD_REPORT, "suggestions.chosen"),
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "context", "place"), CHOSEN, ids=[f"{kind}-{place}" for kind, _, place in CHOSEN])
def test_what_is_chosen_is_one_of_the_choices_on_the_paper(kind: Kind, context: Context, place: str) -> None:
    assert check(kind, context) == []
    listed = kind == Kind.HAZARD_REPORT
    for wrong in ("随便", " 同意", "☑"):
        assert place in [fault.field for fault in check(kind, with_at(context, place, [wrong] if listed else wrong))]


def test_one_wrong_choice_is_said_once() -> None:
    wrong = with_at(case.EXTENSION, "verdict.chosen", "同意一半") | {"until": ""}
    assert words(Kind.EXTENSION, wrong) == [("verdict.chosen", "“同意一半”不是可以选的一项")]


# ---------- 检查记录 ----------


def test_a_record_says_what_was_seen() -> None:
    for context, part in ((visit.RECORD, "sections"), (visit.RECORD_COMMITTEE, "committee")):
        assert words(Kind.INSPECTION_RECORD, context) == []
        seen = [(part, "没有一项检查结果，不制作检查记录")]
        assert words(Kind.INSPECTION_RECORD, emptied(context)) == seen


def emptied(context: Context) -> Context:
    nothing = {"chosen": "", "note": ""}
    sections = [part | {"rows": [row | nothing for row in part["rows"]]} for part in context["sections"]]
    return context | {"sections": sections, "committee": [row | nothing for row in context["committee"]]}


def test_a_row_without_a_tick_has_words_instead() -> None:
    blank = with_at(visit.RECORD, "sections[1].rows[0].chosen", "")
    assert words(Kind.INSPECTION_RECORD, blank) == [("sections[1].rows[0].chosen", "“消防安全制度”没有检查结果")]
    assert words(Kind.INSPECTION_RECORD, with_at(blank, "sections[1].rows[0].note", "仅有防火制度")) == []
    # A row of words is left out where there is nothing to say.
    assert words(Kind.INSPECTION_RECORD, with_at(visit.RECORD, "sections[0].rows[0].note", "")) == []


# ---------- 责令立即改正 ----------


@pytest.mark.parametrize(
    ("ticked", "refused"),
    [
        ([], ("ticked", "没有勾选违法行为，不制作责令立即改正通知书")),
        ([{"no": 13, "chosen": []}], ("ticked[0].no", "通知书没有第13项违法行为")),
        ([{"no": 5, "chosen": ["拆除"]}], ("ticked[0].chosen", "第5项违法行为选了通知书上没有的情形")),
        ([{"no": 5, "chosen": []}], None),
        ([{"no": 12, "chosen": []}, {"no": 5, "chosen": ["占用", "封闭"]}], None),
    ],
)
def test_a_notice_ticks_a_box_it_prints(ticked: list[Context], refused: tuple[str, str] | None) -> None:
    assert words(Kind.ORDER_NOW, visit.ORDER_NOW | {"ticked": ticked}) == ([refused] if refused else [])


# ---------- 延期 ----------


@pytest.mark.parametrize(
    ("chosen", "until", "refused"),
    [
        (GRANTED, "2026-10-15", []),
        (GRANTED, "", [("until", "同意延期的须写明批准的改正期限")]),
        (GRANTED, "／", [("until", "同意延期的须写明批准的改正期限")]),
        ("不同意", "", []),
        ("不同意", "2026-10-15", [("until", "不同意延期的没有批准的改正期限")]),
        ("", "", [("verdict.chosen", "没有填写审批结果")]),
    ],
)
def test_a_period_is_named_where_it_was_granted(chosen: str, until: str, refused: list[tuple[str, str]]) -> None:
    assert words(Kind.EXTENSION, with_at(case.EXTENSION, "verdict.chosen", chosen) | {"until": until}) == refused


@pytest.mark.parametrize(
    ("kind", "context", "message"),
    [(Kind.EXTENSION, case.EXTENSION, "没有填写原改正期限"), (Kind.RECHECK_RECORD, case.RECHECK, "没有填写改正期限")],
)
def test_the_period_it_is_about_is_named(kind: Kind, context: Context, message: str) -> None:
    assert words(kind, context | {"deadline": ""}) == [("deadline", message)]
    assert words(kind, context) == []


# ---------- 复查 ----------


def test_each_hazard_has_its_result() -> None:
    blank = with_at(case.RECHECK, "results[1].result.chosen", "")
    assert words(Kind.RECHECK_RECORD, blank) == [("results[1].result.chosen", "没有填写第2项的复查结果")]


@pytest.mark.parametrize(
    ("passed", "failed", "refused"),
    [
        ([1], [2], []), ([1, 2], [2], ["passed"]), ([], [2], ["passed"]), ([1], [], ["failed"]),
        ([2], [1], ["passed", "failed"]), ([1], [2, 3], ["failed"]),
    ],
)  # fmt: skip
def test_the_conclusion_is_that_of_the_results(passed: list[int], failed: list[int], refused: list[str]) -> None:
    found = words(Kind.RECHECK_RECORD, case.RECHECK | {"passed": passed, "failed": failed})
    assert [field for field, _ in found] == refused
    assert all(message.endswith("和各项复查结果不一致") for _, message in found)


def test_what_failed_goes_somewhere() -> None:
    nowhere = case.RECHECK | {"referred_to": "", "again_on": ""}
    assert words(Kind.RECHECK_RECORD, nowhere) == [("referred_to", "未改正的须写明移送的单位或者再次复查的日期")]
    assert words(Kind.RECHECK_RECORD, nowhere | {"again_on": "2026-10-20"}) == []


# ---------- 电子送达确认书 ----------


@pytest.mark.parametrize("drawn", [None, {}, {"strokes": []}, {"width": 9, "height": 9, "strokes": [[]]}])
def test_a_consent_is_signed(drawn: Context | None) -> None:
    unsigned = service.CONSENT | {"signatures": {"consenter": drawn}}
    assert words(Kind.SERVICE_CONSENT, unsigned) == [("signatures.consenter", "同意人没有签名")]
    assert words(Kind.SERVICE_CONSENT, service.CONSENT) == []


@pytest.mark.parametrize(
    ("on", "refused"),
    [
        ("", [("consented_on", "没有填写同意日期")]),
        ("2026-09-23", [("issued_on", "确认书签发早于同意：2026-09-22 在 2026-09-23 以前")]),
        ("2026-09-21", []),
    ],
)
def test_a_consent_has_its_day(on: str, refused: list[tuple[str, str]]) -> None:
    assert words(Kind.SERVICE_CONSENT, service.CONSENT | {"consented_on": on}) == refused


# ---------- 举报答复 ----------


@pytest.mark.parametrize(("path", "label"), [("received_at", "接到举报的时间"), ("source", "举报来源")])
def test_a_reply_says_which_complaint_it_answers(path: str, label: str) -> None:
    assert words(Kind.COMPLAINT_REPLY, complaint.REPLY | {path: ""}) == [(path, f"没有填写{label}")]
    assert words(Kind.COMPLAINT_REPLY, complaint.REPLY) == []
