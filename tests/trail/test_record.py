"""Writing the trail."""

from dataclasses import dataclass

import pytest
from django.db import transaction

from stations.models import Organisation, User
from trail.context import Origin, current_origin
from trail.models import AuditEntry
from trail.record import record, record_many


def test_an_entry_copies_who_what_and_where(officer: User, station: Organisation) -> None:
    token = current_origin.set(Origin("request-1", "10.0.0.7"))
    with transaction.atomic():
        record(officer, "units.edit", officer, "修改", before={"a": 1}, after={"a": 2}, reason="更正")
    current_origin.reset(token)

    kept = AuditEntry.objects.values(
        "actor_id", "actor_name", "actor_number", "bureau_id", "station_id", "office_id", "action", "subject_type",
        "subject_id", "summary", "before", "after", "reason", "request_id", "address",
    ).get()  # fmt: skip
    assert kept == {
        "actor_id": officer.pk,
        "actor_name": "李建平",
        "actor_number": officer.number,
        "bureau_id": station.bureau_id,
        "station_id": station.pk,
        "office_id": None,
        "action": "units.edit",
        "subject_type": "stations.user",
        "subject_id": officer.pk,
        "summary": "修改",
        "before": {"a": 1},
        "after": {"a": 2},
        "reason": "更正",
        "request_id": "request-1",
        "address": "10.0.0.7",
    }


def test_a_telephone_somebody_typed_is_not_kept_for_good(officer: User) -> None:
    typed = "来电13812345678，身份证320106199001011234"
    with transaction.atomic():
        record(
            officer,
            "units.edit",
            None,
            typed,
            before={"a": [typed]},
            after={"b": {"c": typed}, "n": 13812345678},
            reason=typed,
        )
        record_many(officer, [("units.edit", officer, typed)])

    kept = "来电138****5678，身份证3201************34"
    told = AuditEntry.objects.order_by("pk").values_list("summary", "before", "after", "reason")
    assert list(told) == [
        (kept, {"a": [kept]}, {"b": {"c": kept}, "n": 13812345678}, kept),
        (kept, {}, {}, ""),
    ]


def test_an_act_rolled_back_leaves_no_entry(officer: User) -> None:
    with transaction.atomic():
        record(officer, "units.edit", None, "修改")
        transaction.set_rollback(True)

    assert AuditEntry.objects.count() == 0


def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction of its act"):
        record(None, "units.edit", None, "修改")


def test_what_was_written_is_neither_changed_nor_removed(officer: User) -> None:
    with transaction.atomic():
        entry = record(officer, "units.edit", None, "修改")

    with pytest.raises(TypeError, match="append-only"):
        AuditEntry.objects.filter(pk=entry.pk).update(summary="别的")
    with pytest.raises(TypeError, match="append-only"):
        AuditEntry.objects.all().delete()
    with pytest.raises(TypeError, match="append-only"):
        entry.delete()
    entry.summary = "别的"
    with pytest.raises(TypeError, match="append-only"):
        entry.save()

    assert AuditEntry.objects.get().summary == "修改"


@dataclass
class Caller:
    """Anything with a number and a name may act."""

    pk: int | None = None
    name: str = "导入命令"
    number: str = ""


def test_a_summary_too_long_for_the_column_is_cut(db: None) -> None:
    entry = record(Caller(), "units.import", None, "长" * 400)

    assert (len(entry.summary), entry.actor_name) == (300, "导入命令")
