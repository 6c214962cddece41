"""Where the series of a station stand: every number is a paper, valid or void."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from records import actions
from records.models import Document, DocumentCounter, Kind
from stations.models import Organisation, User
from tests.frozen import bend
from tests.records.conftest import TUESDAY

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
Issue = Callable[..., Document]
URL = "/papers/numbers/"


@pytest.fixture(autouse=True)
def _in_2026() -> Iterator[None]:
    with time_machine.travel(date(2026, 10, 9)):
        yield


def shown(client: Client, kind: Kind) -> tuple[int, int, int, int, int, str]:
    row = next(row for row in client.get(URL).context["series"] if row.kind == kind)
    return row.last, row.skipped, row.valid, row.void, row.gaps, row.next


def test_the_chief_sees_where_the_series_stand_and_sets_a_start(
    browse: Browse, chief: User, station: Organisation
) -> None:
    data = {"kind": "ORDER_LIMIT", "next_number": "37", "reason": "此前用纸质文书编到第36号"}
    assert browse(chief).post(URL, data).status_code == 302
    assert shown(browse(chief), Kind.ORDER_LIMIT) == (36, 36, 0, 0, 0, "江公（城关）消限字〔2026〕第0037号")


def test_the_bureau_s_own_series_is_no_station_s(browse: Browse, chief: User) -> None:
    client = browse(chief)
    numbered = {row.kind for row in client.get(URL).context["series"]}
    assert numbered == set(Kind) - {Kind.BULLETIN}
    refused = client.post(URL, {"kind": "BULLETIN", "next_number": "37", "reason": "试"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"kind"})
    assert not DocumentCounter.objects.exists()


def test_a_void_number_is_counted_and_stays_in_the_list_with_its_reason(
    browse: Browse, chief: User, issue: Issue
) -> None:
    actions.set_start(chief, chief.organisation, Kind.ORDER_LIMIT, 2026, 37, "此前用纸质文书编到第36号")
    first, second = issue(), issue()
    issue(kind=Kind.ORDER_NOW)
    actions.void(first, chief, "改正期限写错", TUESDAY)
    client = browse(chief)
    assert shown(client, Kind.ORDER_LIMIT) == (38, 36, 1, 1, 0, "江公（城关）消限字〔2026〕第0039号")
    link = "/papers/?kind=ORDER_LIMIT&amp;since=2026-01-01&amp;until=2026-12-31"
    assert link in client.get(URL).content.decode()
    series = client.get(link.replace("&amp;", "&"))
    assert [row.number for row in series.context["page"].rows] == [second.number, first.number]
    assert "改正期限写错" in series.content.decode()


def test_a_gap_would_show(browse: Browse, chief: User, issue: Issue) -> None:
    issue()
    DocumentCounter.objects.update(last=3)
    assert shown(browse(chief), Kind.ORDER_LIMIT)[:5] == (3, 0, 1, 0, 2)


def test_a_complaint_that_is_still_dealt_with_is_no_gap(browse: Browse, chief: User, station: Organisation) -> None:
    DocumentCounter.objects.create(station=station, kind=Kind.COMPLAINT, year=2026, last=2)
    assert shown(browse(chief), Kind.COMPLAINT)[:5] == (2, 0, 0, 0, 0)
    assert "2 件在办" in browse(chief).get(URL).content.decode()


def test_a_number_from_before_there_were_papers_may_get_its_paper_later(
    browse: Browse, chief: User, station: Organisation, issue: Issue
) -> None:
    DocumentCounter.objects.create(station=station, kind=Kind.COMPLAINT, year=2026, last=1, skipped=1)
    bend(Document.objects.filter(pk=issue().pk), kind=Kind.COMPLAINT)
    assert shown(browse(chief), Kind.COMPLAINT)[:5] == (1, 1, 1, 0, 0)
    assert "件在办" not in browse(chief).get(URL).content.decode()


def test_the_page_asks_the_database_as_often_for_three_series_as_for_one(
    browse: Browse, chief: User, issue: Issue
) -> None:
    client, counts = browse(chief), []
    for kinds in ((Kind.ORDER_LIMIT,), (Kind.ORDER_NOW, Kind.INSPECTION_RECORD)):
        for kind in kinds:
            issue(kind=kind)
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


def test_a_start_that_was_mistyped_is_put_right_on_the_page(browse: Browse, chief: User, issue: Issue) -> None:
    client, data = browse(chief), {"kind": "ORDER_LIMIT", "next_number": "370", "reason": "此前编到第369号"}
    assert client.post(URL, data).status_code == 302
    assert "起始号可更正" in client.get(URL).content.decode()
    assert client.post(URL, data | {"next_number": "37", "reason": "多打了一个零"}).status_code == 302
    assert shown(client, Kind.ORDER_LIMIT)[:5] == (36, 36, 0, 0, 0)
    issue()
    assert "起始号可更正" not in client.get(URL).content.decode()
    assert client.post(URL, data | {"next_number": "30"}).status_code == 409


def test_a_start_that_goes_back_is_a_409_page_and_changes_nothing(
    browse: Browse, chief: User, station: Organisation
) -> None:
    DocumentCounter.objects.create(station=station, kind=Kind.ORDER_LIMIT, year=2026, last=5)
    response = browse(chief).post(URL, {"kind": "ORDER_LIMIT", "next_number": "5", "reason": "试"})
    assert response.status_code == 409
    assert "起始号至少为 6。" in response.content.decode()
    assert DocumentCounter.objects.get().last == 5


def test_only_the_chief_sets_numbers(browse: Browse, officer: User, supervisor: User) -> None:
    url = reverse("records:counters")
    assert [browse(person).get(url).status_code for person in (officer, supervisor)] == [403, 403]
