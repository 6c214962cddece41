"""核定: a bureau settles the value of a rule. It writes a version of its own; nothing that runs is touched."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction

from deadlines.calendar import DAY
from deadlines.models import COMPLAINT_RULES, Clock, DeadlineRule, Unit
from deadlines.versions import amount_of, holding, versions_of
from fire_supervision.lib.errors import RuleError
from stations.models import User
from trail.record import record

VALUES = (
    "amount", "unit", "counts_first", "basis", "text", "remind_before", "escalate_after",
)  # fmt: skip
KEPT = ("code", "name", "trigger", "binding", "doer", "at_least")
DAYS = frozenset({Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.ON_THE_SPOT, Unit.SAME_DAY})


class ValueRefused(RuleError):
    """A value the law or the calendar does not allow; ``field`` is where it was entered."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class RuleValues:
    """What a bureau may set. ``remind_before`` and ``escalate_after`` count working days, in a rule in hours hours."""

    amount: int
    unit: str
    counts_first: bool
    basis: str
    text: str
    remind_before: int
    escalate_after: int


@transaction.atomic
def confirm_rule(actor: User, code: str, on: date) -> DeadlineRule:
    """The shipped value of ``code`` is right for the actor's bureau: from ``on`` it holds as the bureau's own."""
    versions = _locked(actor, code)
    present = _present(versions, on)
    _refuse_second(versions, on)
    if present.bureau_id is not None:
        raise RuleError(f"“{present.name}”已由本局核定")
    if present.confirmed:
        raise RuleError(f"“{present.name}”的期限由法规规定，不需要核定", basis=present.basis)
    own = _write(actor, present, _values(present), on, on, region=present.region)
    record(actor, "deadlines.confirm_rule", own, f"核定期限规则：{own.name} {amount_of(own)}", after=_shown(own))
    return own


@transaction.atomic
def change_rule(actor: User, code: str, values: RuleValues, since: date, reason: str, on: date) -> DeadlineRule:
    """From ``since``, today (``on``) at the earliest, ``code`` has ``values`` in the actor's bureau.

    The bureau's present version ends the day before. Clocks that run keep the version they were started by. Raises
    `ValueRefused` for a value the law does not allow.
    """
    versions = _locked(actor, code)
    present = _present(versions, on)
    _refuse_second(versions, on)
    _refuse_start(present, since, on)
    if values == RuleValues(**_values(present)):
        raise ValueRefused("amount", "和现行的规定相同，没有要改的")
    if values.unit not in units_for(present):
        raise ValueRefused("unit", f"“{present.name}”不能按“{Unit(values.unit).label}”计算")
    law = next((rule for rule in versions if rule.is_law and rule.holds_on(since)), None)
    if law is not None:
        _refuse_laxer(law, values)
    if present.bureau_id is not None:
        present.until = since - DAY
        present.save(update_fields=["until"])
    own = _write(actor, present, asdict(values), since, on, reason=reason)
    summary = f"修改期限规则：{own.name} 由 {amount_of(present)} 改为 {amount_of(own)}，{since} 起"
    record(
        actor, "deadlines.change_rule", own, summary, before=_shown(present), after=_shown(own), reason=reason
    )  # fmt: skip
    return own


@transaction.atomic
def withdraw_rule(actor: User, code: str, on: date) -> None:
    """Take back the bureau's version of ``code`` that has not begun on ``on``; the one before it goes on."""
    versions = _locked(actor, code)
    coming = _coming(versions, on)
    if coming is None:
        raise RuleError("没有尚未起用的版本可以撤回", remedy="已经起用的，只能再作修改。")
    # A period to correct something in may end after the day the version begins: its re-inspection counts by it already.
    counted = Clock.objects.filter(rule=coming).count()
    if counted:
        raise RuleError(f"已有 {counted} 项期限按这一版本计算，不能撤回", remedy="起用后再作修改。")
    for rule in versions:
        if rule.bureau_id is not None and rule.until == coming.since - DAY:
            rule.until = None
            rule.save(update_fields=["until"])
    summary = f"撤回期限规则：{coming.name} {amount_of(coming)}，原定 {coming.since} 起"
    record(actor, "deadlines.withdraw_rule", coming, summary, before=_shown(coming))
    coming.delete()


def units_for(rule: DeadlineRule) -> frozenset[str]:
    """The units ``rule`` can be counted in: what ends with the year or on a day of the month ends so everywhere.

    Hours need the instant they run from, and only a complaint has one.
    """
    if rule.unit in (Unit.YEAR_END, Unit.DAY_OF_MONTH):
        return frozenset({rule.unit})
    return DAYS | {Unit.HOURS} if rule.code in COMPLAINT_RULES else DAYS


def _locked(actor: User, code: str) -> list[DeadlineRule]:
    """The versions the bureau reads; their lock, the shipped one's at least, makes a second submit wait."""
    if actor.organisation.bureau_id is None:
        raise RuleError("期限规则由公安机关核定")
    rows = versions_of(actor.organisation.bureau_id).filter(code=code).select_for_update(of=("self",))
    return list(rows)


def _present(versions: list[DeadlineRule], on: date) -> DeadlineRule:
    present = holding(versions, on)
    if present is None:
        raise RuleError("这条规则今天没有施行中的版本")
    return present


def _coming(versions: list[DeadlineRule], on: date) -> DeadlineRule | None:
    return next((rule for rule in versions if rule.bureau_id is not None and rule.since > on), None)


def _refuse_second(versions: list[DeadlineRule], on: date) -> None:
    coming = _coming(versions, on)
    if coming is not None:
        raise RuleError(f"已经定了 {coming.since} 起的新版本（{amount_of(coming)}）", remedy="要再改，先撤回这一版本。")


def _refuse_start(present: DeadlineRule, since: date, on: date) -> None:
    if since < on:
        raise ValueRefused("since", "不能早于今天，已经开始的期限不因修改而变")
    if present.bureau_id is not None and since <= present.since:
        raise ValueRefused("since", f"现行版本 {present.since} 才起用，新版本最早从 {present.since + DAY} 起")


def _refuse_laxer(law: DeadlineRule, values: RuleValues) -> None:
    """What the law sets for a station may be made stricter and never longer (a minimum: never shorter)."""
    said = f"{law.basis}：{amount_of(law)}"
    if values.unit != law.unit:
        raise ValueRefused("unit", f"{said}，单位不能改")
    if law.at_least:
        if values.amount < law.amount or values.counts_first:
            raise ValueRefused("amount", f"{said}，不能再短")
    elif values.amount > law.amount:
        raise ValueRefused("amount", f"{said}，只能更短，不能更长")


def _write(
    actor: User,
    model: DeadlineRule,
    values: Mapping[str, Any],
    since: date,
    on: date,
    *,
    reason: str = "",
    region: str = "",
) -> DeadlineRule:
    kept = {name: getattr(model, name) for name in KEPT}
    return DeadlineRule.objects.create(
        **kept,
        **values,
        bureau_id=actor.organisation.bureau_id,
        region=region,
        confirmed=True,
        confirmed_by=actor,
        confirmed_on=on,
        since=since,
        reason=reason[:200],
    )


def _values(rule: DeadlineRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in VALUES}


def _shown(rule: DeadlineRule) -> dict[str, Any]:
    return _values(rule) | {"since": rule.since}
