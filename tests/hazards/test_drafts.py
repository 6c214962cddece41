"""预览草稿 beside the button of an act: what is read is what is issued then, and nothing of it stays."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from hazards import actions
from hazards.models import Extension, Hazard, Order, Referral, Report
from inspections.models import Inspection
from records.drafts import answer
from records.models import Document
from stations.models import User
from stations.permissions import Can
from stations.sessions import STAMPS
from stations.step_up import PROVED, prove
from tests.drafted import Drafts, caught, drafted, shown_as, unnumbered
from tests.hazards.conftest import EVE

Browse = Callable[[User], Client]


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> Drafts:
    return caught(monkeypatch)


def issued_by(client: Client, url: str, form: dict[str, Any]) -> Document:
    """The one paper that comes into being when the act itself is done with the same form."""
    before = set(Document.objects.values_list("pk", flat=True))
    assert client.post(url, form).status_code == 302
    return Document.objects.exclude(pk__in=before).get()


def errors(answer: HttpResponse) -> list[str]:
    return list(answer.context["form"].errors)


# ---------- 移送函 ----------


@pytest.fixture
def refer_form(failed: Hazard, time_machine: Any) -> dict[str, Any]:
    time_machine.move_to("2026-10-12T09:00:00+08:00")
    return {
        "hazards": [failed.pk], "target": "FIRE_BRIGADE", "authority": "", "basis": "消防法第60条", "receiver": "",
        "facts": "逾期未改正", "sent_on": "2026-10-12",
    }  # fmt: skip


def test_the_letter_of_a_referral_is_read_before_it_is_sent(
    failed: Hazard, refer_form: dict[str, Any], drafts: Drafts, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), reverse("hazards:refer", args=[failed.pk])
    assert shown_as(drafted(client, url, refer_form)) == "草稿 移送函.pdf"
    assert drafts == [unnumbered(issued_by(client, url, refer_form))]


def test_a_referral_that_is_refused_has_no_draft_either(
    failed: Hazard, refer_form: dict[str, Any], drafts: Drafts, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), reverse("hazards:refer", args=[failed.pk])
    early = drafted(client, url, refer_form | {"sent_on": "2026-09-01"})
    assert (early.status_code, errors(early)) == (200, ["sent_on"])
    other = drafted(client, url, refer_form | {"target": "OTHER", "sure": "on", "facts": "正在营业"})
    assert (other.status_code, other.context["refusal"].message) == (409, "复查仍未改正的，移送消防救援大队")
    unwritten = drafted(client, url, refer_form | {"facts": ""})
    assert (unwritten.status_code, errors(unwritten), unwritten.context["form"]["basis"].value()) == (
        200, ["facts"], "消防法第60条",
    )  # fmt: skip
    assert (drafts, Referral.objects.count()) == ([], 0)


def test_the_draft_of_a_referral_is_for_whoever_may_refer(
    failed: Hazard, refer_form: dict[str, Any], drafts: Drafts, browse: Browse, officer: User, assistant: User,
    stranger: User,
) -> None:  # fmt: skip
    url, people = reverse("hazards:refer", args=[failed.pk]), (officer, assistant, stranger)
    assert [drafted(browse(user), url, refer_form).status_code for user in people] == [200, 403, 404]
    assert len(drafts) == 1


def test_a_draft_is_proved_once_a_shift_as_its_act_and_uses_up_nothing_that_is_good_for_one_act(
    failed: Hazard, refer_form: dict[str, Any], drafts: Drafts, browse: Browse, officer: User, settings: Settings
) -> None:
    settings.STEP_UP = True
    client, url = browse(officer), reverse("hazards:refer", args=[failed.pk])
    assert drafted(client, url, refer_form)["Location"].startswith("/step-up/?for=REFER&next=")
    session = client.session
    prove(session, now(), Can.EXPORT)
    session.save()
    before = dict(client.session)
    assert [drafted(client, url, refer_form).status_code for _ in range(2)] == [200, 200]
    assert {name: client.session[name] for name in (PROVED, STAMPS)} == {
        name: before[name] for name in (PROVED, STAMPS)
    }
    assert len(drafts) == 2


# ---------- 延期改正审批表 ----------


@pytest.fixture
def asked(served: Order, officer: User, time_machine: Any) -> Extension:
    time_machine.move_to("2026-09-25T16:00:00+08:00")
    day = date(2026, 9, 25)
    return actions.request_extension(
        served, officer, deadline=EVE, hazards=list(served.hazards.all()), until=date(2026, 10, 15), requested_on=day,
        reason="灯具订货需两周", today=day,
    )  # fmt: skip


@pytest.mark.parametrize("verdict", ["approve", "refuse"])
def test_the_decision_on_an_extension_is_read_before_it_is_made(
    verdict: str, asked: Extension, drafts: Drafts, browse: Browse, chief: User
) -> None:
    client, url = browse(chief), reverse("hazards:decide_extension", args=[asked.pk])
    form = {"verdict": verdict, "until": "2026-10-12", "decision": "情况属实"}
    assert shown_as(drafted(client, url, form)) == "草稿 延期改正审批表.pdf"
    assert drafts == [unnumbered(issued_by(client, url, form))]


def test_a_decision_that_is_refused_has_no_draft_either(
    asked: Extension, drafts: Drafts, browse: Browse, chief: User
) -> None:
    client, url = browse(chief), reverse("hazards:decide_extension", args=[asked.pk])
    longer = drafted(client, url, {"verdict": "approve", "until": "2026-11-30", "decision": "情况属实"})
    assert (longer.status_code, errors(longer), drafts) == (200, ["until"], [])


def test_the_draft_of_a_decision_is_for_the_chief(
    asked: Extension, drafts: Drafts, browse: Browse, officer: User, chief: User, stranger: User
) -> None:
    url, form = reverse("hazards:decide_extension", args=[asked.pk]), {"verdict": "refuse", "decision": "不必"}
    people = (chief, officer, stranger)
    assert [drafted(browse(user), url, form).status_code for user in people] == [200, 403, 404]
    assert len(drafts) == 1


# ---------- 火灾隐患报告 ----------


@pytest.fixture
def unreported(grave: list[Document], time_machine: Any) -> Inspection:
    """A visit concluded before reports were made with the order."""
    Report.objects.all().delete()
    time_machine.move_to("2026-09-22T16:00:00+08:00")
    return Inspection.objects.get()


HANDED = {"township": "城关街道办事处", "suggestions": "CUT_OFF", "receiver": "刘主任", "sent_on": "2026-09-22"}


def test_the_report_of_an_old_visit_is_read_before_it_is_delivered(
    unreported: Inspection, drafts: Drafts, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), reverse("hazards:deliver", args=[unreported.pk])
    assert b"formtarget" in client.get(reverse("hazards:report", args=[unreported.pk])).content
    assert shown_as(drafted(client, url, HANDED)) == "草稿 火灾隐患报告.pdf"
    assert drafts == [unnumbered(issued_by(client, url, HANDED))]


def test_a_report_that_has_its_paper_offers_no_draft(
    grave: list[Document], drafts: Drafts, browse: Browse, officer: User, time_machine: Any
) -> None:
    time_machine.move_to("2026-09-22T16:00:00+08:00")
    client, visit = browse(officer), Inspection.objects.get()
    assert b"formtarget" not in client.get(reverse("hazards:report", args=[visit.pk])).content
    none = drafted(client, reverse("hazards:deliver", args=[visit.pk]), HANDED)
    assert (none.status_code, none.context["refusal"].message) == (409, "这样办理不出具文书，没有草稿可以预览")
    assert drafts == []


def test_a_delivery_that_is_refused_has_no_draft_either(
    unreported: Inspection, drafts: Drafts, browse: Browse, officer: User, supervisor: User, stranger: User
) -> None:
    url = reverse("hazards:deliver", args=[unreported.pk])
    before = drafted(browse(officer), url, HANDED | {"sent_on": "2026-09-21"})
    assert (before.status_code, errors(before)) == (200, ["sent_on"])
    assert [drafted(browse(user), url, HANDED).status_code for user in (supervisor, stranger)] == [403, 404]
    assert drafts == []


# ---------- the papers of a visit ----------


def test_what_is_issued_again_after_a_voiding_is_read_first_and_agrees_with_a_rehearsal(
    served: Order, drafts: Drafts, browse: Browse, officer: User, chief: User, time_machine: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    time_machine.move_to("2026-09-24T09:00:00+08:00", tick=False)
    assert served.inspection is not None
    again = actions.void_papers(served.inspection, chief, "单位名称写错", date(2026, 9, 24))
    client = browse(officer)
    for kind in ("order_limit", "inspection_record"):
        client.get(reverse("hazards:draft", args=[again.pk, kind]))
    read = drafts[:]
    drafts.clear()
    monkeypatch.setattr("records.drafts._together", lambda drafts: drafts[0])
    answer(partial(actions.conclude, again, officer, {}, now(), ""))
    assert [kind for kind, _ in read] == ["ORDER_LIMIT", "INSPECTION_RECORD"]
    assert drafts == read
    assert client.post(reverse("conclude", args=[again.pk])).status_code == 302
    assert Document.objects.valid().count() == 2
