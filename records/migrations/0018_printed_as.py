"""What the trail tells of a paper's files, for whoever holds the paper: hashes, and nothing else of the entry.

Row-level security would not show him the entry; on SQLite it is not needed.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION printed_as(paper bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT after -> 'sha256' FROM trail_auditentry
    WHERE subject_type = 'records.document' AND subject_id = paper AND action = 'records.print'
    ORDER BY id LIMIT 1
$$
"""


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE, params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION printed_as(bigint)")


class Migration(migrations.Migration):
    dependencies = [("records", "0017_frozen"), ("trail", "0005_alarm")]

    operations = [migrations.RunPython(create, drop)]
