"""A ledger's way into the house: uploaded, columns mapped, checked, imported a handful of rows at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.queue import Job, after_commit
from fire_supervision.lib.text import squeezed
from fire_supervision.lib.uploads import clean_book, shown_name
from stations.models import Organisation, User
from trail.record import record
from units.actions import told
from units.ledger import (
    Field,
    Kind,
    Ledger,
    Result,
    Row,
    Stations,
    Survey,
    UnreadableWorkbook,
    read,
    survey,
    unknown_spellings,
)
from units.merge import Merge
from units.models import (
    BatchState,
    Category,
    CategoryAlias,
    ColumnMemory,
    ImportBatch,
    ImportRow,
    Outcome,
    RowKind,
    Unit,
)
from units.names import places_in

HANDFUL = 500


def upload(file: File[Any], *, by: User) -> ImportBatch:
    """Keep the values of ``file`` and say what its columns seem to mean.

    The hash is that of the file as it came, by which whoever sent it knows it again. Raises UnreadableWorkbook before
    anything is written.
    """
    bureau = by.organisation.bureau
    if bureau is None:
        raise RuleError("您不属于任何公安机关，不能导入台账。")
    with clean_book(cast(IO[bytes], file), max_mb=settings.UPLOAD_LEDGER_MAX_MB) as values:
        found = survey(cast(BinaryIO, values), remembered=memory(bureau.pk), max_mb=settings.UPLOAD_LEDGER_MAX_MB)
        values.seek(0)
        digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
        with transaction.atomic():
            batch = ImportBatch.objects.create(
                bureau=bureau, station_id=by.station_id, uploaded_by=by, name=shown_name(file.name, "台账.xlsx"),
                file=File(values, "ledger.xlsx"), sha256=digest, survey=plain_survey(found),
            )  # fmt: skip
            record(by, "units.upload", batch, f"上传台账：{batch.name}", after={"sha256": digest})
    return batch


@transaction.atomic
def map_columns(batch_id: int, mapping: Mapping[str, str], headings: Mapping[str, str], *, by: User) -> ImportBatch:
    """Fix what the columns mean and send the workbook to be checked.

    ``mapping`` is keyed by `ledger.columns.sheet_key`, ``headings`` by heading: what the bureau's next file is
    suggested.
    """
    batch = _locked(batch_id, by)
    batch.move_to(BatchState.CHECKING)
    batch.mapping, batch.error, batch.done, batch.size = dict(mapping), "", 0, 0
    batch.save(update_fields=["state", "mapping", "error", "done", "size", "touched_at"])
    kept = {header[:120]: field for header, field in headings.items()}
    ColumnMemory.objects.bulk_create(
        [ColumnMemory(bureau_id=batch.bureau_id, header=header, field=field) for header, field in kept.items()],
        update_conflicts=True, unique_fields=["bureau", "header"], update_fields=["field"],
    )  # fmt: skip
    record(by, "units.map_columns", batch, f"对应台账的列：{batch.name}", after={"mapping": batch.mapping})
    after_commit(Job.IMPORT_BATCH, batch.pk)
    return batch


@transaction.atomic
def add_spellings(batch_id: int, meant: Mapping[str, Category], *, by: User) -> ImportBatch:
    """Teach the category table the spellings of a batch, for every later ledger too, and check the batch again."""
    if by.station_id is not None:
        raise RuleError("类别写法全局通用，由分局业务民警补充。", remedy="请在台账里改成类别表里的写法，再上传。")
    batch = _locked(batch_id, by)
    batch.move_to(BatchState.CHECKING)
    batch.done, batch.size = 0, 0
    batch.save(update_fields=["state", "done", "size", "touched_at"])
    aliases = [CategoryAlias(alias=squeezed(spelling), category=category) for spelling, category in meant.items()]
    CategoryAlias.objects.bulk_create(aliases, ignore_conflicts=True)
    words = "、".join(f"{spelling} → {category}" for spelling, category in meant.items())
    record(by, "units.add_spellings", batch, f"补充类别写法：{words}")
    after_commit(Job.IMPORT_BATCH, batch.pk)
    return batch


@transaction.atomic
def start(batch_id: int, *, by: User) -> ImportBatch:
    """Ask for the import of a checked batch; a second click finds it asked for."""
    batch = _locked(batch_id, by)
    if batch.state in (BatchState.QUEUED, BatchState.RUNNING, BatchState.DONE):
        return batch
    rows = batch.rows.filter(result=Result.IMPORT).count()
    if batch.state == BatchState.READY and rows == 0:
        raise RuleError("没有可以导入的行。", remedy="下载不导入的行，改好后重新上传。")
    batch.move_to(BatchState.QUEUED)
    batch.done, batch.size = 0, rows
    batch.save(update_fields=["state", "done", "size", "touched_at"])
    record(by, "units.start_import", batch, f"导入台账：{batch.name}，{rows} 行")
    after_commit(Job.IMPORT_BATCH, batch.pk)
    return batch


def advance(batch_id: int, on: date) -> None:
    """Do what a batch waits for, to the end; a second run, or one after a crash, goes on where it stands."""
    state = ImportBatch.objects.filter(pk=batch_id).values_list("state", flat=True).first()
    if state == BatchState.CHECKING:
        check(batch_id)
    elif state in (BatchState.QUEUED, BatchState.RUNNING):
        while import_handful(batch_id, on):
            pass


def check(batch_id: int) -> None:
    """Read a batch's workbook and keep every row with what is wrong with it."""
    batch = ImportBatch.objects.select_related("uploaded_by__organisation", "bureau").get(pk=batch_id)
    try:
        with batch.file.open("rb") as file:
            ledger = read_for(batch.uploaded_by, cast(BinaryIO, file), mapping=batch.mapping)
    except (UnreadableWorkbook, OSError) as error:
        message = str(error) if isinstance(error, UnreadableWorkbook) else "上传的文件不在了，请重新上传。"
        _keep_checked(batch_id, BatchState.FAILED, error=message)
        return
    except Exception:
        # A file that trips the reader would be taken up by every sweep again; it is parked, and the fault is logged.
        _keep_checked(batch_id, BatchState.FAILED, error="读取时出错，没有导入。请把文件交给系统管理员。")
        raise
    _keep_checked(batch_id, BatchState.READY, ledger=ledger)


@transaction.atomic
def _keep_checked(batch_id: int, state: BatchState, *, ledger: Ledger | None = None, error: str = "") -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != BatchState.CHECKING:
        return  # another run was faster
    batch.rows.all().delete()
    if ledger is not None:
        rows = [import_row(batch, row, RowKind.COMMITTEE) for row in ledger.committees]
        rows += [import_row(batch, row, RowKind.PREMISES) for row in ledger.premises]
        ImportRow.objects.bulk_create(rows, batch_size=500)
        batch.totals, batch.survey = ledger.totals(), plain_survey(ledger.survey)
        batch.survey["unknown_spellings"] = unknown_spellings(ledger)
        batch.size = len(rows)
    batch.error = error[:300]
    batch.move_to(state)
    batch.save(update_fields=["state", "totals", "survey", "size", "error", "touched_at"])


def import_row(batch: ImportBatch, row: Row, kind: RowKind) -> ImportRow:
    """A judged row as it is kept."""
    values = {str(name): value for name, value in row.values.items()}
    values |= {"closed": row.closed, "looks_like": row.looks_like}
    return ImportRow(
        batch=batch, kind=kind, sheet=row.sheet[:40], number=row.number, cells=list(row.cells), values=values,
        problems=[asdict(problem) for problem in row.problems], result=row.result,
    )  # fmt: skip


@transaction.atomic
def import_handful(batch_id: int, on: date) -> bool:
    """Import the next rows of a batch; whether there was anything left to do. ``on`` is the day closed ones close."""
    batches = ImportBatch.objects.select_for_update(of=("self",)).select_related("uploaded_by__organisation", "bureau")
    batch = batches.get(pk=batch_id)
    if batch.state not in (BatchState.QUEUED, BatchState.RUNNING):
        return False
    if batch.state == BatchState.QUEUED:
        batch.move_to(BatchState.RUNNING)
    waiting = list(batch.rows.filter(result=Result.IMPORT, outcome="").order_by("id")[:HANDFUL])
    # Committees stand first and go in first: the premises of a later handful look them up.
    rows = [row for row in waiting if row.kind == waiting[0].kind]
    if rows:
        places = [*batch.survey["places"], *places_in(batch.bureau.name)]
        merge = Merge(batch, _still_writable(rows, batch.uploaded_by), places, on)
        merge.run()
        for change in merge.changes:
            record(
                batch.uploaded_by, "units.import_change", change.unit, f"台账导入更新：{change.unit.name}",
                before=told(change.before), after=told(change.after), reason=f"导入 {batch.pk}：{batch.name}",
            )  # fmt: skip
        batch.done += len(rows)
    else:
        _finish(batch)
    batch.save(update_fields=["state", "done", "totals", "finished_at", "touched_at"])
    return bool(rows)


def _still_writable(rows: list[ImportRow], user: User) -> list[ImportRow]:
    """Whoever lost a station since the check imports nothing into it."""
    writable = set(Organisation.objects.for_user(user).stations().values_list("pk", flat=True))
    lost = [row for row in rows if row.values[Field.STATION] not in writable]
    for row in lost:
        row.result = Result.REJECT
        reason = "导入人已不管这个派出所，不能导入"
        row.problems = [
            *row.problems,
            {"field": "station", "severity": "reject", "code": "other station", "reason": reason},
        ]
    ImportRow.objects.bulk_update(lost, ["result", "problems"])
    return [row for row in rows if row.result != Result.REJECT]


def _finish(batch: ImportBatch) -> None:
    counted = dict(batch.rows.exclude(outcome="").values_list("outcome").annotate(Count("pk")).order_by())
    outcomes = {str(outcome): counted.get(outcome, 0) for outcome in Outcome}
    batch.totals = batch.totals | outcomes
    batch.finished_at = timezone.now()
    batch.move_to(BatchState.DONE)
    words = (
        f"新增 {outcomes[Outcome.CREATED]}，更新 {outcomes[Outcome.UPDATED]}，没有变化 {outcomes[Outcome.UNCHANGED]}"
    )
    record(batch.uploaded_by, "units.import", batch, f"导入完成：{batch.name}，{words}", after=outcomes)


# ---------- what a reading needs to know ----------


def read_for(user: User, source: Path | BinaryIO, *, mapping: Mapping[str, str]) -> Ledger:
    """``source`` judged for ``user``: against the stations he sees, the category table and the committees known."""
    stations = stations_for(user)
    committees = Unit.objects.for_user(user).open().committees().values_list("station_id", "name_key")
    return read(
        source,
        stations=stations,
        categories=dict(CategoryAlias.objects.values_list("alias", "category__code")),
        mapping=mapping,
        remembered=memory(user.bureau_id),
        places=places_in(user.organisation.bureau.name) if user.organisation.bureau else [],
        committees=set(committees),
        max_mb=settings.UPLOAD_LEDGER_MAX_MB,
    )


def stations_for(user: User) -> Stations:
    """The stations of the bureau, so that a neighbour is told from nobody, and those ``user`` writes to."""
    writable = set(Organisation.objects.for_user(user).stations().values_list("pk", flat=True))
    bureaus = user.scope().bureaus | {user.bureau_id}
    known = Organisation.objects.stations().filter(bureau_id__in=bureaus).values_list("pk", "name", "short_name")
    names = [(name, pk) for pk, *both in known for name in both if name]
    return Stations(names, writable)


def memory(bureau_id: int | None) -> dict[str, str]:
    """What the bureau's earlier ledgers called its columns."""
    return dict(ColumnMemory.objects.filter(bureau_id=bureau_id).values_list("header", "field"))


def plain_survey(found: Survey) -> dict[str, Any]:
    """A survey as it is kept with the batch."""
    return {
        "sheets": [
            asdict(sheet) | {"kind": str(RowKind.COMMITTEE if sheet.kind is Kind.COMMITTEES else RowKind.PREMISES)}
            for sheet in found.sheets
        ],
        "hidden": list(found.hidden),
        "skipped": list(found.skipped),
        "places": list(found.places),
    }


def _locked(batch_id: int, by: User) -> ImportBatch:
    return ImportBatch.objects.for_user(by).select_for_update(of=("self",)).get(pk=batch_id)
