"""How the seal of an office is put into use and taken out of it."""

import hashlib
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from fire_supervision.lib.errors import RuleError
from records.models import Seal
from stations.models import Organisation, User
from trail.record import record

REPLACED = "启用新印章"


@transaction.atomic
def set_seal(organisation: Organisation, image: ContentFile[bytes], actor: User | None, at: datetime) -> Seal:
    """Papers ``organisation`` issues from ``at`` on are printed under ``image``; the seal before it ends.

    ``image`` is what `records.seals.checked` gives. Raises RuleError for the picture that is in use already.
    """
    office = Organisation.objects.select_for_update().get(pk=organisation.pk)
    content = image.read()
    sha256 = hashlib.sha256(content).hexdigest()
    before = Seal.objects.current().filter(organisation=office).first()
    if before and before.sha256 == sha256:
        raise RuleError("上传的就是现在使用的印章")
    if before:
        _end(before, actor, REPLACED, at)
    seal = Seal(organisation=office, sha256=sha256, since=at, uploaded_by=actor)
    seal.image.save(f"{office.pk}-{sha256[:12]}.png", ContentFile(content), save=False)
    seal.save()
    record(
        actor, "records.set_seal", seal, f"{office}启用印章",
        before={"sha256": before.sha256} if before else {}, after={"sha256": sha256},
    )  # fmt: skip
    return seal


@transaction.atomic
def end_seal(seal: Seal, actor: User, reason: str, at: datetime) -> Seal:
    """Papers issued from ``at`` on leave room for ink. Raises RuleError without a reason, or when it ended."""
    if not reason.strip():
        raise RuleError("停用印章须写明原因")
    row = Seal.objects.select_for_update().select_related("organisation").get(pk=seal.pk)
    if row.until:
        raise RuleError("这枚印章已经停用")
    _end(row, actor, reason.strip()[:200], at)
    record(actor, "records.end_seal", row, f"{row.organisation}停用印章", reason=row.end_reason)
    return row


def _end(row: Seal, actor: User | None, reason: str, at: datetime) -> None:
    row.until, row.ended_by, row.end_reason = at, actor, reason
    row.save(update_fields=["until", "ended_by", "end_reason"])
