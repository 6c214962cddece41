"""The pages of 消防安全责任书: the block of the unit, the form both sign, the register, the chief's voiding."""

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from records.samples.visit import STROKES
from stations.models import Organisation, User
from tests.units.pledges import LAST, SIGNED, seen, settled, signed
from units.models import Pledge, PledgeState, Unit

Browse = Callable[[User], Client]
TODAY = SIGNED
DRAWN = json.dumps(STROKES)


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-09-22T16:00:00+08:00")


def typed(unit: Unit, officer: User, **changes: Any) -> dict[str, Any]:
    return {
        "seen": seen(unit), "place": "北大街62号门口", "latitude": "30.1234", "longitude": "120.1234",
        "key": str(uuid4()), "since": "2026-09-22", "until": "2027-09-21", "signer_a": officer.pk,
        "signer_b": "刘桂香", "post_b": "店主", "ink": "", "sign_a": DRAWN, "sign_b": DRAWN,
    } | changes  # fmt: skip


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_page_of_a_unit_leads_to_signing_and_then_to_the_pledge(
    unit: Unit, officer: User, assistant: User, browse: Browse
) -> None:
    page, sign = reverse("unit_page", args=[unit.pk]), reverse("units:pledge_sign", args=[unit.pk])
    shown = [browse(user).get(page).content.decode() for user in (officer, assistant)]
    assert [sign in words for words in shown] == [True, False]
    assert ["没有正在执行的责任书" in words for words in shown] == [True, True]
    pledge = signed(unit, officer)
    answer = browse(officer).get(page)
    assert answer.context["pledge"] == pledge
    assert (pledge.get_absolute_url() in answer.content.decode(), sign in answer.content.decode()) == (True, False)
    told = [entry for entry in answer.context["record"].entries if entry["title"] == "签订消防安全责任书"]
    assert [(entry["when"], entry["text"]) for entry in told] == [
        (SIGNED, "责任期限 2026-09-22 至 2027-09-21，刘桂香签")
    ]  # fmt: skip


def test_a_pledge_about_to_run_out_is_offered_anew(
    unit: Unit, officer: User, browse: Browse, time_machine: Any
) -> None:
    signed(unit, officer)
    time_machine.move_to("2027-09-01T09:00:00+08:00")
    words = browse(officer).get(reverse("unit_page", args=[unit.pk])).content.decode()
    assert ("即将到期" in words, "续签责任书" in words) == (True, True)


def test_the_form_is_filled_with_a_year_from_today_and_the_known_names(
    unit: Unit, officer: User, partner: User, browse: Browse
) -> None:
    form = browse(officer).get(reverse("units:pledge_sign", args=[unit.pk])).context["form"]
    assert (form["since"].value(), form["until"].value()) == (TODAY, LAST)
    assert (form["signer_a"].value(), form["signer_b"].value()) == (officer.pk, "刘桂香")
    assert [name for _, name in form.fields["signer_a"].choices] == [
        f"{person.name}（{person.number}）" for person in (officer, partner)
    ]


def test_signing_issues_one_paper_however_often_the_form_is_sent(unit: Unit, officer: User, browse: Browse) -> None:
    url, form = reverse("units:pledge_sign", args=[unit.pk]), typed(unit, officer)
    first = browse(officer).post(url, form, follow=True)
    pledge = Pledge.objects.get()
    assert said(first) == ["责任书已签订，打印一式两份，双方各执一份"]
    assert first.redirect_chain == [(pledge.get_absolute_url(), 302)]
    assert browse(officer).post(url, form)["Location"] == pledge.get_absolute_url()
    assert Pledge.objects.count() == 1


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(
    unit: Unit, officer: User, browse: Browse
) -> None:
    url = reverse("units:pledge_sign", args=[unit.pk])
    form = browse(officer).post(url, typed(unit, officer, sign_b="", until="2026-09-22")).context["form"]
    assert form.errors == {"until": ["责任期限的止日应在起日以后"], "sign_b": ["乙方没有签名"]}
    assert (form["post_b"].value(), form["sign_a"].value()) == ("店主", DRAWN)
    other = browse(officer).post(url, typed(unit, officer, party_a="北大街社区居民委员会"))
    assert other.context["form"].errors == {"person_a": ["甲方不是派出所的，写明甲方由谁签名"]}
    assert '<details class="more mb-3" open>' in other.content.decode()
    assert Pledge.objects.count() == 0


def test_without_a_place_nothing_is_signed_on_the_screen_and_what_was_drawn_is_not_lost(
    unit: Unit, officer: User, browse: Browse
) -> None:
    url, nowhere = reverse("units:pledge_sign", args=[unit.pk]), {"place": "", "latitude": "", "longitude": ""}
    form = browse(officer).post(url, typed(unit, officer, **nowhere)).context["form"]
    assert form.errors == {"place": ["没有写明签名地点。填写地点，或者附上本机定位。"]}
    assert (form["sign_a"].value(), form["sign_b"].value(), Pledge.objects.count()) == (DRAWN, DRAWN, 0)
    by_hand = {"ink": "1", "sign_a": "", "sign_b": ""}
    assert browse(officer).post(url, typed(unit, officer, **nowhere | by_hand)).status_code == 302


def test_the_second_form_for_a_unit_is_told_what_runs(unit: Unit, officer: User, browse: Browse) -> None:
    signed(unit, officer)
    answer = browse(officer).get(reverse("units:pledge_sign", args=[unit.pk]))
    assert "正在执行的责任书到 2027年9月21日" in answer.content.decode()


def test_the_form_says_of_a_pledge_signed_ahead_from_when_it_holds(unit: Unit, officer: User, browse: Browse) -> None:
    signed(unit, officer, since=date(2026, 10, 1), until=date(2027, 9, 30))
    words = browse(officer).get(reverse("units:pledge_sign", args=[unit.pk])).content.decode()
    assert ("已经签订的责任书从 2026年10月1日起生效" in words, "正在执行的责任书到" in words) == (True, False)


def test_the_paper_tells_who_signed_where_and_on_whose_screen(unit: Unit, officer: User, browse: Browse) -> None:
    browse(officer).post(reverse("units:pledge_sign", args=[unit.pk]), typed(unit, officer))
    page = browse(officer).get(Pledge.objects.get().get_absolute_url())
    place, held_by = "北大街62号门口，30.1234，120.1234", "李建平（100001）"
    assert [(each.label, each.name, each.place, each.held_by, each.agrees) for each in page.context["signed"]] == [
        ("甲方", "李建平", place, held_by, True), ("乙方", "刘桂香", place, held_by, True),
    ]  # fmt: skip
    assert page.content.decode().count("与内容一致") == 2


def test_terms_settled_while_the_form_stood_open_are_read_before_they_are_signed(
    unit: Unit, officer: User, bureau_officer: User, browse: Browse
) -> None:
    url, form = reverse("units:pledge_sign", args=[unit.pk]), typed(unit, officer)
    settled(bureau_officer, liability="依法承担责任。")
    answer = browse(officer).post(url, form)
    words = "单位或者责任条款在打开这一页以后改过，签名没有保存（《电子签名法》第13条）。请核对后重新签名。"
    assert answer.context["form"].errors == {"sign_b": [words]}
    again = answer.context["form"]
    assert (again["sign_a"].value(), again["sign_b"].value(), again["post_b"].value()) == ("", "", "店主")
    assert ("依法承担责任。" in answer.content.decode(), Pledge.objects.count()) == (True, 0)
    assert browse(officer).post(url, form | {"seen": answer.context["seen"]}).status_code == 302


@pytest.mark.slow
def test_a_pledge_signed_ahead_is_not_yet_in_force_anywhere(
    unit: Unit, officer: User, browse: Browse, time_machine: Any
) -> None:
    pledge = signed(unit, officer, since=date(2026, 10, 1), until=date(2027, 9, 30))
    client = browse(officer)
    register, page = reverse("units:pledges"), reverse("unit_page", args=[unit.pk])
    shown = [client.get(register, {"pledge": kind}).context for kind in ("", "running", "soon", "coming", "none")]
    assert [[row.pledged.words for row in context["rows"]] for context in shown] == [["未生效"], [], [], ["未生效"], []]
    assert shown[0]["signed"] == 0
    assert "2026-10-01 起生效" in (words := client.get(page).content.decode())
    assert reverse("units:pledge_sign", args=[unit.pk]) not in words
    assert client.get(pledge.get_absolute_url()).context["standing"].label == "未生效"
    said = []
    for day in ("2026-09-30", "2026-10-01", "2027-09-30", "2027-10-01"):
        time_machine.move_to(f"{day}T09:00:00+08:00")
        [row] = browse(officer).get(register).context["rows"]
        said.append(row.pledged.words)
    assert said == ["未生效", "有效", "即将到期", "没有签订"]


def test_a_pledge_that_is_followed_is_not_about_to_run_out(
    unit: Unit, officer: User, browse: Browse, time_machine: Any
) -> None:
    signed(unit, officer)
    time_machine.move_to("2027-09-01T09:00:00+08:00")
    following = signed(unit, officer, on=date(2027, 9, 1), since=date(2027, 9, 22), until=date(2028, 9, 21))
    answer = browse(officer).get(reverse("units:pledges"))
    [row] = answer.context["rows"]
    assert (row.pledged.words, row.pledged.coming) == ("有效", following)
    assert browse(officer).get(row.pledged.running.get_absolute_url()).context["standing"].label == "有效"
    words = browse(officer).get(reverse("unit_page", args=[unit.pk])).content.decode()
    assert ("即将到期" in words, "续签责任书" in words, "2027-09-22 起" in words) == (False, False, True)


def test_only_the_chief_voids_and_says_why(unit: Unit, officer: User, chief: User, browse: Browse) -> None:
    pledge = signed(unit, officer)
    page, url = pledge.get_absolute_url(), reverse("units:pledge_void", args=[pledge.pk])
    assert [url in browse(user).get(page).content.decode() for user in (officer, chief)] == [False, True]
    assert browse(officer).post(url, {"reason": "写错"}).status_code == 403
    assert browse(chief).post(url, {"reason": ""}).context["form"].errors == {"reason": ["请填写"]}
    assert said(browse(chief).post(url, {"reason": "单位名称写错"}, follow=True)) == ["责任书已作废，编号保留"]
    assert browse(chief).post(url, {"reason": "单位名称写错"}).status_code == 409
    pledge.refresh_from_db()
    assert (pledge.state, url in browse(chief).get(page).content.decode()) == (PledgeState.VOID, False)


def test_a_pledge_of_another_station_is_as_absent_as_none(
    unit: Unit, officer: User, stranger: User, browse: Browse
) -> None:
    pledge = signed(unit, officer)
    for url in (
        pledge.get_absolute_url(), reverse("units:pledge_void", args=[pledge.pk]),
        reverse("units:pledge_sign", args=[unit.pk]),
    ):  # fmt: skip
        assert browse(stranger).get(url).status_code == 404
    assert browse(officer).get(pledge.get_absolute_url()).status_code == 200
    back = browse(officer).get(reverse("paper_case", args=[pledge.document_id]))
    assert back["Location"] == pledge.get_absolute_url()


@pytest.fixture
def three(make_unit: Callable[..., Unit], officer: User) -> dict[str, Unit]:
    """One whose pledge runs, one whose pledge ends within thirty days, one without, and one that is closed."""
    runs, ends, none = (make_unit(name, address=name) for name in ("甲店", "乙店", "丙店"))
    signed(runs, officer)
    signed(ends, officer, on=date(2026, 9, 1), since=date(2026, 9, 1), until=date(2026, 10, 1))
    make_unit("丁店", address="丁", state="CLOSED", closed_on=TODAY, closed_reason="停业")
    return {"running": runs, "soon": ends, "none": none}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["丙店", "乙店", "甲店"]),
        ({"pledge": "running"}, ["乙店", "甲店"]),
        ({"pledge": "soon"}, ["乙店"]),
        ({"pledge": "none"}, ["丙店"]),
        ({"q": "甲店"}, ["甲店"]),
        ({"pledge": "nonsense", "officer": "x"}, ["丙店", "乙店", "甲店"]),
    ],
)
def test_the_register_lists_who_has_signed_and_who_has_not(
    three: dict[str, Unit], officer: User, browse: Browse, asked: dict[str, str], names: list[str]
) -> None:
    context = browse(officer).get(reverse("units:pledges"), asked).context
    assert [unit.name for unit in context["page"].rows] == names
    assert (context["signed"], context["of"]) == (2, 3)


def test_the_register_of_a_stranger_is_his_own(three: dict[str, Unit], stranger: User, browse: Browse) -> None:
    context = browse(stranger).get(reverse("units:pledges")).context
    assert (list(context["page"].rows), context["signed"], context["of"]) == ([], 0, 0)


def test_the_workbook_is_the_list_as_shown(
    three: dict[str, Unit], officer: User, assistant: User, browse: Browse
) -> None:
    url = reverse("units:pledges")
    answer = browse(officer).get(url, {"export": "xlsx", "pledge": "running"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["单位", "乙店", "甲店"]
    number, since, until, *parties = rows[2][5:]
    assert number == "江公（城关）消责字〔2026〕第0001号"
    assert [str(cell)[:10] for cell in (since, until)] == ["2026-09-22", "2027-09-21"]
    assert parties == ["江城市公安局城关派出所", "李建平", "刘桂香", "有效"]
    assert (rows[1][0], rows[1][-1]) == ("乙店", "即将到期")
    refused = browse(assistant).get(url, {"export": "xlsx"})
    assert refused["Content-Type"].startswith("text/html")


def test_the_register_costs_the_same_with_one_row_and_with_three(
    make_unit: Callable[..., Unit], officer: User, browse: Browse
) -> None:
    client, counts = browse(officer), []
    for names in (["甲店"], ["乙店", "丙店"]):
        for name in names:
            signed(make_unit(name, address=name), officer)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("units:pledges"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_a_bureau_reads_the_register_of_its_stations(
    three: dict[str, Unit], station: Organisation, sibling: Organisation, leader: User, browse: Browse
) -> None:
    context = browse(leader).get(reverse("units:pledges"), {"station": station.pk}).context
    assert (len(context["page"].rows), context["several_stations"], context["may_sign"]) == (3, True, False)
    assert browse(leader).get(reverse("units:pledges"), {"station": sibling.pk}).context["page"].total == 0
