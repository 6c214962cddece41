"""The papers of a complaint that is dealt with: 举报登记 under its first number, 举报答复 if told in writing."""

from datetime import datetime
from functools import partial

from django.utils.timezone import localdate

from fire_supervision.lib.refusals import Fault, refuse
from inspections.complaint_corrections import typed_fields
from inspections.complaint_papers import register_context, reply_context
from inspections.complaint_secrecy import GIVEN_AWAY, naming
from inspections.models import Complaint, Manner
from records import actions as records
from records.models import Kind
from stations.models import User

PAPERS = ("document", "reply")


def issue_papers(row: Complaint, actor: User, at: datetime) -> None:
    """Issue what the end of ``row`` asks for and note it on the row, which the caller saves (`PAPERS`).

    Both are dated the day they are made, whenever the complainant was told. Raises Refusal for a written reply without
    words, and for words of the register that give the complainant away.
    """
    _refuse_named(row)
    on = localdate(at)
    # Neither stands under the number of the unit: its page is open to people who may not know of the complaint.
    issue = partial(
        records.issue, station=row.station, scope=row, unit_id=None, unit_name=row.premises, subject=row, actor=actor
    )
    if row.manner == Manner.WRITTEN and row.told_at is not None:
        row.reply = issue(kind=Kind.COMPLAINT_REPLY, context=reply_context(row, on), on=on)
    row.document = issue(
        kind=Kind.COMPLAINT, context=register_context(row, on), on=on, number=(row.sequence, row.number), year=row.year
    )


def _refuse_named(row: Complaint) -> None:
    """What was registered by whoever was not asked then is found here, before it stands on a paper for good.

    Whoever ends the complaint learns at most what its words have told him; what he types himself is none of them.
    """
    stored = {name: getattr(row, name) for name in typed_fields(row)}
    if row.unit_id is not None:
        # The ledger's own words, not somebody's of this complaint.
        stored = {name: words for name, words in stored.items() if name not in ("premises", "address")}
    remedy = "请受理人、承办人或者所长在举报页“更正文字”中改正。"
    refuse([Fault(name, GIVEN_AWAY, remedy=remedy) for name in naming(row.complainant, row.contact, stored)])
