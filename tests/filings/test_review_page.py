from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from filings.actions import Objection, pass_filing, refile, return_filing
from filings.models import Defect, Filing, Remark, Review
from hazards.models import Hazard
from records.models import Document, ReviewState
from stations.models import User
from tests.filings.conftest import moment

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _on_a_wednesday() -> object:
    with time_machine.travel(moment(23), tick=False):
        yield


def url(name: str, document: Document) -> str:
    return reverse(f"filings:{name}", args=[document.pk])


def form(**values: object) -> dict[str, object]:
    """The return form with one row for a remark."""
    return {"round": 1, "remark-TOTAL_FORMS": 1, "remark-INITIAL_FORMS": 0} | values


def defect(code: str) -> int:
    return Defect.objects.get(code=code).pk


def test_opening_the_page_puts_the_paper_into_the_supervisors_hand(
    paper: Document, supervisor: User, browse: Browse
) -> None:
    assert browse(supervisor).get(url("review", paper)).status_code == 200
    assert Filing.objects.get().opened_by == supervisor


def test_the_station_reads_the_page_without_opening_a_filing(paper: Document, chief: User, browse: Browse) -> None:
    response = browse(chief).get(url("review", paper))
    assert (response.status_code, response.context["decides"]) == (200, False)
    assert not Filing.objects.exists()


def test_a_stranger_finds_no_such_paper(paper: Document, stranger: User, browse: Browse) -> None:
    client = browse(stranger)
    assert client.get(url("review", paper)).status_code == 404
    assert client.get(reverse("filings:review", args=[paper.pk + 1])).status_code == 404


def test_an_officer_may_not_decide(paper: Document, officer: User, browse: Browse) -> None:
    assert browse(officer).post(url("pass", paper), {"round": 1}).status_code == 403
    assert browse(officer).post(url("return", paper), form()).status_code == 403


def test_the_page_reads_the_frozen_paper_field_by_field(paper: Document, supervisor: User, browse: Browse) -> None:
    html = browse(supervisor).get(url("review", paper)).content.decode()
    assert "第 1 项问题" in html
    assert "二层走道东侧、西侧各1处" in html
    assert "2026年9月30日" in html


def test_findings_come_from_the_rows_behind_the_paper(
    paper: Document, make_hazard: Callable[..., Hazard], supervisor: User, browse: Browse
) -> None:
    make_hazard(place="", wording="灭火器损坏")
    make_hazard(asked=30)
    found = [row["found"] for row in browse(supervisor).get(url("review", paper)).context["findings"]]
    assert [row.text for row in found if row.level != "right"] == [
        "第 1 项没有写明部位、数量",
        "第 2 项限 30 天，隐患库建议 3 天",
        "发现隐患，没有照片",
    ]


def test_the_same_words_at_another_unit_lately_are_named(
    paper: Document,
    make_hazard: Callable[..., Hazard],
    make_unit: Callable[..., object],
    supervisor: User,
    browse: Browse,
) -> None:
    mine = make_hazard()
    other = make_unit("好又多超市", address="南大街3号")
    twin = Hazard.objects.get(pk=mine.pk)
    twin.pk, twin.finding, twin.order, twin.inspection = None, None, mine.order, None
    twin.unit = other  # type: ignore[assignment] # a Unit
    twin.order_id = mine.order_id
    twin.save(force_insert=True)
    Hazard.objects.filter(pk=twin.pk).update(order=None, disposition="URGE", deadline=None)
    texts = [row["found"].text for row in browse(supervisor).get(url("review", paper)).context["findings"]]
    assert "第 1 项的部位和表述与好又多超市的记录完全相同" in texts


def test_passing_goes_on_to_the_next_paper_of_the_same_filter(
    paper: Document, make_paper: Callable[..., Document], supervisor: User, browse: Browse
) -> None:
    follower, other = make_paper(), make_paper()
    response = browse(supervisor).post(f"{url('pass', follower)}?kind=INSPECTION_RECORD", {"round": 1})
    assert response["Location"] == f"{url('review', other)}?kind=INSPECTION_RECORD"
    follower.refresh_from_db()
    assert follower.review_state == ReviewState.PASSED


def test_after_the_last_paper_comes_the_list(paper: Document, supervisor: User, browse: Browse) -> None:
    assert browse(supervisor).post(url("pass", paper), {"round": 1})["Location"] == reverse("filings:queue")


def test_a_finding_and_typed_words_become_pinned_remarks(
    paper: Document, make_hazard: Callable[..., Hazard], supervisor: User, browse: Browse
) -> None:
    make_hazard(asked=30)
    client = browse(supervisor)
    rows = client.get(url("review", paper)).context["findings"]
    key = next(row["found"].key for row in rows if row["found"].defect == "DEADLINE")
    typed = {"remark-0-defect": defect("MISSING"), "remark-0-field": "officers", "remark-0-text": "补写执法证号"}
    response = client.post(url("return", paper), form(adopt=key, **typed))
    assert response["Location"] == reverse("filings:queue")
    assert list(Remark.objects.values_list("defect__code", "field", "text")) == [
        ("DEADLINE", "deadline:1", "第 1 项限 30 天，隐患库建议 3 天（请说明理由，或者缩短期限重新出具）"),
        ("MISSING", "officers", "补写执法证号"),
    ]


@pytest.mark.parametrize("typed", [{}, {"adopt": "NO_PHOTO||没有这一条"}, {"remark-0-text": "只写了意见"}])
def test_a_return_without_a_whole_remark_keeps_what_was_typed(
    paper: Document, supervisor: User, browse: Browse, typed: dict[str, str]
) -> None:
    response = browse(supervisor).post(url("return", paper), form(**typed))
    assert response.status_code == 422
    assert "还不能退回" in response.content.decode()
    assert not Review.objects.exists()
    if "remark-0-text" in typed:
        assert "只写了意见</textarea>" in response.content.decode()


def test_a_page_left_open_is_told_who_decided(
    paper: Document, supervisor: User, brigade_leader: User, browse: Browse
) -> None:
    pass_filing(paper, supervisor, round_=1, at=moment(23, 9))
    response = browse(brigade_leader).post(url("pass", paper), {"round": 1})
    assert response.status_code == 409
    assert "已由陈立新于 2026-09-23 09:00 审查：合格" in response.content.decode()


@pytest.mark.parametrize("sent", [{}, {"round": "x"}, {"round": "²"}, {"round": "0"}])
def test_a_post_without_its_round_decides_nothing(
    paper: Document, supervisor: User, browse: Browse, sent: dict[str, str]
) -> None:
    assert browse(supervisor).post(url("pass", paper), sent).status_code == 409
    assert not Review.objects.exists()


def test_the_second_round_shows_the_first_with_its_answer(
    paper: Document, supervisor: User, officer: User, browse: Browse
) -> None:
    objection = Objection(Defect.objects.get(code="NO_PHOTO"), "补照片", "problem:1")
    return_filing(paper, supervisor, [objection], round_=1, at=moment(23, 8))
    refile(paper, officer, round_=1, answer="已补照片两张", answers={}, at=moment(23, 9))
    response = browse(supervisor).get(url("review", paper))
    (first,) = response.context["rounds"]
    assert [(row.place, row.remark.text) for row in first.remarks] == [("第 1 项问题", "补照片")]
    assert "已补照片两张" in response.content.decode()
    assert browse(supervisor).post(url("pass", paper), {"round": 2}).status_code == 302


def test_the_other_papers_of_the_visit_are_named(
    paper: Document, record_paper: Document, supervisor: User, browse: Browse
) -> None:
    client = browse(supervisor)
    assert client.get(url("review", paper)).context["siblings"] == [record_paper]
    assert client.get(url("review", record_paper)).context["siblings"] == [paper]


def test_one_hazard_and_three_cost_the_same_queries(
    paper: Document,
    make_hazard: Callable[..., Hazard],
    supervisor: User,
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_hazard()
    client = browse(supervisor)
    client.get(url("review", paper))
    with django_assert_max_num_queries(12) as one:
        client.get(url("review", paper))
    make_hazard(), make_hazard()
    with django_assert_max_num_queries(12) as three:
        client.get(url("review", paper))
    assert len(three) == len(one)
