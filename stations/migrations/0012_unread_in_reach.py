"""How many messages of a person are unread, of those he reaches today: past the wall, before his reach is told.

It says what `stations.reach.in_reach` says. ``may`` lists, with commas between, each role and what it may be told of.
The count of before goes: nothing else asked it.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION unread_messages(person bigint, may text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT count(*)
    FROM stations_message told
    JOIN stations_user who ON who.id = told.user_id
    JOIN stations_organisation home ON home.id = who.organisation_id
    LEFT JOIN stations_organisation station ON station.id = told.station_id
    LEFT JOIN stations_guidance guidance ON guidance.station_id = told.station_id
    LEFT JOIN stations_organisation first ON first.id = station.bureau_id
    LEFT JOIN stations_organisation second ON second.id = first.parent_id
    LEFT JOIN stations_organisation third ON third.id = second.parent_id
    WHERE told.user_id = person AND told.read_at IS NULL
    AND (told.needs = '' OR who.role || ' ' || told.needs = ANY (string_to_array(may, ',')))
    AND CASE
        WHEN told.station_id IS NULL THEN told.bureau_id IS NULL OR told.bureau_id = home.bureau_id
        WHEN who.role IN ('ASSISTANT', 'OFFICER', 'CHIEF') THEN home.id IN (told.station_id, told.office_id)
        WHEN who.role = 'BRIGADE_LEADER' THEN station.brigade_id = home.id AND station.is_active
        WHEN who.role = 'SUPERVISOR' THEN who.id IN (guidance.supervisor_id, guidance.substitute_id)
        WHEN who.role IN ('BUREAU_OFFICER', 'BUREAU_LEADER')
            THEN home.id IN (first.id, second.id, third.id, third.parent_id)
        ELSE false
    END
$$
"""
BEFORE = """
CREATE FUNCTION unread_messages(person bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS 'SELECT count(*) FROM stations_message WHERE user_id = person AND read_at IS NULL'
"""
DROP, DROP_BEFORE = "DROP FUNCTION unread_messages(bigint, text)", "DROP FUNCTION unread_messages(bigint)"


def _run(*statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("stations", "0011_message_place")]

    operations = [migrations.RunPython(_run(CREATE, DROP_BEFORE), _run(BEFORE, DROP))]
