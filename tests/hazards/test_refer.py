"""移送 and 报告: what must be handed over, to whom, when, and not twice."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Disposition, Hazard, Order, Referral, Reinspection, Report, Target
from hazards.papers import facts_of, referral_basis
from hazards.plan import Decision
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.hazards.conftest import VISITED

Find = Callable[..., Finding]
Conclude = Callable[..., list[Document]]
Refer = Callable[..., Referral]
AFTER = date(2026, 10, 12)


@pytest.fixture
def refer(officer: User) -> Refer:
    def act(*hazards: Hazard, **fields: object) -> Referral:
        values = {
            "target": Target.FIRE_BRIGADE, "basis": "消防监督检查规定第33条第2款", "facts": "见检查记录",
            "sent_on": date(2026, 9, 28), "today": date(2026, 9, 28), "receiver": "陈立新",
        } | fields  # fmt: skip
        return actions.refer(hazards, officer, **values)  # type: ignore[arg-type]

    return act


@pytest.fixture
def failed(opened: Reinspection, reinspect: Callable[..., Reinspection]) -> Hazard:
    """Hazard 2 of the order, not corrected at the re-inspection after the holiday."""
    hazard = Hazard.objects.get(position=2)
    reinspect(opened, date(2026, 10, 9), failed=(hazard,))
    hazard.refresh_from_db()
    return hazard


def test_a_statutory_referral_stops_its_clock(visit: Inspection, find: Find, conclude: Conclude, refer: Refer) -> None:
    find(visit, "BD05")
    conclude(visit)
    hazard = Hazard.objects.get()
    referral = refer(hazard)
    hazard.refresh_from_db()
    clock = Clock.objects.get(key=f"refer:{visit.pk}")
    assert (hazard.state, clock.state, clock.met_on) == ("REFERRED", "MET", date(2026, 9, 28))
    assert list(referral.hazards.all()) == [hazard]


def test_the_clock_runs_until_the_last_of_the_visit_is_handed_over(
    visit: Inspection, find: Find, conclude: Conclude, refer: Refer
) -> None:
    find(visit, "BD04")
    find(visit, "BD05")
    conclude(visit)
    housing, brigade = Hazard.objects.order_by("hazard_type__code")
    refer(housing, target=Target.HOUSING)
    assert Clock.objects.get(key=f"refer:{visit.pk}").state == "RUNNING"
    refer(brigade)
    assert Clock.objects.get(key=f"refer:{visit.pk}").state == "MET"


def test_a_statutory_clock_does_not_wait_for_a_voluntary_referral(
    visit: Inspection, find: Find, conclude: Conclude, refer: Refer
) -> None:
    find(visit, "BD05")
    voluntary = find(visit, "EL01")
    conclude(visit, {voluntary.pk: Decision(Disposition.REFER)})
    refer(Hazard.objects.get(hazard_type__code="BD05"))
    states = dict(Clock.objects.filter(key__startswith="refer").values_list("key", "state"))
    assert states == {f"refer:{visit.pk}": "MET", f"refer_other:{visit.pk}": "RUNNING"}


def test_a_failed_hazard_handed_to_the_brigade_ends_its_order(failed: Hazard, refer: Refer) -> None:
    refer(failed, sent_on=AFTER, today=AFTER)
    order = Order.objects.get()
    assert (order.state, list(order.hazards.order_by("position").values_list("state", flat=True))) == (
        "CLOSED",
        ["CLOSED", "REFERRED"],
    )
    assert Clock.objects.get(rule_code="REFER_FAILED").met_on == AFTER


def test_the_letter_tells_what_the_station_did(failed: Hazard) -> None:
    number = failed.order.number
    assert facts_of([failed]) == (
        f"2026年9月22日，城关派出所对万家福便利超市进行消防监督检查，发现：{failed.wording}。"
        f"2026年9月22日以{number}责令2026年9月30日前改正，2026年9月23日送达，2026年10月9日第1次复查仍未改正。"
    )
    assert referral_basis([failed]) == failed.violates


def test_a_hazard_is_handed_over_once(failed: Hazard, refer: Refer) -> None:
    refer(failed, sent_on=AFTER, today=AFTER)
    with pytest.raises(RuleError, match="已经移送，没有重复登记"):
        refer(failed, sent_on=AFTER, today=AFTER)
    assert Referral.objects.count() == 1


def test_what_an_order_still_gives_time_for_is_not_handed_over(served: Order, refer: Refer) -> None:
    with pytest.raises(RuleError, match="整改中，不能移送") as refusal:
        refer(served.hazards.first())
    assert refusal.value.remedy == "期限届满后复查，仍未改正的再移送。"


def test_an_urged_hazard_may_be_handed_over(visit: Inspection, find: Find, conclude: Conclude, refer: Refer) -> None:
    find(visit, "GA01")
    conclude(visit)
    refer(Hazard.objects.get(), target=Target.GAS)
    assert Hazard.objects.get().state == "REFERRED"


@pytest.mark.parametrize("sent_on", [VISITED - timedelta(days=1), date(2026, 9, 29)])
def test_a_referral_lies_between_the_visit_and_today(
    sent_on: date, visit: Inspection, find: Find, conclude: Conclude, refer: Refer
) -> None:
    find(visit, "BD05")
    conclude(visit)
    with pytest.raises(RuleError, match="移送日期"):
        refer(Hazard.objects.get(), sent_on=sent_on)


# ---------- 报告 ----------


@pytest.fixture
def grave(visit: Inspection, find: Find, conclude: Conclude) -> Inspection:
    finding = find(visit, "EV02")
    conclude(visit, {finding.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    return visit


def test_a_report_goes_to_township_and_brigade_on_the_same_day(grave: Inspection, officer: User) -> None:
    report = actions.report(grave, officer, township="城关街道办事处", sent_on=VISITED, today=VISITED)
    assert (report.brigade, report.township) == (grave.station.brigade, "城关街道办事处")
    assert Clock.objects.get(key=f"report:{grave.pk}").met_on == VISITED


def test_a_visit_is_reported_once(grave: Inspection, officer: User) -> None:
    actions.report(grave, officer, township="城关街道办事处", sent_on=VISITED, today=VISITED)
    with pytest.raises(RuleError, match="已经登记过书面报告，没有重复登记"):
        actions.report(grave, officer, township="别处", sent_on=VISITED, today=VISITED)
    assert Report.objects.get().township == "城关街道办事处"


def test_what_is_not_grave_is_not_reported(served: Order, officer: User) -> None:
    with pytest.raises(RuleError, match="没有认定严重威胁公共安全"):
        actions.report(served.inspection, officer, township="城关街道办事处", sent_on=VISITED, today=VISITED)
