"""作废重出: the chief's reason, nothing left running, and a draft to be corrected."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Disposition, Hazard, Order, Reinspection, Target
from hazards.plan import Decision
from inspections.actions import add_photo, remove_photo
from inspections.actions import discard as give_up
from inspections.models import Finding, Inspection, Photo, Signature, Signer
from records.models import Document
from records.samples.visit import STROKES
from stations.models import User
from tests.hazards.conftest import EVE, VISITED, moment
from tests.inspections.conftest import picture
from units.models import Unit

Conclude = Callable[..., list[Document]]
ON = date(2026, 9, 24)


def test_everything_the_visit_led_to_falls(served: Order, chief: User) -> None:
    actions.void_papers(served.inspection, chief, "单位名称写错", ON)
    served.refresh_from_db()
    assert served.state == "VOID"
    assert set(Hazard.objects.values_list("state", flat=True)) == {"VOID"}
    assert set(Document.objects.values_list("state", "void_reason")) == {("VOID", "单位名称写错")}
    assert not Clock.objects.running().exists()
    served.inspection.refresh_from_db()
    assert served.inspection.state == "VOID"


def test_the_unit_counts_as_visited_on_its_latest_visit_that_stands(
    open_visit: Callable[..., Inspection], unit: Unit, conclude: Conclude, chief: User
) -> None:
    visits: list[Inspection] = []
    for on in (date(2026, 3, 3), VISITED):
        visits.append(open_visit(unit, visited_on=on))
        conclude(visits[-1])
    days = []
    for visit in reversed(visits):
        draft = actions.void_papers(visit, chief, "单位名称写错", ON)
        unit.refresh_from_db()
        days.append(unit.last_visited_on)
        give_up(draft, draft.lead)
    assert days == [date(2026, 3, 3), None]


def test_a_refused_voiding_leaves_the_day_of_the_visit(served: Order, officer: User) -> None:
    with pytest.raises(RuleError, match="须由所长决定"):
        actions.void_papers(served.inspection, officer, "写错", ON)
    assert Unit.objects.get(pk=served.unit_id).last_visited_on == VISITED


def test_the_draft_keeps_what_was_seen_and_asks_for_new_signatures(served: Order, chief: User) -> None:
    old = served.inspection
    Signature.objects.create(
        inspection=old, signer=Signer.LEAD, name="李建平", strokes=STROKES, signed_at=old.finished_at
    )
    draft = actions.void_papers(old, chief, "单位名称写错", ON)
    assert (draft.state, draft.visited_on, draft.lead, draft.second) == ("DRAFT", VISITED, old.lead, old.second)
    assert draft.answers.count() == old.answers.count()
    assert set(draft.findings.values_list("wording", "days")) == set(old.findings.values_list("wording", "days"))
    assert (draft.signatures.count(), draft.submit_key == old.submit_key) == (0, False)


def test_the_new_papers_take_the_place_of_the_old_ones(served: Order, chief: User, conclude: Conclude) -> None:
    old = served.inspection
    draft = actions.void_papers(old, chief, "单位名称写错", ON)
    papers = conclude(Inspection.objects.get(pk=draft.pk))
    void = Document.objects.filter(state="VOID").exclude(kind="SERVICE_RECEIPT")
    replaced = {paper.kind: paper.replaced_by_id for paper in void}
    assert replaced == {paper.kind: paper.pk for paper in papers}
    assert [paper.sequence for paper in papers] == [2, 2]
    assert Order.objects.valid().get().inspection_id == draft.pk


def test_the_receipt_of_the_corrected_notice_takes_the_place_of_the_one_that_fell(
    served: Order, chief: User, conclude: Conclude, serve: Callable[..., Order]
) -> None:
    first = served.service.document
    draft = actions.void_papers(served.inspection, chief, "单位名称写错", ON)
    conclude(Inspection.objects.get(pk=draft.pk))
    # Corrected once more before anybody served it.
    again = actions.void_papers(Inspection.objects.get(pk=draft.pk), chief, "地址写错", ON)
    conclude(Inspection.objects.get(pk=again.pk))
    assert first is not None
    first.refresh_from_db()
    assert (first.status, first.replaced_by) == ("已作废", None)
    order = Order.objects.valid().get()
    serve(order, ON)
    first.refresh_from_db()
    assert (first.status, first.replaced_by) == ("被取代", Document.objects.valid().get(kind="SERVICE_RECEIPT"))


def test_only_the_chief_voids(served: Order, officer: User, chief: User) -> None:
    with pytest.raises(RuleError, match="须由所长决定"):
        actions.void_papers(served.inspection, officer, "写错", ON)
    assert actions.void_papers(served.inspection, chief, "写错", ON).state == "DRAFT"


def test_a_reason_is_needed(served: Order, chief: User) -> None:
    with pytest.raises(RuleError, match="须写明理由"):
        actions.void_papers(served.inspection, chief, " ", ON)


def test_papers_are_voided_once(served: Order, chief: User) -> None:
    actions.void_papers(served.inspection, chief, "写错", ON)
    with pytest.raises(RuleError, match="已作废，没有可以作废的文书"):
        actions.void_papers(served.inspection, chief, "写错", ON)
    assert Inspection.objects.count() == 2


def test_what_another_authority_has_in_hand_is_not_voided(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User, chief: User
) -> None:
    find(visit, "BD05")
    conclude(visit)
    hazard = Hazard.objects.get()
    actions.refer([hazard], officer, target=Target.FIRE_BRIGADE, basis="规定", facts="见记录", sent_on=ON, today=ON)
    with pytest.raises(RuleError, match="已经移送，文书不能作废"):
        actions.void_papers(visit, chief, "写错", ON)


def test_a_voided_order_opens_no_re_inspection(served: Order, chief: User) -> None:
    actions.void_papers(served.inspection, chief, "写错", ON)
    assert (actions.open_due(EVE), Reinspection.objects.count()) == (0, 0)


def test_an_unfinished_visit_to_the_unit_comes_first(
    served: Order, chief: User, open_visit: Callable[..., Inspection]
) -> None:
    open_visit(served.unit, visited_on=ON)
    with pytest.raises(RuleError, match="还有一次没有完成的检查"):
        actions.void_papers(served.inspection, chief, "写错", ON)


def test_the_corrected_draft_may_decide_otherwise(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, chief: User
) -> None:
    find(visit, "EL01")
    conclude(visit)
    draft = actions.void_papers(visit, chief, "应当移送", ON)
    finding = draft.findings.get()
    conclude(Inspection.objects.get(pk=draft.pk), {finding.pk: Decision(Disposition.REFER)})
    assert Hazard.objects.get(inspection=draft).state == "TO_REFER"


def test_a_photograph_taken_out_of_the_corrected_draft_stays_with_the_voided_visit(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User, chief: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    photo = add_photo(visit, officer, picture(), moment(VISITED))
    content = Path(photo.file.path).read_bytes()
    find(visit, "EV06")
    conclude(visit)
    draft = actions.void_papers(visit, chief, "部位写错", EVE)
    with django_capture_on_commit_callbacks(execute=True):
        remove_photo(draft.photos.get(), officer)
    assert Path(Photo.objects.get().file.path).read_bytes() == content
