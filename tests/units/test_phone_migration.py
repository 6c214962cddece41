"""The upgrade to encrypted telephones: what is there is encrypted and can be looked up, and the way back."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from fire_supervision.lib import keyring
from units.models import Unit

pytestmark = pytest.mark.django_db
MIGRATION = import_module("units.migrations.0008_encrypt_phones")


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM units_unit")
        return str(cursor.fetchone()[0])


def test_telephones_of_before_are_encrypted_and_found_and_become_plain_again(unit: Unit) -> None:
    Unit.objects.update(phone_index="")
    with connection.schema_editor() if connection.vendor != "sqlite" else _Editor() as editor:
        MIGRATION.decrypt(apps, editor)
        assert stored() == "19900000001"

        MIGRATION.encrypt(apps, editor)
        assert keyring.is_encrypted(stored())
        assert Unit.objects.matching("19900000001").get() == unit
        MIGRATION.encrypt(apps, editor)
        assert Unit.objects.get().phone == "19900000001"


class _Editor:
    """SQLite takes no schema editor within a transaction; a data migration needs the connection of one alone."""

    connection = connection

    def __enter__(self) -> "_Editor":
        return self

    def __exit__(self, *_: object) -> None:
        return None
