"""完整性 for the audit administrator, and the checkpoints for whoever keeps one elsewhere."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from pytest_django import Settings

from stations.models import Organisation, OrganisationKind, User
from tests.trail import tampering
from tests.trail.conftest import NOON, alone
from trail import actions, runs
from trail.exporting import lines
from trail.handing_out import as_json, exports_folder, folder
from trail.models import AuditEntry, Checkpoint, Run, RunKind, RunState
from trail.runs import LEASE, MOST_TRIES
from trail.tasks import run as run_task
from trail.tasks import run_pending
from trail.verifier import Verifier

Browse = Callable[[User], Client]
Write = Callable[..., list[AuditEntry]]
URL = "/trail/integrity/"


@pytest.fixture
def client(browse: Browse, audit_admin: User) -> Client:
    return browse(audit_admin)


def asked(client: Client, kind: str) -> Run:
    assert client.post(reverse("trail:ask", args=[kind])).status_code == 302
    return Run.objects.latest("pk")


def test_the_page_says_what_is_sealed_and_what_waits(client: Client, write: Write) -> None:
    write(3)
    actions.make_checkpoint(NOON)
    write(2)
    context = client.get(URL).context
    assert (context["last"].number, context["last"].last_sequence) == (1, 3)
    assert context["waiting"] == 2 + AuditEntry.objects.filter(action__startswith="stations.").count()


def test_no_checkpoint_for_two_hours_is_said_in_red(client: Client, write: Write) -> None:
    assert "还没有检查点" in client.get(URL).content.decode()
    actions.make_checkpoint(NOON)
    assert "最近两小时没有新的检查点" in client.get(URL).content.decode()


def test_a_verification_asked_for_is_done_in_the_background(
    client: Client, write: Write, sent: list[tuple[str, tuple[int, ...]]], django_capture_on_commit_callbacks: object,
    audit_admin: User,
) -> None:  # fmt: skip
    write(3)
    actions.make_checkpoint(NOON)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        run = asked(client, "verify")
    assert sent == [("trail.run", (run.pk,))]
    assert AuditEntry.objects.filter(action="trail.verify", actor_id=audit_admin.pk, subject_id=run.pk).count() == 1
    run_task(run.pk)
    run.refresh_from_db()
    assert (run.state, run.found, run.sealed) == ("DONE", 0, 3)
    assert "没有发现问题" in client.get(URL).content.decode()


def test_what_was_bent_is_said_on_the_page(client: Client, write: Write) -> None:
    entries = write(3)
    actions.make_checkpoint(NOON)
    run = asked(client, "verify")
    with tampering.superuser():
        tampering.run("UPDATE trail_auditentry SET summary = '别的' WHERE id = %s", entries[1].pk)
        actions.do(run.pk)
        page = client.get(URL).content.decode()
    assert "发现 1 处问题，审计记录不可信" in page
    assert f"第 2 号封（记录 {entries[1].pk}）：记录内容与封存时不同" in page


def test_a_second_request_meets_the_first_and_a_second_worker_finds_it_done(client: Client, write: Write) -> None:
    first, second = asked(client, "verify"), asked(client, "verify")
    assert first == second
    actions.do(first.pk)
    before = Run.objects.get()
    actions.do(first.pk)
    assert Run.objects.get().finished_at == before.finished_at


def test_a_request_for_other_bureaus_or_by_another_is_one_of_its_own(
    audit_admin: User, person: Callable[..., User]
) -> None:
    second = person(audit_admin.role, audit_admin.organisation, "周审计")
    asked = [(audit_admin, [2, 1]), (audit_admin, [1, 2]), (audit_admin, [1]), (audit_admin, None), (second, [1])]
    runs = [actions.ask(RunKind.EXPORT, who, NOON, bureaus) for who, bureaus in asked]
    assert [run.bureau_ids for run in runs] == [[1, 2], [1, 2], [1], None, [1]]
    assert (runs[0] == runs[1], Run.objects.count()) == (True, 4)
    assert actions.ask(RunKind.EXPORT, audit_admin, NOON) == runs[3]


def test_what_the_broker_lost_is_done_by_the_sweep(client: Client) -> None:
    run = asked(client, "verify")
    run_pending()
    run.refresh_from_db()
    assert run.state == RunState.DONE


# ---------- in slices ----------


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice ends with its first entry."""
    monkeypatch.setattr("trail.slices.SLICE_SECONDS", 0)


def done(run: Run) -> tuple[Run, int]:
    """The run when nothing is left of it, and how many slices that took."""
    count = 0
    while run.state in (RunState.WAITING, RunState.RUNNING):
        actions.do(run.pk)
        run.refresh_from_db()
        count += 1
    return run, count


def test_a_verification_in_slices_says_what_it_says_at_once(
    client: Client, write: Write, slices: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(3)
    actions.make_checkpoint(NOON)
    entries = write(4, NOON + LEASE)
    actions.make_checkpoint(NOON + LEASE)
    sound, count = done(asked(client, "verify"))
    assert (sound.state, sound.found, sound.sealed, sound.total, count) == ("DONE", 0, 7, 7, 7)
    with tampering.superuser():
        tampering.run("UPDATE trail_auditentry SET summary = '别的' WHERE id IN (%s, %s)", entries[0].pk, entries[2].pk)
        tampering.run("UPDATE trail_seal SET entry_id = %s WHERE sequence = 7", 10**9)
        bent, _ = done(asked(client, "verify"))
        monkeypatch.setattr("trail.slices.SLICE_SECONDS", 60)
        at_once, _ = done(asked(client, "verify"))
    assert (bent.found, bent.words.splitlines()[:3]) == (3, at_once.words.splitlines()[:3])
    assert (bent.position, bent.taken_at) == (None, None)


def test_an_entry_sealed_twice_is_found_across_slices(client: Client, write: Write, slices: None) -> None:
    entries = write(3)
    actions.make_checkpoint(NOON)
    rows = [line | {"entry_id": entries[0].pk} if line.get("sequence") == 3 else line for line in lines()]
    first, second = Verifier(), Verifier()
    for line in rows[:4]:
        first.feed(line)
    for line in rows[:2]:
        second.feed(line)
    second.resume(json.loads(json.dumps(first.pause())))
    for line in rows[4:]:
        second.feed(line)
    assert [each.code for each in second.finish().findings] == ["DOUBLED", "EDITED"]


def test_each_slice_queues_the_next_and_the_page_says_how_far_it_is(
    client: Client, write: Write, slices: None, sent: list[tuple[str, tuple[int, ...]]],
    django_capture_on_commit_callbacks: object,
) -> None:  # fmt: skip
    write(4)
    actions.make_checkpoint(NOON)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        run = asked(client, "verify")
        actions.do(run.pk)
    assert sent == [("trail.run", (run.pk,))] * 2
    page = " ".join(client.get(URL).content.decode().split())
    assert ("进行中" in page, "已到 1 / 4 条（25%）" in page) == (True, True)


def test_what_is_appended_meanwhile_belongs_to_the_next(client: Client, write: Write, slices: None) -> None:
    write(2)
    actions.make_checkpoint(NOON)
    run = asked(client, "verify")
    actions.do(run.pk)
    write(2, NOON + LEASE)
    actions.make_checkpoint(NOON + LEASE)
    finished, _ = done(run)
    assert (finished.state, finished.found, finished.sealed, finished.total) == ("DONE", 0, 2, 2)


def test_an_export_in_slices_is_one_file_that_holds(client: Client, write: Write, slices: None, tmp_path: Path) -> None:
    write(5)
    made = actions.make_checkpoint(NOON)
    assert made is not None
    run = asked(client, "export")
    actions.do(run.pk)
    path = exports_folder() / run.file_name
    # A worker wrote on and died before it could say so.
    path.write_bytes(path.read_bytes() + b"half a slice")
    finished, count = done(run)
    assert (finished.state, finished.sealed, count) == ("DONE", 5, 4)
    held, file = tmp_path / "cp.json", tmp_path / "x.jsonl.gz"
    held.write_bytes(as_json(made))
    file.write_bytes(path.read_bytes())
    assert alone(file, "--checkpoint", held)[0] == 0


def test_the_file_of_an_export_ends_after_some_days_and_the_page_says_so(
    client: Client, write: Write, settings: Settings
) -> None:
    settings.BUNDLE_DAYS = 3
    write(2)
    run = asked(client, "export")
    old = folder() / "trail-export-999999.jsonl.gz"
    old.write_bytes(b"of an earlier version, nobody knows of it any more")
    actions.do(run.pk)
    path, finished = exports_folder() / run.file_name, Run.objects.get(pk=run.pk).finished_at
    assert finished is not None
    actions.do_pending(finished + timedelta(days=3))
    assert (path.exists(), old.exists()) == (True, False)
    assert "保留 3 天" in client.get(reverse("trail:integrity")).content.decode()
    actions.do_pending(finished + timedelta(days=3, seconds=1))
    assert not path.exists()
    Run.objects.update(finished_at=finished - timedelta(days=4))
    page = client.get(reverse("trail:integrity")).content.decode()
    assert ("已删除，可以重新导出" in page, reverse("trail:export_file", args=[run.pk]) in page) == (True, False)
    assert client.get(reverse("trail:export_file", args=[run.pk])).status_code == 404


def test_an_export_whose_file_is_gone_is_not_done(client: Client, write: Write, slices: None) -> None:
    write(3)
    actions.seal_pending()
    run = asked(client, "export")
    actions.do(run.pk)
    (exports_folder() / run.file_name).unlink()
    finished, _ = done(run)
    assert (finished.state, finished.words.startswith("未完成")) == (RunState.FAILED, True)


def test_what_a_worker_died_over_goes_on_where_it_stood(client: Client, write: Write, slices: None) -> None:
    write(3)
    actions.make_checkpoint(NOON)
    run = asked(client, "verify")
    actions.do(run.pk)
    Run.objects.update(taken_at=timezone.now(), tries=1)
    run_pending()
    run.refresh_from_db()
    assert (run.state, run.sealed) == (RunState.RUNNING, 1)
    Run.objects.update(taken_at=timezone.now() - LEASE * 1.01)
    run_pending()
    run.refresh_from_db()
    assert (run.state, run.sealed, run.tries) == (RunState.RUNNING, 2, 0)


def test_what_worker_after_worker_dies_over_is_given_up(client: Client) -> None:
    run = asked(client, "verify")
    for tries in range(1, MOST_TRIES + 1):
        assert Run.objects.filter(state__in=["WAITING", "RUNNING"]).exists()
        Run.objects.update(state=RunState.RUNNING, taken_at=timezone.now() - LEASE * 1.01, tries=tries)
    run_pending()
    run.refresh_from_db()
    assert (run.state, "重新发起" in run.words) == (RunState.FAILED, True)
    assert run.finished_at is not None


def test_who_was_overtaken_keeps_nothing(client: Client, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    run = asked(client, "verify")

    def overtaken(_: Run) -> bool:
        Run.objects.update(taken_at=NOON)
        return True

    monkeypatch.setitem(runs._DO, RunKind.VERIFY, overtaken)
    actions.do(run.pk)
    assert Run.objects.get().state == RunState.RUNNING


def test_without_a_key_a_checkpoint_asked_for_says_so(client: Client, settings: Settings) -> None:
    settings.TRAIL_KEY = ""
    run = asked(client, "checkpoint")
    actions.do(run.pk)
    run.refresh_from_db()
    assert (run.state, "TRAIL_KEY" in run.words) == (RunState.FAILED, True)


def test_a_checkpoint_asked_for_is_made_and_written_to_its_file(client: Client, write: Write) -> None:
    write(2)
    run = asked(client, "checkpoint")
    actions.do(run.pk)
    assert Checkpoint.objects.count() == 1
    assert len(list(folder().glob("checkpoint-*.json"))) == 1


@pytest.mark.slow
def test_a_whole_export_is_downloaded_and_verified_elsewhere(
    client: Client, browse: Browse, write: Write, tmp_path: Path, bureau_officer: User
) -> None:
    write(3)
    made = actions.make_checkpoint(NOON)
    assert made is not None
    run = asked(client, "export")
    assert client.get(reverse("trail:export_file", args=[run.pk])).status_code == 404
    actions.do(run.pk)
    response = client.get(reverse("trail:export_file", args=[run.pk]))
    file, held = tmp_path / "x.jsonl.gz", tmp_path / "cp.json"
    file.write_bytes(response.getvalue())
    held.write_bytes(browse(bureau_officer).get(reverse("trail:checkpoint", args=[made.number, "json"])).content)
    pem = tmp_path / "key.pem"
    pem.write_bytes(browse(bureau_officer).get(reverse("trail:checkpoint", args=[made.number, "pem"])).content)
    program = client.get(reverse("trail:verifier"))
    assert program.content.startswith(b"#!/usr/bin/env python3")
    code, said = alone(file, "--checkpoint", held, "--public-key", pem)
    assert (code, "完整，与所持检查点一致" in said) == (0, True)
    taken = AuditEntry.objects.get(action="trail.download")
    mark = f"导出：{taken.actor_name}（{taken.actor_number}），江城市公安局，{localtime(taken.at):%Y-%m-%d %H:%M:%S}，"
    assert mark + f"日常工作核对（见审计记录 {taken.pk}）" in said.splitlines()
    plain, plainly = alone(exports_folder() / run.file_name, "--checkpoint", held, "--public-key", pem)
    assert (plain, "导出：" in plainly) == (0, False)


def test_an_export_tells_no_other_bureaus_entries(client: Client, write: Write) -> None:
    write(1, bureau_id=987)
    actions.make_checkpoint(NOON)
    run = asked(client, "export")
    actions.do(run.pk)
    with gzip.open(exports_folder() / run.file_name) as file:
        rows = [json.loads(line) for line in file]
    assert [(row["entry"], row["withheld"]) for row in rows if row["kind"] == "sealed"] == [(None, True)]


def test_the_file_of_another_administrator_is_not_there(
    client: Client, browse: Browse, person: Callable[..., User], audit_admin: User
) -> None:
    run = asked(client, "export")
    actions.do(run.pk)
    other = person(audit_admin.role, audit_admin.organisation, "卫审计")
    assert browse(other).get(reverse("trail:export_file", args=[run.pk])).status_code == 404


def test_the_file_stays_behind_when_its_administrator_goes_to_another_bureau(
    client: Client, browse: Browse, audit_admin: User, write: Write
) -> None:
    write(3)
    run = asked(client, "export")
    run_task(run.pk)
    home, file = audit_admin.organisation, reverse("trail:export_file", args=[run.pk])
    far = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局")
    Organisation.objects.filter(pk=far.pk).update(bureau=far)
    statuses = []
    for place in (far, home):
        User.objects.filter(pk=audit_admin.pk).update(organisation=place)
        answer = client.get(file)
        statuses.append((answer.status_code, len(answer.getvalue()) > 0))
    assert statuses == [(404, True), (200, True)]


def test_only_what_there_is_can_be_asked_for(client: Client) -> None:
    assert client.post(reverse("trail:ask", args=["delete"])).status_code == 404
    assert client.get(reverse("trail:ask", args=["verify"])).status_code == 405
    assert Run.objects.count() == 0


# ---------- checkpoints ----------


def test_brigade_and_bureau_find_the_checkpoint_on_their_first_page(
    browse: Browse, supervisor: User, leader: User, officer: User, write: Write
) -> None:
    write(1)
    made = actions.make_checkpoint(NOON)
    assert made is not None
    for user in (supervisor, leader):
        assert made.root in browse(user).get(reverse("desk:workbench")).content.decode()
    assert made.root not in browse(officer).get(reverse("desk:workbench")).content.decode()


def test_checkpoints_are_listed_and_handed_out_in_three_forms(browse: Browse, supervisor: User, write: Write) -> None:
    write(1)
    made = actions.make_checkpoint(NOON)
    assert made is not None
    client = browse(supervisor)
    assert list(client.get(reverse("trail:checkpoints")).context["page"].rows) == [made]
    answers = {form: client.get(reverse("trail:checkpoint", args=[1, form])) for form in ("json", "txt", "pem", "exe")}
    assert {form: answer.status_code for form, answer in answers.items()} == {
        "json": 200, "txt": 200, "pem": 200, "exe": 404,
    }  # fmt: skip
    assert answers["json"].content == as_json(made)
    assert made.signature in answers["txt"].content.decode()
    assert answers["pem"].content.startswith(b"-----BEGIN PUBLIC KEY-----")


def test_the_lists_cost_the_same_with_one_and_three_rows(
    browse: Browse, supervisor: User, client: Client, write: Write, queries: Callable[[Callable[[], object]], int]
) -> None:
    def cost() -> tuple[int, int]:
        guide = browse(supervisor)
        return queries(lambda: guide.get(reverse("trail:checkpoints"))), queries(lambda: client.get(URL))

    def more(times: int) -> None:
        for _ in range(times):
            write(1)
            actions.make_checkpoint(NOON + Checkpoint.objects.count() * LEASE)
            with transaction.atomic():
                Run.objects.create(
                    kind=RunKind.VERIFY, state=RunState.DONE, asked_by_name="蒋", asked_at=NOON, finished_at=NOON,
                    asked_by_id=User.objects.get(name="蒋审计").pk,
                )  # fmt: skip

    more(1)
    one = cost()
    more(2)
    assert cost() == one
    assert max(one) <= 12
