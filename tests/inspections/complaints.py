"""Complaints for the tests: the people and instants of one, and a name that may appear nowhere."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from inspections import complaining
from inspections.complaint_entries import Call, Check
from inspections.models import Complaint, ComplaintCategory, Jurisdiction, Source
from stations.models import User
from tests.inspections.conftest import SHANGHAI

NAME, PHONE = "慕容雪晴", "13700009527"
LOCKED = "后门安全出口夜间上锁"


def instant(day: int, hour: int = 0, minute: int = 0, month: int = 9) -> datetime:
    """An instant of autumn 2026; 25 September is a Friday, 中秋节, and 1 to 7 October is 国庆节."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


# A Wednesday evening, before the festival.
CALLED = instant(23, 21, 15)


def call(handler: User, **changes: Any) -> Call:
    fields = {
        "source": Source.CALL, "received_at": CALLED, "category": ComplaintCategory.EXIT,
        "jurisdiction": Jurisdiction.OURS, "content": LOCKED, "handler": handler, "premises": "鑫源旅馆",
        "address": "裕华路180号", "complainant": NAME, "contact": PHONE,
    }  # fmt: skip
    return Call(**fields | changes)


def received(actor: User, **changes: Any) -> Complaint:
    handler = changes.pop("handler", actor)
    at = changes.get("received_at", CALLED)
    return complaining.receive_complaint(actor, call(handler, **changes), key=uuid4(), at=at)


def checked(first: User, second: User, at: datetime, **changes: Any) -> Check:
    return Check(**{"at": at, "first": first, "second": second, "truth": "TRUE", "found": "已责令改正"} | changes)
