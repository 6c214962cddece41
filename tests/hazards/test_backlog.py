"""存量: an open order from before the system starts only what is still to be done."""

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
from hazards.models import Extension, Hazard, Order, Reinspection, Target, Withdrawal
from inspections.models import HazardType, Mode
from records.models import Document, DocumentCounter
from stations.models import Message, User
from tests.hazards.conftest import moment
from trail.models import AuditEntry
from units.models import Unit

TODAY = date(2026, 9, 25)
Enter = Callable[..., Order]
Browse = Callable[[User], Client]
WRONG = "录到了别的单位名下"


@pytest.fixture
def enter(unit: Unit, chief: User, officer: User) -> Enter:
    kind = HazardType.objects.get(code="EV06")

    def act(**fields: Any) -> Order:
        values = {
            "mode": Mode.LIMIT, "number": "江公（城关）消限字〔2026〕第0017号", "issued_on": date(2026, 9, 1),
            "issued_by": officer, "today": TODAY,
            "hazards": [actions.OpenHazard(kind, "二层走道", "二层走道疏散指示标志损坏2处", date(2026, 9, 30))],
            "service": actions.OldService(date(2026, 9, 2), "刘桂香", officer),
        } | fields  # fmt: skip
        return actions.enter_open_order(unit, chief, **values)

    return act


def test_a_served_order_starts_only_its_re_inspection(enter: Enter) -> None:
    order = enter()
    assert (order.state, order.document, order.service.recipient) == ("SERVED", None, "刘桂香")
    clock = Clock.objects.get()
    assert (clock.rule_code, clock.started_on, clock.due_on) == ("RECHECK", date(2026, 9, 30), date(2026, 10, 10))


def test_an_unserved_order_starts_its_service_as_well(enter: Enter) -> None:
    order = enter(service=None, issued_on=date(2026, 9, 24))
    due = dict(Clock.objects.values_list("rule_code", "due_on"))
    assert order.state == "ISSUED"
    # 25 to 27 September are off: three working days after the 24th end on the 30th
    assert due == {"ORDER_LIMIT_SERVE": date(2026, 9, 30), "RECHECK": date(2026, 10, 10)}


def test_it_takes_no_number_and_prints_nothing(enter: Enter) -> None:
    enter()
    assert (Document.objects.count(), DocumentCounter.objects.count()) == (0, 0)


def test_the_hazard_carries_the_basis_of_the_table(enter: Enter) -> None:
    enter()
    assert Hazard.objects.get().order_basis == "消防监督检查规定第33条第1款第5项"


def test_what_the_table_has_no_order_for_stands_on_the_old_paper(enter: Enter) -> None:
    kind = HazardType.objects.get(code="EL01")
    enter(hazards=[actions.OpenHazard(kind, "后厨", "后厨私拉电线", date(2026, 9, 30))])
    assert Hazard.objects.get().order_basis == "原责令改正通知书（存量）"


def test_the_sweep_opens_its_re_inspection_like_any_other(enter: Enter) -> None:
    order = enter()
    assert actions.open_due(date(2026, 9, 30)) == 1
    assert Reinspection.objects.get().order == order


def test_a_number_is_entered_once(enter: Enter) -> None:
    enter()
    with pytest.raises(RuleError, match="已经录入，没有重复录入"):
        enter()
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hazards": []}, "至少要有一处"),
        ({"issued_on": date(2026, 9, 26)}, "签发日期应在今天以前"),
        ({"issued_on": date(2026, 9, 3)}, "送达日期应在签发以后"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], words: str, enter: Enter) -> None:
    with pytest.raises(RuleError, match=words):
        enter(**fields)
    assert Order.objects.count() == 0


def test_what_was_served_after_its_period_had_ended_is_refused_at_the_day_of_the_service(
    enter: Enter, officer: User
) -> None:
    late = actions.OldService(date(2026, 9, 25), "刘桂香", officer)
    kind = HazardType.objects.get(code="EV06")
    rows = [actions.OpenHazard(kind, "走道", f"第 {day} 处", date(2026, 9, day)) for day in (30, 24)]
    with pytest.raises(Refusal, match="送达日期晚于改正期限 2026-09-24") as refused:
        enter(service=late, hazards=rows)
    (fault,) = refused.value.faults
    assert (fault.field, fault.remedy) == (
        "served_on", "核对送达回证；确实晚于期限的不用录入，重新检查，另行责令改正。",
    )  # fmt: skip
    # 立即 begins with the service, and on the last day itself there is still time.
    assert enter(service=late, hazards=rows, mode=Mode.NOW).state == "SERVED"
    rows[1] = actions.OpenHazard(kind, "走道", "第二处", date(2026, 9, 25))
    assert enter(service=late, hazards=rows, number="第0018号").state == "SERVED"


def test_the_form_says_it_where_the_day_was_typed(
    unit: Unit, chief: User, officer: User, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to("2026-09-25T09:00:00+08:00")
    page = reverse("hazards:enter_order", args=[unit.pk])
    typed = {
        "mode": "LIMIT", "number": "第0017号", "issued_on": "2026-09-01", "issued_by": officer.pk,
        "served_on": "2026-09-21", "recipient": "刘桂香", "hazard-TOTAL_FORMS": 1, "hazard-INITIAL_FORMS": 0,
        "hazard-0-hazard_type": HazardType.objects.get(code="EV06").pk, "hazard-0-place": "二层走道",
        "hazard-0-wording": "疏散指示标志损坏2处", "hazard-0-deadline": "2026-09-20",
    }  # fmt: skip
    response = browse(chief).post(page, typed)
    (said,) = response.context["form"].errors["served_on"]
    assert said.startswith("送达日期晚于改正期限 2026-09-20")
    assert not Order.objects.exists()
    assert browse(chief).post(page, typed | {"served_on": "2026-09-20"}).status_code == 302
    assert Order.objects.get().state == "SERVED"


# ---------- 撤回 ----------


def test_a_wrong_order_falls_with_its_hazards_and_duties(enter: Enter, chief: User, officer: User) -> None:
    order = enter()
    actions.withdraw(order, chief, WRONG, TODAY)
    assert (Order.objects.get().state, Hazard.objects.get().state) == ("VOID", "VOID")
    clock = Clock.objects.get()
    assert (clock.state, clock.detail) == ("CANCELLED", f"存量文书撤回：{WRONG}")
    why = Withdrawal.objects.get(order=order)
    assert (why.reason, why.decided_by, why.decided_on) == (WRONG, chief, TODAY)
    entry = AuditEntry.objects.get(action="hazards.withdraw_backlog")
    assert (entry.summary, entry.reason) == (f"撤回存量文书 {order.number}：万家福便利超市", WRONG)
    told = Message.objects.get()
    assert (told.user, told.title) == (officer, "存量文书已撤回：万家福便利超市")
    assert actions.open_due(date(2026, 10, 8)) == 0


def test_an_order_that_was_not_served_is_withdrawn_as_well(enter: Enter, chief: User) -> None:
    actions.withdraw(enter(service=None), chief, WRONG, TODAY)
    assert set(Clock.objects.values_list("state", flat=True)) == {"CANCELLED"}


def test_a_request_for_more_time_falls_with_it(enter: Enter, chief: User, officer: User) -> None:
    order = enter()
    actions.request_extension(
        order, officer, deadline=date(2026, 9, 30), hazards=list(order.hazards.all()), until=date(2026, 10, 20),
        requested_on=TODAY, reason="配件没有到货", today=TODAY,
    )  # fmt: skip
    actions.withdraw(order, chief, WRONG, TODAY)
    assert (Extension.objects.get().state, Extension.objects.get().decision) == ("FELL", "存量文书已撤回")


def test_the_right_order_is_entered_under_the_same_number(enter: Enter, chief: User) -> None:
    wrong = enter()
    with pytest.raises(RuleError, match="已经录入"):
        enter()
    actions.withdraw(wrong, chief, WRONG, TODAY)
    again = enter(issued_on=date(2026, 8, 31))
    assert (again.number, again.state) == (wrong.number, "SERVED")
    actions.withdraw(again, chief, "又录错了", TODAY)
    assert enter().number == wrong.number


def test_only_the_chief_of_the_station_withdraws(enter: Enter, chief: User, officer: User, stranger: User) -> None:
    order = enter()
    for user in (officer, stranger):
        with pytest.raises(RuleError, match="由本所所长撤回"):
            actions.withdraw(order, user, WRONG, TODAY)
    assert actions.withdraw(order, chief, WRONG, TODAY).state == "VOID"


def test_a_withdrawal_has_a_reason(enter: Enter, chief: User) -> None:
    order = enter()
    with pytest.raises(Refusal, match="须写明理由") as refused:
        actions.withdraw(order, chief, " ", TODAY)
    assert refused.value.faults[0].field == "reason"
    assert Order.objects.get().state == "SERVED"


def test_an_order_is_withdrawn_once(enter: Enter, chief: User) -> None:
    order = enter()
    actions.withdraw(order, chief, WRONG, TODAY)
    with pytest.raises(RuleError, match="已作废，没有重复撤回"):
        actions.withdraw(order, chief, "再来一次", TODAY)
    assert AuditEntry.objects.filter(action="hazards.withdraw_backlog").count() == 1


def test_a_paper_of_this_system_is_voided_and_not_withdrawn(order: Order, chief: User) -> None:
    with pytest.raises(RuleError, match="由本系统签发，不能撤回"):
        actions.withdraw(order, chief, WRONG, TODAY)
    assert Order.objects.get().state == "ISSUED"


def test_what_was_acted_on_stands(
    enter: Enter, chief: User, officer: User, reinspect: Callable[..., Reinspection]
) -> None:
    order, on = enter(), date(2026, 10, 9)
    actions.open_due(on)
    reinspect(Reinspection.objects.get(), on, failed=(Hazard.objects.get(),))
    with pytest.raises(RuleError, match="已经登记复查结果"):
        actions.withdraw(order, chief, WRONG, on)
    actions.refer(
        [Hazard.objects.get()], officer, target=Target.FIRE_BRIGADE, basis="规定", facts="见记录", sent_on=on, today=on
    )
    with pytest.raises(RuleError, match="隐患已经移送"):
        actions.withdraw(order, chief, WRONG, on)


def test_an_old_order_served_too_late_here_is_the_chiefs_to_withdraw(
    enter: Enter, serve: Callable[..., Order], chief: User
) -> None:
    order = serve(enter(service=None), date(2026, 10, 8))
    duty = Clock.objects.running().get()
    assert (duty.rule_code, duty.url) == ("REISSUE_LATE", reverse("hazards:withdraw", args=[order.pk]))
    actions.withdraw(order, chief, "送达时期限已届满", date(2026, 10, 9))
    duty.refresh_from_db()
    assert (duty.state, duty.met_on) == ("MET", date(2026, 10, 9))


@pytest.mark.slow
def test_the_chief_withdraws_on_a_page_that_says_what_falls(
    enter: Enter, chief: User, officer: User, browse: Browse, time_machine: Any
) -> None:
    time_machine.move_to(moment(TODAY))
    order = enter()
    page, form = (reverse(f"hazards:{name}", args=[order.pk]) for name in ("order", "withdraw"))
    assert [browse(user).get(page).context["may_withdraw"] for user in (chief, officer)] == [True, False]
    assert "二层走道疏散指示标志损坏2处" in browse(chief).get(form).content.decode()
    assert "reason" in browse(chief).post(form, {"reason": ""}).context["form"].errors
    assert browse(chief).post(form, {"reason": WRONG})["Location"] == page
    shown = browse(chief).get(page).context
    assert (shown["act"].title, shown["act"].text, shown["may_withdraw"]) == ("这份存量文书已撤回", WRONG, False)
    newest = shown["entries"][0]
    assert (newest.title, newest.text, newest.by) == ("撤回存量文书", WRONG, "批准 王志远")
    assert [one.clock.rule_code for one in newest.clocks] == ["RECHECK"]
    # The second press of the button, or a page from yesterday.
    assert browse(chief).post(form, {"reason": WRONG})["Location"] == page
    assert AuditEntry.objects.filter(action="hazards.withdraw_backlog").count() == 1


def test_the_page_of_a_paper_of_this_system_offers_no_withdrawal(order: Order, chief: User, browse: Browse) -> None:
    assert browse(chief).get(reverse("hazards:order", args=[order.pk])).context["may_withdraw"] is False
    assert browse(chief).get(reverse("hazards:withdraw", args=[order.pk])).status_code == 409
