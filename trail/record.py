"""The one way to write the trail: by hand, in the transaction of the act it tells of."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.db import models, transaction

from trail.context import current_origin
from trail.models import AuditEntry


class Actor(Protocol):
    """Whoever acts. `stations.User` fits; None stands for the system itself."""

    @property
    def pk(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def number(self) -> str: ...


SYSTEM_NAME = "系统"


def record(
    actor: Actor | None,
    action: str,
    subject: models.Model | None,
    summary: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Append one entry. ``action`` is `app.verb`, ``summary`` a Chinese sentence for the auditor.

    The organisation ids are copied from the subject where it carries them. Must run inside the transaction
    of the act, so that neither can exist without the other; raises RuntimeError outside one.
    """
    _must_be_in_the_act()
    entry = _entry(actor, action, subject, summary, before or {}, after or {}, reason)
    entry.save(force_insert=True)
    return entry


def record_many(actor: Actor | None, acts: Iterable[tuple[str, models.Model, str]]) -> None:
    """Append one entry for each (action, subject, summary) in one query, under the same terms as `record`."""
    _must_be_in_the_act()
    AuditEntry.objects.bulk_create(
        _entry(actor, action, subject, summary, {}, {}, "") for action, subject, summary in acts
    )


def _must_be_in_the_act() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit entry belongs into the transaction of its act")


def _entry(
    actor: Actor | None,
    action: str,
    subject: models.Model | None,
    summary: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str,
) -> AuditEntry:
    origin = current_origin.get()
    return AuditEntry(
        actor_id=actor.pk if actor else None,
        actor_name=actor.name if actor else SYSTEM_NAME,
        actor_number=actor.number if actor else "",
        bureau_id=getattr(subject, "bureau_id", None),
        station_id=getattr(subject, "station_id", None),
        office_id=getattr(subject, "office_id", None),
        action=action,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        summary=summary[:300],
        before=dict(before),
        after=dict(after),
        reason=reason,
        request_id=origin.request_id,
        address=origin.address,
    )
