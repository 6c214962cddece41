"""Reading a ledger workbook as stations keep it: pure functions, no database, no writing.

``read`` opens a workbook (``workbook``), finds what its columns mean (``columns``), cleans its cells
(``clean``) and judges its rows (``rows``). Callers pass the organisation tree and the category table in.
"""

from fire_supervision.lib.spreadsheets import UnreadableWorkbook
from units.ledger.columns import Column, Field, Source
from units.ledger.read import Kind, Ledger, SheetSummary, Survey, read, survey, unknown_spellings
from units.ledger.rows import Problem, Result, Row, Severity
from units.ledger.stations import Stations

__all__ = [
    "Column",
    "Field",
    "Kind",
    "Ledger",
    "Problem",
    "Result",
    "Row",
    "Severity",
    "SheetSummary",
    "Source",
    "Stations",
    "Survey",
    "UnreadableWorkbook",
    "read",
    "survey",
    "unknown_spellings",
]
