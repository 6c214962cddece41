"""一户一档: the page costs the same with one visit behind it and with three."""

from collections.abc import Callable
from datetime import date

import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hazards import actions
from hazards.models import Order, Reinspection
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.hazards import conftest as story
from tests.hazards.conftest import moment
from units.models import Unit
from units.yearly import begin

Browse = Callable[[User], Client]
open_visit, find, conclude, serve, reinspect = (
    story.open_visit, story.find, story.conclude, story.serve, story.reinspect,
)  # fmt: skip


@time_machine.travel("2026-12-01 09:00+08:00", tick=False)
def test_a_visit_from_finding_to_report_is_told_in_order_and_three_cost_no_more(
    unit: Unit,
    officer: User,
    supervisor: User,
    open_visit: Callable[..., Inspection],
    find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
    serve: Callable[..., Order],
    reinspect: Callable[..., Reinspection],
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def visited(on: date) -> None:
        visit = open_visit(unit, visited_on=on)
        find(visit, "EV06", days=8, grave=True)
        conclude(visit)
        order = serve(Order.objects.get(inspection=visit), on)
        actions.deliver_report(visit, officer, sent_on=on, receiver="刘主任", today=on)
        actions.open_due(date(2026, 12, 1))
        reinspect(Reinspection.objects.get(order=order), date(2026, 12, 1), failed=tuple(order.hazards.all()))

    # Registered between the visits and their re-inspection, whatever day the test runs on.
    Unit.objects.filter(pk=unit.pk).update(created_at=moment(date(2026, 11, 22)), township="城关镇")
    client, address, counts = browse(supervisor), reverse("unit_page", args=[unit.pk]), []
    for days in ([22], [23, 24]):
        for day in days:
            visited(date(2026, 9, day))
        with django_assert_max_num_queries(12) as queries:
            page = client.get(address)
        counts.append(len(queries))
        told = [entry["title"].split("：")[0] for entry in page.context["record"].entries if entry["step"] != 9]
        visits = Inspection.objects.count()
        of_one = ["书面报告城关镇和消防救援机构", "送达责令限期改正通知书", "日常检查"]
        assert told == ["第 1 次复查"] * visits + ["建档"] + of_one * visits
    assert counts[0] == counts[1]


@time_machine.travel("2026-12-01 09:00+08:00", tick=False)
def test_what_is_due_at_a_unit_is_what_its_clocks_say_and_nothing_else(
    unit: Unit, officer: User, browse: Browse
) -> None:
    def next_step() -> tuple[str, str]:
        page = browse(officer).get(reverse("unit_page", args=[unit.pk]))
        return page.context.get("next_words", ""), page.content.decode()

    words, page = next_step()
    assert words == ""
    assert "没有在办的期限" in page
    assert "12月31日" not in page
    begin([unit], date(2026, 12, 1), since=date(2026, 1, 1))
    words, page = next_step()
    assert words == "还剩 30 天"
    assert "12月31日前" in page
