"""An installation whose papers share a number learns which, before its tables are touched."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection, models

pytestmark = pytest.mark.django_db
MIGRATION = import_module("records.migrations.0008_number_once")


class Paper(models.Model):
    """The papers as they were before their numbers were kept apart."""

    bureau_id = models.IntegerField(null=True)
    number = models.CharField(max_length=80)

    class Meta:
        app_label = "records"
        apps = Apps()
        db_table = "papers_before"


@pytest.fixture
def before() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE papers_before (id integer, bureau_id integer, number varchar(80))")
        yield SimpleNamespace(get_model=lambda *_: Paper)
        cursor.execute("DROP TABLE papers_before")


def keep(*papers: tuple[int | None, str]) -> None:
    Paper.objects.bulk_create(
        Paper(pk=pk, bureau_id=bureau, number=number) for pk, (bureau, number) in enumerate(papers)
    )


def test_numbers_that_differ_within_each_bureau_stand_in_nobody_s_way(before: Any) -> None:
    keep((1, "第0001号"), (1, "第0002号"), (2, "第0001号"), (None, "第0003号"), (None, "第0003号"))
    MIGRATION.refuse_duplicates(before, None)


def test_every_number_that_is_shared_is_named_with_what_to_do(before: Any) -> None:
    keep((1, "第0001号"), (1, "第0001号"), (1, "第0002号"), (2, "第0003号"), (2, "第0003号"), (2, "第0003号"))
    with pytest.raises(RuntimeError) as refused:
        MIGRATION.refuse_duplicates(before, None)
    named, rest = str(refused.value).split(". ", 1)
    shared = "第0001号 (2 papers of organisation 1); 第0003号 (3 papers of organisation 2)"
    assert named == f"Papers of one bureau share a number: {shared}"
    assert "docs/operations.md" in rest
    assert Paper.objects.count() == 6
