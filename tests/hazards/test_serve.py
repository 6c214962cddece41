"""送达: once, at a time that can be, by those who may."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Hazard, Order, Service
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.hazards.conftest import VISITED, moment

Serve = Callable[..., Order]


def test_direct_service_stops_its_clock_on_the_day_it_happened(order: Order, serve: Serve) -> None:
    served = serve(order, date(2026, 9, 23))
    clock = Clock.objects.get(key=f"serve:{order.pk}")
    assert (served.state, clock.state, clock.met_on) == ("SERVED", "MET", date(2026, 9, 23))
    assert (served.service.recipient, served.service.method) == ("刘桂香", "DIRECT")


def test_a_second_service_is_refused_and_changes_nothing(order: Order, serve: Serve) -> None:
    serve(order, date(2026, 9, 23))
    with pytest.raises(RuleError, match="已送达，没有再次登记送达"):
        serve(order, date(2026, 9, 24), recipient="别人")
    assert Service.objects.get(order=order).recipient == "刘桂香"


def test_service_in_the_future_is_refused(order: Order, serve: Serve) -> None:
    with pytest.raises(RuleError, match="送达时间在以后"):
        serve(order, VISITED, served_at=moment(VISITED, 16) + timedelta(hours=1))
    assert serve(order, VISITED).state == "SERVED"


def test_service_before_the_notice_was_issued_is_refused(order: Order, serve: Serve) -> None:
    with pytest.raises(RuleError, match="早于签发日期"):
        serve(order, VISITED, served_at=moment(VISITED - timedelta(days=1)))


def test_one_officer_alone_needs_the_body_camera(order: Order, serve: Serve) -> None:
    with pytest.raises(RuleError, match="全程录音录像") as refusal:
        serve(order, VISITED, second=None)
    assert refusal.value.basis == "程序规定第52条"
    assert serve(order, VISITED, second=None, recorder_no="YY-20260922-07").state == "SERVED"


def test_an_assistant_does_not_serve(order: Order, serve: Serve, assistant: User) -> None:
    with pytest.raises(RuleError, match="送达人须是本所有执法证的民警"):
        serve(order, VISITED, server=assistant)


def test_an_assistant_is_no_second_server(order: Order, serve: Serve, assistant: User) -> None:
    with pytest.raises(RuleError, match="第二送达人须是本所有执法证的民警"):
        serve(order, date(2026, 9, 23), second=assistant)
    assert not Service.objects.exists()


def test_the_same_officer_does_not_count_twice(order: Order, serve: Serve, officer: User) -> None:
    with pytest.raises(RuleError, match="不能是同一人"):
        serve(order, VISITED, second=officer)


def test_an_order_corrected_on_the_spot_ends_with_its_service(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]], serve: Serve
) -> None:
    find(visit, "EV02", fixed_on_spot=True)
    conclude(visit)
    order = Order.objects.get()
    assert order.state == "ISSUED"
    assert serve(order, VISITED).state == "CLOSED"


# ---------- 督促 ----------


@pytest.fixture
def urged(visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]]) -> Hazard:
    find(visit, "EL01")
    conclude(visit)
    return Hazard.objects.get()


def test_an_urged_hazard_ends_when_somebody_has_seen_it_gone(urged: Hazard, officer: User) -> None:
    on = date(2026, 9, 29)
    closed = actions.confirm_fixed(urged, officer, on=on, how="回访查看", today=on)
    assert (closed.state, closed.closed_on, closed.closed_how) == ("CLOSED", on, "回访查看")


def test_a_hazard_under_an_order_ends_by_re_inspection_only(served: Order, officer: User) -> None:
    with pytest.raises(RuleError, match="由复查销号"):
        actions.confirm_fixed(served.hazards.first(), officer, on=VISITED, how="", today=VISITED)


def test_an_urged_hazard_is_not_gone_before_it_was_found(urged: Hazard, officer: User) -> None:
    with pytest.raises(RuleError, match="改正日期"):
        actions.confirm_fixed(urged, officer, on=VISITED - timedelta(days=1), how="", today=VISITED)
