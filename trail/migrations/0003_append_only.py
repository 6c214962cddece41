"""The database itself refuses to change or remove what the trail holds, whoever asks, its owner included."""

from django.db import migrations

TABLES = ("trail_auditentry", "trail_seal", "trail_checkpoint")
# Executed without parameters: RAISE has percent signs of its own.
# PostgreSQL: for each statement, so that one that meets no row is refused too; ALWAYS, so that a session that plays a
# replica is refused as well. A superuser may still switch the triggers off: that is what the seals are for.
FUNCTION = """
CREATE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only: % of %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
GUARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only
"""
SQLITE_GUARD = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the trail is append-only: {verb} of {table}'); END
"""


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(FUNCTION, None)
        for table in TABLES:
            schema_editor.execute(GUARD.format(table=table), None)
    elif vendor == "sqlite":
        for table in TABLES:
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(SQLITE_GUARD.format(table=table, verb=verb))


def unguard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table in TABLES:
        if vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        elif vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}")
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION trail_refuse()")


class Migration(migrations.Migration):
    dependencies = [("trail", "0002_seals")]

    operations = [migrations.RunPython(guard, unguard)]
