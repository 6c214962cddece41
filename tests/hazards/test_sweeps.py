"""What the beat starts: each re-inspection opens once."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hazards import actions, tasks
from hazards.models import Hazard, Order, Reinspection
from inspections.models import Finding, Inspection
from records.models import Document
from stations.messages import send_many
from stations.models import Message, Organisation, User
from tests.hazards.conftest import EVE
from trail.models import AuditEntry
from units.models import Unit

LATE = date(2026, 10, 12)


def test_the_re_inspection_opens_on_the_morning_the_period_ends(served: Order) -> None:
    assert actions.open_due(date(2026, 9, 29)) == 0
    assert actions.open_due(EVE) == 1
    opened = Reinspection.objects.get()
    assert (opened.order, opened.deadline, opened.number, opened.early) == (served, EVE, 1, False)
    assert set(Hazard.objects.values_list("state", flat=True)) == {"DUE"}


def test_a_second_sweep_opens_nothing_and_tells_nobody(served: Order, chief: User) -> None:
    actions.open_due(EVE)
    told = Message.objects.count()
    assert actions.open_due(EVE) == 0
    assert actions.open_due(LATE) == 0
    assert (Reinspection.objects.count(), Message.objects.count()) == (1, told)
    assert AuditEntry.objects.filter(action="hazards.open_due").count() == 1


def test_the_officer_and_the_chief_are_told(served: Order, officer: User, chief: User) -> None:
    actions.open_due(EVE)
    opened = Reinspection.objects.get()
    messages = Message.objects.order_by("user__number")
    assert [message.user for message in messages] == [officer, chief]
    assert {message.url for message in messages} == {f"/hazards/reinspections/{opened.pk}/"}
    assert messages[0].title == "改正期限届满，请复查：万家福便利超市"


@pytest.mark.parametrize("gone", ["moved", "disabled"])
def test_somebody_who_left_is_not_told(
    gone: str, served: Order, officer: User, chief: User, sibling: Organisation
) -> None:
    fields = {"organisation": sibling} if gone == "moved" else {"is_active": False}
    User.objects.filter(pk=officer.pk).update(**fields)
    actions.open_due(EVE)
    assert [message.user for message in Message.objects.all()] == [chief]


def test_each_deadline_opens_on_its_own_morning(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]]
) -> None:
    find(visit, "EV06", days=8)
    find(visit, "EQ08", days=30)
    conclude(visit)
    assert [actions.open_due(EVE), actions.open_due(date(2026, 10, 21)), actions.open_due(date(2026, 10, 22))] == [
        1,
        0,
        1,
    ]
    assert list(Hazard.objects.order_by("position").values_list("state", flat=True)) == ["DUE", "DUE"]


def test_a_sweep_that_was_away_for_weeks_catches_up(served: Order) -> None:
    assert actions.open_due(date(2026, 11, 20)) == 1


@pytest.mark.slow
def test_a_hundred_orders_are_swept_in_batches(
    monkeypatch: pytest.MonkeyPatch,
    make_unit: Callable[..., Unit],
    open_visit: Callable[..., Inspection],
    find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
) -> None:
    monkeypatch.setattr("hazards.sweeps.BATCH", 2)
    for number in range(5):
        visit = open_visit(make_unit(f"{number}号店", address=f"{number}号"))
        find(visit, "EV06", days=8)
        conclude(visit)
    assert (actions.open_due(EVE), actions.open_due(EVE), Reinspection.objects.count()) == (5, 0, 5)


def test_a_sweep_with_nothing_due_asks_one_question(served: Order) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        actions.open_due(date(2026, 9, 29))
    assert len(queries) == 1


def test_the_task_sweeps_the_day_it_runs_on(served: Order, chief: User, time_machine: object) -> None:
    time_machine.move_to("2026-09-30T06:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    tasks.open_due()
    assert Reinspection.objects.count() == 1


@time_machine.travel("2026-09-30 08:00+08:00", tick=False)
def test_an_officer_at_the_door_does_not_wait_for_the_sweep(
    served: Order, officer: User, supervisor: User, browse: Callable[[User], Client]
) -> None:
    door = f"/hazards/orders/{served.pk}/next/"
    # Who may only look opens nothing.
    assert browse(supervisor).get(door)["Location"] == f"/hazards/orders/{served.pk}/"
    assert not Reinspection.objects.exists()
    assert "开始复查" in browse(officer).get(f"/hazards/orders/{served.pk}/").content.decode()
    led_to = browse(officer).get(door)["Location"]
    assert led_to == f"/hazards/reinspections/{Reinspection.objects.get().pk}/"
    assert browse(officer).get(door)["Location"] == led_to
    assert actions.open_due(EVE) == 0


@time_machine.travel("2026-09-29 08:00+08:00", tick=False)
def test_the_day_before_the_period_ends_nothing_opens_at_the_door(
    served: Order, officer: User, browse: Callable[[User], Client]
) -> None:
    page = f"/hazards/orders/{served.pk}/"
    assert browse(officer).get(f"{page}next/")["Location"] == page
    assert "开始复查" not in browse(officer).get(page).content.decode()
    assert not Reinspection.objects.exists()


def test_a_clock_set_back_a_day_opens_and_tells_nothing(served: Order, chief: User) -> None:
    def effects() -> tuple[int, int, set[str]]:
        return (
            Reinspection.objects.count(),
            Message.objects.count(),
            set(Hazard.objects.values_list("state", flat=True)),
        )

    actions.open_due(EVE)
    assert effects() == (1, 2, {"DUE"})
    yesterday = EVE - timedelta(days=1)
    assert actions.open_due(yesterday) == 0
    assert effects() == (1, 2, {"DUE"})


# ---------- what it costs ----------


@pytest.fixture
def many(
    make_unit: Callable[..., Unit], open_visit: Callable[..., Inspection], find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
) -> Callable[[int], None]:  # fmt: skip
    def make(amount: int) -> None:
        for number in range(amount):
            visit = open_visit(make_unit(f"{amount}-{number}号店", address=f"{amount}-{number}号"))
            find(visit, "EV06", days=8)
            find(visit, "EQ08", days=8)
            conclude(visit)

    return make


def test_one_period_and_three_cost_the_same_queries(many: Callable[[int], None], chief: User) -> None:
    counts = []
    for amount in (1, 3):
        many(amount)
        with CaptureQueriesContext(connection) as queries:
            assert actions.open_due(EVE) == amount
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 20
    assert Message.objects.count() == 2 * 4
    assert AuditEntry.objects.filter(action="hazards.open_due").count() == 4


def test_two_periods_of_one_order_are_numbered_one_after_the_other(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]]
) -> None:
    find(visit, "EV06", days=8)
    find(visit, "EQ08", days=30)
    conclude(visit)
    assert actions.open_due(date(2026, 11, 20)) == 2
    opened = Reinspection.objects.order_by("number").values_list("number", "deadline")
    assert list(opened) == [(1, EVE), (2, date(2026, 10, 22))]


def test_a_worker_killed_in_a_batch_leaves_nothing_of_it(
    many: Callable[[int], None], chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(3)
    monkeypatch.setattr("hazards.sweeps.BATCH", 2)
    calls = iter([None, RuntimeError("killed")])

    def tell(messages: Iterable[Message]) -> None:
        if (fault := next(calls)) is not None:
            raise fault
        send_many(messages)

    monkeypatch.setattr("hazards.sweeps.send_many", tell)
    with pytest.raises(RuntimeError):
        actions.open_due(EVE)
    assert (Reinspection.objects.count(), Hazard.objects.filter(state="DUE").count()) == (2, 4)
    monkeypatch.undo()
    assert (actions.open_due(EVE), Reinspection.objects.count(), Message.objects.count()) == (1, 3, 6)
