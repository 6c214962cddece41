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
from stations.models import User
from tests.hazards.conftest import EVE
from units.models import Unit

Browse = Callable[[User], Client]


@pytest.fixture
def ended(
    open_visit: Callable[..., Inspection],
    find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
    serve: Callable[..., Order],
    reinspect: Callable[..., Reinspection],
    officer: User,
    make_unit: Callable[..., Unit],
) -> Callable[[int], Order]:
    """An order over so many hazards, none of them corrected at the re-inspection, all of them referred."""

    def make(hazards: int) -> Order:
        visit = open_visit(make_unit(f"{hazards}处隐患的店", address=f"北大街{hazards}号", township="城关街道"))
        for number in range(hazards):
            find(visit, "EV06", place=f"{number}层走道", days=8, grave=True)
        conclude(visit)
        order = serve(Order.objects.get(inspection=visit), date(2026, 9, 23))
        actions.open_due(EVE)
        failed = tuple(order.hazards.all())
        reinspect(Reinspection.objects.get(order=order), date(2026, 10, 8), failed=failed)
        sent = date(2026, 10, 9)
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


def test_what_an_order_still_gives_time_to_correct_has_no_page_to_refer_it(
    order: Order, ended: Callable[[int], Order], officer: User, browse: Browse
) -> None:
    waiting = order.hazards.get(position=1)
    refused = browse(officer).get(reverse("hazards:refer", args=[waiting.pk]))
    assert (refused.status_code, refused.context["refusal"].message) == (409, "这处隐患整改中，不能移送")
    failed = ended(1).hazards.get()
    assert browse(officer).get(reverse("hazards:refer", args=[failed.pk])).status_code == 302
