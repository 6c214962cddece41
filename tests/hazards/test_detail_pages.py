"""What the page of an order and the page of a hazard cost: the same whatever stands on the order."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hazards import actions
from hazards.models import Order, Reinspection, Target
from inspections.models import Finding, Inspection
from records.models import Document
from records.samples.visit import STROKES
from records.signatures import Place
from stations.models import User
from tests.hazards.conftest import EVE, moment
from units.models import Unit

Browse = Callable[[User], Client]
NEXT_DAY = date(2026, 9, 23)
LATER = date(2026, 10, 9)


@pytest.fixture
def ended(
    open_visit: Callable[..., Inspection],
    find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
    serve: Callable[..., Order],
    reinspect: Callable[..., Reinspection],
    officer: User,
    partner: User,
    chief: User,
    make_unit: Callable[..., Unit],
) -> Callable[..., Order]:
    """An order over so many hazards, none of them corrected at the re-inspection, all of them referred.

    ``links``: it was sent so many times, and served by the signature at the last one. ``more``: the chief gave it time
    until 9 October. Unless ``referred``, what failed still waits to be handed over.
    """

    def by_link(order: Order, links: int) -> Order:
        for number in range(links):
            row = actions.dispatch(
                order, officer, consented_by="刘桂香", consented_on=NEXT_DAY, consent=STROKES, consent_paper="",
                channel="短信", account="13900006688", second=partner, assistant=None, recorder_no="",
                at=moment(NEXT_DAY, 9 + number), place=Place("北大街62号"),
            )  # fmt: skip
            if number < links - 1:
                actions.close_dispatch(row, officer, "对方没有打开")
        opened = actions.open_dispatch(row, "手机", moment(NEXT_DAY, 14))
        who = {"name": "刘桂香", "relation": "经营者本人", "strokes": STROKES}
        actions.acknowledge_dispatch(opened, **who, at=moment(NEXT_DAY, 15))
        return Order.objects.get(pk=order.pk)

    def given_time(order: Order) -> None:
        asked = actions.request_extension(
            order, officer, deadline=EVE, hazards=list(order.hazards.all()), until=LATER, requested_on=NEXT_DAY,
            reason="订货要时间", today=NEXT_DAY,
        )  # fmt: skip
        actions.approve_extension(asked, chief, until=LATER, decision="同意", at=moment(NEXT_DAY, 16))

    def make(hazards: int, links: int = 0, *, more: bool = False, referred: bool = True) -> Order:
        visit = open_visit(make_unit(f"{hazards}处隐患的店", address=f"北大街{hazards}号", township="城关街道"))
        for number in range(hazards):
            find(visit, "EV06", place=f"{number}层走道", days=8, grave=True)
        conclude(visit)
        issued = Order.objects.get(inspection=visit)
        order = by_link(issued, links) if links else serve(issued, NEXT_DAY)
        if more:
            given_time(order)
        actions.open_due(LATER if more else EVE)
        failed = tuple(order.hazards.all())
        reinspect(Reinspection.objects.get(order=order), date(2026, 10, 12 if more else 8), failed=failed)
        if not referred:
            return order
        sent = date(2026, 10, 12 if more else 9)
        actions.refer(
            failed,
            officer,
            target=Target.FIRE_BRIGADE,
            basis="复查未改正",
            facts="复查未改正",
            sent_on=sent,
            today=sent,
        )
        return order

    return make


@pytest.mark.slow
@pytest.mark.parametrize("page", ["order", "hazard"])
def test_one_hazard_and_three_cost_the_same_queries(
    page: str,
    ended: Callable[[int], Order],
    supervisor: User,
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    counts = []
    client = browse(supervisor)
    for order in (ended(1), ended(3)):
        row = order if page == "order" else order.hazards.get(position=1)
        with django_assert_max_num_queries(12) as queries:
            assert client.get(reverse(f"hazards:{page}", args=[row.pk])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


EVERYBODY = ["officer", "assistant", "chief", "supervisor", "brigade_leader", "bureau_officer", "leader"]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["order", "hazard"])
@pytest.mark.parametrize("more", [False, True], ids=["in its time", "extended"])
@pytest.mark.parametrize("referred", [True, False], ids=["referred", "to be referred"])
def test_a_case_served_by_a_link_costs_everybody_the_same_queries_whatever_came_of_it(
    page: str, more: bool, referred: bool, ended: Callable[..., Order], browse: Browse, request: pytest.FixtureRequest,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    orders = [ended(1, links=1, more=more, referred=referred), ended(3, links=3, more=more, referred=referred)]
    counts = {}
    for who in EVERYBODY:
        client = browse(request.getfixturevalue(who))
        for order in orders:
            row = order if page == "order" else order.hazards.get(position=1)
            with django_assert_max_num_queries(99) as queries:
                assert client.get(reverse(f"hazards:{page}", args=[row.pk])).status_code == 200
            counts[who, order.hazards.count()] = len(queries)
    assert counts == {(who, hazards): counts[who, 1] for who in EVERYBODY for hazards in (1, 3)}
    assert {who: count for who, count in counts.items() if count > 12} == {}


def test_what_an_order_still_gives_time_to_correct_has_no_page_to_refer_it(
    order: Order, ended: Callable[[int], Order], officer: User, browse: Browse
) -> None:
    waiting = order.hazards.get(position=1)
    refused = browse(officer).get(reverse("hazards:refer", args=[waiting.pk]))
    assert (refused.status_code, refused.context["refusal"].message) == (409, "这处隐患整改中，不能移送")
    failed = ended(1).hazards.get()
    assert browse(officer).get(reverse("hazards:refer", args=[failed.pk])).status_code == 302
