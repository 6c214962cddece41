"""作废重出 of one paper: the wrong words fall with it, the act it witnesses and its days stand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.models import Dispatch, Hazard, Method, Order, Referral, Service, Target
from inspections.models import Finding, Inspection
from records.models import Document, Kind
from stations import step_up
from stations.models import Message, User
from stations.permissions import Can, Role
from tests.drafted import SHEET, caught
from tests.hazards.case_papers import SENT, Conclude, paper, refer
from tests.hazards.conftest import EVE, moment
from tests.hazards.test_serve_ways import COMPLETE
from trail.models import AuditEntry

pytestmark = pytest.mark.usefixtures("certificates")
Browse = Callable[[User], Client]
TODAY = date(2026, 10, 13)
NOW = moment(TODAY, 9)
WHY = "违法事实写错"


def url_of(document: Document | None) -> str:
    assert document is not None
    return reverse("paper_reissue", args=[document.pk])


def values_of(service: Service, **fields: Any) -> dict[str, Any]:
    names = ("method", "place", "recipient", "relation", "server", "second", "assistant", "recorder_no", "note")
    return {name: getattr(service, name) for name in names} | fields


def mend(service: Service, chief: User, **fields: Any) -> Document:
    return actions.reissue_service(service, chief, "收件人姓名写错", values_of(service, **fields), NOW)


def clocks() -> list[tuple[object, ...]]:
    return list(Clock.objects.order_by("key").values_list("key", "state", "due_on", "met_on"))


@pytest.fixture
def handed(failed: Hazard, officer: User, supervisor: User) -> Referral:
    return refer(failed, officer, facts="灭火器压力不足，共3具。")


# ---------- 移送函 ----------


def test_the_wrong_letter_falls_and_a_corrected_one_of_today_takes_its_place(
    handed: Referral, officer: User, chief: User, supervisor: User
) -> None:
    old, before = handed.document, clocks()
    assert old is not None
    words = {"basis": handed.basis, "facts": "灭火器压力不足，共2具。", "receiver": "", "authority": "别处"}
    new = actions.reissue_referral(handed, chief, WHY, words, TODAY)
    old.refresh_from_db()
    handed.refresh_from_db()
    assert (old.status, old.void_reason, old.replaced_by) == ("被取代", WHY, new)
    with pytest.raises(RuleError, match="没有重复作废"):
        actions.reissue_referral(Referral(pk=handed.pk, document=old), chief, WHY, words, TODAY)
    assert (new.issued_on, new.issued_by, new.number) == (TODAY, chief, handed.letter_no)
    assert (handed.document, handed.state, handed.sent_on, handed.facts) == (
        new,
        "SENT",
        SENT,
        "灭火器压力不足，共2具。",
    )
    assert (new.context["facts"], new.context["to"]) == ("灭火器压力不足，共2具。", old.context["to"])
    # It is still the officer's matter, whoever signed that it be written again.
    assert new.context["contact"] == old.context["contact"]
    assert new.number != old.number
    assert clocks() == before


def test_the_trail_keeps_what_was_changed_and_both_who_wait_and_who_wrote_are_told(
    handed: Referral, officer: User, chief: User, supervisor: User
) -> None:
    old = handed.letter_no
    Message.objects.all().delete()
    new = actions.reissue_referral(handed, chief, WHY, {"facts": "共2具。"}, TODAY)
    entry = AuditEntry.objects.get(action="hazards.reissue_referral")
    assert (entry.before, entry.after, entry.reason) == (
        {"facts": "灭火器压力不足，共3具。", "number": old}, {"facts": "共2具。", "number": new.number}, WHY,
    )  # fmt: skip
    told = set(Message.objects.values_list("user", "title"))
    assert told == {(person.pk, "移送函作废重出：万家福便利超市") for person in (officer, supervisor)}


def test_only_the_chief_of_the_station_with_a_reason_and_before_the_receipt(
    handed: Referral, officer: User, chief: User, supervisor: User, person: Callable[..., User], sibling: Any
) -> None:
    for user in (officer, person(Role.CHIEF, sibling, "邻所长")):
        with pytest.raises(RuleError, match="须由本所所长决定"):
            actions.reissue_referral(handed, user, WHY, {}, TODAY)
    with pytest.raises(RuleError, match="须写明理由"):
        actions.reissue_referral(handed, chief, " ", {}, TODAY)
    with pytest.raises(Refusal, match="请填写"):
        actions.reissue_referral(handed, chief, WHY, {"facts": " "}, TODAY)
    assert actions.reissue_referral(handed, chief, WHY, {}, TODAY).issued_on == TODAY
    actions.receive_referral(handed, supervisor, on=TODAY, receiver="陈立新", today=TODAY)
    with pytest.raises(RuleError, match="移送函不能作废"):
        actions.reissue_referral(handed, chief, WHY, {}, TODAY)


def test_another_authority_is_named_right(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User, chief: User
) -> None:
    find(visit, "BD05")
    conclude(visit)
    row = refer(Hazard.objects.get(), officer, target=Target.OTHER, authority="江城市住建委")
    with pytest.raises(Refusal, match="请填写"):
        actions.reissue_referral(row, chief, WHY, {"authority": ""}, TODAY)
    new = actions.reissue_referral(row, chief, WHY, {"authority": "江城市住房和城乡建设局"}, TODAY)
    assert new.context["to"] == "江城市住房和城乡建设局"


# ---------- 送达回证 ----------


def test_the_wrong_name_falls_with_its_receipt_and_the_service_stands(served: Order, chief: User) -> None:
    service, before = served.service, clocks()
    old = service.document
    assert old is not None
    new = mend(service, chief, recipient="刘桂芳", served_at=moment(EVE), sent_on=EVE)
    old.refresh_from_db()
    kept = Service.objects.get()
    assert (old.status, old.void_reason, old.replaced_by) == ("被取代", "收件人姓名写错", new)
    assert (kept.document, kept.recipient, kept.served_at, kept.sent_on) == (new, "刘桂芳", service.served_at, None)
    assert (new.context["recipient"]["name"], new.issued_on) == ("刘桂芳", TODAY)
    assert (Order.objects.get().state, clocks()) == ("SERVED", before)
    entry = AuditEntry.objects.get(action="hazards.reissue_service")
    assert entry.before == {"recipient": "刘桂香", "number": old.number}
    assert entry.after == {"recipient": "刘桂芳", "number": new.number}
    with pytest.raises(RuleError, match="没有重复作废"):
        mend(service, chief, recipient="刘桂芬")
    # Again, and the chain goes on.
    again = mend(kept, chief, recipient="刘桂香")
    new.refresh_from_db()
    assert (new.replaced_by, Document.objects.valid().filter(kind=Kind.SERVICE_RECEIPT).get()) == (again, again)


def test_a_voided_visit_takes_the_corrected_receipt_with_it(served: Order, chief: User) -> None:
    new = mend(served.service, chief, recipient="刘桂芳")
    assert served.inspection is not None
    actions.void_papers(served.inspection, chief, "单位名称写错", TODAY)
    new.refresh_from_db()
    assert (new.state, new.void_reason) == ("VOID", "单位名称写错")


def test_another_way_only_with_the_same_legal_days(served: Order, chief: User) -> None:
    proxy = COMPLETE[Method.PROXY]
    new = mend(served.service, chief, **proxy, method=Method.PROXY)
    assert (new.context["method"]["chosen"], new.context["proxy"]["name"]) == ("代收", "刘建国")
    back = mend(Service.objects.get(), chief, **COMPLETE[Method.DIRECT], method=Method.DIRECT)
    assert (back.context["proxy"]["name"], Service.objects.get().reason) == ("", "")
    for method in (Method.NOTICE, Method.MAIL, Method.ENTRUST):
        with pytest.raises(RuleError, match="不能更正为"):
            mend(Service.objects.get(), chief, **COMPLETE[method], method=method)
    with pytest.raises(Refusal, match="代收理由"):
        mend(Service.objects.get(), chief, method=Method.PROXY)


def test_who_served_may_have_left_since_but_nobody_else_is_put_in_his_place(
    served: Order, chief: User, partner: User, person: Callable[..., User], station: Any
) -> None:
    User.objects.filter(pk=partner.pk).update(is_active=False)
    assert mend(served.service, chief, recipient="刘桂芳").context["officers"][1]["name"] == partner.name
    with pytest.raises(Refusal, match="第二送达人须是"):
        mend(Service.objects.get(), chief, second=person(Role.ASSISTANT, station, "马小军"))


def test_a_receipt_that_a_received_letter_encloses_stands(
    handed: Referral, chief: User, supervisor: User, browse: Browse
) -> None:
    service = Service.objects.get()
    new = mend(service, chief, recipient="刘桂芳")
    letter = actions.reissue_referral(handed, chief, WHY, {}, TODAY)
    assert {"title": "送达回证", "number": new.number, "count": 1, "unit": "份"} in letter.context["attachments"]
    actions.receive_referral(handed, supervisor, on=TODAY, receiver="陈立新", today=TODAY)
    with pytest.raises(RuleError, match="接收单位已接收"):
        mend(Service.objects.get(), chief)


def test_what_the_addressee_signed_at_a_link_is_not_written_anew(
    link: Callable[..., Dispatch], chief: User, person: Callable[..., User]
) -> None:
    row = link()
    actions.open_dispatch(row, "手机", moment(row.sent_at.date(), 17))
    row.refresh_from_db()
    strokes = {"width": 300, "height": 100, "strokes": [[[1, 1], [50, 50], [99, 20]]]}
    at = moment(row.sent_at.date(), 18)
    actions.acknowledge_dispatch(row, name="刘桂香", relation="经营者本人", strokes=strokes, at=at)
    with pytest.raises(RuleError, match="不能单独作废"):
        mend(Service.objects.get(), chief, recipient="刘桂芳")
    assert paper(Kind.SERVICE_RECEIPT).state == "ISSUED"


# ---------- the page ----------


def test_the_page_shows_what_was_typed_and_the_days_as_they_are(served: Order, browse: Browse, chief: User) -> None:
    client, url = browse(chief), url_of(served.service.document)
    form = client.get(url).context["form"]
    assert (form["recipient"].value(), form["served_at"].field.disabled, "sent_on" in form.fields) == (
        "刘桂香", True, False,
    )  # fmt: skip
    assert [way.label for way in form.may_be] == ["直接送达", "代收", "留置送达", "电子送达"]
    typed = {"method": "DIRECT", "recipient": "刘桂芳", "place": "北大街62号", "relation": "店主", "why": "名字写错"}
    people = {"server": served.service.server_id, "second": served.service.second_id}
    with time_machine.travel(NOW, tick=False):
        late = {"served_at": "2026-10-01T10:00"}
        answer = client.post(url, typed | people | late, follow=True)
        assert client.post(url, typed | people, follow=True).redirect_chain == answer.redirect_chain
    service = Service.objects.get()
    assert service.document is not None
    assert answer.redirect_chain == [(reverse("records:document", args=[service.document.pk]), 302)]
    assert (service.recipient, service.served_at) == ("刘桂芳", served.service.served_at)
    assert str(next(iter(answer.context["messages"]))).startswith(f"{served.service.document}已作废，由")


def test_the_draft_is_read_first_and_uses_up_no_proof(
    served: Order, browse: Browse, chief: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STEP_UP, drafts = True, caught(monkeypatch)
    client, url = browse(chief), url_of(served.service.document)
    assert client.post(url).status_code == 302
    session = client.session
    step_up.prove(session, NOW, Can.VOID_PAPERS)
    session.save()
    service = served.service
    typed = {"method": "DIRECT", "recipient": "刘桂芳", "place": "北大街62号", "relation": "店主", "why": "名字写错"}
    people = {"server": service.server_id, "second": service.second_id}
    with time_machine.travel(NOW, tick=False):
        draft = client.post(url, typed | people | {"draft": "1"})
        assert (draft.content, Document.objects.filter(state="VOID").exists()) == (SHEET, False)
        done = client.post(url, typed | people)
        again = client.post(url_of(paper(Kind.SERVICE_RECEIPT)), typed | people)
    assert [(kind, context["recipient"]["name"]) for kind, context in drafts] == [("SERVICE_RECEIPT", "刘桂芳")]
    assert Document.objects.filter(state="VOID").count() == 1
    assert (done["Location"], again["Location"].startswith("/step-up/")) == (
        reverse("records:document", args=[paper(Kind.SERVICE_RECEIPT).pk]), True,
    )  # fmt: skip


def test_the_way_is_changed_on_the_page_and_what_was_typed_stays(served: Order, browse: Browse, chief: User) -> None:
    client, url = browse(chief), url_of(served.service.document)
    typed = {"choose": "1", "method": "PROXY", "recipient": "刘建国", "place": "北大街62号", "why": "代收的"}
    answer = client.post(url, typed, headers={"HX-Request": "true"})
    form = answer.context["form"]
    assert (form.way.method, form["recipient"].value(), form["served_at"].field.disabled) == ("PROXY", "刘建国", True)
    assert form["server"].value() == served.service.server_id


def test_the_letter_is_corrected_on_its_page(handed: Referral, browse: Browse, chief: User) -> None:
    client, url = browse(chief), url_of(handed.document)
    form = client.get(url).context["form"]
    assert [*form.fields] == ["basis", "facts", "sent_on", "receiver", "why"]
    assert form["facts"].value() == "灭火器压力不足，共3具。"
    typed = {"basis": handed.basis, "facts": "共2具。", "sent_on": "2026-09-01", "why": WHY}
    with time_machine.travel(NOW, tick=False):
        assert client.post(url, typed).status_code == 302
    handed.refresh_from_db()
    assert (handed.facts, handed.sent_on) == ("共2具。", SENT)


def test_the_door_stands_on_the_page_of_the_paper_for_the_chief_alone(
    served: Order, browse: Browse, chief: User, officer: User
) -> None:
    receipt = served.service.document
    assert receipt is not None
    shown = [
        url_of(row) in browse(user).get(reverse("records:document", args=[row.pk])).content.decode()
        for row, user in ((receipt, chief), (receipt, officer), (served.document, chief))
        if row is not None
    ]
    assert shown == [True, False, False]
    refused = browse(chief).get(url_of(served.document))
    assert (refused.status_code, "不能单独作废重出" in refused.content.decode()) == (409, True)


@pytest.mark.parametrize("method", [Method.MAIL, Method.NOTICE])
def test_a_published_or_mailed_notice_keeps_its_day(
    order: Order, officer: User, partner: User, chief: User, method: Method
) -> None:
    served_at = {} if method == Method.NOTICE else {"served_at": moment(date(2026, 9, 25), 15)}
    at = moment(date(2026, 9, 25), 16)
    actions.serve(
        order, officer, method=method, server=officer, second=partner, at=at, **COMPLETE[method], **served_at
    )  # fmt: skip
    service = Service.objects.get()
    fields = COMPLETE[method] | {"sent_on": date(2026, 9, 24), "method": method, "note": "一份"}
    new = mend(service, chief, **fields)
    kept = Service.objects.get()
    assert (kept.sent_on, kept.served_at, kept.document) == (service.sent_on, service.served_at, new)
