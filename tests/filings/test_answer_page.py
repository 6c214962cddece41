from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from filings.actions import Objection, return_filing
from filings.models import Defect, Remark, Review
from inspections.models import Inspection
from records.models import Document, ReviewState
from stations.models import User
from tests.filings.conftest import moment

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
LIST = reverse("filings:returned")


@pytest.fixture(autouse=True)
def _on_a_thursday() -> Iterator[None]:
    with time_machine.travel(moment(24), tick=False):
        yield


@pytest.fixture
def returned(paper: Document, supervisor: User) -> Document:
    remarks = [
        Objection(Defect.objects.get(code="NO_PHOTO"), "补照片"),
        Objection(Defect.objects.get(code="VAGUE"), "写明数量", "problem:2"),
    ]
    return_filing(paper, supervisor, remarks, round_=1, at=moment(23))
    return paper


def url(name: str, document: Document) -> str:
    return reverse(f"filings:{name}", args=[document.pk])


def test_returned_papers_are_listed_with_the_days_left(
    returned: Document, make_paper: Callable[..., Document], officer: User, stranger: User, browse: Browse
) -> None:
    make_paper()
    (row,) = browse(officer).get(LIST).context["page"].rows
    assert (row.pk, row.clock_words) == (returned.pk, "还剩 2 个工作日")
    assert browse(stranger).get(LIST).context["page"].rows == []


def test_an_empty_list_says_where_returned_papers_appear(officer: User, browse: Browse) -> None:
    assert "没有退回的文书" in browse(officer).get(LIST).content.decode()


def test_each_remark_has_its_field_of_the_paper_and_its_own_answer(
    returned: Document, officer: User, browse: Browse
) -> None:
    pairs = browse(officer).get(url("answer", returned)).context["pairs"]
    assert [(pinned.place, bound.label) for pinned, bound in pairs] == [
        ("", "对意见 1 的补正"),
        ("第 2 项问题", "对意见 2 的补正"),
    ]


def test_answering_files_the_paper_again(returned: Document, officer: User, browse: Browse) -> None:
    first, second = Remark.objects.all()
    sent = {"round": 1, f"remark_{first.pk}": "已补照片 2 张", f"remark_{second.pk}": "共 4 处"}
    assert browse(officer).post(url("refile", returned), sent)["Location"] == LIST
    returned.refresh_from_db()
    assert returned.review_state == ReviewState.REFILED
    assert list(Remark.objects.values_list("answer", flat=True)) == ["已补照片 2 张", "共 4 处"]


def test_one_word_for_the_whole_is_enough(returned: Document, officer: User, browse: Browse) -> None:
    assert (
        browse(officer).post(url("refile", returned), {"round": 1, "answer": "照片在检查页，数量见记录"}).status_code
        == 302
    )
    assert Review.objects.get().answer == "照片在检查页，数量见记录"


def test_a_remark_without_an_answer_is_pointed_at_and_the_rest_is_kept(
    returned: Document, officer: User, browse: Browse
) -> None:
    first = Remark.objects.all()[0]
    response = browse(officer).post(url("refile", returned), {"round": 1, f"remark_{first.pk}": "已补照片"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "还有意见没有回复" in html
    assert "已补照片</textarea>" in html
    returned.refresh_from_db()
    assert returned.review_state == ReviewState.RETURNED


def test_a_second_answer_from_another_tab_is_refused(
    returned: Document, officer: User, chief: User, browse: Browse
) -> None:
    sent = {"round": 1, "answer": "已改"}
    assert browse(officer).post(url("refile", returned), sent).status_code == 302
    response = browse(chief).post(url("refile", returned), sent)
    assert response.status_code == 409
    assert "已由李建平补正再报" in response.content.decode()


def test_the_supervisor_reads_the_answer_page_and_may_not_answer(
    returned: Document, supervisor: User, browse: Browse
) -> None:
    response = browse(supervisor).get(url("answer", returned))
    assert (response.status_code, response.context["answering"]) == (200, False)
    assert browse(supervisor).post(url("refile", returned), {"round": 1, "answer": "x"}).status_code == 403


def test_a_stranger_finds_nothing_to_answer(returned: Document, stranger: User, browse: Browse) -> None:
    assert browse(stranger).get(url("answer", returned)).status_code == 404
    assert browse(stranger).post(url("refile", returned), {"round": 1, "answer": "x"}).status_code == 404


def test_three_returned_papers_cost_as_many_queries_as_one(
    returned: Document,
    make_paper: Callable[..., Document],
    supervisor: User,
    officer: User,
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = browse(officer)
    client.get(LIST)
    with django_assert_max_num_queries(12) as one:
        client.get(LIST)
    for _ in range(2):
        objection = Objection(Defect.objects.get(code="NO_PHOTO"), "补照片")
        return_filing(make_paper(), supervisor, [objection], round_=1, at=moment(23))
    with django_assert_max_num_queries(12) as three:
        client.get(LIST)
    assert len(three) == len(one)


def test_only_the_chief_is_offered_to_void_and_issue_anew(
    returned: Document, visit: Inspection, officer: User, chief: User, browse: Browse
) -> None:
    link = f'href="{reverse("hazards:void", args=[visit.pk])}"'
    assert link in browse(chief).get(url("answer", returned)).content.decode()
    assert link not in browse(officer).get(url("answer", returned)).content.decode()
