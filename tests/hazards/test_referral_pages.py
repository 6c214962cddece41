"""The list of referrals, the page of one, and the two forms that bring its receipt and its result."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, Settings

from hazards import actions
from hazards.models import Hazard, Referral, Target
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.hazards.conftest import VISITED
from units.models import Unit

Browse = Callable[[User], Client]
LIST = "/hazards/referrals/"


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-09-28T09:00:00+08:00")


@pytest.fixture
def refer(
    officer: User, make_unit: Callable[..., Unit], open_visit: Callable[..., Inspection], find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
) -> Callable[..., Referral]:  # fmt: skip
    """A referral of a shop of its own."""

    def act(name: str, target: Target = Target.FIRE_BRIGADE, today: date = VISITED) -> Referral:
        visit = open_visit(make_unit(name, address=f"{name}旁"))
        find(visit, "BD05")
        conclude(visit)
        return actions.refer(
            list(visit.hazards.all()), officer, target=target, basis="消防监督检查规定第33条第2款", facts="见检查记录",
            sent_on=VISITED, today=today,
        )  # fmt: skip

    return act


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def names(response: HttpResponse) -> list[str]:
    return [row["referral"].unit.name for row in response.context["rows"]]


@pytest.mark.slow
def test_the_brigade_receives_and_answers_from_the_page(
    refer: Callable[..., Referral], supervisor: User, browse: Browse
) -> None:
    row = refer("鑫源旅馆")
    client, page = browse(supervisor), reverse("hazards:referral", args=[row.pk])
    assert client.get(page).context["act"].button == "登记接收"
    received = client.post(f"{page}receive/", {"on": "2026-09-28", "receiver": "陈立新"}, follow=True)
    assert (said(received), received.context["act"].button) == (["已登记接收"], "登记处理结果")
    form = {"result": "FINE", "on": "2026-09-28", "result_no": "江消罚1号", "fine": "5000", "note": ""}
    answered = client.post(f"{page}answer/", form, follow=True)
    assert (said(answered), answered.context["act"].title) == (["已登记处理结果，隐患办结"], "已反馈")
    assert Hazard.objects.get().closed_how == "消防救援大队：罚款"


@pytest.mark.slow
def test_each_form_posted_twice_changes_once(refer: Callable[..., Referral], supervisor: User, browse: Browse) -> None:
    row = refer("鑫源旅馆")
    client, page = browse(supervisor), reverse("hazards:referral", args=[row.pk])
    receipt = {"on": "2026-09-28", "receiver": "陈立新"}
    client.post(f"{page}receive/", receipt)
    again = client.post(f"{page}receive/", receipt | {"receiver": "别人"}, follow=True)
    assert said(again) == ["已登记接收", "这次移送办理中，没有重复登记接收"]
    answer = {"result": "NONE", "on": "2026-09-28", "note": "轻微并已改正"}
    client.post(f"{page}answer/", answer)
    again = client.post(f"{page}answer/", answer | {"note": "别的"}, follow=True)
    assert said(again)[-1] == "这次移送已反馈，没有重复登记处理结果"
    row.refresh_from_db()
    assert (row.receiver, row.result_note) == ("陈立新", "轻微并已改正")


@pytest.mark.parametrize(("today", "told"), [(VISITED, ""), (date(2026, 9, 28), "，移送函 2026-09-28 签发")])
def test_a_letter_that_was_made_after_the_day_of_its_referral_says_so(
    refer: Callable[..., Referral], officer: User, browse: Browse, today: date, told: str
) -> None:
    page = browse(officer).get(reverse("hazards:referral", args=[refer("鑫源旅馆", today=today).pk]))
    assert f"<dt>移送日期</dt><dd>2026-09-22，经办 {officer.name}{told}</dd>" in page.content.decode()


def test_a_result_before_the_receipt_leads_to_the_receipt(
    refer: Callable[..., Referral], supervisor: User, browse: Browse
) -> None:
    row = refer("鑫源旅馆")
    answer = reverse("hazards:answer", args=[row.pk])
    assert browse(supervisor).get(answer)["Location"] == reverse("hazards:receive", args=[row.pk])


@pytest.mark.slow
def test_a_station_does_not_record_what_the_brigade_did(
    refer: Callable[..., Referral], officer: User, supervisor: User, browse: Browse
) -> None:
    own, others = refer("鑫源旅馆"), refer("利群旅馆", Target.HOUSING)
    refused = browse(officer).get(reverse("hazards:receive", args=[own.pk]))
    assert (refused.status_code, refused.context["refusal"].message) == (
        409, "移送消防救援大队的，由大队登记接收和处理结果",
    )  # fmt: skip
    assert browse(officer).get(reverse("hazards:referral", args=[own.pk])).context["act"].button == ""
    assert browse(officer).get(reverse("hazards:receive", args=[others.pk])).status_code == 200
    assert browse(supervisor).get(reverse("hazards:receive", args=[others.pk])).status_code == 409


@pytest.mark.slow
def test_whoever_records_neither_is_refused_and_whoever_records_one_proves_who_he_is_once_a_shift(
    refer: Callable[..., Referral], officer: User, assistant: User, bureau_officer: User, leader: User,
    browse: Browse, settings: Settings,
) -> None:  # fmt: skip
    own, others = refer("鑫源旅馆"), refer("利群旅馆", Target.HOUSING)
    for row in (own, others):
        for page in ("receive", "answer"):
            url = reverse(f"hazards:{page}", args=[row.pk])
            told = {user.role: browse(user).post(url).status_code for user in (assistant, bureau_officer, leader)}
            assert told == dict.fromkeys(told, 403)
    settings.STEP_UP = True
    url = reverse("hazards:receive", args=[others.pk])
    assert browse(officer).post(url, {"on": "2026-09-28", "receiver": "周科长"})["Location"].startswith("/step-up/")
    others.refresh_from_db()
    assert others.received_on is None


@pytest.mark.slow
def test_the_list_narrows_by_progress_target_and_words(
    refer: Callable[..., Referral], officer: User, browse: Browse
) -> None:
    housing = refer("利群旅馆", Target.HOUSING)
    refer("鑫源旅馆")
    actions.receive_referral(housing, officer, on=date(2026, 9, 28), receiver="周科长", today=date(2026, 9, 28))
    client = browse(officer)
    assert names(client.get(LIST)) == ["鑫源旅馆", "利群旅馆"]
    assert names(client.get(LIST, {"state": "SENT"})) == ["鑫源旅馆"]
    assert names(client.get(LIST, {"state": "RECEIVED", "target": "HOUSING"})) == ["利群旅馆"]
    assert names(client.get(LIST, {"q": "鑫源"})) == ["鑫源旅馆"]
    assert names(client.get(LIST, {"state": "nonsense", "since": "soon"})) == ["鑫源旅馆", "利群旅馆"]
    assert client.get(LIST, {"state": "SENT"}).context["of"] == 2


def test_the_export_holds_what_is_shown(refer: Callable[..., Referral], officer: User, browse: Browse) -> None:
    refer("利群旅馆", Target.HOUSING)
    refer("鑫源旅馆")
    sheet = load_workbook(BytesIO(browse(officer).get(LIST, {"target": "HOUSING", "export": "xlsx"}).content)).active
    rows = list(sheet.values)
    assert (len(rows), rows[1][0], rows[1][2], rows[1][6]) == (2, "利群旅馆", "住房和城乡建设主管部门", "待接收")


def test_another_stations_referrals_are_absent(refer: Callable[..., Referral], stranger: User, browse: Browse) -> None:
    row = refer("鑫源旅馆")
    assert names(browse(stranger).get(LIST)) == []
    for page in ("referral", "receive", "answer"):
        assert browse(stranger).get(reverse(f"hazards:{page}", args=[row.pk])).status_code == 404


@pytest.mark.slow
def test_one_referral_and_three_cost_the_same_queries(
    refer: Callable[..., Referral], supervisor: User, browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client, counts = browse(supervisor), []
    for some in (["一号店"], ["二号店", "三号店"]):
        row = [refer(name) for name in some][-1]
        for url in (LIST, reverse("hazards:referral", args=[row.pk])):
            with django_assert_max_num_queries(12) as queries:
                assert client.get(url).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_another_authority_than_the_catalogues_is_sent_only_when_confirmed(
    officer: User, browse: Browse, visit: Inspection, find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
) -> None:  # fmt: skip
    find(visit, "BD04")
    conclude(visit)
    hazard = Hazard.objects.get()
    client, url = browse(officer), reverse("hazards:refer", args=[hazard.pk])
    form = client.get(url).context["form"]
    assert (form["target"].value(), form.differs) == ("HOUSING", False)
    values = {
        "hazards": [hazard.pk], "target": "FIRE_BRIGADE", "basis": "规定", "facts": "见记录", "sent_on": "2026-09-28",
    }  # fmt: skip
    warned = client.post(url, values)
    assert warned.context["form"].errors["target"] == [
        "按隐患库应移送住房和城乡建设主管部门。核对管辖后确认，或者分开移送。"
    ]
    assert "已核对管辖" in warned.content.decode()
    assert not Referral.objects.exists()
    client.post(url, values | {"sure": "on"})
    assert Referral.objects.get().target == "FIRE_BRIGADE"
