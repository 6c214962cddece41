"""The pages of 延期: the request from the order, the chief's decision, the list with what waits on top."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hazards import actions
from hazards.models import Extension, Order
from stations.models import User
from tests.hazards.conftest import EVE, moment

Browse = Callable[[User], Client]
TODAY = date(2026, 9, 25)


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-09-25T16:00:00+08:00")


@pytest.fixture
def asked(served: Order, officer: User, chief: User) -> Extension:
    return actions.request_extension(
        served, officer, deadline=EVE, hazards=list(served.hazards.all()), until=date(2026, 10, 15),
        requested_on=TODAY, reason="灯具订货需两周", today=TODAY,
    )  # fmt: skip


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def request_form(order: Order, **fields: Any) -> dict[str, Any]:
    hazards = [row.pk for row in order.hazards.all()]
    return {"hazards": hazards, "until": "2026-10-15", "requested_on": "2026-09-25", "reason": "订货"} | fields


def test_the_order_leads_to_the_request_which_is_filled_as_far_as_known(
    served: Order, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), reverse("hazards:extend", args=[served.pk])
    assert url in client.get(reverse("hazards:order", args=[served.pk])).content.decode()
    form = client.get(url).context["form"]
    assert sorted(form["hazards"].value()) == sorted(row.pk for row in served.hazards.all())
    assert form["requested_on"].value() == TODAY


def test_a_request_is_registered_once_and_a_rest_day_is_told(served: Order, browse: Browse, officer: User) -> None:
    client, url = browse(officer), reverse("hazards:extend", args=[served.pk])
    first = client.post(url, request_form(served, until="2026-10-03"), follow=True)
    assert said(first) == ["已登记延期申请，延期至 2026-10-08（2026-10-03 是休息日，顺延），等待所长审批"]
    assert url not in first.content.decode()
    assert client.post(url, request_form(served)).status_code == 409
    assert Extension.objects.count() == 1


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    served: Order, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), reverse("hazards:extend", args=[served.pk])
    form = client.post(url, request_form(served, until="2026-09-29", requested_on="2026-09-26")).context["form"]
    assert form.errors == {
        "until": ["延期后的期限应在原改正期限 2026-09-30 以后"],
        "requested_on": ["申请日期在以后，不能登记"],
    }
    assert form["reason"].value() == "订货"
    assert list(client.post(url, {"reason": ""}).context["form"].errors) == [
        "hazards",
        "until",
        "requested_on",
        "reason",
    ]


def test_the_chief_sees_what_the_decision_rests_on(asked: Extension, browse: Browse, chief: User) -> None:
    context = browse(chief).get(reverse("hazards:decide_extension", args=[asked.pk])).context
    assert [(row["hazard"].position, row["photos"]) for row in context["hazards"]] == [(1, 0), (2, 0)]
    assert (context["first_days"], context["asked_days"], list(context["earlier"])) == (8, 15, [])
    assert context["form"]["until"].value() == date(2026, 10, 15)


def test_the_chief_grants_once(asked: Extension, browse: Browse, chief: User) -> None:
    client, url = browse(chief), reverse("hazards:decide_extension", args=[asked.pk])
    form = {"verdict": "approve", "until": "2026-10-10", "decision": "情况属实"}
    assert said(client.post(url, form, follow=True)) == ["已同意延期至 2026-10-10，复查期限随之改变"]
    assert said(client.post(url, form, follow=True)) == ["这份延期申请已有结果：同意延期，没有再次审批"]
    assert set(asked.order.hazards.values_list("deadline", flat=True)) == {date(2026, 10, 10)}


def test_the_chief_refuses_with_a_reason(asked: Extension, browse: Browse, chief: User) -> None:
    client, url = browse(chief), reverse("hazards:decide_extension", args=[asked.pk])
    assert client.post(url, {"verdict": "refuse"}).context["form"].errors == {"decision": ["请填写"]}
    done = client.post(url, {"verdict": "refuse", "decision": "可以当天换灯"}, follow=True)
    assert said(done) == ["已登记不同意延期"]
    assert (Extension.objects.get().state, Extension.objects.get().decision) == ("REFUSED", "可以当天换灯")


def test_more_than_was_asked_is_refused_at_the_field(asked: Extension, browse: Browse, chief: User) -> None:
    client, url = browse(chief), reverse("hazards:decide_extension", args=[asked.pk])
    form = {"verdict": "approve", "until": "2026-10-20", "decision": "情况属实"}
    assert client.post(url, form).context["form"].errors == {
        "until": ["不能超过申请的 2026-10-15。可以缩短，要更长的请单位重新申请。"]
    }
    assert client.post(url, form | {"until": ""}).context["form"].errors == {"until": ["请填写"]}


def test_an_officer_does_not_decide_and_a_stranger_sees_nothing(
    asked: Extension, browse: Browse, officer: User, stranger: User
) -> None:
    url = reverse("hazards:decide_extension", args=[asked.pk])
    assert (browse(officer).get(url).status_code, browse(stranger).get(url).status_code) == (403, 404)
    assert list(browse(stranger).get(reverse("hazards:extensions")).context["rows"]) == []


def test_what_waits_stands_on_top_and_leads_the_chief_to_his_decision(
    asked: Extension, browse: Browse, chief: User, officer: User
) -> None:
    decided = actions.refuse_extension(asked, chief, decision="可以当天换灯", at=moment(TODAY))
    waiting = actions.request_extension(
        asked.order, officer, deadline=EVE, hazards=list(asked.order.hazards.all()), until=date(2026, 10, 15),
        requested_on=date(2026, 9, 24), reason="订货", today=TODAY,
    )  # fmt: skip
    url = reverse("hazards:extensions")
    page = browse(chief).get(url)
    assert [row["extension"] for row in page.context["rows"]] == [waiting, decided]
    door = reverse("hazards:decide_extension", args=[waiting.pk])
    assert (door in page.content.decode(), door in browse(officer).get(url).content.decode()) == (True, False)
    assert [row["extension"] for row in browse(chief).get(url, {"state": "REFUSED"}).context["rows"]] == [decided]
    assert list(browse(chief).get(url, {"q": "没有这家"}).context["rows"]) == []


def test_the_list_costs_the_same_with_one_row_and_with_three(asked: Extension, browse: Browse, chief: User) -> None:
    client, url, costs = browse(chief), reverse("hazards:extensions"), []
    for copies in (0, 2):
        for _ in range(copies):
            Extension.objects.create(
                **asked.scope_columns(), order=asked.order, deadline=EVE, until=TODAY.replace(month=10),
                requested_on=TODAY, reason="订货", requested_by=asked.requested_by, state="FELL",
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(url).context["rows"]) == 1 + copies
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 12


def test_the_export_is_what_the_list_shows(asked: Extension, browse: Browse, chief: User) -> None:
    response = browse(chief).get(reverse("hazards:extensions"), {"export": "xlsx"})
    assert (response.status_code, response.content[:2]) == (200, b"PK")
