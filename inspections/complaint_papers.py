"""举报登记 and 举报答复 as plain values; the keys are those of templates/papers/complaint*.html.

Neither may name the complainant or say how to reach him: who may read them is wider than who is on the case.
"""

from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from inspections.models import Complaint
from stations.models import User

Context = dict[str, Any]
# Whom the reply addresses: its context is kept with the paper.
COMPLAINANT = "举报人"


def register_context(row: Complaint, on: date) -> Context:
    """What the 举报登记 prints of a complaint that is dealt with; what did not happen is empty."""
    return {
        "heading": row.station.heading,
        "issued_on": on.isoformat(),
        "unit_name": row.premises,
        "address": row.address,
        "source": row.get_source_display(),
        "received_at": _moment(row.received_at),
        "received_by": row.received_by.name,
        "anonymous": row.anonymous,
        "content": row.content,
        "category": row.get_category_display(),
        "jurisdiction": row.get_jurisdiction_display(),
        "handler": row.handler.name,
        "checked_at": _moment(row.checked_at),
        "checkers": [_officer(person) for person in (row.first, row.second) if person is not None],
        "truth": row.get_truth_display(),
        "found": row.found,
        "visited_on": row.inspection.visited_on.isoformat() if row.inspection else "",
        "transferred_at": _moment(row.transferred_at),
        "transferred_to": row.transferred_to,
        "letter_no": row.letter_no,
        "told_at": _moment(row.told_at),
        "told_by": row.told_by.name if row.told_by else "",
        "manner": row.get_manner_display(),
        "told": row.told,
        "untold": row.untold,
        "reward": row.reward,
        "signatures": {},
    }


def reply_context(row: Complaint, on: date) -> Context:
    """What the written 举报答复 tells the complainant; nothing of anybody else but what he reported himself."""
    return {
        "heading": row.station.heading,
        "issued_on": on.isoformat(),
        "unit_name": COMPLAINANT,
        "register_no": row.number,
        "received_at": _moment(row.received_at),
        "source": row.get_source_display(),
        "premises": row.premises,
        "told": [line.strip() for line in row.told.splitlines() if line.strip()],
        "handler": row.handler.name,
        "signatures": {},
    }


def _officer(person: User) -> Context:
    return {"name": person.name, "certificate": person.certificate_no}


def _moment(at: datetime | None) -> str:
    return localtime(at).isoformat() if at is not None else ""
