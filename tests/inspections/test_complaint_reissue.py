"""作废重出举报答复: the wrong words fall with their paper, and nothing else of the complaint changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from inspections import complaining
from inspections.complaint_entries import Told
from inspections.complaint_reissuing import reissue_reply
from inspections.models import Complaint
from stations.models import User
from stations.permissions import Role
from tests.inspections.complaints import NAME, checked, instant, received
from trail.models import AuditEntry
from units.models import Unit

NOW, LATER = instant(24, 16, 30), instant(28, 9)
TODAY, WHY = LATER.date(), "核查结果写错"
WRONG, RIGHT = "经核查，你反映的问题不属实。", "经核查，你反映的问题属实。"


@pytest.fixture
def answered(officer: User, partner: User, unit: Unit) -> Complaint:
    made = received(officer, unit=unit)
    complaining.check_complaint(made, officer, checked(officer, partner, instant(24, 9)), NOW)
    return complaining.answer_complaint(made, officer, Told(NOW, "WRITTEN", WRONG), NOW)


def stands(row: Complaint) -> list[Any]:
    row.refresh_from_db()
    clocks = Clock.objects.order_by("key").values_list("key", "state", "met_on", "due_at")
    return [row.state, row.told_at, row.told_by, row.manner, row.document, list(clocks)]


def test_the_reply_falls_and_a_corrected_one_of_today_takes_its_place(answered: Complaint, chief: User) -> None:
    old, before = answered.reply, stands(answered)
    assert old is not None
    new = reissue_reply(answered, chief, WHY, RIGHT, TODAY)
    with pytest.raises(RuleError, match="没有重复作废"):
        reissue_reply(answered, chief, WHY, WRONG, TODAY)
    old.refresh_from_db()
    assert (old.status, old.void_reason, old.replaced_by) == ("被取代", WHY, new)
    assert (stands(answered), answered.reply, answered.told) == (before, new, RIGHT)
    assert (new.context["told"], new.issued_on, new.unit_id) == ([RIGHT], TODAY, None)
    assert new.number != old.number
    entry = AuditEntry.objects.get(action="inspections.reissue_reply")
    # No more of the words than was changed, as for every correction.
    words = {"told": "你反映的问题不属实。"}, {"told": "你反映的问题属实。"}
    assert (entry.before, entry.after, entry.reason) == (*words, WHY)


def test_only_the_chief_of_the_station_with_a_reason_and_without_a_name(
    answered: Complaint, officer: User, chief: User, person: Callable[..., User], sibling: Any
) -> None:
    with pytest.raises(RuleError, match="须由本所所长决定"):
        reissue_reply(answered, officer, WHY, RIGHT, TODAY)
    with pytest.raises(Complaint.DoesNotExist):
        reissue_reply(answered, person(Role.CHIEF, sibling, "邻所长"), WHY, RIGHT, TODAY)
    with pytest.raises(RuleError, match="须写明理由"):
        reissue_reply(answered, chief, " ", RIGHT, TODAY)
    for told, why in ((f"{NAME}：{RIGHT}", WHY), (RIGHT, f"{NAME}指出"), (" ", WHY)):
        with pytest.raises(Refusal):
            reissue_reply(answered, chief, why, told, TODAY)
    assert reissue_reply(answered, chief, WHY, RIGHT, TODAY).issued_on == TODAY


def test_the_page_keeps_the_day_it_was_told(answered: Complaint, browse: Callable[[User], Client], chief: User) -> None:
    assert answered.reply is not None
    client, url = browse(chief), reverse("paper_reissue", args=[answered.reply.pk])
    form = client.get(url).context["form"]
    assert ([*form.fields], form["told"].value()) == (["told_at", "told", "why"], WRONG)
    typed = {"told": RIGHT, "why": WHY, "told_at": (NOW - timedelta(days=1)).isoformat()}
    with time_machine.travel(LATER, tick=False):
        assert client.post(url, {"told": RIGHT, "why": NAME}).context["form"].errors.keys() == {"why"}
        assert client.post(url, typed).status_code == 302
        page = client.get(answered.get_absolute_url()).content.decode()
    answered.refresh_from_db()
    assert (answered.told, answered.told_at) == (RIGHT, NOW)
    assert ("作废重出举报答复" in page, WHY in page) == (True, True)
