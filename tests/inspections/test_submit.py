"""Finishing a visit, and what it still lacks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fire_supervision.lib.errors import RuleError
from inspections import actions
from inspections.entries import FindingDraft, People
from inspections.missing import SEVERAL, missing
from inspections.models import Answer, ChecklistItem, Finding, HazardType, Inspection, Signer, State
from inspections.rules import is_enforcer
from records.fields import WITNESS_ALONE
from stations.models import User
from tests.examples import examples
from tests.inspections.conftest import AT, DOOR, STROKES, VISITED
from trail.models import AuditEntry
from units.models import Unit

Item = Callable[[str], ChecklistItem]


def words(inspection: Inspection) -> list[str]:
    inspection.refresh_from_db()
    return [gap.words for gap in missing(inspection)]


def test_a_complete_visit_is_finished_and_the_unit_knows_the_day(ready: Inspection, officer: User, unit: Unit) -> None:
    done = actions.submit(ready, officer, AT)
    unit.refresh_from_db()
    assert (done.state, done.finished_at, unit.last_visited_on) == (State.SUBMITTED, AT, VISITED)
    entry = AuditEntry.objects.get(action="inspections.submit")
    assert entry.summary == "完成检查：万家福便利超市，未发现隐患"


def test_a_second_submit_changes_nothing(ready: Inspection, officer: User, partner: User) -> None:
    actions.submit(ready, officer, AT)
    again = actions.submit(ready, partner, AT + timedelta(hours=1))
    assert again.finished_at == AT
    assert AuditEntry.objects.filter(action="inspections.submit").count() == 1


def test_a_new_draft_lacks_every_row_and_every_person(draft: Inspection) -> None:
    gaps = missing(draft)
    assert len(gaps) == 22 + 6
    assert [(gap.words, gap.page, gap.anchor) for gap in (gaps[0], gaps[-1])] == [
        ("建筑物：还没有检查结果", "inspections:fill", "item-basis"),
        ("随同人员还没有签名", "inspections:people", "sign-COMPANION"),
    ]


def test_an_incomplete_visit_is_not_finished_and_says_why(draft: Inspection, officer: User) -> None:
    with pytest.raises(RuleError, match="还差 28 项：建筑物：还没有检查结果"):
        actions.submit(draft, officer, AT)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_a_failed_row_needs_a_hazard_or_a_word(
    ready: Inspection, officer: User, item: Item, find: Callable[[Inspection], Finding]
) -> None:
    actions.answer(ready, officer, item("exit"), "锁闭")
    assert words(ready) == ["安全出口：选了“锁闭”，还没有选隐患表述或写说明"]
    actions.answer(ready, officer, item("exit"), "锁闭", "已报消防救援大队认定")
    assert words(ready) == []
    actions.answer(ready, officer, item("exit"), "锁闭", "")
    find(ready)
    assert words(ready) == []


def test_a_period_for_an_entry_of_several_offences_is_told_before_anybody_signs(
    ready: Inspection, officer: User, find: Callable[..., Finding]
) -> None:
    finding, limit = find(ready), FindingDraft(place="一层", words="安全出口锁闭", mode="LIMIT", days=7)
    actions.change_finding(finding, officer, limit)
    assert words(ready) == []
    HazardType.objects.filter(code="EV02").update(name="封闭/锁闭安全出口")
    (gap,) = missing(ready)
    assert (gap.words, gap.page, gap.anchor) == (
        f"安全出口：“封闭/锁闭安全出口”{SEVERAL}", "inspections:fill", "item-exit",
    )  # fmt: skip
    HazardType.objects.filter(code="EV02").update(order_item="-")
    assert words(ready) == []
    HazardType.objects.filter(code="EV02").update(order_item="5")
    assert len(words(ready)) == 1
    actions.change_finding(finding, officer, replace(limit, mode="NOW", days=0))
    assert words(ready) == []


@pytest.mark.parametrize(
    ("change", "lack"),
    [
        ({"second": None}, "还没有选第二检查人：检查人员不得少于两人"),
        ({"showed_id": False}, "还没有确认已出示执法证件"),
        ({"companion": ""}, "还没有填随同人员，也没有注明拒签或不在场的情况"),
    ],
)
def test_each_thing_the_law_asks_of_people_is_asked_for(
    ready: Inspection, officer: User, people: People, change: dict[str, None], lack: str
) -> None:
    actions.set_people(ready, officer, replace(people, **change))  # type: ignore[arg-type] # one field a case
    assert words(ready) == [lack]


def test_a_witness_kept_with_nothing_refused_is_told_before_anybody_signs(
    ready: Inspection, officer: User, people: People
) -> None:
    actions.set_people(ready, officer, replace(people, witness="邻居赵德厚", ink=False))
    ready.refresh_from_db()
    first, *rest = missing(ready)
    assert (first.words, first.page, first.anchor) == (WITNESS_ALONE, "inspections:people", "id_witness")
    assert [gap.anchor for gap in rest] == ["sign-LEAD", "sign-SECOND", "sign-COMPANION"]
    actions.set_people(ready, officer, replace(people, witness="邻居赵德厚"))
    with pytest.raises(RuleError, match=f"还差 1 项：{WITNESS_ALONE}"):
        actions.submit(ready, officer, AT)
    actions.set_people(ready, officer, replace(people, witness="邻居赵德厚", refusal="拒绝签名，已全程录音录像"))
    assert words(ready) == []


def test_on_the_screen_three_sign_or_the_refusal_is_noted(ready: Inspection, officer: User, people: People) -> None:
    actions.set_people(ready, officer, replace(people, ink=False))
    assert words(ready) == ["检查人还没有签名", "第二检查人还没有签名", "随同人员还没有签名"]
    actions.sign(ready, officer, Signer.LEAD, STROKES, AT, place=DOOR)
    actions.sign(ready, officer, Signer.SECOND, STROKES, AT, place=DOOR)
    assert words(ready) == ["随同人员还没有签名"]
    actions.set_people(ready, officer, replace(people, ink=False, companion="", refusal="负责人不在场，已录像"))
    assert words(ready) == ["检查人还没有签名", "第二检查人还没有签名"]
    for signer in (Signer.LEAD, Signer.SECOND):
        actions.sign(ready, officer, signer, STROKES, AT, place=DOOR)
    assert words(ready) == []


def test_a_second_officer_who_left_in_the_meantime_no_longer_counts(
    ready: Inspection, officer: User, partner: User
) -> None:
    User.objects.filter(pk=partner.pk).update(is_active=False)
    with pytest.raises(RuleError, match="第二检查人张海涛"):
        actions.submit(ready, officer, AT)


def test_nobody_else_finishes_the_visit(ready: Inspection, chief: User, stranger: User) -> None:
    with pytest.raises(RuleError, match="只有检查人可以填写"):
        actions.submit(ready, chief, AT)
    with pytest.raises(ObjectDoesNotExist):
        actions.submit(ready, stranger, AT)


def test_the_database_itself_wants_two_different_officers(ready: Inspection, officer: User) -> None:
    for change in ({"second": officer}, {"second": None, "state": "SUBMITTED", "finished_at": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=ready.pk).update(**change)


def test_the_rule_in_python_and_the_rule_in_sql_name_the_same_officers(
    officer: User, partner: User, chief: User, assistant: User, stranger: User, supervisor: User
) -> None:
    station = officer.home_station.pk
    everybody = User.objects.select_related("organisation")
    named = {user.pk for user in everybody if is_enforcer(user, station)}
    assert named == set(User.objects.enforcers().of_station(station).values_list("pk", flat=True))
    assert named == {officer.pk, partner.pk, chief.pk}


ENTRIES = st.lists(st.sampled_from(["skip", "pass", "fail", "fail_note", "fail_finding"]), min_size=7, max_size=7)


@pytest.mark.slow
@given(entries=ENTRIES, second=st.booleans(), showed=st.booleans(), companion=st.sampled_from(["刘桂香", ""]))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_missing_exactly_when_the_visit_can_be_finished(
    make_unit: Callable[..., Unit], officer: User, partner: User,
    entries: list[str], second: bool, showed: bool, companion: str,
) -> None:  # fmt: skip
    with transaction.atomic():
        inspection = actions.start(officer, make_unit(kind="COMMITTEE"), VISITED, AT)
        for item, entry in zip(inspection.checklist.items.all(), entries, strict=True):
            enter(inspection, officer, item, entry)
        people = People(partner if second else None, showed_id=showed, companion=companion, ink=True)
        inspection = actions.set_people(inspection, officer, people)
        complete = not missing(inspection)
        assert complete == (not {"skip", "fail"} & set(entries) and second and showed and bool(companion))
        try:
            actions.submit(inspection, officer, AT)
        except RuleError:
            assert not complete
        else:
            assert complete
        transaction.set_rollback(True)


def enter(inspection: Inspection, officer: User, item: ChecklistItem, entry: str) -> None:
    if entry == "skip":
        return
    mark = "PASS" if entry == "pass" else "FAIL"
    value = next(known["value"] for known in item.values if known["mark"] == mark)
    actions.answer(inspection, officer, item, value, "见备注" if entry == "fail_note" else "")
    if entry == "fail_finding":
        kind = HazardType.objects.filter(items=item).first()
        assert kind is not None
        actions.add_finding(inspection, officer, item, kind, FindingDraft("全村", "未落实", mode="LIMIT", days=15))


def test_answers_are_unique_in_the_database_too(draft: Inspection, officer: User, item: Item) -> None:
    actions.answer(draft, officer, item("exit"), "畅通")
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(inspection=draft, item=item("exit"), value="畅通")
