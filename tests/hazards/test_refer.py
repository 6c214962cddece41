"""移送: what must be handed over, to whom, when, and not twice; what came back."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.models import Disposition, Hazard, Order, Referral, ReferralResult, Reinspection, Target
from hazards.papers import facts_of, referral_basis
from hazards.plan import Decision
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import Message, User
from tests.hazards.conftest import VISITED

Find = Callable[..., Finding]
Conclude = Callable[..., list[Document]]
Refer = Callable[..., Referral]
AFTER = date(2026, 10, 12)


@pytest.fixture
def refer(officer: User) -> Refer:
    def act(*hazards: Hazard, **fields: object) -> Referral:
        values = {
            "target": Target.FIRE_BRIGADE, "basis": "消防监督检查规定第33条第2款", "facts": "见检查记录",
            "sent_on": date(2026, 9, 28), "today": date(2026, 9, 28), "receiver": "陈立新",
        } | fields  # fmt: skip
        return actions.refer(hazards, officer, **values)  # type: ignore[arg-type]

    return act


@pytest.fixture
def failed(opened: Reinspection, reinspect: Callable[..., Reinspection]) -> Hazard:
    """Hazard 2 of the order, not corrected at the re-inspection after the holiday."""
    hazard = Hazard.objects.get(position=2)
    reinspect(opened, date(2026, 10, 9), failed=(hazard,))
    hazard.refresh_from_db()
    return hazard


def test_a_statutory_referral_stops_its_clock(visit: Inspection, find: Find, conclude: Conclude, refer: Refer) -> None:
    find(visit, "BD05")
    conclude(visit)
    hazard = Hazard.objects.get()
    referral = refer(hazard)
    hazard.refresh_from_db()
    clock = Clock.objects.get(key=f"refer:{visit.pk}")
    assert (hazard.state, clock.state, clock.met_on) == ("REFERRED", "MET", date(2026, 9, 28))
    assert list(referral.hazards.all()) == [hazard]


def test_the_clock_runs_until_the_last_of_the_visit_is_handed_over(
    visit: Inspection, find: Find, conclude: Conclude, refer: Refer
) -> None:
    find(visit, "BD04")
    find(visit, "BD05")
    conclude(visit)
    housing, brigade = Hazard.objects.order_by("hazard_type__code")
    refer(housing, target=Target.HOUSING)
    assert Clock.objects.get(key=f"refer:{visit.pk}").state == "RUNNING"
    refer(brigade)
    assert Clock.objects.get(key=f"refer:{visit.pk}").state == "MET"


def test_a_statutory_clock_does_not_wait_for_a_voluntary_referral(
    visit: Inspection, find: Find, conclude: Conclude, refer: Refer
) -> None:
    find(visit, "BD05")
    voluntary = find(visit, "EL01")
    conclude(visit, {voluntary.pk: Decision(Disposition.REFER)})
    refer(Hazard.objects.get(hazard_type__code="BD05"))
    states = dict(Clock.objects.filter(key__startswith="refer").values_list("key", "state"))
    assert states == {f"refer:{visit.pk}": "MET", f"refer_other:{visit.pk}": "RUNNING"}


def test_a_failed_hazard_handed_to_the_brigade_ends_its_order(failed: Hazard, refer: Refer) -> None:
    refer(failed, sent_on=AFTER, today=AFTER)
    order = Order.objects.get()
    assert (order.state, list(order.hazards.order_by("position").values_list("state", flat=True))) == (
        "CLOSED",
        ["CLOSED", "REFERRED"],
    )
    assert Clock.objects.get(rule_code="REFER_FAILED").met_on == AFTER


def test_the_facts_are_suggested_as_the_records_tell_them(failed: Hazard) -> None:
    assert facts_of([failed]) == (
        "2026年9月22日，城关派出所对万家福便利超市进行消防监督检查，发现下列消防安全违法行为。"
    )
    assert referral_basis([failed]) == failed.violates


def test_a_hazard_is_handed_over_once(failed: Hazard, refer: Refer) -> None:
    refer(failed, sent_on=AFTER, today=AFTER)
    with pytest.raises(RuleError, match="已经移送，没有重复登记"):
        refer(failed, sent_on=AFTER, today=AFTER)
    assert Referral.objects.count() == 1


def test_what_an_order_still_gives_time_for_is_not_handed_over(served: Order, refer: Refer) -> None:
    with pytest.raises(RuleError, match="整改中，不能移送") as refusal:
        refer(served.hazards.first())
    assert refusal.value.remedy == "期限届满后复查，仍未改正的再移送。"


def test_an_urged_hazard_may_be_handed_over(visit: Inspection, find: Find, conclude: Conclude, refer: Refer) -> None:
    find(visit, "GA01")
    conclude(visit)
    refer(Hazard.objects.get(), target=Target.GAS)
    assert Hazard.objects.get().state == "REFERRED"


@pytest.mark.parametrize("sent_on", [VISITED - timedelta(days=1), date(2026, 9, 29)])
def test_a_referral_lies_between_the_visit_and_today(
    sent_on: date, visit: Inspection, find: Find, conclude: Conclude, refer: Refer
) -> None:
    find(visit, "BD05")
    conclude(visit)
    with pytest.raises(RuleError, match="移送日期"):
        refer(Hazard.objects.get(), sent_on=sent_on)


@pytest.mark.parametrize(("day", "what"), [(VISITED, "复查"), (date(2026, 10, 8), "复查"), (date(2026, 10, 21), "")])
def test_nothing_is_handed_over_before_the_last_fact_of_its_letter(
    day: date, what: str, failed: Hazard, refer: Refer, officer: User, browse: Callable[[User], Client],
    time_machine: Any,
) -> None:  # fmt: skip
    time_machine.move_to("2026-10-20T09:00:00+08:00")
    words = f"移送日期不能早于 2026-10-09 的{what}" if what else "移送日期在以后，不能登记"
    with pytest.raises(Refusal, match=words) as refused:
        refer(failed, sent_on=day, today=date(2026, 10, 20))
    assert [fault.field for fault in refused.value.faults] == ["sent_on"]
    form = {
        "hazards": [failed.pk], "target": "FIRE_BRIGADE", "basis": failed.violates, "facts": "见检查记录",
        "sent_on": day.isoformat(),
    }  # fmt: skip
    page = browse(officer).post(reverse("hazards:refer", args=[failed.pk]), form)
    assert page.context["form"].errors == {"sent_on": [f"{words}。核对移送日期。"]}
    assert Clock.objects.get(rule_code="REFER_FAILED").state == "RUNNING"
    assert not Referral.objects.exists()


def test_the_letter_bears_the_day_it_is_made_and_a_number_of_that_year(failed: Hazard, refer: Refer) -> None:
    referral = refer(failed, sent_on=date(2026, 10, 9), today=date(2027, 1, 4))
    assert referral.document is not None
    assert (referral.sent_on, referral.document.context["issued_on"]) == (date(2026, 10, 9), "2027-01-04")
    assert "〔2027〕" in referral.letter_no
    # A day typed earlier makes nothing punctual: nobody was written to before there was a letter.
    assert Clock.objects.get(rule_code="REFER_FAILED").met_on == date(2027, 1, 4)


def test_each_failed_re_inspection_waits_for_its_own_hazards(
    visit: Inspection, find: Find, conclude: Conclude, serve: Callable[..., Order],
    reinspect: Callable[..., Reinspection], refer: Refer,
) -> None:  # fmt: skip
    find(visit, "EV06", days=8)
    find(visit, "EQ02", days=24)
    conclude(visit)
    order = serve(Order.objects.get(), date(2026, 9, 23))
    soon, late = order.hazards.order_by("deadline")
    last = late.deadline
    assert last == date(2026, 10, 16)
    for hazard in (soon, late):
        actions.open_due(hazard.deadline)
        reinspect(Reinspection.objects.get(done_on=None), hazard.deadline, failed=(hazard,))
    refer(late, sent_on=last, today=last)
    states = dict(Clock.objects.filter(rule_code="REFER_FAILED").values_list("started_on", "state"))
    assert states == {soon.deadline: "RUNNING", last: "MET"}
    refer(soon, sent_on=date(2026, 10, 10), today=date(2026, 10, 19))
    met = dict(Clock.objects.filter(rule_code="REFER_FAILED").values_list("started_on", "met_on"))
    assert met == {soon.deadline: date(2026, 10, 19), last: last}


# ---------- after a failed re-inspection it is compulsory ----------


def test_what_failed_stays_due_until_it_is_handed_over(
    failed: Hazard, officer: User, chief: User, refer: Refer
) -> None:
    clock = Clock.objects.get(rule_code="REFER_FAILED")
    assert (failed.state, clock.state, clock.owner) == ("TO_REFER", "RUNNING", officer)
    with pytest.raises(RuleError, match="没有待复查的隐患"):
        actions.request_early(
            failed.order, officer, deadline=date(2026, 9, 30), requested_on=date(2026, 9, 29), today=AFTER
        )
    with pytest.raises(RuleError, match="由复查销号"):
        actions.confirm_fixed(failed, officer, on=AFTER, how="", today=AFTER)
    actions.open_due(date(2026, 12, 1))
    assert Clock.objects.get(pk=clock.pk).state == "RUNNING"
    refer(failed, sent_on=AFTER, today=AFTER)
    assert Clock.objects.get(pk=clock.pk).state == "MET"


def test_voiding_the_papers_is_no_way_out_of_that_duty(failed: Hazard, chief: User, refer: Refer) -> None:
    visit = failed.order.inspection
    with pytest.raises(RuleError, match="须移送消防救援大队，文书不能作废") as refused:
        actions.void_papers(visit, chief, "单位名称写错", AFTER)
    words = ("消防法第60条", "先移送；文书确有错误的，写明情况一并移送。")
    assert (refused.value.basis, refused.value.remedy) == words
    assert Clock.objects.get(rule_code="REFER_FAILED").state == "RUNNING"
    refer(failed, sent_on=AFTER, today=AFTER)
    with pytest.raises(RuleError, match="已经移送，文书不能作废"):
        actions.void_papers(visit, chief, "单位名称写错", AFTER)


def test_what_was_corrected_in_time_does_not_keep_the_papers(
    opened: Reinspection, reinspect: Callable[..., Reinspection], chief: User
) -> None:
    reinspect(opened, date(2026, 10, 9))
    assert actions.void_papers(opened.order.inspection, chief, "单位名称写错", AFTER).state == "DRAFT"


def test_the_voiding_is_offered_until_something_failed(
    opened: Reinspection, reinspect: Callable[..., Reinspection], chief: User, browse: Callable[[User], Client]
) -> None:
    order = opened.order
    pages = [reverse("hazards:order", args=[order.pk]), reverse("hazards:visit", args=[order.inspection_id])]
    assert [browse(chief).get(page).context["may_void"] for page in pages] == [True, True]
    reinspect(opened, date(2026, 10, 9), failed=(Hazard.objects.get(position=2),))
    assert [browse(chief).get(page).context["may_void"] for page in pages] == [False, False]


def test_two_failed_hazards_wait_until_the_last_is_handed_over(
    opened: Reinspection, reinspect: Callable[..., Reinspection], refer: Refer
) -> None:
    first, second = Hazard.objects.order_by("position")
    reinspect(opened, date(2026, 10, 9), failed=(first, second))
    refer(first, sent_on=AFTER, today=AFTER)
    assert Clock.objects.get(rule_code="REFER_FAILED").state == "RUNNING"
    refer(second, sent_on=AFTER, today=AFTER)
    assert Clock.objects.get(rule_code="REFER_FAILED").state == "MET"


@pytest.mark.parametrize("target", [Target.HOUSING, Target.GAS, Target.OTHER])
def test_what_failed_goes_to_the_brigade_and_nowhere_else(target: Target, failed: Hazard, refer: Refer) -> None:
    with pytest.raises(RuleError, match="复查仍未改正的，移送消防救援大队"):
        refer(failed, sent_on=AFTER, today=AFTER, target=target)


# ---------- receipt and result ----------


@pytest.fixture
def handed_over(failed: Hazard, refer: Refer, supervisor: User) -> Referral:
    return refer(failed, sent_on=AFTER, today=AFTER, receiver="")


@pytest.fixture
def received(handed_over: Referral, supervisor: User) -> Referral:
    return actions.receive_referral(handed_over, supervisor, on=AFTER, receiver="陈立新", today=AFTER)


FINE = {
    "result": ReferralResult.FINE,
    "on": AFTER,
    "today": AFTER,
    "fine": Decimal("5000.00"),
    "result_no": "江消罚1号",
}


def test_the_guiding_supervisor_hears_of_it_with_the_way_to_it(handed_over: Referral, supervisor: User) -> None:
    told = Message.objects.get(key=f"referral:{handed_over.pk}:sent")
    assert (told.user, told.title, told.url) == (
        supervisor, "移送待接收：万家福便利超市", f"/hazards/referrals/{handed_over.pk}/",
    )  # fmt: skip


def test_without_a_guiding_supervisor_the_leaders_hear_of_it(
    failed: Hazard, refer: Refer, brigade_leader: User
) -> None:
    referral = refer(failed, sent_on=AFTER, today=AFTER)
    assert Message.objects.get(key=f"referral:{referral.pk}:sent").user == brigade_leader


def test_the_receipt_puts_the_hazard_into_the_brigades_hands(received: Referral, failed: Hazard, officer: User) -> None:
    failed.refresh_from_db()
    assert (received.state, received.received_on, received.receiver, failed.state) == (
        "RECEIVED", AFTER, "陈立新", "ACCEPTED",
    )  # fmt: skip
    assert Message.objects.get(key=f"referral:{received.pk}:received").user == officer


def test_the_result_ends_the_hazard_and_says_how(
    received: Referral, failed: Hazard, supervisor: User, officer: User
) -> None:
    answered = actions.answer_referral(received, supervisor, **FINE)
    failed.refresh_from_db()
    assert (failed.state, failed.closed_on, failed.closed_how) == ("CLOSED", AFTER, "消防救援大队：罚款")
    assert answered.result_words == "罚款 5,000.00 元，江消罚1号"
    assert Message.objects.get(key=f"referral:{received.pk}:answered").user == officer


def test_receipt_comes_before_the_result(handed_over: Referral, supervisor: User) -> None:
    with pytest.raises(RuleError, match="还没有登记接收"):
        actions.answer_referral(handed_over, supervisor, **FINE)


def test_receipt_and_result_are_recorded_once(received: Referral, supervisor: User) -> None:
    with pytest.raises(RuleError, match="办理中，没有重复登记接收"):
        actions.receive_referral(received, supervisor, on=AFTER, receiver="别人", today=AFTER)
    actions.answer_referral(received, supervisor, **FINE)
    with pytest.raises(RuleError, match="已反馈，没有重复登记处理结果"):
        actions.answer_referral(received, supervisor, **FINE)
    assert Referral.objects.get().receiver == "陈立新"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"result_no": ""}, "罚款须填写决定书文号"),
        ({"fine": None}, "罚款须填写金额"),
        ({"fine": Decimal(0)}, "罚款须填写金额"),
        ({"result": ReferralResult.SEAL}, "没有罚款金额"),
        ({"result": ReferralResult.CLOSURE, "fine": None, "result_no": ""}, "须填写决定书文号"),
        ({"result": ReferralResult.NONE, "fine": None}, "不予处罚须写明处理情况"),
        ({"on": date(2026, 10, 11)}, "处理日期"),
        ({"on": date(2026, 10, 13)}, "处理日期"),
    ],
)
def test_a_result_is_complete(changed: dict[str, object], message: str, received: Referral, supervisor: User) -> None:
    with pytest.raises(RuleError, match=message):
        actions.answer_referral(received, supervisor, **FINE | changed)
    assert Referral.objects.get().state == "RECEIVED"


def test_nothing_done_is_a_result_when_its_reason_is_told(received: Referral, supervisor: User) -> None:
    actions.answer_referral(
        received, supervisor, result=ReferralResult.NONE, on=AFTER, today=AFTER, note="轻微并已改正"
    )
    assert Hazard.objects.get(position=2).closed_how == "消防救援大队：不予处罚"


def test_the_brigade_records_its_own_and_the_station_what_others_wrote_back(
    visit: Inspection, find: Find, conclude: Conclude, refer: Refer, officer: User, supervisor: User,
    brigade_leader: User, assistant: User,
) -> None:  # fmt: skip
    find(visit, "BD04")
    find(visit, "BD05")
    conclude(visit)
    lacking, opened = Hazard.objects.order_by("hazard_type__code")
    housing, brigade = refer(lacking, target=Target.HOUSING), refer(opened)
    on = {"on": date(2026, 9, 28), "receiver": "周科长", "today": date(2026, 9, 28)}
    for person in (officer, assistant):
        with pytest.raises(RuleError, match="由大队登记"):
            actions.receive_referral(brigade, person, **on)
    with pytest.raises(RuleError, match="由派出所按书面反馈登记"):
        actions.receive_referral(housing, supervisor, **on)
    waiting = [list(Referral.objects.waiting_for(each)) for each in (officer, supervisor, brigade_leader, assistant)]
    assert waiting == [[housing], [brigade], [brigade], []]
    actions.receive_referral(housing, officer, **on)
    actions.receive_referral(brigade, brigade_leader, **on)
    assert [list(Referral.objects.waiting_for(person)) for person in (officer, supervisor)] == [[], []]
    assert [list(Referral.objects.under_way_for(person)) for person in (officer, supervisor)] == [[housing], [brigade]]


@pytest.mark.parametrize("on", [date(2026, 10, 11), date(2026, 10, 13)])
def test_a_receipt_lies_between_the_referral_and_today(on: date, handed_over: Referral, supervisor: User) -> None:
    with pytest.raises(RuleError, match="接收日期"):
        actions.receive_referral(handed_over, supervisor, on=on, receiver="陈立新", today=AFTER)


def test_papers_behind_a_referral_are_not_voided_even_after_its_result(
    received: Referral, supervisor: User, chief: User
) -> None:
    actions.answer_referral(received, supervisor, **FINE)
    with pytest.raises(RuleError, match="已经移送，文书不能作废"):
        actions.void_papers(Order.objects.get().inspection, chief, "写错", AFTER)
