"""登记送达 on a phone: the way first, then only its fields; nothing typed is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hazards import actions
from hazards.models import Dispatch, Method, Order, Service
from hazards.serving import CONSENTED
from hazards.ways import WAYS
from inspections.models import Mode
from stations.models import User
from tests.hazards.test_serve_ways import COMPLETE

Browse = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-09-25T16:00:00+08:00")


@pytest.fixture
def page(order: Order, browse: Browse, officer: User) -> tuple[Client, str]:
    return browse(officer), reverse("hazards:serve", args=[order.pk])


@pytest.fixture
def typed(officer: User, partner: User) -> Callable[..., dict[str, str]]:
    """What a browser sends for a complete service in a way."""

    def fill(method: Method, **fields: str) -> dict[str, str]:
        values = {name: str(value) for name, value in COMPLETE[method].items()}
        if method != Method.NOTICE:
            values["served_at"] = "2026-09-25T15:00"
        people = {"server": str(officer.pk), "second": str(partner.pk), "assistant": "", "recorder_no": "", "note": ""}
        return {"method": method.value} | people | values | fields

    return fill


def shown(response: Any) -> list[str]:
    return [bound.name for bound in response.context["form"].asked()]


def test_direct_service_is_preselected_and_filled_with_what_is_known(
    page: tuple[Client, str], officer: User, partner: User
) -> None:
    client, url = page
    form = client.get(url).context["form"]
    assert form["method"].value() == "DIRECT"
    assert [bound.value() for bound in form.asked()[1:]] == ["北大街62号", "刘桂香", "店主"]
    assert (form["server"].value(), form["second"].value()) == (officer.pk, partner.pk)


def test_each_way_says_when_it_may_be_used(page: tuple[Client, str]) -> None:
    client, url = page
    html = client.get(url).content.decode()
    assert [way.method.label for way in WAYS.values() if way.when not in html] == []


@pytest.mark.slow
def test_choosing_a_way_shows_its_fields_and_judges_nothing(page: tuple[Client, str]) -> None:
    client, url = page
    for method, way in WAYS.items():
        response = client.post(url, {"method": method.value, "choose": "1"})
        assert shown(response) == [ask.field for ask in way.asks]
        html = response.content.decode()
        assert (response.status_code, "err-box" in html, way.signs in html) == (200, False, True)
    assert not Service.objects.exists()


def test_without_script_the_whole_page_comes_with_it_a_fragment(page: tuple[Client, str]) -> None:
    client, url = page
    form = {"method": "MAIL", "choose": "1"}
    whole, part = client.post(url, form), client.post(url, form, headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode()
    assert part.content.decode().lstrip().startswith('<div id="way"')


def test_what_was_typed_survives_a_change_of_the_way_and_back(
    page: tuple[Client, str], typed: Callable[..., dict[str, str]]
) -> None:
    client, url = page
    direct = typed(Method.DIRECT, place="二号门", recipient="王会计")
    away = client.post(url, direct | {"method": "MAIL", "choose": "1"})
    carried = {bound.name: bound.value() or "" for bound in away.context["form"]}
    assert (carried["place"], carried["recipient"]) == ("二号门", "王会计")
    back = client.post(url, {**carried, "method": "DIRECT", "choose": "1"})
    assert [bound.value() for bound in back.context["form"].asked()] == ["2026-09-25T15:00", "二号门", "王会计", "店主"]


def test_the_addressee_is_no_suggestion_for_who_took_it_in_his_place(page: tuple[Client, str]) -> None:
    client, url = page
    suggested = {bound.name: str(bound.value() or "") for bound in client.get(url).context["form"]}
    form = client.post(url, suggested | {"method": "PROXY", "choose": "1"}).context["form"]
    assert (form["recipient"].value(), form["relation"].value(), form["place"].value()) == ("", "", "北大街62号")


def test_a_signed_consent_is_filled_in_for_electronic_service_alone(
    page: tuple[Client, str], link: Callable[..., Dispatch], officer: User
) -> None:
    client, url = page
    choose = {"method": "ELECTRONIC", "choose": "1"}
    assert client.post(url, choose).context["form"]["consent_no"].value() is None
    signed = link()
    assert signed.document is not None
    actions.close_dispatch(signed, officer, "对方打不开链接")
    form = client.post(url, choose).context["form"]
    known = {name: str(form[name].value()) for name in (*CONSENTED, "consent_no")}
    assert list(known.values()) == ["刘桂香", "2026-09-22", "短信", "13900006688", signed.document.number]
    away = client.post(url, known | {"method": "NOTICE", "choose": "1"}).context["form"]
    assert (away["channel"].value(), away["consent_no"].value()) == (None, None)


@pytest.mark.slow
@pytest.mark.parametrize("method", list(Method))
def test_every_way_is_registered_from_its_form(
    page: tuple[Client, str], typed: Callable[..., dict[str, str]], order: Order, method: Method
) -> None:
    client, url = page
    response = client.post(url, typed(method))
    assert response["Location"] == reverse("hazards:order", args=[order.pk])
    service = Service.objects.get()
    assert {name: getattr(service, name) for name in COMPLETE[method]} == COMPLETE[method]
    order_page = client.get(response["Location"])
    assert service.get_method_display() in order_page.content.decode()
    assert client.get(reverse("hazards:hazard", args=[order.hazards.first().pk])).status_code == 200


def test_what_was_typed_for_another_way_is_not_registered(
    page: tuple[Client, str], typed: Callable[..., dict[str, str]]
) -> None:
    client, url = page
    client.post(url, typed(Method.DIRECT, tracking_no="EMS1", reason="外出", agent="别处"))
    service = Service.objects.get()
    assert (service.tracking_no, service.reason, service.agent) == ("", "", "")


def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    page: tuple[Client, str], typed: Callable[..., dict[str, str]]
) -> None:
    client, url = page
    response = client.post(url, typed(Method.LEAVE, witness="", second="", note="店门已锁"))
    form = response.context["form"]
    assert (response.status_code, Service.objects.count()) == (200, 0)
    assert form.errors == {
        "witness": [
            "留置送达须有见证人，或者对拒收过程录音录像（程序规定第36条）。填写见证人的姓名和单位，或者填写执法记录仪文件号。"
        ],
        "assistant": [
            "只有一名民警送达时，须带辅警（程序规定第52条）。填写第二送达人，或者选择协助辅警；没有可选的辅警的，请系统管理员登记。"
        ],
        "recorder_no": [
            "只有一名民警送达时，须全程录音录像（程序规定第52条）。填写第二送达人，或者填写执法记录仪文件号。"
        ],
    }
    assert (form["reason"].value(), form["note"].value(), form["method"].value()) == ("店主不认可", "店门已锁", "LEAVE")


@pytest.mark.slow
def test_one_officer_serves_with_an_assistant_chosen_from_the_station(
    page: tuple[Client, str], typed: Callable[..., dict[str, str]], order: Order, assistant: User, chief: User
) -> None:
    client, url = page
    field = client.get(url).context["form"].fields["assistant"]
    assert ([*field.queryset], field.required) == ([assistant], False)
    alone = {"second": "", "recorder_no": "YY-20260925-07"}
    refused = client.post(url, typed(Method.DIRECT, **alone, assistant=str(chief.pk)))
    assert (list(refused.context["form"].errors), Service.objects.count()) == (["assistant"], 0)
    client.post(url, typed(Method.DIRECT, **alone, assistant=str(assistant.pk)))
    assert Service.objects.get().assistant == assistant
    for shown in (
        reverse("hazards:order", args=[order.pk]),
        reverse("hazards:hazard", args=[order.hazards.first().pk]),
    ):
        assert "协助辅警 周小川" in client.get(shown).content.decode()


def test_a_field_left_empty_is_told_in_the_words_of_every_form(
    page: tuple[Client, str], typed: Callable[..., dict[str, str]]
) -> None:
    client, url = page
    form = client.post(url, typed(Method.PROXY, reason=" ", relation="")).context["form"]
    assert form.errors == {"reason": ["请填写"], "relation": ["请填写"]}


def test_a_way_that_does_not_exist_is_refused(page: tuple[Client, str], typed: Callable[..., dict[str, str]]) -> None:
    client, url = page
    assert list(client.post(url, typed(Method.DIRECT) | {"method": "PIGEON"}).context["form"].errors) == ["method"]


def test_a_notice_that_outlasts_the_period_is_warned_of(page: tuple[Client, str], order: Order) -> None:
    client, url = page
    response = client.post(url, {"method": "NOTICE", "choose": "1"})
    assert str(response.context["notice_end"]) == "2026-11-24"
    assert "改正期限 2026-09-30 在期满以前" in response.content.decode()
    order.hazards.update(deadline="2026-12-31")
    assert "在期满以前" not in client.post(url, {"method": "NOTICE", "choose": "1"}).content.decode()


@pytest.mark.parametrize(
    ("today", "mode", "warned"),
    [("2026-09-30", Mode.LIMIT, False), ("2026-10-01", Mode.LIMIT, True), ("2026-10-01", Mode.NOW, False)],
)
def test_a_service_after_the_period_is_warned_of(
    order: Order, browse: Browse, officer: User, time_machine: Any, today: str, mode: Mode, warned: bool
) -> None:
    Order.objects.update(mode=mode)
    time_machine.move_to(f"{today}T16:00:00+08:00")
    client, url = browse(officer), reverse("hazards:serve", args=[order.pk])
    mail = client.post(url, {"method": "MAIL", "choose": "1"}, headers={"HX-Request": "true"})
    for response in (client.get(url), mail):
        assert ("改正期限 2026-09-30 已经届满" in response.content.decode()) == warned


@pytest.mark.slow
def test_after_the_notice_the_page_waits_for_its_end(
    page: tuple[Client, str], typed: Callable[..., dict[str, str]], order: Order, time_machine: Any,
    browse: Browse, officer: User,
) -> None:  # fmt: skip
    client, url = page
    client.post(url, typed(Method.NOTICE))
    order_page = reverse("hazards:order", args=[order.pk])
    assert client.get(order_page).context["act"].title == "公告送达，2026-11-23 期满"
    again = client.post(url, typed(Method.DIRECT), follow=True)
    assert [str(words) for words in again.context["messages"]][-1] == "这份通知书公告中，没有重复登记送达"
    time_machine.move_to("2026-11-24T08:00:00+08:00")
    browse(officer).get(reverse("hazards:next", args=[order.pk]))
    assert Order.objects.get().state == "SERVED"
