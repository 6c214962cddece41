"""Every act writes exactly the entries it declares, in its own transaction."""

from collections.abc import Callable
from datetime import date

import pytest

from deadlines.actions import remind
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Disposition, Order, Reinspection, Target
from hazards.plan import Decision
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.hazards.conftest import EVE, VISITED, moment
from trail.models import AuditEntry

Conclude = Callable[..., list[Document]]
DAY = date(2026, 10, 9)


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_the_whole_life_of_a_hazard_stands_in_the_trail(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, serve: Callable[..., Order],
    reinspect: Callable[..., Reinspection], officer: User, chief: User,
) -> None:  # fmt: skip
    finding = find(visit, "EV02")
    conclude(visit, {finding.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    actions.deliver_report(visit, officer, township="城关街道办事处", sent_on=VISITED, receiver="刘主任", today=VISITED)
    order = serve(Order.objects.get(), VISITED)
    actions.open_due(VISITED)
    reinspect(Reinspection.objects.get(), DAY, failed=tuple(order.hazards.all()))
    actions.refer(
        list(order.hazards.all()), officer, target=Target.FIRE_BRIGADE, basis="消防法第28条", facts="见记录",
        sent_on=DAY, today=DAY,
    )  # fmt: skip
    assert acts() == [
        "inspections.submit", *["records.issue"] * 3, "hazards.conclude", "hazards.deliver_report",
        "records.issue", "hazards.serve",
        "hazards.open_due", "records.issue", "hazards.reinspect", "records.issue", "hazards.refer",
    ]  # fmt: skip


def test_voiding_names_every_paper_and_the_reason(served: Order, chief: User) -> None:
    before = len(acts())
    actions.void_papers(served.inspection, chief, "单位名称写错", EVE)
    assert acts()[before:] == [*["records.void"] * 3, "hazards.void_papers"]
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor_name, entry.reason, len(entry.before["papers"])) == ("王志远", "单位名称写错", 3)


def test_what_the_system_does_by_itself_is_signed_by_the_system(served: Order, chief: User) -> None:
    actions.open_due(EVE)
    remind(moment(date(2026, 10, 12)))
    by_itself = AuditEntry.objects.filter(actor_id=None).order_by("id")
    assert {entry.actor_name for entry in by_itself} == {"系统"}
    assert {entry.action for entry in by_itself} == {"hazards.open_due", "deadlines.overdue", "deadlines.escalate"}


def test_a_refused_act_leaves_no_entry(order: Order, officer: User) -> None:
    before = acts()
    with pytest.raises(RuleError):
        actions.serve(
            order, officer, served_at=moment(VISITED), place="", recipient="", relation="", server=officer, second=None,
            at=moment(VISITED),
        )  # fmt: skip
    assert acts() == before
