"""A judged row as the preview shows it: what stands in the cell, what it becomes, and why it is wrong."""

from dataclasses import dataclass, field
from typing import Any

from units.ledger import Field, Result
from units.models import ImportBatch, ImportRow, Outcome

SHOWN = (Field.NAME, Field.STATION, Field.CATEGORY, Field.CREDIT_CODE, Field.PHONE)


@dataclass
class Cell:
    """One cell: its words, the field's label where it stands among others, and reasons with their tone."""

    text: str
    label: str = ""
    reasons: list[str] = field(default_factory=list)
    tone: str = ""


@dataclass
class ShownRow:
    number: int
    sheet: str
    cells: dict[str, Cell]
    others: list[Cell]
    visit: str
    result: str
    tone: str

    @property
    def others_tone(self) -> str:
        return "bad" if any(cell.tone == "bad" for cell in self.others) else "warn"


@dataclass
class Preview:
    """Turns kept rows into shown ones; ``categories``: code → name."""

    batch: ImportBatch
    categories: dict[str, str]

    def __post_init__(self) -> None:
        self._columns = {
            (sheet["title"][:40], column["field"]): column["index"]
            for sheet in self.batch.survey["sheets"]
            for column in sheet["columns"]
            if column["field"]
        }

    def show(self, row: ImportRow) -> ShownRow:
        problems: dict[str, list[dict[str, str]]] = {}
        for problem in row.problems:
            problems.setdefault(problem["field"], []).append(problem)
        cells = {str(name): self._cell(row, name, problems.pop(name, [])) for name in SHOWN}
        others = [self._cell(row, Field(name), found) for name, found in problems.items()]
        words, tone = result_of(row)
        return ShownRow(row.number, row.sheet, cells, others, row.values.get("ledger_visit") or "", words, tone)

    def written(self, row: ImportRow, name: str) -> str:
        """What the file says in the column taken for ``name``."""
        index = self._columns.get((row.sheet, name))
        return row.cells[index] if index is not None and index < len(row.cells) else ""

    def _cell(self, row: ImportRow, name: Field, problems: list[dict[str, str]]) -> Cell:
        tone = "bad" if any(problem["severity"] == "reject" for problem in problems) else "warn" if problems else ""
        text = self.written(row, name)
        if name is Field.CATEGORY and (code := row.values.get(name)):
            meant = self.categories.get(code, "")
            text = text if text == meant else f"{text} → {meant}"
        elif not problems and name is Field.STATION:
            text = text.removesuffix("派出所") or text
        elif not problems and name is Field.PHONE:
            text = row.values.get(name) or ""
        return Cell(text, name.label, [problem["reason"] for problem in problems], tone)


def result_of(row: ImportRow) -> tuple[str, str]:
    """The words and the tone of a row's result."""
    if row.result == Result.REJECT:
        return "不导入", "red"
    if row.result == Result.SAME_CODE:
        return "重复", "red"
    if row.outcome:
        return Outcome(row.outcome).label, "amber" if row.problems else "green"
    return ("导入，有提示", "amber") if row.problems else ("导入", "green")


def rejected_table(batch: ImportBatch, kind: str) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of what was not imported: the file's own columns, with row and reasons in front."""
    labels = next((_labels(sheet) for sheet in batch.survey["sheets"] if sheet["kind"] == kind), [])
    rows = batch.rows.filter(kind=kind).exclude(result=Result.IMPORT).order_by("id")
    lines = []
    for row in rows:
        reasons = "；".join(problem["reason"] for problem in row.problems if problem["severity"] == "reject")
        cells = [row.cells[index] if index < len(row.cells) else "" for index, _ in labels]
        lines.append([row.number, reasons, *cells])
    return ["原行号", "不导入的原因", *(label for _, label in labels)], lines


def _labels(sheet: dict[str, Any]) -> list[tuple[int, str]]:
    return [(column["index"], column["label"]) for column in sheet["columns"]]
