"""The real ledger, the stations it names, and workbooks made by hand."""

import json
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from fire_supervision.lib.text import squeezed
from stations.models import Organisation, OrganisationKind
from units.ledger import Stations
from units.seeds import ALIASES

DATA = Path(__file__).parent.parent / "data"
LEDGER = DATA / "ledger_jiexiu.xlsx"
CATEGORIES = {squeezed(alias): code for alias, code in ALIASES.items()}
HEADER = ("派出所", "名称", "类别", "信用代码", "地址", "面积", "电话", "备注")


@pytest.fixture(autouse=True, scope="module")
def _cleaned_here(cleaned_here: None) -> None:
    """Most of them read workbooks."""


@pytest.fixture(scope="session")
def truth() -> dict[str, Any]:
    return json.loads((DATA / "ledger_jiexiu.truth.json").read_text())


@pytest.fixture(scope="session")
def all_stations(truth: dict[str, Any]) -> Stations:
    return Stations([(name, number) for number, name in enumerate(truth["stations"], start=1)])


@pytest.fixture
def ledger_stations(truth: dict[str, Any], bureau: Organisation) -> None:
    """The fourteen stations of the ledger in the tree of our bureau, those of other fixtures aside."""
    there = set(Organisation.objects.values_list("name", flat=True))
    Organisation.objects.bulk_create(
        Organisation(
            kind=OrganisationKind.STATION,
            name=name,
            short_name=name.removesuffix("派出所"),
            parent=bureau,
            bureau=bureau,
        )
        for name in truth["stations"]
        if name not in there
    )


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """A workbook of one sheet, written to a file: ``book([…row…], […row…])`` under the usual header."""

    def make(
        *rows: Sequence[Any], header: Sequence[Any] = HEADER, title: str = "九小场所", name: str = "台账.xlsx"
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(workbook_of(*rows, header=header, title=title))
        return path

    return make


def workbook_of(*rows: Sequence[Any], header: Sequence[Any] = HEADER, title: str = "九小场所") -> bytes:
    """The bytes of a workbook of one sheet."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    if header:
        sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
