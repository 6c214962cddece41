"""What happens to a bundle: asked for, taken up, made, given up, handed out, expired."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.queue import Job, after_commit
from records.models import IN_WORK, Bundle, BundleKind, BundleState
from records.models.bundle import MAX_ATTEMPTS
from stations.models import User
from trail.record import record

INTERRUPTED = f"做了 {MAX_ATTEMPTS} 次都中断了，可以重试；还不成功请联系系统管理员"


class Overtaken(Exception):
    """Another worker has taken the bundle over, or it was given up: whoever learns this stops."""


@transaction.atomic
def request(
    *,
    kind: BundleKind,
    subject_id: int,
    title: str,
    scope: Mapping[str, int | None],
    actor: User,
    at: datetime,
    since: date | None = None,
    until: date | None = None,
) -> Bundle:
    """Have the papers of a unit, an inspection or a station bound for ``actor``.

    ``scope`` are the scope columns of the subject. While the same request of the same person is in work, that one is
    returned and nothing is asked for twice.
    """
    # Two clicks at once queue here; the constraint behind it would break the page.
    User.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    key = f"{kind}:{subject_id}:{since or ''}"
    known = Bundle.objects.filter(requested_by=actor, key=key, state__in=IN_WORK).first()
    if known is not None:
        return known
    bundle = Bundle.objects.create(
        **scope, kind=kind, subject_id=subject_id, key=key, since=since, until=until, title=title[:200],
        requested_by=actor, requested_at=at, touched_at=at,
    )  # fmt: skip
    record(actor, "records.request_bundle", bundle, f"申请{bundle.get_kind_display()}：{bundle.title}")
    after_commit(Job.BIND, bundle.pk, bulk=True)
    return bundle


@transaction.atomic
def take(bundle_id: int, now: datetime) -> Bundle | None:
    """Claim a bundle that waits; None when it does not, so that a second run and a rival change nothing.

    The attempt is counted before it begins, so that a bundle that ends its worker is given up in the end.
    """
    rows = Bundle.objects.select_for_update(of=("self",)).select_related("requested_by__organisation", "station")
    bundle = rows.filter(pk=bundle_id, state=BundleState.QUEUED).first()
    if bundle is None:
        return None
    # What an earlier attempt stored and never told of.
    bundle.file.storage.delete(_path(bundle))
    bundle.move_to(BundleState.RUNNING)
    bundle.attempts += 1
    bundle.done, bundle.total, bundle.touched_at = 0, 0, now
    bundle.reach = bundle.requested_by.scope().told()
    bundle.save(update_fields=["state", "attempts", "done", "total", "touched_at", "reach"])
    return bundle


def progress(bundle: Bundle, done: int, total: int, now: datetime) -> None:
    """Tell how far it has come, which is also the sign of life. Raises Overtaken when it is not ours any more."""
    running = Bundle.objects.filter(pk=bundle.pk, state=BundleState.RUNNING, attempts=bundle.attempts)
    if not running.update(done=done, total=total, touched_at=now):
        raise Overtaken


def finish(bundle: Bundle, content: File[bytes], *, sha256: str, pages: int, left_out: int, at: datetime) -> None:
    """Keep the file of a bundle for the days the installation grants; of two attempts one is kept."""
    name = bundle.file.storage.save(_path(bundle), content)
    try:
        with transaction.atomic():
            row = Bundle.objects.select_for_update().get(pk=bundle.pk)
            if row.state != BundleState.RUNNING or row.attempts != bundle.attempts:
                raise Overtaken
            row.move_to(BundleState.READY)
            row.file.name, row.sha256, row.size = name, sha256, content.size
            row.pages, row.left_out, row.done = pages, left_out, row.total
            row.ready_at, row.expires_at = at, at + timedelta(days=settings.BUNDLE_DAYS)
            row.save()
    except Overtaken:
        bundle.file.storage.delete(name)
        raise


def _path(bundle: Bundle) -> str:
    """Where the running attempt stores its file: known beforehand, so that a dead one leaves nothing behind."""
    return f"bundles/{bundle.pk}-{bundle.attempts}.{'zip' if bundle.kind == BundleKind.QUARTER else 'pdf'}"


@transaction.atomic
def fail(bundle: Bundle, words: str) -> None:
    """Give the bundle up and say why in the officer's words; one that is not ours any more is left alone."""
    row = Bundle.objects.select_for_update().get(pk=bundle.pk)
    if row.state == BundleState.RUNNING and row.attempts == bundle.attempts:
        _give_up(row, words)


def _give_up(bundle: Bundle, words: str) -> None:
    bundle.move_to(BundleState.FAILED)
    # What the last attempt stored and never told of: nothing else would ever take it away.
    bundle.file.storage.delete(_path(bundle))
    bundle.error = words[:200]
    bundle.save(update_fields=["state", "error"])


@transaction.atomic
def renew(bundle: Bundle, actor: User, at: datetime) -> Bundle:
    """Try a failed bundle again from the first attempt; ask anew for one that has expired."""
    row = Bundle.objects.select_for_update().get(pk=bundle.pk)
    if row.state != BundleState.FAILED:
        return _anew(row, actor, at)
    if Bundle.objects.filter(requested_by=actor, key=row.key, state__in=IN_WORK).exists():
        raise RuleError("同样的案卷正在生成", remedy="在“下载与案卷”里等它做成。")
    row.move_to(BundleState.QUEUED)
    row.attempts, row.error, row.touched_at = 0, "", at
    row.save(update_fields=["state", "attempts", "error", "touched_at"])
    record(actor, "records.request_bundle", row, f"重新申请{row.get_kind_display()}：{row.title}")
    after_commit(Job.BIND, row.pk, bulk=True)
    return row


def _anew(row: Bundle, actor: User, at: datetime) -> Bundle:
    return request(
        kind=BundleKind(row.kind), subject_id=row.subject_id, title=row.title, scope=row.scope_columns(), actor=actor,
        at=at, since=row.since, until=row.until,
    )  # fmt: skip


@transaction.atomic
def hand_out(bundle: Bundle, actor: User, now: datetime, reason: str = "") -> File[bytes]:
    """The file, opened, with an entry of who fetched it.

    Raises RuleError before it is made, once it has expired, and for whoever reaches less than when it was bound.
    """
    row = Bundle.objects.get(pk=bundle.pk)
    if row.in_work or row.state == BundleState.FAILED:
        raise RuleError(f"{row.title}{row.get_state_display()}，还不能下载")
    if not row.suits(actor):
        words = "岗位、机构或者管辖范围在生成以后变了，其中可能有不再由您管的文书"
        raise RuleError(f"{row.title}不能下载：{words}", remedy="在“下载与案卷”里点“重新生成”。")
    try:
        if row.state == BundleState.EXPIRED or (row.expires_at and row.expires_at <= now):
            raise FileNotFoundError
        content: File[bytes] = row.file.open("rb")
    except FileNotFoundError:
        kept = f"文件只保留 {settings.BUNDLE_DAYS} 天"
        raise RuleError(f"{row.title}已过期，{kept}", remedy="在“下载与案卷”里点“重新生成”。") from None
    summary = f"下载{row.get_kind_display()}：{row.title}"
    after = {"sha256": row.sha256, "pages": row.pages}
    record(actor, "records.download_bundle", row, summary, after=after, reason=reason)
    return content


def bind_pending(now: datetime) -> int:
    """Send again what lost its message or its worker, give up what was tried too often; how many were looked at."""
    found = list(Bundle.objects.silent(now).values_list("pk", flat=True))
    return sum(_send_again(pk, now) for pk in found)


@transaction.atomic
def _send_again(pk: int, now: datetime) -> bool:
    row = Bundle.objects.silent(now).select_for_update().filter(pk=pk).first()
    if row is None:
        return False
    if row.state == BundleState.RUNNING and row.attempts >= MAX_ATTEMPTS:
        _give_up(row, INTERRUPTED)
        return True
    if row.state == BundleState.RUNNING:
        row.move_to(BundleState.QUEUED)
    # A queue may be long: touched, it is not sent again before it is silent once more.
    row.touched_at = now
    row.save(update_fields=["state", "touched_at"])
    after_commit(Job.BIND, row.pk, bulk=True)
    return True


def expire(now: datetime) -> int:
    """Take away the files whose days have passed; how many were taken."""
    found = list(Bundle.objects.over(now).values_list("pk", flat=True))
    return sum(_expire(pk, now) for pk in found)


@transaction.atomic
def _expire(pk: int, now: datetime) -> bool:
    row = Bundle.objects.over(now).select_for_update().filter(pk=pk).first()
    if row is None:
        return False
    # The file first: cut off in between, the next sweep finds the row as it was and deletes nothing twice.
    row.file.delete(save=False)
    row.move_to(BundleState.EXPIRED)
    row.save(update_fields=["state", "file"])
    return True
