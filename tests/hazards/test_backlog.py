"""存量: an open order from before the system starts only what is still to be done."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Hazard, Order, Reinspection
from inspections.models import HazardType, Mode
from records.models import Document, DocumentCounter
from stations.models import User
from units.models import Unit

TODAY = date(2026, 9, 25)
Enter = Callable[..., Order]


@pytest.fixture
def enter(unit: Unit, chief: User, officer: User) -> Enter:
    kind = HazardType.objects.get(code="EV06")

    def act(**fields: Any) -> Order:
        values = {
            "mode": Mode.LIMIT, "number": "江公（城关）消限字〔2026〕第0017号", "issued_on": date(2026, 9, 1),
            "issued_by": officer, "today": TODAY,
            "hazards": [actions.OpenHazard(kind, "二层走道", "二层走道疏散指示标志损坏2处", date(2026, 9, 30))],
            "service": actions.OldService(date(2026, 9, 2), "刘桂香", officer),
        } | fields  # fmt: skip
        return actions.enter_open_order(unit, chief, **values)

    return act


def test_a_served_order_starts_only_its_re_inspection(enter: Enter) -> None:
    order = enter()
    assert (order.state, order.document, order.service.recipient) == ("SERVED", None, "刘桂香")
    clock = Clock.objects.get()
    assert (clock.rule_code, clock.started_on, clock.due_on) == ("RECHECK", date(2026, 9, 30), date(2026, 10, 10))


def test_an_unserved_order_starts_its_service_as_well(enter: Enter) -> None:
    order = enter(service=None, issued_on=date(2026, 9, 24))
    due = dict(Clock.objects.values_list("rule_code", "due_on"))
    assert order.state == "ISSUED"
    # 25 to 27 September are off: three working days after the 24th end on the 30th
    assert due == {"ORDER_LIMIT_SERVE": date(2026, 9, 30), "RECHECK": date(2026, 10, 10)}


def test_it_takes_no_number_and_prints_nothing(enter: Enter) -> None:
    enter()
    assert (Document.objects.count(), DocumentCounter.objects.count()) == (0, 0)


def test_the_hazard_carries_the_basis_of_the_table(enter: Enter) -> None:
    enter()
    assert Hazard.objects.get().order_basis == "消防监督检查规定第33条第1款第5项"


def test_what_the_table_has_no_order_for_stands_on_the_old_paper(enter: Enter) -> None:
    kind = HazardType.objects.get(code="EL01")
    enter(hazards=[actions.OpenHazard(kind, "后厨", "后厨私拉电线", date(2026, 9, 30))])
    assert Hazard.objects.get().order_basis == "原责令改正通知书（存量）"


def test_the_sweep_opens_its_re_inspection_like_any_other(enter: Enter) -> None:
    order = enter()
    assert actions.open_due(date(2026, 9, 30)) == 1
    assert Reinspection.objects.get().order == order


def test_a_number_is_entered_once(enter: Enter) -> None:
    enter()
    with pytest.raises(RuleError, match="已经录入，没有重复录入"):
        enter()
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hazards": []}, "至少要有一处"),
        ({"issued_on": date(2026, 9, 26)}, "签发日期应在今天以前"),
        ({"issued_on": date(2026, 9, 3)}, "送达日期应在签发以后"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], words: str, enter: Enter) -> None:
    with pytest.raises(RuleError, match=words):
        enter(**fields)
    assert Order.objects.count() == 0
