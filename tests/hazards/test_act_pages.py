"""The pages of a hazard, an order and their acts: each act posted twice changes once and says so."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from hazards import actions
from hazards.models import AfterPhoto, Disposition, Hazard, Order, Referral, Reinspection, Report, Service
from hazards.plan import Decision
from inspections.models import Finding, HazardType, Inspection
from records.models import Document
from stations.models import User
from tests.hazards.conftest import EVE, VISITED
from units.models import Unit

Browse = Callable[[User], Client]
Conclude = Callable[..., list[Document]]


@pytest.fixture(autouse=True)
def _today(time_machine: object) -> None:
    time_machine.move_to("2026-10-09T09:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def picture() -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (40, 30), (10, 120, 60)).save(buffer, "JPEG")
    return SimpleUploadedFile("after.jpg", buffer.getvalue(), "image/jpeg")


# ---------- the two pages ----------


def test_the_page_of_a_hazard_leads_with_the_next_act(
    order: Order, browse: Browse, officer: User, serve: Callable[..., Order], time_machine: object
) -> None:
    hazard = order.hazards.get(position=1)
    client, url = browse(officer), reverse("hazards:hazard", args=[hazard.pk])
    assert client.get(url).context["act"].title == "下一步：送达通知书"
    serve(order, date(2026, 9, 23))
    time_machine.move_to("2026-09-29T23:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    assert client.get(url).context["act"].title == "等待改正期限 2026-09-30 届满"
    time_machine.move_to("2026-10-09T09:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    actions.open_due(EVE)
    act = client.get(url).context["act"]
    assert (act.title, act.button, act.shown.words) == ("下一步：第 1 次复查", "开始复查", "还剩 1 个工作日")


LATE = "送达时改正期限 2026-09-30 已经届满，不能认定逾期未改正。"


@pytest.mark.parametrize(
    ("served_on", "told", "noted"),
    [
        (EVE, "仍未改正的，须移送消防救援大队。", False),
        (
            date(2026, 10, 1),
            f"{LATE}已改正的登记销号；仍未改正的作废，重新确定改正期限。",
            True,
        ),
    ],
)
def test_whoever_re_inspects_is_told_first_that_a_late_notice_cannot_fail(
    order: Order, browse: Browse, officer: User, serve: Callable[..., Order], served_on: date, told: str, noted: bool
) -> None:
    actions.open_due(EVE)
    serve(order, served_on)
    client, visit = browse(officer), Reinspection.objects.get()
    assert client.get(reverse("hazards:order", args=[order.pk])).context["act"].text == told
    page = client.get(reverse("hazards:reinspect", args=[visit.pk])).content.decode()
    assert ("不能认定逾期未改正" in page, "须移送消防救援大队" in page) == (noted, not noted)


def test_the_clock_is_drawn_with_the_holiday_and_the_worked_saturday(
    opened: Reinspection, browse: Browse, officer: User
) -> None:
    page = browse(officer).get(reverse("hazards:hazard", args=[Hazard.objects.first().pk])).content.decode()
    assert "9月30日改正期限届满，当日不计入" in page
    assert "10月1日至7日（国庆节）" in page
    assert "10月10日（星期六，调休上班）" in page


def test_the_steps_follow_the_hazard(
    opened: Reinspection, reinspect: Callable[..., Reinspection], browse: Browse, officer: User
) -> None:
    hazard = Hazard.objects.get(position=2)
    reinspect(opened, date(2026, 10, 9), failed=(hazard,))
    steps = browse(officer).get(reverse("hazards:hazard", args=[hazard.pk])).context["steps"]
    assert [(step["words"], step["state"]) for step in steps] == [
        ("发现", "done"), ("责令", "done"), ("送达", "done"), ("第 1 次复查未通过", "red"), ("移送", "now"),
    ]  # fmt: skip


def test_a_closed_hazard_does_not_show_what_its_neighbour_waits_for(
    opened: Reinspection, reinspect: Callable[..., Reinspection], browse: Browse, officer: User
) -> None:
    reinspect(opened, date(2026, 10, 9), failed=(Hazard.objects.get(position=2),))
    closed = Hazard.objects.get(position=1)
    assert browse(officer).get(reverse("hazards:hazard", args=[closed.pk])).context["act"].title == "已销号"


def test_the_timeline_tells_who_did_what_newest_first(
    opened: Reinspection, reinspect: Callable[..., Reinspection], browse: Browse, officer: User
) -> None:
    reinspect(opened, date(2026, 10, 9))
    entries = browse(officer).get(reverse("hazards:order", args=[opened.order_id])).context["entries"]
    assert [entry.title for entry in entries] == [
        "第 1 次复查：已改正，销号", "改正期限届满，开启第 1 次复查", "送达", "责令限期改正", "检查发现",
    ]  # fmt: skip
    assert entries[0].by == "复查人 李建平、张海涛，随同 刘桂香"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "hazard", "order", "serve", "early", "extend", "reinspect", "fixed", "refer", "next", "refer_visit", "report",
        "void",
    ],
)  # fmt: skip
def test_a_strangers_rows_are_as_absent_as_missing_ones(
    name: str, opened: Reinspection, browse: Browse, stranger: User
) -> None:
    ids = {
        "hazard": Hazard.objects.first().pk, "fixed": Hazard.objects.first().pk, "refer": Hazard.objects.first().pk,
        "reinspect": opened.pk, "refer_visit": opened.order.inspection_id, "report": opened.order.inspection_id,
        "void": opened.order.inspection_id,
    }  # fmt: skip
    client = browse(stranger)
    assert client.get(reverse(f"hazards:{name}", args=[ids.get(name, opened.order_id)])).status_code == 404
    assert client.post(reverse(f"hazards:{name}", args=[999999])).status_code == 404


def test_a_supervisor_reads_without_buttons(opened: Reinspection, browse: Browse, supervisor: User) -> None:
    client = browse(supervisor)
    response = client.get(reverse("hazards:order", args=[opened.order_id]))
    assert (response.status_code, response.context["act"].button) == (200, "")
    assert client.get(reverse("hazards:reinspect", args=[opened.pk])).status_code == 403


def test_the_clock_of_an_order_leads_straight_to_its_act(
    opened: Reinspection, browse: Browse, officer: User, supervisor: User
) -> None:
    url = reverse("hazards:next", args=[opened.order_id])
    assert browse(officer).get(url)["Location"] == reverse("hazards:reinspect", args=[opened.pk])
    assert browse(supervisor).get(url)["Location"] == reverse("hazards:order", args=[opened.order_id])


# ---------- serve ----------


def serve_form(order: Order, officer: User, partner: User, **fields: str) -> dict[str, str]:
    return {
        "served_at": "2026-09-23T15:00", "place": "北大街62号", "recipient": "刘桂香", "relation": "店主",
        "server": str(officer.pk), "second": str(partner.pk), "recorder_no": "", "note": "",
    } | fields  # fmt: skip


def test_service_posted_twice_is_registered_once(order: Order, browse: Browse, officer: User, partner: User) -> None:
    client, url = browse(officer), reverse("hazards:serve", args=[order.pk])
    first = client.post(url, serve_form(order, officer, partner), follow=True)
    second = client.post(url, serve_form(order, officer, partner, recipient="别人"), follow=True)
    receipt = f'<a href="/papers/{order.document_id}/">附上签名的送达回证</a>'
    assert said(first) == [f"已登记送达：{order.number}。{receipt}"]
    assert said(second) == ["这份通知书已送达，没有重复登记送达"]
    assert Service.objects.get().recipient == "刘桂香"


def test_the_other_notice_of_the_visit_is_served_at_the_same_door(
    visit: Inspection,
    find: Callable[..., Finding],
    conclude: Callable[..., list[Document]],
    browse: Browse,
    officer: User,
    partner: User,
) -> None:
    find(visit, "EV06", days=8)
    find(visit, "EV01")
    conclude(visit)
    first, second = Order.objects.order_by("id")
    client = browse(officer)
    response = client.post(reverse("hazards:serve", args=[first.pk]), serve_form(first, officer, partner), follow=True)
    assert response.redirect_chain == [(reverse("hazards:serve", args=[second.pk]), 302)]
    assert [words.partition("。")[0] for words in said(response)] == [
        f"已登记送达：{first.number}", f"这次检查还有一份没有送达：{second.number}",
    ]  # fmt: skip
    done = client.post(reverse("hazards:serve", args=[second.pk]), serve_form(second, officer, partner))
    assert done["Location"] == reverse("hazards:order", args=[second.pk])


def test_the_form_knows_who_was_there(order: Order, browse: Browse, officer: User, partner: User) -> None:
    form = browse(officer).get(reverse("hazards:serve", args=[order.pk])).context["form"]
    assert (form["recipient"].value(), form["relation"].value()) == ("刘桂香", "店主")
    assert (form["server"].value(), form["second"].value()) == (officer.pk, partner.pk)


def test_a_refusal_is_a_page_that_says_why(served: Order, browse: Browse, officer: User) -> None:
    form = {"deadline": "2026-10-20", "requested_on": "2026-10-09"}
    Hazard.objects.update(deadline=date(2026, 10, 20))
    Order.objects.update(state="ISSUED")
    response = browse(officer).post(reverse("hazards:early", args=[served.pk]), form)
    assert response.status_code == 409
    assert "先登记送达" in response.content.decode()
    assert Reinspection.objects.count() == 0


# ---------- re-inspect ----------


def result_form(opened: Reinspection, officer: User, partner: User, failed: int | None = None) -> dict[str, str]:
    rows = opened.order.hazards.all()
    return {
        "done_on": "2026-10-09", "lead": str(officer.pk), "second": str(partner.pk), "companion": "刘桂香",
        "remark": "", "ink": "1",
    } | {f"passed_{row.pk}": "no" if row.position == failed else "yes" for row in rows}  # fmt: skip


def test_results_posted_twice_count_once(opened: Reinspection, browse: Browse, officer: User, partner: User) -> None:
    client, url = browse(officer), reverse("hazards:reinspect", args=[opened.pk])
    first = client.post(url, result_form(opened, officer, partner, failed=2), follow=True)
    second = client.post(url, result_form(opened, officer, partner), follow=True)
    record = f'<a href="/papers/{Document.objects.get(kind="RECHECK_RECORD").pk}/">打印签名后附上复查记录</a>'
    assert said(first) == [f"已登记第 1 次复查。{record}"]
    assert said(second) == ["第 1 次复查已于 2026-10-09 登记，没有再次改变"]
    assert list(Hazard.objects.order_by("position").values_list("state", flat=True)) == ["CLOSED", "TO_REFER"]


def test_a_photograph_shows_the_place_afterwards(
    opened: Reinspection, browse: Browse, officer: User, partner: User, stranger: User
) -> None:
    hazard = Hazard.objects.get(position=1)
    form: dict[str, object] = {**result_form(opened, officer, partner), f"photo_{hazard.pk}": picture()}
    client = browse(officer)
    client.post(reverse("hazards:reinspect", args=[opened.pk]), form)
    photo = AfterPhoto.objects.get()
    assert photo.hazard == hazard
    shown = client.get(reverse("hazards:photo", args=[photo.pk]))
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(shown.streaming_content)[:2] == b"\xff\xd8"
    assert browse(stranger).get(reverse("hazards:photo", args=[photo.pk])).status_code == 404


def test_a_file_that_is_no_photograph_is_refused_at_its_field(
    opened: Reinspection, browse: Browse, officer: User, partner: User
) -> None:
    hazard = Hazard.objects.get(position=1)
    form: dict[str, object] = {
        **result_form(opened, officer, partner), f"photo_{hazard.pk}": SimpleUploadedFile("a.jpg", b"not a picture"),
    }  # fmt: skip
    response = browse(officer).post(reverse("hazards:reinspect", args=[opened.pk]), form)
    assert list(response.context["form"].errors) == [f"photo_{hazard.pk}"]
    opened.refresh_from_db()
    assert opened.done_on is None


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-10-10", "复查日期在以后，不能登记。核对复查日期。"),
        ("2026-09-29", "复查日期不能早于 2026-09-30。核对复查日期。"),
    ],
)
def test_a_day_that_cannot_be_is_told_at_its_field(
    opened: Reinspection, browse: Browse, officer: User, partner: User, day: str, words: str
) -> None:
    form = result_form(opened, officer, partner) | {"done_on": day, "remark": "店主在场"}
    shown = browse(officer).post(reverse("hazards:reinspect", args=[opened.pk]), form).context["form"]
    assert (shown.errors, shown["remark"].value()) == ({"done_on": [words]}, "店主在场")
    opened.refresh_from_db()
    assert opened.done_on is None


def test_asking_early_has_its_days_told_at_the_field(
    served: Order, browse: Browse, officer: User, time_machine: object
) -> None:
    time_machine.move_to("2026-09-24T09:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    form = {"deadline": "2026-09-30", "requested_on": "2026-09-25"}
    shown = browse(officer).post(reverse("hazards:early", args=[served.pk]), form).context["form"]
    assert shown.errors == {"requested_on": ["申请日期应在签发以后、今天以前。核对日期。"]}
    assert not Reinspection.objects.exists()


def test_asking_early_leads_to_the_re_inspection_it_opened(
    served: Order, browse: Browse, officer: User, time_machine: object
) -> None:
    time_machine.move_to("2026-09-24T09:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    client, url = browse(officer), reverse("hazards:early", args=[served.pk])
    form = {"deadline": "2026-09-30", "requested_on": "2026-09-24"}
    response = client.post(url, form)
    assert response["Location"] == reverse("hazards:reinspect", args=[Reinspection.objects.get().pk])
    assert client.post(url, form).status_code == 409
    assert Reinspection.objects.count() == 1


# ---------- urge, refer, report ----------


@pytest.fixture
def urged(visit: Inspection, find: Callable[..., Finding], conclude: Conclude) -> Hazard:
    find(visit, "EL01", place="后厨")
    conclude(visit)
    return Hazard.objects.get()


def test_an_urged_hazard_is_closed_once(urged: Hazard, browse: Browse, officer: User) -> None:
    client, url = browse(officer), reverse("hazards:fixed", args=[urged.pk])
    form = {"on": "2026-10-08", "how": "回访查看"}
    assert said(client.post(url, form, follow=True)) == ["已登记改正，隐患销号"]
    assert said(client.post(url, form, follow=True)) == ["这处隐患已经销号，没有重复登记"]


@pytest.fixture
def lacking(visit: Inspection, find: Callable[..., Finding], conclude: Conclude) -> Hazard:
    find(visit, "BD05", place="一层")
    find(visit, "EL01", place="后厨")
    conclude(visit)
    return Hazard.objects.get(hazard_type__code="BD05")


def test_the_referral_form_is_filled_as_far_as_the_facts_go(lacking: Hazard, browse: Browse, officer: User) -> None:
    form = browse(officer).get(reverse("hazards:refer", args=[lacking.pk])).context["form"]
    assert (form["target"].value(), form["basis"].value()) == ("FIRE_BRIGADE", "消防监督检查规定第33条第2款")
    assert form["hazards"].value() == [lacking.pk]
    assert (
        form["facts"].value() == "2026年9月22日，城关派出所对万家福便利超市进行消防监督检查，发现下列消防安全违法行为。"
    )
    assert {choice.instance.hazard_type.code for choice in (value for value, _ in form.fields["hazards"].choices)} == {
        "BD05",
        "EL01",
    }


def test_a_referral_posted_twice_is_recorded_once(lacking: Hazard, browse: Browse, officer: User) -> None:
    client, url = browse(officer), reverse("hazards:refer", args=[lacking.pk])
    form = {
        "hazards": [lacking.pk], "target": "FIRE_BRIGADE", "basis": "消防监督检查规定第33条第2款",
        "facts": "见检查记录", "sent_on": "2026-09-28", "receiver": "陈立新",
    }  # fmt: skip
    assert said(client.post(url, form, follow=True)) == ["已签发移送函 江公（城关）消移字〔2026〕第0001号"]
    assert said(client.post(url, form, follow=True)) == ["这处隐患已经移送，没有重复登记"]
    assert Referral.objects.get().receiver == "陈立新"


def test_the_referral_clock_leads_to_what_waits(lacking: Hazard, browse: Browse, officer: User) -> None:
    url = reverse("hazards:refer_visit", args=[lacking.inspection_id])
    assert browse(officer).get(url)["Location"] == reverse("hazards:refer", args=[lacking.pk])


def test_a_delivery_posted_twice_is_recorded_once(
    visit: Inspection, find: Callable[..., Finding], conclude: Conclude, browse: Browse, officer: User
) -> None:
    finding = find(visit, "EV02")
    conclude(visit, {finding.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    client, url = browse(officer), reverse("hazards:deliver", args=[visit.pk])
    form = {"sent_on": "2026-09-22", "receiver": "刘主任"}
    assert said(client.post(url, form, follow=True)) == ["已登记送交书面报告"]
    assert said(client.post(url, form | {"township": "别处"}, follow=True)) == ["书面报告已经登记送交，没有重复登记"]
    assert Report.objects.get().township == "城关街道办事处"


# ---------- void, enter ----------


def test_the_chief_voids_once_with_a_reason(served: Order, browse: Browse, chief: User, officer: User) -> None:
    client, url = browse(chief), reverse("hazards:void", args=[served.inspection_id])
    assert client.post(url, {"reason": " "}).context["form"].errors["reason"] == ["请填写"]
    first = client.post(url, {"reason": "单位名称写错"}, follow=True)
    second = client.post(url, {"reason": "再来一次"}, follow=True)
    assert said(first) == ["文书已作废，检查退回 李建平 更正后重新签发"]
    assert said(second) == ["这次检查的文书已经作废，没有重复作废"]
    assert (Order.objects.get().state, Inspection.objects.filter(state="DRAFT").count()) == ("VOID", 1)
    assert browse(officer).post(url, {"reason": "写错"}).status_code == 403


@pytest.mark.slow
def test_an_old_order_is_entered_once(unit: Unit, browse: Browse, chief: User, officer: User) -> None:
    client, url = browse(chief), reverse("hazards:enter_order", args=[unit.pk])
    kind = HazardType.objects.get(code="EV06")
    form = {
        "mode": "LIMIT", "number": "江公（城关）消限字〔2026〕第0017号", "issued_on": "2026-09-01",
        "issued_by": officer.pk, "served_on": "2026-09-02", "recipient": "刘桂香",
        "hazard-TOTAL_FORMS": "5", "hazard-INITIAL_FORMS": "0", "hazard-MIN_NUM_FORMS": "1",
        "hazard-0-hazard_type": kind.pk, "hazard-0-place": "二层走道",
        "hazard-0-wording": "二层走道疏散指示标志损坏2处", "hazard-0-deadline": "2026-10-15",
    }  # fmt: skip
    assert said(client.post(url, form, follow=True)) == ["已录入 江公（城关）消限字〔2026〕第0017号"]
    again = client.post(url, form).context["form"].errors
    assert again == {"number": ["江公（城关）消限字〔2026〕第0017号 已经录入，没有重复录入"]}
    order = Order.objects.get()
    assert (order.state, order.hazards.get().deadline) == ("SERVED", date(2026, 10, 15))
    assert client.get(reverse("hazards:order", args=[order.pk])).status_code == 200
    assert client.get(reverse("hazards:hazard", args=[order.hazards.get().pk])).status_code == 200


def test_a_served_old_order_names_who_received_it(unit: Unit, browse: Browse, chief: User, officer: User) -> None:
    response = browse(chief).post(
        reverse("hazards:enter_order", args=[unit.pk]),
        {"served_on": "2026-09-02", "hazard-TOTAL_FORMS": "0", "hazard-INITIAL_FORMS": "0"},
    )
    assert response.context["form"].errors["recipient"] == ["已送达的须填写收件人"]
    assert date(2026, 9, 2) < VISITED


def test_the_unit_of_an_old_order_is_found_by_name(unit: Unit, browse: Browse, chief: User, stranger: User) -> None:
    url = reverse("hazards:choose_unit")
    assert list(browse(chief).get(url, {"q": "万家福"}).context["units"]) == [unit]
    assert list(browse(stranger).get(url, {"q": "万家福"}).context["units"]) == []
    assert list(browse(chief).get(url).context["units"]) == []


# ---------- what a visit led to ----------


def test_a_paper_leads_to_its_order_or_its_visit(served: Order, browse: Browse, officer: User, stranger: User) -> None:
    record = Document.objects.get(kind="INSPECTION_RECORD")
    client = browse(officer)
    urls = [client.get(reverse("paper_case", args=[paper.pk]))["Location"] for paper in (served.document, record)]
    assert urls == [f"/hazards/orders/{served.pk}/", f"/hazards/visits/{served.inspection_id}/"]
    assert browse(stranger).get(reverse("paper_case", args=[record.pk])).status_code == 404


def test_a_visit_without_findings_can_be_voided_as_well(
    visit: Inspection, conclude: Conclude, browse: Browse, chief: User, officer: User
) -> None:
    conclude(visit)
    url = reverse("hazards:visit", args=[visit.pk])
    assert (browse(officer).get(url).context["may_void"], browse(chief).get(url).context["may_void"]) == (False, True)
    browse(chief).post(reverse("hazards:void", args=[visit.pk]), {"reason": "检查人写错"})
    context = browse(chief).get(url).context
    assert (context["may_void"], context["reissue"].reason) == (False, "检查人写错")


def test_a_visit_that_is_not_finished_has_led_to_nothing(visit: Inspection, browse: Browse, officer: User) -> None:
    assert browse(officer).get(reverse("hazards:visit", args=[visit.pk])).status_code == 404
