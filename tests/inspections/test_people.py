"""Two officers, the person who came along, and their signatures."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from inspections import actions
from inspections.entries import People
from inspections.models import Inspection, Signer
from stations.models import Organisation, User
from stations.permissions import Role
from tests.inspections.conftest import AT, DOOR, STROKES
from trail.models import AuditEntry


def signed(inspection: Inspection) -> dict[str, str]:
    return dict(inspection.signatures.values_list("signer", "name"))


def test_who_was_there_is_written_down(draft: Inspection, officer: User, partner: User, assistant: User) -> None:
    people = People(partner, assistant, True, "刘桂香", "店主", "", False, "已口头提醒")
    row = actions.set_people(draft, officer, people)
    row.refresh_from_db()
    assert (row.second, row.assistant, row.showed_id, row.companion, row.companion_post, row.remark) == (
        partner, assistant, True, "刘桂香", "店主", "已口头提醒",
    )  # fmt: skip


def test_the_second_officer_is_another_officer_of_the_station_with_a_certificate(
    draft: Inspection, officer: User, assistant: User, stranger: User, chief: User, people: People,
    person: Callable[..., User], station: Organisation,
) -> None:  # fmt: skip
    bare = person(Role.OFFICER, station, "新民警", certificate_no="")
    gone = person(Role.OFFICER, station, "老民警", is_active=False)
    for second in (officer, assistant, stranger, bare, gone):
        with pytest.raises(RuleError) as refusal:
            actions.set_people(draft, officer, replace(people, second=second))
        assert refusal.value.basis == "《消防监督检查规定》第14条、《行政处罚法》第42条"
    assert actions.set_people(draft, officer, replace(people, second=chief)).second == chief


def test_only_an_assistant_of_the_station_assists(
    draft: Inspection, officer: User, partner: User, people: People
) -> None:
    with pytest.raises(RuleError, match="不是本所辅警"):
        actions.set_people(draft, officer, replace(people, assistant=partner))


def test_nobody_signs_on_a_screen_that_is_nowhere(draft: Inspection, officer: User) -> None:
    with pytest.raises(Refusal) as refused:
        actions.sign(draft, officer, Signer.LEAD, STROKES, AT)
    assert [fault.field for fault in refused.value.faults] == ["place"]
    assert draft.signatures.count() == 0


def test_each_signs_under_his_own_name_and_signing_again_replaces(
    draft: Inspection, officer: User, people: People
) -> None:
    actions.set_people(draft, officer, people)
    for signer in (*Signer, Signer.LEAD):
        actions.sign(draft, officer, signer, STROKES, AT, place=DOOR)
    assert signed(draft) == {"LEAD": "李建平", "SECOND": "张海涛", "COMPANION": "刘桂香"}
    assert AuditEntry.objects.filter(action="inspections.sign").count() == 4


def test_nobody_signs_for_somebody_who_is_not_named(draft: Inspection, officer: User) -> None:
    for signer in (Signer.SECOND, Signer.COMPANION):
        with pytest.raises(RuleError, match="不能签名"):
            actions.sign(draft, officer, signer, STROKES, AT, place=DOOR)
    actions.sign(draft, officer, Signer.LEAD, STROKES, AT, place=DOOR)
    assert signed(draft) == {"LEAD": "李建平"}


def test_a_signature_can_be_taken_back(draft: Inspection, officer: User) -> None:
    actions.sign(draft, officer, Signer.LEAD, STROKES, AT, place=DOOR)
    assert actions.sign(draft, officer, Signer.LEAD, None, AT) is None
    assert signed(draft) == {}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"companion": "刘桂花"}, set()),
        ({"companion_post": "经理"}, set()),
        ({"refusal": "拒绝签名，已录像"}, set()),
        ({"witness": "邻居赵德厚"}, set()),
        ({"remark": "补记"}, set()),
        ({"ink": True}, {"LEAD", "SECOND", "COMPANION"}),
        ({"showed_id": False}, {"LEAD", "SECOND", "COMPANION"}),
    ],
)
def test_every_signature_falls_with_what_was_signed(
    draft: Inspection, officer: User, people: People, change: dict[str, str], left: set[str]
) -> None:
    people = replace(people, ink=False)
    actions.set_people(draft, officer, people)
    for signer in Signer:
        actions.sign(draft, officer, signer, STROKES, AT, place=DOOR)
    actions.set_people(draft, officer, replace(people, **change))  # type: ignore[arg-type] # one field a case
    assert set(signed(draft)) == left


def test_another_second_officer_signs_himself(draft: Inspection, officer: User, chief: User, people: People) -> None:
    actions.set_people(draft, officer, people)
    actions.sign(draft, officer, Signer.SECOND, STROKES, AT, place=DOOR)
    actions.set_people(draft, officer, replace(people, second=chief))
    assert signed(draft) == {}
