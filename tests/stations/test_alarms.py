"""What alarms by itself: once each, to those who are responsible, answered for by one of them."""

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import Settings

from fire_supervision.lib.errors import RuleError
from stations import alarms
from stations.models import Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.securing import note_lock, note_sign_in_failed
from stations.tasks import watch
from tests.stations.conftest import queries  # noqa: F401 - a fixture
from trail import actions
from trail.context import Origin, current_origin
from trail.keys import new_pair
from trail.models import Alarm, AlarmKind, AuditEntry, Run, RunKind, RunState
from trail.record import record, record_refusal
from trail.watching import signs

Browse = Callable[[User], Client]
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def thresholds(settings: Settings) -> None:
    settings.ALARM_MINUTES = 10
    settings.ALARM_SIGN_INS = settings.ALARM_REFUSALS = settings.ALARM_EXPORTS = settings.ALARM_LOCKS = 3
    settings.ALARM_EXPORT_ROWS, settings.ALARM_PAPERS = 100, 5


def fail(times: int, number: str, at: datetime = NOW, address: str = "192.0.2.9") -> None:
    token = current_origin.set(Origin("", address))
    with time_machine.travel(at, tick=False):
        for _ in range(times):
            note_sign_in_failed(number)
    current_origin.reset(token)


def refuse(times: int, actor: User | None, at: datetime = NOW, status: int = 403, **after: Any) -> None:
    token = current_origin.set(Origin("", "192.0.2.9"))
    with time_machine.travel(at, tick=False):
        for number in range(times):
            bureau_id = actor.bureau_id if actor else None
            path = f"/units/{number}/"
            record_refusal(actor, "units", status, "无权访问", path=path, after=after, bureau_id=bureau_id)
    current_origin.reset(token)


def take_out(times: int, actor: User, rows: int) -> None:
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        for _ in range(times):
            record(actor, "units.export", None, f"导出单位 {rows} 条", after={"rows": rows})


def raised(at: datetime = NOW + MINUTE) -> list[tuple[str, str]]:
    """Kind and words of what one look raises."""
    before = set(Alarm.objects.values_list("pk", flat=True))
    alarms.watch(at)
    return list(Alarm.objects.exclude(pk__in=before).order_by("pk").values_list("kind", "words"))


# ---------- what alarms ----------


def test_many_failed_sign_ins_from_one_address_alarm_and_fewer_do_not(officer: User) -> None:
    fail(2, officer.number)
    fail(2, officer.number, address="192.0.2.10")
    assert raised() == []
    fail(1, officer.number)
    assert raised() == [("SIGN_IN", "10 分钟内，从地址 192.0.2.9 登录失败 3 次。")]
    alarm = Alarm.objects.get()
    assert alarm.bureau_id == officer.bureau_id
    assert alarm.query == "action=stations.sign_in_failed&address=192.0.2.9&since=2026-11-20"


def test_numbers_nobody_has_are_the_business_of_all(officer: User) -> None:
    fail(3, "999999")
    assert raised() == [("SIGN_IN", "10 分钟内，从地址 192.0.2.9 登录失败 3 次。")]
    assert Alarm.objects.get().bureau_id is None


def test_an_address_that_tries_numbers_of_several_bureaus_is_told_to_each_without_the_others(
    officer: User, security_admin: User, person: Callable[..., User]
) -> None:
    far = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局")
    Organisation.objects.filter(pk=far.pk).update(bureau=far)
    elsewhere, watcher = (person(role, far, "卫") for role in (Role.BUREAU_OFFICER, Role.SECURITY_ADMIN))
    fail(1, officer.number)
    fail(1, elsewhere.number)
    assert raised() == []
    fail(1, "999999")
    words = "10 分钟内，从地址 192.0.2.9 登录失败 3 次，其中本机关的警号 1 次，其余是别的机关的或没有的警号。"
    assert sorted(raised()) == [("SIGN_IN", words)] * 2
    assert set(Alarm.objects.values_list("bureau_id", flat=True)) == {officer.bureau_id, far.pk}
    told = Message.objects.filter(title="安全告警：登录失败过多").values_list("user_id", "body")
    assert sorted(told) == sorted([(security_admin.pk, words), (watcher.pk, words)])


def test_what_is_older_than_the_window_alarms_no_more(officer: User) -> None:
    fail(2, officer.number, NOW - 9 * MINUTE)
    fail(1, officer.number)
    assert raised(NOW + 2 * MINUTE) == []
    assert raised(NOW) != []


def test_several_locks_in_a_bureau_alarm(officer: User, partner: User, chief: User) -> None:
    with time_machine.travel(NOW, tick=False):
        for user in (officer, partner):
            note_lock(user.number, 30)
        assert raised() == []
        note_lock(chief.number, 30)
    assert raised() == [("LOCK", "10 分钟内，账号被锁定 3 次。")]


@pytest.mark.parametrize(
    ("status", "after", "alarms_"),
    [(403, {}, True), (404, {"exists": True}, True), (404, {"exists": False}, False), (409, {}, False)],
)
def test_a_burst_of_refusals_alarms_and_rules_that_say_no_do_not(
    status: int, after: dict[str, Any], alarms_: bool, officer: User
) -> None:
    refuse(2, officer, status=status, **after)
    assert raised() == []
    refuse(3, officer, NOW + MINUTE, status=status, **after)
    words = f"10 分钟内，{officer.name}（{officer.number}）的访问被拒绝 5 次。"
    assert raised() == ([("REFUSAL", words)] if alarms_ else [])


def test_an_address_nobody_is_signed_in_at_alarms_too(officer: User) -> None:
    refuse(3, None, status=429)
    assert raised() == [("REFUSAL", "10 分钟内，未登录者从地址 192.0.2.9 的访问被拒绝 3 次。")]


@pytest.mark.parametrize(("times", "rows", "alarms_"), [(2, 49, False), (3, 1, True), (1, 100, True)])
def test_many_files_or_many_rows_taken_out_alarm(times: int, rows: int, alarms_: bool, officer: User) -> None:
    take_out(times, officer, rows)
    words = f"10 分钟内，{officer.name}（{officer.number}）导出、下载 {times} 次，共 {times * rows} 行。"
    assert raised() == ([("EXPORT", words)] if alarms_ else [])


def see(action: str, actor: User, papers: int, reason: str = "") -> None:
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        record(actor, action, None, "文书", after={"rows": papers}, reason=reason)


@pytest.mark.parametrize("reason", ["", "季度归档"])
def test_stacks_count_among_what_is_taken_out_with_a_reason_or_without(reason: str, officer: User) -> None:
    for _ in range(3):
        see("records.print_stack", officer, 1, reason)
    words = f"10 分钟内，{officer.name}（{officer.number}）导出、下载 3 次，共 3 行。"
    assert raised() == [("EXPORT", words)]


def test_very_many_papers_seen_alarm_however_they_were_opened(officer: User, supervisor: User) -> None:
    for _ in range(4):
        see("records.read", supervisor, 1)
    see("records.print_stack", officer, 4)
    assert raised() == []
    see("records.read", supervisor, 1)
    see("records.download", officer, 1, "案件办理")
    assert sorted(raised()) == sorted(
        ("EXPORT", f"10 分钟内，{who.name}（{who.number}）查看、保存、合并打印文书 5 份。")
        for who in (officer, supervisor)
    )


def verification(**fields: Any) -> Run:
    values = {"kind": RunKind.VERIFY, "state": RunState.DONE, "asked_by_name": "蒋审计", "finished_at": NOW}
    return Run.objects.create(**values | {"asked_at": NOW} | fields)


def test_a_verification_that_found_something_or_did_not_end_alarms_once_and_for_all(db: None) -> None:
    verification()
    verification(kind=RunKind.EXPORT, state=RunState.FAILED)
    assert raised() == []
    found = verification(found=2)
    verification(state=RunState.FAILED)
    assert raised() == [
        ("VERIFICATION", "蒋审计发起的审计记录核验发现 2 处问题。"),
        ("VERIFICATION", "蒋审计发起的审计记录核验没有完成。"),
    ]
    Alarm.objects.filter(about=f"run:{found.pk}").update(acknowledged_at=NOW, note="已核实")
    assert raised(NOW + timedelta(hours=20)) == []


def test_a_trail_that_stands_still_for_an_hour_alarms(officer: User, settings: Settings, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    key = tmp_path / "key.pem"
    key.write_bytes(new_pair()[0])
    settings.TRAIL_KEY = str(key)
    fail(1, officer.number)
    still = [("STANDSTILL", "审计记录一小时以上没有封存，请检查后台程序。")]
    late = [("STANDSTILL", "检查点迟了一小时以上，请检查后台程序和签名密钥（TRAIL_KEY）。")]
    hour = timedelta(hours=1)
    assert raised(NOW + hour) == []
    assert raised(NOW + hour + MINUTE) == still
    Alarm.objects.all().update(acknowledged_at=NOW + hour, note="已重启后台程序")
    with time_machine.travel(NOW + hour, tick=False):
        actions.make_checkpoint(NOW + hour)
    assert raised(NOW + 3 * hour) == []
    assert raised(NOW + 3 * hour + MINUTE) == late


def test_nought_looks_for_nothing(officer: User, settings: Settings) -> None:
    settings.ALARM_SIGN_INS = settings.ALARM_REFUSALS = settings.ALARM_EXPORTS = settings.ALARM_EXPORT_ROWS = 0
    settings.ALARM_LOCKS = settings.ALARM_PAPERS = 0
    fail(5, officer.number)
    refuse(5, officer)
    take_out(5, officer, 1000)
    assert raised() == []


# ---------- once, and to whom ----------


def test_it_is_told_once_to_the_security_and_audit_administrators_over_the_bureau(
    officer: User, security_admin: User, audit_admin: User, system_admin: User, person: Callable[..., User]
) -> None:
    far = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局")
    person(Role.AUDIT_ADMIN, far, "卫审计")
    person(Role.SECURITY_ADMIN, officer.organisation.parent, "已停用", is_active=False)
    refuse(3, officer)
    assert len(raised()) == 1
    assert raised(NOW + 2 * MINUTE) == []
    alarm = Alarm.objects.get()
    told = Message.objects.filter(title="安全告警：连续访问被拒绝")
    assert set(told.values_list("user_id", "url")) == {
        (each.pk, reverse("trail:alarm", args=[alarm.pk])) for each in (security_admin, audit_admin)
    }
    entry = AuditEntry.objects.get(action="trail.alarm")
    assert (entry.subject_id, entry.actor_name, entry.bureau_id) == (alarm.pk, "系统", officer.bureau_id)


def test_of_a_bureau_below_those_of_the_bureau_above_are_told_too(bureau: Organisation, audit_admin: User) -> None:
    below = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="城东分局", parent=bureau)
    assert list(alarms.guardians(below.pk)) == [audit_admin]
    assert list(alarms.guardians(None)) == [audit_admin]


def test_after_an_answer_it_alarms_anew_when_it_goes_on(officer: User, audit_admin: User) -> None:
    refuse(3, officer)
    raised()
    alarms.acknowledge(Alarm.objects.get(), audit_admin, "已电话核实", NOW + 2 * MINUTE)
    assert raised(NOW + 3 * MINUTE) == []
    refuse(3, officer, NOW + 15 * MINUTE)
    assert len(raised(NOW + 16 * MINUTE)) == 1


def test_the_database_holds_one_open_alarm_of_a_thing(officer: User) -> None:
    refuse(3, officer)
    (sign,) = signs(NOW + MINUTE)
    assert [alarms._raise(sign, NOW) for _ in range(2)] == [True, False]
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.create(kind=AlarmKind.REFUSAL, about=sign.about, words="", raised_at=NOW)


# ---------- by e-mail ----------


def test_a_letter_leaves_once_and_names_nobody(
    officer: User, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    refuse(3, officer)
    raised()
    assert alarms.mail_waiting(NOW + MINUTE) == 0
    settings.SECURITY_ALARM_TO = ["security@example.cn"]
    assert [alarms.mail_waiting(NOW + MINUTE) for _ in range(2)] == [1, 0]
    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == (["security@example.cn"], "安全告警：连续访问被拒绝（江城市公安局）")
    assert f"/trail/alarms/{Alarm.objects.get().pk}/" in letter.body
    assert officer.name not in letter.body
    assert officer.number not in letter.body


def test_a_mail_server_that_is_away_is_asked_again_by_the_next_sweep(
    officer: User, settings: Settings, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECURITY_ALARM_TO = ["security@example.cn"]
    refuse(3, officer)

    def away(*_: object) -> int:
        raise smtplib.SMTPServerDisconnected

    with time_machine.travel(NOW + MINUTE, tick=False):
        with monkeypatch.context() as patched:
            patched.setattr("stations.alarms.send_mail", away)
            watch()
        assert (Alarm.objects.get().mailed_at, mailoutbox) == (None, [])
        watch()
    assert len(mailoutbox) == 1


def test_what_is_older_than_a_day_is_not_sent_any_more(
    officer: User, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    refuse(3, officer)
    raised()
    settings.SECURITY_ALARM_TO = ["security@example.cn"]
    assert alarms.mail_waiting(NOW + timedelta(days=2)) == 0
    assert mailoutbox == []


# ---------- the pages ----------


@pytest.fixture
def alarm(officer: User, security_admin: User, audit_admin: User) -> Alarm:
    refuse(3, officer)
    raised()
    return Alarm.objects.get()


def test_the_auditor_is_led_to_the_entries_and_the_security_administrator_is_not(
    alarm: Alarm, browse: Browse, security_admin: User, audit_admin: User
) -> None:
    url = reverse("trail:alarm", args=[alarm.pk])
    link = reverse("trail:list") + "?" + alarm.query.replace("&", "&amp;")
    for user, led in ((audit_admin, True), (security_admin, False)):
        page = browse(user).get(url).content.decode()
        assert (alarm.words in page, link in page) == (True, led)
    shown = browse(audit_admin).get(f"{reverse('trail:list')}?{alarm.query}").context["page"].rows
    assert [entry.action for entry in shown] == ["units.refused"] * 3


def test_one_answers_for_it_with_words_and_it_leaves_the_list(
    alarm: Alarm, browse: Browse, security_admin: User, audit_admin: User
) -> None:
    client, url = browse(security_admin), reverse("trail:alarm", args=[alarm.pk])
    listed = reverse("trail:alarms")
    assert list(client.get(listed).context["page"].rows) == [alarm]
    assert client.post(url, {"note": " "}).status_code == 422
    assert client.post(url, {"note": "误操作，已告知本人"}).status_code == 302
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by_name, alarm.note) == (security_admin.name, "误操作，已告知本人")
    assert list(client.get(listed).context["page"].rows) == []
    assert list(client.get(f"{listed}?show=all").context["page"].rows) == [alarm]
    entry = AuditEntry.objects.get(action="trail.acknowledge_alarm")
    assert (entry.actor_id, entry.subject_id, entry.reason) == (security_admin.pk, alarm.pk, alarm.note)
    assert browse(audit_admin).post(url, {"note": "再次登记"}).status_code == 409
    with pytest.raises(RuleError, match="已由冯安全处置"):
        alarms.acknowledge(alarm, audit_admin, "再次登记", NOW)


def test_the_list_leaves_as_a_workbook_of_what_it_shows(
    alarm: Alarm, browse: Browse, security_admin: User, audit_admin: User
) -> None:
    answered = Alarm.objects.create(
        kind=AlarmKind.LOCK, about="9", words="账号被锁定 3 次。", raised_at=NOW, bureau_id=alarm.bureau_id,
        acknowledged_at=NOW + MINUTE, acknowledged_by_name=audit_admin.name, note="已核实",
    )  # fmt: skip
    client = browse(security_admin)
    for query, shown in (("export=xlsx", [alarm]), ("export=xlsx&show=all", [answered, alarm])):
        book = load_workbook(BytesIO(client.get(f"{reverse('trail:alarms')}?{query}").content))
        header, *rows = book["安全告警"].iter_rows(values_only=True)
        assert header == ("时间", "事项", "内容", "状态", "处置时间", "处置人", "处置情况")
        assert [row[2] for row in rows] == [each.words for each in shown]
    assert [rows[0][3], *rows[0][5:]] == ["已处置", audit_admin.name, "已核实"]
    told = AuditEntry.objects.filter(action="trail.export").values_list("actor_id", "after__rows")
    assert list(told) == [(security_admin.pk, 1), (security_admin.pk, 2)]


@pytest.mark.parametrize("about", ["person", "papers"])
def test_nobody_answers_for_an_alarm_about_himself(security_admin: User, audit_admin: User, about: str) -> None:
    refuse(3, security_admin)
    raised()
    # Who read many papers before he became an administrator is meant by the second one.
    Alarm.objects.update(about=f"{about}:{security_admin.pk}")
    alarm = Alarm.objects.get()
    with pytest.raises(RuleError, match="不能由本人处置"):
        alarms.acknowledge(alarm, security_admin, "误操作", NOW)
    assert alarms.acknowledge(alarm, audit_admin, "误操作，已告知本人", NOW).acknowledged_at == NOW


def test_of_another_bureau_there_is_none(alarm: Alarm, browse: Browse, person: Callable[..., User]) -> None:
    far = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局")
    Organisation.objects.filter(pk=far.pk).update(bureau=far)
    client = browse(person(Role.AUDIT_ADMIN, far, "卫审计"))
    url = reverse("trail:alarm", args=[alarm.pk])
    assert [client.get(url).status_code, client.post(url, {"note": "x"}).status_code] == [404, 404]
    assert list(client.get(reverse("trail:alarms")).context["page"].rows) == []


def test_who_has_no_part_in_it_is_refused(
    alarm: Alarm, browse: Browse, officer: User, leader: User, system_admin: User
) -> None:
    for user in (officer, leader, system_admin):
        assert browse(user).get(reverse("trail:alarms")).status_code == 403


def test_the_list_costs_the_same_with_one_and_three_rows(
    alarm: Alarm, browse: Browse, audit_admin: User, queries: Callable[[Callable[[], object]], int]  # noqa: F811
) -> None:  # fmt: skip
    client = browse(audit_admin)

    def cost() -> int:
        return queries(lambda: client.get(reverse("trail:alarms")))

    one = cost()
    for number in range(2):
        Alarm.objects.create(kind=AlarmKind.LOCK, about=str(number), words="", raised_at=NOW)
    assert cost() == one <= 12
