"""送达: once, at a time that can be, by those who may."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.models import Hazard, Order, Service
from hazards.serving import assistants_of, is_assistant
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import Organisation, User
from stations.permissions import Role
from tests.hazards.conftest import VISITED, moment
from trail.models import AuditEntry

Serve = Callable[..., Order]
ALONE = "程序规定第52条"


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


@pytest.mark.parametrize(
    ("named", "recorder_no", "lacking"),
    [(False, "", ["assistant", "recorder_no"]), (False, "YY-07", ["assistant"]), (True, "", ["recorder_no"])],
)
def test_one_officer_alone_needs_an_assistant_and_the_body_camera(
    order: Order, serve: Serve, assistant: User, named: bool, recorder_no: str, lacking: list[str]
) -> None:
    who = assistant if named else None
    with pytest.raises(Refusal) as refusal:
        serve(order, VISITED, second=None, assistant=who, recorder_no=recorder_no)
    assert [(fault.field, fault.basis) for fault in refusal.value.faults] == [(name, ALONE) for name in lacking]
    assert not Service.objects.exists()
    served = serve(order, VISITED, second=None, assistant=assistant, recorder_no="YY-20260922-07").service
    assert (served.second, served.assistant, served.recorder_no) == (None, assistant, "YY-20260922-07")
    entry = AuditEntry.objects.get(action="hazards.serve")
    told = {"servers": "李建平", "assistant": "周小川", "recorder_no": "YY-20260922-07"}
    assert {name: entry.after[name] for name in told} == told


def test_two_officers_may_name_an_assistant_and_need_none(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]], serve: Serve,
    assistant: User,
) -> None:  # fmt: skip
    find(visit, "EV02")
    find(visit, "EV06", days=8)
    conclude(visit)
    first, second = Order.objects.order_by("pk")
    assert serve(first, VISITED).service.assistant is None
    assert serve(second, VISITED, assistant=assistant).service.assistant == assistant


def test_who_assists_is_an_assistant_of_the_station_at_work(
    order: Order, serve: Serve, chief: User, person: Callable[..., User], sibling: Organisation, assistant: User
) -> None:
    elsewhere = person(Role.ASSISTANT, sibling, "郑一鸣")
    gone = person(Role.ASSISTANT, order.station, "何必")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    gone.refresh_from_db()
    for nobody in (chief, elsewhere, gone):
        with pytest.raises(Refusal, match=f"{nobody.name}不是本所在岗的辅警") as refusal:
            serve(order, VISITED, second=None, assistant=nobody, recorder_no="YY-07")
        assert [fault.field for fault in refusal.value.faults] == ["assistant"]
    everybody = [*User.objects.select_related("organisation")]
    choices = list(assistants_of(order.station_id))
    assert choices == [user for user in everybody if is_assistant(user, order.station_id)] == [assistant]


def test_a_service_from_before_assistants_were_asked_for_still_reads(
    order: Order, serve: Serve, officer: User, browse: Callable[[User], Client]
) -> None:
    serve(order, VISITED)
    Service.objects.update(second=None, recorder_no="YY-01")
    page = browse(officer).get(reverse("hazards:order", args=[order.pk])).content.decode()
    assert ("<dt>送达人</dt><dd>李建平</dd>" in page, "协助辅警" in page) == (True, False)


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
