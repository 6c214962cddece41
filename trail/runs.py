"""What the audit administrator has done in the background: verification, whole export, a checkpoint at once."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from fire_supervision.lib.queue import Job, after_commit
from trail import keys, slices
from trail.exporting import lines
from trail.handing_out import exports_folder, folder, write_daily_file
from trail.models import Run, RunKind, RunState
from trail.record import Actor, record
from trail.sealing import make_checkpoint
from trail.verifier import Report, Verifier

logger = logging.getLogger(__name__)
ACTIONS = {RunKind.VERIFY: "trail.verify", RunKind.EXPORT: "trail.export_all", RunKind.CHECKPOINT: "trail.checkpoint"}
UNFINISHED = [RunState.WAITING, RunState.RUNNING]
# Whoever took a slice longer ago is dead: a task is killed after ten minutes (CELERY_TASK_TIME_LIMIT).
LEASE = timedelta(minutes=12)
# So many deaths over the same slice, and it is given up.
MOST_TRIES = 3
EXPORTS = "trail-export-*.jsonl.gz"
NO_KEY = "未设签名密钥（TRAIL_KEY），不能生成检查点。"
DIED = "未完成：后台程序多次中断，请重新发起。"


@transaction.atomic
def ask(kind: RunKind, actor: Actor, at: datetime, bureau_ids: Collection[int] | None = None) -> Run:
    """Have it done after the commit; one of a kind and its bureaus at a time, a second request meets the first."""
    ids = sorted(bureau_ids) if bureau_ids is not None else None
    assert actor.pk is not None
    # Two clicks at once queue here.
    get_user_model().objects.select_for_update(of=("self",)).get(pk=actor.pk)
    waiting = Run.objects.filter(kind=kind, state__in=UNFINISHED, asked_by_id=actor.pk)
    if (same := next((run for run in waiting if run.bureau_ids == ids), None)) is not None:
        return same
    run = Run.objects.create(kind=kind, asked_by_id=actor.pk, asked_by_name=actor.name, asked_at=at, bureau_ids=ids)
    record(actor, ACTIONS[kind], run, f"审计记录：{kind.label}")
    after_commit(Job.TRAIL_RUN, run.pk, bulk=True)
    return run


def do(pk: int) -> None:
    """Do a slice of it, once: a second worker finds it taken. What remains is queued behind what others wait for."""
    at = timezone.now()
    free = Q(taken_at=None) | Q(taken_at__lt=at - LEASE)
    taken = {"state": RunState.RUNNING, "taken_at": at, "started_at": Coalesce("started_at", at)}
    if not Run.objects.filter(free, pk=pk, state__in=UNFINISHED).update(**taken, tries=F("tries") + 1):
        return
    run = Run.objects.get(pk=pk)
    try:
        if run.tries > MOST_TRIES:
            run.state, run.words = RunState.FAILED, DIED
        elif _DO[RunKind(run.kind)](run):
            run.state = RunState.DONE
    except Exception as error:  # whatever it is, whoever asked must see that it is not done
        logger.exception("trail run %s", pk)
        run.state, run.words = RunState.FAILED, f"未完成：{error}"
    _keep(run)


@transaction.atomic
def _keep(run: Run) -> None:
    """How far it came, unless somebody else took it meanwhile; the next slice is queued."""
    names = ("state", "words", "found", "sealed", "pending", "total")
    kept = {name: getattr(run, name) for name in names} | {"taken_at": None, "tries": 0}
    if run.state == RunState.RUNNING:
        kept["position"] = run.position
        after_commit(Job.TRAIL_RUN, run.pk, bulk=True)
    else:
        kept |= {"position": None, "finished_at": timezone.now()}
    Run.objects.filter(pk=run.pk, taken_at=run.taken_at).update(**kept)


def do_pending(now: datetime) -> None:
    """Do what was asked for and never begun, or what a worker died over: from where it stood."""
    free = Q(taken_at=None) | Q(taken_at__lt=now - LEASE)
    for pk in Run.objects.filter(free, state__in=UNFINISHED).order_by("pk").values_list("pk", flat=True):
        do(pk)
    _clear(now)


def kept_since(now: datetime) -> datetime:
    """Of exports finished before it the files are taken away, as other bound files are (BUNDLE_DAYS)."""
    return now - timedelta(days=settings.BUNDLE_DAYS)


def _clear(now: datetime) -> None:
    """An export holds everything the wall keeps apart, in clear: it stays no longer than it takes to fetch it."""
    kept = Run.objects.filter(kind=RunKind.EXPORT).exclude(finished_at__lt=kept_since(now))
    names = {run.file_name for run in kept}
    # Those of earlier versions lie among the daily files.
    for path in (*exports_folder().glob(EXPORTS), *folder().glob(EXPORTS)):
        if path.name not in names:
            path.unlink(missing_ok=True)


def verified() -> Report:
    """The database itself, held against its own checkpoints and the keys of this installation."""
    verifier = Verifier(keys=keys.known(), check_signature=keys.check)
    for line in lines():
        verifier.feed(line)
    return verifier.finish()


def _checkpoint(run: Run) -> bool:
    made = make_checkpoint(timezone.now())
    if made is None:
        raise RuntimeError(NO_KEY)
    write_daily_file(made)
    run.sealed, run.words = made.last_sequence, f"第 {made.number} 号检查点，已封 {made.last_sequence} 条"
    return True


_DO = {RunKind.VERIFY: slices.verify, RunKind.EXPORT: slices.export, RunKind.CHECKPOINT: _checkpoint}
