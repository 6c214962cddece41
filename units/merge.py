"""Bringing a handful of judged rows into the ledger: the same units again, changed ones changed, new ones new."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from stations.models import Organisation
from units import yearly
from units.actions import KEYS, set_keys
from units.ledger import Field
from units.models import COMMITTEES, Category, ImportBatch, ImportRow, Kind, Outcome, RowKind, State, Unit
from units.names import address_key, name_key

CLOSED_REASON = "台账备注：已关门"
STILL_OPEN = "台账称已关门，本系统仍在营：核实后到单位页办理关闭"
STILL_CLOSED = "本系统已关闭，台账仍列有：核实后到单位页办理恢复"
PLAIN = (
    Field.NAME, Field.CREDIT_CODE, Field.OFFICIAL_CODE, Field.ADDRESS, Field.TOWNSHIP, Field.FLOORS, Field.STAFF,
    Field.PERSON, Field.PHONE, Field.RESIDENTS, Field.GAS, Field.EXTINGUISHERS, Field.REMARK,
)  # fmt: skip


@dataclass
class Change:
    """A unit that the ledger changed: which columns, and what stood there."""

    unit: Unit
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass
class Merge:
    """One handful of rows of a batch. The queries are as many for 500 rows as for one.

    A row finds its unit by credit code, else by name and address within its station; a unit answers to one row
    of a batch. Blank cells take nothing away, an officer and a state set by hand stay.
    """

    batch: ImportBatch
    rows: list[ImportRow]
    places: list[str]
    on: date
    created: list[Unit] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    _remarked: list[ImportRow] = field(default_factory=list)

    def run(self) -> None:
        """Write units and rows; call inside a transaction that has locked the batch."""
        self._look_up()
        for row in self.rows:
            unit = self._find(row)
            if unit is None:
                self._create(row)
            else:
                self._update(unit, row)
        Unit.objects.bulk_create(self.created, batch_size=200)
        yearly.begin(self.created, self.on)
        touched = sorted({name for change in self.changes for name in change.after})
        if touched:
            fields = [name.removesuffix("_id") for name in touched] + list(KEYS)
            Unit.objects.bulk_update([change.unit for change in self.changes], sorted(set(fields)), batch_size=200)
        self._note_twins()
        self._note_outcomes()

    # ---------- what is there already ----------

    def _look_up(self) -> None:
        stations = {row.values[Field.STATION] for row in self.rows}
        self._bureaus = dict(Organisation.objects.filter(pk__in=stations).values_list("pk", "bureau_id"))
        self._categories = dict(Category.objects.values_list("code", "pk"))
        self._dense = set(Category.objects.filter(dense=True).values_list("code", flat=True))
        self._committees = {
            (station, key): pk
            for station, key, pk in Unit.objects.committees()
            .filter(station_id__in=stations)
            .values_list("station_id", "name_key", "pk")
        }
        keys = {self._key(row) for row in self.rows}
        codes = {row.values.get(Field.CREDIT_CODE) for row in self.rows} - {"", None}
        found = (
            Unit.objects.filter(station_id__in=stations)
            .filter(Q(credit_code__in=codes) | Q(name_key__in=keys))
            .select_for_update()
            .order_by("state", "pk")
        )
        units = sorted(found, key=lambda unit: (unit.state == State.CLOSED, unit.pk))
        self._used = set(ImportRow.objects.filter(batch=self.batch, unit__in=units).values_list("unit_id", flat=True))
        self._by_code: dict[tuple[int, str], list[Unit]] = defaultdict(list)
        self._by_place: dict[tuple[int, bool, str, str], list[Unit]] = defaultdict(list)
        for unit in units:
            if unit.credit_code:
                self._by_code[unit.station_id, unit.credit_code].append(unit)
            self._by_place[self._place_of(unit)].append(unit)

    def _place_of(self, unit: Unit) -> tuple[int, bool, str, str]:
        committee = unit.kind in COMMITTEES
        return unit.station_id, committee, unit.name_key, "" if committee else unit.address_key

    def _place(self, row: ImportRow) -> tuple[int, bool, str, str]:
        committee = row.kind == RowKind.COMMITTEE
        address = "" if committee else address_key(row.values.get(Field.ADDRESS) or "")
        return row.values[Field.STATION], committee, self._key(row), address

    def _key(self, row: ImportRow) -> str:
        return name_key(row.values[Field.NAME], self.places)

    def _find(self, row: ImportRow) -> Unit | None:
        code = row.values.get(Field.CREDIT_CODE) or ""
        here = [unit for unit in self._by_code.get((row.values[Field.STATION], code), []) if unit.pk not in self._used]
        if not here:
            same = [unit for unit in self._by_place.get(self._place(row), []) if unit.pk not in self._used]
            # The one that has the same code or as little of one comes first; two different codes are two businesses.
            here = [unit for unit in same if unit.credit_code == code]
            here += [unit for unit in same if unit.credit_code != code and not (unit.credit_code and code)]
        if not here:
            return None
        self._used.add(here[0].pk)
        return here[0]

    # ---------- what is written ----------

    def _create(self, row: ImportRow) -> None:
        station = row.values[Field.STATION]
        unit = Unit(bureau_id=self._bureaus[station], station_id=station, **self._facts(row))
        unit.kind = self._kind(row)
        unit.is_dense = row.values.get(Field.CATEGORY) in self._dense
        set_keys(unit, self.places)
        if row.values.get("closed"):
            unit.state, unit.closed_on, unit.closed_reason = State.CLOSED, self.on, CLOSED_REASON
        self.created.append(unit)
        row.unit, row.outcome = unit, Outcome.CREATED

    def _update(self, unit: Unit, row: ImportRow) -> None:
        row.unit, row.outcome = unit, Outcome.UNCHANGED
        closed_there = bool(row.values.get("closed"))
        if closed_there != (unit.state == State.CLOSED):
            reason = STILL_OPEN if closed_there else STILL_CLOSED
            problem = {"field": str(Field.REMARK), "severity": "warn", "code": "state differs", "reason": reason}
            row.problems = [*row.problems, problem]
            self._remarked.append(row)
        if unit.state == State.CLOSED:
            return
        after = {name: value for name, value in self._facts(row).items() if value not in ("", None)}
        after = {name: value for name, value in after.items() if getattr(unit, name) != value}
        if not after:
            return
        self.changes.append(Change(unit, {name: getattr(unit, name) for name in after}, after))
        for name, value in after.items():
            setattr(unit, name, value)
        set_keys(unit, self.places)
        row.outcome = Outcome.UPDATED

    def _kind(self, row: ImportRow) -> Kind:
        if row.kind == RowKind.PREMISES:
            return Kind.PREMISES
        name = row.values[Field.NAME]
        return Kind.VILLAGE if "村民委" in name or name.endswith("村委会") else Kind.COMMITTEE

    def _facts(self, row: ImportRow) -> dict[str, Any]:
        """The columns of the ledger that the row fills; a column the file does not have is left out."""
        values = row.values
        facts = {str(name): values[name] for name in PLAIN if name in values}
        if values.get(Field.AREA) is not None:
            facts["area"] = Decimal(values[Field.AREA])
        if values.get(Field.LEDGER_VISIT):
            facts["ledger_visit"] = date.fromisoformat(values[Field.LEDGER_VISIT])
        if values.get(Field.CATEGORY):
            facts["category_id"] = self._categories[values[Field.CATEGORY]]
        if values.get(Field.COMMITTEE):
            key = values[Field.STATION], name_key(values[Field.COMMITTEE], self.places)
            facts["committee_id"] = self._committees.get(key)
        return facts

    def _note_outcomes(self) -> None:
        """An outcome is one statement for all its rows; a CASE for each row would cost more than the import."""
        ImportRow.objects.bulk_update(self.rows, ["unit"], batch_size=250)
        for outcome in Outcome:
            same = [row.pk for row in self.rows if row.outcome == outcome]
            ImportRow.objects.filter(pk__in=same).update(outcome=outcome)
        ImportRow.objects.bulk_update(self._remarked, ["problems"], batch_size=250)

    # ---------- look-alikes ----------

    def _note_twins(self) -> None:
        """A new unit names the earlier one it looks like: in this file, or in the ledger already."""
        wanted = {row.values["looks_like"] for row in self.rows if row.values.get("looks_like")}
        earlier = ImportRow.objects.filter(batch=self.batch, kind=RowKind.PREMISES, number__in=wanted)
        units = {(sheet, number): unit for sheet, number, unit in earlier.values_list("sheet", "number", "unit_id")}
        units |= {(row.sheet, row.number): row.unit.pk for row in self.rows if row.unit}
        twins = []
        for row in self.rows:
            if row.outcome != Outcome.CREATED or row.unit is None:
                continue
            known = (unit.pk for unit in self._by_place.get(self._place(row), []) if unit.state == State.OPEN)
            first = units.get((row.sheet, row.values.get("looks_like"))) or next(known, None)
            if first is not None and row.kind == RowKind.PREMISES:
                row.unit.twin_of_id = first
                twins.append(row.unit)
        Unit.objects.bulk_update(twins, ["twin_of"], batch_size=200)
