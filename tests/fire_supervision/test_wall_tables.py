"""The list of how each table is walled is whole, and what is open in it was looked at."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import models

from fire_supervision.wall.policies import app_policies, walled
from fire_supervision.wall.tables import TABLES, Chain, Columns, Open, Through, Trail
from stations.reparenting import placed_models
from stations.scope import Scoped
from stations.wall import Door

# Beside the directory: the settings of a bureau, the last number of a series, and what is told to administrators, who
# see no row of a bureau.
OPEN_WITH_A_PLACE = {
    "assessments.Scheme", "deadlines.DeadlineRule", "inspections.OrderBasis", "records.DocumentCounter",
    "records.NumberPattern", "stations.Guidance", "stations.Organisation", "trail.Alarm", "units.ColumnMemory",
    "units.PledgeTerms",
}  # fmt: skip
PLACES = {"bureau_id", "station_id", "office_id", "unit_id"}


def every_model() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def test_every_table_is_in_the_list_and_no_other() -> None:
    assert {model._meta.label for model in every_model()} == set(TABLES)


def test_a_table_with_a_place_is_walled_unless_it_was_looked_at() -> None:
    placed = {model._meta.label for model in every_model() if PLACES & {field.attname for field in model._meta.fields}}
    assert {label for label in placed if isinstance(TABLES[label].rule, Open)} == OPEN_WITH_A_PLACE


def test_a_scoped_table_is_walled_by_its_own_columns() -> None:
    scoped = {model._meta.label for model in every_model() if issubclass(model, Scoped)}
    by_columns = {label for label, table in TABLES.items() if isinstance(table.rule, Columns)}
    assert by_columns == scoped | {"units.ImportBatch"}


def test_a_table_without_a_place_hangs_on_one_that_is_walled() -> None:
    for each in walled():
        if isinstance(each.rule, Through):
            relation = apps.get_model(each.label)._meta.get_field(each.rule.parent.removesuffix("_id"))
            parent = relation.related_model._meta.label
            assert isinstance(TABLES[parent].rule, (Columns, Through)), each.label


def test_every_walled_table_has_a_condition_over_what_is_told() -> None:
    for each in walled():
        if each.has_policies:
            read = [policy for name, policy in app_policies(each).items() if name != "wall_insert"]
            assert read, each.label
            assert [policy for policy in read if "app." not in policy and "EXISTS" not in policy] == [], each.label


def test_what_is_only_read_stands_in_no_policy_that_writes() -> None:
    """By a token, or because it is published; and with such a row what hangs on it."""
    policies = {each.label: app_policies(each) for each in walled() if each.has_policies}
    assert {label for label, found in policies.items() if "wall_read" in found} == {
        "assessments.Assessment", "assessments.Bulletin", "assessments.Score", "hazards.Dispatch", "records.Document",
        "records.DocumentFile", "records.Scan", "trail.AuditEntry",
    }  # fmt: skip
    assert {label for label, found in policies.items() if "wall_app" not in found} == {"trail.AuditEntry"}
    writing = " ".join(found.get("wall_app", "") for found in policies.values())
    assert ("app.token" in writing, "stations_organisation" in writing) == (False, False)


def test_every_walled_table_is_numbered_by_its_id() -> None:
    """`row_exists` of the database asks for it."""
    assert {apps.get_model(each.label)._meta.pk.column for each in walled() if each.has_policies} == {"id"}


def test_nothing_of_the_trail_is_ever_deleted_by_a_request() -> None:
    kept = [label for label, table in TABLES.items() if isinstance(table.rule, (Trail, Chain))]
    assert kept == ["trail.AuditEntry", "trail.Seal", "trail.Checkpoint"]
    assert not [label for label in kept if TABLES[label].deletes]


def test_every_door_is_opened_somewhere_and_there_is_no_other_way_past_the_wall() -> None:
    opened: list[str] = []
    for app in [*settings.INSTALLED_APPS, "fire_supervision"]:
        for path in Path(settings.BASE_DIR / app.split(".")[0]).rglob("*.py"):
            source = path.read_text()
            opened += re.findall(r"Door\.([A-Z]+)\b", source) if path.name != "wall.py" else []
            assert "set_config" not in source or path == settings.BASE_DIR / "fire_supervision" / "lib" / "wall.py"
    assert sorted(set(opened)) == sorted(door.name for door in Door)


def test_a_station_that_moves_takes_every_scoped_table_along() -> None:
    moved = {model._meta.label for model in placed_models()}
    scoped = {model._meta.label for model in every_model() if issubclass(model, Scoped)}
    # What a bureau has published of its stations stays its own.
    assert moved == (scoped | {"units.ImportBatch"}) - {"assessments.Assessment"}
