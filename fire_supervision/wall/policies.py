"""The policies, written from the list of tables and the models; raising the wall twice changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from fire_supervision.lib.wall import Setting
from fire_supervision.wall import placing
from fire_supervision.wall.tables import TABLES, Chain, Columns, Open, Own, Rule, Table, Through, Trail
from trail.models import NOBODYS
from trail.record import ANONYMOUS

# The web's role, and the worker's.
ROLES = APP, SWEEPS = "fire_app", "fire_sweeps"
NAMES = ("wall_app", "wall_read", "wall_insert", "wall_sweeps", "wall_owner")
# Also without a model: the migrations' own record, looked at by `migrate --check`.
READ_ONLY = ("django_migrations",)
# What entries about a person's own account are about.
OF_PERSON = "stations.user"
# They answer past the wall, a number, a yes or hashes (stations/migrations/0004_answers_past_the_wall.py,
# 0012_unread_in_reach.py, records/migrations/0018_printed_as.py, 0021_issued_as.py).
ANSWERS = ("unread_messages(bigint, text)", "row_exists(regclass, bigint)", "printed_as(bigint)", "issued_as(bigint)")


class NotInTheList(Exception):
    """A model nobody has said of how its rows are walled."""


@dataclass(frozen=True)
class Walled:
    """One table of the database with its rule."""

    label: str
    name: str
    table: Table

    @property
    def rule(self) -> Rule:
        return self.table.rule

    @property
    def has_policies(self) -> bool:
        return not isinstance(self.rule, (Chain, Open))


def walled() -> list[Walled]:
    """Every table of the product; raises NotInTheList."""
    found = {model._meta.label: model._meta.db_table for model in _models()}
    if unknown := sorted(set(found) - set(TABLES)):
        raise NotInTheList(f"fire_supervision/wall/tables.py says nothing of {', '.join(unknown)}")
    return [Walled(label, name, TABLES[label]) for label, name in sorted(found.items())]


def _models() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def statements(owner: str) -> Iterator[str]:
    """Everything `raise_wall` runs, in order, for tables that belong to ``owner``."""
    yield f"GRANT USAGE ON SCHEMA public TO {APP}, {SWEEPS}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}, {SWEEPS}"
    for name in READ_ONLY:
        yield f"GRANT SELECT ON {_quoted(name)} TO {APP}, {SWEEPS}"
    for name in ANSWERS:
        yield f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {name} TO {APP}, {SWEEPS}"
    for each in walled():
        yield from _grants(each)
        yield from _walls(each, owner)
    yield from placing.statements()


def _grants(each: Walled) -> Iterator[str]:
    table = _quoted(each.name)
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {APP}, {SWEEPS}"
    if isinstance(each.rule, Trail):
        yield f"GRANT SELECT, INSERT ON {table} TO {APP}, {SWEEPS}"
        return
    if isinstance(each.rule, Chain):
        yield f"GRANT SELECT ON {table} TO {APP}"
        yield f"GRANT SELECT, INSERT ON {table} TO {SWEEPS}"
        return
    reads = isinstance(each.rule, Open) and not each.rule.app_writes
    yield f"GRANT {'SELECT' if reads else 'SELECT, INSERT, UPDATE'} ON {table} TO {APP}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SWEEPS}"
    if each.table.deletes:
        yield f"GRANT DELETE ON {table} TO {APP}"


def _walls(each: Walled, owner: str) -> Iterator[str]:
    table = _quoted(each.name)
    for name in NAMES:
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
    if not each.has_policies:
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
        return
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    for name, policy in app_policies(each).items():
        yield f"CREATE POLICY {name} ON {table} {policy}"
    yield f"CREATE POLICY wall_sweeps ON {table} TO {SWEEPS} USING (true) WITH CHECK (true)"
    # FORCE without it would hide every row from a migration that moves data.
    yield f"CREATE POLICY wall_owner ON {table} TO {_quoted(owner)} USING (true) WITH CHECK (true)"


def names(each: Walled) -> set[str]:
    """The policies its table must have."""
    return {*app_policies(each), "wall_sweeps", "wall_owner"}


def app_policies(each: Walled) -> dict[str, str]:
    """What the web's role may do with a row, by the name of the policy; PostgreSQL joins them with OR.

    What is seen by its token, or because it is published, is only read; it is changed by whoever reaches its place.
    """
    writes, reads = _written(each), _only_read(each)
    found = {"wall_app": f"TO {APP} USING ({writes}) WITH CHECK ({writes})"} if writes else {}
    if reads:
        found["wall_read"] = f"FOR SELECT TO {APP} USING ({reads})"
    if isinstance(each.rule, (Trail, Own)):
        # Whoever acts writes of others: an entry about any row, a message into another's inbox.
        found["wall_insert"] = f"FOR INSERT TO {APP} WITH CHECK (true)"
    return found


def _written(each: Walled) -> str:
    """Which rows the web's role sees and changes, as SQL over the columns of the table; empty where it changes none."""
    match each.rule:
        case Columns(columns):
            return " OR ".join(_within(column) for column in columns)
        case Through(column):
            above = _above(each, column)
            # What hangs on a row is changed by whoever changes that row, and not by who merely reads it.
            return _through(each, column, _written(above) if _only_read(above) else "")
        case Own(column):
            return f"{column} = {_person()}"
        case Trail():
            return ""
        case Chain() | Open():
            raise ValueError(f"{each.label} has no wall")


def _only_read(each: Walled) -> str:
    """Which rows it sees besides and may not change; empty where there are none."""
    match each.rule:
        case Columns(_, token, published):
            parts = [f"{token} = {_said(Setting.TOKEN)}"] if token else []
            parts += [f"({published}) AND {_of_own_bureau()}"] if published else []
            return " OR ".join(parts)
        case Through(column):
            return _through(each, column) if _only_read(_above(each, column)) else ""
        case Trail():
            audited = (
                f"{_ids(Setting.TRAIL, 'bureau_id')} OR (bureau_id IS NULL AND {_ids(Setting.TRAIL, str(NOBODYS))})"
            )
            # What somebody wrote himself, and what nobody known did, is counted before another is noticed.
            own = f"request_id = {_said(Setting.REQUEST)} OR actor_id = {_person()}"
            # Who tried to get in with his number is told to whoever has it, in whatever place he works.
            own += f" OR (subject_type = '{OF_PERSON}' AND subject_id = {_person()})"
            return f"{_placed_today()} OR {audited} OR {own} OR (actor_id IS NULL AND actor_name = '{ANONYMOUS}')"
        case _:
            return ""


def _above(each: Walled, column: str) -> Walled:
    name = _relation(each, column).remote_field.model._meta.db_table
    return next(other for other in walled() if other.name == name)


def _through(each: Walled, column: str, narrowed: str = "") -> str:
    """That the row it hangs on is seen and, in terms of that table's own columns, ``narrowed``."""
    relation = _relation(each, column)
    parent = relation.remote_field.model._meta
    assert parent.pk is not None
    assert parent.pk.column is not None
    assert relation.column is not None
    key = _quoted(parent.pk.column)
    where = f"parent.{key} = {_quoted(each.name)}.{_quoted(relation.column)}"
    where += f" AND ({narrowed})" if narrowed else ""
    return f"EXISTS (SELECT 1 FROM {_quoted(parent.db_table)} parent WHERE {where})"  # noqa: S608 - names of ours


def _relation(each: Walled, column: str) -> models.ForeignKey[models.Model, models.Model]:
    model = next(model for model in _models() if model._meta.label == each.label)
    (relation,) = (field for field in model._meta.concrete_fields if field.attname == column)
    assert isinstance(relation, models.ForeignKey)
    return relation


_SCOPE = {"bureau_id": Setting.BUREAUS, "station_id": Setting.STATIONS, "office_id": Setting.OFFICES}


def _within(column: str) -> str:
    return _ids(_SCOPE[column], column)


def _ids(setting: Setting, column: str) -> str:
    # A SELECT of its own is evaluated once a statement, not once a row.
    return f"{column} = ANY ((SELECT string_to_array({_current(setting)}, ',')::bigint[])::bigint[])"


def _placed_today() -> str:
    """That an entry, which nothing changes, is of the person's place: of a station, where that stands today."""
    stations = f"SELECT place.id FROM stations_organisation place WHERE {_ids(Setting.BUREAUS, 'place.bureau_id')}"  # noqa: S608 - names of ours
    of_bureau = f"station_id = ANY (ARRAY({stations})) OR (station_id IS NULL AND {_within('bureau_id')})"
    return f"{of_bureau} OR {_within('station_id')} OR {_within('office_id')}"


def _of_own_bureau() -> str:
    places = " || ".join(
        f"coalesce(string_to_array({_current(setting)}, ',')::bigint[], '{{}}')" for setting in _SCOPE.values()
    )
    own = f"SELECT place.bureau_id FROM stations_organisation place WHERE place.id = ANY ({places})"  # noqa: S608 - names of ours
    return f"bureau_id IN ({own})"


def _person() -> str:
    return f"(SELECT NULLIF({_current(Setting.PERSON)}, '')::bigint)"


def _said(setting: Setting) -> str:
    return f"(SELECT NULLIF({_current(setting)}, ''))"


def _current(setting: Setting) -> str:
    return f"current_setting('{setting.value}', true)"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
