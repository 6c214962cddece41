"""Columns that hold personal data: encrypted in the database, plain in Python, never part of a query."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from django import forms
from django.apps import apps
from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Exact, IsNull

from fire_supervision.lib import keyring
from fire_supervision.lib.forms import PERSONAL

BATCH = 500


class _Encrypted(models.TextField):  # type: ignore[type-arg] # what it holds is said by those below
    """Bound to its table and column: a value copied into another column does not read, one of another row does.

    An empty value stays empty, so that constraints can ask for one.
    """

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_lookup(self, lookup_name: str) -> Any:
        """Each row has a nonce of its own: no comparison finds anything, so none is allowed but with nothing."""
        return {"exact": _IsEmpty, "isnull": IsNull}.get(lookup_name)

    def get_transform(self, _lookup_name: str) -> None:
        return None


class _IsEmpty(Exact):
    """``column = ''``."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError(f"{self.lhs.output_field.name} is encrypted: look for its blind index")
        return ""


class EncryptedTextField(_Encrypted):
    """Text. ``max_length`` counts the characters of the text, not of what is stored."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return keyring.encrypt(text, self.place) if text else text

    def from_db_value(self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper) -> str | None:
        return keyring.decrypt(value, self.place) if value else value

    def formfield(self, **kwargs: Any) -> Any:
        field: Any = super().formfield(**{"widget": forms.TextInput, **kwargs})
        field.widget.attrs |= PERSONAL
        return field


class EncryptedJSONField(_Encrypted):
    """What JSON can say, days and numbers as DjangoJSONEncoder writes them."""

    # What the type checker is told of a column of models.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else keyring.encrypt(_dumped(value), self.place)

    def from_db_value(self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper) -> Any:
        return json.loads(keyring.decrypt(value, self.place)) if value else None

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return _dumped(self.value_from_object(obj))

    def formfield(self, **_kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.name} is not typed by anybody")


def _dumped(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


# ---------- every row there is ----------


def encrypted_columns() -> Iterator[tuple[str, str, str]]:
    """Table, primary key and column of everything that is kept encrypted."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, _Encrypted):
                yield model._meta.db_table, str(model._meta.pk.column), str(field.column)


def encrypt_column(using: str, table: str, column: str, pk: str = "id") -> int:
    """Encrypt what stands plain in ``column``; how many rows. What is encrypted already is left: it can run twice."""

    def sealed(stored: str) -> str:
        return stored if keyring.is_encrypted(stored) else keyring.encrypt(stored, f"{table}.{column}")

    return _rewrite(using, table, column, pk, sealed)


def decrypt_column(using: str, table: str, column: str, pk: str = "id") -> int:
    """The way back of `encrypt_column`."""

    def plain(stored: str) -> str:
        return keyring.decrypt(stored, f"{table}.{column}") if keyring.is_encrypted(stored) else stored

    return _rewrite(using, table, column, pk, plain)


def rotate_column(using: str, table: str, column: str, pk: str = "id") -> int:
    """Encrypt anew, under the newest key, what an older one encrypted; how many rows.

    Each batch is committed by itself, what is done is not done again, and a row somebody wrote meanwhile is his.
    """
    place, newest = f"{table}.{column}", keyring.newest()

    def renewed(stored: str) -> str:
        if stored.startswith(f"{newest}."):
            return stored
        return keyring.encrypt(keyring.decrypt(stored, place), place)

    return _rewrite(using, table, column, pk, renewed)


def indexed_columns() -> Iterator[tuple[str, str, str, str]]:
    """Table, primary key, column and blind index of whatever can be looked up: ``phone`` by ``phone_index``."""
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.local_concrete_fields}
        for name, field in fields.items():
            if isinstance(field, _Encrypted) and (index := fields.get(f"{name}_index")):
                yield model._meta.db_table, str(model._meta.pk.column), str(field.column), str(index.column)


def index_column(using: str, table: str, column: str, index: str, pk: str = "id") -> int:
    """Bring each blind index to what `keyring.index_of` says now; how many were another. It can run twice."""
    connection, last, done = connections[using], 0, 0
    change = (
        f'UPDATE "{table}" SET "{index}" = %s'  # noqa: S608 - names of ours
        f' WHERE "{pk}" = %s AND "{column}" = %s AND "{index}" <> %s'
    )
    while rows := _after(connection, table, column, pk, last):
        last = rows[-1][0]
        told = [(keyring.index_of(keyring.decrypt(stored, f"{table}.{column}")), row, stored) for row, stored in rows]
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for right, row, stored in told:
                cursor.execute(change, [right, row, stored, right])
                done += cursor.rowcount
    return done


def keys_in_use(using: str) -> dict[str, dict[str, int]]:
    """Column → key id → how many values it encrypts; what stands plain is counted under an empty id."""
    used = {}
    for table, _pk, column in encrypted_columns():
        with connections[using].cursor() as cursor:
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" <> \'\'')  # noqa: S608 - names of ours
            counts: dict[str, int] = {}
            while rows := cursor.fetchmany(BATCH):
                for (stored,) in rows:
                    key = stored.split(".")[0] if keyring.is_encrypted(stored) else ""
                    counts[key] = counts.get(key, 0) + 1
        used[f"{table}.{column}"] = counts
    return used


def _rewrite(using: str, table: str, column: str, pk: str, change: Any) -> int:
    connection, last, done = connections[using], 0, 0
    while rows := _after(connection, table, column, pk, last):
        last = rows[-1][0]
        changed = [(change(stored), row, stored) for row, stored in rows]
        done += _write(connection, table, column, pk, [each for each in changed if each[0] != each[2]])
    return done


def _after(connection: BaseDatabaseWrapper, table: str, column: str, pk: str, last: int) -> Sequence[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{pk}", "{column}" FROM "{table}" WHERE "{pk}" > %s AND "{column}" <> \'\''  # noqa: S608 - names of ours
            f' ORDER BY "{pk}" LIMIT %s',
            [last, BATCH],
        )
        return list(cursor.fetchall())


def _write(
    connection: BaseDatabaseWrapper, table: str, column: str, pk: str, changed: Sequence[tuple[str, int, str]]
) -> int:
    done = 0
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for each in changed:
            # Only where it still says what was read: whoever wrote since wrote under the newest key.
            cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE "{pk}" = %s AND "{column}" = %s', each)  # noqa: S608 - names of ours
            done += cursor.rowcount
    return done
