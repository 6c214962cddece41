"""隐患: the list, its filters, its export, and who sees it."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import make_aware

from deadlines.models import Clock
from fire_supervision.lib.paging import page_of
from hazards import actions
from hazards.duties import concerns, overdue
from hazards.models import Hazard, Order, Reinspection
from hazards.views.lists import HEADER
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import Organisation, User
from tests.hazards.conftest import EVE, VISITED
from units.models import Unit

Browse = Callable[[User], Client]
URL = "/hazards/"


@pytest.fixture(autouse=True)
def _today(time_machine: object) -> None:
    time_machine.move_to("2026-10-12T09:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object


@pytest.fixture
def mixed(
    served: Order, make_unit: Callable[..., Unit], open_visit: Callable[..., Inspection], find: Callable[..., Finding],
    conclude: Callable[..., list[Document]], reinspect: Callable[..., Reinspection],
) -> Order:  # fmt: skip
    """One hazard closed, one failed, one referred by law, one urged."""
    actions.open_due(EVE)
    reinspect(Reinspection.objects.get(), date(2026, 10, 9), failed=(served.hazards.get(position=2),))
    visit = open_visit(make_unit("鑫源网吧", address="东大街8号"))
    find(visit, "BD05", place="一层")
    find(visit, "EL01", place="后厨")
    conclude(visit)
    return served


def shown(client: Client, **query: str) -> list[str]:
    return [row.hazard.hazard_type.code for row in client.get(URL, query).context["rows"]]


def test_the_list_shows_what_the_officer_may_see_newest_first(mixed: Order, browse: Browse, officer: User) -> None:
    assert shown(browse(officer)) == ["BD05", "EL01", "EQ02", "EV06"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"state": "unsolved"}, ["BD05", "EL01", "EQ02"]),
        ({"state": "CLOSED"}, ["EV06"]),
        ({"q": "鑫源"}, ["BD05", "EL01"]),
        ({"q": "三层走道"}, ["EQ02"]),
        ({"category": "ELEC"}, ["EL01"]),
        ({"overdue": "yes"}, ["BD05"]),
        ({"since": "2026-09-23"}, []),
        ({"until": "2026-09-22"}, ["BD05", "EL01", "EQ02", "EV06"]),
        ({"state": "nonsense", "since": "gestern"}, ["BD05", "EL01", "EQ02", "EV06"]),
    ],
)
def test_each_filter_narrows_and_none_fails_the_page(
    query: dict[str, str], codes: list[str], mixed: Order, browse: Browse, officer: User
) -> None:
    assert shown(browse(officer), **query) == codes


def test_the_officer_filter_follows_the_unit(
    mixed: Order, browse: Browse, chief: User, officer: User, partner: User
) -> None:
    assert len(shown(browse(chief), officer=str(officer.pk))) == 4
    assert shown(browse(chief), officer=str(partner.pk)) == []


def test_the_bureau_filters_by_station(
    mixed: Order, browse: Browse, leader: User, station: Organisation, sibling: Organisation
) -> None:
    assert len(shown(browse(leader), station=str(station.pk))) == 4
    assert shown(browse(leader), station=str(sibling.pk)) == []


def test_a_stranger_sees_an_empty_list(mixed: Order, browse: Browse, stranger: User) -> None:
    assert shown(browse(stranger)) == []


def test_the_export_holds_exactly_what_is_shown(mixed: Order, browse: Browse, officer: User) -> None:
    response = browse(officer).get(URL, {"state": "unsolved", "export": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(response.content)).active
    rows = list(sheet.values)
    assert rows[0] == HEADER
    assert [row[4] for row in rows[1:]] == ["BD05", "EL01", "EQ02"]
    assert rows[3][9:11] == ("待移送", "还剩 3 个工作日")  # 13, 14, 15 October


def test_an_assistant_reads_but_does_not_export(mixed: Order, browse: Browse, assistant: User) -> None:
    response = browse(assistant).get(URL, {"export": "xlsx"})
    assert response["Content-Type"].startswith("text/html")


def test_one_row_and_three_cost_the_same(
    browse: Browse, officer: User, make_unit: Callable[..., Unit], open_visit: Callable[..., Inspection],
    find: Callable[..., Finding], conclude: Callable[..., list[Document]],
) -> None:  # fmt: skip
    def queries(rows: int) -> int:
        client = browse(officer)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(URL)
        assert len(response.context["rows"]) == rows
        return len(captured)

    def add(name: str) -> None:
        visit = open_visit(make_unit(name, address=name))
        find(visit, "EV06", days=8)
        conclude(visit)

    add("一号店")
    first = queries(1)
    add("二号店")
    add("三号店")
    assert queries(3) == first
    assert first <= 12


def test_the_rule_of_whose_duty_it_is_says_the_same_in_sql(mixed: Order) -> None:
    for on in (VISITED, date(2026, 9, 29), EVE, date(2026, 10, 9), date(2026, 10, 12), date(2026, 12, 1)):
        now = make_aware(datetime.combine(on, time(8)))
        late = list(Clock.objects.overdue(now))
        by_hand = {
            row.pk for row in Hazard.objects.select_related("hazard_type") if any(concerns(one, row) for one in late)
        }
        assert set(Hazard.objects.filter(overdue(now)).values_list("pk", flat=True)) == by_hand


def test_an_urged_hazard_has_no_part_in_the_referral_of_its_visit(mixed: Order, browse: Browse, officer: User) -> None:
    chips = {
        row.hazard.hazard_type.code: row.next and row.next.clock.rule_code
        for row in browse(officer).get(URL).context["rows"]
    }
    assert chips == {"EL01": None, "BD05": "REFER_5WD", "EQ02": "REFER_FAILED", "EV06": None}


def test_pages_follow_one_another_by_cursor(
    mixed: Order, browse: Browse, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hazards.views.lists.page_of", _small_page_of())
    client = browse(officer)
    page = client.get(URL).context["page"]
    assert [row.hazard_type.code for row in page.rows] == ["BD05", "EL01"]
    following = client.get(URL, {"cursor": page.next_cursor}).context["page"]
    assert ([row.hazard_type.code for row in following.rows], following.next_cursor) == (["EQ02", "EV06"], "")


def _small_page_of() -> Callable[..., object]:
    return partial(page_of, size=2)
