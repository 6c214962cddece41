"""Refusals and what leaves the system are told, whatever became of the view's transaction; nobody floods the trail."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from records.models import Document
from stations.models import User
from trail import record
from trail.models import AuditEntry
from units.models import Unit

Browse = Callable[[User], Client]
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    record._left_out.clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def noticed() -> list[tuple[str, str, dict[str, Any]]]:
    """Action, actor, what was told, oldest first; signing in aside."""
    rows = AuditEntry.objects.exclude(action__startswith="stations.sign").order_by("id")
    return [(row.action, row.actor_number, row.after) for row in rows if "path" in row.after]


def test_the_row_of_another_station_is_told_as_one_that_is_there(
    browse: Browse, stranger: User, unit: Unit, clock: Any
) -> None:
    path = reverse("unit_page", args=[unit.pk])
    assert browse(stranger).get(path).status_code == 404
    told = {
        "path": path,
        "status": 404,
        "method": "GET",
        "subject": "units.unit",
        "subject_id": unit.pk,
        "exists": True,
    }
    assert noticed() == [("desk.refused", stranger.number, told)]
    entry = AuditEntry.objects.latest("id")
    assert (entry.subject_type, entry.subject_id, entry.bureau_id) == ("units.unit", unit.pk, unit.bureau_id)
    assert entry.summary == f"越权访问：不在管辖范围（404）：{path}"
    assert entry.address == "127.0.0.1"


def test_a_row_that_is_nowhere_is_told_as_one(browse: Browse, stranger: User, clock: Any) -> None:
    browse(stranger).get(reverse("unit_page", args=[987654]))
    ((_, _, told),) = noticed()
    assert (told["exists"], told["subject_id"]) == (False, 987654)


def test_his_own_row_is_no_refusal(browse: Browse, officer: User, unit: Unit, clock: Any) -> None:
    assert browse(officer).get(reverse("unit_page", args=[unit.pk])).status_code == 200
    assert noticed() == []


def test_a_missing_capability_is_told_with_its_name(browse: Browse, officer: User, clock: Any) -> None:
    assert browse(officer).get(reverse("trail:list")).status_code == 403
    ((action, number, told),) = noticed()
    assert (action, number, told["status"]) == ("stations.refused", officer.number, 403)
    assert "查看审计记录" in AuditEntry.objects.latest("id").summary


def test_a_rule_that_says_no_is_told_with_its_words(
    browse: Browse, audit_admin: User, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stations.views.audit.MOST_EXPORTED", -1)
    assert browse(audit_admin).get(reverse("trail:list") + "?export=xlsx").status_code == 409
    assert [told["status"] for action, _, told in noticed() if action == "stations.refused"] == [409]
    assert "一次最多导出" in AuditEntry.objects.get(action="stations.refused").summary


def test_a_workbook_that_leaves_is_told_once(browse: Browse, officer: User, unit: Unit, clock: Any) -> None:
    path = reverse("units:list") + "?export=xlsx"
    assert browse(officer).get(path).status_code == 200
    ((action, number, told),) = noticed()
    assert (action, number, told["path"]) == ("units.export", officer.number, path)
    assert told["file"].endswith(".xlsx")


def test_a_number_in_the_address_of_a_file_is_told_masked(browse: Browse, audit_admin: User, clock: Any) -> None:
    assert browse(audit_admin).get(reverse("trail:verifier") + "?q=13812345678").status_code == 200
    ((action, _, told),) = noticed()
    assert (action, told["path"]) == ("stations.export", reverse("trail:verifier") + "?q=138****5678")


def test_an_unknown_paper_asked_for_by_anybody_is_told(client: Client, db: None, clock: Any) -> None:
    assert client.get(reverse("verify", args=["nobodys-paper"])).status_code == 404
    ((action, number, told),) = noticed()
    assert (action, number, told["path"]) == ("records.verify_failed", "", "/v/nobodys-paper/")
    assert AuditEntry.objects.latest("id").actor_name == "未登录"
    assert Document.objects.count() == 0


def test_a_link_nobody_was_sent_is_told_without_what_was_tried(client: Client, db: None, clock: Any) -> None:
    token = "guessed-link"
    digest = sha256(token.encode()).hexdigest()[:16]
    answers = [client.get(reverse(name, args=[token])).status_code for name in ("receipt", "receipt_paper")]
    assert answers == [404, 404]
    address = {"address": "127.0.0.1"}
    assert noticed() == [
        ("hazards.link_failed", "", {"path": f"/s/{digest}/", **address}),
        ("hazards.link_failed", "", {"path": f"/s/{digest}/paper/", **address}),
    ]
    assert not AuditEntry.objects.filter(summary__contains=token).exists()


def test_a_link_where_somebody_signed_in_is_refused_is_told_without_it(
    browse: Browse, officer: User, clock: Any
) -> None:
    client = browse(officer)
    client.handler.enforce_csrf_checks = True
    token = "an-open-link-of-a-notice"
    assert client.post(reverse("receipt", args=[token])).status_code == 403
    assert not AuditEntry.objects.filter(summary__contains=token).exists()
    assert [told["path"] for _, _, told in noticed()] == [f"/s/{sha256(token.encode()).hexdigest()[:16]}/"]


# ---------- the bound ----------


def test_a_flood_hides_no_file_and_no_look(
    browse: Browse, audit_admin: User, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "NOTICED_AT_MOST", 3)
    client = browse(audit_admin)
    for number in range(10**6, 10**6 + 5):
        client.get(reverse("unit_page", args=[number]))
    for path in (reverse("trail:verifier"), reverse("trail:verifier"), reverse("trail:list"), f"/trail/{10**6}/"):
        client.get(path)
    assert Counter(action for action, _, _ in noticed()) == {"desk.refused": 3, "stations.export": 2, "trail.read": 1}


def test_a_flood_of_foreign_forms_hides_no_forged_paper_and_that_of_one_address_none_of_another(
    db: None, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "NOTICED_AT_MOST", 3)
    client = Client()
    for number in range(5):
        client.get(f"/nothing-{number}/", headers=CROSS)
    for number in range(5):
        client.get(reverse("verify", args=[f"paper-{number}"]), REMOTE_ADDR="192.0.2.7")
    client.get(reverse("verify", args=["paper-9"]), REMOTE_ADDR="192.0.2.9")
    client.get(reverse("receipt", args=["guessed-link"]), REMOTE_ADDR="192.0.2.7")
    told = [action for action, _, _ in noticed()]
    assert Counter(told) == {"fire_supervision.refused": 3, "records.verify_failed": 4, "hazards.link_failed": 1}
    forged = AuditEntry.objects.filter(action="records.verify_failed").values_list("address", flat=True)
    assert Counter(forged) == {"192.0.2.7": 3, "192.0.2.9": 1}


def test_the_same_thing_is_told_once_a_minute_and_then_with_the_count(
    browse: Browse, officer: User, clock: Any
) -> None:
    client = browse(officer)
    for _ in range(5):
        client.get(reverse("trail:list"))
    assert len(noticed()) == 1
    clock.shift(timedelta(seconds=61))
    client.get(reverse("trail:list"))
    assert len(noticed()) == 2
    assert "此前另有 4 次未逐条记录" in AuditEntry.objects.latest("id").summary


@pytest.mark.slow
def test_whoever_tries_a_thousand_numbers_leaves_thirty_entries_and_the_count(
    browse: Browse, stranger: User, clock: Any
) -> None:
    client = browse(stranger)
    for number in range(10**6, 10**6 + 140):
        client.get(reverse("unit_page", args=[number]))
        client.get(reverse("units:edit", args=[number]))
    entries = [each for each in noticed() if each[0].endswith(".refused")]
    assert len(entries) == 30 + 2
    summaries = AuditEntry.objects.order_by("-id").values_list("summary", flat=True)
    assert sum("此前另有 100 次" in each for each in summaries) == 1


def test_a_database_that_refuses_turns_no_answer_into_an_error(
    browse: Browse, officer: User, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("trail.record._may_notice", broken)
    assert browse(officer).get(reverse("trail:list")).status_code == 403


# ---------- turned away before anybody looks ----------


def test_who_asks_too_often_is_told_once_a_minute_and_address_with_the_count(
    client: Client, db: None, settings: Settings, clock: Any
) -> None:
    settings.RATE_VERIFY = 1
    answers = [client.get(reverse("verify", args=[f"paper-{number}"])).status_code for number in range(14)]
    assert answers == [404] + [429] * 13
    assert noticed()[1:] == TOO_OFTEN
    client.get(reverse("verify", args=["one"]), REMOTE_ADDR="192.0.2.9")
    assert "（此前另有 12 次未逐条记录）" in AuditEntry.objects.latest("id").summary
    client.get(reverse("verify", args=["two"]), REMOTE_ADDR="192.0.2.9")
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor_name, entry.address, entry.bureau_id) == ("未登录", "192.0.2.9", None)
    assert entry.summary == "请求过于频繁（429）：/v/<str:token>/"
    clock.shift(timedelta(seconds=61))
    client.get(reverse("verify", args=["again"]))
    assert "请求过于频繁" in AuditEntry.objects.latest("id").summary


TOLD_429 = {"path": "/v/<str:token>/", "status": 429, "method": "GET"}
# The first, and that ten more were left out.
TOO_OFTEN = [("records.refused", "", TOLD_429)] * 2


def test_below_the_limit_nothing_is_told_of_it(client: Client, db: None, settings: Settings, clock: Any) -> None:
    settings.RATE_VERIFY = 2
    client.get(reverse("stations:login"))
    client.get(reverse("verify", args=["nobodys-paper"]))
    assert [action for action, _, _ in noticed()] == ["records.verify_failed"]


def test_one_who_is_signed_in_is_named_also_when_he_asks_too_often(
    browse: Browse, officer: User, settings: Settings, clock: Any
) -> None:
    settings.RATE_VERIFY = 1
    client = browse(officer)
    for number in range(2):
        client.get(reverse("verify", args=[f"paper-{number}"]))
    assert noticed()[-1] == ("records.refused", officer.number, TOLD_429)
    assert AuditEntry.objects.latest("id").bureau_id == officer.bureau_id


CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Origin": "https://elsewhere.example"}


def test_a_request_of_another_site_is_told_with_the_site_and_the_page(
    browse: Browse, officer: User, unit: Unit, clock: Any
) -> None:
    path = reverse("unit_page", args=[unit.pk])
    client = browse(officer)
    assert client.get(path, headers=CROSS).status_code == 403
    assert client.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    page = "/units/<int:pk>/"
    told = {"path": page, "status": 403, "method": "GET", "origin": "https://elsewhere.example"}
    assert noticed() == [("fire_supervision.refused", "", told)]
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor_name, entry.address) == ("未登录", "127.0.0.1")
    assert entry.summary == f"来自其他网站的请求（403）：{page}"


def test_a_form_that_is_none_of_ours_is_told_also_of_nobody(db: None, clock: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("stations:login"), {"number": "040101"}).status_code == 403
    ((action, number, told),) = noticed()
    assert (action, number, told["path"], told["status"]) == ("stations.refused", "", "/login/", 403)


@pytest.mark.slow
def test_no_flood_of_another_site_fills_the_trail(db: None, clock: Any) -> None:
    client = Client()
    for number in range(60):
        client.get(f"/nothing-{number}/", headers=CROSS)
    assert len(noticed()) == 30 + 1
