"""Forms of the import: the file, and what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from fire_supervision.lib.upload_limits import BookField
from units.ledger import Field
from units.ledger.columns import IGNORE, heading_key, sheet_key
from units.models import Category, ImportBatch, RowKind

SOURCES = {
    "auto": ("自动", "st-line"),
    "remembered": ("沿用上次", "st-blue"),
    "confirm": ("请确认", "st-amber"),
    "given": ("已选定", "st-line"),
}
CHOICES = [(IGNORE, "不导入"), *((str(field), field.label) for field in Field)]
NEEDED = {RowKind.PREMISES: (Field.STATION, Field.NAME, Field.CATEGORY), RowKind.COMMITTEE: (Field.STATION, Field.NAME)}


class UploadForm(forms.Form):
    file = BookField(
        label="台账文件",
        most="UPLOAD_LEDGER_MAX_MB",
        help_text="xlsx，可以有标题行、两级表头和多个工作表",
        allow_empty_file=True,  # the reader says it in better words
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择文件"},
    )


class SpellingForm(forms.Form):
    """One choice of category for each spelling a batch's ledger has and the table lacks."""

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = batch.survey.get("unknown_spellings", {})
        self.spellings = {f"s{number}": spelling for number, spelling in enumerate(known) if spelling}
        for name, spelling in self.spellings.items():
            self.fields[name] = forms.ModelChoiceField(
                Category.objects.all(),
                label=f"“{spelling}” {known[spelling]} 行",
                required=False,
                empty_label="不导入",
            )

    def meant(self) -> dict[str, Category]:
        """Spelling → category, for those that were given one."""
        chosen = ((spelling, self.cleaned_data[name]) for name, spelling in self.spellings.items())
        return {spelling: category for spelling, category in chosen if category is not None}


class MappingForm(forms.Form):
    """One choice for each column of each sheet; ``station_known`` when the importer has but one station."""

    def __init__(self, *args: Any, batch: ImportBatch, station_known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheets: list[dict[str, Any]] = batch.survey["sheets"]
        self.station_known = station_known
        for number, sheet in enumerate(self.sheets):
            for column in sheet["columns"]:
                name = self._name(number, column)
                initial = batch.mapping.get(sheet_key(sheet["title"], column["label"]), column["field"])
                self.fields[name] = forms.ChoiceField(
                    label=column["label"], choices=CHOICES, required=False, initial=initial
                )

    @staticmethod
    def _name(sheet: int, column: dict[str, Any]) -> str:
        return f"c{sheet}_{column['index']}"

    def lines(self) -> Iterator[dict[str, Any]]:
        """The sheets with their columns, fields and sources, for the page."""
        for number, sheet in enumerate(self.sheets):
            columns = [
                {
                    "label": column["label"],
                    "first": "、".join(column["first_values"][:2]),
                    "field": self[self._name(number, column)],
                    "source": SOURCES.get(column["source"]),
                }
                for column in sheet["columns"]
            ]
            yield sheet | {"columns": columns, "mapped": sum(bool(column["field"].value()) for column in columns)}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for number, sheet in enumerate(self.sheets):
            taken: dict[str, str] = {}
            for column in sheet["columns"]:
                name = self._name(number, column)
                field = values.get(name, IGNORE)
                if field == IGNORE:
                    continue
                if field in taken:
                    self.add_error(name, f"“{Field(field).label}”已经对应到“{taken[field]}”")
                taken[field] = column["label"]
            self._refuse_missing(sheet, set(taken))
        return values

    def _refuse_missing(self, sheet: dict[str, Any], taken: set[str]) -> None:
        needed = NEEDED[RowKind(sheet["kind"])]
        missing = [
            field for field in needed if field not in taken and not (field is Field.STATION and self.station_known)
        ]
        if missing:
            words = "、".join(field.label for field in missing)
            remedy = "请在下面选出这一列；表里没有的，补上一列重新上传"
            self.add_error(None, f"工作表“{sheet['title']}”还没有对应：{words}。{remedy}")

    def mapping(self) -> dict[str, str]:
        """`sheet_key` → field, for the batch."""
        return {sheet_key(sheet, label): field for sheet, label, field in self._chosen()}

    def headings(self) -> dict[str, str]:
        """`heading_key` → field, for the bureau's memory."""
        return {heading_key(label): field for _, label, field in self._chosen()}

    def _chosen(self) -> Iterator[tuple[str, str, str]]:
        for number, sheet in enumerate(self.sheets):
            for column in sheet["columns"]:
                yield sheet["title"], column["label"], self.cleaned_data[self._name(number, column)]
