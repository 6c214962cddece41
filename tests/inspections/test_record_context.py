"""The 检查记录 as plain values."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from inspections import actions
from inspections.entries import People
from inspections.models import ChecklistItem, Finding, Inspection, Signer
from inspections.papers import record_context
from records.samples.visit import RECORD, RECORD_COMMITTEE, RECORD_REFERRED
from stations.models import User
from tests.inspections.conftest import AT, DOOR, STROKES, VISITED
from units.models import Unit

Item = Callable[[str], ChecklistItem]


def shape(value: Any) -> Any:
    """The keys of a context, to be compared with the sample of the form."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    return "list" if isinstance(value, list) else "value"


def context(inspection: Inspection, **given: Any) -> dict[str, Any]:
    return record_context(inspection, **{"orders": [], "referral_items": []} | given)


def test_the_keys_are_those_of_the_form(ready: Inspection, officer: User, people: People) -> None:
    actions.set_people(ready, officer, replace(people, ink=False))
    for signer in Signer:
        actions.sign(ready, officer, signer, STROKES, AT, place=DOOR)
    ready.refresh_from_db()
    built = shape(context(ready)) | {"number": "value"}
    sample = shape(RECORD)
    for part in ("lead", "second", "companion"):
        sample["signatures"][part] = {"width": "value", "height": "value", "strokes": "list"}
    assert (set(built.pop("signed")), sample.pop("signed")) == ({"content", "sha256", "by"}, {})
    assert built == sample


def test_a_context_is_plain_json(ready: Inspection) -> None:
    built = context(ready, orders=[{"title": "责令限期改正通知书", "number": "1"}], referral_items=[1, 3])
    assert json.loads(json.dumps(built)) == built


def test_the_head_says_who_what_and_when(officer: User, make_unit: Callable[..., Unit]) -> None:
    unit = make_unit(area=Decimal("286.50"), floors="1至3层", height=Decimal("10.00"), is_key=True)
    built = context(actions.start(officer, unit, VISITED, AT))
    assert built["unit"] == {
        "name": "万家福便利超市", "person": "刘桂香", "address": "北大街62号", "nature": "重点单位，小商店",
        "area": "286.5", "floors": "1至3层", "height": "10",
    }  # fmt: skip
    assert (built["heading"], built["visited_on"]) == ("江城市公安局城关派出所", "2026-09-25")


def test_a_visit_finished_the_next_day_is_issued_then(ready: Inspection, officer: User) -> None:
    done = actions.submit(ready, officer, AT + timedelta(days=1))
    built = context(done)
    assert (built["visited_on"], built["issued_on"]) == ("2026-09-25", "2026-09-26")


def test_a_row_prints_its_value_and_the_hazards_in_words(
    ready: Inspection, officer: User, item: Item, find: Callable[[Inspection], Finding]
) -> None:
    find(ready)
    actions.answer(ready, officer, item("exit"), "锁闭", "已当场开启")
    rows = {row["text"]: row for section in context(ready)["sections"] for row in section["rows"]}
    assert rows["安全出口"] == {
        "text": "安全出口", "options": ["畅通", "堵塞", "锁闭", "缺少"], "chosen": "锁闭",
        "note": "一层北侧后门安全出口锁闭1处；已当场开启",
    }  # fmt: skip


def test_a_value_without_a_box_is_printed_in_words(ready: Inspection, officer: User, item: Item) -> None:
    actions.answer(ready, officer, item("basis"), "以上均不符合", "正在补办")
    row = context(ready)["sections"][0]["rows"][1]
    assert (row["chosen"], row["note"], len(row["options"])) == ("", "以上均不符合；正在补办", 3)


def test_a_committee_fills_its_own_part_of_the_form(officer: User, make_unit: Callable[..., Unit]) -> None:
    built = context(actions.start(officer, make_unit("石桥村村民委员会", kind="VILLAGE"), VISITED, AT))
    assert (built["subject"], built["sections"], built["unit"]["nature"]) == ("COMMITTEE", [], "村民委员会")
    assert [row["text"] for row in built["committee"]] == [row["text"] for row in RECORD_COMMITTEE["committee"]]


def test_acceptance_goes_to_housing_and_opening_to_the_brigade(ready: Inspection) -> None:
    referrals = context(ready, referral_items=[3, 1])["referrals"]
    assert referrals == [
        {"items": [1], "to": "住房和城乡建设主管部门"},
        {"items": [3], "to": "江城市消防救援大队"},
    ]
    assert [shape(entry) for entry in referrals] == [shape(entry) for entry in RECORD_REFERRED["referrals"]]


@pytest.mark.parametrize("ink", [True, False])
def test_what_is_signed_in_ink_leaves_the_places_free(
    ready: Inspection, officer: User, people: People, ink: bool
) -> None:
    actions.set_people(ready, officer, replace(people, ink=False))
    actions.sign(ready, officer, Signer.LEAD, STROKES, AT, place=DOOR)
    row = actions.set_people(ready, officer, replace(people, ink=ink))
    assert context(row)["signatures"] == {"lead": None if ink else STROKES, "second": None, "companion": None}
