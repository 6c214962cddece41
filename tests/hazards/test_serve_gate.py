"""What 登记送达 accepts the gate of its 送达回证 accepts, and the reverse."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hazards.case_papers import receipt_context
from hazards.models import Method, Order, Service
from hazards.serving import faults, receipt_faults
from hazards.ways import WAYS
from inspections.models import Jurisdiction
from records import fields, gate
from records.gate import check
from records.models import Kind
from stations.models import User
from tests.examples import examples
from tests.hazards.conftest import VISITED, moment
from tests.hazards.test_serve_ways import COMPLETE

TODAY = VISITED + timedelta(days=3)
# The paper's own words for a field of the form, where its last word is another one.
OTHERWISE = {"name": "recipient", "on": "sent_on"}


def test_the_gate_knows_the_same_ways_and_asks_for_the_same() -> None:
    assert list(fields.WAYS) == [method.label for method in WAYS]
    for method, way in WAYS.items():
        asked = {OTHERWISE.get(last, last) for path in fields.WAYS[method.label] for last in [path.split(".")[-1]]}
        # The end of its period is counted, not typed.
        assert asked - {"ends_on"} == {ask.field for ask in way.asks if ask.needed}, method
    assert Jurisdiction.OURS.label == gate.OURS
    assert Method.LEAVE.label == fields.LEFT


@st.composite
def services(draw: st.DrawFn) -> dict[str, Any]:
    """What may have been typed for a way of serving: each field of it, or nothing; days in any order up to today."""
    method = draw(st.sampled_from(list(Method)))
    typed: dict[str, Any] = {"method": method, "recorder_no": draw(st.sampled_from(["", "YY-07"]))}
    typed |= {"alone": draw(st.booleans()), "assisted": draw(st.booleans())}
    for ask in WAYS[method].asks:
        left_out = ask.field == "recorder_no" or draw(st.integers(0, 5)) == 0
        if left_out:
            continue
        if ask.field in ("served_at", "sent_on", "consented_on"):
            day = VISITED + timedelta(days=draw(st.integers(0, 3)))
            typed[ask.field] = moment(day, 9) if ask.field == "served_at" else day
        else:
            typed[ask.field] = COMPLETE[method].get(ask.field, "有")
    return typed


@pytest.mark.django_db
@given(typed=services())
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_accepted_at_the_door_is_accepted_at_the_gate_and_the_reverse(
    order: Order, officer: User, partner: User, assistant: User, typed: dict[str, Any]
) -> None:
    values = dict(typed)
    method, second = values.pop("method"), None if values.pop("alone") else partner
    values |= {"assistant": assistant if values.pop("assisted") else None, "served_at": values.get("served_at")}
    said = list(faults(order, method, officer, second, values, moment(TODAY, 16)))
    ends = moment(date(2026, 11, 24)) if method == Method.NOTICE else values["served_at"]
    service = Service(
        **values | {"served_at": ends}, order=order, method=method, server=officer, second=second, registered_by=officer
    )
    refused = check(Kind.SERVICE_RECEIPT, receipt_context(service, TODAY))
    assert bool(refused) == bool(said), (said, refused)
    # Two days in the wrong order are told at one of them here and at the other there.
    days = {"served_at", "sent_on", "consented_on"}
    assert {fault.field for fault in receipt_faults(service, TODAY)} - days == {fault.field for fault in said} - days
