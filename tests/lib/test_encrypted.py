"""Encrypted columns: plain in Python, unreadable in the database, bound to their place, rotated beside a writer."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from fire_supervision.lib import encrypted, keyring
from fire_supervision.lib.keyring import Unreadable
from trail.models import AuditEntry
from units.models import ImportRow, Unit

pytestmark = pytest.mark.django_db
MakeUnit = Callable[..., Unit]


def stored(unit: Unit) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM units_unit WHERE id = %s", [unit.pk])
        return str(cursor.fetchone()[0])


def test_every_column_that_holds_personal_data_is_encrypted() -> None:
    assert sorted(f"{table}.{column}" for table, _, column in encrypted.encrypted_columns()) == [
        "hazards_dispatch.account",
        "hazards_dispatch.consent_words",
        "hazards_service.account",
        "inspections_complaint.complainant",
        "inspections_complaint.contact",
        "records_document.context",
        "stations_telephone.key",
        "stations_user.phone",
        "units_importrow.cells",
        "units_importrow.values",
        "units_unit.phone",
    ]


def test_the_database_holds_no_number(unit: Unit) -> None:
    assert keyring.is_encrypted(stored(unit))
    assert "19900000001" not in stored(unit)
    assert Unit.objects.get().phone == "19900000001"
    assert list(Unit.objects.values_list("phone", flat=True)) == ["19900000001"]


def test_nothing_stays_nothing(make_unit: MakeUnit) -> None:
    bare = make_unit(phone="")
    assert stored(bare) == ""
    assert Unit.objects.filter(phone="").get() == bare


@pytest.mark.parametrize("lookup", ["phone", "phone__in", "phone__contains", "phone__startswith", "phone__gt"])
def test_no_query_compares_what_is_encrypted(unit: Unit, lookup: str) -> None:
    with pytest.raises(FieldError):
        list(Unit.objects.filter(**{lookup: "19900000001"}))


def test_a_value_copied_from_another_column_does_not_read(unit: Unit) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE units_unit SET phone = %s", [keyring.encrypt("13900000000", "stations_user.phone")])
    with pytest.raises(Unreadable):
        Unit.objects.get()


def test_a_plain_value_slipped_into_the_table_is_not_taken_for_one_of_ours(unit: Unit) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE units_unit SET phone = '13900000000'")
    with pytest.raises(Unreadable, match="not encrypted"):
        Unit.objects.get()


def test_many_rows_written_at_once_are_encrypted_each_by_itself(make_unit: MakeUnit) -> None:
    units = [make_unit(f"第{number}家店", phone="") for number in range(3)]
    for unit in units:
        unit.phone = "13900000000"
    Unit.objects.bulk_update(units, ["phone"])
    assert len({stored(unit) for unit in units}) == 3
    assert set(Unit.objects.values_list("phone", flat=True)) == {"13900000000"}


def test_json_keeps_its_shape() -> None:
    field = ImportRow._meta.get_field("values")
    value = {"phone": "19900000001", "closed": False, "list": [1, None, "二"]}
    assert field.from_db_value(field.get_prep_value(value), None, connection) == value


def test_rows_from_before_are_encrypted_and_can_be_made_plain_again(make_unit: MakeUnit) -> None:
    units = [make_unit(f"第{number}家店") for number in range(3)]
    place = (connection.alias, "units_unit", "phone")
    assert encrypted.decrypt_column(*place) == 3
    assert [stored(unit) for unit in units] == ["19900000001"] * 3
    assert encrypted.encrypt_column(*place) == 3
    assert encrypted.encrypt_column(*place) == 0
    assert set(Unit.objects.values_list("phone", flat=True)) == {"19900000001"}


# ---------- another key ----------


def rotate(**options: bool) -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def new_key(settings: Settings, unit: Unit) -> str:
    """A second key, the newest; what there is was encrypted with the first."""
    key = f"new:{keyring.new_key()}"
    settings.DATA_KEYS = [key, *settings.DATA_KEYS]
    return key


def test_after_a_rotation_the_old_key_is_not_needed(settings: Settings, new_key: str, unit: Unit) -> None:
    assert stored(unit).startswith("debug.")
    assert "units_unit.phone: 1" in rotate()
    assert stored(unit).startswith("new.")
    settings.DATA_KEYS = [new_key]
    assert Unit.objects.get().phone == "19900000001"
    entry = AuditEntry.objects.get(action="stations.rotate_keys")
    assert entry.after["units_unit.phone"] == 1
    assert entry.actor_name == "系统"


def test_a_rotation_finds_again_what_was_indexed_as_it_was_typed(make_unit: MakeUnit) -> None:
    typed = make_unit(phone="１９９　０００７　０００１")
    Unit.objects.filter(pk=typed.pk).update(phone_index="as it was typed before")
    assert not Unit.objects.filter(phone_index=keyring.index_of("19900070001")).exists()

    assert ("units_unit", "id", "phone", "phone_index") in list(encrypted.indexed_columns())
    assert "units_unit.phone_index: 1" in rotate()
    assert Unit.objects.get(phone_index=keyring.index_of("19900070001")) == typed
    assert "units_unit.phone_index: 0" in rotate()
    told = [entry.after["units_unit.phone_index"] for entry in AuditEntry.objects.order_by("pk")]
    assert told == [1, 0]


def test_a_second_rotation_changes_nothing_and_says_so(new_key: str, unit: Unit) -> None:
    rotate()
    before = stored(unit)
    assert "units_unit.phone: 0" in rotate()
    assert stored(unit) == before


def test_it_goes_on_where_it_was_stopped(
    new_key: str, make_unit: MakeUnit, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_KEYS = settings.DATA_KEYS[::-1]
    units = [*Unit.objects.all(), *(make_unit(f"第{number}家店") for number in range(4))]
    settings.DATA_KEYS = settings.DATA_KEYS[::-1]
    monkeypatch.setattr(encrypted, "BATCH", 2)
    write, batches = encrypted._write, iter([True, False])

    def stopped(*args: object) -> int:
        if not next(batches):
            raise KeyboardInterrupt
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(encrypted, "_write", stopped)
    place = (connection.alias, "units_unit", "phone")
    with pytest.raises(KeyboardInterrupt):
        encrypted.rotate_column(*place)
    assert sum(stored(unit).startswith("new.") for unit in units) == 2
    monkeypatch.setattr(encrypted, "_write", write)
    assert encrypted.rotate_column(*place) == 3
    assert all(stored(unit).startswith("new.") for unit in units)


def test_what_somebody_writes_meanwhile_is_kept(new_key: str, unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    write = encrypted._write

    def beside(*args: object) -> int:
        Unit.objects.filter(pk=unit.pk).update(phone="13900000000")
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(encrypted, "_write", beside)
    assert encrypted.rotate_column(connection.alias, "units_unit", "phone") == 0
    assert Unit.objects.get().phone == "13900000000"
    assert stored(unit).startswith("new.")


def test_the_check_says_which_key_is_still_needed(new_key: str) -> None:
    with pytest.raises(CommandError, match="debug"):
        rotate(check=True)
    rotate()
    assert "no older key" in rotate(check=True)
