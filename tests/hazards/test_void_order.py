"""作废一份通知书: an order served after its period falls alone, when its visit cannot be voided any more."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.models import Disposition, Extension, Hazard, Order, Reinspection, Report, Target, Withdrawal
from hazards.plan import Decision
from inspections.models import Finding, HazardType, Inspection, Mode
from records.models import Document
from stations.models import Message, User
from tests.hazards.conftest import EVE, VISITED, moment
from trail.models import AuditEntry
from units.models import Unit

Browse = Callable[[User], Client]
Find = Callable[..., Finding]
Conclude = Callable[..., list[Document]]
Serve = Callable[..., Order]
Reinspect = Callable[..., Reinspection]
SERVED, ON = date(2026, 10, 8), date(2026, 10, 9)
# 22 September and 90 days.
AFTERWARDS = date(2026, 12, 21)
WHY = "送达时改正期限已经届满"


@pytest.fixture
def hand_over(officer: User) -> Callable[..., None]:
    def act(hazard: Hazard, on: date = VISITED) -> None:
        facts = {"basis": "消防监督检查规定第33条", "facts": "见检查记录"}
        actions.refer([hazard], officer, target=Target.FIRE_BRIGADE, sent_on=on, today=on, **facts)

    return act


@pytest.fixture
def unserved(visit: Inspection, find: Find, conclude: Conclude) -> Order:
    """Two hazards to be corrected by 30 September, one by 21 December, and one for the brigade to be handed over."""
    find(visit, "EV06", days=8)
    find(visit, "EQ02", days=8)
    find(visit, "EQ08", days=90)
    find(visit, "BD05")
    conclude(visit)
    return Order.objects.get()


@pytest.fixture
def late(unserved: Order, hand_over: Callable[..., None], serve: Serve) -> Order:
    """Its visit stands since the brigade has a hazard of it; it was handed over a week after its period."""
    hand_over(Hazard.objects.get(order=None))
    return serve(unserved, SERVED)


def duty(order: Order) -> Clock:
    return Clock.objects.get(key=f"late:{order.pk}")


def page(name: str, order: Order) -> str:
    return reverse(f"hazards:{name}", args=[order.pk])


# ---------- what falls, what stands ----------


def test_the_order_falls_with_its_hazards_and_papers_and_the_duty_ends(late: Order, chief: User) -> None:
    actions.void_order(late, chief, WHY, ON)
    late.refresh_from_db()
    assert (late.state, list(late.hazards.values_list("state", flat=True))) == ("VOID", ["VOID"] * 3)
    void = Document.objects.filter(state="VOID").order_by("kind")
    assert list(void.values_list("kind", "void_reason")) == [("ORDER_LIMIT", WHY), ("SERVICE_RECEIPT", WHY)]
    assert (duty(late).state, duty(late).met_on) == ("MET", ON)
    assert not Clock.objects.running().filter(subject_type="hazards.order").exists()
    assert Clock.objects.get(key=f"recheck:{late.pk}:{AFTERWARDS}").detail == f"文书作废：{WHY}"
    assert actions.open_due(AFTERWARDS) == 0


def test_the_visit_its_record_and_what_was_handed_over_stand(late: Order, chief: User) -> None:
    actions.void_order(late, chief, WHY, ON)
    assert Inspection.objects.get().state == "SUBMITTED"
    valid = Document.objects.valid().order_by("kind")
    assert list(valid.values_list("kind", flat=True)) == ["INSPECTION_RECORD", "REFERRAL"]
    assert Hazard.objects.get(order=None).state == "REFERRED"
    assert Unit.objects.get(pk=late.unit_id).last_visited_on == VISITED


def test_the_reason_the_day_and_the_chief_are_kept_in_one_entry(late: Order, chief: User, officer: User) -> None:
    Message.objects.all().delete()
    actions.void_order(late, chief, WHY, ON)
    kept = Withdrawal.objects.get()
    assert (kept.order, kept.reason, kept.decided_by, kept.decided_on) == (late, WHY, chief, ON)
    entry = AuditEntry.objects.get(action="hazards.void_order")
    assert (entry.summary, entry.reason) == (f"作废 {late.number}：万家福便利超市", WHY)
    told = Message.objects.get()
    assert (told.user, told.title, told.url) == (officer, "请重新检查：万家福便利超市", page("order", late))


def test_a_request_for_more_time_falls_with_it(late: Order, chief: User, officer: User) -> None:
    actions.request_extension(
        late, officer, deadline=AFTERWARDS, hazards=[late.hazards.get(deadline=AFTERWARDS)], reason="配件没有到货",
        until=date(2027, 1, 20), requested_on=SERVED, today=SERVED,
    )  # fmt: skip
    actions.void_order(late, chief, WHY, ON)
    assert (Extension.objects.get().state, Extension.objects.get().decision) == ("FELL", "文书已作废")


def test_what_was_corrected_under_it_falls_too_with_its_record(
    late: Order, chief: User, officer: User, reinspect: Reinspect
) -> None:
    asked = actions.request_early(late, officer, deadline=AFTERWARDS, requested_on=SERVED, today=SERVED)
    reinspect(asked, SERVED)
    assert late.hazards.get(deadline=AFTERWARDS).state == "CLOSED"
    actions.void_order(late, chief, WHY, ON)
    assert set(late.hazards.values_list("state", flat=True)) == {"VOID"}
    assert Document.objects.get(kind="RECHECK_RECORD").state == "VOID"


def test_a_grave_hazard_is_still_reported_to_the_township(
    visit: Inspection, find: Find, conclude: Conclude, hand_over: Callable[..., None], serve: Serve, chief: User,
    officer: User, browse: Browse,
) -> None:  # fmt: skip
    grave = find(visit, "EV02", mode=Mode.LIMIT, days=8)
    find(visit, "BD05")
    conclude(visit, {grave.pk: Decision(Disposition.ORDER_LIMIT, grave=True)})
    hand_over(Hazard.objects.get(order=None))
    order = serve(Order.objects.get(), SERVED)
    actions.void_order(order, chief, WHY, ON)
    report = browse(officer).get(reverse("hazards:report", args=[visit.pk])).context
    assert ([row.pk for row in report["graves"]], report["may_deliver"]) == ([order.hazards.get().pk], True)
    actions.deliver_report(visit, officer, receiver="刘主任", sent_on=ON, today=ON)
    assert (Report.objects.get().sent_on, Clock.objects.get(key=f"report:{visit.pk}").state) == (ON, "MET")


# ---------- what speaks against it ----------


def test_only_the_chief_of_the_station_voids_it(late: Order, chief: User, officer: User, stranger: User) -> None:
    for user in (officer, stranger):
        with pytest.raises(RuleError, match="须由本所所长决定"):
            actions.void_order(late, user, WHY, ON)
    assert actions.void_order(late, chief, WHY, ON).state == "VOID"


def test_a_reason_is_needed(late: Order, chief: User) -> None:
    with pytest.raises(RuleError, match="须写明理由"):
        actions.void_order(late, chief, " ", ON)
    assert actions.void_order(late, chief, WHY, ON).state == "VOID"


def test_it_is_voided_once(late: Order, chief: User) -> None:
    actions.void_order(late, chief, WHY, ON)
    with pytest.raises(RuleError, match="已作废，不能作废"):
        actions.void_order(late, chief, WHY, ON)
    assert AuditEntry.objects.filter(action="hazards.void_order").count() == 1


def test_an_order_all_of_which_was_corrected_stands(
    late: Order, chief: User, officer: User, reinspect: Reinspect
) -> None:
    # Opened by the sweep before the order was handed over.
    for day in (EVE, AFTERWARDS):
        number = late.reinspections.count() + 1
        opened = Reinspection.objects.create(
            **late.scope_columns(), order=late, unit=late.unit, number=number, deadline=day,
            clock=Clock.objects.get(key=f"recheck:{late.pk}:{day}"),
        )  # fmt: skip
        reinspect(opened, AFTERWARDS)
    with pytest.raises(RuleError, match="已办结，不能作废"):
        actions.void_order(late, chief, WHY, AFTERWARDS)
    assert (duty(late).state, Order.objects.get().state) == ("CANCELLED", "CLOSED")


def test_an_order_from_before_the_system_is_withdrawn(unit: Unit, chief: User, officer: User, serve: Serve) -> None:
    kind = HazardType.objects.get(code="EV06")
    order = actions.enter_open_order(
        unit, chief, mode=Mode.LIMIT, number="消限字第0017号", issued_on=VISITED, issued_by=officer,
        hazards=[actions.OpenHazard(kind, "走道", "走道标志不亮", EVE)], service=None, today=VISITED,
    )  # fmt: skip
    serve(order, SERVED)
    with pytest.raises(RuleError, match="是存量文书，不能作废"):
        actions.void_order(order, chief, WHY, ON)
    assert actions.withdraw(order, chief, WHY, ON).state == "VOID"


def test_an_order_that_was_served_in_time_is_not_voided_alone(
    unserved: Order, hand_over: Callable[..., None], serve: Serve, chief: User
) -> None:
    hand_over(Hazard.objects.get(order=None))
    for order in (unserved, serve(unserved, EVE)):
        with pytest.raises(RuleError, match="没有送达时已经届满的改正期限"):
            actions.void_order(order, chief, WHY, EVE)
    assert Order.objects.get().state == "SERVED"


def test_an_order_whose_visit_can_be_voided_falls_with_the_visit(
    unserved: Order, hand_over: Callable[..., None], serve: Serve, chief: User
) -> None:
    order = serve(unserved, SERVED)
    with pytest.raises(RuleError, match="不用单独作废") as refused:
        actions.void_order(order, chief, WHY, ON)
    assert refused.value.remedy == "作废重出这次检查的全部文书，更正后重新签发。"
    hand_over(Hazard.objects.get(order=None), SERVED)
    assert order.inspection is not None
    with pytest.raises(RuleError, match="已经移送，文书不能作废"):
        actions.void_papers(order.inspection, chief, WHY, ON)
    assert actions.void_order(order, chief, WHY, ON).state == "VOID"


@pytest.fixture
def used(late: Order, reinspect: Reinspect) -> Hazard:
    """What was not corrected by its own day, 21 December, under the order that was served late for the others."""
    actions.open_due(AFTERWARDS)
    failed = late.hazards.get(deadline=AFTERWARDS)
    reinspect(Reinspection.objects.get(), AFTERWARDS, failed=(failed,))
    return failed


def test_where_something_was_established_under_it_only_what_was_late_falls(
    late: Order, used: Hazard, chief: User, officer: User, hand_over: Callable[..., None]
) -> None:
    hand_over(used, AFTERWARDS)
    Message.objects.all().delete()
    actions.void_order(late, chief, WHY, AFTERWARDS)
    assert list(late.hazards.order_by("position").values_list("state", flat=True)) == ["VOID", "VOID", "REFERRED"]
    assert (Order.objects.get().state, Document.objects.filter(state="VOID").count()) == ("CLOSED", 0)
    assert (duty(late).state, duty(late).met_on) == ("MET", AFTERWARDS)
    assert not Clock.objects.running().filter(subject_type="hazards.order").exists()
    entry = AuditEntry.objects.get(action="hazards.void_order")
    assert (entry.summary, entry.before) == (f"作废 {late.number}第1、2项：万家福便利超市", {"hazards": [1, 2]})
    assert (Message.objects.get().user, Message.objects.get().body.startswith(f"{late.number}第1、2项")) == (
        officer,
        True,
    )
    with pytest.raises(RuleError, match="已办结，不能作废"):
        actions.void_order(late, chief, WHY, AFTERWARDS)


def test_the_order_stands_for_what_still_has_to_be_handed_over(
    late: Order, used: Hazard, chief: User, hand_over: Callable[..., None], reinspect: Reinspect
) -> None:
    # Opened by the sweep before the order was handed over.
    clock = Clock.objects.get(key=f"recheck:{late.pk}:{EVE}")
    idle = Reinspection.objects.create(
        **late.scope_columns(), order=late, unit=late.unit, number=2, deadline=EVE, clock=clock
    )
    actions.void_order(late, chief, WHY, AFTERWARDS)
    with pytest.raises(RuleError, match="这一期限没有待复查的隐患"):
        reinspect(idle, AFTERWARDS)
    assert Order.objects.get().state == "SERVED"
    assert [clock.rule_code for clock in Clock.objects.running().of("hazards.order", late.pk)] == ["REFER_FAILED"]
    with pytest.raises(RuleError, match="没有送达时已经届满的改正期限"):
        actions.void_order(late, chief, WHY, AFTERWARDS)
    hand_over(used, AFTERWARDS)
    assert Order.objects.get().state == "CLOSED"


def test_an_order_from_before_the_system_with_a_result_loses_what_was_late(
    unit: Unit, chief: User, officer: User, serve: Serve, reinspect: Reinspect, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to(moment(SERVED))
    kind = HazardType.objects.get(code="EV06")
    old: dict[str, Any] = {
        "mode": Mode.LIMIT, "number": "消限字第0017号", "issued_on": VISITED, "issued_by": officer, "service": None,
        "hazards": [actions.OpenHazard(kind, "走道", f"{day}不亮", day) for day in (EVE, AFTERWARDS)],
    }  # fmt: skip
    order = serve(actions.enter_open_order(unit, chief, today=VISITED, **old), SERVED)
    assert duty(order).url == page("withdraw", order)
    reinspect(actions.request_early(order, officer, deadline=AFTERWARDS, requested_on=SERVED, today=SERVED), SERVED)
    assert browse(chief).get(page("withdraw", order))["Location"] == page("void_order", order)
    assert browse(chief).get(page("order", order)).context["act"].url == page("void_order", order)
    assert browse(chief).post(page("void_order", order), {"reason": WHY}).status_code == 302
    assert list(order.hazards.order_by("position").values_list("state", flat=True)) == ["VOID", "CLOSED"]
    assert (Order.objects.get().state, duty(order).state) == ("CLOSED", "MET")
    act = browse(officer).get(page("order", order)).context["act"]
    assert (act.title, act.button) == ("下一步：重新检查，重新责令改正", "重新检查")
    # It was not withdrawn: it stands under its number.
    with pytest.raises(Refusal) as refused:
        actions.enter_open_order(unit, chief, today=SERVED, **old)
    assert [fault.field for fault in refused.value.faults] == ["number"]


def test_beside_what_failed_and_waits_to_be_handed_over_only_what_was_late_falls(
    unserved: Order, serve: Serve, reinspect: Reinspect, chief: User, browse: Browse
) -> None:
    order = serve(unserved, SERVED)
    assert order.inspection is not None
    actions.open_due(AFTERWARDS)
    failed = order.hazards.get(deadline=AFTERWARDS)
    reinspect(Reinspection.objects.get(), AFTERWARDS, failed=(failed,))
    with pytest.raises(RuleError, match="须移送消防救援大队，文书不能作废"):
        actions.void_papers(order.inspection, chief, WHY, AFTERWARDS)
    of_visit = reverse("hazards:void", args=[order.inspection_id])
    assert browse(chief).get(of_visit)["Location"] == page("void_order", order)
    actions.void_order(order, chief, WHY, AFTERWARDS)
    assert list(order.hazards.order_by("position").values_list("state", flat=True)) == ["VOID", "VOID", "TO_REFER"]


def test_what_was_served_late_is_no_reason_to_keep_the_papers(unserved: Order, serve: Serve, chief: User) -> None:
    order = serve(unserved, SERVED)
    assert order.inspection is not None
    # Established before a late service was known as one.
    order.hazards.filter(deadline=EVE).update(state="TO_REFER")
    assert actions.void_papers(order.inspection, chief, WHY, ON).state == "DRAFT"


# ---------- the pages ----------


def test_the_duty_leads_the_chief_to_the_page_of_the_order(late: Order, chief: User, browse: Browse) -> None:
    assert duty(late).url == page("void_order", late)
    act = browse(chief).get(page("order", late)).context["act"]
    assert (act.title, act.button, act.url) == ("下一步：由所长作废重出", "作废重出", page("void_order", late))
    assert act.text.endswith("这次检查另有隐患已经移送或者须移送，只作废这份通知书，再重新检查、重新责令改正。")


def test_a_duty_from_before_the_hazard_was_handed_over_leads_there_as_well(
    unserved: Order, hand_over: Callable[..., None], serve: Serve, chief: User, browse: Browse
) -> None:
    serve(unserved, SERVED)
    of_visit = reverse("hazards:void", args=[unserved.inspection_id])
    assert (duty(unserved).url, browse(chief).get(of_visit).status_code) == (of_visit, 200)
    hand_over(Hazard.objects.get(order=None), SERVED)
    assert browse(chief).get(of_visit)["Location"] == page("void_order", unserved)


def test_the_page_says_what_falls_and_what_has_to_follow(
    late: Order, chief: User, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to(moment(ON))
    client, url = browse(chief), page("void_order", late)
    shown = client.get(url)
    assert [paper.kind for paper in shown.context["papers"]] == ["ORDER_LIMIT", "SERVICE_RECEIPT"]
    assert [row.position for row in shown.context["hazards"]] == [1, 2, 3]
    assert "须重新检查，重新责令改正" in shown.content.decode()
    assert "reason" in client.post(url, {"reason": ""}).context["form"].errors
    assert client.post(url, {"reason": WHY})["Location"] == page("order", late)
    # The second press of the button, or a page from yesterday.
    assert client.post(url, {"reason": WHY})["Location"] == page("order", late)
    assert Withdrawal.objects.get().decided_on == ON


@pytest.mark.slow
def test_the_page_says_what_stands_where_only_what_was_late_falls(
    unserved: Order, hand_over: Callable[..., None], serve: Serve, reinspect: Reinspect, chief: User, officer: User,
    browse: Browse, time_machine: Any,
) -> None:  # fmt: skip
    # Opened by the sweep before the order was handed over: with the hazards void nothing is left to look at.
    actions.open_due(EVE)
    hand_over(Hazard.objects.get(order=None), SERVED)
    order = serve(unserved, SERVED)
    actions.open_due(AFTERWARDS)
    failed = order.hazards.get(deadline=AFTERWARDS)
    reinspect(Reinspection.objects.get(deadline=AFTERWARDS), AFTERWARDS, failed=(failed,))
    hand_over(failed, AFTERWARDS)
    time_machine.move_to(moment(AFTERWARDS))
    client, url = browse(chief), page("void_order", order)
    assert "只作废送达时期限已经届满的隐患" in client.get(page("order", order)).context["act"].text
    shown = client.get(url)
    assert (shown.context["papers"], [row.position for row in shown.context["hazards"]]) == ([], [1, 2])
    assert ("通知书继续有效" in shown.content.decode(), "作废 2 处隐患" in shown.content.decode()) == (True, True)
    for _ in range(2):
        assert client.post(url, {"reason": WHY})["Location"] == page("order", order)
    assert Withdrawal.objects.get().decided_on == AFTERWARDS
    told = browse(officer).get(page("order", order)).context
    assert (told["act"].button, told["idle_visit"]) == ("重新检查", None)
    assert [entry.text for entry in told["entries"] if entry.title == "作废送达时期限已经届满的隐患"] == [WHY]
    fallen, stands = (
        reverse("hazards:hazard", args=[row.pk]) for row in (order.hazards.order_by("position")[0], failed)
    )
    assert browse(officer).get(fallen).context["act"].button == "重新检查"
    assert "作废送达时期限已经届满的隐患" not in [one.title for one in browse(officer).get(stands).context["entries"]]


def test_a_page_opened_for_an_order_that_has_another_way_says_which(
    unserved: Order, serve: Serve, chief: User, browse: Browse
) -> None:
    serve(unserved, SERVED)
    refused = browse(chief).get(page("void_order", unserved))
    assert (refused.status_code, "作废重出这次检查的全部文书" in refused.content.decode()) == (409, True)


@pytest.mark.slow
def test_the_void_order_asks_for_another_visit_until_there_was_one(
    late: Order, chief: User, officer: User, supervisor: User, browse: Browse, time_machine: Any,
    open_visit: Callable[..., Inspection], conclude: Conclude, find: Find,
) -> None:  # fmt: skip
    time_machine.move_to(moment(ON))
    actions.void_order(late, chief, WHY, ON)
    start = f"{reverse('inspections:start')}?unit={late.unit_id}"
    for url in (page("order", late), reverse("hazards:hazard", args=[late.hazards.all()[0].pk])):
        act = browse(officer).get(url).context["act"]
        assert (act.title, act.button, act.url) == ("下一步：重新检查，重新责令改正", "重新检查", start)
        assert browse(supervisor).get(url).context["act"].button == ""
    assert browse(officer).get(start).status_code == 200
    again = open_visit(late.unit, visited_on=ON)
    find(again, "EV06", days=8)
    conclude(again)
    act = browse(officer).get(page("order", late)).context["act"]
    assert (act.title, act.text, act.button) == ("这份通知书已作废，已重新检查", WHY, "")
    assert Order.objects.valid().get().inspection == again


def test_the_history_tells_who_voided_it_and_which_duties_ended(
    late: Order, chief: User, officer: User, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to(moment(ON))
    actions.void_order(late, chief, WHY, ON)
    context = browse(officer).get(page("order", late)).context
    ahead, newest = context["entries"][:2]
    assert (ahead.when, ahead.title) == ("待办", "重新检查，重新责令改正")
    assert (newest.title, newest.text, newest.by) == ("作废通知书", WHY, "批准 王志远")
    assert [one.clock.rule_code for one in newest.clocks] == ["RECHECK", "REISSUE_LATE"]


def test_the_voiding_of_a_visit_that_stands_is_offered_nowhere(late: Order, chief: User, browse: Browse) -> None:
    visit = reverse("hazards:visit", args=[late.inspection_id])
    assert [browse(chief).get(url).context["may_void"] for url in (page("order", late), visit)] == [False, False]
