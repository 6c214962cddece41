"""The register, the form at the telephone, and the page of a complaint."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from inspections import actions, complaining
from inspections.models import Complaint, ComplaintCategory, Inspection, Jurisdiction
from stations.models import User
from tests.inspections.complaints import CALLED, LOCKED, NAME, PHONE, checked, instant, received
from units.models import Unit

Browse = Callable[[User], Client]
NOW = instant(24, 9, 15)
LIST, NEW = "/inspections/complaints/", "/inspections/complaints/new/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def typed(browse: Browse, officer: User) -> Callable[..., dict[str, Any]]:
    """What the form holds when it opens, with what was typed."""

    def fill(**changes: Any) -> dict[str, Any]:
        key = str(browse(officer).get(NEW).context["form"]["form_key"].value())
        return {
            "form_key": key, "category": "EXIT", "jurisdiction": "OURS", "source": "CALL", "content": LOCKED,
            "received_at": "2026-09-23T21:15", "premises": "鑫源旅馆", "complainant": NAME, "contact": PHONE,
        } | changes  # fmt: skip

    return fill


def names(client: Client, query: str = "") -> list[str]:
    return [row.complaint.premises for row in client.get(LIST + query).context["rows"]]


# ---------- the register ----------


def test_the_register_shows_the_duty_each_complaint_waits_for(
    browse: Browse, officer: User, partner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    received(officer, premises="甲店", received_at=instant(22, 8))
    received(officer, premises="乙店")
    done = received(officer, premises="丙店", received_at=instant(24, 8), contact="", complainant="")
    complaining.check_complaint(done, officer, checked(officer, partner, NOW), NOW)
    client = browse(officer)
    with django_assert_max_num_queries(12):
        page = client.get(LIST)
    shown = [(row.complaint.premises, row.tone, row.next and row.next.words) for row in page.context["rows"]]
    assert (
        shown == [("丙店", "green", None), ("乙店", "blue", "还剩 12 小时"), ("甲店", "blue", "逾期 1 小时")] or shown
    )
    assert (page.context["of"], page.context["open"], page.context["late"]) == (3, 2, 1)


def test_three_complaints_cost_as_many_queries_as_one(
    browse: Browse, officer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browse(officer)
    received(officer)
    with django_assert_num_queries(11):
        client.get(LIST)
    received(officer, premises="乙店")
    received(officer, premises="丙店", jurisdiction=Jurisdiction.OTHER_POLICE)
    with django_assert_num_queries(11):
        client.get(LIST)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=open", ["乙店", "甲店"]),
        ("?state=ANSWERED", ["丙店"]),
        ("?state=overdue", ["甲店"]),
        ("?category=OTHER", ["乙店"]),
        ("?source=LETTER", ["甲店"]),
        ("?q=第0002号", ["乙店"]),
        ("?q=上锁 甲", ["甲店"]),
        ("?since=2026-09-24", ["丙店"]),
        ("?until=2026-09-22", ["甲店"]),
        ("?state=x&since=y&handler=z", ["丙店", "乙店", "甲店"]),
    ],
)
def test_the_filter_narrows_and_never_fails(
    browse: Browse, officer: User, partner: User, query: str, found: list[str]
) -> None:
    received(officer, premises="甲店", received_at=instant(22, 8), source="LETTER")
    received(officer, premises="乙店", category=ComplaintCategory.OTHER, content="没有灭火器")
    done = received(officer, premises="丙店", received_at=instant(24, 8), contact="", complainant="", content="堆物")
    complaining.check_complaint(done, officer, checked(officer, partner, NOW), NOW)
    assert names(browse(officer), query) == found


def test_the_export_holds_exactly_what_is_shown_and_no_words_of_the_complainant(browse: Browse, officer: User) -> None:
    received(officer, premises="甲店")
    received(officer, premises="乙店", category=ComplaintCategory.OTHER)
    response = browse(officer).get(LIST, {"category": "EXIT", "export": "xlsx"})
    header, *rows = load_workbook(BytesIO(response.content)).worksheets[0].values
    assert [(row[0], row[5], row[9]) for row in rows] == [("江公（城关）消举字〔2026〕第0001号", "甲店", "李建平")]
    assert {"举报人", "联系方式", "举报内容"} & set(header) == set()
    assert LOCKED not in repr(rows)


def test_everybody_sees_the_complaints_of_his_own_reach(
    browse: Browse, officer: User, supervisor: User, brigade_leader: User, leader: User, stranger: User, assistant: User
) -> None:
    made = received(officer)
    for user in (officer, supervisor, brigade_leader, leader):
        assert names(browse(user)) == ["鑫源旅馆"]
    assert names(browse(stranger)) == []
    assert browse(stranger).get(made.get_absolute_url()).status_code == 404
    assert browse(assistant).get(LIST).status_code == 403


# ---------- the form at the telephone ----------


def test_a_call_is_written_down_and_leads_to_its_page(browse: Browse, officer: User, typed: Any) -> None:
    response = browse(officer).post(NEW, typed())
    made = Complaint.objects.get()
    assert (response.status_code, response["Location"]) == (302, made.get_absolute_url())
    assert (made.complainant, made.contact, made.received_at, made.handler) == (NAME, PHONE, CALLED, officer)


def test_the_second_press_of_the_button_registers_nothing(browse: Browse, officer: User, typed: Any) -> None:
    data = typed()
    locations = {browse(officer).post(NEW, data)["Location"] for _ in range(2)}
    assert locations == {Complaint.objects.get().get_absolute_url()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"premises": ""}, ["premises"]),
        ({"complainant": "", "contact": ""}, ["complainant", "contact"]),
        ({"content": f"{NAME}说后门上锁"}, ["content"]),
        ({"received_at": "2026-09-24T09:16"}, ["received_at"]),
        ({"received_at": "2006-09-24T09:16"}, ["received_at"]),
        ({"category": ""}, ["category"]),
        ({"jurisdiction": "NOT_POLICE"}, ["manner"]),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_registered(
    browse: Browse, officer: User, typed: Any, changes: dict[str, str], wrong: list[str]
) -> None:
    response = browse(officer).post(NEW, typed(**changes))
    assert (list(response.context["form"].errors), Complaint.objects.count()) == (wrong, 0)


def test_an_anonymous_call_needs_neither_name_nor_number(browse: Browse, officer: User, typed: Any) -> None:
    browse(officer).post(NEW, typed(anonymous="on", contact=""))
    made = Complaint.objects.get()
    assert (made.anonymous, made.complainant, made.can_be_told) == (True, "", False)


def test_the_officer_of_the_unit_handles_it_unless_another_is_chosen(
    browse: Browse, chief: User, officer: User, partner: User, unit: Unit, typed: Any
) -> None:
    client = browse(chief)
    client.post(NEW, typed(unit=unit.pk, premises=""))
    client.post(NEW, typed(unit=unit.pk, premises="", handler=partner.pk))
    client.post(NEW, typed())
    assert [one.handler for one in Complaint.objects.order_by("pk")] == [officer, partner, chief]


@pytest.mark.parametrize(
    ("chosen", "promised"),
    [
        ({}, ["选了类别"]),
        ({"category": "EXIT"}, ["24 小时内核查，到 09-26 23:30", "20 日内告知结果，到 10-15"]),
        ({"category": "OTHER"}, ["3 个工作日内核查，到 09-30"]),
        ({"category": "EXIT", "jurisdiction": "OTHER_POLICE"}, ["24 小时内移送并告知，到 09-26 23:30"]),
        ({"category": "EXIT", "jurisdiction": "NOT_POLICE"}, ["当场告知"]),
    ],
)
def test_the_clock_that_would_start_is_said_before_the_button(
    browse: Browse, officer: User, chosen: dict[str, str], promised: list[str]
) -> None:
    with time_machine.travel(instant(26, 8), tick=False):
        asked = {"jurisdiction": "OURS", "received_at": "2026-09-25T23:30"} | chosen
        words = browse(officer).get(NEW + "due/", asked).content.decode()
    assert [one for one in promised if one not in words] == []


def test_a_unit_is_found_by_name_and_only_in_ones_own_station(
    browse: Browse, officer: User, unit: Unit, make_unit: Callable[..., Unit], sibling: Any
) -> None:
    make_unit("万家福超市北关店", station=sibling)
    found = browse(officer).get(NEW + "units/", {"unit_q": "万家福"}).context["units"]
    assert found == [unit]
    assert browse(officer).get(NEW, {"unit": unit.pk}).context["units"] == [unit]


# ---------- one complaint ----------


@pytest.fixture
def complaint(officer: User, unit: Unit) -> Complaint:
    return received(officer, unit=unit)


def test_the_page_says_the_next_act_its_hours_and_the_article(
    complaint: Complaint, browse: Browse, officer: User, supervisor: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client = browse(officer)
    with django_assert_max_num_queries(10):
        page = client.get(complaint.get_absolute_url())
    words = page.content.decode()
    assert (page.context["act"].title, page.context["act"].shown.words) == ("下一步：核查", "还剩 12 小时")
    assert [one for one in ("2026-09-24 21:15", "第18条第1项", "夜间和放假不停") if one not in words] == []
    watching = browse(supervisor).get(complaint.get_absolute_url()).content.decode()
    assert ("登记核查" in words, "登记核查" in watching, "显示举报人" in watching) == (True, False, False)


def test_the_whole_way_from_the_check_to_the_answer(
    complaint: Complaint, browse: Browse, officer: User, partner: User
) -> None:
    client, page = browse(officer), complaint.get_absolute_url()
    check = {"at": "2026-09-24T09:00", "first": officer.pk, "second": partner.pk, "truth": "TRUE", "found": "已责令"}
    for _ in range(2):
        assert client.post(page + "check/", check)["Location"] == page
    told = {"told_at": "2026-09-24T09:10", "manner": "PHONE", "told": "已责令改正", "untold": ""}
    for _ in range(2):
        assert client.post(page + "answer/", told)["Location"] == page
    shown = client.get(page).context
    assert [step["state"] for step in shown["steps"]] == ["done", "done", "done"]
    assert [entry.title for entry in shown["entries"]] == ["电话告知举报人", "核查：属实", "受理登记"]


def test_the_visit_made_since_is_offered_first_with_its_officers(
    complaint: Complaint, ready: Inspection, browse: Browse, officer: User, partner: User
) -> None:
    actions.submit(ready, officer, instant(25, 11))
    with time_machine.travel(instant(25, 12), tick=False):
        form = browse(officer).get(complaint.get_absolute_url() + "check/").context["form"]
    assert (form["inspection"].value(), form["first"].value(), form["second"].value()) == (
        ready.pk,
        officer.pk,
        partner.pk,
    )


def test_a_transfer_may_be_told_later_and_says_so(complaint: Complaint, browse: Browse, officer: User) -> None:
    client, page = browse(officer), complaint.get_absolute_url()
    move = {"at": "2026-09-24T09:00", "to": "江城市消防救援大队", "letter_no": "", "told_at": "2026-09-24T09:00"}
    client.post(page + "transfer/", move | {"manner": "", "told": "", "untold": ""})
    assert client.get(page).context["act"].title == "下一步：告知举报人"


def test_hand_on_put_right_and_withdraw_from_the_page(
    complaint: Complaint, browse: Browse, officer: User, partner: User, chief: User
) -> None:
    page = complaint.get_absolute_url()
    browse(officer).post(page + "assign/", {"handler": partner.pk, "reason": "休假"})
    browse(partner).post(page + "category/", {"category": "OTHER", "reason": "灯不亮"})
    assert browse(partner).post(page + "withdraw/", {"reason": "重复"}).status_code == 403
    browse(chief).post(page + "withdraw/", {"reason": "与第0002号重复"})
    complaint.refresh_from_db()
    assert (complaint.handler, complaint.category, complaint.state) == (partner, "OTHER", "WITHDRAWN")
    titles = [entry.title for entry in browse(chief).get(page).context["entries"]]
    assert sorted(titles) == ["受理登记", "撤销登记", "改举报类别", "改派举报"]


def test_what_the_paper_refuses_at_a_check_is_said_on_the_form_with_everything_still_typed(
    browse: Browse, officer: User, partner: User
) -> None:
    # Nobody to tell: the check ends the complaint and issues its 举报登记, whose content no form has looked at.
    made = received(officer, complainant="", contact="", content="后门上锁😀")
    typed = {
        "at": "2026-09-24T09:00", "first": officer.pk, "second": partner.pk, "truth": "TRUE", "found": "已责令改正",
    }  # fmt: skip
    page = browse(officer).post(f"{LIST}{made.pk}/check/", typed)
    form = page.context["form"]
    said = "举报内容里的表情符号😀印不出来。请删去或改成文字。已经登记的，在举报页“更正文字”中改正。"
    assert (page.status_code, form.non_field_errors()) == (200, [said])
    assert "已责令改正" in page.content.decode()
    made.refresh_from_db()
    assert (made.state, made.document) == ("RECEIVED", None)


@pytest.mark.parametrize(("name", "said"), [("found", "消火栓💧无水"), ("found", "防火门\ue000损坏")])
def test_what_no_face_has_is_refused_where_it_is_typed(
    browse: Browse, officer: User, partner: User, name: str, said: str
) -> None:
    made = received(officer)
    typed = {"at": "2026-09-24T09:00", "first": officer.pk, "second": partner.pk, "truth": "TRUE", name: said}
    page = browse(officer).post(f"{LIST}{made.pk}/check/", typed)
    assert list(page.context["form"].errors) == [name]
    assert said in page.content.decode()
    assert browse(officer).post(f"{LIST}{made.pk}/check/", typed | {name: "消火栓无水"}).status_code == 302


def test_the_words_of_a_caller_are_refused_while_he_can_still_be_asked(
    browse: Browse, officer: User, typed: Callable[..., dict[str, Any]]
) -> None:
    page = browse(officer).post(NEW, typed(content="后门上锁😀"))
    assert page.context["form"].errors == {"content": ["表情符号😀印不出来，请删去或改成文字"]}
    assert browse(officer).post(NEW, typed()).status_code == 302
