"""完成检查: what has to be judged, what will follow, and the one button."""

import subprocess
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hazards.gaps import Gap
from hazards.models import Hazard, Order, Suggestion
from inspections.actions import sign
from inspections.models import Finding, HazardType, Inspection, Signer
from records.models import Document, DocumentCounter
from records.samples.visit import STROKES
from records.signatures import Place
from stations.models import User
from trail.models import AuditEntry

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
    assert set(form.fields) == {f"do_{doubtful.pk}", f"grave_{locked.pk}", "township", "suggestions"}
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
    client.post(url, {f"grave_{finding.pk}": "yes", "suggestions": "ORGANISE"})
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


def test_an_answer_never_replaces_what_is_ticked_for_the_report(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    """Two quick ticks: the answer to the first may not put the boxes back to what they were before the second."""
    client, grave = browse(officer), {f"grave_{find(visit, 'EV02').pk}": "yes"}
    fields = '<div id="reporting" hx-swap-oob="true"'

    def answer(**said: object) -> tuple[int, int]:
        page = client.get(url, said, headers={"HX-Request": "true"}).content.decode()
        return page.count(fields), page.count('name="suggestions"')

    # They stand in the form, before the part that every answer replaces.
    own, _, after = client.get(url).content.decode().partition('<form id="conclude"')[2].partition("</form>")
    assert [own.count('id="reporting" hidden'), own.count('id="plan"'), after.count('id="plan"')] == [1, 0, 1]
    assert answer() == (0, 0)
    assert answer(**grave) == (1, len(Suggestion))
    assert answer(**grave, reporting="1", suggestions=["ORGANISE", "LISTED"]) == (0, 0)
    # What was ticked is carried along when the report goes again.
    assert answer(reporting="1", suggestions=["ORGANISE", "LISTED"]) == (1, 2)


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
    assert page.context["gaps"] == [Gap("还没有确认已出示执法证件", f"/inspections/{visit.pk}/people/#id_showed_id")]
    assert "还差 1 项，不能签发" in page.content.decode()
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


# ---------- what speaks against issuing, before the button is pressed ----------


def test_a_fault_of_a_hazard_stands_beside_it_with_the_way_to_mend_it(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    finding = find(visit, "EV06", days=8)
    HazardType.objects.filter(pk=finding.hazard_type_id).update(violates="")
    page = browse(officer).get(url)
    words = "没有填写第1处隐患违反的条款。请维护隐患库的公安机关或消防救援大队在隐患库中改写这一条的违反条款。"
    gap = Gap(words, f"/inspections/{visit.pk}/findings/{finding.pk}/", finding=finding.pk)
    assert (page.context["gaps"], page.context["found"][0]["gaps"]) == ([gap], [gap])
    assert "还差 1 项，不能签发" in page.content.decode()


@pytest.mark.parametrize(
    ("change", "url_of", "paper"),
    [
        ({"unit": {"address": "堃" * 106}}, "/units/{unit}/edit/", "INSPECTION_RECORD"),
        ({"visit": {"refusal": "堃" * 85}}, "/inspections/{visit}/people/#id_refusal", "INSPECTION_RECORD"),
        ({"visit": {"companion": "堃" * 33}}, "/inspections/{visit}/people/#id_companion", "INSPECTION_RECORD"),
    ],
)
def test_a_fault_of_a_paper_stands_beside_it_once(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User,
    change: dict[str, dict[str, str]], url_of: str, paper: str,
) -> None:  # fmt: skip
    find(visit, "EV06", days=8)
    type(visit.unit).objects.filter(pk=visit.unit_id).update(**change.get("unit", {}))
    Inspection.objects.filter(pk=visit.pk).update(**change.get("visit", {}))
    gaps = browse(officer).get(url).context["gaps"]
    assert [(gap.url, gap.paper) for gap in gaps] == [(url_of.format(unit=visit.unit_id, visit=visit.pk), paper)]


def test_a_row_that_overflows_leads_to_its_place_on_the_form(
    visit: Inspection, url: str, browse: Browse, officer: User
) -> None:
    visit.answers.filter(item__code="exit").update(note="堃\n" * 40)
    gaps = browse(officer).get(url).context["gaps"]
    assert [gap.url for gap in gaps] == [f"/inspections/{visit.pk}/fill/?group=building#item-exit"]


def test_what_the_page_showed_is_what_the_post_refuses_and_nothing_is_lost(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    doubtful, late = find(visit, "EQ01", days=3), find(visit, "EV06", days=1)
    Inspection.objects.filter(pk=visit.pk).update(visited_on=date(2026, 9, 18))
    client = browse(officer)
    words = "改正期限 2026-09-20 在成文日期 2026-09-22 以前。返回检查表延长改正天数。"
    sent = {f"do_{doubtful.pk}": "URGE", "township": "城关镇人民政府"}
    shown = list(client.get(url, sent).context["gaps"])
    assert [(gap.words, gap.finding) for gap in shown] == [(words, late.pk)]
    response = client.post(url, sent)
    assert (response.status_code, response.context["gaps"]) == (422, shown)
    assert response.context["form"].non_field_errors() == [words]
    assert response.context["form"][f"do_{doubtful.pk}"].value() == "URGE"
    assert (Document.objects.count(), Order.objects.count()) == (0, 0)
    late.days = 8
    late.save(update_fields=["days"])
    assert client.post(url, sent).status_code == 302


# ---------- drafts ----------


def draft_url(visit: Inspection, kind: str) -> str:
    return reverse("hazards:draft", args=[visit.pk, kind])


def words_of(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


@pytest.mark.slow
def test_each_paper_can_be_looked_at_before_and_uses_no_number(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User
) -> None:
    find(visit, "EV06", place="二层走道", days=8)
    find(visit, "EV02", place="后门")
    client, sent = browse(officer), {f"grave_{Finding.objects.get(place='后门').pk}": "yes"}
    papers = client.get(url, sent).context["papers"]
    assert [paper["kind"] for paper in papers] == ["order_now", "order_limit", "inspection_record", "hazard_report"]
    for paper in papers:
        response = client.get(draft_url(visit, paper["kind"]), sent)
        assert (response["Content-Type"], response["Cache-Control"]) == ("application/pdf", "no-store")
        printed = words_of(response.content)
        # The two characters of the mark lie between the lines.
        assert {"草", "稿"} <= set(printed)
        assert "第0001号" not in printed
    assert (Document.objects.count(), DocumentCounter.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


def test_a_draft_follows_the_choices_on_the_page(
    visit: Inspection, find: Find, browse: Browse, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.papers.draft", lambda kind, context: f"{kind} {context['issued_on']}".encode())
    finding = find(visit, "EQ01", days=3)
    client = browse(officer)
    assert client.get(draft_url(visit, "order_limit")).content == b"ORDER_LIMIT 2026-09-22"
    assert client.get(draft_url(visit, "order_limit"), {f"do_{finding.pk}": "URGE"}).status_code == 404
    assert client.get(draft_url(visit, "service_receipt")).status_code == 404


def test_a_draft_is_for_whoever_may_issue_and_only_until_it_is_issued(
    visit: Inspection, url: str, browse: Browse, officer: User, stranger: User, supervisor: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("records.papers.draft", lambda kind, context: b"draft")
    address = draft_url(visit, "inspection_record")
    assert [browse(person).get(address).status_code for person in (officer, supervisor, stranger)] == [200, 403, 404]
    browse(officer).post(url)
    assert browse(officer).get(address)["Location"] == reverse("records:document", args=[Document.objects.get().pk])


def test_signatures_and_a_report_keep_within_the_queries_of_a_page(
    visit: Inspection, find: Find, url: str, browse: Browse, officer: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    grave = find(visit, "EV02")
    find(visit, "EV06", days=8)
    Inspection.objects.filter(pk=visit.pk).update(ink=False)
    for signer in Signer:
        sign(visit, officer, signer, STROKES, visit.started_at, place=Place("北大街62号"))
    client = browse(officer)
    with django_assert_max_num_queries(12):
        said = {f"grave_{grave.pk}": "yes", "township": "城关镇人民政府", "suggestions": "ORGANISE"}
        page = client.get(url, said)
    assert ([paper["kind"] for paper in page.context["papers"]][-1], page.context["gaps"]) == ("hazard_report", [])
