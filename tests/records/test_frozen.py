"""An issued paper is frozen by the database itself: raw SQL is refused beside what happens to a paper."""

from collections.abc import Callable
from datetime import date
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from records import actions, papers
from records.models import Document, DocumentFile, Kind, ReviewState, Scan
from stations.actions import move_station
from stations.models import Organisation, OrganisationKind, User
from tests.frozen import TABLES, bend

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
TUESDAY = date(2026, 9, 22)
FROZEN = {
    "records_document": {
        "id": "id + 1000", "kind": "'ORDER_NOW'", "year": "2025", "sequence": "99", "number": "'另一号'",
        "unit_id": "NULL", "unit_name": "'另一家'", "subject_type": "'units.other'", "subject_id": "0",
        "context_sha256": "''", "token": "'other'", "checkpoint": "'1.0'", "template_version": "2",
        "issued_on": "'2026-09-21'", "issued_at": "'2026-09-21 08:00:00+00'", "issued_by_id": "NULL",
    },
    "records_documentfile": {
        "id": "id + 1000", "document_id": "NULL", "copy": "'RECEIVER'", "sha256": "'0'", "size": "1",
        "signer": "'他人'",
    },
    "records_scan": {
        "id": "id + 1000", "document_id": "NULL", "sha256": "'0'", "recorder_no": "'DSJ-9'", "uploaded_by_id": "NULL",
        "uploaded_at": "'2026-09-21 08:00:00+00'",
    },
}  # fmt: skip
# What an act of the product, a rotation of keys or a move of the station writes.
FREE = {
    "records_document": (
        "context", "bureau_id", "state", "void_reason", "voided_at", "replaced_by_id", "review_state", "reviewed_on",
        "rendered_at", "render_attempts", "render_sent_at", "station_id", "office_id",
    ),
    "records_documentfile": ("file",),
    "records_scan": ("file",),
}  # fmt: skip


@pytest.fixture
def paper(issue: Issue, officer: User, monkeypatch: pytest.MonkeyPatch) -> Document:
    """Printed, with a scan."""
    monkeypatch.setattr(papers, "pdf", lambda document, copy: f"%PDF {copy}".encode())
    made = issue()
    actions.render(made.pk)
    actions.add_scan(made, ContentFile(b"%PDF-", "scan.pdf"), "", officer)
    made.refresh_from_db()
    return made


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_is_frozen_and_what_is_free_is_every_column() -> None:
    for model in (Document, DocumentFile, Scan):
        table = model._meta.db_table
        columns = {field.column for field in model._meta.concrete_fields}
        assert columns == {*FROZEN[table], *FREE[table]}
        assert len(columns) == len(FROZEN[table]) + len(FREE[table])


@pytest.mark.parametrize("table", TABLES)
def test_nothing_a_paper_says_of_itself_is_changed(paper: Document, table: str) -> None:
    for column, value in FROZEN[table].items():
        with pytest.raises(DatabaseError, match=f"frozen: UPDATE of {table}"):
            run(f'UPDATE {table} SET "{column}" = {value}')
    for column in [*FROZEN[table], *FREE[table]]:
        run(f'UPDATE {table} SET "{column}" = "{column}"')


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_removed(paper: Document, table: str) -> None:
    with pytest.raises(DatabaseError, match=f"frozen: DELETE of {table}"):
        run(f"DELETE FROM {table}")


def test_what_happens_to_a_paper_goes_on(issue: Issue, paper: Document, officer: User, chief: User) -> None:
    other = issue(kind=Kind.ORDER_LIMIT)
    Document.objects.filter(pk=paper.pk).update(render_attempts=3, rendered_at=None)
    actions.reprint(paper, officer)
    actions.mark_reviewed(paper, ReviewState.RETURNED, TUESDAY, chief)
    actions.void(paper, chief, "期限写错", TUESDAY)
    actions.replace(paper, other)
    paper.refresh_from_db()
    assert (paper.status, paper.void_reason, paper.replaced_by) == ("被取代", "期限写错", other)


def test_a_void_paper_stays_void_for_the_same_reason_and_replaced_by_the_same(
    issue: Issue, paper: Document, chief: User
) -> None:
    actions.void(paper, chief, "期限写错", TUESDAY)
    for change in ("state = 'ISSUED'", "void_reason = '另写'", "voided_at = NULL"):
        with pytest.raises(DatabaseError, match="frozen: UPDATE"):
            run(f"UPDATE records_document SET {change}")
    actions.replace(paper, issue())
    for change in ("NULL", "id"):
        with pytest.raises(DatabaseError, match="frozen: UPDATE"):
            run(f"UPDATE records_document SET replaced_by_id = {change} WHERE id = {paper.pk}")


def test_the_keys_are_rotated_and_a_station_moves_with_its_papers(paper: Document, station: Organisation) -> None:
    call_command("rotate_keys", stdout=StringIO())
    assert Document.objects.get(pk=paper.pk).context == paper.context
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东分局")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    admin = User.objects.create_user("799001", name="系统", role="SYSTEM_ADMIN", organisation=bureau)
    move_station(admin, station.pk, bureau, "江公发〔2026〕8号")
    assert Document.objects.get(pk=paper.pk).bureau_id == bureau.pk


def test_whoever_owns_the_database_thaws_it_and_leaves_it_frozen(paper: Document) -> None:
    bend(Document.objects.all(), number="另一号")
    assert Document.objects.get().number == "另一号"
    with pytest.raises(DatabaseError, match="frozen: UPDATE"):
        Document.objects.update(number="又一号")


def test_the_migration_goes_back_and_forth(paper: Document) -> None:
    migration = import_module("records.migrations.0017_frozen")
    editor = SimpleNamespace(connection=connection, execute=lambda sql, params=(): run(sql))
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
    migration.thaw(None, editor)
    run("UPDATE records_document SET unit_name = '另一家'")
    migration.freeze(None, editor)
    with pytest.raises(DatabaseError, match="frozen: UPDATE"):
        run("UPDATE records_document SET unit_name = '又一家'")
