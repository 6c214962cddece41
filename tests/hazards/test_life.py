"""Whatever is done in whatever order: only legal moves, and nothing that is not ended is without a running duty."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import (
    HAZARD_NEXT,
    ORDER_NEXT,
    Hazard,
    HazardState,
    Method,
    Order,
    OrderState,
    Referral,
    ReferralResult,
    Target,
)
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.examples import examples
from tests.hazards.conftest import COMPANY, VISITED, moment
from units.models import Unit

ACTS = ["serve", "publish", "effect", "early", "sweep", "pass", "fail", "refer", "receive", "answer", "void"]
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), min_size=4, max_size=12)
STANDING = (HazardState.OPEN, HazardState.DUE, HazardState.TO_REFER)


class Undo(Exception):
    """Takes an example back: the next one starts from the same visit."""


def reachable(before: str, after: str, table: dict[Any, frozenset[Any]]) -> bool:
    """Whether one act may have led from ``before`` to ``after``; an act may take more than one step of the table."""
    seen, edge = {before}, {before}
    while edge:
        edge = {str(to) for state in edge for to in table[type(next(iter(table)))(state)]} - seen
        seen |= edge
    return after in seen


@pytest.mark.slow
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_act_leaves_the_table_and_no_standing_hazard_is_unwatched(
    steps: list[tuple[str, int]], unit: Unit, open_visit: Callable[..., Inspection], find: Callable[..., Finding],
    conclude: Callable[..., list[Document]], officer: User, partner: User, chief: User, supervisor: User,
) -> None:  # fmt: skip
    try:
        with transaction.atomic():
            visit = open_visit(unit)
            find(visit, "EV06", days=8)
            find(visit, "EQ02", days=8)
            find(visit, "EQ08", days=30)
            conclude(visit)
            people = {"officer": officer, "partner": partner, "chief": chief, "supervisor": supervisor}
            _live(Order.objects.get(inspection=visit), steps, people)
            raise Undo
    except Undo:
        pass


def _live(order: Order, steps: list[tuple[str, int]], people: dict[str, User]) -> None:
    today = VISITED
    before = _states(order)
    for act, days in steps:
        # A notice hangs out for 60 days.
        today += timedelta(days=days * 10 if act == "effect" else days)
        try:
            with transaction.atomic():
                _do(act, order, today, people)
        except RuleError:
            assert _states(order) == before
        after = _states(order)
        assert reachable(before[0], after[0], ORDER_NEXT)
        for pk, state in after[1].items():
            assert reachable(before[1][pk], state, HAZARD_NEXT)
        _nobody_is_unwatched(order)
        before = after


def _states(order: Order) -> tuple[str, dict[int, str]]:
    return Order.objects.get(pk=order.pk).state, dict(order.hazards.values_list("pk", "state"))


def _nobody_is_unwatched(order: Order) -> None:
    running = list(Clock.objects.running().of("hazards.order", order.pk))
    keys = {clock.key.partition(":")[0]: clock for clock in running}
    days = {clock.started_on for clock in running if clock.key.startswith("recheck:")}
    # What ends while a notice hangs out waits for its end; what had ended by then, or by any service, for the chief.
    paused = keys["notice"].due_on if "notice" in keys else date.min
    late = keys["late"].started_on if "late" in keys else date.min
    for hazard in order.hazards.filter(state__in=STANDING):
        if hazard.state == HazardState.TO_REFER:
            assert "refer_failed" in keys
            continue
        assert hazard.deadline is not None
        # One duty and no more: nobody is reminded of a re-inspection he may not make.
        assert [hazard.deadline in days, hazard.deadline <= paused, hazard.deadline < late].count(True) == 1
    ended = not order.hazards.filter(state__in=STANDING).exists()
    served = Order.objects.get(pk=order.pk).state not in (OrderState.ISSUED, OrderState.NOTICED)
    # Ended means ended: nothing runs for an order of which nothing stands.
    assert not (ended and served and keys)


def _do(act: str, order: Order, today: date, people: dict[str, User]) -> None:
    officer, partner = people["officer"], people["partner"]
    order = Order.objects.get(pk=order.pk)
    match act:
        case "serve":
            actions.serve(
                order, officer, served_at=moment(today, 9), place="北大街62号", recipient="刘桂香", relation="店主",
                server=officer, second=partner, at=moment(today, 20),
            )  # fmt: skip
        case "publish":
            actions.serve(
                order, officer, method=Method.NOTICE, sent_on=today, channel="张贴公告", reason="店主下落不明",
                server=officer, second=partner, at=moment(today, 20),
            )  # fmt: skip
        case "effect":
            actions.effect_notices(today)
        case "early":
            first = order.hazards.order_by("deadline").filter(state__in=STANDING, deadline__gt=today).first()
            if first is not None and first.deadline is not None:
                actions.request_early(order, officer, deadline=first.deadline, requested_on=today, today=today)
        case "sweep":
            actions.open_due(today)
        case "pass" | "fail":
            again = order.reinspections.filter(done_on__isnull=True).order_by("number").first()
            if again is not None:
                waiting = order.hazards.filter(deadline=again.deadline, state__in=("OPEN", "DUE"))
                results = {hazard.pk: actions.Result(act == "pass") for hazard in waiting}
                actions.reinspect(
                    again, officer, results=results, done_on=today, lead=officer, second=partner, today=today,
                    company=COMPANY,
                )  # fmt: skip
        case "refer":
            failed = list(Hazard.objects.filter(order=order, state=HazardState.TO_REFER))
            actions.refer(
                failed, officer, target=Target.FIRE_BRIGADE, basis="规定", facts="见记录", sent_on=today, today=today
            )
        case "receive" | "answer":
            _answer(act, order, today, people["supervisor"])
        case "void" if order.inspection is not None:
            actions.void_papers(order.inspection, people["chief"], "写错", today)


def _answer(act: str, order: Order, today: date, supervisor: User) -> None:
    for referral in Referral.objects.filter(hazards__order=order).distinct():
        if act == "receive":
            actions.receive_referral(referral, supervisor, on=today, receiver="陈立新", today=today)
        else:
            actions.answer_referral(
                referral,
                supervisor,
                result=ReferralResult.FINE,
                on=today,
                today=today,
                result_no="1号",
                fine=Decimal(1),
            )
