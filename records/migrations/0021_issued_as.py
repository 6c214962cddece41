"""What the trail tells of a paper's words and signatures, for whoever holds the paper: hashes, and nothing else.

Row-level security would not show him the entry; on SQLite it is not needed.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION issued_as(paper bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'context_sha256', after -> 'context_sha256',
        'strokes_sha256', after -> 'strokes_sha256',
        'signed_sha256', after -> 'signed_sha256'
    )) FROM trail_auditentry
    WHERE subject_type = 'records.document' AND subject_id = paper AND action = 'records.issue'
    ORDER BY id LIMIT 1
$$
"""


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE, params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION issued_as(bigint)")


class Migration(migrations.Migration):
    dependencies = [("records", "0020_more_copies"), ("trail", "0005_alarm")]

    operations = [migrations.RunPython(create, drop)]
