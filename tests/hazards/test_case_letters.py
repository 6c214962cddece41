"""移送函 and 火灾隐患报告: whom they address, what they tell, and that each is written once."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.case_papers import report_context
from hazards.models import (
    Disposition,
    Hazard,
    Method,
    Order,
    Referral,
    Reinspection,
    Report,
    Target,
)
from hazards.plan import Decision
from inspections.actions import add_photo
from inspections.models import Finding, Inspection, Mode
from records import papers
from records.models import Copy, Document, Kind
from stations.models import User
from tests.hazards.case_papers import (
    LIMIT,
    NEXT,
    OFFICERS,
    PARTY,
    SECOND,
    SENT,
    Conclude,
    head,
    number_of,
    paper,
    refer,
)  # fmt: skip
from tests.hazards.conftest import EVE, VISITED, moment
from tests.inspections.conftest import picture
from units.models import Unit

pytestmark = pytest.mark.usefixtures("certificates")
Browse = Callable[[User], Client]


def sheet(title: str, number: str, count: int = 1, unit: str = "份") -> dict[str, Any]:
    return {"title": title, "number": number, "count": count, "unit": unit}


def test_the_letter_tells_what_the_station_did_and_encloses(failed: Hazard, officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(phone="19900000003")
    referral = refer(failed, User.objects.get(pk=officer.pk))
    record = number_of(Kind.INSPECTION_RECORD)
    assert paper(Kind.REFERRAL).context == head("移字〔2026〕第0001号", SENT) | {
        "to": "江城市消防救援大队", "unit": PARTY, "visits": [{"on": "2026-09-22", "record": record}],
        "facts": "灭火器压力不足。", "hazards": [{"no": 1, "detail": SECOND, "violates": failed.violates}],
        "basis": failed.violates, "violates": [], "urged": [],
        "measures": [
            LIMIT
            | {
                "issued_on": "2026-09-22", "deadlines": ["2026-09-30"], "served_on": "2026-09-23",
                "extensions": [], "rechecks": [{"round": 1, "on": "2026-10-09"}],
            }
        ],
        "attachments": [
            sheet("检查记录", record), sheet(LIMIT["title"], LIMIT["number"]),
            sheet("送达回证", number_of(Kind.SERVICE_RECEIPT)), sheet("复查记录", number_of(Kind.RECHECK_RECORD)),
        ],
        "officers": OFFICERS[:1], "contact": {"name": "李建平", "phone": "19900000003"},
    }  # fmt: skip
    assert (referral.document, referral.letter_no) == (paper(Kind.REFERRAL), "江公（城关）消移字〔2026〕第0001号")
    with pytest.raises(RuleError, match="已经移送，没有重复登记"):
        refer(failed, officer)
    assert Document.objects.filter(kind=Kind.REFERRAL).count() == 1


def test_a_letter_without_an_order_cites_the_record_and_the_photographs(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User
) -> None:
    lacking = find(visit, "BD04")
    photo = add_photo(visit, officer, picture(), moment(VISITED))
    type(photo).objects.filter(pk=photo.pk).update(item=lacking.item)
    conclude(visit)
    refer(
        Hazard.objects.get(),
        officer,
        target=Target.HOUSING,
        authority="江城市住房和城乡建设局",
        basis="规定第33条第2款",
    )
    context = paper(Kind.REFERRAL).context
    assert (context["to"], context["measures"], context["violates"]) == (
        "江城市住房和城乡建设局", [], [Hazard.objects.get().violates],
    )  # fmt: skip
    assert context["attachments"] == [
        sheet("检查记录", number_of(Kind.INSPECTION_RECORD)),
        sheet("现场照片", "", 1, "张"),
    ]


def test_after_an_extension_the_letter_tells_what_the_notice_ordered_and_what_was_granted_since(
    served: Order, officer: User, chief: User, reinspect: Callable[..., Reinspection]
) -> None:
    last, hazards = date(2026, 10, 15), list(served.hazards.order_by("position"))
    asked = actions.request_extension(
        served, officer, deadline=EVE, hazards=hazards[1:], until=last, requested_on=NEXT, reason="订货", today=NEXT,
    )  # fmt: skip
    actions.approve_extension(asked, chief, until=last, decision="情况属实", at=moment(NEXT))
    for day in (EVE, last):
        actions.open_due(day)
        reinspect(Reinspection.objects.get(done_on=None), day, failed=tuple(hazards))
    values = {"target": Target.FIRE_BRIGADE, "basis": hazards[0].violates, "facts": "灭火器压力不足。"}
    both = Hazard.objects.order_by("position")
    actions.refer(list(both), officer, **values, sent_on=last, today=last)  # type: ignore[arg-type] # of several types
    letter, granted = paper(Kind.REFERRAL), number_of(Kind.EXTENSION)
    [measure] = letter.context["measures"]
    assert (measure["deadlines"], measure["extensions"]) == (
        ["2026-09-30"],
        [{"on": "2026-09-23", "items": [2], "since": "2026-09-30", "until": "2026-10-15", "number": granted}],
    )
    titles = [(each["title"], each["number"]) for each in letter.context["attachments"]]
    assert titles[2:4] == [("送达回证", number_of(Kind.SERVICE_RECEIPT)), ("延期改正审批表", granted)]
    told = f"第2项2026年9月23日经批准延期至2026年10月15日（延期改正审批表{granted}）；"
    assert f"责令2026年9月30日前改正，2026年9月23日送达；{told}" in html(letter)


def test_a_letter_tells_what_was_urged_without_a_notice(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User
) -> None:
    find(visit, "BD05")
    find(visit, "GA01")
    conclude(visit)
    referred, urged = Hazard.objects.order_by("hazard_type__code")
    assert (referred.disposition, urged.disposition) == ("REFER", "URGE")
    outright = refer(referred, officer).document
    assert outright is not None
    assert '四、已采取的措施</b></p>\n<p class="body">无。' in re.sub(r"\n\s*", "\n", html(outright))
    letter = refer(urged, officer, target=Target.GAS).document
    assert letter is not None
    assert letter.context["urged"] == [{"on": "2026-09-22", "items": []}]
    assert '<p class="body">2026年9月22日检查时督促整改。</p>' in html(letter)
    assert "无。</p>" not in html(letter)


def html(letter: Document) -> str:
    return re.sub(r"<(?!/?p\b|/b>)[^>]*>", "", papers.html(Kind.REFERRAL, letter.context, Copy.ARCHIVE))


@pytest.mark.parametrize(
    ("target", "typed", "addressed"),
    [
        (Target.FIRE_BRIGADE, "别的大队", "江城市消防救援大队"),
        (Target.HOUSING, "", "住房和城乡建设主管部门"),
        (Target.GAS, "江城市城市管理局", "江城市城市管理局"),
        (Target.OTHER, "江城市教育局", "江城市教育局"),
    ],
)
def test_a_letter_addresses_an_authority_by_its_name(
    target: Target, typed: str, addressed: str, visit: Inspection, find: Callable[..., Finding], conclude: Conclude,
    officer: User,
) -> None:  # fmt: skip
    find(visit, "BD05")
    conclude(visit)
    assert refer(Hazard.objects.get(), officer, target=target, authority=typed).authority == addressed
    assert paper(Kind.REFERRAL).context["to"] == addressed


def test_another_authority_without_its_name_is_asked_for_at_its_field(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User, browse: Browse
) -> None:
    find(visit, "BD05")
    conclude(visit)
    hazard = Hazard.objects.get()
    with pytest.raises(Refusal, match="请写明接收单位的全称") as refused:
        refer(hazard, officer, target=Target.OTHER)
    assert [fault.field for fault in refused.value.faults] == ["authority"]
    form = {
        "hazards": [hazard.pk], "target": "OTHER", "sure": "on", "basis": "规定", "facts": "见检查记录",
        "sent_on": VISITED.isoformat(),
    }  # fmt: skip
    client, url = browse(officer), reverse("hazards:refer", args=[hazard.pk])
    assert "请写明接收单位的全称" in client.post(url, form).context["form"].errors["authority"][0]
    assert not Referral.objects.exists()
    client.post(url, form | {"authority": "江城市教育局"})
    assert Referral.objects.get().authority == "江城市教育局"


def test_a_letter_without_facts_is_refused_and_takes_no_number(failed: Hazard, officer: User) -> None:
    with pytest.raises(Refusal, match="没有填写违法事实"):
        refer(failed, officer, facts="")
    assert not Referral.objects.exists()
    assert refer(failed, officer).letter_no == "江公（城关）消移字〔2026〕第0001号"


# ---------- 火灾隐患报告 ----------


def test_the_report_is_a_paper_of_the_act_that_orders(grave: list[Document], officer: User) -> None:
    hazard = Hazard.objects.get(grave=True)
    assert [row.kind for row in grave] == ["ORDER_NOW", "ORDER_LIMIT", "INSPECTION_RECORD", "HAZARD_REPORT"]
    assert grave[-1].context == head("报字〔2026〕第0001号", VISITED) | {
        "to": "城关街道办事处", "cc": "江城市消防救援大队", "unit": PARTY, "visited_on": "2026-09-22",
        "record": number_of(Kind.INSPECTION_RECORD),
        "hazards": [{"no": 1, "detail": hazard.wording, "violates": hazard.violates, "measure": hazard.measure}],
        "measures": [
            {
                "title": "责令立即改正通知书", "number": "江公（城关）消即字〔2026〕第0001号",
                "issued_on": "2026-09-22", "deadlines": [], "served_on": "", "extensions": [],
                "rechecks": [],
            }
        ],
        "suggestions": {"options": ["组织整治", "断电断气", "停用", "挂牌督办"], "chosen": ["组织整治"]},
        "contact": {"name": "李建平", "phone": ""},
    }  # fmt: skip
    report = Report.objects.get()
    assert (report.document, report.letter_no) == (grave[-1], "江公（城关）消报字〔2026〕第0001号")
    again = actions.conclude(report.inspection, officer, {}, moment(VISITED, 12))
    assert [row.pk for row in again] == [row.pk for row in grave]


def test_without_a_township_nothing_of_the_visit_is_issued(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, unit: Unit
) -> None:
    Unit.objects.filter(pk=unit.pk).update(township="")
    locked = find(visit, "EV02")
    with pytest.raises(Refusal, match="请填写报告的乡镇") as refused:
        conclude(visit, {locked.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    assert [fault.field for fault in refused.value.faults] == ["township"]
    assert not Document.objects.exists()


def test_a_report_is_delivered_where_its_paper_says(grave: list[Document], officer: User, browse: Browse) -> None:
    visit = Report.objects.get().inspection
    form = browse(officer).get(reverse("hazards:report", args=[visit.pk])).context["form"]
    assert list(form.fields) == ["sent_on", "receiver"]
    actions.deliver_report(visit, officer, township="别处", sent_on=VISITED, receiver="刘主任", today=VISITED)
    report = Report.objects.get()
    assert (report.township, report.letter_no, report.receiver) == ("城关街道办事处", grave[-1].number, "刘主任")


def test_a_visit_from_before_gets_the_paper_of_its_report_with_the_delivery(
    grave: list[Document], officer: User
) -> None:
    visit = Report.objects.get().inspection
    Report.objects.all().delete()
    with pytest.raises(RuleError, match="乡镇、街道和签收人"):
        actions.deliver_report(visit, officer, sent_on=VISITED, receiver="刘主任", today=VISITED)
    report = actions.deliver_report(
        visit, officer, township="北关镇人民政府", sent_on=VISITED, receiver="刘主任", today=VISITED
    )
    assert report.document is not None
    assert (report.document.context["to"], report.letter_no) == ("北关镇人民政府", "江公（城关）消报字〔2026〕第0002号")


def test_a_report_names_no_day_of_service_while_a_notice_hangs_out(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, officer: User, partner: User
) -> None:
    grave = find(visit, "EV02", mode=Mode.LIMIT, days=90)
    conclude(visit, {grave.pk: Decision(Disposition.ORDER_LIMIT, grave=True)})
    report, order = Report.objects.get(), Order.objects.get()
    actions.serve(
        order, officer, method=Method.NOTICE, server=officer, second=partner, at=moment(VISITED, 18),
        sent_on=VISITED, channel="报纸", reason="无法直接送达",
    )  # fmt: skip
    actions.effect_notices(VISITED)
    for state, served_on in (("NOTICED", ""), ("SERVED", "2026-11-23")):
        hazards = list(Hazard.objects.select_related("order__service"))
        assert hazards[0].order is not None
        assert hazards[0].order.state == state
        assert report_context(report, hazards, officer, VISITED)["measures"][0]["served_on"] == served_on
        actions.effect_notices(date(2026, 12, 1))
