"""电子送达: with consent, by a link only the addressee can open, and served the moment he signs."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone

from deadlines.models import Clock, ClockState
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.dispatch_forms import AcknowledgeForm
from hazards.dispatching import blocks
from hazards.models import Dispatch, DispatchState, Hazard, Method, Order, OrderState, Service
from records.samples.visit import STROKES
from records.signatures import NOWHERE, Place
from stations.models import Message, User
from tests.hazards.conftest import VISITED, moment

NEXT_DAY = date(2026, 9, 23)


@pytest.fixture
def opened(link: Callable[..., Dispatch]) -> Dispatch:
    return actions.open_dispatch(link(), "Android 手机", moment(NEXT_DAY, 9))


def sign(row: Dispatch, at: datetime) -> Dispatch:
    return actions.acknowledge_dispatch(row, name="刘桂香", relation="经营者本人", strokes=STROKES, at=at)


def told(user: User) -> list[str]:
    return list(
        Message.objects.filter(user=user, key__startswith="dispatch:").order_by("pk").values_list("title", flat=True)
    )


def test_a_signature_on_the_phone_serves_the_notice_from_that_instant(opened: Dispatch, officer: User) -> None:
    at = moment(NEXT_DAY, 10)
    done = sign(opened, at)
    order = Order.objects.select_related("service").get(pk=opened.order_id)
    assert (done.state, order.state) == (DispatchState.ACKNOWLEDGED, OrderState.SERVED)
    service = order.service
    assert (service.method, service.served_at, service.recipient) == (Method.ELECTRONIC, at, "刘桂香")
    assert (service.consented_by, service.consented_on, service.account) == ("刘桂香", VISITED, "13900006688")
    assert service.receipt == (
        "2026年9月22日14时00分发送链接，2026年9月23日9时00分打开链接，2026年9月23日10时00分刘桂香签名确认收悉"
    )
    assert Clock.objects.get(key=f"serve:{order.pk}").state == ClockState.MET
    assert told(officer) == ["电子送达已打开，待确认收悉", f"电子送达已确认收悉：{order.unit.name}"]


def test_the_longest_name_and_instants_fit_the_column_of_the_receipt(link: Callable[..., Dispatch]) -> None:
    day = date(2026, 12, 30)
    first, second = moment(day, 10), moment(day, 11)
    longest = int(AcknowledgeForm.base_fields["name"].widget.attrs["maxlength"])
    Hazard.objects.update(deadline=day)
    row = actions.open_dispatch(link(at=first, consented_on=day), "Android 手机", first)
    actions.acknowledge_dispatch(row, name="堃" * longest, relation="经营者本人", strokes=STROKES, at=second)
    service = Service.objects.get(order=row.order_id)
    column = Service._meta.get_field("receipt").max_length or 0
    assert (len(service.receipt), len(service.receipt) <= column) == (97, True)


def test_a_consent_on_the_screen_says_where_it_was_signed(link: Callable[..., Dispatch]) -> None:
    with pytest.raises(Refusal) as refused:
        link(place=Place("／"))
    assert [fault.field for fault in refused.value.faults] == ["place"]
    assert link(place=NOWHERE, consent=None, consent_paper="确认书第3号，附卷").state == DispatchState.SENT


def test_without_a_signed_consent_nothing_is_sent_electronically(link: Callable[..., Dispatch]) -> None:
    with pytest.raises(Refusal) as refused:
        link(consent=None)
    assert [fault.field for fault in refused.value.faults] == ["consent"]
    assert link(consent=None, consent_paper="确认书第3号，附卷").state == DispatchState.SENT


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"consented_on": NEXT_DAY}, "consented_on"), ({"second": None, "recorder_no": "YY-07"}, "assistant")],
)
def test_consent_comes_first_and_two_officers_serve(
    link: Callable[..., Dispatch], wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        link(**wrong)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert not Dispatch.objects.exists()


def test_one_officer_sends_the_link_with_an_assistant_and_a_recording(
    link: Callable[..., Dispatch], assistant: User
) -> None:
    with pytest.raises(Refusal) as refused:
        link(second=None)
    assert [fault.field for fault in refused.value.faults] == ["assistant", "recorder_no"]
    row = link(second=None, assistant=assistant, recorder_no="YY-07")
    assert row.document is not None
    assert (len(row.document.context["officers"]), row.document.context["assistant"]) == (1, "周小川")
    sign(actions.open_dispatch(row, "Android 手机", moment(NEXT_DAY, 9)), moment(NEXT_DAY, 10))
    service = Service.objects.get(order=row.order_id)
    assert (service.second, service.assistant, service.recorder_no) == (None, assistant, "YY-07")


def test_a_link_from_before_assistants_were_asked_for_is_sent_anew(
    link: Callable[..., Dispatch], officer: User, assistant: User
) -> None:
    alone = {"second": None, "recorder_no": "YY-07"}
    row = link(**alone, assistant=assistant)
    Dispatch.objects.update(assistant=None)
    row.assistant = None
    assert [fault.field for fault in blocks(row, moment(NEXT_DAY, 9))] == ["assistant"]
    actions.close_dispatch(row, officer, "补写协助辅警")
    assert blocks(link(**alone, assistant=assistant), moment(NEXT_DAY, 9)) == []


@pytest.mark.parametrize(
    ("whose", "certificate", "field"), [("partner", " ", "second"), ("officer", "江公证😀", "officers[0].certificate")]
)
def test_a_link_whose_receipt_could_not_be_issued_is_not_made(
    link: Callable[..., Dispatch], request: pytest.FixtureRequest, whose: str, certificate: str, field: str
) -> None:
    person: User = request.getfixturevalue(whose)
    known, person.certificate_no = person.certificate_no, certificate
    person.save(update_fields=["certificate_no"])
    with pytest.raises(Refusal) as refused:
        link()
    assert [fault.field for fault in refused.value.faults] == [field]
    assert not Dispatch.objects.exists()
    person.certificate_no = known
    assert link().state == DispatchState.SENT


def test_a_notice_from_before_the_system_has_no_paper_to_send(link: Callable[..., Dispatch], printed: Order) -> None:
    Order.objects.filter(pk=printed.pk).update(document=None)
    with pytest.raises(RuleError, match="存量文书"):
        link()


def test_a_notice_has_one_link_at_a_time(link: Callable[..., Dispatch], officer: User) -> None:
    first = link()
    with pytest.raises(RuleError, match="已有一个送达链接"):
        link()
    actions.close_dispatch(first, officer, "号码填错")
    assert link(account="13900007799").last_four == "7799"


def test_only_the_first_opening_is_dated_and_all_are_counted(opened: Dispatch) -> None:
    actions.open_dispatch(opened, "另一台手机", moment(NEXT_DAY, 11))
    row = Dispatch.objects.get(pk=opened.pk)
    assert (row.opened_at, row.opened_from, row.openings) == (moment(NEXT_DAY, 9), "Android 手机", 2)


def test_ten_wrong_numbers_close_the_link_and_a_right_one_starts_the_count_anew(
    link: Callable[..., Dispatch], officer: User
) -> None:
    row = link()
    assert [actions.is_addressee(row, typed) for typed in ("0000", " 6688 ")] == [False, True]
    actions.open_dispatch(row, "", moment(NEXT_DAY, 9))
    for _ in range(9):
        assert not actions.is_addressee(row, "1234")
    assert Dispatch.objects.get(pk=row.pk).state == DispatchState.OPENED
    actions.is_addressee(row, "1234")
    closed = Dispatch.objects.get(pk=row.pk)
    assert (closed.state, closed.closed_why) == (DispatchState.CLOSED, "接收号码连续 10 次不符")
    assert told(officer)[-1] == "电子送达链接已停用"
    closed.order = Order.objects.get(pk=closed.order_id)
    assert not actions.is_addressee(closed, "6688")


def test_nobody_signs_twice_nor_before_reading(link: Callable[..., Dispatch]) -> None:
    row = link()
    with pytest.raises(RuleError, match="已经停用"):
        sign(row, moment(NEXT_DAY, 10))
    opened = actions.open_dispatch(row, "", moment(NEXT_DAY, 9))
    sign(opened, moment(NEXT_DAY, 10))
    with pytest.raises(RuleError, match="没有重复登记"):
        sign(opened, moment(NEXT_DAY, 11))
    assert Service.objects.count() == 1


def test_a_notice_served_otherwise_meanwhile_is_not_signed_for(
    opened: Dispatch, printed: Order, serve: Callable[..., Order]
) -> None:
    serve(printed, NEXT_DAY)
    with pytest.raises(RuleError, match="已经停用"):
        sign(opened, moment(NEXT_DAY, 20))
    with pytest.raises(RuleError, match="已经停用"):
        actions.open_dispatch(opened, "", moment(NEXT_DAY, 20))
    row = Dispatch.objects.select_related("order").get(pk=opened.pk)
    assert (row.state, row.is_running, Dispatch.objects.running().count()) == (DispatchState.OPENED, False, 0)


def test_a_link_is_taken_back_with_a_reason_and_once(opened: Dispatch, officer: User) -> None:
    with pytest.raises(RuleError, match="写明原因"):
        actions.close_dispatch(opened, officer, " ")
    actions.close_dispatch(opened, officer, "对方没有智能手机")
    with pytest.raises(RuleError, match="已停用"):
        actions.close_dispatch(opened, officer, "再次")
    assert timezone.is_aware(opened.sent_at)
