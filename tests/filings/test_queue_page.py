from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from filings.actions import Objection, pass_filing, return_filing
from filings.models import Defect
from records.actions import void
from records.models import Document, Kind
from stations.models import User
from tests.filings.conftest import moment

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
URL = reverse("filings:queue")


@pytest.fixture(autouse=True)
def _on_a_thursday() -> object:
    with time_machine.travel(moment(24), tick=False):
        yield


def numbers(client: Client, query: str = "") -> list[int]:
    return [row.pk for row in client.get(f"{URL}{query}").context["page"].rows]


def test_the_queue_shows_the_oldest_paper_first_with_its_clock(
    make_paper: Callable[..., Document], supervisor: User, browse: Browse
) -> None:
    late, older = make_paper(date(2026, 9, 22)), make_paper(date(2026, 9, 10))
    page = browse(supervisor).get(URL).context["page"]
    assert [row.pk for row in page.rows] == [older.pk, late.pk]
    # Five working days from 9-10 end on 9-17; since then 18, 20 (a Sunday worked for 国庆), 21, 22, 23, 24.
    # Five from 9-22 are 23, 24, 28, 29, 30 around 中秋.
    assert [(row.clock_words, row.clock_tone, row.due_on) for row in page.rows] == [
        ("逾期 6 个工作日", "over", date(2026, 9, 17)),
        ("还剩 3 个工作日", "soon", date(2026, 9, 30)),
    ]


def test_only_stations_one_guides_are_in_the_queue(
    make_paper: Callable[..., Document], supervisor: User, stranger: User, brigade_leader: User, browse: Browse
) -> None:
    paper = make_paper()
    assert numbers(browse(supervisor)) == [paper.pk]
    assert numbers(browse(brigade_leader)) == [paper.pk]
    assert numbers(browse(stranger)) == []


def test_an_assistant_may_not_see_the_queue(assistant: User, browse: Browse) -> None:
    assert browse(assistant).get(URL).status_code == 403


def test_decided_and_void_papers_leave_the_queue_and_are_found_by_their_state(
    make_paper: Callable[..., Document], supervisor: User, chief: User, browse: Browse
) -> None:
    waiting, passed, returned, gone = (make_paper() for _ in range(4))
    pass_filing(passed, supervisor, round_=1, at=moment(23))
    objection = Objection(Defect.objects.get(code="NO_PHOTO"), "补照片")
    return_filing(returned, supervisor, [objection], round_=1, at=moment(23))
    void(gone, chief, "单位写错", date(2026, 9, 23))
    client = browse(supervisor)
    assert numbers(client) == [waiting.pk]
    assert numbers(client, "?state=PASSED") == [passed.pk]
    assert numbers(client, "?state=RETURNED") == [returned.pk]
    assert numbers(client, "?state=all") == [waiting.pk, passed.pk, returned.pk]


def test_the_queue_narrows_by_kind_station_age_and_words(
    make_paper: Callable[..., Document], paper: Document, supervisor: User, browse: Browse
) -> None:
    old = make_paper(date(2026, 9, 10))
    client = browse(supervisor)
    assert numbers(client, "?kind=ORDER_LIMIT") == [paper.pk]
    assert numbers(client, f"?station={paper.station_id}") == [old.pk, paper.pk]
    assert numbers(client, "?age=over") == [old.pk]
    assert numbers(client, "?age=running") == [paper.pk]
    assert numbers(client, "?q=限字") == [paper.pk]
    assert numbers(client, "?q=没有这个单位") == []


def test_a_filter_that_cannot_be_read_narrows_nothing(
    make_paper: Callable[..., Document], supervisor: User, browse: Browse
) -> None:
    paper = make_paper()
    assert numbers(browse(supervisor), "?station=99999&kind=X&age=old&cursor=x") == [paper.pk]


def test_the_count_has_its_denominator(
    make_paper: Callable[..., Document], paper: Document, supervisor: User, browse: Browse
) -> None:
    make_paper()
    context = browse(supervisor).get(f"{URL}?kind=ORDER_LIMIT").context
    assert (context["page"].total, context["of"]) == (1, 2)


def test_an_empty_queue_says_why(supervisor: User, browse: Browse) -> None:
    assert "没有待审的文书" in browse(supervisor).get(URL).content.decode()


def test_the_export_holds_the_filtered_rows(
    make_paper: Callable[..., Document], paper: Document, supervisor: User, browse: Browse
) -> None:
    make_paper()
    response = browse(supervisor).get(f"{URL}?kind=ORDER_LIMIT&export=xlsx")
    rows = list(load_workbook(BytesIO(response.content)).active.values)
    assert [row[:4] for row in rows] == [
        ("文书号", "种类", "单位", "派出所"),
        (paper.number, Kind.ORDER_LIMIT.label, "万家福便利超市", "城关派出所"),
    ]


def test_three_rows_cost_as_many_queries_as_one(
    make_paper: Callable[..., Document],
    supervisor: User,
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_paper()
    client = browse(supervisor)
    client.get(URL)
    with django_assert_max_num_queries(12) as one:
        client.get(URL)
    make_paper(), make_paper()
    with django_assert_max_num_queries(12) as three:
        client.get(URL)
    assert len(three) == len(one)
