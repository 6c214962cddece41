"""Messages of before the place was kept: each gets that of its row; what names none is taken back."""

# ruff: noqa: F811 - fixtures are imported from where orders are made

from importlib import import_module

from django.apps import apps

from deadlines.models import Clock
from hazards.models import Order
from hazards.sweeps import open_due
from stations.messages import send
from stations.models import Message, Organisation, User
from stations.permissions import Can
from tests.hazards.conftest import EVE, conclude, find, open_visit, order, serve, served, visit  # noqa: F401 - fixtures
from tests.inspections.complaints import received
from units.models import Unit

place = import_module("desk.migrations.0001_place_old_messages").place
PLACE = ("station_id", "bureau_id", "needs", "title")


def test_each_message_gets_the_place_of_its_row_and_what_names_none_is_taken_back(
    served: Order,
    unit: Unit,
    officer: User,
    chief: User,
    station: Organisation,
) -> None:
    open_due(EVE)
    received(chief, handler=officer, unit=unit)
    clock = Clock.objects.filter(rule_code__startswith="COMPLAINT").first()
    assert clock is not None
    for key in (f"clock:{clock.pk}:SOON", f"year:FULL:{station.pk}:2026:SOON", f"voided:{served.pk}", "keys:7"):
        send(officer, about=None, key=key, title=key)
    for key in ("clock:999999:SOON", "deadlines.recount:3", "nothing"):
        send(officer, about=None, key=key, title=key)
    new = {row.key: row for row in Message.objects.filter(user=officer, station=station)}
    Message.objects.update(station=None, bureau=None, office=None, needs="")
    place(apps, None)
    told = {row.key: tuple(getattr(row, name) for name in PLACE) for row in Message.objects.filter(user=officer)}
    expected = {key: (station.pk, None, row.needs, row.title) for key, row in new.items()}
    assert {row.needs for row in new.values()} == {"", Can.VIEW_COMPLAINTS}
    expected |= {
        f"clock:{clock.pk}:SOON": (station.pk, None, Can.VIEW_COMPLAINTS, f"clock:{clock.pk}:SOON"),
        f"year:FULL:{station.pk}:2026:SOON": (station.pk, None, "", f"year:FULL:{station.pk}:2026:SOON"),
        f"voided:{served.pk}": (station.pk, None, "", f"voided:{served.pk}"),
        "keys:7": (None, None, "", "keys:7"),
    }
    expected |= dict.fromkeys(("clock:999999:SOON", "deadlines.recount:3", "nothing"), (None, None, "", ""))
    assert told == expected
    assert Message.objects.filter(title="", read_at=None).count() == 0
