"""What the form asks: which answers stand by themselves, how a hazard is worded, who may sign for it. No writes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef

from deadlines.calendar import Calendar
from inspections.bases import bases_of
from inspections.models import (
    Answer,
    ChecklistItem,
    Finding,
    HazardType,
    Inspection,
    Mark,
    Photo,
    Signature,
    Subject,
)
from inspections.periods import ends_of
from stations.models import User
from stations.permissions import ENFORCERS
from units.models import Kind, Unit

SUBJECTS: dict[Kind, Subject] = {
    Kind.PREMISES: Subject.UNIT,
    Kind.PROPERTY: Subject.PROPERTY,
    Kind.COMMITTEE: Subject.COMMITTEE,
    Kind.VILLAGE: Subject.COMMITTEE,
}
GRAVE_SEVERITY = 3
# What fits side by side in 360 pixels, in characters and columns.
LONG_VALUE, SHORT_VALUE, IN_ONE_LINE = 11, 5, 4
_ASIDE = re.compile(r"（[^（）]*）$")


def subject_of(unit: Unit) -> Subject:
    """Which of the three lists of 规定第31、32条 a unit is inspected by."""
    return SUBJECTS[Kind(unit.kind)]


# ---------- answers ----------


def entry_of(item: ChecklistItem, value: str) -> dict[str, Any]:
    """What the form says of one of its values; empty for a value it does not have."""
    return next((entry for entry in item.values if entry["value"] == value), {})


def pass_value(item: ChecklistItem) -> str:
    """The value 其余全部合格 may set: the only one that passes. Empty where the officer has to choose himself.

    A row that asks about somebody else than the unit (`rest`) is not answered for him: 不涉及.
    """
    for entry in item.values:
        if entry.get("rest"):
            return str(entry["value"])
    passing = [entry["value"] for entry in item.values if entry["mark"] == Mark.PASS]
    return passing[0] if len(passing) == 1 else ""


def implied(item: ChecklistItem, value: str) -> dict[str, str]:
    """What else the form answers when ``item`` has ``value``: {item code: value}."""
    return dict(entry_of(item, value).get("then", {}))


def passable(open_items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    """Which of ``open_items``, the unanswered rows of a group, 其余全部合格 may answer.

    Not those that follow from a row which is itself still open: whether a place needs a permit is known once it is
    known to be a 公众聚集场所.
    """
    awaited = {code for item in open_items for entry in item.values for code in entry.get("then", {})}
    return [item for item in open_items if pass_value(item) and item.code not in awaited]


# ---------- hazards ----------


def offered(item: ChecklistItem, value: str, types: Sequence[HazardType]) -> list[HazardType]:
    """``types``, the catalogue entries of ``item``, with those of ``value`` first."""
    first = entry_of(item, value).get("hazards", [])
    return sorted(types, key=lambda row: (first.index(row.code) if row.code in first else len(first), row.pk))


def default_words(item: ChecklistItem, value: str, hazard_type: HazardType) -> str:
    """How ``hazard_type`` is worded at this row: in the form's words where it has them, else in the catalogue's."""
    entry = entry_of(item, value)
    if entry.get("say") and entry["hazards"][0] == hazard_type.code:
        return str(entry["say"])
    return _ASIDE.sub("", hazard_type.name)


def compose(place: str, words: str, quantity: str) -> str:
    """The finding as the papers print it: 二层走道东侧缺少疏散指示标志3处."""
    return f"{place}{words}{_amount(quantity)}"


def words_of(wording: str, place: str, quantity: str) -> str:
    """The middle of a composed wording; the way back of `compose`."""
    return wording.removeprefix(place).removesuffix(_amount(quantity))


def _amount(quantity: str) -> str:
    return f"{quantity}处" if quantity.isdigit() else quantity


# ---------- the sheet: an inspection with everything that was entered ----------


@dataclass(frozen=True)
class Row:
    """One row of the form with what was entered for it; ``number`` counts the rows that have to be answered.

    ``offers``: the catalogue has entries for it.
    """

    item: ChecklistItem
    number: int | None
    offers: bool
    answer: Answer | None
    findings: list[Finding]
    photos: list[Photo]

    @property
    def value(self) -> str:
        return self.answer.value if self.answer else ""

    @property
    def note(self) -> str:
        return self.answer.note if self.answer else ""

    @property
    def failed(self) -> bool:
        return self.answer is not None and self.answer.mark == Mark.FAIL

    @property
    def answered(self) -> bool:
        return bool(self.value)

    @property
    def takes_findings(self) -> bool:
        """A failed row needs hazards, `其他` may have them."""
        return self.failed or (self.item.is_text and self.offers)

    @property
    def layout(self) -> str:
        """How the printed values stand on a phone: in one line, in lines of two or three, or one below the other."""
        longest = max((len(entry["value"]) for entry in self.item.values), default=0)
        if longest > LONG_VALUE:
            return "list"
        if len(self.item.values) > IN_ONE_LINE:
            return "threes"
        return "pairs" if len(self.item.values) == IN_ONE_LINE and longest > SHORT_VALUE else ""


@dataclass(frozen=True)
class Group:
    """One 栏 of the form."""

    code: str
    name: str
    rows: list[Row]

    @property
    def total(self) -> int:
        return sum(not row.item.is_text for row in self.rows)

    @property
    def done(self) -> int:
        return sum(row.answered for row in self.rows)

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def passable(self) -> list[ChecklistItem]:
        """Rows 其余全部合格 would answer."""
        return passable([row.item for row in self.rows if not row.answered])


@dataclass(frozen=True)
class Sheet:
    """An inspection read once: rows in print order, signatures, photographs of the whole visit, ends of periods."""

    groups: list[Group]
    signatures: dict[str, Signature] = field(default_factory=dict)
    photos: list[Photo] = field(default_factory=list)
    # By primary key, of findings that are to be corrected within days.
    ends: dict[int, date] = field(default_factory=dict)

    @property
    def rows(self) -> Iterator[Row]:
        for group in self.groups:
            yield from group.rows

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    @property
    def done(self) -> int:
        return sum(group.done for group in self.groups)

    @property
    def findings(self) -> list[Finding]:
        return [finding for row in self.rows for finding in row.findings]

    def row(self, item_id: int) -> Row:
        return next(row for row in self.rows if row.item.pk == item_id)


def sheet_of(inspection: Inspection, *, photos: bool = True, calendar: Calendar | None = None) -> Sheet:
    """Read ``inspection`` with its answers, findings, photographs and signatures: five queries, however many rows.

    Four without ``photos``, for what neither shows nor counts them; one more where something has a period and no
    ``calendar`` of the days from the visit on was loaded.
    """
    answers = {answer.item_id: answer for answer in inspection.answers.all()}
    found = list(inspection.findings.select_related("hazard_type").order_by("item__order", "id"))
    findings, ends = _by_item(found), ends_of(inspection.visited_on, found, calendar)
    pictures = _by_item(inspection.photos.order_by("id")) if photos else {}
    signatures = {signature.signer: signature for signature in inspection.signatures.select_related("held_by")}
    offers = Exists(HazardType.objects.filter(items=OuterRef("pk")))
    items = ChecklistItem.objects.filter(checklist_id=inspection.checklist_id).annotate(offers=offers)
    rows, number = [], 0
    for item in items.order_by("order"):
        number += not item.is_text
        shown = None if item.is_text else number
        pk = item.pk
        rows.append(Row(item, shown, item.offers, answers.get(pk), findings.get(pk, []), pictures.get(pk, [])))
    parts = groupby(rows, lambda row: (row.item.group, row.item.group_name))
    groups = [Group(code, name, list(members)) for (code, name), members in parts]
    return Sheet(groups, signatures, pictures.get(None, []), ends)


def urged(inspection: Inspection, sheet: Sheet) -> frozenset[int]:
    """The findings on ``sheet``, by primary key, that are urged and not ordered, whatever mode was entered."""
    if not sheet.findings:
        return frozenset()
    types = [finding.hazard_type for finding in sheet.findings]
    bases = bases_of(types, inspection.bureau_id, inspection.visited_on)
    return frozenset(finding.pk for finding in sheet.findings if bases[finding.hazard_type_id].urges)


def row_of(inspection: Inspection, item: ChecklistItem) -> Row:
    """One row with its answer alone, for what does not show the whole sheet: one query."""
    answer = inspection.answers.filter(item=item).first()
    return Row(item, None, True, answer, [], [])


def _by_item(rows: Any) -> dict[int | None, list[Any]]:
    found: dict[int | None, list[Any]] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(row)
    return found


def is_enforcer(user: User, station_id: int) -> bool:
    """Whether ``user`` counts as one of the two officers (行政处罚法第42条); the Python side of `User.enforcers`."""
    return user.is_active and user.role in ENFORCERS and bool(user.certificate_no) and user.station_id == station_id
