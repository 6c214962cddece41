"""The database itself refuses to change what an issued paper says of itself, and to remove it, its copies or its scans.

Not frozen: where it belongs (a station goes over to another bureau with its papers), the words (`rotate_keys` encrypts
them anew; `context_sha256` binds them), where a file is kept, and what happens to a paper: printed, reviewed, voided,
replaced. What is void stays void for the same reason, and what took its place stays the same.
On SQLite a migration that makes one of the tables anew drops its triggers with the old one: it must run `freeze` again.
"""

from django.db import migrations

FROZEN = {
    "records_document": (
        "id", "kind", "year", "sequence", "number", "unit_id", "unit_name", "subject_type", "subject_id",
        "context_sha256", "token", "checkpoint", "template_version", "issued_on", "issued_at", "issued_by_id",
    ),
    "records_documentfile": ("id", "document_id", "copy", "sha256", "size", "signer"),
    "records_scan": ("id", "document_id", "sha256", "recorder_no", "uploaded_by_id", "uploaded_at"),
}  # fmt: skip
# Set once: by table, columns that no longer change when a condition holds.
SETTLED = {
    "records_document": (
        ("OLD.state = 'VOID'", ("state", "void_reason", "voided_at")),
        ("OLD.replaced_by_id IS NOT NULL", ("replaced_by_id",)),
    ),
}
# Executed without parameters: RAISE has percent signs of its own.
# As the trail's: of a DELETE and a TRUNCATE for each statement, ALWAYS, so that who plays a replica is refused as well.
FUNCTION = """
CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an issued paper is frozen: % of %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
GUARD = """
CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION records_refuse();
CREATE TRIGGER {table}_kept BEFORE DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION records_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_frozen;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept
"""
SQLITE_GUARDS = (
    """
CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} WHEN {changed}
BEGIN SELECT RAISE(ABORT, 'an issued paper is frozen: UPDATE of {table}'); END
""",
    """
CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'an issued paper is frozen: DELETE of {table}'); END
""",
)


def changed(table, differs):
    """The condition under which an UPDATE is refused; ``differs``: the comparison in which two NULLs are the same."""
    settled = [f"{when} AND {_differ(columns, differs)}" for when, columns in SETTLED.get(table, ())]
    return " OR ".join([_differ(FROZEN[table], differs), *settled])


def _differ(columns, differs):
    # SQLite knows no row of a single column.
    return "(" + " OR ".join(f'OLD."{column}" {differs} NEW."{column}"' for column in columns) + ")"


def freeze(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(FUNCTION, None)
    for table in FROZEN:
        if vendor == "postgresql":
            schema_editor.execute(GUARD.format(table=table, changed=changed(table, "IS DISTINCT FROM")), None)
        elif vendor == "sqlite":
            for guard in SQLITE_GUARDS:
                schema_editor.execute(guard.format(table=table, changed=changed(table, "IS NOT")), None)


def thaw(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table in FROZEN:
        for trigger in (f"{table}_frozen", f"{table}_kept"):
            if vendor == "postgresql":
                schema_editor.execute(f"DROP TRIGGER {trigger} ON {table}")
            elif vendor == "sqlite":
                schema_editor.execute(f"DROP TRIGGER {trigger}")
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION records_refuse()")


class Migration(migrations.Migration):
    dependencies = [("records", "0016_encrypt_contexts")]

    operations = [migrations.RunPython(freeze, thaw)]
