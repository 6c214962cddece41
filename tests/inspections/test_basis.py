"""One table of the law: the sheet, the catalogue and 将要产生 cite the same article with the same doubt."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hazards.plan import findings_of, judge
from hazards.rules import ORDERS
from inspections.bases import basis_of
from inspections.models import Finding, HazardType, Inspection, OrderBasis, OrderItemRule
from stations.models import Organisation, User
from tests.hazards.conftest import VISITED
from tests.hazards.conftest import find as find
from tests.hazards.conftest import open_visit as open_visit
from tests.hazards.conftest import visit as visit

Find = Callable[..., Finding]
Browse = Callable[[User], Client]
LOCAL = "江城市消防条例第30条"
MARK = ' <span class="st st-line">待核定</span>'


@pytest.fixture
def rules(db: None) -> dict[str, OrderItemRule]:
    return OrderItemRule.objects.by_item(VISITED)


@pytest.mark.slow
@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("local", ["", LOCAL])
def test_sheet_catalogue_and_plan_say_the_same_of_every_entry(
    visit: Inspection, find: Find, officer: User, bureau: Organisation, browse: Browse, local: str, confirmed: bool
) -> None:
    HazardType.objects.update(confirmed=confirmed)
    kinds = list(HazardType.objects.all())
    if local:
        OrderBasis.objects.bulk_create(OrderBasis(bureau=bureau, hazard_type=kind, basis=local) for kind in kinds)
    for kind in kinds:
        find(visit, kind.code)
    planned = {
        row.finding.hazard_type.code: (
            row.proposal.basis, row.proposal.pending, row.proposal.disposition in ORDERS,
        )
        for row in judge(visit, findings_of(visit))
    }  # fmt: skip
    client = browse(officer)
    listed = client.get(reverse("inspections:catalogue")).context["rows"]
    assert {kind.code: (basis.words, basis.pending, basis.orders) for kind, basis in listed} == planned
    sheet = reverse("inspections:choose", args=[visit.pk, visit.checklist.items.get(code="building_other").pk])
    for code in {kind.order_item: kind.code for kind in kinds}.values():
        words, pending, orders = planned[code]
        line = f"<dt>责令依据</dt><dd>{words}{MARK if pending else ''}{'' if orders else ' <small'}"
        for page in (f"{sheet}?code={code}", reverse("inspections:hazard_type", args=[code])):
            content = client.get(page).content.decode()
            assert (line if page.startswith(sheet) else line.partition("<dd>")[2]) in content


def test_items_6_to_10_and_what_no_item_lists_wait_to_be_confirmed(rules: dict[str, OrderItemRule]) -> None:
    pending = {item for item in rules if basis_of(item, rules, confirmed=True).pending}
    assert pending == {"6", "7", "8", "9", "10", "-"}


@pytest.mark.parametrize(
    ("order_item", "orders", "pending", "words", "outcome"),
    [
        ("2", True, False, "消防监督检查规定第33条第1款第2项", ""),
        ("5?", True, True, "消防监督检查规定第33条第1款第5项", ""),
        ("31(3)", True, False, "消防监督检查规定第31条第3款", ""),
        ("32(4)", False, False, "消防监督检查规定第32条第4项", "督促整改"),
        ("33(2)", False, False, "消防监督检查规定第33条第2款", "书面移送"),
        ("-", False, True, "消防法第52条、第53条", "督促整改，可以移送"),
    ],
)
def test_a_station_orders_only_what_article_33_lists(
    order_item: str, orders: bool, pending: bool, words: str, outcome: str, rules: dict[str, OrderItemRule]
) -> None:
    basis = basis_of(order_item, rules)
    assert (basis.orders, basis.pending, basis.words, basis.outcome) == (orders, pending, words, outcome)


def test_a_local_basis_lets_a_station_order_what_the_article_leaves_out_and_changes_nothing_it_lists(
    rules: dict[str, OrderItemRule],
) -> None:
    assert (basis_of("-", rules, LOCAL).words, basis_of("-", rules, LOCAL).orders) == (LOCAL, True)
    assert basis_of("2", rules, LOCAL).words == "消防监督检查规定第33条第1款第2项"
    assert [basis_of(item, rules, LOCAL).orders for item in ("33(2)", "32(1)")] == [False, False]


def test_a_new_version_of_the_table_speaks_from_its_day_on(rules: dict[str, OrderItemRule]) -> None:
    OrderItemRule.objects.create(
        item="2", kind="ORDER", basis="新规定第20条第2项", text="占用疏散通道的", confirmed=True, since=VISITED
    )
    before, after = (OrderItemRule.objects.by_item(on) for on in (date(2026, 9, 21), VISITED))
    assert basis_of("2", before).words == rules["2"].basis
    assert basis_of("2", after).words == "新规定第20条第2项"


def test_what_is_only_urged_says_so_at_its_row_whatever_mode_was_entered(
    visit: Inspection, find: Find, officer: User, browse: Browse
) -> None:
    find(visit, "EQ05", mode="NOW", days=0)
    find(visit, "EV02", mode="NOW", days=0)
    client = browse(officer)
    rows = client.get(reverse("inspections:fill", args=[visit.pk]) + "?group=fire").content.decode()
    assert [f"<p>{code}，{words}" in rows for code, words in (("EQ05", "督促整改"), ("EV02", "立即改正"))] == [
        True,
        True,
    ]
    detail = client.get(reverse("inspections:detail", args=[visit.pk])).content.decode()
    assert [words in detail for words in ('st-blue">督促整改<', 'st-red">立即改正<')] == [True, True]


def test_the_catalogue_costs_few_queries(
    officer: User, browse: Browse, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = browse(officer)
    for page in (reverse("inspections:catalogue"), reverse("inspections:hazard_type", args=["EV06"])):
        with django_assert_max_num_queries(12):
            assert client.get(page).status_code == 200
