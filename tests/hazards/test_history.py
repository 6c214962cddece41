"""办理经过: every act with its people, every clock beside the act it belongs to, and what comes next."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from deadlines.models import Clock, Notice, Step
from deadlines.story import Entry
from hazards import actions
from hazards.models import Dispatch, Disposition, Hazard, Order, ReferralResult, Reinspection, Target
from hazards.plan import Decision
from inspections.models import Finding, Inspection
from records.models import Document
from records.samples.visit import STROKES
from stations.models import User
from tests.hazards.conftest import EVE, VISITED, moment

Browse = Callable[[User], Client]
Told = Callable[[Hazard], list[Entry]]
NEXT_DAY, AGAIN, SENT = date(2026, 9, 23), date(2026, 10, 9), date(2026, 10, 12)


@pytest.fixture
def told(browse: Browse, officer: User, time_machine: Any) -> Told:
    """The entries of the page of a hazard on 12 October 2026."""

    def read(hazard: Hazard) -> list[Entry]:
        time_machine.move_to("2026-10-12T09:00:00+08:00")
        entries: list[Entry] = browse(officer).get(reverse("hazards:hazard", args=[hazard.pk])).context["entries"]
        return entries

    return read


def clocks(entry: Entry) -> list[tuple[str, str]]:
    return [(one.clock.rule_code, one.ended) for one in entry.clocks]


@pytest.fixture
def failed(opened: Reinspection, reinspect: Callable[..., Reinspection]) -> Hazard:
    hazard = Hazard.objects.get(position=2)
    reinspect(opened, AGAIN, failed=(hazard,))
    return Hazard.objects.get(pk=hazard.pk)


def test_the_whole_life_stands_on_one_page_newest_first(
    failed: Hazard, told: Told, officer: User, supervisor: User
) -> None:
    referral = actions.refer(
        [failed], officer, target=Target.FIRE_BRIGADE, basis="规定", facts="见记录", sent_on=SENT, today=SENT,
    )  # fmt: skip
    actions.receive_referral(referral, supervisor, on=SENT, receiver="陈立新", today=SENT)
    actions.answer_referral(
        referral, supervisor, result=ReferralResult.FINE, on=SENT, today=SENT, result_no="江消罚1号", fine=Decimal(5000)
    )
    entries = told(failed)
    number = failed.order.number
    assert [(entry.title, entry.text, entry.by) for entry in entries] == [
        ("处理结果", "罚款 5,000.00 元，江消罚1号", "登记 陈立新"),
        ("消防救援大队接收", "接收人 陈立新", "登记 陈立新"),
        ("移送消防救援大队", "", "经办 李建平"),
        ("第 1 次复查：未改正", f"{number}-1；仍不亮", "复查人 李建平、张海涛，随同 刘桂香"),
        ("改正期限届满，开启第 1 次复查", f"{number}-1", ""),
        ("送达", "直接送达，刘桂香签收", "送达人 李建平、张海涛"),
        ("责令限期改正", "", "签发 李建平"),
        ("检查发现", failed.wording, "检查人 李建平、张海涛"),
    ]
    labels = [[link["label"] for link in entry.links] for entry in entries]
    assert labels == [
        [], [], ["移送情况", referral.letter_no], ["复查记录"], [], ["送达回证"], [number], ["检查记录"],
    ]  # fmt: skip
    assert [clocks(entry) for entry in entries] == [
        [], [], [("REFER_FAILED", "2026-10-12 完成，按时")], [("RECHECK", "2026-10-09 完成，按时")],
        [], [("ORDER_LIMIT_SERVE", "2026-09-23 完成，按时")], [], [],
    ]  # fmt: skip


def test_what_waits_stands_on_top_with_its_last_day_and_its_owner(failed: Hazard, told: Told) -> None:
    first = told(failed)[0]
    due = Clock.objects.get(rule_code="REFER_FAILED").due_on
    assert (first.when, first.title, first.by) == (f"{due:%Y-%m-%d} 前", "移送消防救援大队", "责任人 李建平")
    assert [one.clock.rule_code for one in first.clocks] == ["REFER_FAILED"]


def test_a_duty_done_late_says_so(order: Order, serve: Callable[..., Order], told: Told) -> None:
    serve(order, date(2026, 9, 29))
    served = next(entry for entry in told(order.hazards.get(position=1)) if entry.title == "送达")
    assert clocks(served) == [("ORDER_LIMIT_SERVE", "2026-09-29 完成，逾期")]


def test_reminders_are_told_with_those_who_heard_them(served: Order, told: Told) -> None:
    clock = Clock.objects.get(rule_code="RECHECK")
    Notice.objects.create(clock=clock, step=Step.TODAY, sent_at=moment(clock.due_on, 0))
    entries = told(served.hazards.get(position=1))
    reminder = next(entry for entry in entries if entry.title == "今天到期")
    assert reminder.text == "复查期限 2026-10-10，提醒责任人"


def test_a_neighbours_re_inspection_is_not_this_hazards(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]],
    serve: Callable[..., Order], reinspect: Callable[..., Reinspection], told: Told,
) -> None:  # fmt: skip
    find(visit, "EV06", days=8)
    find(visit, "EQ08", days=60)
    conclude(visit)
    order = serve(Order.objects.get(), NEXT_DAY)
    actions.open_due(EVE)
    reinspect(Reinspection.objects.get(), AGAIN)
    later = order.hazards.get(deadline__gt=EVE)
    titles = [entry.title for entry in told(later)]
    assert titles == ["复查", "改正期限届满", "送达", "责令限期改正", "检查发现"]


def test_an_early_success_takes_the_later_duty_away(
    served: Order, reinspect: Callable[..., Reinspection], officer: User, told: Told
) -> None:
    early = actions.request_early(served, officer, deadline=EVE, requested_on=NEXT_DAY, today=NEXT_DAY)
    reinspect(early, date(2026, 9, 24))
    entries = told(served.hazards.get(position=1))
    assert [entry.title for entry in entries][:2] == ["第 1 次复查：已改正，销号", "单位申请提前复查"]
    assert clocks(entries[0]) == [("RECHECK", "2026-09-24 完成，按时"), ("RECHECK", "已撤销：提前复查合格")]


def test_an_early_failure_leaves_the_period_and_its_re_inspection(
    served: Order, reinspect: Callable[..., Reinspection], officer: User, told: Told
) -> None:
    first, second = served.hazards.order_by("position")
    early = actions.request_early(served, officer, deadline=EVE, requested_on=NEXT_DAY, today=NEXT_DAY)
    reinspect(early, date(2026, 9, 24), failed=(second,))
    assert actions.open_due(EVE) == 1
    again = Reinspection.objects.get(early=False)
    assert (again.number, again.full_number) == (2, f"{served.number}-2")
    reinspect(again, AGAIN)
    assert list(again.outcomes.values_list("hazard", flat=True)) == [second.pk]
    assert told(second)[0].title == "第 2 次复查：已改正，销号"
    assert "第 2 次复查：已改正，销号" not in [entry.title for entry in told(first)]


def test_a_grave_hazard_tells_of_its_report_and_the_delivery(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]], officer: User, told: Told
) -> None:
    finding = find(visit, "EV02")
    conclude(visit, {finding.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    hazard = Hazard.objects.get()
    assert "送交书面报告" in [entry.title for entry in told(hazard) if entry.tone == "next"]
    actions.deliver_report(visit, officer, receiver="刘主任", sent_on=VISITED, today=VISITED)
    entries = {entry.title: entry for entry in told(hazard)}
    assert clocks(entries["书面报告送交城关街道办事处"]) == [("REPORT_GOV", "2026-09-22 完成，按时")]
    assert entries["报告消防救援大队"].by == "报告人 李建平"


def test_what_was_corrected_on_the_spot_says_so(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]], told: Told
) -> None:
    find(visit, "EV02", fixed_on_spot=True)
    conclude(visit)
    assert "当场改正，销号" in [entry.title for entry in told(Hazard.objects.get())]


def test_voided_papers_close_the_story_with_the_chiefs_reason(served: Order, chief: User, told: Told) -> None:
    with_time = served.hazards.get(position=1)
    actions.void_papers(served.inspection, chief, "单位名称写错", NEXT_DAY)
    entry = next(entry for entry in told(with_time) if entry.title == "文书作废，退回更正")
    assert (entry.text, entry.by) == ("单位名称写错", "批准 王志远")
    assert clocks(entry) == [("RECHECK", "已撤销：文书作废：单位名称写错")]


def test_a_link_tells_who_sent_it_when_it_was_opened_signed_or_taken_back(
    link: Callable[..., Dispatch], officer: User, told: Told, browse: Browse, time_machine: Any,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    time_machine.move_to(moment(VISITED, 15), tick=False)
    wrong = link(account="13900000000")
    actions.close_dispatch(wrong, officer, "号码填错")
    right = link(consented_on=NEXT_DAY, at=moment(NEXT_DAY, 9))
    for hour in (10, 11):
        actions.open_dispatch(right, "手机", moment(NEXT_DAY, hour))
    actions.acknowledge_dispatch(right, name="刘桂香", relation="经营者本人", strokes=STROKES, at=moment(NEXT_DAY, 12))
    hazard = right.order.hazards.get(position=1)
    entries = [entry for entry in told(hazard) if entry.when and entry.tone != "next"]
    assert [(entry.title, entry.text, entry.by) for entry in entries][:6] == [
        ("送达", entries[0].text, "送达人 李建平、张海涛"),
        ("确认收悉", "刘桂香签名", ""),
        ("首次打开送达链接", "共打开 2 次", ""),
        ("发送电子送达链接", "短信 139****6688，刘桂香 2026-09-23 同意电子送达", "送达人 李建平、张海涛"),
        ("停用送达链接", "号码填错", "停用 李建平"),
        ("发送电子送达链接", "短信 139****0000，刘桂香 2026-09-22 同意电子送达", "送达人 李建平、张海涛"),
    ]
    assert [entry.when for entry in entries[1:5]] == [
        moment(NEXT_DAY, 12), moment(NEXT_DAY, 10), moment(NEXT_DAY, 9), moment(VISITED, 15),
    ]  # fmt: skip
    client = browse(officer)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("hazards:order", args=[right.order_id]))
    assert [entry.title for entry in page.context["entries"] if "链接" in entry.title] == [
        "首次打开送达链接", "发送电子送达链接", "停用送达链接", "发送电子送达链接",
    ]  # fmt: skip
