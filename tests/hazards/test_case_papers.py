"""The papers that follow a notice say exactly what was registered, once, and fall with the papers of their visit."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import (
    Disposition,
    Extension,
    Hazard,
    Method,
    Order,
    Referral,
    Reinspection,
    Service,
)
from hazards.plan import Decision
from inspections.models import Finding, Inspection, Mode
from records.gate import check
from records.models import Document, Kind
from records.samples import SAMPLES, case, service
from stations.models import Organisation, User
from tests.hazards.case_papers import (
    AGAIN,
    FIRST,
    LIMIT,
    NEXT,
    NOBODY,
    OFFICERS,
    PARTY,
    SECOND,
    Conclude,
    Recheck,
    head,
    paper,
    refer,
    shape,
)  # fmt: skip
from tests.hazards.conftest import EVE, VISITED, moment
from tests.hazards.test_serve_ways import COMPLETE, LATER, NOTICE_ENDS
from units.models import Unit

pytestmark = pytest.mark.usefixtures("certificates")
Browse = Callable[[User], Client]
Serve = Callable[..., Order]


def test_the_samples_have_the_keys_the_acts_write(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, serve: Serve, reinspect: Recheck,
    officer: User, chief: User,
) -> None:  # fmt: skip
    find(visit, "EV06", place="二层走道", days=8, grave=True)
    conclude(visit)
    order = serve(Order.objects.get(), NEXT)
    asked = actions.request_extension(
        order, officer, deadline=EVE, hazards=list(order.hazards.all()), until=AGAIN, requested_on=NEXT, reason="订货",
        today=NEXT,
    )  # fmt: skip
    actions.refuse_extension(asked, chief, decision="可以当天换", at=moment(NEXT))
    actions.open_due(EVE)
    reinspect(Reinspection.objects.get(), AGAIN, failed=tuple(order.hazards.all()))
    refer(order.hazards.get(), officer)
    for sample in (service.RECEIPT, case.EXTENSION, case.RECHECK, case.REFERRAL, case.REPORT):
        kind = next(each.kind for each in SAMPLES if each.context is sample)
        assert shape(paper(kind).context) == shape(sample), kind


def test_nothing_speaks_against_the_samples() -> None:
    assert [(each.kind, each.name, faults) for each in SAMPLES if (faults := check(each.kind, each.context))] == []


# ---------- 送达回证 ----------


RECEIPT = {
    "documents": [LIMIT | {"count": 1}],
    "method": {"options": service.WAYS, "chosen": "直接送达", "note": ""},
    "served_at": "2026-09-25T15:00+08:00",
    "place": "", "recipient": NOBODY | {"elsewhere": ""}, "proxy": NOBODY | {"reason": ""},
    "refusal": NOBODY | {"reason": "", "witness": ""}, "sending": {"agent": "", "tracking_no": "", "sent_on": ""},
    "electronic": {
        "consented_by": "", "consented_on": "", "consent_no": "", "channel": "", "account": "", "receipt": "",
    },
    "notice": {"on": "", "ends_on": "", "channel": "", "reason": ""},
    "officers": OFFICERS, "assistant": "", "recorder_no": "", "note": "", "signatures": {"recipient": None},
    "signed": {},
}  # fmt: skip
WAYS: dict[Method, dict[str, Any]] = {
    Method.DIRECT: {
        "place": "北大街62号", "recipient": {"name": "刘桂香", "relation": "店主", "elsewhere": ""},
    },
    Method.PROXY: {
        "place": "北大街62号", "proxy": {"name": "刘建国", "relation": "成年家属", "reason": "店主外出进货"},
    },
    Method.LEAVE: {
        "place": "北大街62号",
        "refusal": NOBODY | {"reason": "店主不认可", "witness": "李秀英（北大街居委会）"},
    },
    Method.ENTRUST: {
        "sending": {"agent": "河东市公安局渡口派出所", "tracking_no": "委〔2026〕3号", "sent_on": "2026-09-23"},
        "recipient": {"name": "刘桂香", "relation": "", "elsewhere": ""},
    },
    Method.MAIL: {
        "sending": {"agent": "", "tracking_no": "EMS1029384756", "sent_on": "2026-09-23"},
        "recipient": {"name": "刘桂香", "relation": "", "elsewhere": "签收见邮件回执"},
    },
    Method.ELECTRONIC: {
        "electronic": {
            "consented_by": "刘桂香", "consented_on": "2026-09-22", "consent_no": "纸质确认书第3号", "channel": "微信",
            "account": "guixiang62", "receipt": "回复“收到”",
        },
        "recipient": NOBODY | {"elsewhere": "收悉见凭据"},
    },
    Method.NOTICE: {
        "served_at": "",
        "notice": {
            "on": "2026-09-23", "ends_on": NOTICE_ENDS.isoformat(), "channel": "张贴公告",
            "reason": "邮件退回，店主下落不明",
        },
    },
}  # fmt: skip


@pytest.mark.parametrize("method", list(Method))
def test_a_receipt_says_what_its_way_of_serving_asks_for_and_strikes_out_the_rest(
    method: Method, order: Order, officer: User, partner: User
) -> None:
    fields = COMPLETE[method] | ({} if method == Method.NOTICE else {"served_at": moment(LATER, 15)})
    service = actions.serve(
        order, officer, method=method, server=officer, second=partner, at=moment(LATER, 16), **fields
    )
    chosen = {"method": RECEIPT["method"] | {"chosen": method.label}}  # type: ignore[operator] # a dict
    receipt = paper(Kind.SERVICE_RECEIPT)
    assert receipt.context == head("送证字〔2026〕第0001号", LATER) | RECEIPT | chosen | WAYS[method]
    assert (service.document, receipt.subject_type, receipt.subject_id) == (receipt, "hazards.service", service.pk)


def test_an_officer_alone_stands_on_the_receipt_with_his_assistant_and_the_recording(
    order: Order, serve: Serve, assistant: User
) -> None:
    serve(order, NEXT, second=None, assistant=assistant, recorder_no="YY-07")
    context = paper(Kind.SERVICE_RECEIPT).context
    assert (context["officers"], context["assistant"], context["recorder_no"]) == (OFFICERS[:1], "周小川", "YY-07")


def test_a_refused_service_takes_no_number(order: Order, serve: Serve) -> None:
    with pytest.raises(RuleError, match="须带辅警"):
        serve(order, NEXT, second=None)
    assert not Document.objects.filter(kind=Kind.SERVICE_RECEIPT).exists()
    serve(order, NEXT)
    with pytest.raises(RuleError, match="没有再次登记送达"):
        serve(order, NEXT)
    assert paper(Kind.SERVICE_RECEIPT).sequence == 1


def test_an_order_from_before_the_system_gets_its_receipt_when_it_is_served_here(
    unit: Unit, officer: User, chief: User, serve: Serve, find: Callable[..., Finding], visit: Inspection
) -> None:
    kind = find(visit, "EV06").hazard_type
    order = actions.enter_open_order(
        unit, chief, mode=Mode.LIMIT, number="消限字第0017号", issued_on=VISITED, issued_by=officer,
        hazards=[actions.OpenHazard(kind, "走道", "走道标志不亮", EVE)], service=None, today=VISITED,
    )  # fmt: skip
    service = serve(order, NEXT).service
    assert paper(Kind.SERVICE_RECEIPT).context["documents"] == [LIMIT | {"number": "消限字第0017号", "count": 1}]
    actions.withdraw(order, chief, "录错单位", NEXT)
    service.refresh_from_db()
    assert service.document is not None
    assert (service.document.state, service.document.void_reason) == ("VOID", "录错单位")


# ---------- 延期改正审批表 ----------


@pytest.fixture
def asked(served: Order, officer: User) -> Extension:
    """More time for the second hazard."""
    return actions.request_extension(
        served, officer, deadline=EVE, hazards=[served.hazards.get(position=2)], until=date(2026, 10, 22),
        requested_on=NEXT, reason="厂家下周到货", today=NEXT,
    )  # fmt: skip


EXTENSION = {
    "unit": PARTY, "order": LIMIT | {"issued_on": "2026-09-22", "served_on": "2026-09-23"},
    "items": [{"no": 2, "detail": SECOND}], "deadline": "2026-09-30", "asked_until": "2026-10-22",
    "requested_on": "2026-09-23", "reason": "厂家下周到货", "registrar": "李建平", "decider": "王志远",
    "decided_at": "2026-09-23T10:00+08:00",
}  # fmt: skip


def test_a_granted_extension_leaves_a_form_with_what_was_asked_and_what_was_granted(
    asked: Extension, chief: User
) -> None:
    granted = actions.approve_extension(asked, chief, until=date(2026, 10, 15), decision="情况属实", at=moment(NEXT))
    assert paper(Kind.EXTENSION).context == head("延字〔2026〕第0001号", NEXT) | EXTENSION | {
        "verdict": {"options": ["同意延期", "不同意"], "chosen": "同意延期", "note": ""},
        "until": "2026-10-15", "opinion": "情况属实",
    }  # fmt: skip
    assert granted.document == paper(Kind.EXTENSION)


def test_a_refused_extension_leaves_a_form_too(asked: Extension, chief: User) -> None:
    actions.refuse_extension(asked, chief, decision="影响疏散", at=moment(NEXT))
    assert paper(Kind.EXTENSION).context == head("延字〔2026〕第0001号", NEXT) | EXTENSION | {
        "verdict": {"options": ["同意延期", "不同意"], "chosen": "不同意", "note": ""},
        "until": "", "opinion": "影响疏散",
    }  # fmt: skip
    with pytest.raises(RuleError, match="没有再次审批"):
        actions.refuse_extension(asked, chief, decision="影响疏散", at=moment(NEXT))
    assert Document.objects.filter(kind=Kind.EXTENSION).count() == 1


# ---------- 复查 ----------


def result(no: int, detail: str, chosen: str, note: str = "") -> dict[str, Any]:
    words = {"options": ["已改正", "未改正"], "chosen": chosen, "note": note}
    return {"no": no, "detail": detail, "result": words, "photos": 0}


RECHECK = {
    "reference": f"{LIMIT['number']}-1",
    "kind_of_visit": {"options": ["日常检查", "复查"], "chosen": "复查", "note": ""},
    "unit": {
        "name": "万家福便利超市", "person": "刘桂香", "address": "北大街62号", "nature": "一般单位，小商店",
        "area": "", "floors": "", "height": "",
    },
    "visited_on": "2026-10-09", "officers": OFFICERS, "companion": {"name": "刘桂香", "post": "店主"}, "refusal": "",
    "witness": "", "order": LIMIT | {"issued_on": "2026-09-22", "served_on": "2026-09-23"}, "round": 1,
    "deadline": "2026-09-30", "extensions": [], "requested_on": "", "remark": "仍未更换",
    "signatures": {"lead": None, "second": None, "companion": None}, "signed": {},
}  # fmt: skip


def test_a_re_inspection_is_recorded_on_the_form_of_the_inspection(
    opened: Reinspection, reinspect: Recheck, unit: Unit
) -> None:
    second = Hazard.objects.get(position=2)
    done = reinspect(opened, AGAIN, failed=(second,), remark="仍未更换")
    nature = f"一般单位，{unit.category.name}" if unit.category else ""
    assert paper(Kind.RECHECK_RECORD).context == head("复字〔2026〕第0001号", AGAIN) | RECHECK | {
        "unit": RECHECK["unit"] | {"nature": nature},  # type: ignore[operator] # a dict
        "results": [result(1, FIRST, "已改正"), result(2, SECOND, "未改正", "仍不亮")],
        "passed": [1], "failed": [2], "referred_to": "江城市消防救援大队", "again_on": "",
    }  # fmt: skip
    assert (done.document, done.document.subject_type) == (paper(Kind.RECHECK_RECORD), "hazards.reinspection")


def test_a_re_inspection_after_an_extension_names_what_moved_its_day(
    asked: Extension, chief: User, reinspect: Recheck
) -> None:
    granted = actions.approve_extension(asked, chief, until=date(2026, 10, 15), decision="情况属实", at=moment(NEXT))
    for day, found in ((EVE, []), (date(2026, 10, 15), [{"on": "2026-09-23", "items": [], "since": "2026-09-30"}])):
        actions.open_due(day)
        done = reinspect(Reinspection.objects.get(done_on=None), day)
        assert done.document is not None
        until = {"until": "2026-10-15", "number": granted.document.number} if granted.document else {}
        assert done.document.context["extensions"] == [each | until for each in found]


def test_what_failed_before_its_period_ended_is_re_inspected_once_more(
    served: Order, reinspect: Recheck, officer: User
) -> None:
    early = actions.request_early(served, officer, deadline=EVE, requested_on=NEXT, today=NEXT)
    on = date(2026, 9, 24)
    reinspect(early, on, failed=(served.hazards.get(position=2),))
    context = paper(Kind.RECHECK_RECORD).context
    told = {name: context[name] for name in ("requested_on", "failed", "referred_to", "again_on")}
    assert told == {"requested_on": "2026-09-23", "failed": [2], "referred_to": "", "again_on": "2026-09-30"}
    with pytest.raises(RuleError, match="结果没有再次改变"):
        reinspect(early, on)
    assert Document.objects.filter(kind=Kind.RECHECK_RECORD).count() == 1


# ---------- 作废 ----------


def test_what_hangs_on_an_order_falls_with_its_papers(
    grave: list[Document], serve: Serve, reinspect: Recheck, officer: User, chief: User, browse: Browse
) -> None:
    now, limit = Order.objects.get(mode=Mode.NOW), Order.objects.get(mode=Mode.LIMIT)
    serve(now, VISITED)
    serve(limit, NEXT)
    asked = actions.request_extension(
        limit, officer, deadline=EVE, hazards=list(limit.hazards.all()), until=AGAIN, requested_on=NEXT, reason="订货",
        today=NEXT,
    )  # fmt: skip
    actions.refuse_extension(asked, chief, decision="可以当天换", at=moment(NEXT))
    actions.open_due(VISITED)
    reinspect(Reinspection.objects.get(), NEXT)
    visit = limit.inspection
    assert visit is not None
    before = Document.objects.count()
    listed = browse(chief).get(reverse("hazards:void", args=[visit.pk])).context["papers"]
    draft = actions.void_papers(visit, chief, "单位名称写错", NEXT)
    assert (before, len(listed)) == (8, 8)
    assert set(Document.objects.values_list("state", "void_reason")) == {("VOID", "单位名称写错")}
    locked = draft.findings.get(hazard_type__code="EV02")
    anew = actions.conclude(draft, officer, {locked.pk: Decision(Disposition.ORDER_NOW, grave=True)}, moment(NEXT, 11))
    replaced = dict(Document.objects.filter(replaced_by__isnull=False).values_list("kind", "replaced_by"))
    assert replaced == {row.kind: row.pk for row in anew}


# ---------- where they are shown ----------


def test_each_paper_leads_to_the_page_that_tells_of_it(
    failed: Hazard, officer: User, browse: Browse, stranger: User
) -> None:
    referral = refer(failed, officer)
    client = browse(officer)
    order, kinds = failed.order, (Kind.SERVICE_RECEIPT, Kind.RECHECK_RECORD, Kind.REFERRAL)
    assert order is not None
    urls = [client.get(reverse("paper_case", args=[paper(kind).pk]))["Location"] for kind in kinds]
    assert urls == [f"/hazards/orders/{order.pk}/"] * 2 + [f"/hazards/referrals/{referral.pk}/"]
    assert browse(stranger).get(reverse("paper_case", args=[paper(Kind.REFERRAL).pk])).status_code == 404


def test_the_pages_link_the_papers(failed: Hazard, officer: User, browse: Browse) -> None:
    referral = refer(failed, officer)
    client = browse(officer)
    receipt, record, letter = (
        reverse("records:document", args=[paper(kind).pk])
        for kind in (Kind.SERVICE_RECEIPT, Kind.RECHECK_RECORD, Kind.REFERRAL)
    )
    shown = {
        reverse("hazards:order", args=[failed.order_id]): {receipt, record, letter},
        reverse("hazards:hazard", args=[failed.pk]): {receipt, record, letter},
        reverse("hazards:referral", args=[referral.pk]): {receipt, record, letter},
        reverse("hazards:visit", args=[failed.inspection_id]): {receipt, record},
    }
    for url, wanted in shown.items():
        page = client.get(url).content.decode()
        assert {link for link in (receipt, record, letter) if f'href="{link}"' in page} == wanted


@pytest.mark.slow
def test_rows_from_before_have_no_paper_and_their_pages_still_open(
    failed: Hazard, officer: User, browse: Browse, station: Organisation
) -> None:
    referral = refer(failed, officer)
    for model in (Service, Reinspection, Referral):
        model.objects.update(document=None)  # type: ignore[attr-defined] # each has the column
    Referral.objects.update(letter_no="城消移〔2026〕1号", authority="")
    client = browse(officer)
    page = client.get(reverse("hazards:referral", args=[referral.pk])).content.decode()
    assert page.count("城消移〔2026〕1号") == 2
    assert client.get(reverse("hazards:order", args=[failed.order_id])).status_code == 200
    assert client.get(reverse("hazards:hazard", args=[failed.pk])).status_code == 200
