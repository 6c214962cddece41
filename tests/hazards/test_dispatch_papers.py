"""The papers of 电子送达: the consent that was signed, and a 送达回证 whose signature is bound to what was shown."""

from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.dispatching import blocks, seen_digest
from hazards.link_papers import consent_shown
from hazards.models import Dispatch, Method, Order, Service
from hazards.serving import CONSENTED
from hazards.ways import CONSENT
from records.canonical import digest
from records.models import Document, Kind
from records.samples.service import CONSENT as CONSENT_SAMPLE
from records.samples.visit import STROKES
from records.signatures import NOWHERE, Place, check
from stations.models import Message, User
from tests.hazards.case_papers import shape
from tests.hazards.conftest import NOTICE, VISITED, moment
from units.models import Unit

NEXT_DAY = date(2026, 9, 23)
HERE = Place("", "30.1234", "120.5678")
AT_THE_DOOR = Place("北大街62号", "30.1234", "120.5678")


def served_by(row: Dispatch, place: Place = NOWHERE) -> Document:
    """The 送达回证 of a link that was opened and signed."""
    opened = actions.open_dispatch(row, "Android 手机", moment(NEXT_DAY, 9))
    who = {"name": "刘桂香", "relation": "经营者本人", "strokes": STROKES}
    actions.acknowledge_dispatch(opened, **who, place=place, at=moment(NEXT_DAY, 10), seen=seen_digest(opened))
    return Document.objects.get(kind=Kind.SERVICE_RECEIPT)


# ---------- 电子送达确认书 ----------


def test_a_consent_signed_on_the_screen_is_a_paper_of_its_own(
    certificates: None, link: Callable[..., Dispatch], officer: User
) -> None:
    row = link(place=AT_THE_DOOR)
    paper = Document.objects.get(kind=Kind.SERVICE_CONSENT)
    assert (row.document, paper.issued_on, paper.subject_id) == (paper, VISITED, row.pk)
    content = {
        "heading": row.station.heading,
        "unit_name": row.unit.name,
        "issued_on": "2026-09-22",
        "documents": [{"title": "责令限期改正通知书", "number": row.order.number, "count": 1}],
        "words": CONSENT,
        "consenter": {"name": "刘桂香"},
        "consented_on": "2026-09-22",
        "channel": "短信",
        "account": "13900006688",
        "officers": [
            {"name": "李建平", "certificate": "江公证100001"},
            {"name": "张海涛", "certificate": "江公证100002"},
        ],
        "assistant": "",
    }
    unbound = {"number": paper.number, "signatures": {"consenter": STROKES}}
    assert paper.context == content | unbound | {"signed": paper.context["signed"]}
    assert paper.context["signed"]["content"] == content
    [signed] = check(paper)
    assert (signed.label, signed.name, signed.place) == ("同意人", "刘桂香", "北大街62号，30.1234，120.5678")
    held_by = f"{officer.name}（{officer.number}）"
    assert (signed.held_by, signed.sha256, signed.agrees) == (held_by, digest(content), True)


def test_the_sample_has_the_keys_the_act_writes(link: Callable[..., Dispatch]) -> None:
    paper = link().document
    assert paper is not None
    assert shape(paper.context | {"signed": {}}) == shape(CONSENT_SAMPLE)


def test_a_consent_on_paper_is_named_and_no_second_one_is_made(link: Callable[..., Dispatch]) -> None:
    row = link(consent=None, consent_paper="确认书第3号，附卷")
    assert (row.document, Document.objects.filter(kind=Kind.SERVICE_CONSENT).count()) == (None, 0)


def test_what_is_signed_on_the_screen_is_dated_that_day(link: Callable[..., Dispatch]) -> None:
    with pytest.raises(RuleError, match="同意日期是签名当天"):
        link(at=moment(NEXT_DAY, 9))
    on_paper = {"consent": None, "consent_paper": "确认书第3号，附卷"}
    assert link(**on_paper, at=moment(NEXT_DAY, 9)).consented_on == VISITED


@pytest.mark.parametrize(
    ("changed", "agrees"),
    [
        ({}, True), ({"account": "13900007799"}, False), ({"words": "同意以任何方式送达。"}, False),
        ({"heading": "江城市公安局北关派出所"}, False), ({"issued_on": "2026-09-21"}, False), ({"officers": []}, False),
        ({"assistant": "周小川"}, False), ({"number": "消电送字〔2026〕第0009号"}, True),
    ],
)  # fmt: skip
def test_a_consent_to_something_else_is_found(
    link: Callable[..., Dispatch], changed: dict[str, Any], agrees: bool
) -> None:
    paper = link().document
    assert paper is not None
    paper.context |= changed
    assert [one.agrees for one in check(paper)] == [agrees]


def test_a_consent_is_signed_as_it_stood_on_the_screen(
    link: Callable[..., Dispatch], printed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = consent_shown(printed)
    monkeypatch.setattr("hazards.link_papers.CONSENT", "同意以任何方式送达。")
    with pytest.raises(Refusal, match="确认书在打开以后有变动") as refused:
        link(seen=seen)
    assert [fault.field for fault in refused.value.faults] == ["consent"]
    monkeypatch.undo()
    assert link(seen=seen).document is not None


def test_the_consent_falls_with_the_papers_of_the_visit(
    link: Callable[..., Dispatch], officer: User, chief: User
) -> None:
    row = link()
    actions.close_dispatch(row, officer, "单位名称写错")
    consent = Document.objects.get(kind=Kind.SERVICE_CONSENT)
    assert not consent.is_void
    assert row.order.inspection is not None
    actions.void_papers(row.order.inspection, chief, "单位名称写错", VISITED)
    assert Document.objects.get(pk=consent.pk).void_reason == "单位名称写错"


def test_a_consent_leads_to_the_case_it_was_signed_in(
    link: Callable[..., Dispatch], browse: Callable[[User], Client], officer: User
) -> None:
    row = link()
    assert row.document is not None
    answer = browse(officer).get(reverse("paper_case", args=[row.document.pk]))
    assert answer["Location"] == reverse("hazards:order", args=[row.order_id])


# ---------- the 确认书 on the 送达回证 ----------


def test_the_receipt_names_the_consent_the_link_rests_on(link: Callable[..., Dispatch]) -> None:
    row = link()
    assert row.document is not None
    receipt = served_by(row)
    assert receipt.context["electronic"]["consent_no"] == row.document.number
    assert Service.objects.get().consent_no == row.document.number


def test_the_receipt_names_a_consent_that_was_signed_on_paper(link: Callable[..., Dispatch]) -> None:
    receipt = served_by(link(consent=None, consent_paper="确认书第3号，附卷"))
    assert receipt.context["electronic"]["consent_no"] == "确认书第3号，附卷"


@pytest.mark.parametrize("paper", ["", "确认书第3号，附卷"])
def test_a_service_from_before_learns_its_consent_from_its_link(link: Callable[..., Dispatch], paper: str) -> None:
    row = link(**({"consent": None, "consent_paper": paper} if paper else {}))
    served_by(row)
    Service.objects.update(consent_no="升级前登记，没有记载")
    import_module("hazards.migrations.0024_name_consents").name(apps, SimpleNamespace(connection=connection))
    assert Service.objects.get().consent_no == (paper or row.consent_no)


@pytest.fixture
def by_hand(link: Callable[..., Dispatch], officer: User, partner: User) -> Callable[..., Service]:
    """The unit consented to a link; it was taken back, and the notice sent to the same number otherwise."""
    signed = link()
    assert signed.document is not None
    actions.close_dispatch(signed, officer, "对方打不开链接")
    known = {name: getattr(signed, name) for name in (*CONSENTED, "consent_no")}

    def act(**fields: Any) -> Service:
        values = known | {"receipt": "回复“收到”", "served_at": moment(NEXT_DAY, 15)} | fields
        return actions.serve(
            signed.order, officer, method=Method.ELECTRONIC, server=officer, second=partner, at=moment(NEXT_DAY, 16),
            **values,
        )  # fmt: skip

    return act


def test_a_consent_of_ours_is_named_where_the_service_is_registered_by_hand(by_hand: Callable[..., Service]) -> None:
    consent = Document.objects.get(kind=Kind.SERVICE_CONSENT)
    assert by_hand().consent_no == consent.number
    receipt = Document.objects.get(kind=Kind.SERVICE_RECEIPT)
    assert receipt.context["electronic"] == {
        "consented_by": "刘桂香", "consented_on": "2026-09-22", "consent_no": consent.number, "channel": "短信",
        "account": "13900006688", "receipt": "回复“收到”",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("consented_by", "李秀兰"),
        ("consented_on", date(2026, 9, 21)),
        ("channel", "微信"),
        ("account", "13900007799"),
    ],
)
def test_a_service_goes_no_further_than_what_was_consented_to(
    by_hand: Callable[..., Service], field: str, other: Any
) -> None:
    with pytest.raises(Refusal, match="与确认书不同") as refused:
        by_hand(**{field: other})
    assert [fault.field for fault in refused.value.faults] == [field]
    # Another consent, signed on paper, may say so.
    assert by_hand(**{field: other}, consent_no="纸质确认书第3号").method == Method.ELECTRONIC


def test_a_consent_that_fell_or_is_of_another_unit_allows_nothing(
    by_hand: Callable[..., Service], make_unit: Callable[..., Unit]
) -> None:
    signed, other = Dispatch.objects.get(), make_unit(name="利群旅馆")
    Dispatch.objects.update(unit=other)
    with pytest.raises(Refusal, match="别的单位"):
        by_hand()
    Dispatch.objects.update(unit=signed.unit)
    assert signed.document is not None
    Document.objects.filter(pk=signed.document.pk).update(state="VOID", void_reason="单位名称写错")
    with pytest.raises(Refusal, match="已作废"):
        by_hand()
    assert not Service.objects.exists()


@pytest.fixture
def again(link: Callable[..., Dispatch], officer: User) -> Callable[..., Dispatch]:
    """The unit consented to a link that was taken back; the next one names that 确认书 as one on paper."""
    signed = link()
    actions.close_dispatch(signed, officer, "对方打不开链接")

    def act(**fields: Any) -> Dispatch:
        named = {"consent": None, "consent_paper": signed.consent_no, "at": moment(NEXT_DAY, 8)}
        return link(**named | fields)

    return act


def test_a_link_that_could_not_be_signed_is_not_sent(
    again: Callable[..., Dispatch], make_unit: Callable[..., Unit]
) -> None:
    with pytest.raises(Refusal, match="同意日期与确认书不同") as refused:
        again(consented_on=NEXT_DAY)
    assert [fault.field for fault in refused.value.faults] == ["consented_on"]
    signed, other = Dispatch.objects.get(), make_unit(name="利群旅馆")
    Dispatch.objects.update(unit=other)
    with pytest.raises(Refusal, match="别的单位") as refused:
        again()
    assert [fault.field for fault in refused.value.faults] == ["consent_paper"]
    Dispatch.objects.update(unit=signed.unit)
    assert Dispatch.objects.count() == 1
    receipt = served_by(again())
    assert receipt.context["electronic"]["consent_no"] == signed.consent_no


def test_what_the_receipt_cannot_print_of_the_consent_is_said_where_it_was_typed(link: Callable[..., Dispatch]) -> None:
    with pytest.raises(Refusal, match="确认书编号") as refused:
        link(consent=None, consent_paper="确认书第3号🔥")
    assert [fault.field for fault in refused.value.faults] == ["consent_paper"]
    assert link(consent=None, consent_paper="确认书第3号").consent_no == "确认书第3号"


def test_a_number_beside_a_new_signature_is_not_what_the_link_rests_on(again: Callable[..., Dispatch]) -> None:
    row = again(consent=STROKES, consented_on=NEXT_DAY)
    assert row.document is not None
    assert served_by(row).context["electronic"]["consent_no"] == row.document.number


def test_a_link_whose_consent_fell_is_blocked_before_anybody_signs(
    again: Callable[..., Dispatch], chief: User, browse: Callable[[User], Client], officer: User, time_machine: Any
) -> None:
    row, at = again(), moment(NEXT_DAY, 9)
    time_machine.move_to(at)
    assert (blocks(row, at), actions.may_be_signed(row, at)) == ([], True)
    signed = Document.objects.get(kind=Kind.SERVICE_CONSENT)
    Document.objects.filter(pk=signed.pk).update(state="VOID", void_reason="单位名称写错")
    assert [fault.message for fault in blocks(row, at)] == ["这份确认书已作废"]
    assert actions.may_be_signed(row, at) is False
    assert "这份确认书已作废，对方看到链接已停用" in Message.objects.get(user=chief, key__endswith=":blocked").body
    page = browse(officer).get(reverse("hazards:dispatched", args=[row.pk])).content.decode()
    assert ("这份确认书已作废（程序规定第36条）" in page, 'value="这份确认书已作废"' in page) == (True, True)


# ---------- the signature at the link ----------


def test_the_signature_is_bound_to_what_was_shown(link: Callable[..., Dispatch]) -> None:
    row = link()
    receipt = served_by(row, HERE)
    order = Order.objects.select_related("document").get(pk=row.order_id)
    assert order.document is not None
    content = receipt.context["signed"]["content"]
    assert content == {
        "unit_name": row.unit.name,
        "documents": receipt.context["documents"],
        "notice_sha256": order.document.context_sha256,
        "file_sha256": sha256(NOTICE).hexdigest(),
        "hazards": [
            {"no": one.position, "detail": one.wording, "deadline": "2026-09-30"}
            for one in order.hazards.order_by("position")
        ],
        "words": "签名只表示收到这份通知书，不表示同意其内容。",
        "recipient": {"name": "刘桂香", "relation": "经营者本人", "elsewhere": ""},
    }
    assert Dispatch.objects.get(pk=row.pk).context_sha256 == digest(content)
    assert [
        (one.label, one.name, one.at, one.place, one.held_by, one.sha256, one.agrees) for one in check(receipt)
    ] == [
        ("收件人", "刘桂香", "2026-09-23T10:00:00+08:00", "30.1234，120.5678", "签名人本人", digest(content), True)
    ]  # fmt: skip


def test_what_the_phone_did_not_tell_of_its_place_is_said(link: Callable[..., Dispatch]) -> None:
    assert [one.place for one in check(served_by(link()))] == ["在送达链接页签名，未附定位"]


def _other_strokes(context: dict[str, Any]) -> dict[str, Any]:
    return {"signatures": {"recipient": STROKES | {"strokes": STROKES["strokes"][:2]}}}  # type: ignore[index]


def _other_content(context: dict[str, Any]) -> dict[str, Any]:
    content = context["signed"]["content"] | {"hazards": []}
    return {"signed": context["signed"] | {"content": content}}


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        _other_strokes,
        _other_content,
        lambda context: {"recipient": context["recipient"] | {"name": "李秀兰"}},
        lambda context: {"recipient": context["recipient"] | {"relation": "法定代表人"}},
        lambda context: {"unit_name": "万家福便利店"},
        lambda context: {"documents": [context["documents"][0] | {"number": "消限字〔2026〕第0002号"}]},
    ],
    ids=["strokes", "content", "name", "relation", "unit", "notice"],
)
def test_a_change_of_what_was_signed_or_of_the_strokes_is_found(
    link: Callable[..., Dispatch],
    browse: Callable[[User], Client],
    officer: User,
    change: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> None:
    receipt = served_by(link())
    page = reverse("records:document", args=[receipt.pk])
    told = browse(officer).get(page).content.decode()
    assert ("签名人本人的设备" in told, "与内容一致" in told, "与内容不一致" in told) == (True, True, False)
    Document.objects.filter(pk=receipt.pk).update(context=receipt.context | change(receipt.context))
    told = browse(officer).get(page).content.decode()
    assert ("与内容一致" in told, "与内容不一致" in told) == (False, True)


def test_a_signature_from_before_is_bound_to_the_receipt_alone(link: Callable[..., Dispatch]) -> None:
    receipt = served_by(link())
    receipt.context["signed"] = {}
    assert [(one.held_by, one.agrees) for one in check(receipt)] == [("", True)]
