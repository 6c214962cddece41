"""核定责任书条款: the form with the text of a pledge, row by row."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms

from fire_supervision.lib.forms import DateInput, TidyField
from fire_supervision.lib.refusals import Fault
from units.models import PledgeTerms
from units.models.pledge import DAY
from units.terms import Text

# Rows below the last one, for what a bureau adds; an emptied row goes away.
SPARE = 2


class TermsForm(forms.Form):
    """The whole text, filled with the present version. What speaks against it is said by `terms.settle_terms`."""

    liability = TidyField(label="法律责任", max_length=600, widget=forms.Textarea({"rows": 3}))
    since = forms.DateField(label="起用日期", widget=DateInput())
    reason = forms.CharField(
        label="理由", max_length=200, help_text="如“经法制部门审核”", widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, present: PledgeTerms, today: date, data: Any = None) -> None:
        begin = max(today, present.since + DAY) if present.since else today
        values = {"liability": present.liability, "since": begin}
        for place, item in enumerate(present.items):
            values |= {f"title_{place}": item["title"], f"text_{place}": item["text"]}
        super().__init__(data, initial=values)
        self.places = range(len(present.items) + SPARE)
        for place in self.places:
            number = place + 1
            self.fields[f"title_{place}"] = TidyField(label=f"第 {number} 条标题", max_length=28, required=False)
            self.fields[f"text_{place}"] = TidyField(
                label=f"第 {number} 条内容", max_length=400, required=False, widget=forms.Textarea({"rows": 3})
            )

    def rows(self) -> Iterator[tuple[int, forms.BoundField, forms.BoundField]]:
        """Number, title and text of each row, for the page."""
        return ((place + 1, self[f"title_{place}"], self[f"text_{place}"]) for place in self.places)

    def text(self) -> Text:
        items = [{"title": title, "text": text} for _, title, text in self._filled()]
        return Text(items, self.cleaned_data["liability"])

    def at_row(self, fault: Fault) -> Fault:
        """``fault`` of `terms[2].text` at the field of the third row that was filled in."""
        if not fault.field.startswith("terms["):
            return fault
        number, column = fault.field.removeprefix("terms[").split("].")
        filled = [place for place, _, _ in self._filled()]
        place = filled[int(number)] if filled else 0
        return Fault(f"{column}_{place}", fault.message, fault.basis, fault.remedy)

    def _filled(self) -> list[tuple[int, str, str]]:
        values = self.cleaned_data
        rows = [(place, values[f"title_{place}"], values[f"text_{place}"]) for place in self.places]
        return [row for row in rows if row[1] or row[2]]
