"""What may be done to the ledger by hand: register, change, close, reopen, assign, keep or close a twin."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from deadlines.actions import reassign
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.keyring import index_of
from fire_supervision.lib.masking import masked
from stations.models import User
from trail.record import record
from units import pledging, yearly
from units.models import State, Unit
from units.names import address_key, name_key, places_in

FACTS = (
    "kind", "category_id", "name", "credit_code", "official_code", "address", "township", "committee_id",
    "building_name", "area", "floors", "height", "staff", "person", "phone", "residents", "gas", "extinguishers",
    "is_public_gathering", "is_dense", "is_key", "remark",
)  # fmt: skip


KEYS = ("name_key", "address_key", "phone_index")


def told(values: dict[str, Any]) -> dict[str, Any]:
    """Facts as the trail keeps them: it is read by people who have no use for a telephone, and nothing leaves it."""
    return values | {"phone": masked(values["phone"])} if values.get("phone") else values


def facts(unit: Unit) -> dict[str, Any]:
    """What the ledger says of ``unit``."""
    return {name: getattr(unit, name) for name in FACTS}


def set_keys(unit: Unit, places: Collection[str]) -> None:
    """The comparable forms of name, address and phone, which search and twins look at."""
    unit.name_key = name_key(unit.name, places)
    unit.address_key = address_key(unit.address)
    unit.phone_index = index_of(unit.phone)


@transaction.atomic
def register(unit: Unit, on: date, *, by: User) -> Unit:
    """Enter ``unit``, filled in by hand, into the ledger; one with the same name and address is noted as its twin.

    Its yearly inspection is due from ``on``, the day it is entered.
    """
    _must_reach(unit, by)
    _refuse_code_twice(unit)
    set_keys(unit, places_in(unit.bureau.name))
    unit.twin_of = same_place(unit).first()
    unit.save()
    yearly.begin([unit], on)
    record(by, "units.register", unit, f"登记单位：{unit.name}", after=told(facts(unit)))
    return unit


@transaction.atomic
def change(unit_id: int, values: dict[str, Any], *, by: User) -> Unit:
    """Set the facts ``values`` names on a unit; nothing is written when they say what the ledger says."""
    unit = _locked(unit_id, by)
    before = facts(unit)
    for name, value in values.items():
        setattr(unit, name, value)
    after = facts(unit)
    if before == after:
        return unit
    _refuse_code_twice(unit)
    set_keys(unit, places_in(unit.bureau.name))
    unit.save(update_fields=[name.removesuffix("_id") for name in FACTS] + list(KEYS))
    changed = [name for name in FACTS if before[name] != after[name]]
    record(
        by, "units.change", unit, f"修改单位资料：{unit.name}",
        before=told({name: before[name] for name in changed}), after=told({name: after[name] for name in changed}),
    )  # fmt: skip
    return unit


@transaction.atomic
def reveal_phone(unit_id: int, *, by: User) -> Unit:
    """The unit with its telephone, for somebody who sees it masked; every look leaves an entry."""
    unit = Unit.objects.for_user(by).get(pk=unit_id)
    record(by, "units.reveal", unit, f"查看电话：{unit.name}")
    return unit


@transaction.atomic
def close(unit_id: int, reason: str, on: date, *, by: User) -> Unit:
    """Close a unit that no longer trades; ``reason`` is kept and shown."""
    unit = _locked(unit_id, by)
    if not reason.strip():
        raise RuleError("关闭单位要写明原因。")
    unit.move_to(State.CLOSED)
    unit.closed_on, unit.closed_reason = on, reason.strip()[:200]
    unit.save(update_fields=["state", "closed_on", "closed_reason"])
    yearly.cancel(unit)
    pledging.end_with(unit, on, by)
    record(by, "units.close", unit, f"关闭单位：{unit.name}", reason=unit.closed_reason)
    return unit


@transaction.atomic
def reopen(unit_id: int, reason: str, on: date, *, by: User) -> Unit:
    """Take a closed unit up again on ``on``; the reason it was closed for stays in the trail."""
    unit = _locked(unit_id, by)
    if not reason.strip():
        raise RuleError("恢复单位要写明原因。")
    unit.move_to(State.OPEN)
    closed_on, before = unit.closed_on, {"closed_on": unit.closed_on, "closed_reason": unit.closed_reason}
    unit.closed_on, unit.closed_reason = None, ""
    _refuse_code_twice(unit)
    unit.save(update_fields=["state", "closed_on", "closed_reason"])
    yearly.resume(unit, on, closed_on)
    record(by, "units.reopen", unit, f"恢复单位：{unit.name}", before=before, reason=reason.strip())
    return unit


@transaction.atomic
def assign(unit_ids: Collection[int], officer: User, *, by: User) -> int:
    """Give the open units ``unit_ids`` to ``officer`` of their station; the number that changed hands.

    Their former officers' running duties there go along; what was done keeps the name of who did it. A police
    office's officer brings the units into his office's scope.
    """
    if not officer.is_active:
        raise RuleError(f"{officer.name} 的账号已停用，不能分配。")
    units = list(
        Unit.objects.for_user(by).open().filter(pk__in=unit_ids).select_for_update(of=("self",)).order_by("pk")
    )
    elsewhere = [unit for unit in units if unit.station_id != officer.station_id]
    if elsewhere:
        raise RuleError(
            f"有 {len(elsewhere)} 户不属于{officer.organisation}，例如“{elsewhere[0].name}”。",
            remedy="先按派出所筛选，再分配。",
        )
    moved = [unit for unit in units if unit.officer_id != officer.pk]
    names = dict(User.objects.filter(pk__in={unit.officer_id for unit in moved}).values_list("pk", "name"))
    reassign(yearly.duties_at([unit.pk for unit in moved], names), officer)
    for unit in moved:
        before = names.get(unit.officer_id or 0, "")
        unit.officer, unit.office_id = officer, officer.office_id or unit.office_id
        record(
            by, "units.assign", unit, f"责任民警：{before or '未分配'} → {officer.name}",
            before={"officer": before}, after={"officer": officer.name, "officer_id": officer.pk},
        )  # fmt: skip
    Unit.objects.bulk_update(moved, ["officer", "office"], batch_size=500)
    return len(moved)


@transaction.atomic
def keep_twin(unit_id: int, *, by: User) -> Unit:
    """Say that a unit and its look-alike are two; both stay."""
    unit = _locked(unit_id, by)
    if unit.twin_of is None:
        raise RuleError(f"{unit.name} 没有待核对的疑似重复。")
    twin = unit.twin_of
    unit.twin_of = None
    unit.save(update_fields=["twin_of"])
    record(
        by, "units.keep_twin", unit, f"核对：{unit.name} 与 {twin.name} 不是同一家，都保留", before={"twin_of": twin.pk}
    )
    return unit


@transaction.atomic
def close_twin(unit_id: int, on: date, *, by: User) -> Unit:
    """Say that a unit is the same as its look-alike; the later entry is closed, the earlier one stays."""
    unit = _locked(unit_id, by)
    if unit.twin_of is None:
        raise RuleError(f"{unit.name} 没有待核对的疑似重复。")
    return close(unit.pk, f"与“{unit.twin_of.name}”（编号 {unit.twin_of.pk}）重复登记", on, by=by)


@transaction.atomic
def note_visit(unit_id: int, on: date) -> None:
    """An inspection of ``on`` stands: the unit remembers the latest one, the yearly duty is met.

    The inspection keeps the trail.
    """
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    if unit.last_visited_on is None or unit.last_visited_on < on:
        unit.last_visited_on = on
        unit.save(update_fields=["last_visited_on"])
    yearly.meet(unit_id, on)


@transaction.atomic
def set_visits(unit_id: int, days: Collection[date]) -> None:
    """An inspection was voided and those of ``days`` still stand. The voiding keeps the trail."""
    unit = Unit.objects.select_for_update(of=("self",)).select_related("officer").get(pk=unit_id)
    unit.last_visited_on = max(days, default=None)
    unit.save(update_fields=["last_visited_on"])
    yearly.settle(unit, days)


def same_place(unit: Unit) -> QuerySet[Unit]:
    """Other open units of the station with the same name and address, the earliest first."""
    if not unit.address_key:
        return Unit.objects.none()
    twins = Unit.objects.open().filter(
        station_id=unit.station_id, kind=unit.kind, name_key=unit.name_key, address_key=unit.address_key
    )
    return twins.exclude(pk=unit.pk).order_by("pk")


def officers_with_load(by: User) -> QuerySet[User]:
    """Who can be made responsible within ``by``'s reach, with the number of open units each has (``load``)."""
    return (
        User.objects.for_user(by)
        .enforcers()
        .select_related("organisation")
        .annotate(load=Count("units", filter=Q(units__state=State.OPEN)))
        .order_by("organisation__name", "number")
    )


def _locked(unit_id: int, by: User) -> Unit:
    """The unit, locked, if ``by`` reaches it; raises ObjectDoesNotExist, which a view turns into 404."""
    return Unit.objects.for_user(by).select_for_update(of=("self",)).select_related("bureau", "twin_of").get(pk=unit_id)


def _must_reach(unit: Unit, by: User) -> None:
    if not by.scope().covers(unit):
        raise ObjectDoesNotExist("outside the scope")


def _refuse_code_twice(unit: Unit) -> None:
    if not unit.credit_code or unit.state == State.CLOSED:
        return
    other = (
        Unit.objects.open().filter(station_id=unit.station_id, credit_code=unit.credit_code).exclude(pk=unit.pk).first()
    )
    if other is not None:
        raise RuleError(
            f"本所已有这个信用代码的单位：{other.name}（{other.address or '没有地址'}）。",
            remedy="打开那一户修改，或先将它关闭。",
        )
