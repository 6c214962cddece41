"""A visit on 22 September 2026 (a Tuesday, the week before 国庆), ready to be concluded, and what follows from it."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile

from hazards import actions
from hazards.models import Dispatch, Disposition, Hazard, Order, Reinspection
from hazards.plan import Decision
from inspections.models import Answer, Checklist, ChecklistItem, Finding, HazardType, Inspection, Mark, Mode
from records.models import Copy, Document, DocumentFile
from records.samples.visit import STROKES
from records.signatures import Place
from stations.models import User
from units.models import Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
VISITED = date(2026, 9, 22)
EVE = date(2026, 9, 30)  # the day before 国庆
COMPANY = actions.Company("刘桂香", "店主")


def moment(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def open_visit(officer: User, partner: User) -> Callable[..., Inspection]:
    """A draft with every row answered, two officers, and signatures in ink."""
    return visits_by(officer, partner)


def visits_by(lead: User, second: User) -> Callable[..., Inspection]:
    def start(unit: Unit, **fields: Any) -> Inspection:
        checklist = Checklist.objects.get(subject="UNIT")
        fields = {
            "visited_on": VISITED, "started_at": moment(VISITED, 9), "lead": lead, "second": second,
            "showed_id": True, "companion": "刘桂香", "companion_post": "店主", "ink": True,
        } | fields  # fmt: skip
        draft = Inspection.objects.create(**unit.scope_columns(), unit=unit, checklist=checklist, **fields)
        Answer.objects.bulk_create(
            [
                Answer(inspection=draft, item=item, value=_passing(item), mark=Mark.PASS)
                for item in checklist.items.filter(is_text=False)
            ]
        )
        return draft

    return start


def _passing(item: ChecklistItem) -> str:
    return next(entry["value"] for entry in item.values if entry["mark"] == Mark.PASS)


@pytest.fixture
def unit(make_unit: Callable[..., Unit]) -> Unit:
    """In a township: what is grave is reported to it in the act of the order."""
    return make_unit(township="城关街道办事处")


@pytest.fixture
def visit(open_visit: Callable[..., Inspection], unit: Unit) -> Inspection:
    return open_visit(unit)


@pytest.fixture
def find() -> Callable[..., Finding]:
    """Note a hazard of the catalogue at the visit, as the catalogue suggests it unless told otherwise."""
    return note_hazard


def note_hazard(visit: Inspection, code: str, **fields: Any) -> Finding:
    kind = HazardType.objects.get(code=code)
    place = fields.setdefault("place", f"{code}处")
    mode = "" if kind.order_item == "33(2)" else kind.mode
    values = {
        "mode": mode,
        "days": kind.days if mode == Mode.LIMIT else 0,
        "wording": f"{place}{kind.name}",
    } | fields
    item = visit.checklist.items.get(code="building_other")
    return Finding.objects.create(inspection=visit, item=item, hazard_type=kind, **values)


@pytest.fixture
def conclude(officer: User) -> Callable[..., list[Document]]:
    def act(
        visit: Inspection, decisions: Mapping[int, Decision] | None = None, at: datetime | None = None
    ) -> list[Document]:
        return actions.conclude(visit, officer, decisions or {}, at or moment(visit.visited_on, 11))

    return act


@pytest.fixture
def order(visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]]) -> Order:
    """限期改正 until 30 September: two hazards, not yet served."""
    find(visit, "EV06", place="二层走道", days=8)
    find(visit, "EQ02", place="三层走道", days=8)
    conclude(visit)
    return Order.objects.get(inspection=visit)


@pytest.fixture
def served(order: Order, serve: Callable[..., Order]) -> Order:
    return serve(order, date(2026, 9, 23))


@pytest.fixture
def serve(officer: User, partner: User) -> Callable[..., Order]:
    return services_by(officer, partner)


def services_by(server: User, second: User) -> Callable[..., Order]:
    def act(order: Order, on: date, **fields: Any) -> Order:
        values = {
            "served_at": moment(on, 15), "place": "北大街62号", "recipient": "刘桂香", "relation": "店主",
            "server": server, "second": second, "at": moment(on, 16),
        } | fields  # fmt: skip
        actions.serve(order, server, **values)
        return Order.objects.get(pk=order.pk)

    return act


@pytest.fixture
def opened(served: Order) -> Reinspection:
    """The re-inspection the sweep opened on the morning of 30 September."""
    actions.open_due(EVE)
    return Reinspection.objects.get(order=served)


@pytest.fixture
def reinspect(officer: User, partner: User) -> Callable[..., Reinspection]:
    """Register results: ``failed`` are the hazards not corrected, everything else of the deadline is."""

    def act(visit: Reinspection, on: date, failed: tuple[Hazard, ...] = (), **fields: Any) -> Reinspection:
        waiting = visit.order.hazards.filter(deadline=visit.deadline, state__in=("OPEN", "DUE"))
        results = {row.pk: actions.Result(row not in failed, "" if row not in failed else "仍不亮") for row in waiting}
        values = {
            "results": results, "done_on": on, "lead": officer, "second": partner, "today": on, "company": COMPANY,
        } | fields  # fmt: skip
        return actions.reinspect(visit, officer, **values)

    return act


NOTICE = b"%PDF-1.7 the notice"


@pytest.fixture
def printed(order: Order) -> Order:
    """The notice as it is once the worker has printed it."""
    assert order.document is not None
    Document.objects.filter(pk=order.document.pk).update(rendered_at=moment(VISITED, 12))
    file = ContentFile(NOTICE, "notice.pdf")
    sha256 = hashlib.sha256(NOTICE).hexdigest()
    DocumentFile.objects.create(document=order.document, copy=Copy.UNIT, file=file, sha256=sha256, size=len(NOTICE))
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def link(printed: Order, officer: User, partner: User) -> Callable[..., Dispatch]:
    def act(**fields: Any) -> Dispatch:
        values = {
            "consented_by": "刘桂香", "consented_on": VISITED, "consent": STROKES, "consent_paper": "",
            "channel": "短信", "account": "13900006688", "second": partner, "assistant": None, "recorder_no": "",
            "at": moment(VISITED, 14), "place": Place("北大街62号"),
        } | fields  # fmt: skip
        return actions.dispatch(printed, officer, **values)

    return act


@pytest.fixture
def certificates(officer: User, partner: User) -> None:
    """Known numbers, in whatever order a test asks for its people."""
    for user, number in ((officer, "100001"), (partner, "100002")):
        User.objects.filter(pk=user.pk).update(certificate_no=f"江公证{number}", phone="")


@pytest.fixture
def failed(opened: Reinspection, reinspect: Callable[..., Reinspection]) -> Hazard:
    reinspect(opened, date(2026, 10, 9), failed=(Hazard.objects.get(position=2),))
    return Hazard.objects.get(position=2)


@pytest.fixture
def grave(visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]]) -> list[Document]:
    locked = find(visit, "EV02", place="一层")
    find(visit, "EV06", days=8)
    return conclude(visit, {locked.pk: Decision(Disposition.ORDER_NOW, grave=True)})
