"""The trail as the audit administrator reads it."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.views import audit
from trail.models import AuditEntry
from trail.record import record
from trail.sealing import seal_pending

URL = "/trail/"


@pytest.fixture
def client(browse: Callable[[User], Client], audit_admin: User) -> Client:
    return browse(audit_admin)


@pytest.fixture
def entries(officer: User, chief: User, station: Organisation) -> list[AuditEntry]:
    """Three acts: 24 September late, 25 September just after midnight in Shanghai, 26 September."""
    moments = [datetime(2026, 9, 24, 15, 59, tzinfo=UTC), datetime(2026, 9, 24, 16, 1, tzinfo=UTC)]
    moments.append(datetime(2026, 9, 26, 2, tzinfo=UTC))
    acts = [
        (officer, "units.edit", station, "修改鑫源旅馆", {"reason": "更正地址"}),
        (
            chief,
            "records.void",
            officer,
            "作废第0029号",
            {"before": {"name": "甲"}, "after": {"name": "乙", "gone": True}},
        ),
        (None, "hazards.open_due", None, "复查开启", {}),
    ]
    written = []
    for moment, (actor, action, subject, summary, more) in zip(moments, acts, strict=True):
        with time_machine.travel(moment, tick=False), transaction.atomic():
            written.append(record(actor, action, subject, summary, **more))
    return written


def listed(client: Client, query: str) -> list[str]:
    return [entry.summary for entry in client.get(f"{URL}{query}").context["page"].rows]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["复查开启", "作废第0029号", "修改鑫源旅馆"]),
        ("?q=鑫源", ["修改鑫源旅馆"]),
        ("?q=更正", ["修改鑫源旅馆"]),
        ("?who=志远", ["作废第0029号"]),
        ("?who=系统", ["复查开启"]),
        ("?action=records.", ["作废第0029号"]),
        ("?subject=stations.user", ["作废第0029号"]),
        ("?since=2026-09-25", ["复查开启", "作废第0029号"]),
        ("?until=2026-09-25", ["作废第0029号", "修改鑫源旅馆"]),
        ("?since=2026-09-25&until=2026-09-25", ["作废第0029号"]),
        ("?action=records.void", ["作废第0029号"]),
        ("?action=.refused", []),
        ("?action=records.voi", ["复查开启", "作废第0029号", "修改鑫源旅馆"]),
        ("?subject=stations.user&subject_id=0", []),
        ("?address=10.0.0.7", []),
        ("?request=nothing", []),
        ("?since=tomorrow&subject=x&cursor=x&q=%20", ["复查开启", "作废第0029号", "修改鑫源旅馆"]),
    ],
)
def test_the_trail_is_narrowed_by_words_person_action_subject_and_day(
    query: str, found: list[str], client: Client, entries: list[AuditEntry]
) -> None:
    assert listed(client, query) == found


def test_an_entry_shows_what_changed_in_the_words_of_the_screens(client: Client, entries: list[AuditEntry]) -> None:
    response = client.get(f"{URL}{entries[1].pk}/")

    assert response.context["changes"] == [("姓名", "甲", "乙", True), ("gone", "", "是", True)]
    assert response.context["subject"] == "人员"


def test_a_state_is_shown_by_its_name_and_a_fact_that_is_no_field_too(
    client: Client, audit_admin: User, station: Organisation
) -> None:
    written = AuditEntry.objects.create(
        action="records.void", actor_name="", subject_type="records.document", bureau_id=station.bureau_id, summary="",
        before={"state": "ISSUED"}, after={"state": "VOID", "voided_on": "2026-09-25"},
    )  # fmt: skip
    assert client.get(f"{URL}{written.pk}/").context["changes"] == [
        ("状态", "有效", "已作废", True), ("作废日期", "", "2026-09-25", True),
    ]  # fmt: skip


def test_acts_of_one_request_are_shown_together(
    browse: Callable[[User], Client],
    client: Client,
    system_admin: User,
    officer: User,
    supervisor: User,
    station: Organisation,
) -> None:
    other = Organisation.objects.create(kind="BRIGADE", name="高新区消防救援大队")
    posted = {"name": station.name, "short_name": "城关", "code_word": "江公", "brigade": other.pk}
    browse(system_admin).post(f"/organisations/{station.pk}/edit/", posted)
    ended, edited = AuditEntry.objects.order_by("pk")

    assert (ended.address, edited.actor_id) == ("127.0.0.1", system_admin.pk)
    assert client.get(f"{URL}{edited.pk}/").context["same_request"] == [(ended, "结束业务指导")]


def test_the_export_holds_what_is_listed_and_is_itself_an_entry(
    client: Client, entries: list[AuditEntry], audit_admin: User
) -> None:
    response = client.get(f"{URL}?action=records.&export=xlsx")

    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))
    assert [row[6] for row in rows] == ["摘要", "作废第0029号"]
    told = AuditEntry.objects.latest("pk")
    assert (told.action, told.actor_id, told.summary) == ("trail.export", audit_admin.pk, "导出审计记录 1 条")


def test_more_than_a_workbook_should_hold_is_not_exported(
    client: Client, entries: list[AuditEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_EXPORTED", 2)

    assert client.get(f"{URL}?export=xlsx").status_code == 409
    assert client.get(f"{URL}?export=xlsx&until=2026-09-25").status_code == 200


def test_the_list_costs_the_same_with_one_and_three_entries(
    client: Client, entries: list[AuditEntry], queries: Callable[[Callable[[], object]], int]
) -> None:
    one = queries(lambda: client.get(f"{URL}?action=records."))

    assert queries(lambda: client.get(URL)) == one


def test_nobody_else_reads_the_trail(
    browse: Callable[[User], Client], entries: list[AuditEntry], leader: User, system_admin: User, security_admin: User
) -> None:
    for person in (leader, system_admin, security_admin):
        assert browse(person).get(URL).status_code == 403
        assert browse(person).get(f"{URL}{entries[0].pk}/").status_code == 403


def test_the_trail_of_another_bureau_is_not_read(
    entries: list[AuditEntry], audit_admin: User, person: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    far = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局")
    Organisation.objects.filter(pk=far.pk).update(bureau=far)
    other = browse(person(Role.AUDIT_ADMIN, far, "陈远"))
    assert listed(other, "") == ["复查开启"]
    assert other.get(f"{URL}{entries[0].pk}/").status_code == 404
    assert browse(audit_admin).get(f"{URL}{entries[0].pk}/").status_code == 200


def test_what_belongs_to_no_bureau_is_read_by_the_auditor_with_none_above_him(
    client: Client, browse: Callable[[User], Client], person: Callable[..., User], bureau: Organisation
) -> None:
    below = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="城东分局", parent=bureau)
    below.bureau = below
    below.save(update_fields=["bureau"])
    with transaction.atomic():
        nobodys, own = (record(None, "units.sweep", row, "清理") for row in (None, below))
    auditor = browse(person(Role.AUDIT_ADMIN, below, "卫审计"))
    for each, seen in ((client, [own.pk, nobodys.pk]), (auditor, [own.pk])):
        rows = each.get(URL, {"q": "清理"}).context["rows"]
        assert [entry.pk for entry, *_ in rows] == seen
        assert each.get(f"{URL}{nobodys.pk}/").status_code == (200 if nobodys.pk in seen else 404)


def test_the_trail_is_narrowed_by_station_and_request(
    client: Client, browse: Callable[[User], Client], entries: list[AuditEntry], station: Organisation
) -> None:
    with transaction.atomic():
        told = record(None, "units.change", None, "改别处")
    AuditEntry.objects.bulk_create(
        [AuditEntry(actor_name="甲", action="units.change", summary="改本所", station_id=station.pk, request_id="r-1")]
    )
    assert [row for row in listed(client, f"?station={station.pk}") if row.startswith("改")] == ["改本所"]
    assert listed(client, "?request=r-1") == ["改本所"]
    assert listed(client, f"?subject_id={told.pk}") == []


def test_each_entry_says_whether_it_is_sealed(client: Client, entries: list[AuditEntry]) -> None:
    assert "待封" in client.get(f"{URL}{entries[0].pk}/").content.decode()
    seal_pending()
    rows = {row.pk: row.sequence for row, _, _ in client.get(f"{URL}?action=records.void").context["rows"]}
    assert rows == {entries[1].pk: 2}
    assert "已封第 1 号" in client.get(f"{URL}{entries[0].pk}/").content.decode()


def test_looking_at_the_trail_is_told_once_for_a_list_and_its_pages(
    client: Client, entries: list[AuditEntry], audit_admin: User
) -> None:
    client.get(f"{URL}?q=鑫源")
    client.get(f"{URL}?q=鑫源&cursor=x")
    client.get(f"{URL}{entries[0].pk}/")
    looks = AuditEntry.objects.filter(action="trail.read", actor_id=audit_admin.pk).order_by("id")
    assert [row.summary for row in looks] == ["查看审计记录列表", f"查看审计记录 {entries[0].pk}"]
