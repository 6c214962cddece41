"""作废重出举报答复: what the complainant was told in writing is put right; the complaint and its days stand.

The 举报登记 stands too: it tells what was told on its day, and that was the wrong reply.
"""

from datetime import date

from django.db import transaction

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from inspections.complaint_corrections import readings
from inspections.complaint_papers import reply_context
from inspections.complaint_secrecy import refuse_named
from inspections.models import Complaint
from records import actions as records
from records.models import Document, Kind
from stations.models import User
from stations.permissions import Can
from trail.record import record


def check_reply(row: Complaint, actor: User) -> None:
    """Raise RuleError unless ``actor`` may have the reply of ``row`` issued anew."""
    if not actor.can(Can.VOID_PAPERS) or actor.station_id != row.station_id:
        raise RuleError("作废文书须由本所所长决定", remedy="请所长登录后办理。")
    if row.reply is None:
        raise RuleError(f"{row.number}没有举报答复")


@transaction.atomic
def reissue_reply(complaint: Complaint, actor: User, reason: str, told: str, on: date) -> Document:
    """The reply falls with the chief's reason; one of ``on`` that says ``told`` takes its place.

    Raises RuleError for what `check_reply` says and without a reason, Refusal for words that give the complainant
    away and for none.
    """
    rows = Complaint.objects.for_user(actor).select_related("handler", "station", "reply")
    row = rows.select_for_update(of=("self",)).get(pk=complaint.pk)
    check_reply(row, actor)
    if row.reply_id != complaint.reply_id:
        raise RuleError("这份答复已经作废重出，没有重复作废", remedy="打开新的答复核对。")
    refuse_named(row, actor, {"told": told, "why": reason})
    refuse([Fault("told", "请填写")] if not told.strip() else [])
    old = row.reply
    assert old is not None
    before, after = readings(row, row.told, told)
    row.told = told
    records.void(old, actor, reason, on)
    row.reply = new = records.issue(
        kind=Kind.COMPLAINT_REPLY, station=row.station, scope=row, context=reply_context(row, on), unit_id=None,
        unit_name=row.premises, subject=row, actor=actor, on=on,
    )  # fmt: skip
    row.save(update_fields=["told", "reply"])
    records.replace(old, new)
    record(
        actor, "inspections.reissue_reply", row, f"作废重出举报答复：{row.number}，{old.number} → {new.number}",
        before={"told": before}, after={"told": after}, reason=reason,
    )  # fmt: skip
    return new
