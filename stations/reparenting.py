"""A station goes over to another bureau, with everything it has: one transaction over every scoped table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, models, transaction

from fire_supervision.lib.errors import RuleError
from stations import wall
from stations.models import Organisation, OrganisationKind, User
from trail.record import record

# Well under the second after which PostgreSQL looks for a deadlock and ends one of the two, perhaps the officer.
PATIENCE = "200ms"
LOCK_NOT_AVAILABLE = "55P03"


def placed_models() -> Iterator[type[models.Model]]:
    """Every table whose rows carry both their bureau and their station, and go along with it, in whatever room.

    The trail is none of them: an entry tells where its subject belonged on the day of the act. Nor is what a bureau
    has published of its stations.
    """
    for model in apps.get_models():
        has_place = {"bureau", "station"} <= {field.name for field in model._meta.concrete_fields}
        if has_place and getattr(model, "goes_along", True):
            yield model


@transaction.atomic
def move_station(actor: User, pk: int, bureau: Organisation, reason: str) -> Organisation:
    """Put the station ``pk`` under ``bureau``; whoever looks next finds it and all its rows there, and not before.

    Papers keep number and heading. Raises RuleError for a bureau that has a station or a paper of the same name, and
    when somebody of the station holds a row and waits for the move. What is being written meanwhile goes along too
    (`fire_supervision.wall.placing`).
    """
    station = Organisation.objects.select_for_update(of=("self",)).select_related("bureau").get(pk=pk)
    old = _check(station, bureau, reason)
    with wall.through(wall.Door.MOVE, pk):
        moved = _rewrite(station, bureau)
    told: dict[str, Any] = {"before": {"bureau": old.name}, "after": {"bureau": bureau.name} | moved, "reason": reason}
    # Two entries, so that the auditors of both bureaus read of it.
    record(actor, "stations.move_station", station, f"{station}划归{bureau}", **told)
    record(actor, "stations.give_away_station", old, f"{station}由{old}划归{bureau}", **told)
    return station


def _check(station: Organisation, bureau: Organisation, reason: str) -> Organisation:
    """The bureau the station leaves; raises RuleError where it cannot go."""
    old = station.bureau
    if station.kind != OrganisationKind.STATION or old is None:
        raise RuleError("只有派出所能划归另一个公安机关")
    if bureau.kind != OrganisationKind.BUREAU or not bureau.is_active:
        raise RuleError(f"{bureau}不能接收派出所", remedy="选择一个在用的公安局或分局")
    if bureau.pk == old.pk:
        raise RuleError(f"{station}已经属于{bureau}，没有改动")
    if not reason.strip():
        raise RuleError("划归须写明依据")
    there = Organisation.objects.filter(bureau=bureau, kind=OrganisationKind.STATION)
    if station.short_name and there.filter(short_name=station.short_name).exists():
        raise RuleError(
            f"{bureau}已有简称“{station.short_name}”的派出所，文书号会重号", remedy="先修改其中一个派出所的简称"
        )
    return old


def _rewrite(station: Organisation, bureau: Organisation) -> dict[str, int]:
    """Change the bureau of the station, its police offices and its rows; how many rows of which table."""
    station.bureau = station.parent = bureau
    try:
        with transaction.atomic(), _impatient():
            station.save(update_fields=["bureau", "parent"])
            station.children.filter(kind=OrganisationKind.OFFICE).update(bureau=bureau)
            moved = {
                model._meta.label: model._base_manager.filter(station_id=station.pk).update(bureau=bureau)
                for model in placed_models()
            }
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
            raise
        raise RuleError(f"{station}此刻有人正在保存，没有划归", remedy="过几秒再办理一次") from None
    except IntegrityError:
        raise RuleError(
            f"{bureau}已有同名的机构，或者文书号相同的文书", remedy="由两个公安机关商定改哪一个，再办理"
        ) from None
    return {label: count for label, count in moved.items() if count}


@contextmanager
def _impatient() -> Iterator[None]:
    """Inside, a row that another transaction holds is not waited for; on SQLite no other writes."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = %s", [PATIENCE])
    yield
    # To the end of the transaction otherwise; a failure has taken it back with its savepoint.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
