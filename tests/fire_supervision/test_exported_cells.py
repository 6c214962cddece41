"""Formulas planted in every text of a station's rows: in no file that leaves does a spreadsheet find one to run."""

# ruff: noqa: F811 - the stage is a fixture

import csv
import io
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import reverse
from openpyxl import load_workbook

from assessments.quarters import Quarter
from desk import volume_binding
from desk.volume import ask_quarter
from fire_supervision.lib.excel import DANGEROUS
from records.models import Document
from stations.permissions import ROLE_CAN, Role, may_export
from tests.desk.volumes import printed
from tests.fire_supervision.marks import Rows, plant
from tests.fire_supervision.stage import Owner, Stage, _files_stay_in_the_test_and_passwords_are_cheap, stage  # noqa: F401
from tests.fire_supervision.test_access import Address
from tests.fire_supervision.world import TODAY
from tests.hazards.conftest import moment

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db]
FORMULAS = ["=1+1", "+1", "-1|cmd", "@SUM(1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1"]
BOOK, ZIP = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"
# Read by no spreadsheet.
OTHER_FILES = {
    "application/pdf", "application/gzip", "application/x-gzip", "image/jpeg", "image/png", "text/x-python",
}  # fmt: skip


def cells(content: bytes) -> Iterator[Any]:
    """Every cell that has something in it, formulas as formulas."""
    for sheet in load_workbook(BytesIO(content), data_only=False).worksheets:
        yield from (cell for row in sheet.iter_rows() for cell in row if cell.value is not None)


def wrong_in(content: bytes) -> list[str]:
    """The cells a spreadsheet program would run, or open when somebody clicks on them."""
    return [
        f"{cell.coordinate}: {cell.value!r}"
        for cell in cells(content)
        if cell.data_type == "f" or cell.hyperlink or (isinstance(cell.value, str) and cell.value.startswith(DANGEROUS))
    ]


def wrong_in_words(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row
            if cell.startswith(DANGEROUS)]  # fmt: skip


def judged(response: HttpResponseBase) -> tuple[int, list[str]]:
    """How many tables came, and what is wrong in them; a kind of file nobody knows here is wrong."""
    kind = response.get("Content-Type", "").partition(";")[0]
    content: bytes = getattr(response, "whole", None) or getattr(response, "content", b"")
    if kind == BOOK:
        return 1, wrong_in(content)
    if kind == ZIP:
        with zipfile.ZipFile(BytesIO(content)) as files:
            books = [files.read(name) for name in files.namelist() if name.endswith(".xlsx")]
            names = [name for name in files.namelist() if not name.endswith((".xlsx", ".pdf", ".jpg", ".png"))]
        return len(books), [*(each for book in books for each in wrong_in(book)), *names]
    if kind in ("text/csv", "text/plain"):
        return 1, wrong_in_words(content)
    is_other = kind in OTHER_FILES or not response.has_header("Content-Disposition")
    return 0, [] if is_other else [f"a file of an unknown kind: {kind}"]


def takers(stage: Stage, address: Address) -> list[str]:
    """Who may take out what ``address`` hands out."""
    capable = (role for role in Role if address.capability in ROLE_CAN[role])
    return [role for role in capable if may_export(stage.people[role])]


def files(stage: Stage) -> Iterator[tuple[str, HttpResponseBase]]:
    """What each address of the product hands out when a table is asked of it, once; new ones by themselves."""
    for address in stage.addresses:
        if address.capability is None or address.name in ("stations:logout", "styleguide"):
            continue
        url = f"{stage.url(address, Owner.OWN)}?export=xlsx"
        for who in takers(stage, address):
            response = stage.ask(who, "GET", url)
            if response.status_code != 200:
                continue
            if response.has_header("Content-Disposition"):
                yield address.name, response
            # A page that takes no notice of it does so for everybody.
            break


def takes_out(stage: Stage) -> set[str]:
    """The addresses that say of themselves that a file leaves by them."""
    return {each.name for each in stage.addresses if getattr(each.view, "takes_out", False)}


def sow(rows: Rows, first: int) -> int:
    """Another formula before every text of each kind of row, the ``first`` of FORMULAS first; how many columns."""
    told = zip(rows.items(), cycle(FORMULAS[first:] + FORMULAS[:first]), strict=False)
    return sum(len(plant({model: keys}, formula)) for (model, keys), formula in told)


@pytest.mark.parametrize("first", [0, 5])
def test_no_cell_of_any_file_is_a_formula(stage: Stage, first: int) -> None:
    with transaction.atomic():
        assert sow(stage.rows[Owner.OWN], first) > 60
        found = {name: judged(response) for name, response in files(stage)}
        transaction.set_rollback(True)

    assert {name: wrong for name, (_, wrong) in found.items() if wrong} == {}
    assert sum(count for count, _ in found.values()) >= 25
    # Printed papers have no cells; what was bound is opened below. Another one answers here or in a test of its own.
    assert takes_out(stage) - set(found) == {"records:stack", "desk:download"}


def test_the_workbook_in_a_quarter_s_zip_is_looked_at_too(stage: Stage) -> None:
    place, at = stage.places[Owner.OWN], moment(TODAY, 9)
    with transaction.atomic():
        for paper in Document.objects.filter(station=place.station):
            printed(paper)
        plant(stage.rows[Owner.OWN], "=1+1")
        bundle = ask_quarter(place.station, Quarter(2026, 3), place.officer, at)
        volume_binding.bind(bundle.pk, at)
        response = stage.ask(Role.OFFICER, "GET", reverse("desk:download", args=[bundle.pk]))
        transaction.set_rollback(True)

    assert response["Content-Type"] == ZIP
    assert judged(response) == (1, [])
    with zipfile.ZipFile(BytesIO(response.whole)) as packed:  # type: ignore[attr-defined] # as the stage reads it
        listed = [packed.read(name) for name in packed.namelist() if name.endswith(".xlsx")]
    assert [str(cell.value)[:5] for cell in cells(listed[0]) if "=1+1" in str(cell.value)] != []
