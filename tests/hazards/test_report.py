"""报告 (规定第34条): made in the act that orders, handed to the township on the same day."""

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards import actions
from hazards.models import Disposition, Hazard, Order, Report
from hazards.plan import Decision
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import Message, User
from tests.hazards.conftest import VISITED
from units.models import Unit

Find = Callable[..., Finding]
Conclude = Callable[..., list[Document]]
Browse = Callable[[User], Client]
HANDED = {"township": "城关街道办事处", "receiver": "刘主任", "sent_on": VISITED, "today": VISITED}


@pytest.fixture
def draft(unit: Unit, visit: Inspection, find: Find) -> Inspection:
    """A visit with one grave hazard and one that is not, ready to be concluded."""
    Unit.objects.filter(pk=unit.pk).update(township="城关街道办事处")
    find(visit, "EV02")
    find(visit, "EV06", days=8)
    return visit


@pytest.fixture
def grave(draft: Inspection, conclude: Conclude) -> Inspection:
    locked = draft.findings.get(hazard_type__code="EV02")
    conclude(draft, {locked.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    return draft


def test_the_order_and_the_report_are_one_act(grave: Inspection, officer: User) -> None:
    report = Report.objects.get()
    assert (report.inspection, report.made_on, report.sent_on) == (grave, VISITED, None)
    assert (report.township, report.brigade, report.recorded_by) == (
        "城关街道办事处", grave.station.brigade, officer,
    )  # fmt: skip
    assert Clock.objects.get(key=f"report:{grave.pk}").state == "RUNNING"


def test_the_brigade_is_told_at_once(
    draft: Inspection, conclude: Conclude, supervisor: User, brigade_leader: User, browse: Browse
) -> None:
    locked = draft.findings.get(hazard_type__code="EV02")
    conclude(draft, {locked.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    told = list(Message.objects.order_by("user__number"))
    assert [message.user for message in told] == [supervisor, brigade_leader]
    assert told[0].title == "严重威胁公共安全的火灾隐患：万家福便利超市"
    page = browse(supervisor).get(told[0].url)
    assert (page.status_code, page.context["may_deliver"]) == (200, False)


def test_without_a_grave_hazard_nothing_is_reported(order: Order, supervisor: User) -> None:
    assert not Report.objects.exists()
    assert not Message.objects.filter(user=supervisor).exists()


def test_a_visit_concluded_twice_is_reported_once(grave: Inspection, conclude: Conclude) -> None:
    conclude(grave)
    assert Report.objects.count() == 1


def test_the_township_typed_at_the_door_goes_before_the_ledgers(draft: Inspection, officer: User) -> None:
    from tests.hazards.conftest import moment

    locked = draft.findings.get(hazard_type__code="EV02")
    decisions = {locked.pk: Decision(Disposition.ORDER_NOW, grave=True)}
    actions.conclude(draft, officer, decisions, moment(VISITED, 11), "北关镇人民政府")
    assert Report.objects.get().township == "北关镇人民政府"


def test_the_delivery_ends_the_duty_of_the_day(grave: Inspection, officer: User) -> None:
    report = actions.deliver_report(grave, officer, **HANDED)
    assert (report.sent_on, report.receiver) == (VISITED, "刘主任")
    clock = Clock.objects.get(key=f"report:{grave.pk}")
    assert (clock.state, clock.met_on, clock.was_late) == ("MET", VISITED, False)


def test_a_report_delivered_the_next_day_is_late(grave: Inspection, officer: User) -> None:
    later = VISITED + timedelta(days=1)
    actions.deliver_report(grave, officer, **HANDED | {"sent_on": later, "today": later})
    assert Clock.objects.get(key=f"report:{grave.pk}").was_late


def test_a_report_is_delivered_once(grave: Inspection, officer: User) -> None:
    actions.deliver_report(grave, officer, **HANDED)
    with pytest.raises(RuleError, match="已经登记送交，没有重复登记"):
        actions.deliver_report(grave, officer, **HANDED | {"township": "别处"})
    assert Report.objects.get().township == "城关街道办事处"


def test_a_visit_from_before_gets_its_report_with_the_delivery(grave: Inspection, officer: User) -> None:
    Report.objects.all().delete()
    report = actions.deliver_report(grave, officer, **HANDED)
    assert (report.made_on, report.sent_on) == (VISITED, VISITED)
    assert Clock.objects.get(key=f"report:{grave.pk}").state == "MET"


def test_a_report_made_with_its_delivery_bears_the_day_it_is_made(grave: Inspection, officer: User) -> None:
    Report.objects.all().delete()
    report = actions.deliver_report(grave, officer, **HANDED | {"today": date(2027, 1, 4)})
    assert report.document is not None
    assert (report.made_on, report.sent_on, report.document.context["issued_on"]) == (
        date(2027, 1, 4), VISITED, "2027-01-04",
    )  # fmt: skip
    assert "〔2027〕" in report.letter_no
    assert Clock.objects.get(key=f"report:{grave.pk}").met_on == VISITED


def test_what_the_paper_of_an_old_visit_lacks_is_said_on_the_form(
    grave: Inspection, officer: User, browse: Browse, time_machine: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_machine.move_to("2026-09-22T16:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    Report.objects.all().delete()
    client, url = browse(officer), reverse("hazards:deliver", args=[grave.pk])
    typed = {"suggestions": ["LISTED"], "receiver": "刘主任", "sent_on": "2026-09-22"}
    Hazard.objects.filter(grave=True).update(wording="安全出口锁闭🔥")
    above = client.post(url, typed | {"township": "城关街道办事处"})
    assert (above.status_code, list(above.context["form"].errors)) == (200, ["__all__"])
    assert (above.context["form"]["receiver"].value(), Report.objects.count()) == ("刘主任", 0)
    faults = [Fault("to", "这一栏放不下"), Fault("suggestions.chosen", "没有填写建议措施")]
    with monkeypatch.context() as patched:
        patched.setattr("hazards.reporting.issue_report", lambda *_: refuse(faults))
        there = client.post(url, typed | {"township": "城关街道办事处"})
    assert list(there.context["form"].errors) == ["township", "suggestions"]
    Hazard.objects.filter(grave=True).update(wording="安全出口锁闭")
    assert client.post(url, typed | {"township": "城关街道办事处"}).status_code == 302
    assert Report.objects.get().suggested == ["挂牌督办"]


def test_what_is_not_grave_is_not_reported(served: Order, officer: User) -> None:
    with pytest.raises(RuleError, match="没有认定严重威胁公共安全"):
        actions.deliver_report(served.inspection, officer, **HANDED)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sent_on": date(2026, 9, 21)}, "送交日期"),
        ({"sent_on": date(2026, 9, 23)}, "送交日期"),
        ({"receiver": ""}, "签收人"),
    ],
)
def test_a_delivery_names_a_day_and_a_person(
    changed: dict[str, object], message: str, grave: Inspection, officer: User
) -> None:
    with pytest.raises(RuleError, match=message):
        actions.deliver_report(grave, officer, **HANDED | changed)
    assert Report.objects.get().sent_on is None


def test_the_page_of_the_visit_says_the_report_will_be_made(
    draft: Inspection, officer: User, browse: Browse, time_machine: object
) -> None:
    time_machine.move_to("2026-09-22T11:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    locked = draft.findings.get(hazard_type__code="EV02")
    client, url = browse(officer), reverse("conclude", args=[draft.pk])
    said = "签发的同时生成书面报告，立即报告江城市消防救援大队"
    assert said not in client.get(url).content.decode()
    judged = {f"grave_{locked.pk}": "yes", "township": "城关街道办事处", "suggestions": ["ORGANISE"]}
    page = client.get(url, judged, headers={"HX-Request": "true"}).content.decode()
    assert said in page
    assert 'value="城关街道办事处"' in page
    client.post(url, judged | {"township": "北关镇人民政府"})
    assert Report.objects.get().township == "北关镇人民政府"


def test_what_is_suggested_is_seen_chosen_and_printed(
    draft: Inspection, officer: User, browse: Browse, time_machine: object
) -> None:
    time_machine.move_to("2026-09-22T11:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    locked = draft.findings.get(hazard_type__code="EV02")
    client, url = browse(officer), reverse("conclude", args=[draft.pk])
    # Until something is grave, the page carries along what is ticked beforehand.
    assert '<input type="hidden" name="suggestions" value="ORGANISE">' in client.get(url).content.decode()
    judged = {f"grave_{locked.pk}": "yes", "township": "城关街道办事处"}
    page = client.get(url, judged | {"suggestions": ["CUT_OFF", "LISTED"]})
    assert page.context["form"]["suggestions"].value() == ["CUT_OFF", "LISTED"]
    assert page.context["papers"][-1]["gaps"] == []
    assert [line for line in page.context["query"].split("&") if "suggestions" in line] == [
        "suggestions=CUT_OFF", "suggestions=LISTED",
    ]  # fmt: skip
    assert client.post(url, judged | {"suggestions": ["LISTED", "CUT_OFF"]}).status_code == 302
    report = Report.objects.get()
    assert (report.suggested, report.document and report.document.context["suggestions"]["chosen"]) == (
        ["断电断气", "挂牌督办"], ["断电断气", "挂牌督办"],
    )  # fmt: skip
    read = client.get(reverse("hazards:report", args=[draft.pk])).content.decode()
    assert "<dt>建议措施</dt><dd>断电断气、挂牌督办</dd>" in read


@pytest.mark.slow
def test_a_report_that_suggests_nothing_is_not_issued(
    draft: Inspection, officer: User, browse: Browse, time_machine: object
) -> None:
    time_machine.move_to("2026-09-22T11:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    locked = draft.findings.get(hazard_type__code="EV02")
    client, url = browse(officer), reverse("conclude", args=[draft.pk])
    judged = {f"grave_{locked.pk}": "yes", "township": "城关街道办事处"}
    lacks = [("没有填写建议措施。至少选一项。", "#div_id_suggestions")]
    assert [(gap.words, gap.url) for gap in client.get(url, judged).context["gaps"]] == lacks
    refused = client.post(url, judged)
    assert (refused.status_code, refused.context["form"]["suggestions"].errors) == (422, [lacks[0][0]])
    other = client.post(url, judged | {"suggestions": ["CLOSE"]})
    assert (other.status_code, list(other.context["form"].errors)) == (422, ["suggestions"])
    assert (Document.objects.count(), Report.objects.count()) == (0, 0)
    # Where nothing is grave nothing is reported, and nothing need be suggested.
    assert client.post(url, {f"grave_{locked.pk}": "no"}).status_code == 302


def test_reports_from_before_keep_what_they_printed_and_those_without_a_paper_say_nothing(
    grave: Inspection,
) -> None:
    printed = Report.objects.get()
    Report.objects.update(suggestions=[])
    migration = import_module("hazards.migrations.0027_printed_suggestions")
    migration.tell(apps, SimpleNamespace(connection=connection))
    printed.refresh_from_db()
    assert printed.document is not None
    assert printed.suggested == printed.document.context["suggestions"]["chosen"] == ["组织整治"]
    Report.objects.update(suggestions=[], document=None)
    migration.tell(apps, SimpleNamespace(connection=connection))
    printed.refresh_from_db()
    assert printed.suggested == []


def test_a_report_made_with_its_delivery_says_what_was_chosen_then(
    grave: Inspection, officer: User, browse: Browse, time_machine: object
) -> None:
    time_machine.move_to("2026-09-22T16:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object
    client, url = browse(officer), reverse("hazards:deliver", args=[grave.pk])
    sent = {"township": "城关街道办事处", "receiver": "刘主任", "sent_on": "2026-09-22"}
    assert "suggestions" not in client.get(reverse("hazards:report", args=[grave.pk])).context["form"].fields
    Report.objects.all().delete()
    form = client.get(reverse("hazards:report", args=[grave.pk])).context["form"]
    assert form["suggestions"].value() == ["ORGANISE"]
    assert client.post(url, sent).context["form"].errors == {"suggestions": ["至少选一项"]}
    assert client.post(url, sent | {"suggestions": ["STOP"]}).status_code == 302
    report = Report.objects.get()
    assert report.document is not None
    assert report.document.context["suggestions"]["chosen"] == ["停用"]


def test_the_brigade_reads_and_does_not_deliver(
    grave: Inspection, supervisor: User, officer: User, browse: Browse
) -> None:
    url = reverse("hazards:deliver", args=[grave.pk])
    assert browse(supervisor).post(url, HANDED).status_code == 403
    assert browse(officer).get(reverse("hazards:report", args=[grave.pk])).context["may_deliver"]
