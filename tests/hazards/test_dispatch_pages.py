"""The link: made by an officer, opened by the addressee without an account, dead for everybody else."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.link_papers import consent_shown
from hazards.models import Dispatch, DispatchState, Order, OrderState
from hazards.ways import CONSENT
from records.models import DocumentFile
from records.samples.visit import STROKES
from records.signatures import check
from stations.models import Message, User
from tests.frozen import thawed
from tests.hazards.conftest import NOTICE, VISITED, moment
from trail.models import AuditEntry

Browse = Callable[[User], Client]
TYPED = {
    "consented_by": "刘桂香", "consented_on": "2026-09-23", "consent": json.dumps(STROKES), "channel": "短信",
    "account": "13900006688", "place": "北大街62号",
}  # fmt: skip
SIGNED = {"name": "刘桂香", "relation": "经营者本人", "strokes": json.dumps(STROKES)}


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-09-23T10:00:00+08:00", tick=False)


@pytest.fixture
def row(link: Callable[..., Dispatch]) -> Dispatch:
    return link()


def address(row: Dispatch) -> str:
    return reverse("receipt", args=[row.token])


def test_the_officer_records_the_consent_and_gets_a_link_to_send(
    printed: Order,
    browse: Browse,
    officer: User,
    partner: User,
) -> None:
    client, url = browse(officer), reverse("hazards:dispatch", args=[printed.pk])
    shown = client.get(url).context["form"].initial
    assert (shown["consented_by"], shown["second"]) == (printed.unit.person or "刘桂香", partner.pk)
    assert shown["place"] == printed.unit.address
    where = {"place": "二号门", "latitude": "30.1234", "longitude": "120.5678"}
    typed = TYPED | where | {"second": partner.pk, "seen": consent_shown(printed)}
    short = client.post(url, typed | {"account": "88"})
    assert (short.status_code, list(short.context["form"].errors)) == (422, ["account"])
    nowhere = client.post(url, typed | {"place": "", "latitude": ""}).context["form"]
    assert (list(nowhere.errors), nowhere["consent"].value()) == (["place"], TYPED["consent"])
    unsigned = client.post(url, typed | {"consent": ""})
    assert list(unsigned.context["form"].errors) == ["consent"]
    made = client.post(url, typed)
    found = Dispatch.objects.get()
    assert made["Location"] == reverse("hazards:dispatched", args=[found.pk])
    page = client.get(made["Location"]).content.decode()
    assert (address(found) in page, "<svg" in page, "还没有打开" in page) == (True, True, True)
    assert found.document is not None
    assert f'href="{reverse("records:document", args=[found.document.pk])}">确认书 ' in page
    assert [one.place for one in check(found.document)] == ["二号门，30.1234，120.5678"]
    assert client.get(url)["Location"] == made["Location"]


def test_what_was_signed_on_an_older_page_is_signed_again(
    printed: Order, browse: Browse, officer: User, partner: User
) -> None:
    client, url = browse(officer), reverse("hazards:dispatch", args=[printed.pk])
    typed = TYPED | {"second": partner.pk, "seen": "of an older page"}
    form = client.post(url, typed).context["form"]
    assert (list(form.errors), form["consent"].value(), form["account"].value()) == (["consent"], "", "13900006688")
    assert not Dispatch.objects.exists()
    assert client.post(url, typed | {"seen": consent_shown(printed)}).status_code == 302


def test_an_officer_alone_chooses_who_assists_and_the_page_of_the_link_names_him(
    printed: Order, browse: Browse, officer: User, assistant: User
) -> None:
    client, url = browse(officer), reverse("hazards:dispatch", args=[printed.pk])
    assert [*client.get(url).context["form"].fields["assistant"].queryset] == [assistant]
    typed = TYPED | {"second": "", "seen": consent_shown(printed)}
    refused = client.post(url, typed)
    assert list(refused.context["form"].errors) == ["assistant", "recorder_no"]
    made = client.post(url, typed | {"assistant": assistant.pk, "recorder_no": "YY-07"})
    for shown in (made["Location"], reverse("hazards:order", args=[printed.pk])):
        assert "协助辅警 周小川" in client.get(shown).content.decode()


def test_the_page_of_the_notice_says_that_a_link_is_out(row: Dispatch, browse: Browse, officer: User) -> None:
    page = browse(officer).get(reverse("hazards:order", args=[row.order_id])).content.decode()
    assert (f"发送了送达链接，{row.get_state_display()}" in page, "没有登记送达" in page) == (True, False)
    assert "查看送达链接" in page


def test_a_notice_that_is_gone_from_the_store_is_no_forged_link(row: Dispatch, client: Client) -> None:
    client.post(address(row), {"last_four": "6688"})
    paper, told = reverse("receipt_paper", args=[row.token]), AuditEntry.objects.filter(action="hazards.link_failed")
    assert b"".join(client.get(paper).streaming_content) == NOTICE  # type: ignore[attr-defined]
    kept = DocumentFile.objects.get(document=row.order.document_id, copy="UNIT")
    kept.file.storage.delete(str(kept.file.name))
    gone = client.get(paper)
    assert (gone.status_code, told.count()) == (503, 0)
    assert f"请与{row.order.station.name}联系" in gone.content.decode()
    assert (client.get(reverse("receipt_paper", args=["guessed"])).status_code, told.count()) == (404, 1)


def test_a_notice_that_is_not_printed_yet_is_no_forged_link(row: Dispatch, client: Client) -> None:
    client.post(address(row), {"last_four": "6688"})
    with thawed():
        DocumentFile.objects.filter(document=row.order.document_id).delete()
    early = client.get(reverse("receipt_paper", args=[row.token]))
    assert (early.status_code, "请过一会儿" in early.content.decode()) == (503, True)
    assert not AuditEntry.objects.filter(action="hazards.link_failed").exists()


def test_what_was_consented_to_is_kept_with_its_signature(
    row: Dispatch, link: Callable[..., Dispatch], browse: Browse, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = browse(officer), reverse("hazards:dispatched", args=[row.pk])
    words = f"{CONSENT}短信：13900006688。同意人：刘桂香。"
    monkeypatch.setattr("hazards.dispatching.CONSENT", "以后的内容。")
    page = client.get(url).content.decode()
    assert (row.consent_words, words in page, 'aria-label="刘桂香的签名"' in page) == (words, True, True)
    actions.close_dispatch(row, officer, "改在纸上签")
    assert CONSENT in client.get(reverse("hazards:dispatch", args=[row.order_id])).content.decode()
    paper = link(consent=None, consent_paper="确认书第3号，附卷")
    shown = client.get(reverse("hazards:dispatched", args=[paper.pk])).content.decode()
    assert (paper.consent_words, "的签名" in shown) == ("", False)


def test_the_addressee_shows_that_it_reached_him_reads_and_signs(row: Dispatch, client: Client) -> None:
    url, paper = address(row), reverse("receipt_paper", args=[row.token])
    asked = client.get(url).content.decode()
    assert (row.order.number in asked, row.unit.name in asked) == (False, False)
    assert client.get(paper)["Location"] == url
    wrong = client.post(url, {"last_four": "0000"})
    assert (wrong.status_code, list(wrong.cookies)) == (422, ["csrftoken"])
    assert client.post(url, {"last_four": "6688"})["Location"] == url
    assert row.order.number in client.get(url).content.decode()
    assert Dispatch.objects.get(pk=row.pk).state == DispatchState.OPENED
    assert b"".join(client.get(paper).streaming_content) == NOTICE  # type: ignore[attr-defined]
    unsigned = client.post(url, SIGNED | {"strokes": ""})
    assert (unsigned.status_code, list(unsigned.context["form"].errors)) == (422, ["strokes"])
    assert client.post(url, SIGNED)["Location"] == url
    assert Order.objects.get(pk=row.order_id).state == OrderState.SERVED
    thanks = client.get(url).content.decode()
    assert ("签名确认收悉" in thanks, "<form" in thanks) == (True, False)


def test_a_cookie_opens_its_own_link_only(row: Dispatch, client: Client) -> None:
    client.post(address(row), {"last_four": "6688"})
    client.cookies["receipt-another-token-of-22-ch"] = client.cookies[f"receipt-{row.token}"].value
    row.token = "another-token-of-22-ch"
    row.save(update_fields=["token"])
    assert row.order.number not in client.get(address(row)).content.decode()


def test_a_dead_link_says_only_that_and_an_unknown_one_is_not_there(
    row: Dispatch, client: Client, officer: User
) -> None:
    actions.close_dispatch(row, officer, "号码填错")
    page = client.get(address(row))
    assert (page.status_code, row.order.number in page.content.decode()) == (410, False)
    assert client.get(reverse("receipt", args=["x" * 22])).status_code == 404


def test_the_officer_closes_a_link_and_a_stranger_sees_none(
    row: Dispatch, browse: Browse, officer: User, stranger: User
) -> None:
    shown, closed = reverse("hazards:dispatched", args=[row.pk]), reverse("hazards:close_dispatch", args=[row.pk])
    assert (browse(stranger).get(shown).status_code, browse(stranger).post(closed).status_code) == (404, 404)
    assert browse(officer).post(closed, {"why": ""}).status_code == 409
    assert browse(officer).post(closed, {"why": "号码填错"}).status_code == 302
    assert "链接已停用：号码填错" in browse(officer).get(shown).content.decode()


def test_nobody_signs_for_what_is_not_printed_yet(row: Dispatch, client: Client) -> None:
    with thawed():
        DocumentFile.objects.all().delete()
    client.post(address(row), {"last_four": "6688"})
    page = client.get(address(row)).content.decode()
    assert ("正在制作" in page, "<form" in page) == (True, False)
    # Sent all the same, by hand or from a page of another day.
    sent = client.post(address(row), SIGNED)
    assert "正在制作" in sent.content.decode()
    assert Dispatch.objects.get(pk=row.pk).state == DispatchState.OPENED


def test_who_comes_back_after_his_hour_is_told_that_the_link_is_over(
    row: Dispatch, client: Client, time_machine: Any
) -> None:
    client.post(address(row), {"last_four": "6688"})
    client.get(address(row))
    client.post(address(row), SIGNED)
    assert client.get(address(row)).status_code == 200
    time_machine.move_to("2026-09-23T11:00:01+08:00", tick=False)
    for page in (client.get(address(row)), client.post(address(row), {"last_four": "6688"})):
        assert (page.status_code, row.order.number in page.content.decode()) == (410, False)
    assert Dispatch.objects.get(pk=row.pk).wrong_tries == 0


def test_two_taps_are_one_signature(row: Dispatch, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.post(address(row), {"last_four": "6688"})
    client.get(address(row))
    tap = actions.acknowledge_dispatch

    def twice(found: Dispatch, **signed: Any) -> Dispatch:
        tap(found, **signed)
        return tap(found, **signed)

    monkeypatch.setattr(actions, "acknowledge_dispatch", twice)
    sent = client.post(address(row), SIGNED)
    assert (sent.status_code, sent["Location"]) == (302, address(row))
    assert Order.objects.get(pk=row.order_id).state == OrderState.SERVED


@pytest.mark.parametrize("whose", ["officer", "partner"])
def test_nobody_signs_in_vain_for_who_left_the_station_and_the_chief_is_told_once(
    row: Dispatch, client: Client, chief: User, browse: Browse, request: pytest.FixtureRequest, whose: str
) -> None:
    client.post(address(row), {"last_four": "6688"})
    assert client.get(address(row)).status_code == 200
    assert not Message.objects.filter(user=chief).exists()
    gone: User = request.getfixturevalue(whose)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    sent = client.post(address(row), SIGNED)
    for page in (sent, client.get(address(row))):
        words = page.content.decode()
        assert (page.status_code, "请与发送链接的派出所联系" in words, "执法证" in words) == (410, True, False)
    assert Order.objects.get(pk=row.order_id).state == OrderState.ISSUED
    told, page = Message.objects.get(user=chief), reverse("hazards:dispatched", args=[row.pk])
    assert (told.title, told.url) == (f"电子送达不能签收，请改用其他方式送达：{row.unit.name}", page)
    assert browse(chief).get(page).status_code == 200
    User.objects.filter(pk=gone.pk).update(is_active=True)
    assert client.get(address(row)).status_code == 200


def test_what_speaks_against_a_signature_in_the_act_is_not_told_to_the_addressee(
    row: Dispatch, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(address(row), {"last_four": "6688"})
    client.get(address(row))

    def refused(*_: Any, **__: Any) -> None:
        raise RuleError("送达人须是本所有执法证的民警")

    monkeypatch.setattr(actions, "acknowledge_dispatch", refused)
    sent = client.post(address(row), SIGNED)
    page = sent.content.decode()
    assert (sent.status_code, "请与发送链接的派出所联系" in page, "执法证" in page) == (409, True, False)


def test_a_link_that_ends_while_it_is_opened_is_closed(
    row: Dispatch, client: Client, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(address(row), {"last_four": "6688"})
    look = actions.may_be_signed

    def meanwhile(found: Dispatch, at: datetime) -> bool:
        actions.close_dispatch(row, officer, "号码填错")
        return look(found, at)

    monkeypatch.setattr(actions, "may_be_signed", meanwhile)
    assert client.get(address(row), follow=True).status_code == 410
    assert Dispatch.objects.get(pk=row.pk).opened_at is None


# ---------- what is typed ----------


@pytest.fixture
def reading(row: Dispatch, client: Client) -> Client:
    """The addressee's telephone, with the notice open."""
    client.post(address(row), {"last_four": "6688"})
    client.get(address(row))
    return client


@pytest.mark.parametrize("name", ["刘桂香😀", "刘桂香\U000e0041\U0010fffd"])
def test_a_name_that_cannot_be_printed_is_refused_at_its_field_and_what_was_typed_stays(
    row: Dispatch, reading: Client, name: str
) -> None:
    sent = reading.post(address(row), SIGNED | {"name": name})
    form = sent.context["form"]
    assert (sent.status_code, list(form.errors)) == (422, ["name"])
    assert "印不出来，请删去或改成文字" in form.errors["name"][0]
    assert (form["relation"].value(), form["strokes"].value()) == ("经营者本人", json.dumps(STROKES))
    assert reading.post(address(row), SIGNED).status_code == 302


def test_an_emoji_in_the_consent_is_refused_at_its_field(
    row: Dispatch, browse: Browse, officer: User, partner: User
) -> None:
    client, url = browse(officer), reverse("hazards:dispatch", args=[row.order_id])
    actions.close_dispatch(row, officer, "号码填错")
    typed = {
        "consented_by": "刘桂香🌹", "consented_on": "2026-09-23", "consent": json.dumps(STROKES), "channel": "微信👍",
        "account": "13900006688", "second": partner.pk, "seen": consent_shown(row.order), "place": "北大街62号",
    }  # fmt: skip
    sent = client.post(url, typed)
    assert (sent.status_code, list(sent.context["form"].errors)) == (422, ["consented_by", "channel"])
    assert client.post(url, typed | {"consented_by": "刘桂香", "channel": "微信"}).status_code == 302


def test_who_signs_says_as_what_he_signs(row: Dispatch, reading: Client) -> None:
    unsaid = reading.post(address(row), SIGNED | {"relation": ""})
    assert (unsaid.status_code, list(unsaid.context["form"].errors)) == (422, ["relation"])
    reading.post(address(row), SIGNED)
    found = Dispatch.objects.get(pk=row.pk)
    assert (found.relation, found.order.service.relation) == ("经营者本人", "经营者本人")
    assert "刘桂香（经营者本人）已于" in reading.get(address(row)).content.decode()


def test_the_place_is_kept_when_the_telephone_tells_it_and_never_asked_for(row: Dispatch, reading: Client) -> None:
    assert "附上签名的位置（选填）" in reading.get(address(row)).content.decode()
    reading.post(address(row), SIGNED | {"latitude": "30.1234", "longitude": "120.5678"})
    found = Dispatch.objects.get(pk=row.pk)
    assert (found.latitude, found.longitude) == ("30.1234", "120.5678")


def test_what_changed_since_the_page_was_opened_is_not_signed_unseen(row: Dispatch, reading: Client) -> None:
    seen = reading.get(address(row)).context["seen"]
    row.order.hazards.filter(position=1).update(wording="一层走道疏散指示标志损坏")
    late = reading.post(address(row), SIGNED | {"seen": seen})
    assert (late.status_code, list(late.context["form"].errors)) == (422, ["strokes"])
    assert "在打开以后有变动" in late.context["form"].errors["strokes"][0]
    assert Order.objects.get(pk=row.order_id).state == OrderState.ISSUED
    assert reading.post(address(row), SIGNED | {"seen": late.context["seen"]}).status_code == 302


# ---------- the officer's page of a link ----------

WECHAT = "Mozilla/5.0 (Linux; Android 14; wv) Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"


def shown(row: Dispatch, browse: Browse, user: User) -> str:
    return browse(user).get(reverse("hazards:dispatched", args=[row.pk])).content.decode()


def test_a_blocked_link_says_why_and_what_to_do(row: Dispatch, browse: Browse, officer: User, chief: User) -> None:
    before = shown(row, browse, chief)
    assert ("对方现在不能签收" in before, address(row) in before) == (False, True)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    page = shown(row, browse, chief)
    assert ("对方现在不能签收" in page, address(row) in page) == (True, False)
    assert f"链接是 {officer.name} 发送的，账号已停用。请停用这个链接，由现在负责的民警重新发送" in page


def test_a_link_is_taken_back_and_sent_anew_in_one_step(row: Dispatch, browse: Browse, officer: User) -> None:
    url = reverse("hazards:close_dispatch", args=[row.pk])
    sent = browse(officer).post(url, {"why": "号码填错", "again": "1"})
    assert sent["Location"] == reverse("hazards:dispatch", args=[row.order_id])
    assert Dispatch.objects.get(pk=row.pk).closed_why == "号码填错"


def test_the_device_is_told_in_words(row: Dispatch, browse: Browse, officer: User) -> None:
    actions.open_dispatch(row, WECHAT, moment(VISITED, 15))
    assert f'<span title="{WECHAT}">安卓设备 微信</span>' in shown(row, browse, officer)


def test_a_text_message_is_offered_where_the_account_is_a_telephone(
    row: Dispatch, link: Callable[..., Dispatch], browse: Browse, officer: User
) -> None:
    assert 'href="sms:13900006688?&amp;body=' in shown(row, browse, officer)
    actions.close_dispatch(row, officer, "改用微信")
    assert "sms:" not in shown(link(channel="微信", account="liuguixiang62"), browse, officer)
