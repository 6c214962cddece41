"""A station is put under another bureau while its people save: on a real PostgreSQL, each on a connection of his own.

No row is left under the bureau the station has left, whoever was first; and nobody's work fails because of it.
"""

# ruff: noqa: F811 - the copy of the database is imported from where it was first needed

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, connections, transaction

from fire_supervision.lib.errors import RuleError
from stations.actions import move_station
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.reparenting import placed_models
from stations.wall import reach_of
from tests.services.test_sweeps import committed  # noqa: F401 - a fixture
from tests.wall import as_app
from units.models import Category, Unit

pytestmark = [pytest.mark.services, pytest.mark.django_db]
WHY, WRITERS = "江公发〔2026〕8号", 6


class House:
    """A station of the west, the bureau in the east it goes to, and who is there; committed."""

    def __init__(self) -> None:
        self.west, self.east = (_bureau(name) for name in ("河西分局", "河东分局"))
        self.station = Organisation.objects.create(
            kind="STATION", name="码头派出所", short_name="码头", parent=self.west, bureau=self.west
        )
        make = User.objects.create_user
        self.officer = make("880001", name="何码", role=Role.OFFICER, organisation=self.station)
        self.admin = make("780001", name="系统", role=Role.SYSTEM_ADMIN, organisation=self.west)
        self.category = Category.objects.get(code="SHOP")

    def unit(self, name: str) -> Unit:
        """A new one, with the place as the officer's request has read it: in the west."""
        return Unit(
            **self.station.scope_columns(), kind="PREMISES", category=self.category, name=name, name_key=name,
            address=name, address_key=name,
        )  # fmt: skip

    def move(self, to: Organisation | None = None) -> None:
        move_station(self.admin, self.station.pk, to or self.east, WHY)


def _bureau(name: str) -> Organisation:
    made = Organisation.objects.create(kind=OrganisationKind.BUREAU, name=name)
    Organisation.objects.filter(pk=made.pk).update(bureau=made)
    made.refresh_from_db()
    return made


@pytest.fixture
def house(committed: None) -> House:
    return House()


@pytest.fixture
def beside() -> Iterator[Callable[..., Future[Any]]]:
    """Starts a function in a thread, on a connection of its own."""
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        # The copy stands in for the database while the test runs, and not yet when this is made.
        yield lambda work, *args: pool.submit(_alone, connections["default"], work, args)


def _alone(shared: Any, work: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    connections["default"] = shared.copy()
    try:
        return work(*args)
    finally:
        connection.close()


def waits_for_a_lock(work: Future[Any]) -> None:
    """Until ``work`` waits for whoever asks; fails when it ends without."""
    waiting = False
    while not waiting:
        assert not work.done(), work.exception()
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
            (waiting,) = cursor.fetchone()


def left_behind(house: House) -> dict[str, int]:
    """How many rows of the station stand under another bureau than it does; of which table."""
    bureau = Organisation.objects.get(pk=house.station.pk).bureau_id
    counts = {
        model._meta.label: model._base_manager.filter(station=house.station.pk).exclude(bureau=bureau).count()
        for model in placed_models()
    }
    return {label: count for label, count in counts.items() if count}


def test_what_is_written_before_the_move_ends_goes_along(house: House, beside: Callable[..., Future[Any]]) -> None:
    """The officer has saved and not yet committed: the move waits for him and takes his row along."""
    with transaction.atomic():
        house.unit("先到小店").save()
        moved = beside(house.move)
        waits_for_a_lock(moved)
    moved.result(timeout=30)
    assert Unit.objects.values_list("bureau__name", "name").get() == ("河东分局", "先到小店")


@pytest.mark.parametrize("way", ["new", "whole"])
def test_what_is_written_while_the_station_moves_stands_where_it_stands_then(
    way: str, house: House, beside: Callable[..., Future[Any]]
) -> None:
    """The officer has read the old bureau and saves when the move is not yet committed: he waits, as the web's role."""
    known = house.unit("老店")
    known.save()
    row = house.unit("新店") if way == "new" else Unit.objects.get(pk=known.pk)

    def save() -> None:
        with transaction.atomic(), as_app(), reach_of(house.officer):
            row.save()

    with transaction.atomic():
        house.move()
        saved = beside(save)
        waits_for_a_lock(saved)
    saved.result(timeout=30)
    assert row.bureau_id == house.west.pk
    assert (left_behind(house), set(Unit.objects.values_list("bureau__name", flat=True))) == ({}, {"河东分局"})


def test_who_holds_a_row_and_waits_for_the_move_is_let_through_and_the_move_is_taken_back(
    house: House, beside: Callable[..., Future[Any]]
) -> None:
    """Each would wait for the other; the administrator is told to come again, the officer notices nothing."""
    held = house.unit("老店")
    held.save()
    begun, locked = Event(), Event()

    def work() -> None:
        with transaction.atomic():
            Unit.objects.select_for_update(of=("self",)).get(pk=held.pk)
            locked.set()
            assert begun.wait(30)
            house.unit("新店").save()

    with transaction.atomic():
        Organisation.objects.select_for_update(of=("self",)).get(pk=house.station.pk)
        officer = beside(work)
        assert locked.wait(30)
        begun.set()
        waits_for_a_lock(officer)
        with pytest.raises(RuleError, match="此刻有人正在保存") as refused:
            house.move()
        transaction.set_rollback(True)
    assert refused.value.remedy == "过几秒再办理一次"
    officer.result(timeout=30)
    assert (left_behind(house), Unit.objects.filter(bureau=house.west).count()) == ({}, 2)
    house.move()
    assert (left_behind(house), Unit.objects.filter(bureau=house.east).count()) == ({}, 2)


def test_of_many_who_save_while_a_station_goes_to_and_fro_nobody_fails_and_nothing_is_left_behind(
    house: House, beside: Callable[..., Future[Any]]
) -> None:
    """Each writer keeps the bureau he read at the start, which is wrong half of the time."""
    begin, over = Barrier(WRITERS + 1), Event()

    def write(number: int) -> int:
        begin.wait(30)
        count = 0
        while not over.is_set():
            with transaction.atomic():
                house.unit(f"{number}-{count}号店").save()
            count += 1
        return count

    writers = [beside(write, number) for number in range(WRITERS)]
    begin.wait(30)
    for to in (house.east, house.west) * 8 + (house.east,):
        house.move(to)
    over.set()
    written = sum(writer.result(timeout=30) for writer in writers)
    assert (left_behind(house), Unit.objects.filter(bureau=house.east).count()) == ({}, written)
    assert written > WRITERS
