"""A row stands under the bureau its station stands under, also when the station is moved while the row is written.

Whoever writes has read the bureau some moment ago. A trigger looks once more, behind a lock the move waits for and is
waited for by: what was written before is moved along, what is written after stands where the station stands by then.
On SQLite writes are serial and an action reads its rows behind the same lock; there it is not needed.
"""

from collections.abc import Iterator

from django.db import connection

from stations.models import Organisation
from stations.reparenting import placed_models

NAME = "wall_place"
# It changes no key: of all other changes of the station the lock hinders none. The foreign key takes the same one.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE found bigint;
BEGIN
    SELECT bureau_id INTO found FROM {Organisation._meta.db_table} WHERE id = NEW.station_id FOR KEY SHARE;
    NEW.bureau_id := coalesce(found, NEW.bureau_id);
    RETURN NEW;
END $$
"""  # noqa: S608 - names of ours


def statements() -> Iterator[str]:
    """The function and a trigger on every table whose rows go along with their station."""
    yield FUNCTION
    for name in tables():
        yield (
            f"CREATE OR REPLACE TRIGGER {NAME} BEFORE INSERT OR UPDATE OF bureau_id, station_id"
            f" ON {connection.ops.quote_name(name)} FOR EACH ROW EXECUTE FUNCTION {NAME}()"
        )


def tables() -> list[str]:
    """The tables that need it, by name."""
    return sorted(model._meta.db_table for model in placed_models())
