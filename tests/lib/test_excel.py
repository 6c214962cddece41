"""What leaves as a workbook: nothing in it is run, whoever typed it and wherever it stands."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from fire_supervision.lib.excel import DANGEROUS, escaped, workbook

FORMULAS = ["=1+1", "+1", "-1+1|cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", '=HYPERLINK("//x","点")']
# What a workbook's XML can hold; the rest is no text anybody types.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\t\n"), max_size=30)


def cells(content: bytes) -> list[object]:
    """Every cell of every sheet, read as a spreadsheet program would, formulas as formulas."""
    book = load_workbook(BytesIO(content), data_only=False)
    return [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_text_in_head_row_and_mark(formula: str) -> None:
    found = cells(workbook("单位", [formula], [[formula]], mark=[("导出人", formula), ("时间", "x")]))

    assert {cell.data_type for cell in found} == {"s"}
    assert len([cell for cell in found if str(cell.value).startswith("'")]) >= 3
    assert not [cell.value for cell in found if isinstance(cell.value, str) and cell.value.startswith(DANGEROUS)]


@pytest.mark.slow
@given(head=TEXT, words=TEXT)
def test_no_text_at_all_becomes_a_formula_or_a_link(head: str, words: str) -> None:
    book = load_workbook(BytesIO(workbook("单位", [head or "名称"], [[words]])))
    sheet = book.active
    assert sheet is not None

    for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
        assert (cell.data_type, cell.hyperlink) == ("s", None)
        assert not str(cell.value).startswith(DANGEROUS)


@pytest.mark.slow
@given(words=TEXT)
def test_what_begins_harmlessly_stays_as_it_is(words: str) -> None:
    assert escaped(words) in (words, f"'{words}")
    assert (escaped(words) == words) == (not words.startswith(DANGEROUS))
