"""送达的七种方式 (程序规定第36条): what each asks for, what each refuses, when a published notice counts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions, tasks
from hazards.models import Hazard, Method, Order, Reinspection, Service
from hazards.ways import WAYS
from stations.models import Message, Organisation, User
from tests.hazards.conftest import EVE, VISITED, moment
from trail.models import AuditEntry
from units.models import Unit

Serve = Callable[..., Order]
NEXT, LATER = date(2026, 9, 23), date(2026, 9, 25)
# 23 September and 60 days is Sunday 22 November; the period ends on the Monday (程序规定第35条).
NOTICE_ENDS = date(2026, 11, 23)

COMPLETE: dict[Method, dict[str, Any]] = {
    Method.DIRECT: {"place": "北大街62号", "recipient": "刘桂香", "relation": "店主"},
    Method.PROXY: {"place": "北大街62号", "recipient": "刘建国", "relation": "成年家属", "reason": "店主外出进货"},
    Method.LEAVE: {"place": "北大街62号", "reason": "店主不认可", "witness": "李秀英（北大街居委会）"},
    Method.ENTRUST: {
        "agent": "河东市公安局渡口派出所", "tracking_no": "委〔2026〕3号", "sent_on": NEXT, "recipient": "刘桂香",
    },
    Method.MAIL: {"tracking_no": "EMS1029384756", "sent_on": NEXT, "recipient": "刘桂香"},
    Method.ELECTRONIC: {
        "consented_by": "刘桂香", "consented_on": VISITED, "consent_no": "纸质确认书第3号", "channel": "微信",
        "account": "guixiang62", "receipt": "回复“收到”",
    },
    Method.NOTICE: {"sent_on": NEXT, "channel": "张贴公告", "reason": "邮件退回，店主下落不明"},
}  # fmt: skip
RECEIVED = [method for method in Method if method != Method.NOTICE]


def needed(method: Method) -> list[str]:
    return [ask.field for ask in WAYS[method].asks if ask.needed and ask.field != "served_at"]


def without(field: str) -> dict[str, Any]:
    return {field: None if field.endswith("_on") else ""}


@pytest.fixture
def hand(officer: User, partner: User) -> Serve:
    """Serve in a way, with everything it asks for unless told otherwise."""

    def act(order: Order, method: Method, **fields: Any) -> Order:
        values = COMPLETE[method] | {"server": officer, "second": partner, "at": moment(LATER, 16)}
        if method != Method.NOTICE:
            values["served_at"] = moment(LATER, 15)
        actions.serve(order, officer, method=method, **(values | fields))
        return Order.objects.get(pk=order.pk)

    return act


def serve_clock(order: Order) -> tuple[str, date | None]:
    clock = Clock.objects.get(key=f"serve:{order.pk}")
    return clock.state, clock.met_on


def faults(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [fault.field for fault in refused.value.faults]


# ---------- every way ----------


def test_the_ways_stand_in_the_order_of_the_article() -> None:
    assert list(WAYS) == list(Method)


@pytest.mark.parametrize("method", RECEIVED)
def test_a_complete_service_takes_effect_on_the_day_it_was_received(order: Order, hand: Serve, method: Method) -> None:
    served = hand(order, method)
    assert (served.state, served.service.method, served.service.served_at) == ("SERVED", method, moment(LATER, 15))
    assert serve_clock(order) == ("MET", LATER)
    entry = AuditEntry.objects.get(action="hazards.serve")
    assert entry.summary == f"{order.number} {served.service.words}"


@pytest.mark.parametrize("method", list(Method))
def test_what_a_way_asks_for_is_refused_when_it_is_missing(order: Order, hand: Serve, method: Method) -> None:
    for field in needed(method):
        with pytest.raises(Refusal, match=f"{method.label}须填写") as refused:
            hand(order, method, **without(field))
        assert (faults(refused), refused.value.basis) == ([field], "程序规定第36条")
    assert not Service.objects.exists()


def test_the_database_asks_for_the_same(order: Order, officer: User) -> None:
    for method, field in [(way, field) for way in Method for field in needed(way)]:
        fields = COMPLETE[method] | without(field)
        with pytest.raises(IntegrityError, match="service_"), transaction.atomic():
            Service.objects.create(
                order=order, method=method, served_at=moment(LATER), server=officer, registered_by=officer, **fields
            )


def test_a_service_without_its_time_is_refused(order: Order, hand: Serve) -> None:
    for method in RECEIVED:
        with pytest.raises(Refusal, match="须填写") as refused:
            hand(order, method, served_at=None)
        assert faults(refused) == ["served_at"]


def test_no_service_lies_in_the_future_or_before_the_order(order: Order, hand: Serve) -> None:
    late, soon = moment(LATER, 16) + timedelta(minutes=1), moment(LATER, 15) + timedelta(days=1)
    for method in RECEIVED:
        for at, words in (
            (late, "在以后，不能登记"),
            (soon, "在以后，不能登记"),
            (moment(date(2026, 9, 21)), "早于签发日期"),
        ):
            with pytest.raises(Refusal, match=words) as refused:
                hand(order, method, served_at=at)
            assert "served_at" in faults(refused)
    assert not Service.objects.exists()


def test_nothing_is_sent_or_published_before_the_order_or_after_today(order: Order, hand: Serve) -> None:
    for method in (Method.ENTRUST, Method.MAIL, Method.NOTICE):
        for day, words in ((date(2026, 9, 21), "早于签发日期"), (date(2026, 9, 26), "在以后")):
            with pytest.raises(Refusal, match=words) as refused:
                hand(order, method, sent_on=day)
            assert faults(refused) == ["sent_on"]


@pytest.mark.parametrize("method", [Method.ENTRUST, Method.MAIL])
def test_nothing_arrives_before_it_was_sent(order: Order, hand: Serve, method: Method) -> None:
    with pytest.raises(Refusal, match="晚于") as refused:
        hand(order, method, sent_on=LATER, served_at=moment(NEXT))
    assert faults(refused) == ["sent_on"]
    assert hand(order, method, sent_on=LATER, served_at=moment(LATER)).state == "SERVED"


def test_a_refusal_to_accept_needs_a_witness_or_a_recording(order: Order, hand: Serve) -> None:
    with pytest.raises(Refusal, match="须有见证人，或者对拒收过程录音录像") as refused:
        hand(order, Method.LEAVE, witness="")
    assert faults(refused) == ["witness"]
    assert hand(order, Method.LEAVE, witness="", recorder_no="YY-20260925-03").state == "SERVED"


def test_consent_to_electronic_service_comes_first(order: Order, hand: Serve) -> None:
    with pytest.raises(Refusal, match="须事先经受送达人同意") as refused:
        hand(order, Method.ELECTRONIC, consented_on=LATER + timedelta(days=1))
    assert faults(refused) == ["consented_on"]
    assert hand(order, Method.ELECTRONIC, consented_on=LATER).state == "SERVED"


def test_every_fault_is_told_at_once(order: Order, hand: Serve, assistant: User) -> None:
    with pytest.raises(Refusal) as refused:
        hand(order, Method.LEAVE, reason="", witness="", server=assistant, second=None)
    assert faults(refused) == ["reason", "witness", "server", "assistant", "recorder_no"]


def test_one_officer_alone_needs_an_assistant_and_the_recording_whatever_the_way(
    order: Order, hand: Serve, assistant: User
) -> None:
    for method in Method:
        with pytest.raises(Refusal, match="须带辅警") as refused:
            hand(order, method, second=None)
        assert faults(refused) == ["assistant", "recorder_no"]
    assert hand(order, Method.MAIL, second=None, assistant=assistant, recorder_no="YY-07").state == "SERVED"


def test_what_the_receipt_has_no_room_for_is_said_where_it_was_typed(order: Order, hand: Serve) -> None:
    for field, words in (
        ("reason", "不认可👍"),
        ("witness", "李秀英👍"),
        ("place", "北大街👍"),
        ("recipient", "刘桂香👍"),
    ):
        with pytest.raises(Refusal, match="表情符号👍印不出来") as refused:
            hand(order, Method.LEAVE, **{field: words})
        assert faults(refused) == [field]
    assert not Service.objects.exists()
    assert hand(order, Method.LEAVE).state == "SERVED"


def test_an_officer_whose_certificate_cannot_be_printed_is_refused_by_his_field(
    order: Order, hand: Serve, partner: User
) -> None:
    known, partner.certificate_no = partner.certificate_no, "江公证👍"
    with pytest.raises(Refusal) as refused:
        hand(order, Method.DIRECT)
    assert faults(refused) == ["second"]
    partner.certificate_no = known
    assert hand(order, Method.DIRECT).state == "SERVED"


def test_a_service_is_told_in_one_line() -> None:
    told = [Service(method=method, **fields).words for method, fields in COMPLETE.items()]
    assert told == [
        "直接送达，刘桂香签收",
        "代收，刘建国（成年家属）代收",
        "留置送达，拒收事由：店主不认可",
        "委托送达，河东市公安局渡口派出所代为送达，刘桂香签收",
        "邮寄送达，邮件号 EMS1029384756，刘桂香签收",
        "电子送达，微信 gu******62，回复“收到”",
        "公告送达，张贴公告，2026-09-23 公告",
    ]


# ---------- 公告 ----------


@pytest.fixture
def noticed(order: Order, hand: Serve) -> Order:
    return hand(order, Method.NOTICE)


def notice_clock(order: Order) -> Clock:
    return Clock.objects.get(key=f"notice:{order.pk}")


def test_publishing_meets_the_duty_to_serve_and_starts_the_period(noticed: Order) -> None:
    clock = notice_clock(noticed)
    assert (noticed.state, serve_clock(noticed)) == ("NOTICED", ("MET", NEXT))
    assert (clock.state, clock.started_on, clock.due_on) == ("RUNNING", NEXT, NOTICE_ENDS)
    assert noticed.service.served_at == moment(NOTICE_ENDS, 23) + timedelta(minutes=59)


def test_nobody_is_reminded_of_a_period_that_runs_out_by_itself(noticed: Order) -> None:
    assert notice_clock(noticed).next_at is None


def test_a_notice_counts_the_morning_after_its_last_day(noticed: Order, officer: User) -> None:
    assert actions.effect_notices(NOTICE_ENDS) == 0
    assert Order.objects.get().state == "NOTICED"
    assert actions.effect_notices(NOTICE_ENDS + timedelta(days=1)) == 1
    clock = notice_clock(noticed)
    assert (Order.objects.get().state, clock.state, clock.met_on) == ("SERVED", "MET", NOTICE_ENDS)
    entry = AuditEntry.objects.get(action="hazards.effect_notice")
    assert (entry.actor_name, entry.summary) == ("系统", f"{noticed.number} 公告 2026-11-23 期满，视为送达")
    told = Message.objects.get(key=f"notice:{clock.pk}")
    assert (told.user, told.title) == (officer, "公告期满，视为送达：万家福便利超市")


@pytest.mark.parametrize("has_heir", [True, False])
def test_that_a_notice_counts_is_told_to_whoever_has_the_unit_today_or_the_chief(
    has_heir: bool, noticed: Order, officer: User, partner: User, chief: User, sibling: Organisation
) -> None:
    Unit.objects.update(officer=partner if has_heir else officer)
    User.objects.filter(pk=officer.pk).update(organisation=sibling)
    actions.effect_notices(NOTICE_ENDS + timedelta(days=1))
    told = Message.objects.filter(key=f"notice:{notice_clock(noticed).pk}").values_list("user", flat=True)
    assert list(told) == [partner.pk if has_heir else chief.pk]


def test_a_second_sweep_changes_nothing(noticed: Order) -> None:
    actions.effect_notices(date(2026, 11, 24))
    before = AuditEntry.objects.count(), Message.objects.count()
    assert (actions.effect_notices(date(2026, 11, 25)), actions.effect_notice_of(noticed, date(2026, 11, 25))) == (
        0,
        False,
    )
    assert (AuditEntry.objects.count(), Message.objects.count()) == before


def test_the_task_sweeps_the_day_it_runs_on(noticed: Order, time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T00:01:00+08:00")
    tasks.effect_notices()
    assert Order.objects.get().state == "SERVED"


def test_one_order_at_the_door_does_not_wait_for_the_sweep(noticed: Order) -> None:
    assert actions.effect_notice_of(noticed, NOTICE_ENDS) is False
    assert actions.effect_notice_of(noticed, NOTICE_ENDS + timedelta(days=1)) is True


def test_a_period_that_was_counted_anew_moves_the_service_with_it(noticed: Order) -> None:
    Clock.objects.filter(key=f"notice:{noticed.pk}").update(due_on=date(2026, 11, 24))
    actions.effect_notices(date(2026, 11, 25))
    assert Service.objects.get().served_at == moment(date(2026, 11, 24), 23) + timedelta(minutes=59)


def test_nothing_is_re_inspected_before_the_notice_counts(
    order: Order, hand: Serve, reinspect: Callable[..., Reinspection]
) -> None:
    actions.open_due(EVE)
    hand(order, Method.NOTICE)
    with pytest.raises(RuleError, match="公告还没有期满"):
        reinspect(Reinspection.objects.get(), date(2026, 10, 9))
    actions.effect_notices(date(2026, 11, 24))
    with pytest.raises(Refusal, match="复查日期不能早于 2026-11-24"):
        reinspect(Reinspection.objects.get(), NOTICE_ENDS)
    reinspect(Reinspection.objects.get(), date(2026, 11, 24))
    assert set(Hazard.objects.values_list("state", flat=True)) == {"CLOSED"}


def test_a_voided_notice_never_counts(noticed: Order, chief: User) -> None:
    assert noticed.inspection is not None
    actions.void_papers(noticed.inspection, chief, "单位名称写错", LATER)
    assert actions.effect_notices(date(2026, 12, 31)) == 0
    assert (Order.objects.get().state, notice_clock(noticed).state) == ("VOID", "CANCELLED")


def test_a_published_notice_is_not_served_again(noticed: Order, hand: Serve) -> None:
    with pytest.raises(RuleError, match="公告中，没有再次登记送达"):
        hand(noticed, Method.DIRECT)
