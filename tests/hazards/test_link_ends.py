"""A link of 电子送达 ends with what a signature could still bring about: nobody signs for a period that is over."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock, ClockState
from fire_supervision.lib.errors import RuleError
from hazards import actions, tasks
from hazards.dispatching import blocks
from hazards.models import Dispatch, DispatchState, Order, OrderState
from inspections.models import Mode
from records.samples.visit import STROKES
from stations.models import Message, User
from tests.hazards.conftest import EVE, NOTICE, VISITED, moment
from trail.models import AuditEntry

Browse = Callable[[User], Client]
AFTER = EVE + timedelta(days=1)
WINTER = date(2026, 12, 20)
WEEK = VISITED + timedelta(days=7)


@pytest.fixture
def opened(link: Callable[..., Dispatch]) -> Dispatch:
    return actions.open_dispatch(link(), "Android 手机", moment(VISITED, 15))


def sign(row: Dispatch, on: date) -> Dispatch:
    return actions.acknowledge_dispatch(row, name="刘桂香", relation="经营者本人", strokes=STROKES, at=moment(on))


def told(user: User) -> list[tuple[str, str]]:
    return list(Message.objects.filter(user=user, key__endswith=":over").values_list("title", "body"))


def test_what_is_served_after_its_period_binds_nobody_and_is_not_signed_for(opened: Dispatch, chief: User) -> None:
    assert [actions.may_be_signed(opened, moment(day, 23)) for day in (EVE, AFTER, WINTER)] == [True, False, False]
    for day in (AFTER, WINTER):
        with pytest.raises(RuleError, match="已经停用"):
            sign(opened, day)
    order = Order.objects.get(pk=opened.order_id)
    assert (order.state, Message.objects.filter(user=chief).count()) == (OrderState.ISSUED, 0)
    sign(opened, EVE)
    assert Order.objects.get(pk=opened.order_id).state == OrderState.SERVED


def test_a_link_runs_as_long_as_one_of_its_periods(opened: Dispatch) -> None:
    opened.order.hazards.filter(position=2).update(deadline=WINTER)
    assert [actions.may_be_signed(opened, moment(day)) for day in (WINTER, WINTER + timedelta(days=1))] == [True, False]
    # What was voided or corrected meanwhile holds nothing open.
    opened.order.hazards.filter(position=2).update(state="VOID")
    assert [actions.may_be_signed(opened, moment(day)) for day in (EVE, AFTER)] == [True, False]


def test_the_link_of_an_order_to_correct_at_once_lasts_the_days_of_the_setting(
    link: Callable[..., Dispatch], settings: Any
) -> None:
    Order.objects.update(mode=Mode.NOW)
    row = Dispatch.objects.select_related("order").get(pk=link().pk)
    late = WEEK + timedelta(days=1)
    assert [actions.may_be_signed(row, moment(day, 23)) for day in (WEEK, late)] == [True, False]
    fault = blocks(row, moment(late, 0))[0]
    assert (fault.message, fault.basis) == ("链接发出 7 天没有签收", "天数由系统设定，待核定")
    assert (actions.end_links(WEEK), actions.end_links(late), actions.end_links(late)) == (0, 1, 0)
    settings.LINK_DAYS = 30
    assert actions.may_be_signed(row, moment(late, 23))


def test_the_sweep_closes_the_link_once_tells_who_sent_it_and_leaves_the_duty_to_serve(
    opened: Dispatch, officer: User, time_machine: Any
) -> None:
    assert (actions.end_links(EVE), told(officer)) == (0, [])
    time_machine.move_to(moment(AFTER, 0))
    tasks.end_links()
    assert actions.end_links(AFTER) == 0
    row = Dispatch.objects.select_related("order__unit").get(pk=opened.pk)
    why = "改正期限 2026-09-30 已经届满，对方打开过，没有确认收悉"
    assert (row.state, row.closed_why, row.opened_at) == (DispatchState.CLOSED, why, moment(VISITED, 15))
    [(title, body)] = told(officer)
    assert title == f"电子送达链接已停用：{row.order.unit.name}"
    assert body == (
        f"{row.order.number}，{why}，通知书还没有送达。由所长作废重出，重新确定改正期限，再送达；以前已经送达的，照实际时间登记送达。"
    )
    assert (row.order.state, Clock.objects.get(key=f"serve:{row.order_id}").state) == ("ISSUED", ClockState.RUNNING)
    entry = AuditEntry.objects.get(action="hazards.close_dispatch")
    assert (entry.actor_id, entry.reason) == (None, why)


def test_the_chief_hears_of_it_in_place_of_who_has_left(
    link: Callable[..., Dispatch], officer: User, chief: User
) -> None:
    link()
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert (actions.end_links(AFTER), len(told(officer)), len(told(chief))) == (1, 0, 1)
    assert Dispatch.objects.get().closed_why == "改正期限 2026-09-30 已经届满，对方没有打开"


def test_the_sweep_leaves_alone_what_was_served_or_taken_back(
    opened: Dispatch, link: Callable[..., Dispatch], officer: User
) -> None:
    actions.close_dispatch(opened, officer, "号码填错")
    row = actions.open_dispatch(link(), "", moment(VISITED, 15))
    sign(row, EVE)
    assert (actions.end_links(WINTER), Dispatch.objects.get(pk=opened.pk).closed_why) == (0, "号码填错")
    assert Dispatch.objects.get(pk=row.pk).state == DispatchState.ACKNOWLEDGED


@pytest.mark.slow
def test_no_link_is_made_for_a_notice_whose_period_is_over(
    link: Callable[..., Dispatch], printed: Order, browse: Browse, officer: User, time_machine: Any
) -> None:
    with pytest.raises(RuleError, match="改正期限 2026-09-30 已经届满，不能再电子送达"):
        link(at=moment(AFTER, 0))
    url = reverse("hazards:dispatch", args=[printed.pk])
    time_machine.move_to(moment(EVE, 23))
    assert browse(officer).get(url).status_code == 200
    time_machine.move_to(moment(AFTER, 0))
    page = browse(officer).get(url, follow=True)
    assert (page.redirect_chain[0][0], "由所长作废重出" in page.content.decode()) == (
        reverse("hazards:order", args=[printed.pk]), True
    )  # fmt: skip


@pytest.mark.slow
def test_both_sides_are_told_what_to_do_with_a_link_that_is_over(
    opened: Dispatch, client: Client, browse: Browse, officer: User, time_machine: Any
) -> None:
    theirs, ours = reverse("receipt", args=[opened.token]), reverse("hazards:dispatched", args=[opened.pk])
    paper = reverse("receipt_paper", args=[opened.token])
    time_machine.move_to(moment(EVE, 23), tick=False)
    assert "2026-09-30 以前（含当日）可以签收" in browse(officer).get(ours).content.decode()
    client.post(theirs, {"last_four": "6688"})
    assert (client.get(theirs).status_code, b"".join(client.get(paper).streaming_content)) == (200, NOTICE)  # type: ignore[attr-defined]
    time_machine.move_to(moment(AFTER, 0), tick=False)
    for swept in (False, True):
        assert actions.end_links(AFTER) == 1 if swept else True
        assert client.get(paper)["Location"] == theirs
        page = client.get(theirs)
        assert (page.status_code, "签收的时间已过" in page.content.decode()) == (410, True)
        told = browse(officer).get(ours).content.decode()
        assert "通知书还没有送达，送达的责任不变。由所长作废重出" in told
        assert "改正期限 2026-09-30 已经届满" in told
        assert ("链接是" in told, "重新发送</button>" in told) == (False, False)
    assert Dispatch.objects.get(pk=opened.pk).openings == 2
