"""一户一档: the page costs the same with one visit behind it and with three."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hazards import actions
from hazards.models import Order, Reinspection, Target
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.hazards import conftest as story
from tests.hazards.conftest import moment
from tests.units.pledges import signed
from units.models import Unit
from units.yearly import begin

Browse = Callable[[User], Client]
open_visit, find, conclude, serve, reinspect = (
    story.open_visit, story.find, story.conclude, story.serve, story.reinspect,
)  # fmt: skip


def linked(page: HttpResponse) -> list[str]:
    """The addresses of papers the timeline leads to, what is due aside."""
    told = [entry for entry in page.context["record"].entries if entry["step"] != 9]
    urls = [link["url"] for entry in told for link in entry.get("links", ())]
    return sorted(url for url in urls if url.startswith("/papers/"))


def papers_of(unit: Unit) -> list[str]:
    return sorted(reverse("records:document", args=[pk]) for pk in unit_papers(unit).values_list("pk", flat=True))


def unit_papers(unit: Unit) -> QuerySet[Document]:
    return Document.objects.filter(unit_id=unit.pk)


@pytest.mark.slow
@time_machine.travel("2026-12-01 09:00+08:00", tick=False)
def test_every_paper_of_a_unit_is_led_to_once_a_void_one_too(
    unit: Unit,
    officer: User,
    chief: User,
    open_visit: Callable[..., Inspection],
    find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
    serve: Callable[..., Order],
    browse: Browse,
) -> None:
    visit = open_visit(unit)
    find(visit, "EV06", days=8)
    find(visit, "BD05")
    conclude(visit)
    serve(Order.objects.get(inspection=visit), date(2026, 9, 23))
    actions.refer(
        [visit.hazards.get(hazard_type__code="BD05")], officer, target=Target.FIRE_BRIGADE,
        basis="监督检查规定第33条", facts="见检查记录", sent_on=date(2026, 9, 23), today=date(2026, 9, 23),
    )  # fmt: skip
    pledge = signed(unit, officer)
    wrong = open_visit(unit, visited_on=date(2026, 9, 24))
    find(wrong, "EV06", days=8)
    conclude(wrong)
    actions.void_papers(wrong, chief, "部位写错", date(2026, 9, 25))
    page = browse(officer).get(reverse("unit_page", args=[unit.pk]))
    kinds = set(unit_papers(unit).values_list("kind", flat=True))
    assert kinds == {"INSPECTION_RECORD", "ORDER_LIMIT", "SERVICE_RECEIPT", "REFERRAL", "PLEDGE"}
    assert linked(page) == papers_of(unit)
    entries = page.context["record"].entries
    void = [entry["links"][0]["label"] for entry in entries if entry["title"].startswith("出具")]
    assert sorted(void) == sorted(f"{paper.number}（已作废）" for paper in unit_papers(unit).filter(state="VOID"))
    [referral] = [entry for entry in entries if entry["title"].startswith("移送")]
    assert [link["label"] for link in referral["links"]] == ["移送情况", unit_papers(unit).get(kind="REFERRAL").number]
    assert pledge.get_absolute_url() in page.content.decode()


@pytest.mark.slow
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
        assert linked(page) == papers_of(unit)
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
