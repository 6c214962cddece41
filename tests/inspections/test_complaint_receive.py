"""受理登记: the number, the clocks from the instant of the call, the handler, the second press."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from deadlines.calendar import Calendar
from deadlines.models import Clock, DeadlineRule
from deadlines.rules import compute
from fire_supervision.lib.errors import RuleError
from inspections import complaining
from inspections.complaint_entries import Told
from inspections.models import Complaint, ComplaintCategory, ComplaintState, Jurisdiction, Manner
from records.models import DocumentCounter
from stations.models import Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.inspections.complaints import CALLED, NAME, call, instant, received
from trail.models import AuditEntry
from units.models import Unit


def clocks(complaint: Complaint) -> dict[str, Clock]:
    return {clock.rule_code: clock for clock in Clock.objects.filter(subject_id=complaint.pk)}


def test_a_complaint_takes_the_next_number_of_its_station_and_year(officer: User, chief: User) -> None:
    made = [received(officer), received(chief), received(officer, received_at=instant(31, 23, 59, month=12))]
    assert [one.number for one in made] == [
        "江公（城关）消举字〔2026〕第0001号",
        "江公（城关）消举字〔2026〕第0002号",
        "江公（城关）消举字〔2026〕第0003号",
    ]
    assert {(one.state, one.handler_id == one.received_by_id) for one in made} == {("RECEIVED", True)}


def test_locked_exits_are_checked_within_24_hours_at_night_and_over_a_festival(officer: User) -> None:
    made = received(officer, received_at=instant(25, 23, 30))
    clock = clocks(made)["COMPLAINT_EXIT"]
    assert (clock.due_at, clock.due_on) == (instant(26, 23, 30), date(2026, 9, 26))
    assert (clock.owner, clock.key) == (officer, f"complaint_check:{made.pk}:1")


def test_anything_else_is_checked_within_three_working_days(officer: User) -> None:
    made = received(officer, category=ComplaintCategory.OTHER)
    clock = clocks(made)["COMPLAINT_OTHER"]
    # Thursday, then 中秋节 from Friday to Sunday, then Monday and Tuesday.
    assert (clock.due_on, clock.due_at) == (date(2026, 9, 29), None)
    assert [day["kind"] for day in clock.explanation] == ["start", "count", "skip", "skip", "skip", "count", "due"]


@settings(max_examples=60)
@given(st.integers(0, 360 * 24 * 60))
def test_a_day_of_hours_ends_at_the_same_minute_whatever_day_follows(minutes: int) -> None:
    at = instant(1, month=1) + timedelta(minutes=minutes)
    rule = DeadlineRule(code="COMPLAINT_EXIT", amount=24, unit="HOURS")
    explained = compute(rule, at.date(), Calendar(), at=at)
    assert (explained.due_at, explained.due_on) == (at + timedelta(hours=24), at.date() + timedelta(days=1))


def test_the_result_is_owed_to_whoever_can_be_told(officer: User) -> None:
    assert set(clocks(received(officer))) == {"COMPLAINT_EXIT", "COMPLAINT_FEEDBACK"}
    assert set(clocks(received(officer, complainant=""))) == {"COMPLAINT_EXIT", "COMPLAINT_FEEDBACK"}
    assert set(clocks(received(officer, complainant="", contact=""))) == {"COMPLAINT_EXIT"}


def test_what_belongs_to_other_police_has_24_hours_to_be_transferred(officer: User) -> None:
    made = received(officer, jurisdiction=Jurisdiction.OTHER_POLICE)
    assert made.state == ComplaintState.TO_TRANSFER
    assert {code: clock.due_at for code, clock in clocks(made).items()} == {
        "COMPLAINT_TRANSFER": CALLED + timedelta(hours=24)
    }


def test_what_is_no_police_matter_is_told_in_the_same_act(officer: User) -> None:
    told = Told(CALLED, Manner.PHONE, "请向住房和城乡建设主管部门反映")
    made = received(officer, jurisdiction=Jurisdiction.NOT_POLICE, told=told)
    clock = clocks(made)["COMPLAINT_NOTJURIS"]
    assert (made.state, made.told_at, made.told_by) == ("NOT_OURS", CALLED, officer)
    assert (clock.state, clock.met_on, clock.met_at) == ("MET", date(2026, 9, 23), CALLED)
    with pytest.raises(RuleError, match="怎样告知") as refused:
        received(officer, jurisdiction=Jurisdiction.NOT_POLICE)
    assert "第61条" in refused.value.basis


def test_the_same_form_sent_twice_registers_once(officer: User) -> None:
    key = uuid4()
    first = complaining.receive_complaint(officer, call(officer), key=key, at=CALLED)
    again = complaining.receive_complaint(officer, call(officer), key=key, at=CALLED + timedelta(minutes=1))
    assert (again, Complaint.objects.count(), Clock.objects.count()) == (first, 1, 2)
    assert DocumentCounter.objects.get().last == 1
    assert AuditEntry.objects.filter(action="inspections.receive_complaint").count() == 1


def test_a_refused_registration_uses_no_number(officer: User, assistant: User) -> None:
    with pytest.raises(RuleError, match="不能晚于现在"):
        complaining.receive_complaint(officer, call(officer), key=uuid4(), at=CALLED - timedelta(minutes=1))
    with pytest.raises(RuleError, match="周小川 不能承办"):
        received(officer, handler=assistant)
    assert received(officer).sequence == 1


def test_the_name_and_place_of_a_unit_in_the_ledger_are_kept_in_words(officer: User, unit: Unit) -> None:
    made = received(officer, unit=unit, premises="旅馆", address="")
    Unit.objects.filter(pk=unit.pk).update(name="改名超市")
    made.refresh_from_db()
    assert (made.unit, made.premises, made.address) == (unit, "万家福便利超市", "北大街62号")


def test_a_unit_of_the_station_next_door_is_out_of_reach(
    officer: User, make_unit: Callable[..., Unit], sibling: Organisation
) -> None:
    with pytest.raises(Unit.DoesNotExist):
        received(officer, unit=make_unit(station=sibling))


def test_the_clock_stays_with_the_handler_when_the_unit_goes_to_somebody_else(officer: User, unit: Unit) -> None:
    """The register goes its own way: the clock is not among those of the unit."""
    made = received(officer, unit=unit)
    assert {clock.unit_id for clock in clocks(made).values()} == {None}


def test_the_handler_hears_of_it_unless_he_took_it_down_himself(officer: User, partner: User) -> None:
    received(officer)
    made = received(officer, handler=partner)
    (message,) = Message.objects.all()
    assert (message.user, message.title, message.url) == (
        partner,
        "交办举报：鑫源旅馆",
        f"/inspections/complaints/{made.pk}/",
    )
    assert message.body == "江公（城关）消举字〔2026〕第0002号，疏散、停用设施类，09-24 21:15 前办理"


def test_an_officer_of_a_police_office_handles_only_what_he_sees(
    officer: User, station: Organisation, person: Callable[..., User], make_unit: Callable[..., Unit]
) -> None:
    office = Organisation.objects.create(
        kind=OrganisationKind.OFFICE, name="东街警务室", parent=station, bureau=station.bureau
    )
    clerk = person(Role.OFFICER, office, "吴室", certificate_no="江公证7")
    with pytest.raises(RuleError, match="吴室 不能承办"):
        received(officer, handler=clerk)
    mine = make_unit("东街小吃店", **office.scope_columns())
    made = received(officer, handler=clerk, unit=mine)
    assert (made.office_id, Complaint.objects.for_user(clerk).get()) == (office.pk, made)


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("complaint_named_or_anonymous", {"complainant": ""}),
        ("complaint_named_or_anonymous", {"anonymous": True}),
        ("complaint_checked", {"state": "CHECKED"}),
        ("complaint_transferred_somewhere", {"state": "TRANSFERRED"}),
        ("complaint_told_or_reason", {"state": "ANSWERED"}),
        ("complaint_not_ours", {"state": "NOT_OURS"}),
        ("complaint_not_ours", {"jurisdiction": "NOT_POLICE"}),
        ("complaint_withdrawn_has_reason", {"state": "WITHDRAWN"}),
        ("complaint_untouched", {"told_at": CALLED}),
        ("complaint_checked_by_two", {"checked_at": CALLED, "truth": "TRUE", "state": "CHECKED"}),
    ],
)
def test_the_table_refuses_a_state_without_its_facts(officer: User, constraint: str, wrong: dict[str, object]) -> None:
    made = received(officer)
    with pytest.raises(IntegrityError, match="constraint"), transaction.atomic():
        Complaint.objects.filter(pk=made.pk).update(**wrong)
    assert constraint in {one.name for one in Complaint._meta.constraints}


def test_a_name_in_the_words_of_the_complaint_is_refused(officer: User) -> None:
    with pytest.raises(RuleError, match="举报人的姓名或者电话"):
        received(officer, content=f"{NAME}说后门上锁")
    assert Complaint.objects.count() == 0
