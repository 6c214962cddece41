"""What the audit administrator has done in the background: verification, whole export, a checkpoint at once."""

import gzip
import json
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from fire_supervision.lib.queue import Job, after_commit
from trail import keys
from trail.exporting import lines
from trail.handing_out import folder, write_daily_file
from trail.models import Run, RunKind, RunState
from trail.record import Actor, record
from trail.sealing import make_checkpoint
from trail.verifier import Report, Verifier, words_of

logger = logging.getLogger(__name__)
ACTIONS = {RunKind.VERIFY: "trail.verify", RunKind.EXPORT: "trail.export_all", RunKind.CHECKPOINT: "trail.checkpoint"}
# One whose worker died is taken as failed after twice the longest task.
GIVEN_UP_AFTER = timedelta(minutes=20)
NO_KEY = "未设签名密钥（TRAIL_KEY），不能生成检查点。"


@transaction.atomic
def ask(kind: RunKind, actor: Actor, at: datetime, bureau_ids: Collection[int] | None = None) -> Run:
    """Have it done after the commit; one of a kind and its bureaus at a time, a second request meets the first."""
    ids = sorted(bureau_ids) if bureau_ids is not None else None
    assert actor.pk is not None
    # Two clicks at once queue here.
    get_user_model().objects.select_for_update(of=("self",)).get(pk=actor.pk)
    waiting = Run.objects.filter(kind=kind, state__in=[RunState.WAITING, RunState.RUNNING], asked_by_id=actor.pk)
    if (same := next((run for run in waiting if run.bureau_ids == ids), None)) is not None:
        return same
    run = Run.objects.create(kind=kind, asked_by_id=actor.pk, asked_by_name=actor.name, asked_at=at, bureau_ids=ids)
    record(actor, ACTIONS[kind], run, f"审计记录：{kind.label}")
    after_commit(Job.TRAIL_RUN, run.pk, bulk=True)
    return run


def do(pk: int) -> None:
    """Do it, once: a second worker finds it taken."""
    started = timezone.now()
    if not Run.objects.filter(pk=pk, state=RunState.WAITING).update(state=RunState.RUNNING, started_at=started):
        return
    run = Run.objects.get(pk=pk)
    try:
        _DO[RunKind(run.kind)](run)
        run.state = RunState.DONE
    except Exception as error:  # whatever it is, whoever asked must see that it is not done
        logger.exception("trail run %s", pk)
        run.state, run.words = RunState.FAILED, f"未完成：{error}"
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "words", "found", "sealed", "pending", "finished_at"])


def do_pending(now: datetime) -> None:
    """Do what was asked for and never begun; give up what a worker died over."""
    given_up = Run.objects.filter(state=RunState.RUNNING, started_at__lt=now - GIVEN_UP_AFTER)
    given_up.update(state=RunState.FAILED, finished_at=now, words="未完成：后台程序中断，请重新发起。")
    for pk in Run.objects.filter(state=RunState.WAITING).order_by("pk").values_list("pk", flat=True):
        do(pk)


def verified() -> Report:
    """The database itself, held against its own checkpoints and the keys of this installation."""
    verifier = Verifier(keys=keys.known(), check_signature=keys.check)
    for line in lines():
        verifier.feed(line)
    return verifier.finish()


def _verify(run: Run) -> None:
    report = verified()
    run.found, run.sealed, run.pending = report.total, report.sealed, report.pending
    run.words = words_of(report)


def _export(run: Run) -> None:
    path = folder() / run.file_name
    with gzip.open(path, "wb", compresslevel=5) as file:
        for line in lines(run.bureau_ids):
            run.sealed += line["kind"] == "sealed"
            run.pending += line["kind"] == "entry"
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    run.words = f"已封 {run.sealed} 条，待封 {run.pending} 条"


def _checkpoint(run: Run) -> None:
    made = make_checkpoint(timezone.now())
    if made is None:
        raise RuntimeError(NO_KEY)
    write_daily_file(made)
    run.sealed, run.words = made.last_sequence, f"第 {made.number} 号检查点，已封 {made.last_sequence} 条"


_DO = {RunKind.VERIFY: _verify, RunKind.EXPORT: _export, RunKind.CHECKPOINT: _checkpoint}
