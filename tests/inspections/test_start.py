"""Beginning a visit."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist

from fire_supervision.lib.errors import RuleError
from inspections import actions
from inspections.models import Answer, ChecklistItem, Inspection, State, Subject
from stations.models import Organisation, User
from stations.permissions import Role
from tests.inspections.conftest import AT, VISITED
from trail.models import AuditEntry
from units.models import Kind, Unit


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (Kind.PREMISES, Subject.UNIT),
        (Kind.PROPERTY, Subject.PROPERTY),
        (Kind.COMMITTEE, Subject.COMMITTEE),
        (Kind.VILLAGE, Subject.COMMITTEE),
    ],
)
def test_the_checklist_is_that_of_the_kind_of_unit(
    officer: User, make_unit: Callable[..., Unit], kind: Kind, subject: Subject
) -> None:
    inspection = actions.start(officer, make_unit(kind=kind), VISITED, AT)
    assert (inspection.checklist.subject, inspection.state) == (subject, State.DRAFT)


def test_a_visit_carries_the_scope_of_its_unit_and_one_entry_in_the_trail(officer: User, unit: Unit) -> None:
    inspection = actions.start(officer, unit, VISITED, AT)
    assert inspection.scope_columns() == unit.scope_columns()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id, entry.summary) == (
        "inspections.start", inspection.pk, "开始检查：万家福便利超市",
    )  # fmt: skip


def test_beginning_again_takes_up_the_draft_and_tells_nothing_new(officer: User, unit: Unit) -> None:
    first = actions.start(officer, unit, VISITED, AT)
    second = actions.start(officer, unit, VISITED, AT)
    assert (second.pk, Inspection.objects.count(), AuditEntry.objects.count()) == (first.pk, 1, 1)


def test_a_draft_without_an_answer_takes_the_day_it_is_taken_up(officer: User, unit: Unit) -> None:
    actions.start(officer, unit, VISITED, AT)
    later = VISITED + timedelta(days=3)
    assert actions.start(officer, unit, later, AT + timedelta(days=3)).visited_on == later


def test_a_draft_with_an_answer_keeps_the_day_of_the_visit(
    draft: Inspection, officer: User, unit: Unit, item: Callable[[str], ChecklistItem]
) -> None:
    actions.answer(draft, officer, item("exit"), "畅通")
    assert actions.start(officer, unit, VISITED + timedelta(days=3), AT).visited_on == VISITED


def test_what_the_ledger_knows_of_the_building_stands_on_the_form(
    officer: User, make_unit: Callable[..., Unit]
) -> None:
    inspection = actions.start(officer, make_unit(building_name="利群商住楼"), VISITED, AT)
    answer = Answer.objects.get(inspection=inspection)
    assert (answer.item.code, answer.note, answer.value) == ("building_name", "利群商住楼", "")


def test_two_officers_may_each_have_a_draft_of_one_unit(officer: User, partner: User, unit: Unit) -> None:
    assert actions.start(officer, unit, VISITED, AT).pk != actions.start(partner, unit, VISITED, AT).pk


def test_a_closed_unit_is_not_inspected(officer: User, make_unit: Callable[..., Unit]) -> None:
    unit = make_unit(state="CLOSED", closed_on=VISITED, closed_reason="转让")
    with pytest.raises(RuleError, match="已关闭"):
        actions.start(officer, unit, VISITED, AT)


def test_a_unit_of_another_station_is_as_absent_as_a_missing_one(stranger: User, unit: Unit) -> None:
    with pytest.raises(ObjectDoesNotExist):
        actions.start(stranger, unit, VISITED, AT)


def test_an_assistant_never_inspects_and_an_officer_needs_his_certificate(
    assistant: User, person: Callable[..., User], station: Organisation, unit: Unit
) -> None:
    bare = person(Role.OFFICER, station, "新民警", certificate_no="")
    for user in (assistant, bare):
        with pytest.raises(RuleError, match="执法证号"):
            actions.start(user, unit, VISITED, AT)


def test_a_day_before_the_regulation_has_no_checklist(officer: User, unit: Unit) -> None:
    with pytest.raises(RuleError, match="检查表"):
        actions.start(officer, unit, date(2008, 1, 1), AT)
