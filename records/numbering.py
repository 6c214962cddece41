"""How numbers begin and how they read: what a chief and the security administrator set."""

from datetime import date

from django.db import transaction

from fire_supervision.lib.errors import RuleError
from records.models import DocumentCounter, Kind, NumberPattern
from records.numbers import locked_counter
from records.patterns import check, in_force, resolved, same_as
from stations.models import Organisation, User
from trail.record import record

ENFORCEMENT_PAPERS = "执法文书"


@transaction.atomic
def set_start(
    actor: User, station: Organisation, kind: Kind, year: int, next_number: int, reason: str
) -> DocumentCounter:
    """Let the series go on at ``next_number``, for a station that begins mid-year; never below what was used.

    A start under which no number was taken yet can be corrected, to a lower one too.
    """
    if not reason.strip():
        raise RuleError("设定起始号须写明理由")
    counter = locked_counter(station, kind, year)
    used, before = counter.used, counter.last
    if next_number <= used:
        raise RuleError(
            f"{kind.label}{year}年已用到第{used}号，不能从第{next_number}号开始",
            remedy=f"起始号至少为 {used + 1}。",
        )
    counter.last = next_number - 1
    counter.skipped += counter.last - before
    counter.before_start = used
    counter.save(update_fields=["last", "skipped", "before_start"])
    corrected = f"（原定第{before + 1}号）" if before > used else ""
    summary = f"{station.name}{kind.label}{year}年从第{next_number}号开始{corrected}"
    after = {"last": counter.last}
    record(actor, "records.set_start", station, summary, before={"last": before}, after=after, reason=reason)
    return counter


@transaction.atomic
def set_pattern(
    actor: User, bureau: Organisation, kind: Kind | None, pattern: str, confirmed_on: date | None
) -> NumberPattern:
    """Set how numbers of ``kind``, or of enforcement papers together, read from now on; issued papers keep theirs.

    Raises RuleError for a pattern under which two papers of the bureau would share a number.
    """
    own = _locked(bureau)
    words = {row.kind: row.pattern for row in own.values()}
    _refuse_same(words | {kind or "": pattern}, pattern, kind)
    row = own.get(kind or "") or NumberPattern(bureau=bureau, kind=kind or "", pattern=in_force(words, kind))
    before = {"pattern": row.pattern, "confirmed_on": row.confirmed_on}
    row.pattern, row.confirmed_on, row.changed_by = pattern, confirmed_on, actor
    row.save()
    after = {"pattern": pattern, "confirmed_on": confirmed_on}
    summary = f"设定{bureau}的文书号格式：{_named(kind)}"
    record(actor, "records.set_pattern", bureau, summary, before=before, after=after)
    return row


@transaction.atomic
def drop_pattern(actor: User, bureau: Organisation, kind: Kind) -> None:
    """Let ``kind`` follow the bureau's enforcement papers again, or its default; without a pattern nothing happens."""
    own = _locked(bureau)
    row = own.pop(kind, None)
    if row is None:
        return
    left = {each.kind: each.pattern for each in own.values()}
    _refuse_same(left, resolved(left)[kind], kind)
    before = {"pattern": row.pattern, "confirmed_on": row.confirmed_on}
    row.delete()
    summary = f"{bureau}的文书号不再单设格式：{_named(kind)}"
    record(actor, "records.drop_pattern", bureau, summary, before=before)


def _locked(bureau: Organisation) -> dict[str, NumberPattern]:
    """The bureau's patterns; its own row is the lock, because the first pattern has none to lock."""
    Organisation.objects.select_for_update().get(pk=bureau.pk)
    return {row.kind: row for row in NumberPattern.objects.filter(bureau=bureau)}


def _refuse_same(own: dict[str, str], pattern: str, kind: Kind | None) -> None:
    """The form has said so at its field already; this is what holds between two administrators."""
    try:
        check(pattern, kind)
    except ValueError as refused:
        raise RuleError(f"文书号格式不能用：{refused}") from None
    if same := same_as(resolved(own)):
        raise RuleError(f"{same[0].label}与{same[1].label}会重号", remedy="在格式里加上 {word}，或者换一个文书代字。")


def _named(kind: Kind | None) -> str:
    return ENFORCEMENT_PAPERS if kind is None else kind.label
