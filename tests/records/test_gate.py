"""Nothing is frozen that lacks something, overflows its form, or is on the wrong form."""

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from fire_supervision.lib.refusals import Refusal
from records.fields import FIELDS, Field
from records.gate import RULES, check, lines_of, width
from records.models import FORMS, Document, DocumentCounter, Kind
from records.samples import SAMPLES
from records.samples.sample import Sample
from records.samples.visit import ORDER_LIMIT, ORDER_NOW, RECORD, RECORD_COMMITTEE
from trail.models import AuditEntry

Context = dict[str, Any]
Issue = Callable[..., Document]
NAMES = [f"{sample.kind} {sample.name}" for sample in SAMPLES]


def fields(context: Context, kind: Kind = Kind.ORDER_LIMIT) -> list[str]:
    return [fault.field for fault in check(kind, context)]


def words(context: Context, kind: Kind = Kind.ORDER_LIMIT) -> list[str]:
    return [fault.words for fault in check(kind, context)]


def with_at(context: Context, place: str, value: Any) -> Context:
    """A copy of ``context`` with ``value`` at `problems[0].violates`."""
    copied = deepcopy(context)
    steps: list[Any] = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", place)]
    part: Any = copied
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = value
    return copied


def first_place(context: Context, field: Field) -> str | None:
    """Where ``field`` stands first in ``context``; None where its list is empty."""
    place, part = [], context
    for step in field.path.split("."):
        name = step.removesuffix("[]")
        if name not in part:
            return None
        part = part[name]
        place.append(name)
        if step.endswith("[]"):
            if not part:
                return None
            part = part[0]
            place[-1] += "[0]"
    return ".".join(place)


def cases(wanted: Callable[[Field], bool]) -> list[Any]:
    """(kind, context, field, place) of every field of the tables, each in the first sample that has it."""
    found = {}
    for sample in SAMPLES:
        for field in FIELDS.get(sample.kind, ()):
            place = first_place(sample.context, field) if wanted(field) else None
            if place is not None:
                value = (sample.kind, sample.context, field, place)
                found.setdefault((sample.kind, field.path), pytest.param(*value, id=f"{sample.kind} {field.path}"))
    return list(found.values())


# ---------- the table ----------


def test_every_kind_has_a_table() -> None:
    assert set(FIELDS) == set(Kind)
    assert set(RULES) <= set(Kind)


def test_a_field_is_named_once_a_kind() -> None:
    twice = {
        (kind, field.path)
        for kind, table in FIELDS.items()
        for field in table
        if sum(other.path == field.path for other in table) > 1
    }
    assert twice == set()


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_every_sample_may_be_issued(sample: Sample) -> None:
    assert words(sample.context, sample.kind) == []


@pytest.mark.parametrize(
    ("kind", "context", "field", "place"), cases(lambda field: field.required and not field.unless)
)
def test_what_is_required_is_asked_for_by_its_name(kind: Kind, context: Context, field: Field, place: str) -> None:
    blank: Any = [] if field.path.endswith("[]") else "　 "
    faults = check(kind, with_at(context, place, blank))
    # A list whose only entry is blank is named as a whole.
    whole = place.rpartition("[")[0] if field.path.endswith("[]") else place
    named = next(fault for fault in faults if fault.field in (place, whole))
    assert (named.message[:4], named.remedy) == ("没有填写", field.remedy)


def test_an_emoji_is_refused_and_a_symbol_or_a_rare_character_is_not() -> None:
    [fault] = check(Kind.ORDER_LIMIT, with_at(ORDER_LIMIT, "problems[0].detail", "灭火器过期👍，缺2具"))
    assert (fault.field, fault.message) == ("problems[0].detail", "第1处隐患的具体问题里的表情符号👍印不出来")
    assert fault.remedy == "请删去或改成文字。返回检查表改正。"
    assert fields(with_at(ORDER_LIMIT, "problems[0].detail", "50㎡、±5℃、①②、→、☑、★、𬱖")) == []


def test_what_no_face_has_is_refused_where_it_stands(settings: LazySettings, tmp_path: Path) -> None:
    [star] = check(Kind.ORDER_LIMIT, with_at(ORDER_LIMIT, "problems[0].detail", "灭火器⭐过期"))
    assert (star.field, star.message) == ("problems[0].detail", "第1处隐患的具体问题里的“⭐”（U+2B50）印不出来")
    assert star.remedy == "请删去或改成文字。返回检查表改正。"
    assert fields(with_at(ORDER_LIMIT, "problems[0].detail", "灭火\u200b器\n☑\ufe0f\u3000√")) == []
    settings.PAPER_FONTS_DIR = tmp_path
    assert fields(with_at(ORDER_LIMIT, "problems[0].detail", "灭火器⭐过期")) == []
    assert fields(with_at(ORDER_LIMIT, "problems[0].detail", "灭火器👍过期")) == ["problems[0].detail"]


def test_what_stands_in_no_field_of_the_table_is_looked_at_too() -> None:
    more = {"more": [{"note": ["好", "灭火器已经全部更换完毕，请放心✅谢谢配合"]}]}
    [fault] = check(Kind.ORDER_LIMIT, ORDER_LIMIT | more)
    words = "“全部更换完毕，请放心✅谢谢配合”里的“✅”（U+2705）印不出来。请删去或改成文字。"
    assert (fault.field, fault.words) == ("more[0].note[1]", words)
    assert fields(ORDER_LIMIT | {"more": [{"note": ["好"]}], "signatures": {"lead": {"name": "✅"}}}) == []


@pytest.mark.parametrize(("kind", "context", "field", "place"), cases(lambda field: field.box is not None))
def test_what_overflows_its_box_is_refused_and_what_just_fits_is_not(
    kind: Kind, context: Context, field: Field, place: str
) -> None:
    assert field.box is not None
    columns, lines = field.box
    if place == "witness":  # of nothing, he is refused for that
        context = context | {"refusal": "负责人拒绝签名"}
    assert place not in fields(with_at(context, place, "堃" * (columns * lines)), kind)
    assert place not in fields(with_at(context, place, "a" * (columns * lines * 2)), kind)
    over = [
        fault for fault in check(kind, with_at(context, place, "堃" * (columns * lines + 1))) if fault.field == place
    ]
    assert [fault.message for fault in over] == [over[0].message]
    assert over[0].message.endswith(f"放不下：栏内每行 {columns} 字、{lines} 行，现在要 {lines + 1} 行")


@given(st.text("堃a\n"), st.sampled_from("堃a\n"), st.integers(1, 30))
def test_a_longer_text_never_takes_fewer_lines(text: str, more: str, columns: int) -> None:
    assert 1 <= lines_of(text, columns) <= lines_of(text + more, columns)
    assert lines_of(text, columns) * columns >= width("".join(text.splitlines()))


# ---------- who ----------


@pytest.mark.parametrize("kind", [Kind.INSPECTION_RECORD, Kind.ORDER_NOW, Kind.ORDER_LIMIT])
def test_two_officers_are_named_and_one_named_twice_is_one(kind: Kind) -> None:
    context = {Kind.INSPECTION_RECORD: RECORD, Kind.ORDER_NOW: ORDER_NOW, Kind.ORDER_LIMIT: ORDER_LIMIT}[kind]
    first, second = context["officers"]
    for officers in ([], [first], [first, first]):
        named = len({person["name"] for person in officers})
        assert f"须有 2 名执法人员，现在 {named} 名（《行政处罚法》第42条）。在“人员和签名”中改正。" in words(
            context | {"officers": officers}, kind
        )
    assert fields(context | {"officers": [first, second]}, kind) == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if FORMS[kind].officers])
def test_no_kind_is_issued_with_fewer_officers_than_its_form_names(kind: Kind) -> None:
    contexts = [sample.context for sample in SAMPLES if sample.kind == kind]
    for context in contexts:
        assert "officers" in fields(context | {"officers": context["officers"][: FORMS[kind].officers - 1]}, kind)


def test_an_officer_without_a_certificate_is_named() -> None:
    context = with_at(ORDER_LIMIT, "officers[1].certificate", "")
    assert words(context) == ["没有填写张海涛的执法证号。请管理员登记执法证号。"]


def test_nobody_of_the_unit_is_needed_where_it_is_said_why() -> None:
    alone = RECORD | {"companion": {"name": "", "post": ""}}
    assert fields(alone, Kind.INSPECTION_RECORD) == ["companion.name"]
    assert fields(alone | {"refusal": "负责人不在场，已录像"}, Kind.INSPECTION_RECORD) == []


# ---------- whether the form applies ----------


def test_no_hazard_is_without_its_article() -> None:
    assert words(with_at(ORDER_LIMIT, "problems[1].violates", "")) == [
        "没有填写第2处隐患违反的条款。请维护隐患库的公安机关或消防救援大队在隐患库中改写这一条的违反条款。"
    ]


def test_a_notice_without_hazards_does_not_apply() -> None:
    for kind, context in ((Kind.ORDER_NOW, ORDER_NOW), (Kind.ORDER_LIMIT, ORDER_LIMIT)):
        assert words(context | {"problems": []}, kind) == ["没有隐患，不制作责令改正通知书"]


def test_every_hazard_of_a_limit_has_its_day() -> None:
    assert words(ORDER_LIMIT | {"deadlines": [{"items": [2], "on": "2026-09-30"}]}) == [
        "第1处隐患没有改正期限。返回检查表改正。"
    ]
    assert fields(ORDER_LIMIT | {"deadlines": []}) == ["problems[0]", "problems[1]"]


@pytest.mark.parametrize(
    ("offence", "refused"),
    [
        ("使用过期/无标识气瓶", True), ("卷帘门／转门", True), ("定期维修 / 检测", True),
        ("EPS/岩棉混用", True), ("安全出口锁闭（上锁）/（封堵）", True), ("年度/月度检测", True),
        ("2处/三层堵塞", True),
        ("使用过期或者无标识气瓶", False), ("没有按GB/T 40248检查", False), ("火灾荷载大于600MJ/㎡", False),
        ("喷水强度小于6L/（min·㎡）", False), ("疏散人数大于1人/㎡", False), ("检测少于2次/年的", False),
        ("气瓶大于30kg/户的", False), ("流量小于15L/秒", False),
    ],
)  # fmt: skip
def test_a_notice_names_one_offence_and_no_choice_of_several(offence: str, refused: bool) -> None:
    problems = [ORDER_LIMIT["problems"][0] | {"offence": offence}, ORDER_LIMIT["problems"][1]]
    assert fields(ORDER_LIMIT | {"problems": problems}) == ["problems[0].offence"] * refused


@pytest.mark.parametrize(("on", "refused"), [("2026-09-21", True), ("2026-09-22", False), ("2026-09-23", False)])
def test_no_period_is_over_when_the_notice_is_issued(on: str, refused: bool) -> None:
    found = words(ORDER_LIMIT | {"deadlines": [{"items": [1, 2], "on": on}]})
    late = f"改正期限 {on} 在成文日期 2026-09-22 以前。返回检查表延长改正天数。"
    assert found == ([late] if refused else [])


def test_the_rows_of_a_committee_do_not_stand_on_the_form_of_a_unit() -> None:
    rows = RECORD_COMMITTEE["committee"]
    assert fields(RECORD | {"committee": rows}, Kind.INSPECTION_RECORD) == ["committee"]
    assert fields(RECORD_COMMITTEE | {"sections": RECORD["sections"]}, Kind.INSPECTION_RECORD) == ["sections"]
    assert fields(RECORD | {"sections": []}, Kind.INSPECTION_RECORD) == ["sections"]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Kind.RECHECK_RECORD, "results"), (Kind.SERVICE_RECEIPT, "documents"), (Kind.EXTENSION, "items"),
        (Kind.REFERRAL, "hazards"), (Kind.HAZARD_REPORT, "hazards"), (Kind.PLEDGE, "terms"),
    ],
)  # fmt: skip
def test_a_form_about_nothing_does_not_apply(kind: Kind, path: str) -> None:
    for sample in SAMPLES:
        if sample.kind == kind:
            assert fields(sample.context | {path: []}, kind) == [path]


@pytest.mark.parametrize(
    ("kind", "first", "last"), [(Kind.PLEDGE, "since", "until"), (Kind.EXTENSION, "deadline", "until")]
)
def test_no_period_ends_before_it_begins(kind: Kind, first: str, last: str) -> None:
    for sample in SAMPLES:
        if sample.kind == kind and sample.context[last]:
            assert fields(sample.context | {first: "2030-01-01", last: "2029-12-31"}, kind) == [last]
            assert fields(sample.context | {first: "2029-12-31", last: "2029-12-31"}, kind) == []


# ---------- issuing ----------


@pytest.mark.django_db
def test_issuing_says_every_fault_at_once_and_leaves_nothing_behind(issue: Issue) -> None:
    bad = with_at(ORDER_LIMIT, "problems[0].violates", "") | {"unit_name": "", "officers": []}
    with pytest.raises(Refusal) as refusal:
        issue(context=bad)
    assert [fault.field for fault in refusal.value.faults] == ["unit_name", "problems[0].violates", "officers"]
    assert refusal.value.message == "没有填写被检查单位名称"
    assert (Document.objects.count(), DocumentCounter.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)
    assert issue().sequence == 1
