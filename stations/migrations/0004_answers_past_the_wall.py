"""Two answers row-level security would not give, each no more than a number or a yes; on SQLite it is not needed.

How many messages of a person are unread: the one query that fetches whoever asks counts them before anything is told of
his reach. And whether a row exists: a refusal in the trail says whether it was another's row or none at all.
"""

from django.db import migrations

CREATE = (
    """
    CREATE FUNCTION unread_messages(person bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT count(*) FROM stations_message WHERE user_id = person AND read_at IS NULL'
    """,
    """
    CREATE FUNCTION row_exists(place regclass, number bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE found boolean;
    BEGIN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE id = $1)', place) INTO found USING number;
        RETURN found;
    END $$
    """,
)
DROP = ("DROP FUNCTION unread_messages(bigint)", "DROP FUNCTION row_exists(regclass, bigint)")


def _run(statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("stations", "0003_sign_in")]

    operations = [migrations.RunPython(_run(CREATE), _run(DROP))]
