"""Raising the wall, and telling whether it stands."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from psycopg2.extensions import encrypt_password

from fire_supervision.wall import placing
from fire_supervision.wall.policies import APP, ROLES, SWEEPS, names, statements, walled

LOGIN = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT"
# Everything `statements` decides, as PostgreSQL itself writes it down.
STATE = """
SELECT 'policy', tablename, policyname, concat_ws(' | ', roles::text, cmd, qual, with_check)
FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT 'security', relname, '', concat_ws(' | ', relrowsecurity, relforcerowsecurity)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, concat_ws(' | ', pg_get_triggerdef(oid), tgenabled)
FROM pg_trigger WHERE NOT tgisinternal AND tgname = %s
UNION ALL
SELECT 'function', proname, '', prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = %s
UNION ALL
SELECT 'grant', table_name, grantee, string_agg(privilege_type, ' ' ORDER BY privilege_type)
FROM information_schema.role_table_grants
WHERE table_schema = 'public' AND grantee IN ('PUBLIC', %s, %s) GROUP BY 1, 2, 3
UNION ALL
SELECT 'sequence', sequencename, role, has_sequence_privilege(role, quote_ident(sequencename), 'USAGE')::text
FROM pg_sequences, unnest(ARRAY[%s, %s]) AS role WHERE schemaname = 'public'
"""


class _Undo(Exception):
    """Ends a rehearsal."""


def roles_made() -> set[str]:
    """Which of the two roles exist."""
    return {name for (name,) in _rows("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(ROLES)])}


def make_roles(passwords: Mapping[str, str] | None = None) -> list[str]:
    """Create the roles that are missing and set the passwords given; what was done, in words.

    A password is hashed here, so that neither the server's log nor its list of statements ever holds it.
    """
    done = []
    with transaction.atomic(), connection.cursor() as cursor:
        for role in ROLES:
            if role not in roles_made():
                cursor.execute(f"CREATE ROLE {role} {LOGIN}")
                done.append(f"{role} created")
            if password := (passwords or {}).get(role):
                cursor.execute(f"ALTER ROLE {role} PASSWORD %s", [_hashed(password, role)])
                done.append(f"password of {role} set")
    return done


def _hashed(password: str, role: str) -> str:
    hashed: str = encrypt_password(password, role, connection.connection, "scram-sha-256")
    return hashed


@transaction.atomic
def raise_wall() -> None:
    """Grant and wall every table; run by the owner of the tables. Run again it changes nothing."""
    with connection.cursor() as cursor:
        for statement in statements(owner()):
            cursor.execute(statement)


def owner() -> str:
    """Whose tables they are."""
    ((name,),) = _rows(
        "SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'django_migrations'"
    )
    return str(name)


def faults() -> list[str]:
    """What raising the wall would change, a line each; run by the owner. It is tried and undone: tables are locked."""
    before = _state()
    with _rehearsed():
        after = _state()
    changed = {key for key, _ in before.items() ^ after.items()}
    return [" ".join(part for part in key if part) for key in sorted(changed)]


@contextmanager
def _rehearsed() -> Iterator[None]:
    try:
        with transaction.atomic():
            raise_wall()
            yield
            raise _Undo
    except _Undo:
        pass


def _state() -> dict[tuple[str, str, str], str]:
    values = [placing.NAME, placing.NAME, APP, SWEEPS, APP, SWEEPS]
    return {(kind, table, name): told for kind, table, name, told in _rows(STATE, values)}


def exemptions() -> list[str]:
    """Why the role of this connection is not held by the wall, in words; empty when it is held."""
    ((name, is_super, bypasses),) = _rows(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    found = [f"{name} is a superuser"] if is_super else []
    found += [f"{name} has BYPASSRLS"] if bypasses else []
    ((count,),) = _rows(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')"
    )
    return found + ([f"{name} owns {count} tables"] if count else [])


def unwalled() -> list[str]:
    """The tables that should be walled and are not: security off, not forced, a policy or the trigger missing."""
    standing = {
        name: (on, forced, set(policies), placed)
        for name, on, forced, policies, placed in _rows(
            "SELECT relname, relrowsecurity, relforcerowsecurity,"
            " ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = pg_class.oid),"
            " EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = %s AND tgenabled <> 'D')"
            " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
            [placing.NAME],
        )
    }
    walls, placed = [each for each in walled() if each.has_policies], placing.tables()
    wanted = {each.name: (True, True, names(each), each.name in placed) for each in walls}
    return [name for name, whole in wanted.items() if standing.get(name) != whole]


def _rows(query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
