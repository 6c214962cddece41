"""The papers of a complaint that is dealt with: 举报登记 under its first number, 举报答复 if told in writing."""

from datetime import datetime
from functools import partial

from django.utils.timezone import localdate

from inspections.complaint_papers import register_context, reply_context
from inspections.models import Complaint, Manner
from records import actions as records
from records.models import Kind
from stations.models import User

PAPERS = ("document", "reply")


def issue_papers(row: Complaint, actor: User, at: datetime) -> None:
    """Issue what the end of ``row`` asks for and note it on the row, which the caller saves (`PAPERS`).

    Raises Refusal for a written reply without words.
    """
    on = localdate(at)
    # Neither stands under the number of the unit: its page is open to people who may not know of the complaint.
    issue = partial(
        records.issue, station=row.station, scope=row, unit_id=None, unit_name=row.premises, subject=row, actor=actor
    )
    if row.manner == Manner.WRITTEN and row.told_at is not None:
        told_on = localdate(row.told_at)
        row.reply = issue(kind=Kind.COMPLAINT_REPLY, context=reply_context(row, told_on), on=told_on)
    row.document = issue(
        kind=Kind.COMPLAINT, context=register_context(row, on), on=on, number=(row.sequence, row.number), year=row.year
    )
