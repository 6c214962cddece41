"""The demo: every state of the product, the same on every machine, and never over somebody's data."""

from datetime import date
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from deadlines.models import Clock, Notice, Step
from desk.demo.history import moment
from desk.management.commands.load_demo import first_day
from filings.models import MonthlyReport
from hazards.models import (
    Extension,
    Hazard,
    HazardState,
    Method,
    Order,
    OrderState,
    Referral,
    ReferralState,
    Reinspection,
    Report,
    Service,
)
from inspections.models import Complaint, Inspection
from inspections.models import State as VisitState
from records.models import Document, ReviewState, Seal
from stations.models import User
from stations.permissions import Role
from units.models import Handover, Unit

TODAY = date(2026, 11, 20)


def load() -> str:
    said = StringIO()
    call_command("load_demo", today=TODAY, stdout=said)
    return said.getvalue()


def digest() -> str:
    """What a second machine must come to as well: papers with their words, hazards with their ends."""
    papers = Document.objects.order_by("pk").values_list("number", "unit_name", "issued_on", "review_state")
    hazards = Hazard.objects.order_by("pk").values_list("wording", "state", "deadline", "closed_on")
    return sha256(repr((list(papers), list(hazards))).encode()).hexdigest()


@pytest.mark.slow
@pytest.mark.django_db
def test_every_state_is_there_for_every_role_to_see() -> None:
    load()
    assert set(Hazard.objects.values_list("state", flat=True)) == set(HazardState)
    assert set(Order.objects.values_list("state", flat=True)) == set(OrderState)
    visits = set(Inspection.objects.values_list("state", flat=True))
    assert visits == {VisitState.DRAFT, VisitState.SUBMITTED, VisitState.VOID}
    reviews = set(Document.objects.values_list("review_state", flat=True))
    assert {ReviewState.PENDING, ReviewState.PASSED, ReviewState.RETURNED} <= reviews
    overdue = set(Clock.objects.overdue(moment(TODAY, 8)).values_list("rule_code", flat=True))
    assert {"ORDER_LIMIT_SERVE", "RECHECK", "REFER_FAILED"} <= overdue
    # The papers of the history bear the seal, not the room left for one.
    assert set(Seal.objects.values_list("since", flat=True)) == {moment(first_day(TODAY), 8)}
    assert Reinspection.objects.filter(number=2).exists()
    assert set(Service.objects.values_list("method", flat=True)) == set(Method)
    assert set(Extension.objects.values_list("state", flat=True)) >= {"REQUESTED", "APPROVED", "REFUSED"}
    assert set(Referral.objects.values_list("state", flat=True)) == set(ReferralState)
    assert Report.objects.exclude(sent_on=None).exists()
    complaints = set(Complaint.objects.values_list("state", flat=True))
    assert complaints >= {"RECEIVED", "CHECKED", "ANSWERED", "TRANSFERRED", "NOT_OURS"}
    assert MonthlyReport.objects.exclude(acknowledged_by=None).exists()
    assert Handover.objects.count() == 1
    notices = set(Notice.objects.values_list("step", flat=True))
    assert notices == set(Step)
    # Every open unit has its duty of the year, and nothing the history did was left for beat to catch up on.
    assert (
        Clock.objects.filter(rule_code="INSPECT_MIN").exclude(state="CANCELLED").count() >= Unit.objects.open().count()
    )
    assert set(User.objects.values_list("role", flat=True)) == set(Role)
    assert 380 <= Unit.objects.count() <= 420
    before = digest()
    assert "already loaded" in load()
    assert digest() == before


@pytest.mark.django_db
def test_it_goes_into_an_empty_database_only(officer: User) -> None:
    with pytest.raises(CommandError, match="empty"):
        load()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 20), date(2026, 4, 1)),
        (date(2027, 1, 1), date(2026, 7, 1)),
        (date(2026, 3, 31), date(2025, 7, 1)),
    ],
)
def test_the_history_begins_two_whole_quarters_before_this_one(today: date, first: date) -> None:
    assert first_day(today) == first
