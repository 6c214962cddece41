"""完成检查: what has to be judged, what will follow, and the one button."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hazards.models import Hazard, Order
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User

Browse = Callable[[User], Client]
Find = Callable[..., Finding]


@pytest.fixture(autouse=True)
def _today(time_machine: object) -> None:
    time_machine.move_to("2026-09-22T11:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object


@pytest.fixture
def url(visit: Inspection) -> str:
    return reverse("conclude", args=[visit.pk])


def test_the_page_says_why_the_re_inspection_ends_when_it_does(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    find(visit, "EV06", days=8)
    page = browse(officer).get(url).content.decode()
    assert "9月30日届满 → 复查期限 10月10日：10-08、10-09、10-10（周六补班）；10-01 至 10-07 国庆节放假" in page
    assert "签发 2 份文书" in page


def test_the_page_prints_the_day_a_period_was_moved_to(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    find(visit, "EV06", days=10)
    page = browse(officer).get(url)
    assert "10月8日前改正" in page.content.decode()
    assert "检查之日起 10 日为 10-02（国庆节），顺延到 10-08" in page.content.decode()


def test_the_page_lists_papers_and_clocks_before_anything_is_signed(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    find(visit, "EV06", days=8)
    find(visit, "BD05")
    context = browse(officer).get(url).context
    assert [paper["title"] for paper in context["papers"]] == ["责令限期改正通知书", "公安派出所日常消防监督检查记录"]
    assert [(row["clock"].label, row["clock"].explained.due_on) for row in context["clocks"]] == [
        ("送达责令限期改正通知书", date(2026, 9, 28)),
        ("复查 1 处隐患", date(2026, 10, 10)),
        ("书面移送", date(2026, 9, 30)),
    ]
    assert Document.objects.count() == 0


def test_only_what_has_to_be_judged_is_asked(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    plain, doubtful, locked = find(visit, "EV06", days=8), find(visit, "EQ01", days=3), find(visit, "EV02")
    form = browse(officer).get(url).context["form"]
    assert set(form.fields) == {f"do_{doubtful.pk}", f"grave_{locked.pk}", "township"}
    assert plain.pk not in {question["row"].finding.pk for question in form.questions()}


def test_the_button_issues_and_leads_to_the_notice_to_serve(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    find(visit, "EV06", days=8)
    response = browse(officer).post(url, follow=True)
    assert response.redirect_chain == [(reverse("hazards:order", args=[Order.objects.get().pk]), 302)]
    ink = "请打开文书打印两份，当场签名，再把签好的一份附在文书后"
    assert [str(message) for message in response.context["messages"]] == [f"已签发 2 份文书。{ink}"]


def test_a_visit_without_findings_leads_to_its_record(
    visit: Inspection, url: str, browse: Browse, officer: User
) -> None:
    response = browse(officer).post(url)
    assert response["Location"] == reverse("records:document", args=[Document.objects.get().pk])


def test_the_second_press_says_so_and_issues_nothing(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    find(visit, "EV06", days=8)
    client = browse(officer)
    client.post(url, follow=True)
    response = client.post(url, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["这次检查已经签发，没有重复签发"]
    assert Document.objects.count() == 2


def test_what_was_not_judged_is_asked_again_and_issues_nothing(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    finding = find(visit, "EV02")
    client = browse(officer)
    response = client.post(url)
    assert response.context["form"].errors == {f"grave_{finding.pk}": ["请作出判断"]}
    assert Document.objects.count() == 0
    client.post(url, {f"grave_{finding.pk}": "yes"})
    assert Hazard.objects.get().grave


def test_a_choice_changes_what_will_follow_before_it_is_made(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    finding = find(visit, "EQ01", days=3)
    client = browse(officer)
    response = client.get(url, {f"do_{finding.pk}": "URGE"}, headers={"HX-Request": "true"})
    assert next(template.name for template in response.templates) == "hazards/_conclude_plan.html"
    assert [paper["title"] for paper in response.context["papers"]] == ["公安派出所日常消防监督检查记录"]
    client.post(url, {f"do_{finding.pk}": "URGE"})
    assert (Order.objects.count(), Hazard.objects.get().disposition) == (0, "URGE")


def test_a_choice_the_law_does_not_offer_is_not_on_the_page(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    finding = find(visit, "EL01", days=7)
    response = browse(officer).post(url, {f"do_{finding.pk}": "ORDER_LIMIT"})
    assert response.context["form"].errors == {f"do_{finding.pk}": ["请重新选择"]}
    assert Document.objects.count() == 0


def test_what_is_missing_stands_on_the_page_with_the_way_back(
    visit: Inspection, url: str, browse: Browse, officer: User
) -> None:
    visit.showed_id = False
    visit.save(update_fields=["showed_id"])
    page = browse(officer).get(url)
    assert page.context["missing"] == [
        {"words": "还没有确认已出示执法证件", "url": f"/inspections/{visit.pk}/people/#id_showed_id"}
    ]
    assert "disabled" in page.content.decode()
    assert browse(officer).post(url).status_code == 409


def test_a_given_up_visit_is_not_concluded(visit: Inspection, url: str, browse: Browse, officer: User) -> None:
    Inspection.objects.filter(pk=visit.pk).update(state="DISCARDED")
    assert browse(officer).get(url).status_code == 409


def test_a_strangers_visit_is_as_absent_as_a_missing_one(url: str, browse: Browse, stranger: User) -> None:
    assert browse(stranger).get(url).status_code == 404
    assert browse(stranger).post(url).status_code == 404
    assert browse(stranger).get("/inspections/999999/conclude/").status_code == 404


def test_a_supervisor_does_not_issue(url: str, browse: Browse, supervisor: User, assistant: User) -> None:
    assert [browse(person).post(url).status_code for person in (supervisor, assistant)] == [403, 403]


def test_two_hazards_and_five_cost_the_same_queries(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client, counts = browse(officer), []
    for codes in (("EV06", "BD05"), ("EV01", "EQ02", "EL01")):
        for code in codes:
            find(visit, code)
        with django_assert_max_num_queries(12) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
