"""What is served after its period had ended binds nobody: no re-inspection, no reminder, one duty of the chief."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from deadlines.actions import remind
from deadlines.models import Clock, Notice
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.duties import concerns, overdue
from hazards.models import Hazard, Method, Order, Reinspection
from inspections.models import Finding, Inspection, Mode
from records.models import Document
from stations.models import Message, User
from tests.hazards.conftest import EVE, VISITED, moment
from trail.models import AuditEntry

Browse = Callable[[User], Client]
Publish = Callable[..., Order]
# Published on Friday 25 September 2026: the 60th day is Tuesday 24 November.
PUBLISHED, ENDS, EFFECT = date(2026, 9, 25), date(2026, 11, 24), date(2026, 11, 25)
# 22 September and 90 days.
AFTERWARDS = date(2026, 12, 21)
PAUSED = "公告送达期间不能复查；改正期限在公告期满以前届满，由所长作废重出"


@pytest.fixture
def publish(officer: User, partner: User) -> Publish:
    """张贴公告, because nobody can be found."""

    def act(order: Order, on: date = PUBLISHED) -> Order:
        actions.serve(
            order, officer, method=Method.NOTICE, sent_on=on, channel="张贴公告", reason="店主下落不明",
            server=officer, second=partner, at=moment(on, 16),
        )  # fmt: skip
        return Order.objects.get(pk=order.pk)

    return act


@pytest.fixture
def two_periods(visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]]) -> Order:
    """One hazard until 30 September, one until 21 December."""
    find(visit, "EV06", days=8)
    find(visit, "EQ08", days=90)
    conclude(visit)
    return Order.objects.get()


def recheck(order: Order, day: date = EVE) -> Clock:
    return Clock.objects.get(key=f"recheck:{order.pk}:{day}")


def late_duty(order: Order) -> Clock:
    return Clock.objects.get(key=f"late:{order.pk}")


def running() -> list[str]:
    rows = Clock.objects.running().filter(subject_type="hazards.order").order_by("key")
    return list(rows.values_list("rule_code", flat=True))


# ---------- while the notice hangs out ----------


def test_publishing_pauses_the_re_inspection_of_a_period_that_ends_before_the_notice(
    order: Order, publish: Publish
) -> None:
    publish(order)
    assert (recheck(order).state, recheck(order).detail) == ("CANCELLED", PAUSED)
    assert running() == ["SERVE_NOTICE"]
    assert actions.open_due(date(2026, 10, 20)) == 0


def test_a_period_that_ends_after_the_notice_keeps_its_re_inspection(two_periods: Order, publish: Publish) -> None:
    publish(two_periods)
    assert (recheck(two_periods).state, recheck(two_periods, AFTERWARDS).state) == ("CANCELLED", "RUNNING")


def test_nobody_is_reminded_of_what_nobody_may_do(order: Order, publish: Publish, chief: User) -> None:
    # It was opened before the notice was published.
    actions.open_due(EVE)
    publish(order, date(2026, 10, 8))
    for days in range(60):
        remind(moment(date(2026, 10, 9) + timedelta(days=days), 6))
    assert not Notice.objects.filter(clock__rule_code="RECHECK").exists()


def test_a_day_that_falls_into_the_notice_after_all_opens_nothing(two_periods: Order, publish: Publish) -> None:
    publish(two_periods)
    Clock.objects.filter(rule_code="SERVE_NOTICE").update(due_on=AFTERWARDS)
    assert actions.open_due(AFTERWARDS) == 0
    assert (recheck(two_periods, AFTERWARDS).state, recheck(two_periods, AFTERWARDS).detail) == ("CANCELLED", PAUSED)
    actions.effect_notices(AFTERWARDS + timedelta(days=1))
    assert running() == ["REISSUE_LATE"]


def test_an_order_that_was_published_before_re_inspections_were_paused_is_paused_by_the_sweep(
    order: Order, publish: Publish
) -> None:
    publish(order)
    # As the publication used to leave it.
    Clock.objects.filter(key=f"recheck:{order.pk}:{EVE}").update(state="RUNNING", detail=order.number)
    assert actions.open_due(EVE - timedelta(days=1)) == 0
    assert running() == ["SERVE_NOTICE", "RECHECK"]
    assert actions.open_due(EVE) == 0
    assert (recheck(order).state, recheck(order).detail, running()) == ("CANCELLED", PAUSED, ["SERVE_NOTICE"])
    assert not Reinspection.objects.exists()


# ---------- when it takes effect ----------


def test_what_had_ended_by_then_is_a_duty_of_the_chief(order: Order, publish: Publish, chief: User) -> None:
    publish(order)
    assert actions.effect_notices(ENDS) == 0
    assert actions.effect_notices(EFFECT) == 1
    assert running() == ["REISSUE_LATE"]
    duty = late_duty(order)
    # Counted from the first day the order binds: 26, 27 and 30 November are working days.
    assert (duty.owner, duty.started_on, duty.due_on) == (chief, EFFECT, date(2026, 11, 30))
    assert (duty.url, duty.rule.confirmed) == (reverse("hazards:void", args=[order.inspection_id]), False)
    words = f"{order.number}，改正期限 2026-09-30 届满，2026-11-25 起才算送达"
    assert duty.detail == words
    entry = AuditEntry.objects.get(action="hazards.ask_reissue")
    assert (entry.actor_name, entry.summary) == ("系统", f"{words}，由所长作废重出")
    told = Message.objects.get(key=f"late:{order.pk}")
    assert (told.user, told.title) == (chief, "请作废重出：万家福便利超市")


def test_a_second_sweep_asks_the_chief_no_second_time(order: Order, publish: Publish, chief: User) -> None:
    publish(order)
    actions.effect_notices(EFFECT)
    before = Message.objects.count(), AuditEntry.objects.count(), Clock.objects.count()
    assert actions.effect_notices(EFFECT + timedelta(days=1)) == 0
    assert actions.open_due(EFFECT) == 0
    assert (Message.objects.count(), AuditEntry.objects.count(), Clock.objects.count()) == before


def test_what_ends_later_is_re_inspected_on_its_own_day(two_periods: Order, publish: Publish, chief: User) -> None:
    publish(two_periods)
    actions.effect_notices(EFFECT)
    assert running() == ["REISSUE_LATE", "RECHECK"]
    assert actions.open_due(AFTERWARDS) == 1
    assert Reinspection.objects.get().deadline == AFTERWARDS


def test_a_notice_that_ends_with_the_period_leaves_no_time_to_correct_anything(
    order: Order, publish: Publish, chief: User
) -> None:
    publish(order)
    Hazard.objects.update(deadline=ENDS)
    actions.effect_notices(EFFECT)
    assert running() == ["REISSUE_LATE"]


def test_what_was_paused_runs_again_when_the_notice_ended_earlier_than_thought(order: Order, publish: Publish) -> None:
    publish(order)
    Clock.objects.filter(rule_code="SERVE_NOTICE").update(due_on=date(2026, 9, 29))
    actions.effect_notices(EVE)
    clock = recheck(order)
    assert (running(), clock.detail) == (["RECHECK"], f"{order.number}，9月30日届满，2 处隐患")
    assert actions.open_due(EVE) == 1


def test_what_was_to_be_corrected_at_once_begins_with_the_end_of_the_notice(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]], publish: Publish,
    reinspect: Callable[..., Reinspection],
) -> None:  # fmt: skip
    find(visit, "EV06", mode=Mode.NOW, days=0)
    conclude(visit)
    order = Order.objects.get()
    actions.open_due(VISITED)
    publish(order)
    assert running() == ["SERVE_NOTICE"]
    assert recheck(order, VISITED).detail == "公告送达期间不能复查，复查期限自公告期满重新起算"
    actions.effect_notices(EFFECT)
    clock, again = recheck(order, EFFECT), Reinspection.objects.get()
    assert (running(), clock.due_on) == (["RECHECK"], date(2026, 11, 30))
    assert (Hazard.objects.get().deadline, again.deadline, again.clock) == (EFFECT, EFFECT, clock)
    assert actions.open_due(EFFECT) == 0
    reinspect(again, EFFECT, failed=(Hazard.objects.get(),))
    assert running() == ["REFER_FAILED"]


# ---------- served by hand, too late ----------


def test_an_order_handed_over_too_late_is_a_duty_of_the_chief_in_the_same_act(
    order: Order, serve: Callable[..., Order], chief: User, officer: User
) -> None:
    serve(order, date(2026, 10, 8))
    assert (running(), recheck(order).state) == (["REISSUE_LATE"], "CANCELLED")
    # 9, 10 (a Saturday that is worked) and 12 October.
    assert (late_duty(order).started_on, late_duty(order).due_on) == (date(2026, 10, 8), date(2026, 10, 12))
    assert AuditEntry.objects.get(action="hazards.ask_reissue").actor_name == officer.name


def test_an_order_handed_over_on_the_last_day_is_re_inspected(order: Order, serve: Callable[..., Order]) -> None:
    serve(order, EVE)
    assert running() == ["RECHECK"]


def test_a_station_without_a_chief_has_the_duty_all_the_same(order: Order, serve: Callable[..., Order]) -> None:
    serve(order, date(2026, 10, 8))
    assert (running(), late_duty(order).owner) == (["REISSUE_LATE"], None)


def test_the_unit_cannot_ask_for_a_re_inspection_of_a_period_that_binds_nobody(
    order: Order, serve: Callable[..., Order], officer: User
) -> None:
    days = {"deadline": EVE, "requested_on": date(2026, 9, 29), "today": date(2026, 10, 9)}
    served = serve(order, date(2026, 10, 8))
    with pytest.raises(RuleError, match="送达时改正期限 2026-09-30 已经届满"):
        actions.request_early(served, officer, **days)
    assert running() == ["REISSUE_LATE"]


# ---------- how it ends ----------


def test_voiding_is_what_the_duty_waits_for(
    order: Order, serve: Callable[..., Order], chief: User, conclude: Callable[..., list[Document]]
) -> None:
    serve(order, date(2026, 10, 8))
    assert order.inspection is not None
    actions.void_papers(order.inspection, chief, "送达时期限已届满", date(2026, 10, 9))
    assert (late_duty(order).state, late_duty(order).met_on, running()) == ("MET", date(2026, 10, 9), [])


def test_what_was_corrected_all_the_same_is_ended_and_the_duty_falls(
    order: Order, serve: Callable[..., Order], chief: User, reinspect: Callable[..., Reinspection]
) -> None:
    actions.open_due(EVE)
    serve(order, date(2026, 10, 8))
    with pytest.raises(RuleError, match="不能认定逾期未改正"):
        reinspect(Reinspection.objects.get(), date(2026, 10, 9), failed=(Hazard.objects.all()[0],))
    reinspect(Reinspection.objects.get(), date(2026, 10, 9))
    assert (late_duty(order).state, late_duty(order).detail) == ("CANCELLED", "隐患已经改正，不用重出")
    assert (Order.objects.get().state, running()) == ("CLOSED", [])


# ---------- what the pages say ----------


def test_the_chief_finds_it_on_his_workbench_and_the_officer_has_nothing_to_do(
    order: Order, serve: Callable[..., Order], chief: User, officer: User, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to("2026-10-09T09:00:00+08:00")
    serve(order, date(2026, 10, 8))

    def duties(user: User) -> list[tuple[str, str, str]]:
        groups = browse(user).get(reverse("desk:workbench")).context["groups"]
        return [(row.kind, row.button, row.url) for group in groups for row in group.duties if row.kind != "备案"]

    assert duties(chief) == [("作废", "作废重出", reverse("hazards:void", args=[order.inspection_id]))]
    assert duties(officer) == []


@pytest.mark.slow
def test_the_page_leads_the_chief_to_the_voiding_and_tells_everybody_else_whose_it_is(
    order: Order, serve: Callable[..., Order], chief: User, officer: User, browse: Browse
) -> None:
    serve(order, date(2026, 10, 8))
    for page in (
        reverse("hazards:order", args=[order.pk]),
        reverse("hazards:hazard", args=[Hazard.objects.all()[0].pk]),
    ):
        act = browse(chief).get(page).context["act"]
        assert (act.title, act.button, act.url) == (
            "下一步：由所长作废重出", "作废重出", reverse("hazards:void", args=[order.inspection_id]),
        )  # fmt: skip
        act = browse(officer).get(page).context["act"]
        assert (act.title, act.button) == ("下一步：由所长作废重出", "")
        assert act.text == "送达时改正期限 2026-09-30 已经届满，不能认定逾期未改正。"


def test_the_way_to_end_what_was_corrected_stays_open(
    order: Order, serve: Callable[..., Order], supervisor: User, officer: User, browse: Browse
) -> None:
    actions.open_due(EVE)
    serve(order, date(2026, 10, 8))
    page = reverse("hazards:order", args=[order.pk])
    assert browse(officer).get(page).context["idle_visit"] == Reinspection.objects.get()
    assert browse(supervisor).get(page).context["idle_visit"] is None


def test_the_duty_stands_with_the_hazards_it_is_about_and_with_no_other(
    two_periods: Order, serve: Callable[..., Order], officer: User, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to("2026-10-13T09:00:00+08:00")
    serve(two_periods, date(2026, 10, 8))
    rows = browse(officer).get(reverse("hazards:list")).context["rows"]
    assert {row.hazard.deadline: row.next.clock.rule_code for row in rows} == {
        EVE: "REISSUE_LATE", AFTERWARDS: "RECHECK",
    }  # fmt: skip
    for now in (moment(date(2026, 10, 12)), moment(date(2026, 10, 13))):
        late = list(Clock.objects.overdue(now))
        by_hand = {row.pk for row in Hazard.objects.all() if any(concerns(one, row) for one in late)}
        assert set(Hazard.objects.filter(overdue(now)).values_list("pk", flat=True)) == by_hand
    assert by_hand == {Hazard.objects.get(deadline=EVE).pk}


def test_the_service_tells_which_re_inspection_it_ended(
    two_periods: Order, serve: Callable[..., Order], officer: User, browse: Browse
) -> None:
    serve(two_periods, date(2026, 10, 8))
    entries = browse(officer).get(reverse("hazards:order", args=[two_periods.pk])).context["entries"]
    service = next(entry for entry in entries if entry.title == "送达")
    assert [(one.clock.key, one.clock.state) for one in service.clocks] == [
        (f"serve:{two_periods.pk}", "MET"), (f"recheck:{two_periods.pk}:{EVE}", "CANCELLED"),
    ]  # fmt: skip


def test_a_published_order_says_what_becomes_of_its_period(
    order: Order, publish: Publish, officer: User, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to("2026-09-26T09:00:00+08:00")
    publish(order)
    context = browse(officer).get(reverse("hazards:order", args=[order.pk])).context
    assert (context["act"].title, context["act"].button) == ("公告送达，2026-11-24 期满", "")
    assert "改正期限 2026-09-30 在期满以前" in context["act"].text
    # Nothing is promised for 30 September; the pause stands with the publication.
    assert [entry.title for entry in context["entries"]] == ["公告期满", "公告", "责令限期改正", "检查发现"]
    assert [one.ended for one in context["entries"][1].clocks] == ["2026-09-25 完成，按时", f"已撤销：{PAUSED}"]
