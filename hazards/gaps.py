"""What keeps a visit from being concluded, each thing once: beside which hazard or paper, and where it is mended."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from fire_supervision.lib.refusals import Fault
from hazards.drafts import Draft
from inspections.missing import gaps
from inspections.models import Inspection
from inspections.rules import Sheet
from records.models import Kind

# Where on the page of people the parts of a paper are entered; the rows of `inspections.missing` use the same anchors.
PEOPLE = {
    "officers": "id_second",
    "companion": "id_companion",
    "refusal": "id_refusal",
    "witness": "id_witness",
    "remark": "id_remark",
}
# What is entered on the page that shows the gaps.
ON_PAGE = {"to": "#id_township", "suggestions": "#div_id_suggestions"}
PLACES = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Gap:
    """``finding`` or ``paper``: beside which of them it is shown; neither for what the visit itself lacks."""

    words: str
    url: str
    finding: int | None = None
    paper: Kind | None = None


def gaps_of(inspection: Inspection, sheet: Sheet, drafts: Sequence[Draft]) -> list[Gap]:
    """Everything that is missing or wrong, empty when 签发 may be pressed."""
    found: dict[str, Gap] = {}
    for gap in (*_missing(inspection, sheet), *_faults(inspection, sheet, drafts)):
        found.setdefault(gap.url or gap.words, gap)
    return list(found.values())


def _missing(inspection: Inspection, sheet: Sheet) -> Iterator[Gap]:
    groups = {f"item-{row.item.code}": f"?group={row.item.group}" for row in sheet.rows}
    for gap in gaps(inspection, sheet):
        yield Gap(gap.words, f"{reverse(gap.page, args=[inspection.pk])}{groups.get(gap.anchor, '')}#{gap.anchor}")


def _faults(inspection: Inspection, sheet: Sheet, drafts: Sequence[Draft]) -> Iterator[Gap]:
    for draft in drafts:
        for fault in draft.faults:
            finding = _finding(draft, fault)
            url = _finding_url(inspection, finding) if finding else _url(inspection, sheet, fault.field)
            yield Gap(fault.words, url, finding, None if finding else draft.kind)


def _finding(draft: Draft, fault: Fault) -> int | None:
    """The finding a fault of a hazard or of its printed day is about; of a day the first one."""
    place = PLACES.search(fault.field)
    if place is None or not draft.rows:
        return None
    index = int(place[1])
    if fault.field.startswith("deadlines["):
        index = int(draft.context["deadlines"][index]["items"][0]) - 1
    elif not fault.field.startswith(("problems[", "hazards[")):
        return None
    return int(draft.rows[index].judged.finding.pk)


def _finding_url(inspection: Inspection, finding: int) -> str:
    return reverse("inspections:finding", args=[inspection.pk, finding])


def _url(inspection: Inspection, sheet: Sheet, field: str) -> str:
    """Where ``field`` of a paper is entered; empty for what the officer cannot enter."""
    part = re.split(r"[.\[]", field)[0]
    if part in PEOPLE:
        return f"{reverse('inspections:people', args=[inspection.pk])}#{PEOPLE[part]}"
    if part in ("unit", "unit_name"):
        return reverse("units:edit", args=[inspection.unit_id])
    if part in ON_PAGE:
        return ON_PAGE[part]
    if part in ("sections", "committee", "problems"):
        return _row_url(inspection, sheet, field)
    return ""


def _row_url(inspection: Inspection, sheet: Sheet, field: str) -> str:
    """The row of the checklist at `sections[1].rows[2]` or `committee[4]`; the whole of it for anything else."""
    fill, places = reverse("inspections:fill", args=[inspection.pk]), [int(place) for place in PLACES.findall(field)]
    if field.startswith("sections[") and len(places) == 2:
        row = sheet.groups[places[0]].rows[places[1]]
    elif field.startswith("committee[") and places:
        row = list(sheet.rows)[places[0]]
    else:
        return fill
    return f"{fill}?group={row.item.group}#item-{row.item.code}"
