"""The one way to write the trail: by hand, in the transaction of the act it tells of."""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from threading import Lock
from typing import Any, Protocol

from django.db import DatabaseError, models, transaction
from django.utils import timezone

from fire_supervision.lib.masking import masked_within
from fire_supervision.lib.wall import show_own_entries
from trail.context import current_origin, written
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
ANONYMOUS = "未登录"
logger = logging.getLogger(__name__)
# However hard somebody knocks: the same thing once a minute (of the unknown: from one address), and of one person (or
# of all the unknown together) no more than so many refusals a minute; what is left out is counted and told at each
# power of ten, and with the next entry. Other kinds are counted apart, of the unknown by address: a flood of one hides
# none of another. What leaves as a file is never left out; what is read again within a few minutes is one look.
NOTICED_WITHIN, NOTICED_AT_MOST, READ_WITHIN = timedelta(minutes=1), 30, timedelta(minutes=5)
_left_out: dict[int | None, int] = {}
_counting = Lock()


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
    _must_be_in_the_act(actor)
    entry = _entry(actor, action, subject, summary, before or {}, after or {}, reason)
    entry.save(force_insert=True)
    if (told := written.get()) is not None:
        told.add(action)
    return entry


def record_many(actor: Actor | None, acts: Iterable[tuple[str, models.Model, str]]) -> None:
    """Append one entry for each (action, subject, summary) in one query, under the same terms as `record`."""
    _must_be_in_the_act(actor)
    AuditEntry.objects.bulk_create(
        _entry(actor, action, subject, summary, {}, {}, "") for action, subject, summary in acts
    )


def notice(
    actor: Actor | None,
    action: str,
    summary: str,
    *,
    after: Mapping[str, Any],
    what: str = "",
    bureau_id: int | None = None,
) -> None:
    """Append an entry of something looked at or refused, which changed nothing: in a transaction of its own.

    ``after`` names the address under ``path``. Bounded as said at `NOTICED_AT_MOST`. Never raises: what failed to be
    written must not turn an answer into an error; the log tells it.
    """
    try:
        with transaction.atomic():
            show_own_entries(current_origin.get().request_id, actor.pk if actor else None)
            if (left_out := _may_notice(actor, action, after.get("path"))) is not None:
                told = f"（此前另有 {left_out} 次未逐条记录）" if left_out else ""
                entry = _entry(actor, action, None, summary + told, {}, after, "")
                entry.bureau_id = bureau_id
                entry.actor_name = actor.name if actor else ANONYMOUS
                entry.subject_type, entry.subject_id = what, _int(after.get("subject_id"))
                entry.save(force_insert=True)
    except DatabaseError:
        logger.exception("could not notice %s of %s", action, actor.pk if actor else None)


def record_refusal(
    actor: Actor | None,
    room: str,
    status: int,
    words: str,
    *,
    path: str,
    after: Mapping[str, Any] | None = None,
    bureau_id: int | None = None,
) -> None:
    """Append that ``actor`` was refused at ``path``, with the HTTP status and the words he was told."""
    told = {"path": path[:200], "status": status, **(after or {})}
    summary, what = f"{words}（{status}）：{path[:150]}", str(told.get("subject", ""))
    notice(actor, f"{room}.refused", summary, after=told, what=what, bureau_id=bureau_id)


def _int(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _may_notice(actor: Actor | None, action: str, path: object) -> int | None:
    """How many were left out before this one, when it may be written; None, and one more left out, when it may not."""
    if action.endswith(".export"):
        return 0
    if action.endswith(".read"):
        return None if _was_read(actor, action, path) else 0
    who, recent = actor.pk if actor else None, _noticed_like(actor, action)
    this = (action, path, None if who else current_origin.get().address)
    with _counting:
        left_out = _left_out.get(who, 0)
        if this not in recent and len(recent) < NOTICED_AT_MOST:
            return _left_out.pop(who, 0)
        _left_out[who] = left_out + 1
        return left_out + 1 if str(left_out + 1).strip("0") == "1" and left_out >= 9 else None


def _was_read(actor: Actor | None, action: str, path: object) -> bool:
    since = timezone.now() - READ_WITHIN
    of_his = AuditEntry.objects.filter(actor_id=actor.pk if actor else None, at__gt=since)
    return of_his.filter(action=action, after__path=path).exists()


def _noticed_like(actor: Actor | None, action: str) -> list[tuple[str, object, str | None]]:
    """Action, path and address of what counts together with ``action``: all refusals; of anything else, itself."""
    refused = action.endswith(".refused")
    kind = models.Q(action__endswith=".refused") if refused else models.Q(action=action)
    # Found by the index over `at`: nobody's entries, the system's among them, are walked further back than a minute.
    since = timezone.now() - NOTICED_WITHIN
    found = AuditEntry.objects.filter(kind, actor_id=actor.pk if actor else None, at__gt=since)
    if actor is None:
        found = found.filter(actor_name=ANONYMOUS)
        found = found if refused else found.filter(address=current_origin.get().address)
    rows = found.order_by("-at").values_list("action", "after__path", "address")
    return [(act, place, None if actor else address) for act, place, address in rows]


def _masked(value: Any) -> Any:
    """``value`` with the texts in it masked, however deep."""
    if isinstance(value, str):
        return masked_within(value)
    if isinstance(value, Mapping):
        return {key: _masked(each) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list | tuple) else value


def _must_be_in_the_act(actor: Actor | None) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit entry belongs into the transaction of its act")
    show_own_entries(current_origin.get().request_id, actor.pk if actor else None)


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
        # What belongs to no bureau is still the business of the auditor over whoever did it, and of nobody else's.
        bureau_id=getattr(subject, "bureau_id", None) or getattr(actor, "bureau_id", None),
        station_id=getattr(subject, "station_id", None),
        office_id=getattr(subject, "office_id", None),
        action=action,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        # For good and in every export: what somebody typed, a telephone in it, is not the trail's to keep.
        summary=masked_within(summary)[:300],
        before=_masked(dict(before)),
        after=_masked(dict(after)),
        reason=masked_within(reason),
        request_id=origin.request_id,
        address=origin.address,
    )
