"""复查: opened on the morning the period ends, early when the unit asks; 销号, next time, or the brigade."""

from collections.abc import Callable
from datetime import date

import pytest

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Hazard, Order, Outcome, Reinspection
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.hazards.conftest import EVE, VISITED

Reinspect = Callable[..., Reinspection]
LAST = date(2026, 10, 10)  # the worked Saturday: third working day after 国庆


def states(order: Order) -> list[str]:
    return list(order.hazards.order_by("position").values_list("state", flat=True))


def clock(order: Order, name: str) -> Clock:
    return Clock.objects.get(key__startswith=f"{name}:{order.pk}")


def test_what_was_corrected_is_closed_and_ends_the_order(opened: Reinspection, reinspect: Reinspect) -> None:
    done = reinspect(opened, LAST)
    order = Order.objects.get()
    assert (states(order), order.state) == (["CLOSED", "CLOSED"], "CLOSED")
    hazard = order.hazards.first()
    assert (hazard.closed_on, hazard.closed_how) == (LAST, "第 1 次复查合格")
    assert (clock(order, "recheck").state, clock(order, "recheck").met_on, clock(order, "recheck").due_on) == (
        "MET",
        LAST,
        LAST,
    )
    assert (done.done_on, done.second.name) == (LAST, "张海涛")


def test_what_was_not_corrected_after_the_deadline_goes_to_the_brigade(
    opened: Reinspection, reinspect: Reinspect
) -> None:
    order = Order.objects.get()
    failed = order.hazards.get(position=2)
    reinspect(opened, LAST, failed=(failed,))
    assert states(order) == ["CLOSED", "TO_REFER"]
    assert (clock(order, "refer_failed").started_on, clock(order, "refer_failed").due_on) == (LAST, date(2026, 10, 16))
    assert clock(order, "recheck").state == "MET"
    order.refresh_from_db()
    assert order.state == "SERVED"


def test_a_second_result_is_refused_and_changes_nothing(opened: Reinspection, reinspect: Reinspect) -> None:
    reinspect(opened, LAST)
    with pytest.raises(RuleError, match="第 1 次复查已于 2026-10-10 登记，结果没有再次改变"):
        reinspect(opened, LAST, failed=tuple(Hazard.objects.all()))
    assert list(Outcome.objects.values_list("passed", flat=True)) == [True, True]


def test_nothing_fails_before_the_notice_was_served(
    order: Order, reinspect: Reinspect, serve: Callable[..., Order]
) -> None:
    actions.open_due(EVE)
    opened = Reinspection.objects.get()
    with pytest.raises(RuleError, match="还没有送达") as refusal:
        reinspect(opened, date(2026, 10, 9), failed=tuple(order.hazards.all()))
    assert refusal.value.remedy == "先登记送达。"
    assert states(order) == ["DUE", "DUE"]


def test_a_period_that_ended_before_the_service_cannot_be_missed(
    order: Order, reinspect: Reinspect, serve: Callable[..., Order]
) -> None:
    actions.open_due(EVE)
    serve(order, date(2026, 10, 8))
    opened = Reinspection.objects.get()
    with pytest.raises(RuleError, match="已经届满，不能认定逾期未改正"):
        reinspect(opened, date(2026, 10, 9), failed=tuple(order.hazards.all()))
    reinspect(opened, date(2026, 10, 9))
    assert states(order) == ["CLOSED", "CLOSED"]


def test_what_was_to_be_corrected_at_once_fails_on_the_day_it_was_served(
    visit: Inspection,
    find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
    serve: Callable[..., Order],
    reinspect: Reinspect,
) -> None:
    find(visit, "EV01")
    conclude(visit)
    order = serve(Order.objects.get(), date(2026, 9, 23))
    actions.open_due(VISITED)
    reinspect(Reinspection.objects.get(), date(2026, 9, 24), failed=tuple(order.hazards.all()))
    assert states(order) == ["TO_REFER"]


def test_every_hazard_of_the_deadline_needs_a_result(opened: Reinspection, reinspect: Reinspect) -> None:
    one = Hazard.objects.first()
    with pytest.raises(RuleError, match="每处待复查的隐患都要有结果"):
        reinspect(opened, LAST, results={one.pk: actions.Result(True)})


def test_two_officers_of_the_station_with_a_certificate_re_inspect(
    opened: Reinspection, reinspect: Reinspect, officer: User, assistant: User
) -> None:
    for second in (officer, assistant):
        with pytest.raises(RuleError, match="两名有执法证的民警"):
            reinspect(opened, LAST, second=second)


@pytest.mark.parametrize(
    ("on", "today", "words"),
    [(date(2026, 9, 29), LAST, "不能早于 2026-09-30"), (LAST, date(2026, 10, 9), "复查日期在以后")],
)
def test_the_day_of_a_re_inspection_lies_between_the_deadline_and_today(
    on: date, today: date, words: str, opened: Reinspection, reinspect: Reinspect
) -> None:
    with pytest.raises(RuleError, match=words):
        reinspect(opened, on, today=today)


# ---------- the unit asks early ----------

ASKED = date(2026, 9, 24)


@pytest.fixture
def early(served: Order, officer: User) -> Reinspection:
    return actions.request_early(served, officer, deadline=EVE, requested_on=ASKED, today=ASKED)


def test_asking_early_starts_its_own_three_working_days(early: Reinspection) -> None:
    assert (early.number, early.early, early.clock.due_on) == (1, True, date(2026, 9, 30))


def test_failing_early_leaves_the_next_one_due(early: Reinspection, reinspect: Reinspect, served: Order) -> None:
    failed = served.hazards.get(position=1)
    reinspect(early, date(2026, 9, 28), failed=(failed,))
    assert states(served) == ["OPEN", "CLOSED"]
    left = clock(served, "recheck")
    assert (left.state, left.detail) == ("RUNNING", f"{served.number}，9月30日届满，1 处隐患")
    assert actions.open_due(EVE) == 1
    again = Reinspection.objects.get(order=served, number=2)
    reinspect(again, LAST, failed=(failed,))
    assert states(served) == ["TO_REFER", "CLOSED"]


def test_passing_early_leaves_nothing_due(early: Reinspection, reinspect: Reinspect, served: Order) -> None:
    reinspect(early, date(2026, 9, 28))
    assert (states(served), clock(served, "recheck").state) == (["CLOSED", "CLOSED"], "CANCELLED")
    assert actions.open_due(EVE) == 0
    served.refresh_from_db()
    assert served.state == "CLOSED"


def test_an_early_visit_made_after_the_deadline_is_the_last_one(
    early: Reinspection, reinspect: Reinspect, served: Order
) -> None:
    assert actions.open_due(EVE) == 0  # the early one still stands and is the re-inspection of this period
    reinspect(early, date(2026, 10, 8), failed=tuple(served.hazards.all()))
    assert states(served) == ["TO_REFER", "TO_REFER"]
    assert (early.clock.key[:5], clock(served, "recheck").state, clock(served, "early").state) == (
        "early",
        "MET",
        "MET",
    )


def test_asking_twice_opens_one(early: Reinspection, served: Order, officer: User) -> None:
    with pytest.raises(RuleError, match="已有一次复查待办，没有重复登记"):
        actions.request_early(served, officer, deadline=EVE, requested_on=ASKED, today=ASKED)
    assert Reinspection.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 9, 30), "已经届满"), (date(2026, 9, 21), "申请日期"), (date(2026, 9, 29), "申请日期")],
)
def test_asking_has_its_days(day: date, words: str, served: Order, officer: User) -> None:
    with pytest.raises(RuleError, match=words):
        actions.request_early(
            served,
            officer,
            deadline=EVE,
            requested_on=day,
            today=max(day, ASKED) if day != date(2026, 9, 29) else ASKED,
        )


def test_asking_needs_service(order: Order, officer: User) -> None:
    with pytest.raises(RuleError, match="待送达"):
        actions.request_early(order, officer, deadline=EVE, requested_on=ASKED, today=ASKED)
