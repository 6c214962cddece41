"""A ledger imported from a shell, by the same steps as in the browser."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localdate

from stations.models import User
from stations.permissions import Can, Role
from units import importing
from units.ledger import Result, Row, Severity, UnreadableWorkbook
from units.ledger.columns import parse_map
from units.models import BatchState, ImportBatch, Outcome

TOTALS = {
    "rows": "场所行数",
    "importable": "可导入",
    "rejected": "不能导入",
    "same_code": "代码重复",
    "likely_duplicates": "疑似重复",
    "closed": "已关门",
    "dangerous_cells": "公式单元格",
    "committees": "村居委会",
}


class Command(BaseCommand):
    help = "Import a ledger of premises and committees (xlsx)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map", nargs="+", default=[], metavar="列名=字段", help="what a column means; 列名= leaves it out"
        )
        parser.add_argument("--dry-run", action="store_true", help="read and judge, write nothing")
        parser.add_argument(
            "--as", dest="number", metavar="警号", help="who imports; needed with more than one bureau officer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        user = _importer(options["number"])
        try:
            mapping = parse_map(options["map"])
            if options["dry_run"]:
                ledger = importing.read_for(user, path, mapping=mapping)
                self._print_totals(ledger.totals())
                self._print_rows([row for row in ledger.premises if row.result is not Result.IMPORT])
                self.stdout.write("只核对，没有写入")
            else:
                self._import(path, mapping, user)
        except (UnreadableWorkbook, ValueError) as error:
            raise CommandError(str(error)) from error

    def _import(self, path: Path, mapping: dict[str, str], user: User) -> None:
        if not path.is_file():
            raise CommandError(f"找不到文件 {path.name}。")
        with path.open("rb") as file:
            batch = importing.upload(File(file, name=path.name), by=user)
        importing.map_columns(batch.pk, mapping, {}, by=user)
        importing.advance(batch.pk, localdate())
        batch = self._checked(batch)
        importing.start(batch.pk, by=user)
        importing.advance(batch.pk, localdate())
        batch.refresh_from_db()
        words = [f"{outcome.label} {batch.totals[outcome]}" for outcome in Outcome]
        self.stdout.write("，".join(words))

    def _checked(self, batch: ImportBatch) -> ImportBatch:
        batch.refresh_from_db()
        if batch.state == BatchState.FAILED:
            raise CommandError(batch.error)
        self._print_totals(batch.totals)
        return batch

    def _print_totals(self, totals: dict[str, int]) -> None:
        for key, label in TOTALS.items():
            self.stdout.write(f"{label}：{totals[key]}")

    def _print_rows(self, rows: list[Row]) -> None:
        for row in rows:
            reasons = "；".join(problem.reason for problem in row.problems if problem.severity is Severity.REJECT)
            self.stdout.write(f"  {row.sheet} 第 {row.number} 行：{reasons}")


def _importer(number: str | None) -> User:
    """Whoever ``--as`` names; without it the one bureau officer there is."""
    people = User.objects.working().select_related("organisation__bureau")
    found = list(people.filter(number=number) if number else people.filter(role=Role.BUREAU_OFFICER)[:2])
    if len(found) != 1:
        raise CommandError(f"没有警号 {number}。" if number else "请用 --as 警号 指明由谁导入（分局业务民警或所长）。")
    if not found[0].can(Can.IMPORT_UNITS):
        raise CommandError(f"{found[0].name} 的岗位是{found[0].get_role_display()}，不能导入台账。")
    return found[0]
