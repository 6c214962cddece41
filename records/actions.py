"""What happens to papers: issued, printed, voided, replaced, reviewed, and how their numbers begin."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from deadlines.actions import cancel_clock, start_clock
from deadlines.models import Clock
from fire_supervision.lib import signing
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.queue import Job, after_commit
from fire_supervision.lib.refusals import refuse
from records import papers
from records.canonical import digest
from records.gate import check
from records.models import FORMS, Copy, Document, DocumentFile, Kind, ReviewState, Scan, State
from records.models.document import MAX_ATTEMPTS
from records.numbering import drop_pattern, set_pattern, set_start
from records.numbers import format_number, take
from records.prints import PRINTED, bound, changed
from records.rehearsing import note_paper, unspared
from stations.models import Organisation, User
from stations.scope import Scoped
from trail.handing_out import words_for_paper
from trail.record import record

__all__ = [
    "add_scan",
    "drop_pattern",
    "issue",
    "mark_reviewed",
    "render",
    "render_pending",
    "replace",
    "reprint",
    "review_key",
    "set_pattern",
    "set_start",
    "void",
]

# A job that was sent is given this long before a sweep sends it again: the broker may have lost it.
RESEND_AFTER = timedelta(minutes=2)
SWEEP_SIZE = 100


def review_key(document: Document, round_: int) -> str:
    """The clock of the brigade's review: round 1 starts with the issue, the next one when a paper is filed again."""
    return f"review:{document.pk}:{round_}"


@transaction.atomic
def issue(
    *,
    kind: Kind,
    station: Organisation,
    scope: Scoped,
    context: Mapping[str, Any],
    unit_id: int | None,
    unit_name: str,
    subject: models.Model,
    actor: User,
    on: date,
    number: tuple[int, str] | None = None,
    year: int | None = None,
) -> Document:
    """Freeze ``context`` as the paper of ``subject``, dated ``on``, and have it printed after the commit.

    Takes the next number of the series unless ``number`` (sequence, printed words) was taken before, in the series of
    ``year`` if that was another one than the paper is dated in.
    Starts the brigade's review clock for a kind the brigade looks at. Raises Refusal with every fault of the gate.
    """
    refuse(unspared(check(kind, context)))
    if number is None:
        sequence = take(station, kind, on.year)
        number = sequence, format_number(station, kind, on.year, sequence)
    _refuse_used(scope, number[1])
    document = Document.objects.create(
        **scope.scope_columns(),
        kind=kind,
        year=year or on.year,
        sequence=number[0],
        number=number[1],
        unit_id=unit_id,
        unit_name=unit_name,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        context=(frozen := {**context, "number": number[1]}),
        context_sha256=digest(frozen),
        checkpoint=words_for_paper(),
        issued_on=on,
        issued_by=actor,
        review_state=ReviewState.PENDING if FORMS[kind].reviewed else ReviewState.EXEMPT,
        render_sent_at=timezone.now(),
    )
    if FORMS[kind].reviewed:
        _start_review(document)
    # What stands on the paper is bound into the chain of the trail, and with it into every later checkpoint.
    summary = f"签发{document.title}{document.number}（{unit_name}）"
    record(actor, "records.issue", document, summary, after=bound(frozen))
    after_commit(Job.RENDER, document.pk)
    note_paper(kind, frozen)
    return document


def _refuse_used(scope: Scoped, number: str) -> None:
    """Two stations with one short name would print the same number; a constraint stands behind this."""
    if Document.objects.filter(bureau_id=scope.scope_columns()["bureau_id"], number=number).exists():
        raise RuleError(
            f"{number}已经用过，不能再签发",
            remedy="请安全管理员核对文书号格式，请系统管理员核对派出所简称：两个所的简称不能相同。",
        )


def _start_review(document: Document) -> None:
    start_clock(
        "FILING_REVIEW",
        key=review_key(document, 1),
        subject=document,
        label=f"审查{document.title}",
        detail=f"{document.unit_name} {document.number}",
        url=reverse("records:document", args=[document.pk]),
        look_url=reverse("records:document", args=[document.pk]),
        scope=document,
        unit_id=document.unit_id,
        started_on=document.issued_on,
    )


@transaction.atomic
def void(document: Document, actor: User, reason: str, on: date) -> Document:
    """Withdraw the paper, with its number, from ``on``; its running review falls away. It stays readable for ever."""
    if not reason.strip():
        raise RuleError("作废文书须写明理由")
    row = Document.objects.select_for_update().get(pk=document.pk)
    row.move_to(State.VOID, reason=reason.strip()[:200], at=timezone.now())
    row.save(update_fields=["state", "void_reason", "voided_at"])
    for key in Clock.objects.of(row._meta.label_lower, row.pk).running().values_list("key", flat=True):
        cancel_clock(key, f"{row.number}已作废")
    record(actor, "records.void", row, f"作废{row.title}{row.number}", after={"voided_on": on}, reason=row.void_reason)
    return row


@transaction.atomic
def replace(document: Document, new: Document) -> Document:
    """Name ``new`` as the paper that was issued instead of the void ``document``."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    if not row.is_void or row.replaced_by_id or row.kind != new.kind or row.station_id != new.station_id:
        raise RuleError(f"{row.number}不能由{new.number}代替", remedy="先作废原文书，再重新签发同一种文书。")
    row.replaced_by = new
    row.save(update_fields=["replaced_by"])
    record(new.issued_by, "records.replace", row, f"{row.number}由{new.number}代替", after={"replaced_by": new.pk})
    return row


@transaction.atomic
def mark_reviewed(document: Document, review_state: ReviewState, on: date, actor: User) -> Document:
    """Move the brigade's review of the paper; whoever moves it also stops and starts the clocks of the round."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    before = row.review_state
    if row.is_void:
        raise RuleError(f"{row.number}已作废，不再审查")
    row.move_review_to(review_state, on)
    row.save(update_fields=["review_state", "reviewed_on"])
    summary = f"{row.number}审查：{review_state.label}"
    record(actor, "records.mark_reviewed", row, summary, before={"review": before}, after={"review": review_state})
    return row


@transaction.atomic
def add_scan(document: Document, file: ContentFile[bytes], recorder_no: str, actor: User) -> Scan:
    """Attach the paper as signed in ink. ``file`` was checked by `scans.checked`; the same file twice is one scan."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    sha256 = hashlib.sha256(file.read()).hexdigest()
    known = row.scans.filter(sha256=sha256).first()
    if known is not None:
        return known
    scan = Scan.objects.create(document=row, file=file, sha256=sha256, recorder_no=recorder_no, uploaded_by=actor)
    after = {"sha256": sha256, "recorder_no": recorder_no}
    record(actor, "records.add_scan", row, f"{row.number}附签名扫描件", after=after)
    return scan


def render(document_id: int) -> None:
    """Print the copies of the paper, once: a second run, and a rival's, change nothing.

    The attempt is counted before it begins, so that a paper that kills its worker is parked too.
    """
    claimed = Document.objects.to_print().filter(pk=document_id).update(render_attempts=F("render_attempts") + 1)
    if not claimed:
        return
    document = Document.objects.get(pk=document_id)
    # Whoever holds the database and the keys could write other words into the row before it is printed.
    if parts := changed(document):
        _park(document, parts)
        return
    # Signed before it is hashed: what is handed over, kept and checked are the same bytes.
    printed = {copy: signing.sign(papers.pdf(document, copy)) for copy in FORMS[Kind(document.kind)].copies}
    _keep(document, printed, signing.signer_name())


@transaction.atomic
def _park(document: Document, parts: list[str]) -> None:
    """Print nothing of what is not as it was issued; told in the trail, from which the alarm is raised."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    row.render_attempts = MAX_ATTEMPTS
    row.save(update_fields=["render_attempts"])
    summary = f"{row.number}没有打印：{'、'.join(parts)}与签发时不同，登记已被改动"
    record(None, "records.park", row, summary, after={"differs": parts})


@transaction.atomic
def _keep(document: Document, printed: Mapping[Copy, bytes], signer: str) -> None:
    row = Document.objects.select_for_update().get(pk=document.pk)
    if row.rendered_at is not None:
        return
    kept = [_file(row, copy, content, signer) for copy, content in printed.items()]
    row.rendered_at = timezone.now()
    row.save(update_fields=["rendered_at"])
    # With the words (`issue`) the very bytes are bound into the chain: see `records.prints`.
    sha256, size = ({file.copy: getattr(file, name) for file in kept} for name in ("sha256", "size"))
    after = {"sha256": sha256, "size": size, "signer": signer}
    record(None, PRINTED, row, f"打印{row.title}{row.number}", after=after)


def _file(row: Document, copy: Copy, content: bytes, signer: str) -> DocumentFile:
    file = ContentFile(content, f"{row.pk}-{copy.value.lower()}.pdf")
    sha256 = hashlib.sha256(content).hexdigest()
    return DocumentFile.objects.create(
        document=row, copy=copy, file=file, sha256=sha256, size=len(content), signer=signer[:200]
    )


def render_pending(now: datetime) -> int:
    """Send the papers whose printing was never sent, or was lost, newest first; how many were sent."""
    waiting = Document.objects.to_print().filter(
        Q(render_sent_at__isnull=True) | Q(render_sent_at__lte=now - RESEND_AFTER)
    )
    ids = list(waiting.order_by("-pk").values_list("pk", flat=True)[:SWEEP_SIZE])
    sent = [pk for pk in ids if waiting.filter(pk=pk).update(render_sent_at=now)]
    for pk in sent:
        after_commit(Job.RENDER, pk, bulk=True)
    return len(sent)


@transaction.atomic
def reprint(document: Document, actor: User) -> None:
    """Try a parked paper again from the first attempt; one that is printed or waiting is left alone."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    if not row.is_parked:
        return
    row.render_attempts, row.render_sent_at = 0, timezone.now()
    row.save(update_fields=["render_attempts", "render_sent_at"])
    record(actor, "records.reprint", row, f"重新打印{row.number}")
    after_commit(Job.RENDER, row.pk)
